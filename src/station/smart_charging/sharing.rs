//! The limit of the whole charge point, shared among those that charge (OCPP 1.6, 3.13.1: it is the
//! maximum of all connectors together).
//!
//! Each gets the same, and what one cannot use goes to the others. Where that would be too little for
//! all of them, those that began first charge, and the others wait.

use heapless::Vec;

use super::{
    power::{Amount, Hardware},
    stack::Bound,
};
use crate::{
    domain::{ChargingRateUnit, LEAST_CURRENT},
    limits::CONNECTORS,
};

/// One that charges.
#[derive(Clone, Copy, Debug)]
pub struct Sharer {
    pub connector: u8,
    pub began: u64,
    /// What limits it alone.
    pub own: Option<Bound>,
    pub hardware: Hardware,
}

/// All that charge.
pub type Sharers = Vec<Sharer, CONNECTORS>;

impl Sharer {
    /// What it may take of the whole, in tenths of that unit.
    fn most(&self, whole: Bound) -> u64 {
        let amount = Amount::lowest([self.own, Some(whole)], &self.hardware);
        let most = match whole.unit {
            ChargingRateUnit::A => (amount.map(|it| it.current), self.hardware.current),
            ChargingRateUnit::W => (amount.map(|it| it.power), self.hardware.power()),
        };
        most.0.unwrap_or(u64::MAX).min(most.1)
    }

    /// The least with which a vehicle charges here, in tenths of that unit.
    fn least(&self, whole: Bound) -> u64 {
        let of = |phases| Bound {
            limit: LEAST_CURRENT,
            unit: ChargingRateUnit::A,
            phases,
        };
        let own = of(self.own.map_or(0, |own| own.phases));
        let amount = Amount::lowest([Some(own), Some(of(whole.phases))], &self.hardware);
        match whole.unit {
            ChargingRateUnit::A => LEAST_CURRENT.into(),
            ChargingRateUnit::W => amount.map_or(0, |it| it.power),
        }
    }
}

/// The part of the whole that is for this connector; all of it for one where nothing charges.
pub fn share(whole: Bound, connector: u8, sharers: &Sharers) -> Bound {
    let Some(this) = sharers.iter().find(|it| it.connector == connector) else {
        return whole;
    };
    let total = u64::from(whole.limit);
    // What its own limit lets charge, the first ones first.
    let can = |it: &&Sharer| it.most(whole) >= it.least(whole);
    let rank = |it: &Sharer| (it.began, it.connector);
    let is_before = |it: &&Sharer| rank(it) < rank(this);
    let needed = |it: &Sharer| it.least(whole);
    let before: u64 = sharers
        .iter()
        .filter(can)
        .filter(is_before)
        .map(needed)
        .sum();
    let fits = total >= before.saturating_add(this.least(whole));
    if !can(&this) {
        return whole;
    }
    if !fits && before > 0 {
        return Bound { limit: 0, ..whole };
    }
    // Those that charge: the first whose least fits.
    let charges = |it: &&Sharer| {
        let is_earlier = |other: &&Sharer| rank(other) <= rank(it);
        let needed: u64 = sharers
            .iter()
            .filter(can)
            .filter(is_earlier)
            .map(needed)
            .sum();
        can(it) && needed <= total
    };
    let (mut level, mut before) = (0, u64::MAX);
    while level != before {
        before = level;
        let (mut taken, mut others) = (0, 0);
        for it in sharers.iter().filter(charges) {
            match it.most(whole) {
                most if most <= level => taken += most,
                _ => others += 1,
            }
        }
        level = total
            .saturating_sub(taken)
            .checked_div(others)
            .unwrap_or(total)
            .max(level);
    }
    Bound {
        limit: u32::try_from(level).unwrap_or(u32::MAX).min(whole.limit),
        ..whole
    }
}
