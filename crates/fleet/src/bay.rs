//! A connector and the vehicles that come to it.

use fleet_engine::domain::ChargePointError;

use crate::{model::Model, random::Random};

const PHASE_VOLTS: f64 = 230.0;

/// How far a visit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Empty,
    /// Plugged in; the driver looks for the card.
    Plugged,
    /// The card was presented.
    Presented,
    Charging,
    /// The card was presented again, or the transaction has ended otherwise.
    Leaving,
    /// Broken, with nothing plugged in.
    Broken,
}

/// What a driver or fate does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Plug,
    Present,
    /// The vehicle has what it wants.
    Full,
    Unplug,
    Break,
    Mend,
}

#[derive(Clone, Debug)]
pub struct Bay {
    pub stage: Stage,
    /// When the next act is due.
    pub next: u64,
    /// The next vehicle comes at whatever hour.
    pub is_sure: bool,
    /// When the driver comes back.
    pub leaves_at: u64,
    /// When it breaks, should this be such a visit.
    breaks_at: u64,
    pub id_tag: u32,
    /// mWh; what has been counted until `since`.
    register: f64,
    /// W, while it charges.
    power: f64,
    wanted_wh: f64,
    charged_from: f64,
    pub limit_watts: Option<u32>,
    is_closed: bool,
    pub is_full: bool,
    since: u64,
    /// What is broken.
    pub fault: Option<ChargePointError>,
    /// A person works here: the model does nothing but fill the vehicle.
    is_by_hand: bool,
}

impl Bay {
    pub fn new(random: &mut Random) -> Self {
        Self {
            stage: Stage::Empty,
            next: u64::MAX,
            is_sure: false,
            leaves_at: 0,
            breaks_at: u64::MAX,
            id_tag: 0,
            register: random.within(1e8, 1e9),
            power: 0.0,
            wanted_wh: 0.0,
            charged_from: 0.0,
            limit_watts: None,
            is_closed: false,
            is_full: false,
            since: 0,
            fault: None,
            is_by_hand: false,
        }
    }

    /// The next vehicle comes some time.
    pub fn expect(&mut self, model: &Model, random: &mut Random, now: u64) {
        self.stage = Stage::Empty;
        self.is_sure = false;
        self.is_by_hand = false;
        self.next = now.saturating_add(model.until_arrival(random));
    }

    /// One comes now, whatever the hour.
    pub fn summon(&mut self, now: u64) {
        self.is_sure = true;
        self.next = now;
    }

    /// A vehicle comes now.
    pub fn arrive(&mut self, model: &Model, random: &mut Random, drivers: u32, now: u64) {
        self.stage = Stage::Plugged;
        self.id_tag = (random.next() % u64::from(drivers.max(1))) as u32;
        self.leaves_at = now + model.stay_ms(random);
        self.wanted_wh = model.wanted_wh(random);
        self.power = model.power * 1_000.0 * random.within(0.6, 1.0);
        self.breaks_at = match random.chance(model.faults) {
            true => now + random.within(10_000.0, (self.leaves_at - now) as f64) as u64,
            false => u64::MAX,
        };
        self.charged_from = self.register;
        self.is_full = false;
        self.next = now + random.within(500.0, 5_000.0) as u64;
    }

    /// A person works here from now on, until the vehicle has gone and nothing is broken.
    pub fn take_in_hand(&mut self, now: u64) {
        self.is_by_hand = true;
        (self.leaves_at, self.breaks_at) = (u64::MAX, u64::MAX);
        if matches!(self.stage, Stage::Presented | Stage::Leaving) {
            self.stage = Stage::Plugged;
        }
        self.next = u64::MAX;
        self.plan(now);
    }

    pub fn is_by_hand(&self) -> bool {
        self.is_by_hand
    }

    pub fn is_plugged(&self) -> bool {
        !matches!(self.stage, Stage::Empty | Stage::Broken)
    }

    /// The driver does something then, unless a person does it.
    pub fn schedule(&mut self, at: u64) {
        self.next = match self.is_by_hand {
            true => u64::MAX,
            false => at,
        };
    }

    /// A driver has presented a card.
    pub fn is_served(&self) -> bool {
        matches!(
            self.stage,
            Stage::Charging | Stage::Leaving | Stage::Presented
        )
    }

    /// The transaction has ended; the driver leaves then.
    pub fn stopped(&mut self, leaves_at: u64) {
        self.stage = match self.is_by_hand {
            true => Stage::Plugged,
            false => Stage::Leaving,
        };
        self.schedule(leaves_at);
    }

    /// The vehicle draws that many W from now on, until it has taken that many Wh more.
    pub fn draw(&mut self, watts: f64, wanted_wh: f64, now: u64) {
        self.count(now);
        (self.power, self.wanted_wh) = (watts, wanted_wh);
        (self.charged_from, self.is_full) = (self.register, false);
        self.plan(now);
    }

    /// What is due now. What it is, the caller does.
    pub fn due(&self, now: u64) -> Option<Act> {
        if self.next > now {
            return None;
        }
        Some(match self.stage {
            Stage::Empty => Act::Plug,
            Stage::Plugged => Act::Present,
            // No transaction came of it.
            Stage::Presented | Stage::Leaving => Act::Unplug,
            Stage::Charging if self.breaks_at <= now => Act::Break,
            Stage::Charging if self.leaves_at <= now => Act::Present,
            Stage::Charging => Act::Full,
            Stage::Broken => Act::Mend,
        })
    }

    /// While it charges: when something is due.
    pub fn plan(&mut self, now: u64) {
        if self.stage != Stage::Charging {
            return;
        }
        self.count(now);
        let full_at = match self.is_full || self.watts() <= 0.0 {
            true => u64::MAX,
            false => {
                let left = self.wanted_wh * 1_000.0 - (self.register - self.charged_from);
                // mWh of W are 3,600 ms each.
                let takes = left.max(0.0) * 3_600.0 / self.watts();
                self.since.saturating_add(takes as u64)
            }
        };
        self.next = full_at.min(self.leaves_at).min(self.breaks_at);
    }

    pub fn breaks_off(&mut self, mended_at: u64) {
        self.fault = Some(ChargePointError::OtherError);
        self.breaks_at = u64::MAX;
        self.stage = Stage::Broken;
        self.next = mended_at;
    }

    /// The contactor closes or opens.
    pub fn switch(&mut self, closed: bool, now: u64) {
        self.count(now);
        self.is_closed = closed;
    }

    pub fn limit(&mut self, watts: Option<u32>, now: u64) {
        self.count(now);
        self.limit_watts = watts;
    }

    pub fn fill(&mut self, now: u64) {
        self.count(now);
        self.is_full = true;
    }

    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// W that flow.
    pub fn watts(&self) -> f64 {
        match self.is_closed && !self.is_full {
            true => self
                .limit_watts
                .map_or(self.power, |limit| self.power.min(limit.into())),
            false => 0.0,
        }
    }

    /// mA on each of three phases.
    pub fn milliamperes(&self) -> f64 {
        self.watts() / 3.0 / PHASE_VOLTS * 1_000.0
    }

    /// Wh.
    pub fn register(&mut self, now: u64) -> i32 {
        self.count(now);
        (self.register / 1_000.0) as i32
    }

    fn count(&mut self, now: u64) {
        let passed = now.saturating_sub(self.since);
        self.register += self.watts() * passed as f64 / 3_600.0;
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_power_and_time_until_the_vehicle_is_full() {
        let mut random = Random::new(1, 1);
        let mut bay = Bay::new(&mut random);
        let before = bay.register(0);
        (bay.stage, bay.power, bay.wanted_wh) = (Stage::Charging, 10_000.0, 5_000.0);
        (bay.leaves_at, bay.charged_from) = (u64::MAX, bay.register);
        bay.switch(true, 0);
        bay.plan(0);
        assert_eq!((bay.next, bay.due(1_799_000)), (1_800_000, None));
        assert_eq!(bay.due(1_800_000), Some(Act::Full));
        bay.limit(Some(5_000), 900_000);
        bay.plan(900_000);
        assert_eq!(bay.next, 2_700_000);
        bay.fill(2_700_000);
        bay.plan(2_700_000);
        assert_eq!(bay.next, u64::MAX);
        assert!((bay.register(9_000_000) - before - 5_000).abs() <= 1);
    }
    #[test]
    fn what_is_taken_in_hand_is_left_alone_until_the_vehicle_has_gone() {
        let mut random = Random::new(1, 1);
        let mut bay = Bay::new(&mut random);
        (bay.stage, bay.next, bay.breaks_at) = (Stage::Presented, 5, 7);
        bay.take_in_hand(1);
        assert_eq!((bay.stage, bay.due(u64::MAX - 1)), (Stage::Plugged, None));
        bay.schedule(10);
        assert_eq!(bay.due(10), None);
        (bay.stage, bay.power, bay.wanted_wh) = (Stage::Charging, 1_000.0, 1_000.0);
        bay.charged_from = bay.register;
        bay.switch(true, 0);
        bay.plan(0);
        assert_eq!(bay.due(3_600_000), Some(Act::Full));
        bay.fill(3_600_000);
        bay.plan(3_600_000);
        bay.stopped(3_700_000);
        assert_eq!((bay.stage, bay.due(u64::MAX - 1)), (Stage::Plugged, None));
        (bay.stage, bay.is_by_hand) = (Stage::Charging, false);
        bay.stopped(3_700_000);
        assert_eq!(bay.due(3_700_000), Some(Act::Unplug));
    }
}
