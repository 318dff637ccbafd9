//! What the meters measure, and how they are read.
//!
//! An application declares it, by measurand and phase. One that does not is asked for each measurand
//! of the C API once: what it has a value for is measured.

use core::ffi::{c_char, c_int, c_void};

use heapless::Vec;
use ocpp::{
    limits::READINGS,
    station::Reading,
    domain::{Measurand, Measured, Phase},
};

use crate::{
    api::{
        meter::{ocpp_measured, ocpp_phase, ocpp_read_meter_t},
        types::{CISTR50, ocpp_meter_measurand as Omm},
    },
    decimal,
    errno::Error,
    kernel::Shelf,
    settings::UserData,
    text,
};

/// Readings of one connector.
pub type Readings = Vec<Reading, READINGS>;

/// A text that the application writes a value into.
pub type ValueText = [c_char; CISTR50];

/// Measurands and phases that can be declared.
pub const MOST: usize = u64::BITS as usize;

/// The register that bills first, so that it has room whatever else is measured; then by name.
/// The number is how many of the engine's units make one of the API's.
const MEASURANDS: &[(Omm, Measurand, i64)] = &[
    (
        Omm::OCPP_OMM_ACTIVE_ENERGY_TO_EV,
        Measurand::EnergyActiveImportRegister,
        1,
    ),
    (
        Omm::OCPP_OMM_CURRENT_FROM_EV,
        Measurand::CurrentExport,
        1000,
    ),
    (Omm::OCPP_OMM_CURRENT_TO_EV, Measurand::CurrentImport, 1000),
    (
        Omm::OCPP_OMM_CURRENT_MAX_OFFERED_TO_EV,
        Measurand::CurrentOffered,
        1000,
    ),
    (
        Omm::OCPP_OMM_ACTIVE_ENERGY_FROM_EV,
        Measurand::EnergyActiveExportRegister,
        1,
    ),
    (
        Omm::OCPP_OMM_REACTIVE_ENERGY_FROM_EV,
        Measurand::EnergyReactiveExportRegister,
        1,
    ),
    (
        Omm::OCPP_OMM_REACTIVE_ENERGY_TO_EV,
        Measurand::EnergyReactiveImportRegister,
        1,
    ),
    (
        Omm::OCPP_OMM_ACTIVE_POWER_FROM_EV,
        Measurand::PowerActiveExport,
        1,
    ),
    (
        Omm::OCPP_OMM_ACTIVE_POWER_TO_EV,
        Measurand::PowerActiveImport,
        1,
    ),
    (
        Omm::OCPP_OMM_REACTIVE_POWER_FROM_EV,
        Measurand::PowerReactiveExport,
        1,
    ),
    (
        Omm::OCPP_OMM_REACTIVE_POWER_TO_EV,
        Measurand::PowerReactiveImport,
        1,
    ),
    (Omm::OCPP_OMM_POWERLINE_FREQ, Measurand::Frequency, 1000),
    (Omm::OCPP_OMM_POWER_FACTOR, Measurand::PowerFactor, 1000),
    (
        Omm::OCPP_OMM_POWER_MAX_OFFERED_TO_EV,
        Measurand::PowerOffered,
        1,
    ),
    (Omm::OCPP_OMM_FAN_SPEED, Measurand::Rpm, 1),
    (Omm::OCPP_OMM_CHARGING_PERCENT, Measurand::SoC, 1),
    (Omm::OCPP_OMM_TEMPERATURE, Measurand::Temperature, 1000),
    (Omm::OCPP_OMM_VOLTAGE_AC_RMS, Measurand::Voltage, 1000),
];

/// The phases of the API, and what the engine calls them.
const PHASES: [(Option<Phase>, ocpp_phase); 11] = [
    (None, ocpp_phase::OCPP_PHASE_NONE),
    (Some(Phase::L1), ocpp_phase::OCPP_PHASE_L1),
    (Some(Phase::L2), ocpp_phase::OCPP_PHASE_L2),
    (Some(Phase::L3), ocpp_phase::OCPP_PHASE_L3),
    (Some(Phase::N), ocpp_phase::OCPP_PHASE_N),
    (Some(Phase::L1N), ocpp_phase::OCPP_PHASE_L1_N),
    (Some(Phase::L2N), ocpp_phase::OCPP_PHASE_L2_N),
    (Some(Phase::L3N), ocpp_phase::OCPP_PHASE_L3_N),
    (Some(Phase::L1L2), ocpp_phase::OCPP_PHASE_L1_L2),
    (Some(Phase::L2L3), ocpp_phase::OCPP_PHASE_L2_L3),
    (Some(Phase::L3L1), ocpp_phase::OCPP_PHASE_L3_L1),
];

/// What the API calls a measurand of the engine, and how many of the engine's units make one of the
/// API's; `None` for what the API has no name for.
fn known_as(measurand: Measurand) -> Option<(Omm, i64)> {
    let mut known = MEASURANDS.iter();
    let found = known.find(|(_, engine, _)| *engine == measurand);
    found.map(|&(api, _, scale)| (api, scale))
}

/// How the meters of an application in C are read that declared what they measure.
#[derive(Clone, Copy)]
pub struct Reader {
    read: ocpp_read_meter_t,
    user_data: UserData,
}

/// What the meters measure.
pub struct Meters {
    /// The declaration, or everything that the application is asked for.
    measured: Vec<Measured, MOST>,
    is_declared: bool,
    reader: Option<Reader>,
}

/// Written at the start, before there is a thread that reads it.
pub static METERS: Shelf<Meters> = Shelf::new(Meters::new());

impl Meters {
    const fn new() -> Self {
        Self {
            measured: Vec::new(),
            is_declared: false,
            reader: None,
        }
    }

    /// What an application in Rust declares; `None` for one that is asked for each measurand.
    ///
    /// # Errors
    ///
    /// [`Error::NoRoom`] for more than 64.
    pub fn declare(&mut self, measured: Option<&[Measured]>) -> Result<(), Error> {
        self.forget();
        for &measured in measured.unwrap_or(&[]) {
            self.add(measured)?;
        }
        self.is_declared = measured.is_some();
        Ok(())
    }

    fn add(&mut self, measured: Measured) -> Result<(), Error> {
        let is_there = self.measured.contains(&measured);
        let added = is_there || self.measured.push(measured).is_ok();
        added.then_some(()).ok_or(Error::NoRoom)
    }

    /// What an application in C declares; nothing to be asked for each measurand.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for what the API does not have, and for a phase that could not be read;
    /// [`Error::NoRoom`] for more than 64.
    pub fn declare_read(
        &mut self,
        measured: &[ocpp_measured],
        read: ocpp_read_meter_t,
        user_data: *mut c_void,
    ) -> Result<(), Error> {
        self.forget();
        for declared in measured {
            let measured = engine_name(declared).filter(|m| m.phase.is_none() || read.is_some());
            let added = measured.ok_or(Error::Invalid).and_then(|m| self.add(m));
            added.inspect_err(|_| self.forget())?;
        }
        self.is_declared = !measured.is_empty();
        let user_data = UserData(user_data);
        self.reader = read.is_some().then_some(Reader { read, user_data });
        Ok(())
    }

    /// What is left has the register that bills first, so that it has room whatever else there is.
    fn forget(&mut self) {
        *self = Self::new();
        let _ = self.add(Measured::of(Measurand::EnergyActiveImportRegister));
    }

    /// The application has declared what it wants to: without, it is asked.
    pub fn begin(&mut self) {
        if !self.is_declared {
            for &(_, measurand, _) in MEASURANDS {
                // Fewer than can be declared.
                let _ = self.add(Measured::of(measurand));
            }
        }
    }

    /// The declaration; `None` without one.
    pub fn declared(&self) -> Option<&[Measured]> {
        self.is_declared.then_some(&self.measured)
    }

    /// How the meters are read; `None` with the callback that reads everything else.
    pub fn reader(&self) -> Option<Reader> {
        self.reader.filter(|_| self.is_declared)
    }

    /// Those that `wants` says yes to.
    pub fn those(&self, wants: impl Fn(Measured) -> bool) -> Selection {
        let places = self.measured.iter().enumerate();
        let wanted = places.filter(|(_, measured)| wants(**measured));
        Selection(wanted.fold(0, |bits, (place, _)| bits | 1 << place))
    }

    /// Those of a selection.
    pub fn selected(&self, these: Selection) -> impl Iterator<Item = Measured> {
        let places = self.measured.iter().enumerate();
        let selected = places.filter(move |(place, _)| these.0 >> place & 1 != 0);
        selected.map(|(_, measured)| *measured)
    }

    /// Reads a selection; what `read` has no value for is left out.
    pub fn read(
        &self,
        these: Selection,
        mut read: impl FnMut(Measured) -> Option<i32>,
    ) -> Readings {
        let mut readings = Readings::new();
        for measured in self.selected(these) {
            let Measured { measurand, phase } = measured;
            if let Some(value) = read(measured)
                && readings
                    .push(Reading {
                        measurand,
                        phase,
                        value,
                    })
                    .is_err()
            {
                break;
            }
        }
        readings
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.measured.len()
    }

    /// That at a place.
    pub fn at(&self, place: usize) -> Option<Measured> {
        self.measured.get(place).copied()
    }
}

/// Some of what is measured: a bit for each place among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection(u64);

impl Selection {
    /// None of it.
    pub const NONE: Self = Self(0);

    /// Adds that at a place.
    pub fn add(&mut self, place: usize) {
        self.0 |= 1 << place;
    }
}

impl Reader {
    /// Reads a value; false when there is none.
    pub fn read(self, connector: u8, mes: Omm, phase: Option<Phase>, val: &mut ValueText) -> bool {
        let mut phases = PHASES.iter();
        let phase = phases.find(|(known, _)| *known == phase);
        let Some((read, (_, phase))) = self.read.zip(phase) else {
            return false;
        };
        // SAFETY: the application gets room for a value, with the pointer that it gave.
        let result = unsafe {
            read(
                connector.into(),
                mes,
                *phase,
                val.as_mut_ptr(),
                val.len(),
                self.user_data.0,
            )
        };
        result == 0
    }
}

/// A value as the application tells it: `ask` fills in a text.
pub fn asked(measured: Measured, ask: impl FnOnce(Omm, &mut ValueText) -> bool) -> Option<i32> {
    let (api, scale) = known_as(measured.measurand)?;
    let mut text = [0; CISTR50];
    let said = ask(api, &mut text);
    said.then(|| decimal::scaled(text::terminated(&text)?, scale))
        .flatten()
}

fn engine_name(declared: &ocpp_measured) -> Option<Measured> {
    let mut known = MEASURANDS.iter();
    let (_, measurand, _) = known.find(|(api, ..)| *api as c_int == declared.mes)?;
    Some(Measured {
        measurand: *measurand,
        phase: PHASES
            .iter()
            .find(|(_, api)| *api as c_int == declared.phase)?
            .0,
    })
}

/// True when the register that bills is among them.
pub fn has_register(readings: &[Reading]) -> bool {
    let mut readings = readings.iter();
    readings.any(|reading| reading.measurand == Measurand::EnergyActiveImportRegister)
}

#[cfg(test)]
mod tests;
