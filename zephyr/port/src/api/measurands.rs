//! Measurands, phases and values as the C API has them, and as the engine has them.

use core::ffi::{c_char, c_int};

use ocpp::domain::{Measurand, Measured, Phase};

use super::{
    decimal,
    meter::{ocpp_measured, ocpp_phase},
    types::{CISTR50, ocpp_meter_measurand as Omm},
};
use crate::{errno::Error, text};

/// A text that the application writes a value into.
pub type ValueText = [c_char; CISTR50];

/// By name; the number is how many of the engine's units make one of the API's.
const MEASURANDS: &[(Omm, Measurand, i32)] = &[
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

/// What the API calls a measurand and a phase of the engine, and how many of the engine's units
/// make one of the API's; `None` for what the API has no name for.
fn names(measured: Measured) -> Option<(Omm, ocpp_phase, i32)> {
    let mut known = MEASURANDS.iter();
    let (mes, _, scale) = known.find(|(_, engine, _)| *engine == measured.measurand)?;
    let mut phases = PHASES.iter();
    let (_, phase) = phases.find(|(engine, _)| *engine == measured.phase)?;
    Some((*mes, *phase, *scale))
}

/// What the engine calls a measurand and a phase of the API; `None` where there is no such value.
pub fn measured(declared: &ocpp_measured) -> Option<Measured> {
    let mut known = MEASURANDS.iter();
    let (_, measurand, _) = known.find(|(api, ..)| *api as c_int == declared.mes)?;
    let mut phases = PHASES.iter();
    let (phase, _) = phases.find(|(_, api)| *api as c_int == declared.phase)?;
    Some(Measured {
        measurand: *measurand,
        phase: *phase,
    })
}

/// The value that `read` writes as text, in the engine's unit. `None` for what the API has no name
/// for, for what is not read, and for a text that is no number.
pub fn value(
    measured: Measured,
    read: impl FnOnce(Omm, ocpp_phase, &mut ValueText) -> Result<(), Error>,
) -> Option<i32> {
    let (mes, phase, scale) = names(measured)?;
    let mut val = [0; CISTR50];
    read(mes, phase, &mut val).ok()?;
    decimal::scaled(text::terminated(&val)?, scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a measurand that an application answers with that text, or with an error.
    fn said(measurand: Measurand, text: Option<&str>) -> Option<i32> {
        value(Measured::of(measurand), |_, _, val| {
            crate::text::fill(val, text.ok_or(Error::NotSupported)?);
            Ok(())
        })
    }

    #[test]
    fn a_value_is_in_the_unit_of_the_engine() {
        assert_eq!(said(Measurand::Voltage, Some("230.1")), Some(230_100));
        let register = Measurand::EnergyActiveImportRegister;
        assert_eq!(said(register, Some("1234")), Some(1234));
    }

    #[test]
    fn what_is_no_number_is_no_value() {
        for text in [Some(""), Some("n/a"), None] {
            assert_eq!(said(Measurand::Voltage, text), None);
        }
        let interval = Measurand::EnergyActiveImportInterval;
        assert_eq!(said(interval, Some("1")), None);
    }

    #[test]
    fn every_measurand_and_phase_of_the_api_has_one_of_the_engine() {
        for mes in 0..Omm::OCPP_OMM_END as c_int {
            for phase in 0..PHASES.len() as c_int {
                let measured = measured(&ocpp_measured { mes, phase }).unwrap();
                let (mes_again, phase_again, _) = names(measured).unwrap();
                assert_eq!((mes_again as c_int, phase_again as c_int), (mes, phase));
            }
        }
        assert_eq!(PHASES.len(), 1 + Phase::ALL.len());
        for (mes, phase) in [(Omm::OCPP_OMM_END as c_int, 0), (-1, 0), (0, 11), (0, -1)] {
            assert_eq!(measured(&ocpp_measured { mes, phase }), None);
        }
    }
}
