//! A measurand of the whole or of one phase, as the lists of measurands name it (OCPP 1.6,
//! 9.1.17 MeterValuesSampledData).

use super::{Measurand, Phase};
use crate::wire::Writer;

/// What is measured, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What.
    pub measurand: Measurand,
    /// On which phase; `None` for the whole.
    pub phase: Option<Phase>,
}

impl Measured {
    /// A measurand of the whole.
    pub const fn of(measurand: Measurand) -> Self {
        Self {
            measurand,
            phase: None,
        }
    }

    /// A measurand of one phase.
    pub const fn on(measurand: Measurand, phase: Phase) -> Self {
        Self {
            measurand,
            phase: Some(phase),
        }
    }

    /// `Voltage`, `Voltage.L1` or `Voltage.L1-N`; `Voltage-L1`, which is found in practice, too.
    /// `None` for what OCPP 1.6 does not have.
    pub fn from_name(name: &str) -> Option<Self> {
        // No measurand's name is the beginning of another one's, up to a separator.
        Measurand::ALL.iter().find_map(|&measurand| {
            let rest = name.strip_prefix(measurand.as_str())?;
            match rest.as_bytes().first() {
                None => Some(Self::of(measurand)),
                Some(b'.' | b'-') => Some(Self::on(measurand, Phase::from_name(rest.get(1..)?)?)),
                Some(_) => None,
            }
        })
    }

    /// Writes the name, with a dot before the phase.
    pub(crate) fn write(self, w: &mut Writer<'_>) {
        w.raw(self.measurand.as_str());
        if let Some(phase) = self.phase {
            w.raw(".");
            w.raw(phase.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn every_name_is_read_with_a_dot_and_with_a_dash() {
        for &measurand in Measurand::ALL {
            let name = measurand.as_str();
            assert_eq!(Measured::from_name(name), Some(Measured::of(measurand)));
            for &phase in Phase::ALL {
                for separator in ['.', '-'] {
                    let name = format!("{name}{separator}{}", phase.as_str());
                    let read = Measured::from_name(&name);
                    assert_eq!(read, Some(Measured::on(measurand, phase)), "{name}");
                }
            }
        }
    }

    #[test]
    fn other_names_are_not_read() {
        for name in [
            "",
            ".",
            "L1",
            "voltage",
            "VoltageL1",
            "Voltage.",
            "Voltage.L4",
            "Voltage..L1",
            "Voltage.L1.N",
            "Voltage:L1",
            "Voltage.L1 ",
            "Energy.Active.Import",
        ] {
            assert_eq!(Measured::from_name(name), None, "{name}");
        }
    }
}
