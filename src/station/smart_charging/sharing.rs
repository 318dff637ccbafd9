//! The limit of the whole charge point, shared among those that charge (OCPP 1.6, 3.13.1: it is the
//! maximum of all connectors together).
//!
//! Each gets the same, and what one cannot use goes to the others. Where that would be too little for
//! all of them, those that began first charge, and the others wait.

use heapless::Vec;

use super::{
    power::{Amount, Hardware, Taken},
    stack::Bound,
};
use crate::{
    domain::{ChargingRateUnit, LEAST_CURRENT},
    limits::CONNECTORS,
};

/// One that charges, or would.
#[derive(Clone, Copy, Debug)]
pub struct Sharer {
    pub connector: u8,
    pub began: u64,
    /// What limits it alone.
    pub own: Option<Bound>,
    pub hardware: Hardware,
}

/// All of them.
#[derive(Debug)]
pub struct Sharers {
    /// The first ones first; how much each may take, where it gets a part.
    all: Vec<(Sharer, Option<u64>), CONNECTORS>,
    /// What each gets that gets a part, in tenths.
    level: u64,
}

impl Sharer {
    fn rank(&self) -> (u64, u8) {
        (self.began, self.connector)
    }

    /// With all of the whole for itself.
    fn taken(&self, whole: Bound) -> Option<Taken> {
        let amount = Amount::lowest([self.own, Some(whole)], &self.hardware);
        amount.map(|amount| amount.taken(&self.hardware))
    }

    /// Its own limit lets it charge, if it had all of the whole.
    fn can_charge(&self, whole: Bound) -> bool {
        let taken = self.taken(whole);
        taken.is_some_and(|taken| !taken.limit().pauses())
    }

    /// What it may take of the whole, in tenths of that unit.
    fn most(&self, whole: Bound) -> u64 {
        let taken = self.taken(whole);
        let most = match whole.unit {
            ChargingRateUnit::A => (taken.map(|it| it.current), self.hardware.current),
            ChargingRateUnit::W => (taken.map(|it| it.power), self.hardware.power()),
        };
        most.0.unwrap_or(u64::MAX).min(most.1)
    }

    /// The least with which a vehicle charges here, in tenths of that unit.
    fn least(&self, whole: Bound) -> u64 {
        if whole.unit == ChargingRateUnit::A {
            return LEAST_CURRENT.into();
        }
        let of = |phases| Bound {
            limit: LEAST_CURRENT,
            unit: ChargingRateUnit::A,
            phases: match self.hardware.switches_phases {
                // All of it may go to one.
                true => 1,
                false => phases,
            },
        };
        let own = of(self.own.map_or(0, |own| own.phases));
        let amount = Amount::lowest([Some(own), Some(of(whole.phases))], &self.hardware);
        amount.map_or(0, |it| it.power)
    }
}

impl Sharers {
    pub const fn new() -> Self {
        Self {
            all: Vec::new(),
            level: 0,
        }
    }

    pub fn add(&mut self, sharer: Sharer) {
        let is_later = |(it, _): &(Sharer, _)| it.rank() > sharer.rank();
        let at = self.all.iter().position(is_later);
        // There is room for as many as there are connectors.
        let _ = self
            .all
            .insert(at.unwrap_or(self.all.len()), (sharer, None));
    }

    /// Finds who gets a part of the whole, and how much.
    pub fn share(&mut self, whole: Bound) {
        let total = u64::from(whole.limit);
        let is_alone = self.all.len() == 1;
        let mut needed = 0u64;
        for (it, most) in &mut self.all {
            let can = it.can_charge(whole);
            if can {
                needed = needed.saturating_add(it.least(whole));
            }
            // There is nothing to share with one that is alone.
            let gets = is_alone || can && needed <= total;
            *most = gets.then(|| it.most(whole));
        }
        let (mut level, mut before) = (0, u64::MAX);
        while level != before {
            before = level;
            let (mut taken, mut others) = (0u64, 0);
            for most in self.all.iter().filter_map(|it| it.1) {
                match most <= level {
                    true => taken = taken.saturating_add(most),
                    false => others += 1,
                }
            }
            level = total
                .saturating_sub(taken)
                .checked_div(others)
                .unwrap_or(total)
                .max(level);
        }
        self.level = level;
    }

    /// The part of the whole that is for this connector, once that is shared; all of it for one where
    /// nothing charges.
    pub fn part(&self, whole: Bound, connector: u8) -> Bound {
        let limit = match self.all.iter().find(|it| it.0.connector == connector) {
            None => whole.limit,
            Some((_, None)) => 0,
            Some((_, Some(_))) => u32::try_from(self.level).unwrap_or(u32::MAX),
        };
        Bound {
            limit: limit.min(whole.limit),
            ..whole
        }
    }
}
