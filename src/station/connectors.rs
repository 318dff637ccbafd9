//! Facts about each connector; connector 0 is the whole charge point.

use heapless::{String, Vec};

use super::{
    context::Context,
    memory::Events,
    record::{Encoder, load, skipped},
};
use crate::{
    dialect::{Asked, Level, Version},
    domain::{ChargePointError, FaultDetails},
    limits::CONNECTORS,
    storage::{RecordId, Storage},
    wire::text,
};

#[derive(Debug)]
struct Connector {
    plugged: bool,
    operative: bool,
    /// What ChangeAvailability asked for; what follows from it differs from `operative` while a
    /// transaction runs.
    asked: Asked,
    /// What storage holds of it, or says by holding nothing; unknown after a write that failed.
    kept: Option<Asked>,
    fault: Option<ChargePointError>,
    fault_info: String<50>,
    vendor_error_code: String<50>,
}

impl Connector {
    const fn new() -> Self {
        Self {
            plugged: false,
            operative: true,
            asked: Asked::OPERATIVE,
            kept: Some(Asked::OPERATIVE),
            fault: None,
            fault_info: String::new(),
            vendor_error_code: String::new(),
        }
    }
}

/// What a connector's status depends on, besides its session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub plugged: bool,
    pub operative: bool,
    pub fault: Option<ChargePointError>,
    /// Something is broken that all connectors share.
    pub broken: bool,
}

/// Cables, faults and availability.
#[derive(Debug)]
pub(super) struct Connectors {
    all: Vec<Connector, { CONNECTORS + 1 }>,
    /// None of them is in service, whatever was asked for.
    is_held: bool,
}

impl Connectors {
    pub const fn new() -> Self {
        Self {
            all: Vec::new(),
            is_held: false,
        }
    }

    pub fn clear(&mut self) {
        self.is_held = false;
        self.all.clear();
        while self.all.push(Connector::new()).is_ok() {}
    }

    /// Takes up availability as storage remembers it.
    pub fn load(
        &mut self,
        version: Version,
        storage: &mut dyn Storage,
        events: &mut Events,
        connectors: u8,
    ) {
        for number in 0..connectors + 1 {
            let mut bytes = [0; 4];
            let id = RecordId::connector(number);
            if let Some(mut record) = load(storage, events, id, &mut bytes) {
                match (record.u8(), self.get_mut(number)) {
                    (Some(operative), Some(connector)) => {
                        let detail = record.u8().filter(|_| version.layers_availability());
                        connector.asked = Asked::stored(operative != 0, detail);
                        connector.kept = Some(connector.asked);
                    }
                    _ => skipped(events, id),
                }
            }
            // The whole comes first.
            self.apply_wanted(version, number);
        }
    }

    fn get(&self, number: u8) -> Option<&Connector> {
        self.all.get(usize::from(number))
    }

    fn get_mut(&mut self, number: u8) -> Option<&mut Connector> {
        self.all.get_mut(usize::from(number))
    }

    /// What decides of a connector's status.
    pub fn facts(&self, number: u8) -> Facts {
        let connector = self.get(number);
        Facts {
            plugged: connector.is_some_and(|connector| connector.plugged),
            operative: connector.is_some_and(|connector| connector.operative),
            fault: connector.and_then(|connector| connector.fault),
            broken: self.is_broken(),
        }
    }

    /// True while a cable is plugged.
    pub fn is_plugged(&self, number: u8) -> bool {
        self.get(number).is_some_and(|connector| connector.plugged)
    }

    /// A cable is plugged, or no longer is. False when that was known.
    pub fn set_plugged(&mut self, number: u8, plugged: bool) -> bool {
        let connector = self.get_mut(number);
        connector
            .is_some_and(|connector| core::mem::replace(&mut connector.plugged, plugged) != plugged)
    }

    /// Something is broken. True when what is said of it is new.
    pub fn set_fault(
        &mut self,
        number: u8,
        error: ChargePointError,
        info: &str,
        code: &str,
    ) -> bool {
        let Some(connector) = self.get_mut(number) else {
            return false;
        };
        connector.fault = Some(error);
        let (info, code) = (text::shortened(info), text::shortened(code));
        let is_new = connector.fault_info != info || connector.vendor_error_code != code;
        if is_new {
            connector.fault_info = info;
            connector.vendor_error_code = code;
        }
        is_new
    }

    /// It is no longer broken.
    pub fn clear_fault(&mut self, number: u8) {
        if let Some(connector) = self.get_mut(number) {
            connector.fault = None;
            connector.fault_info.clear();
            connector.vendor_error_code.clear();
        }
    }

    /// What is broken.
    pub fn fault(&self, number: u8) -> Option<ChargePointError> {
        self.get(number)?.fault
    }

    /// What was said of it, empty for nothing.
    pub fn fault_info(&self, number: u8) -> &str {
        self.get(number)
            .map_or("", |connector| &connector.fault_info)
    }

    /// What a StatusNotification says of a fault besides its error code.
    pub fn fault_details<'s>(&'s self, number: u8, vendor: &'s str) -> FaultDetails<'s> {
        let Some(connector) = self.get(number) else {
            return FaultDetails::default();
        };
        let said = |text: &'s str| (!text.is_empty()).then_some(text);
        let vendor_error_code = said(&connector.vendor_error_code);
        FaultDetails {
            info: said(&connector.fault_info),
            vendor_id: vendor_error_code.map(|_| vendor),
            vendor_error_code,
        }
    }

    /// True when something is broken that all connectors share.
    pub fn is_broken(&self) -> bool {
        let whole = self.get(0);
        whole.is_none_or(|whole| whole.fault.is_some())
    }

    /// True when a driver may begin here: what is broken for all is broken for each.
    pub fn is_in_service(&self, version: Version, number: u8) -> bool {
        let connector = self.get(number);
        !self.is_broken()
            && self.is_wanted(version, number)
            && connector.is_some_and(|c| c.operative && c.fault.is_none())
    }

    /// True when a connector is to be in service, and so is what lies over it.
    fn is_wanted(&self, version: Version, number: u8) -> bool {
        let is_wanted = |number| {
            self.get(number)
                .is_some_and(|connector| connector.asked.is_operative())
        };
        let is_held = self.is_held && number != 0;
        !is_held && is_wanted(number) && (!version.layers_availability() || is_wanted(0))
    }

    /// Takes all connectors out of service, or gives them back. False where that is how it is.
    #[cfg(feature = "firmware-management")]
    pub fn hold(&mut self, is_held: bool) -> bool {
        core::mem::replace(&mut self.is_held, is_held) != is_held
    }

    /// True while a connector is available, but for what uses it.
    pub fn is_operative(&self, number: u8) -> bool {
        self.get(number)
            .is_some_and(|connector| connector.operative)
    }

    /// Stores what is asked for, if it is new. False when storage does not take it.
    pub fn keep(
        &mut self,
        cx: &mut Context<'_>,
        number: u8,
        level: Level,
        operative: bool,
    ) -> bool {
        let asked = self.get(number).map(|it| it.asked.with(level, operative));
        asked.is_none_or(|asked| self.store(cx, number, asked))
    }

    /// Takes a change that was not stored for all back. What cannot be taken back either is stored
    /// with the next one.
    pub fn keep_wanted(&mut self, cx: &mut Context<'_>, number: u8) {
        if let Some(asked) = self.get(number).map(|connector| connector.asked) {
            self.store(cx, number, asked);
        }
    }

    fn store(&mut self, cx: &mut Context<'_>, number: u8, asked: Asked) -> bool {
        let Some(connector) = self.get_mut(number) else {
            return true;
        };
        if connector.kept == Some(asked) {
            return true;
        }
        let mut record = Encoder::default();
        record.u8(asked.is_operative().into());
        if let Some(detail) = asked.detail() {
            record.u8(detail);
        }
        let stored = cx.store(RecordId::connector(number), &record);
        connector.kept = stored.then_some(asked);
        stored
    }

    /// A connector is to be operative or not.
    pub fn want(&mut self, number: u8, level: Level, operative: bool) {
        if let Some(connector) = self.get_mut(number) {
            connector.asked = connector.asked.with(level, operative);
        }
    }

    /// True when a connector is not what it is to be.
    pub fn differs(&self, version: Version, number: u8) -> bool {
        self.is_operative(number) != self.is_wanted(version, number)
    }

    /// Makes a connector what it is to be; true when it comes back into service by that.
    pub fn apply_wanted(&mut self, version: Version, number: u8) -> bool {
        let is_wanted = self.is_wanted(version, number);
        let Some(connector) = self.get_mut(number) else {
            return false;
        };
        let was_operative = connector.operative;
        connector.operative = is_wanted;
        is_wanted && !was_operative
    }
}
