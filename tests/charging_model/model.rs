//! Limits as the text of the specification has them, found anew for each moment, without any haste.
//! Times are milliseconds of UTC, amounts whole tenths.

use std::cmp::Reverse;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Max,
    Default,
    Tx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Absolute,
    Daily,
    Weekly,
    Relative,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    A,
    W,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Seconds.
    pub start: i64,
    pub limit: u64,
    pub phases: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Profile {
    pub id: i64,
    pub connector: u8,
    pub level: i64,
    pub purpose: Purpose,
    pub kind: Kind,
    pub start: i64,
    /// Seconds.
    pub duration: Option<i64>,
    pub valid_from: Option<i64>,
    pub valid_to: Option<i64>,
    pub unit: Unit,
    pub periods: Vec<Period>,
}

/// What a connector is made for.
#[derive(Clone, Copy, Debug)]
pub struct Hardware {
    pub phases: u64,
    pub current: u64,
    pub switches: bool,
}

/// A charge point.
#[derive(Clone, Debug)]
pub struct Model {
    pub profiles: Vec<Profile>,
    pub connectors: u8,
    pub hardware: Hardware,
    /// Connectors where a transaction runs, and when it began.
    pub running: Vec<(u8, i64)>,
}

const VOLTS: u64 = 230;
const LEAST: u64 = 60;

/// A limit of some profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub amount: u64,
    pub unit: Unit,
    pub phases: Option<u64>,
}

/// Current, power, phases, and whether these were said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sum {
    current: u64,
    power: u64,
    phases: u64,
    said: bool,
    amperes: Option<u64>,
    watts: Option<u64>,
}

impl Profile {
    /// The period in force, where one is. `began` is when the transaction did; `None` for one that may
    /// begin at any moment.
    fn at(&self, now: i64, began: Option<i64>) -> Option<Period> {
        if self.valid_from.is_some_and(|from| now < from) {
            return None;
        }
        if self.valid_to.is_some_and(|to| now >= to) {
            return None;
        }
        let day = 86_400_000;
        let (start, turn) = match self.kind {
            Kind::Absolute => (self.start, None),
            Kind::Relative => (began.unwrap_or(now), None),
            Kind::Daily | Kind::Weekly => {
                let turn = if self.kind == Kind::Daily {
                    day
                } else {
                    7 * day
                };
                let mut start = self.start;
                while start > now {
                    start -= turn;
                }
                while start + turn <= now {
                    start += turn;
                }
                (start, Some(turn))
            }
        };
        let since = now - start;
        let lasts = self.duration.map(|seconds| seconds * 1_000);
        if since < 0 || lasts.is_some_and(|lasts| since >= lasts) {
            return None;
        }
        if turn.is_some_and(|turn| since >= turn) {
            return None;
        }
        let mut periods = self.periods.iter();
        periods.rfind(|it| it.start * 1_000 <= since).copied()
    }
}

impl Model {
    /// SetChargingProfile that is accepted.
    pub fn install(&mut self, profile: Profile) {
        self.profiles.retain(|it| {
            let is_same = it.connector == profile.connector
                && it.purpose == profile.purpose
                && it.level == profile.level;
            it.id != profile.id && !is_same
        });
        self.profiles.push(profile);
    }

    fn began(&self, connector: u8) -> Option<i64> {
        let mut running = self.running.iter();
        running.find(|it| it.0 == connector).map(|it| it.1)
    }

    /// Of all profiles of a purpose at a connector, the highest that has a period.
    fn highest(
        &self,
        purpose: Purpose,
        connector: u8,
        now: i64,
        began: Option<i64>,
    ) -> Option<Limit> {
        let mut all: Vec<_> = self
            .profiles
            .iter()
            .filter(|it| it.purpose == purpose && it.connector == connector)
            .collect();
        all.sort_by_key(|it| Reverse(it.level));
        all.iter().find_map(|profile| {
            let period = profile.at(now, began)?;
            Some(Limit {
                amount: period.limit,
                unit: profile.unit,
                phases: period.phases,
            })
        })
    }

    fn own(&self, connector: u8, now: i64, began: Option<i64>) -> Option<Limit> {
        if self.began(connector).is_some()
            && let Some(limit) = self.highest(Purpose::Tx, connector, now, began)
        {
            return Some(limit);
        }
        let mut profiles = self.profiles.iter();
        let has_own =
            profiles.any(|it| it.purpose == Purpose::Default && it.connector == connector);
        let of = if has_own { connector } else { 0 };
        self.highest(Purpose::Default, of, now, began)
    }

    fn max(&self, now: i64) -> Option<Limit> {
        self.highest(Purpose::Max, 0, now, None)
    }

    fn lowest(&self, limits: &[Option<Limit>]) -> Option<Sum> {
        let there = || limits.iter().flatten();
        let of = |unit| {
            there()
                .filter(move |it| it.unit == unit)
                .map(|it| it.amount)
        };
        let (amperes, watts) = (of(Unit::A).min(), of(Unit::W).min());
        let said = there().filter_map(|it| it.phases).min();
        let phases = said.unwrap_or(self.hardware.phases);
        let volts = VOLTS * phases;
        let currents = [amperes, watts.map(|it| it / volts)];
        let powers = [watts, amperes.map(|it| it * volts)];
        Some(Sum {
            current: currents.into_iter().flatten().min()?,
            power: powers.into_iter().flatten().min()?,
            phases,
            said: said.is_some(),
            amperes,
            watts,
        })
    }

    /// What the application is told: tenths of A, W, phases.
    pub fn told(&self, connector: u8, now: i64) -> Option<(u64, u64, u64)> {
        let max = match connector {
            0 => self.max(now),
            _ => self.max(now).map(|max| self.share(max, connector, now)),
        };
        let own = match connector {
            0 => None,
            _ => self.own(connector, now, self.began(connector)),
        };
        let sum = self.taken(self.lowest(&[own, max])?);
        Some((sum.current, sum.power / 10, sum.phases))
    }

    /// On a single phase where power is too little for more of them.
    fn taken(&self, mut sum: Sum) -> Sum {
        if self.hardware.switches && sum.current < LEAST && sum.phases > 1 {
            let single = [
                sum.watts.map_or(0, |watts| watts / VOLTS),
                sum.amperes.unwrap_or(u64::MAX),
                self.hardware.current,
            ];
            let single = single.into_iter().min().unwrap();
            if single >= LEAST {
                let most = sum.watts.unwrap();
                (sum.current, sum.power, sum.phases) = (single, most.min(single * VOLTS), 1);
            }
        }
        sum
    }

    /// What all that charge may draw together of what the whole charge point may, in tenths, and which
    /// is more than that: whatever the way it is shared.
    pub fn excess(&self, now: i64, told: &[(u8, (u64, u64, u64))]) -> Option<(u64, Limit)> {
        let max = self.max(now)?;
        let charging = told.iter().filter(|it| self.began(it.0).is_some());
        let charging = charging.filter(|it| it.1.0 >= LEAST);
        let drawn: u64 = charging
            .map(|(_, (current, watts, phases))| {
                // Nor more than there is of it.
                let current = (*current).min(self.hardware.current);
                let phases = (*phases).min(self.hardware.phases);
                match max.unit {
                    Unit::A => current,
                    Unit::W => (watts * 10).min(current * VOLTS * phases),
                }
            })
            .sum();
        (drawn > max.amount).then_some((drawn, max))
    }

    /// The part of the whole for a connector.
    fn share(&self, max: Limit, connector: u8, now: i64) -> Limit {
        let total = max.amount;
        let mut candidates = self.running.clone();
        candidates.sort_by_key(|(connector, began)| (*began, *connector));
        let amount = |sum: Sum| match max.unit {
            Unit::A => sum.current,
            Unit::W => sum.power,
        };
        // Who charges: those whose own limits let them, the first ones first, as long as there is
        // enough for each.
        let mut charging = Vec::new();
        let mut needed = 0;
        let mut fits = true;
        for (number, began) in candidates {
            let own = self.own(number, now, Some(began));
            let alone = self.taken(self.lowest(&[own, Some(max)]).unwrap());
            let most = amount(alone);
            let hardware = match max.unit {
                Unit::A => self.hardware.current,
                Unit::W => self.hardware.current * VOLTS * self.hardware.phases,
            };
            let most = most.min(hardware);
            let phases = [own.and_then(|own| own.phases), max.phases];
            let phases = phases.into_iter().flatten().min();
            let phases = match self.hardware.switches {
                true => 1,
                false => phases.unwrap_or(self.hardware.phases),
            };
            let least = match max.unit {
                Unit::A => LEAST,
                Unit::W => LEAST * VOLTS * phases,
            };
            if alone.current < LEAST {
                continue;
            }
            needed += least;
            fits &= needed <= total;
            charging.push((number, most, fits));
        }
        let Some(began) = self.began(connector) else {
            return max;
        };
        if self.running == [(connector, began)] {
            return max;
        }
        if !charging.iter().any(|it| it.0 == connector && it.2) {
            return Limit { amount: 0, ..max };
        }
        charging.retain(|it| it.2);
        // The highest level up to which all of them can be filled.
        let filled = |level: u64| charging.iter().map(|it| it.1.min(level)).sum::<u64>();
        let (mut low, mut high) = (0, total);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match filled(middle) <= total {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        Limit { amount: low, ..max }
    }

    /// What a composite schedule says of a moment: amount, and phases where they are told.
    pub fn composite(
        &self,
        connector: u8,
        unit: Unit,
        now: i64,
        asked_at: i64,
    ) -> (u64, Option<u64>) {
        let hardware = match unit {
            Unit::A => self.hardware.current,
            Unit::W => self.hardware.current * VOLTS * self.hardware.phases,
        };
        let value = |sum: Sum| {
            let (amount, is_given) = match unit {
                Unit::A => (sum.current, sum.amperes == Some(sum.current)),
                Unit::W => (sum.power, sum.watts == Some(sum.power)),
            };
            (amount, (sum.said || !is_given).then_some(sum.phases))
        };
        let of = |connector: u8, max: Option<Limit>| {
            let began = self.began(connector).unwrap_or(asked_at);
            // A transaction that began within the second of the question.
            let began = began.min(now);
            match self.lowest(&[self.own(connector, now, Some(began)), max]) {
                Some(sum) if value(sum).0 <= hardware => value(sum),
                _ => (hardware, None),
            }
        };
        if connector > 0 {
            return of(connector, self.max(now));
        }
        let all: Vec<_> = (1..=self.connectors).map(|it| of(it, None)).collect();
        let sum = all.iter().map(|it| it.0).sum();
        let max = self.lowest(&[self.max(now)]).map(value);
        match max.filter(|max| max.0 <= sum) {
            Some(max) => max,
            None => (sum, all.iter().filter_map(|it| it.1).max()),
        }
    }
}
