//! The hardware of a connector: cable, contactor, lock, meter, and the vehicle behind them.

use ocpp::{
    domain::{ChargePointError, ChargingLimit, Measurand, UnlockStatus},
    station::{Reading, Suspension},
};

use crate::{
    meter::Meter,
    noise,
    storage::Plugged,
    vehicle::{MJ_PER_WH, MOST_WATTS, Vehicle},
};

/// From nothing to full power; on-board chargers do not jump.
const RAMP_MS: u64 = 2_500;
/// Power is constant that long, which makes energy the exact sum of power and time.
const STEP_MS: u64 = 100;
/// Volts between each of three phases and neutral.
const VOLTS: u32 = 230;
const PHASES: u32 = 3;
/// What a connector can deliver on each phase where nothing else is said, in tenths of A.
pub const USUAL_CURRENT: u32 = 320;

/// Something broken, until it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub error: ChargePointError,
    pub info: String,
}

/// A connector as one can touch it. What OCPP thinks of it is in the engine.
#[derive(Clone, Debug)]
pub struct Connector {
    pub number: u8,
    pub fault: Option<Fault>,
    pub suspended: Option<Suspension>,
    /// How the lock answers.
    pub lock: UnlockStatus,
    /// What the vehicle draws whatever its battery takes.
    pub draw_w: Option<u32>,
    /// What charging profiles leave of what it can deliver, as the pilot tells the vehicle.
    pub limit: Option<ChargingLimit>,
    /// What it can deliver on each phase, in tenths of A; `None` for what is usual, which a vehicle is
    /// not held to.
    pub most_current: Option<u32>,
    /// The contactor is closed.
    pub energized: bool,
    vehicle: Option<Vehicle>,
    last_charged_mj: u64,
    meter: Meter,
    seed: u64,
    visits: u64,
    advanced_to: u64,
}

impl Connector {
    /// A connector whose register stands at `register_mj`, or at what a charge point of some
    /// age shows, with the vehicle that is there.
    pub fn new(number: u8, seed: u64, register_mj: Option<u64>, plugged: Option<Plugged>) -> Self {
        let seed = noise::spread(seed.wrapping_add(number.into()));
        let used = (100_000 + noise::up_to(seed, 900_000)) * MJ_PER_WH;
        let register_mj = register_mj.unwrap_or(used);
        let vehicle = plugged.map(|plugged| {
            let mj = register_mj.saturating_sub(plugged.register_mj);
            let mut vehicle = Vehicle::again(plugged.stored_mj, plugged.charged_mj);
            vehicle.store(mj);
            vehicle
        });
        Self {
            number,
            fault: None,
            suspended: None,
            lock: UnlockStatus::Unlocked,
            draw_w: None,
            limit: None,
            most_current: None,
            energized: false,
            vehicle,
            last_charged_mj: 0,
            meter: Meter::new(seed, register_mj),
            seed,
            visits: 0,
            advanced_to: 0,
        }
    }

    pub fn is_plugged(&self) -> bool {
        self.vehicle.is_some()
    }

    /// The vehicle that is there, as it is kept.
    pub fn plugged(&self) -> Option<Plugged> {
        self.vehicle.as_ref().map(|vehicle| Plugged {
            stored_mj: vehicle.stored_mj(),
            charged_mj: vehicle.charged_mj(),
            register_mj: self.meter.register_mj(),
        })
    }

    /// A vehicle arrives.
    pub fn plug(&mut self) {
        self.visits += 1;
        let seed = self.seed.wrapping_add(self.visits);
        self.vehicle = Some(Vehicle::arriving(seed));
        self.last_charged_mj = 0;
    }

    /// It leaves.
    pub fn unplug(&mut self) {
        self.last_charged_mj = self.charged_mj();
        self.vehicle = None;
        if self.suspended == Some(Suspension::Ev) {
            self.suspended = None;
        }
    }

    /// What the vehicle that is, or was last, plugged in took, in millijoules. The meter does
    /// not know it: the vehicle counts by itself.
    pub fn charged_mj(&self) -> u64 {
        self.vehicle
            .as_ref()
            .map_or(self.last_charged_mj, Vehicle::charged_mj)
    }

    /// The vehicle is full and takes nothing more.
    pub fn is_full(&self) -> bool {
        self.draw_w.is_none() && self.vehicle.as_ref().is_some_and(Vehicle::is_full)
    }

    pub fn state_of_charge(&self) -> Option<u8> {
        self.vehicle.as_ref().map(Vehicle::state_of_charge)
    }

    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    pub fn set_register_wh(&mut self, wh: u32) {
        self.meter.set_wh(wh);
    }

    /// Lets time pass until `now` (milliseconds on any clock that starts at 0).
    pub fn advance(&mut self, now: u64) {
        while self.advanced_to < now {
            let millis = STEP_MS.min(now - self.advanced_to);
            let power = self.next_power(millis);
            let mj = self.meter.count(power, self.phases(), millis);
            if let Some(vehicle) = &mut self.vehicle {
                vehicle.store(mj);
            }
            self.advanced_to += millis;
        }
    }

    /// The power of the next step.
    fn next_power(&self, millis: u64) -> u32 {
        let Some(vehicle) = &self.vehicle else {
            return 0;
        };
        if !self.energized || self.suspended.is_some() || self.fault.is_some() {
            return 0;
        }
        let takes = match self.draw_w {
            Some(watts) => watts,
            // Its charger has as much for each phase.
            None => vehicle
                .takes()
                .min(MOST_WATTS * u32::from(self.phases()) / PHASES),
        };
        let goal = u64::from(takes.min(self.held_to()));
        let power = u64::from(self.meter.power_w());
        let slope = (goal.max(power) * millis).div_ceil(RAMP_MS);
        let next = if power < goal {
            (power + slope).min(goal)
        } else {
            power.saturating_sub(slope).max(goal)
        };
        u32::try_from(next).unwrap_or(u32::MAX)
    }

    /// Phases that may be used.
    fn phases(&self) -> u8 {
        let phases = self.limit.map_or(PHASES as u8, |limit| limit.phases);
        phases.clamp(1, PHASES as u8)
    }

    /// What is offered to the vehicle: tenths of A on each phase, and W of all of them.
    fn offered(&self) -> (u32, u32) {
        let current = self.most_current.unwrap_or(USUAL_CURRENT);
        let most = (current, watts(current));
        self.limit.map_or(most, |limit| {
            let current = current.min(limit.deciamperes);
            let phases = u32::from(self.phases());
            (current, limit.watts.min(current * phases * VOLTS / 10))
        })
    }

    /// More than that it does not draw.
    fn held_to(&self) -> u32 {
        match self.limit.is_some() || self.most_current.is_some() {
            true => self.offered().1,
            false => u32::MAX,
        }
    }

    /// Everything that can be measured here.
    pub fn readings(&self) -> Vec<Reading> {
        let mut readings = self.meter.readings();
        let (current, power) = if self.energized {
            self.offered()
        } else {
            (0, 0)
        };
        let milliamperes = current.saturating_mul(100);
        readings.push(Reading::of(Measurand::PowerOffered, power as i32));
        readings.push(Reading::of(Measurand::CurrentOffered, milliamperes as i32));
        // What is measured is told always: no vehicle is an empty one.
        let percent = self.state_of_charge().unwrap_or(0);
        readings.push(Reading::of(Measurand::SoC, percent.into()));
        readings
    }
}

/// W of that many tenths of A on all phases.
pub fn watts(current: u32) -> u32 {
    current.saturating_mul(PHASES * VOLTS) / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charging() -> Connector {
        let mut connector = Connector::new(1, 42, Some(1_000 * MJ_PER_WH), None);
        connector.plug();
        connector.energized = true;
        connector
    }

    #[test]
    fn power_ramps_up_within_three_seconds() {
        let mut connector = charging();
        connector.advance(1_000);
        let early = connector.meter().power_w();
        assert!(early > 2_000 && early < 8_000, "{early}");
        connector.advance(3_000);
        assert_eq!(connector.meter().power_w(), MOST_WATTS);
        connector.draw_w = Some(3_700);
        connector.advance(6_000);
        assert_eq!(connector.meter().power_w(), 3_700);
    }

    fn reading(connector: &Connector, measurand: Measurand) -> Vec<i32> {
        let readings = connector.readings().into_iter();
        let readings = readings.filter(|it| it.measurand == measurand);
        readings.map(|it| it.value).collect()
    }

    #[test]
    fn the_vehicle_obeys_a_limit() {
        let mut connector = charging();
        connector.advance(10_000);
        assert_eq!(reading(&connector, Measurand::CurrentOffered), [32_000]);
        assert_eq!(reading(&connector, Measurand::PowerOffered), [22_080]);
        for (deciamperes, watts, phases, power) in [
            (100, 6_900, 3, 6_900),
            (60, 4_140, 3, 4_140),
            (160, 3_680, 1, 3_666),
            (200, 4_600, 1, 3_666),
            (320, 22_080, 3, 11_000),
        ] {
            connector.limit = Some(ChargingLimit {
                deciamperes,
                watts,
                phases,
            });
            connector.advance(connector.advanced_to + 5_000);
            assert_eq!(connector.meter().power_w(), power);
            let offered = reading(&connector, Measurand::CurrentOffered);
            assert_eq!(offered, [deciamperes as i32 * 100]);
            let currents = reading(&connector, Measurand::CurrentImport);
            let flowing = currents.iter().filter(|it| **it > 0).count();
            assert_eq!(flowing, usize::from(phases), "{currents:?}");
        }
        // Whatever it would draw.
        connector.draw_w = Some(20_000);
        connector.limit = Some(ChargingLimit {
            deciamperes: 60,
            watts: 4_140,
            phases: 3,
        });
        connector.advance(connector.advanced_to + 5_000);
        assert_eq!(connector.meter().power_w(), 4_140);
        connector.energized = false;
        assert_eq!(reading(&connector, Measurand::CurrentOffered), [0]);
    }

    #[test]
    fn the_vehicle_obeys_the_hardware_that_is_said() {
        let mut connector = charging();
        connector.most_current = Some(80);
        connector.advance(10_000);
        assert_eq!(connector.meter().power_w(), 5_520);
        assert_eq!(reading(&connector, Measurand::CurrentOffered), [8_000]);
    }

    #[test]
    fn nothing_flows_that_must_not() {
        let stop: [fn(&mut Connector); 4] = [
            |c| c.energized = false,
            |c| c.suspended = Some(Suspension::Evse),
            |c| c.unplug(),
            |c| {
                c.fault = Some(Fault {
                    error: ChargePointError::GroundFailure,
                    info: String::new(),
                });
            },
        ];
        for stop in stop {
            let mut connector = charging();
            connector.advance(10_000);
            stop(&mut connector);
            let before = connector.meter().register_mj();
            connector.advance(20_000);
            assert_eq!(connector.meter().register_mj(), before);
            assert_eq!(connector.meter().power_w(), 0);
        }
    }

    #[test]
    fn the_vehicle_gets_what_the_meter_counts() {
        let mut connector = charging();
        for now in [1, 99, 100, 1_234, 60_000, 3_600_000] {
            connector.advance(now);
        }
        let counted = connector.meter().register_mj() - 1_000 * MJ_PER_WH;
        assert_eq!(connector.charged_mj(), counted);
        let wh = counted / MJ_PER_WH;
        assert!((10_980..=11_000).contains(&wh), "{wh}");
        connector.unplug();
        assert_eq!(connector.charged_mj(), counted);
    }

    #[test]
    fn steps_make_no_difference_to_a_fixed_draw() {
        let (mut fine, mut coarse) = (charging(), charging());
        for connector in [&mut fine, &mut coarse] {
            connector.draw_w = Some(7_200);
        }
        for now in (0..=600).map(|n| n * 100) {
            fine.advance(now);
        }
        coarse.advance(60_000);
        assert_eq!(fine.meter().register_mj(), coarse.meter().register_mj());
    }

    #[test]
    fn power_tapers_until_the_vehicle_is_full() {
        let mut connector = charging();
        let mut previous = 0;
        let mut peak = 0;
        for minute in 1..=600 {
            connector.advance(minute * 60_000);
            let power = connector.meter().power_w();
            assert!(power >= previous || connector.state_of_charge() >= Some(79));
            peak = peak.max(power);
            previous = power;
        }
        assert_eq!(peak, MOST_WATTS);
        assert!(connector.is_full());
        assert_eq!(connector.meter().power_w(), 0);
    }

    #[test]
    fn a_vehicle_takes_its_suspension_along() {
        let mut connector = charging();
        connector.suspended = Some(Suspension::Ev);
        connector.unplug();
        assert_eq!(connector.suspended, None);
        connector.plug();
        connector.suspended = Some(Suspension::Evse);
        connector.unplug();
        assert_eq!(connector.suspended, Some(Suspension::Evse));
    }

    #[test]
    fn a_vehicle_is_what_it_was_after_a_restart() {
        let mut connector = charging();
        let kept = connector.plugged();
        connector.advance(3_600_000);
        let register_mj = connector.meter().register_mj();
        let again = Connector::new(1, 42, Some(register_mj), kept);
        assert_eq!(again.plugged(), connector.plugged());
        assert_eq!(again.charged_mj(), connector.charged_mj());
        assert_eq!(again.state_of_charge(), connector.state_of_charge());
    }

    #[test]
    fn the_same_is_measured_with_and_without_a_vehicle() {
        let measured = |connector: &Connector| -> Vec<_> {
            let readings = connector.readings();
            readings.iter().map(Reading::measured).collect()
        };
        let empty = Connector::new(1, 42, None, None);
        assert_eq!(measured(&empty), measured(&charging()));
    }

    #[test]
    fn no_reading_is_there_twice() {
        let readings = charging().readings();
        assert!(readings.len() <= ocpp::limits::READINGS);
        for (place, a) in readings.iter().enumerate() {
            let same = |b: &&Reading| (b.measurand, b.phase) == (a.measurand, a.phase);
            assert_eq!(readings.iter().skip(place + 1).find(same), None);
        }
    }
}
