//! What the station knows of a connector; connector 0 is the whole charge point.

use heapless::String;

use super::{Earliest, Event, Key, Refused, Station, Suspension, transaction::Transaction};
use crate::{
    v16::{
        AuthorizationStatus, ChargePointError, IdTag, Status, TransactionId, core::FaultDetails,
    },
    wire::text,
};

/// A driver whose idTag was accepted and whose cable is awaited, or the other way round.
#[derive(Debug)]
pub(super) struct Authorized {
    pub id_tag: IdTag,
    pub parent: Option<IdTag>,
}

/// A transaction that has not ended, for the application to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running<'s> {
    /// Whose.
    pub id_tag: &'s str,
    /// The central system's number, once it has given one.
    pub transaction_id: Option<TransactionId>,
    /// Register at the start, in Wh.
    pub meter_start: i32,
    /// Monotonic milliseconds at the start.
    pub started_at: u64,
    /// It waits for its last reading.
    pub is_ending: bool,
    /// It may take energy, as far as the transaction goes: a fault or a cable that is not there
    /// may hold it back all the same.
    pub allows_energy: bool,
}

#[derive(Debug)]
pub(super) struct Connector {
    pub plugged: bool,
    pub operative: bool,
    /// What ChangeAvailability asked for; differs from `operative` while a transaction runs.
    pub operative_wanted: bool,
    /// What storage holds of it, or says by holding nothing; unknown after a write that failed.
    pub operative_kept: Option<bool>,
    pub fault: Option<ChargePointError>,
    pub fault_info: String<50>,
    pub vendor_error_code: String<50>,
    pub authorized: Option<Authorized>,
    /// When one half of cable and idTag stops waiting for the other.
    pub preparing_until: Option<u64>,
    pub finishing: bool,
    pub suspended: Option<Suspension>,
    pub transaction: Option<Transaction>,
    /// Power cut a transaction off, and its end waits for the register or for room.
    pub cut_off: bool,
    pub energy_told: bool,
}

impl Connector {
    pub const fn new() -> Self {
        Self {
            plugged: false,
            operative: true,
            operative_wanted: true,
            operative_kept: Some(true),
            fault: None,
            fault_info: String::new(),
            vendor_error_code: String::new(),
            authorized: None,
            preparing_until: None,
            finishing: false,
            suspended: None,
            transaction: None,
            cut_off: false,
            energy_told: false,
        }
    }

    /// Whoever was accepted here and has not begun to charge.
    pub fn awaited(&self) -> Option<&str> {
        self.authorized
            .as_ref()
            .map(|authorized| &*authorized.id_tag)
    }

    pub fn running(&self) -> Option<Running<'_>> {
        let transaction = self.transaction.as_ref()?;
        Some(Running {
            id_tag: &transaction.id_tag,
            transaction_id: transaction.transaction_id,
            meter_start: transaction.meter_start,
            started_at: transaction.started_at,
            is_ending: transaction.is_ending(),
            allows_energy: transaction.allows_energy(),
        })
    }

    /// True when no transaction runs, and none is about to begin.
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && self.authorized.is_none()
    }

    /// True when energy may flow.
    pub fn allows_energy(&self) -> bool {
        let flowing = self.transaction.as_ref().is_some_and(|t| t.allows_energy());
        flowing && self.fault.is_none() && self.plugged_or_unknown()
    }

    /// An application that starts transactions itself need not tell of cables.
    fn plugged_or_unknown(&self) -> bool {
        self.plugged
            || self
                .transaction
                .as_ref()
                .is_some_and(|transaction| !transaction.knows_cable)
    }

    /// The status that a StatusNotification of now reports (4.9).
    ///
    /// `broken` when the whole charge point is, which shows where energy would flow.
    pub fn status(&self, number: u8, broken: bool) -> Status {
        if self.fault.is_some() {
            return Status::Faulted;
        }
        if let Some(transaction) = &self.transaction {
            let suspended = match broken {
                true => Some(Suspension::Evse),
                false => self.suspended,
            };
            return transaction.status(suspended, self.plugged);
        }
        if !self.operative {
            return Status::Unavailable;
        }
        match () {
            () if number == 0 => Status::Available,
            () if self.authorized.is_some() => Status::Preparing,
            () if self.finishing => Status::Finishing,
            () if self.plugged => Status::Preparing,
            () => Status::Available,
        }
    }

    pub fn fault_details<'s>(&'s self, vendor: &'s str) -> FaultDetails<'s> {
        let said = |text: &'s str| (!text.is_empty()).then_some(text);
        let vendor_error_code = said(&self.vendor_error_code);
        FaultDetails {
            info: said(&self.fault_info),
            vendor_id: vendor_error_code.map(|_| vendor),
            vendor_error_code,
        }
    }

    pub fn error(&self) -> ChargePointError {
        self.fault.unwrap_or(ChargePointError::NoError)
    }
}

impl Station<'_> {
    pub(super) fn plugged(&mut self, number: u8) -> Result<(), Refused> {
        let until = self.preparing_until();
        let connector = self.connector_mut(number)?;
        if connector.plugged {
            return Ok(());
        }
        connector.plugged = true;
        connector.finishing = false;
        if let Some(transaction) = &mut connector.transaction {
            transaction.knows_cable = true;
            connector.suspended = None;
        } else if connector.authorized.is_some() {
            self.begin_when_in_service(number);
        } else {
            connector.preparing_until = until;
        }
        self.status_changed(number);
        Ok(())
    }

    /// Cable and idTag are there; what is broken can be mended before they stop waiting.
    fn begin_when_in_service(&mut self, number: u8) {
        if self.is_in_service(number) {
            self.begin_transaction(number, true);
        }
    }

    pub(super) fn unplugged(&mut self, number: u8) -> Result<(), Refused> {
        let stops = self
            .cx
            .settings
            .flag(Key::StopTransactionOnEVSideDisconnect);
        let unlocks = stops
            && self
                .cx
                .settings
                .flag(Key::UnlockConnectorOnEVSideDisconnect);
        let connector = self.connector_mut(number)?;
        if !connector.plugged {
            return Ok(());
        }
        connector.plugged = false;
        connector.finishing = false;
        if connector.authorized.is_none() {
            connector.preparing_until = None;
        }
        if connector.transaction.is_some() {
            if stops {
                self.stop_transaction(number, crate::v16::Reason::EvDisconnected, None);
            } else {
                connector.suspended = Some(Suspension::Ev);
            }
            if unlocks {
                self.cx.emit(Event::Unlock(number));
            }
        }
        self.status_changed(number);
        Ok(())
    }

    pub(super) fn suspended(&mut self, number: u8, by: Option<Suspension>) -> Result<(), Refused> {
        let connector = self.connector_mut(number)?;
        if connector.transaction.is_none() {
            return Err(Refused::NoTransaction);
        }
        connector.suspended = by;
        self.status_changed(number);
        Ok(())
    }

    pub(super) fn fault(
        &mut self,
        number: u8,
        error: ChargePointError,
        info: &str,
        vendor_error_code: &str,
    ) -> Result<(), Refused> {
        let connector = self.any_connector_mut(number)?;
        if error == ChargePointError::NoError {
            return self.fault_cleared(number);
        }
        connector.fault = Some(error);
        let (info, code) = (text::shortened(info), text::shortened(vendor_error_code));
        if connector.fault_info != info || connector.vendor_error_code != code {
            connector.fault_info = info;
            connector.vendor_error_code = code;
            self.status.outdate(number);
        }
        self.fault_changed(number);
        Ok(())
    }

    /// A fault came or went: at connector 0 it is one of all.
    fn fault_changed(&mut self, number: u8) {
        for number in self.numbers_meant(number) {
            let connector = self.connectors.get(usize::from(number));
            if connector.is_some_and(|c| c.plugged && c.authorized.is_some()) {
                self.begin_when_in_service(number);
            }
            self.status_changed(number);
        }
    }

    pub(super) fn fault_cleared(&mut self, number: u8) -> Result<(), Refused> {
        let connector = self.any_connector_mut(number)?;
        connector.fault = None;
        connector.fault_info.clear();
        connector.vendor_error_code.clear();
        self.fault_changed(number);
        Ok(())
    }

    /// When a cable or an idTag of now gives up waiting for the other; nothing for never.
    pub(super) fn preparing_until(&self) -> Option<u64> {
        match self.cx.settings.millis(Key::ConnectionTimeOut) {
            0 => None,
            timeout => Some(self.cx.now + timeout),
        }
    }

    /// 9.1.6 ConnectionTimeOut: an idTag without a cable is forgotten, a cable without an idTag has
    /// finished.
    pub(super) fn expire_preparing(&mut self) {
        for number in self.connector_numbers() {
            let now = self.cx.now;
            let Ok(connector) = self.connector_mut(number) else {
                continue;
            };
            if connector.preparing_until.is_none_or(|until| until > now) {
                continue;
            }
            connector.preparing_until = None;
            connector.authorized = None;
            connector.finishing = connector.plugged;
            self.status_changed(number);
        }
    }

    /// Whoever was to charge here is not.
    pub(super) fn withdraw(&mut self, number: u8) -> Result<(), Refused> {
        let until = self.preparing_until();
        let is_pending = self.authorization.pending(number).is_some();
        let connector = self.connector_mut(number)?;
        if !is_pending && connector.authorized.is_none() {
            return Err(Refused::NotAsked);
        }
        connector.authorized = None;
        connector.preparing_until = until.filter(|_| connector.plugged);
        self.authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
        self.status_changed(number);
        Ok(())
    }

    pub(super) fn connector_deadlines(&self, first: &mut Earliest) {
        for connector in self.connectors.iter() {
            first.or(connector.preparing_until);
        }
    }

    /// A contactor that has to be closed (energy allowed) or opened.
    pub(super) fn energy_event(&mut self, allowed: bool) -> Option<Event> {
        let broken = self.is_broken();
        for number in self.connector_numbers() {
            let connector = self.connector_mut(number).ok()?;
            let allows = connector.allows_energy() && !broken;
            if allows == allowed && connector.energy_told != allowed {
                connector.energy_told = allowed;
                return Some(Event::Energy {
                    connector: number,
                    allowed,
                });
            }
        }
        None
    }

    /// True when a driver may begin here: what is broken for all is broken for each.
    pub(super) fn is_in_service(&self, number: u8) -> bool {
        let connector = self.connectors.get(usize::from(number));
        !self.is_broken()
            && connector.is_some_and(|c| c.operative && c.operative_wanted && c.fault.is_none())
    }

    /// True when something is broken that all connectors share.
    pub(super) fn is_broken(&self) -> bool {
        let whole = self.connectors.first();
        whole.is_none_or(|whole| whole.fault.is_some())
    }
}
