//! Measurands of the C API, and what the engine calls them.

use core::ffi::c_char;

use heapless::Vec;
use ocpp::{limits::READINGS, station::Reading, v16::Measurand};

use crate::{
    api::types::{CISTR50, ocpp_meter_measurand as Omm},
    decimal, text,
};

/// Readings of one connector.
pub type Readings = Vec<Reading, READINGS>;

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

/// What the engine calls a measurand of the API, and how many of its units make one of the API's.
pub fn of(measurand: Omm) -> Option<(Measurand, i64)> {
    let mut known = MEASURANDS.iter();
    let found = known.find(|(api, ..)| *api == measurand);
    found.map(|&(_, engine, scale)| (engine, scale))
}

/// Some of the measurands: a bit for each place in [`MEASURANDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurands(u32);

impl Measurands {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// Those that `wants` says yes to.
    pub fn of(wants: impl Fn(Measurand) -> bool) -> Self {
        let places = MEASURANDS.iter().enumerate();
        let wanted = places.filter(|(_, (_, measurand, _))| wants(*measurand));
        Self(wanted.fold(0, |bits, (place, _)| bits | 1 << place))
    }

    fn has(self, place: usize) -> bool {
        self.0 >> place & 1 != 0
    }
}

/// Asks for these measurands and keeps what `ask` knows.
pub fn read(
    measurands: Measurands,
    mut ask: impl FnMut(Omm) -> Option<[c_char; CISTR50]>,
) -> Readings {
    let mut readings = Readings::new();
    let places = MEASURANDS.iter().enumerate();
    for (_, &(measurand, known, scale)) in places.filter(|(place, _)| measurands.has(*place)) {
        let value = ask(measurand).and_then(|text| value(&text, scale));
        if let Some(value) = value
            && readings.push(Reading::of(known, value)).is_err()
        {
            break;
        }
    }
    readings
}

fn value(text: &[c_char; CISTR50], scale: i64) -> Option<i32> {
    decimal::scaled(text::terminated(text)?, scale)
}

/// True when the register that bills is among them.
pub fn has_register(readings: &[Reading]) -> bool {
    let mut readings = readings.iter();
    readings.any(|reading| reading.measurand == Measurand::EnergyActiveImportRegister)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_asked_for() {
        let wanted = Measurands::of(|measurand| measurand == Measurand::SoC);
        let mut asked = std::vec::Vec::new();
        read(wanted, |measurand| {
            asked.push(measurand);
            None
        });
        assert_eq!(asked, [Omm::OCPP_OMM_CHARGING_PERCENT]);
        assert!(read(Measurands::NONE, |_| unreachable!()).is_empty());
    }

    #[test]
    fn every_measurand_is_asked_for_once_and_scaled() {
        let mut asked = std::vec::Vec::new();
        let readings = read(Measurands::of(|_| true), |measurand| {
            asked.push(measurand as usize);
            let mut text = [0; CISTR50];
            let said = match measurand {
                Omm::OCPP_OMM_VOLTAGE_AC_RMS => "229.95",
                Omm::OCPP_OMM_ACTIVE_ENERGY_TO_EV => "1234",
                Omm::OCPP_OMM_FAN_SPEED => "fast",
                _ => return None,
            };
            crate::text::fill(&mut text, said);
            Some(text)
        });
        asked.sort_unstable();
        let all: std::vec::Vec<_> = (0..Omm::OCPP_OMM_END as usize).collect();
        assert_eq!(asked, all);
        assert!(has_register(&readings));
        assert_eq!(
            readings[..],
            [
                Reading::energy(1234),
                Reading::of(Measurand::Voltage, 229_950)
            ]
        );
    }
}
