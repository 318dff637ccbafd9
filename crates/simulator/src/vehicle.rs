//! A battery on wheels: how much power it takes, and how full it is.

use crate::noise;

/// What a common on-board charger takes: 16 A on three phases.
pub const MOST_WATTS: u32 = 11_000;
const BATTERY_WH: u64 = 60_000;
/// From here on the battery takes less and less.
const TAPER_FROM: f64 = 0.8;
/// What it takes just before it is full, as a part of [`MOST_WATTS`].
const TAPER_TO: f64 = 0.1;
/// One Wh in millijoules, the unit in which a watt for a millisecond is a whole number.
pub const MJ_PER_WH: u64 = 3_600_000;

/// A vehicle that is plugged in.
#[derive(Clone, Debug)]
pub struct Vehicle {
    battery_mj: u64,
    stored_mj: u64,
    charged_mj: u64,
}

impl Vehicle {
    /// A vehicle that arrives with 20 to 60 percent in its battery.
    pub fn arriving(seed: u64) -> Self {
        let percent = 20 + noise::up_to(seed, 41);
        Self::with_charge(percent as f64 / 100.0)
    }

    /// A vehicle whose battery is filled to that part.
    pub fn with_charge(part: f64) -> Self {
        let battery_mj = BATTERY_WH * MJ_PER_WH;
        Self {
            battery_mj,
            stored_mj: (battery_mj as f64 * part.clamp(0.0, 1.0)) as u64,
            charged_mj: 0,
        }
    }

    /// A vehicle that has been here before: what is in its battery, and what it took here.
    pub fn again(stored_mj: u64, charged_mj: u64) -> Self {
        let battery_mj = BATTERY_WH * MJ_PER_WH;
        Self {
            battery_mj,
            stored_mj: stored_mj.min(battery_mj),
            charged_mj,
        }
    }

    /// The power the battery takes now, in watts.
    pub fn takes(&self) -> u32 {
        let charge = self.charge();
        if charge >= 1.0 {
            return 0;
        }
        let progress = ((charge - TAPER_FROM) / (1.0 - TAPER_FROM)).max(0.0);
        let part = 1.0 - progress * (1.0 - TAPER_TO);
        (f64::from(MOST_WATTS) * part).round() as u32
    }

    /// Takes energy in.
    pub fn store(&mut self, mj: u64) {
        self.charged_mj = self.charged_mj.saturating_add(mj);
        self.stored_mj = self.stored_mj.saturating_add(mj).min(self.battery_mj);
    }

    pub fn is_full(&self) -> bool {
        self.stored_mj >= self.battery_mj
    }

    /// How full, 0 to 1.
    fn charge(&self) -> f64 {
        self.stored_mj as f64 / self.battery_mj as f64
    }

    /// How full, in percent.
    pub fn state_of_charge(&self) -> u8 {
        (self.charge() * 100.0) as u8
    }

    /// What is in its battery, in millijoules.
    pub fn stored_mj(&self) -> u64 {
        self.stored_mj
    }

    /// What it took since it was plugged in, in millijoules.
    pub fn charged_mj(&self) -> u64 {
        self.charged_mj
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_less_above_four_fifths_and_nothing_when_full() {
        assert_eq!(Vehicle::with_charge(0.2).takes(), MOST_WATTS);
        assert_eq!(Vehicle::with_charge(0.8).takes(), MOST_WATTS);
        let mut before = MOST_WATTS;
        for percent in 81..100 {
            let takes = Vehicle::with_charge(f64::from(percent) / 100.0).takes();
            assert!(takes < before && takes > MOST_WATTS / 20, "{percent}");
            before = takes;
        }
        assert_eq!(Vehicle::with_charge(1.0).takes(), 0);
    }

    #[test]
    fn a_battery_fills_to_the_end_and_not_further() {
        let mut vehicle = Vehicle::with_charge(0.2);
        let mut minutes = 0;
        while !vehicle.is_full() {
            vehicle.store(u64::from(vehicle.takes()) * 60_000);
            minutes += 1;
        }
        // 36 kWh at 11 kW, then 12 kWh at ever less.
        assert!((250..500).contains(&minutes), "{minutes}");
        assert_eq!(vehicle.state_of_charge(), 100);
        vehicle.store(MJ_PER_WH);
        assert_eq!(vehicle.state_of_charge(), 100);
    }

    #[test]
    fn vehicles_arrive_with_different_charge() {
        let percents: Vec<u8> = (0..20)
            .map(|seed| Vehicle::arriving(seed).state_of_charge())
            .collect();
        assert!(percents.iter().all(|percent| (19..=60).contains(percent)));
        assert!(percents.iter().any(|percent| percent != &percents[0]));
    }
}
