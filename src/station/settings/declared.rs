//! What the meters of a station measure, as the application declares it.

use crate::domain::{Measurand, Measured, Phase};

/// A set of measurands and phases: for each measurand a bit for the whole and one for each phase.
///
/// Empty until the application has declared something. Then it has the register that bills, without
/// which there are no transactions.
#[derive(Debug)]
pub struct Declared([u16; Measurand::ALL.len()]);

const WHOLE: u16 = 1;

impl Declared {
    /// Nothing has been declared.
    pub const fn new() -> Self {
        Self([0; Measurand::ALL.len()])
    }

    /// The meters measure this, and the register that bills, and nothing else.
    pub fn set(&mut self, measured: &[Measured]) {
        *self = Self::new();
        self.add(Measured::of(Measurand::EnergyActiveImportRegister));
        measured.iter().for_each(|&measured| self.add(measured));
    }

    fn add(&mut self, measured: Measured) {
        if let Some(bits) = self.0.get_mut(measured.measurand as usize) {
            *bits |= bit(measured.phase);
        }
    }

    /// False as long as it is not known what the meters measure.
    pub fn is_known(&self) -> bool {
        self.bits(Measurand::EnergyActiveImportRegister) != 0
    }

    fn bits(&self, measurand: Measurand) -> u16 {
        self.0.get(measurand as usize).copied().unwrap_or(0)
    }

    /// True when a list may name it: a measurand without a phase also where only its phases are
    /// measured, and everything as long as nothing is known.
    pub fn allows(&self, named: Measured) -> bool {
        let bits = self.bits(named.measurand);
        match named.phase {
            _ if !self.is_known() => true,
            None => bits != 0,
            phase => bits & bit(phase) != 0,
        }
    }

    /// True when that entry of a list names the reading of a phase, or of the whole: without a phase
    /// the whole, or all phases where the whole is not measured. As long as nothing is known, both.
    pub fn names(&self, named: Measured, phase: Option<Phase>) -> bool {
        let bits = self.bits(named.measurand);
        let is_measured = bits & bit(phase) != 0 || !self.is_known();
        is_measured && (named.phase == phase || (named.phase.is_none() && bits & WHOLE == 0))
    }

    /// True when `holds` says so of everything that was declared; asked until it does not.
    ///
    /// Loops over bits: an iterator of that would be put together anew for each who asks, of half a
    /// kilobyte each time.
    pub fn all(&self, holds: &mut dyn FnMut(Measured) -> bool) -> bool {
        for (&measurand, &bits) in Measurand::ALL.iter().zip(&self.0) {
            let mut left = bits;
            while left != 0 {
                let phase = phase_of(left.trailing_zeros());
                left &= left - 1;
                if !holds(Measured { measurand, phase }) {
                    return false;
                }
            }
        }
        true
    }
}

/// What the lowest bit, or one behind it, stands for: the whole, or a phase.
fn phase_of(bit: u32) -> Option<Phase> {
    Phase::ALL.get(bit.checked_sub(1)? as usize).copied()
}

fn bit(phase: Option<Phase>) -> u16 {
    match phase {
        None => WHOLE,
        Some(phase) => 2 << phase as u16,
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn a_measurand_without_a_phase_stands_for_its_phases_where_there_is_no_whole() {
        let mut declared = Declared::new();
        assert!(declared.allows(Measured::of(Measurand::SoC)));
        let l1 = Measured::on(Measurand::Voltage, Phase::L1);
        let (voltage, power) = (
            Measured::of(Measurand::Voltage),
            Measured::of(Measurand::PowerActiveImport),
        );
        declared.set(&[l1, power]);
        assert!(declared.allows(voltage) && declared.allows(l1) && declared.allows(power));
        for other in [
            Measured::on(Measurand::Voltage, Phase::L2),
            Measured::on(Measurand::PowerActiveImport, Phase::L1),
            Measured::of(Measurand::SoC),
        ] {
            assert!(!declared.allows(other), "{other:?}");
        }
        assert!(declared.names(voltage, Some(Phase::L1)));
        assert!(declared.names(power, None) && !declared.names(power, Some(Phase::L1)));
    }

    #[test]
    fn what_was_declared_comes_back_with_the_register() {
        let of_each = |&measurand| Phase::ALL.iter().map(move |&p| Measured::on(measurand, p));
        let everything: Vec<_> = Measurand::ALL.iter().flat_map(of_each).collect();
        let all = |declared: &Declared| {
            let mut all = Vec::new();
            assert!(declared.all(&mut |measured| {
                all.push(measured);
                true
            }));
            all
        };
        let mut declared = Declared::new();
        assert_eq!(all(&declared), []);
        declared.set(&everything);
        let register = Measured::of(Measurand::EnergyActiveImportRegister);
        let found = all(&declared);
        assert_eq!(found.first(), Some(&register));
        assert_eq!(found[1..], everything);
        assert!(!declared.all(&mut |measured| measured == register));
        declared.set(&[]);
        assert_eq!(all(&declared), [register]);
    }
}
