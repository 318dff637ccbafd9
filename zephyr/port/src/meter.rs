//! What the meters measure, and how they are read.
//!
//! An application declares it, by measurand and phase. One that does not is asked for each
//! measurand once: what it has a value for is measured.

use heapless::Vec;
use ocpp::{
    domain::{Measurand, Measured},
    limits::READINGS,
    station::Reading,
};

use crate::{application::Application, errno::Error};

/// Readings of one connector.
pub type Readings = Vec<Reading, READINGS>;

/// Measurands and phases that can be declared.
pub const MOST: usize = u64::BITS as usize;

/// The register that bills.
const REGISTER: Measured = Measured::of(Measurand::EnergyActiveImportRegister);

// Its place among those that are asked for.
const _: () = assert!(matches!(
    Measurand::ALL,
    [Measurand::EnergyActiveImportRegister, ..]
));

/// What the meters measure: what the application declares, or everything that it is asked for.
///
/// Each has a place, the register that bills the first, so that it has room whatever else is
/// measured; the place of each is the bit that [`Selection`] has for it.
#[derive(Clone, Copy)]
pub struct Meters {
    declared: Option<&'static [Measured]>,
    /// The register is not in the declaration: what is there has its place behind it.
    is_register_added: bool,
    /// Otherwise where it is there; what is first there has this place.
    register: usize,
}

impl Meters {
    /// Everything is asked for.
    pub const UNDECLARED: Self = Self {
        declared: None,
        is_register_added: false,
        register: 0,
    };

    /// What an application declares; `None` for one that is asked for each measurand.
    ///
    /// # Errors
    ///
    /// [`Error::NoMemory`] for more than 64, the register that bills among them.
    pub fn new(declared: Option<&'static [Measured]>) -> Result<Self, Error> {
        let Some(declared) = declared else {
            return Ok(Self::UNDECLARED);
        };
        let register = declared.iter().position(|measured| *measured == REGISTER);
        let meters = Self {
            declared: Some(declared),
            is_register_added: register.is_none(),
            register: register.unwrap_or(0),
        };
        match meters.count() <= MOST {
            true => Ok(meters),
            false => Err(Error::NoMemory),
        }
    }

    /// The declaration, in which the register that bills need not be; `None` without one.
    pub fn declared(self) -> Option<&'static [Measured]> {
        self.declared
    }

    /// How many there are.
    pub fn count(self) -> usize {
        let declared = self.declared.map_or(Measurand::ALL.len(), <[_]>::len);
        declared + usize::from(self.is_register_added)
    }

    /// That at a place.
    pub fn at(self, place: usize) -> Option<Measured> {
        let index = match place {
            0 => return Some(REGISTER),
            _ if self.is_register_added => place - 1,
            _ if self.register == place => 0,
            _ => place,
        };
        match self.declared {
            Some(declared) => declared.get(index).copied(),
            None => Measurand::ALL.get(index).copied().map(Measured::of),
        }
    }

    /// Those that `wants` says yes to.
    pub fn those(self, wants: impl Fn(Measured) -> bool) -> Selection {
        let mut selection = Selection::NONE;
        for place in 0..self.count() {
            if self.at(place).is_some_and(&wants) {
                selection.add(place);
            }
        }
        selection
    }

    /// Those of a selection.
    pub fn selected(self, these: Selection) -> impl Iterator<Item = Measured> {
        let places = (0..MOST).filter(move |place| these.0 >> place & 1 != 0);
        places.filter_map(move |place| self.at(place))
    }

    /// Has a selection read; what `read` has no value for is left out.
    pub fn read(self, these: Selection, mut read: impl FnMut(Measured) -> Option<i32>) -> Readings {
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
}

/// One value of the meter of a connector, as the application has it.
#[inline(never)]
pub fn read(application: &dyn Application, connector: u8, measured: Measured) -> Option<i32> {
    let Measured { measurand, phase } = measured;
    match phase {
        None => application.read_meter(connector, measurand),
        Some(phase) => application.read_phase(connector, measurand, phase),
    }
}

/// Some of what is measured: a bit for each place among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection(u64);

impl Selection {
    /// None of it.
    pub const NONE: Self = Self(0);

    /// Adds that at a place below [`MOST`].
    pub fn add(&mut self, place: usize) {
        self.0 |= 1 << place;
    }
}

/// True when the register that bills is among them.
pub fn has_register(readings: &[Reading]) -> bool {
    let mut readings = readings.iter();
    readings.any(|reading| reading.measurand == REGISTER.measurand)
}

#[cfg(test)]
mod tests {
    use ocpp::domain::Phase;

    use super::*;

    fn all(meters: Meters) -> std::vec::Vec<Measured> {
        let places = 0..meters.count();
        places.map(|place| meters.at(place).unwrap()).collect()
    }

    #[test]
    fn only_what_is_wanted_is_read_the_register_first() {
        let meters = Meters::UNDECLARED;
        let wanted = [Measurand::SoC, Measurand::EnergyActiveImportRegister];
        let wanted = meters.those(|measured| wanted.contains(&measured.measurand));
        let mut asked = std::vec::Vec::new();
        meters.read(wanted, |measured| {
            asked.push(measured.measurand);
            None
        });
        assert_eq!(
            asked,
            [Measurand::EnergyActiveImportRegister, Measurand::SoC]
        );
        assert!(meters.read(Selection::NONE, |_| unreachable!()).is_empty());
    }

    #[test]
    fn without_a_declaration_every_measurand_is_asked_for_once() {
        let all = all(Meters::UNDECLARED);
        assert_eq!(all.len(), Measurand::ALL.len());
        assert_eq!(all[0], REGISTER);
        for &measurand in Measurand::ALL {
            assert!(all.contains(&Measured::of(measurand)), "{measurand:?}");
        }
    }

    #[test]
    fn what_has_a_value_is_measured() {
        let value_of = |measured: Measured| match measured.measurand {
            Measurand::Voltage => Some(229_950),
            Measurand::EnergyActiveImportRegister => Some(1234),
            _ => None,
        };
        let meters = Meters::UNDECLARED;
        let mut tried = Selection::NONE;
        for place in 0..meters.count() {
            if value_of(meters.at(place).unwrap()).is_some() {
                tried.add(place);
            }
        }
        let measured: std::vec::Vec<_> = meters.selected(tried).collect();
        assert_eq!(measured, [REGISTER, Measured::of(Measurand::Voltage)]);
        let readings = meters.read(tried, value_of);
        assert!(has_register(&readings));
        let expected = [
            Reading::energy(1234),
            Reading::of(Measurand::Voltage, 229_950),
        ];
        assert_eq!(readings[..], expected);
    }

    #[test]
    fn the_register_belongs_to_every_declaration() {
        const VOLTAGE: Measured = Measured::of(Measurand::Voltage);
        static DECLARATIONS: [&[Measured]; 3] =
            [&[VOLTAGE], &[VOLTAGE, REGISTER], &[REGISTER, VOLTAGE]];
        for declared in DECLARATIONS {
            let meters = Meters::new(Some(declared)).unwrap();
            assert_eq!(all(meters), [REGISTER, VOLTAGE]);
        }
        let nothing = Meters::new(Some(&[])).unwrap();
        assert_eq!(nothing.count(), 1);
    }

    #[test]
    fn there_is_room_for_64() {
        static ALL: std::sync::LazyLock<std::vec::Vec<Measured>> = std::sync::LazyLock::new(|| {
            let wholes = Measurand::ALL.iter().copied().map(Measured::of);
            let phases = Measurand::ALL
                .iter()
                .flat_map(|&measurand| Phase::ALL.iter().map(move |&p| Measured::on(measurand, p)));
            wholes.chain(phases).collect()
        });
        let all: &'static [Measured] = &ALL;
        let (most, more) = (&all[..MOST], &all[..=MOST]);
        let meters = Meters::new(Some(most)).unwrap();
        assert_eq!(meters.count(), MOST);
        assert_eq!(meters.declared(), Some(most));
        // The last one has a bit, too.
        let last = meters.those(|measured| measured == all[MOST - 1]);
        assert_eq!(meters.selected(last).next(), Some(all[MOST - 1]));
        assert!(matches!(Meters::new(Some(more)), Err(Error::NoMemory)));
    }
}
