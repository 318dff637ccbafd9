//! Current, power and phases: how limits in A and in W are compared. All numbers are whole tenths.

use super::stack::Bound;
use crate::{
    domain::{ChargingLimit, ChargingRateUnit, Equipment, LEAST_CURRENT},
    limits::NOMINAL_VOLTAGE,
};

/// What a connector is able to deliver where the application does not say: 32 A on three phases.
const USUAL_CURRENT: u64 = 320;
const USUAL_PHASES: u8 = 3;

/// What a connector is made for.
#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    pub phases: u8,
    /// Tenths of A on each phase.
    pub current: u64,
    /// It can go from three phases to one.
    pub switches_phases: bool,
}

impl Hardware {
    pub fn of(equipment: &Equipment<'_>, connector: u8) -> Self {
        let switches_phases = equipment.can_switch_phases();
        let Some(evse) = equipment.evse(connector) else {
            return Self {
                phases: USUAL_PHASES,
                current: USUAL_CURRENT,
                switches_phases,
            };
        };
        // Direct current has none.
        let phases = evse.supply_phases.clamp(1, USUAL_PHASES);
        Self {
            phases,
            current: u64::from(evse.power) * 10 / volts(phases),
            switches_phases,
        }
    }

    pub fn power(&self) -> u64 {
        self.current * volts(self.phases)
    }
}

/// What tenths of A are multiplied by to get tenths of W.
fn volts(phases: u8) -> u64 {
    u64::from(NOMINAL_VOLTAGE) * u64::from(phases)
}

/// What several bounds come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Tenths of A on each phase.
    pub current: u64,
    /// Tenths of W of all phases.
    pub power: u64,
    pub phases: u8,
    /// A bound says the number of phases.
    pub are_phases_said: bool,
    /// The lowest bounds in A and in W.
    bounds: (Option<u64>, Option<u64>),
}

impl Amount {
    /// The lowest of these bounds; `None` where there is none. Where they differ in the number of
    /// phases, no more than the fewest may be used.
    pub fn lowest(bounds: [Option<Bound>; 2], hardware: &Hardware) -> Option<Self> {
        let (mut amperes, mut watts, mut said) = (None, None, None);
        for bound in bounds.into_iter().flatten() {
            let limit = Some(u64::from(bound.limit));
            match bound.unit {
                ChargingRateUnit::A => amperes = lower(amperes, limit),
                ChargingRateUnit::W => watts = lower(watts, limit),
            }
            said = lower(said, (bound.phases > 0).then_some(bound.phases));
        }
        // 3 by default (7.14 ChargingSchedulePeriod), where there are as many. One that is asked for is
        // taken as it is, also where there are fewer: the limit of each phase is not reckoned anew.
        let phases = said.unwrap_or(hardware.phases);
        let current = lower(amperes, watts.map(|watts| watts / volts(phases)))?;
        Some(Self {
            current,
            power: watts
                .unwrap_or(u64::MAX)
                .min(current_power(amperes, phases)),
            phases,
            are_phases_said: said.is_some(),
            bounds: (amperes, watts),
        })
    }

    /// True where the value in that unit follows from a bound in the other one.
    pub fn is_converted(&self, unit: ChargingRateUnit) -> bool {
        let (amperes, watts) = self.bounds;
        match unit {
            ChargingRateUnit::A => amperes != Some(self.current),
            ChargingRateUnit::W => watts != Some(self.power),
        }
    }

    /// What may be taken. A connector that can go to one phase does so where power is too little for
    /// three and enough for one; what is given for each phase cannot be put on one.
    pub fn taken(&self, hardware: &Hardware) -> Taken {
        let (amperes, watts) = self.bounds;
        let mut taken = Taken {
            current: self.current,
            power: self.power,
            phases: self.phases,
        };
        let least = u64::from(LEAST_CURRENT);
        if let Some(watts) = watts
            && hardware.switches_phases
            && self.current < least
            && self.phases > 1
        {
            let single = (watts / volts(1)).min(hardware.current);
            let single = single.min(amperes.unwrap_or(u64::MAX));
            if single >= least {
                taken = Taken {
                    current: single,
                    power: watts.min(single * volts(1)),
                    phases: 1,
                };
            }
        }
        taken
    }
}

/// What may be taken, on so many phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Tenths of A on each phase.
    pub current: u64,
    /// Tenths of W of all phases.
    pub power: u64,
    pub phases: u8,
}

impl Taken {
    /// As the application is told.
    pub fn limit(&self) -> ChargingLimit {
        ChargingLimit {
            deciamperes: u32::try_from(self.current).unwrap_or(u32::MAX),
            watts: u32::try_from(self.power / 10).unwrap_or(u32::MAX),
            phases: self.phases,
        }
    }
}

fn current_power(amperes: Option<u64>, phases: u8) -> u64 {
    amperes.map_or(u64::MAX, |amperes| amperes * volts(phases))
}

fn lower<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
