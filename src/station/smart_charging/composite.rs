//! GetCompositeSchedule (OCPP 1.6, 5.7): what may be drawn from now on, told in parts where it does
//! not fit into the transmit buffer.

use super::{
    Running, SmartCharging,
    power::{Amount, Hardware},
    schedule::{FOREVER, Moment},
    stack::{Bounds, Place, bounds_at},
};
use crate::{
    dialect::Version,
    domain::{ChargingRateUnit, Equipment},
    station::transactions::Transactions,
    storage::Storage,
    wire::{UnixMillis, Writer},
};

/// Periods that are told at most, and changes that are looked at for them: a schedule of many years ends
/// where one of them does.
const MOST_PERIODS: u32 = 1_000;
const MOST_CHANGES: u32 = 2_000;

/// The schedule that is told, and how far.
#[derive(Debug)]
pub struct Report {
    connector: u8,
    unit: ChargingRateUnit,
    /// Seconds.
    duration: u32,
    /// Whole seconds of UTC, and the same on the monotonic clock, which may have begun later.
    start: UnixMillis,
    start_uptime: i64,
    /// The second that is told next.
    next: u32,
    told: u32,
    looked_at: u32,
    last: Option<Value>,
}

/// What a period tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Value {
    /// Tenths.
    amount: u64,
    /// 0 for none.
    phases: u8,
}

impl Report {
    /// `],"duration":2147483647}}` and the end of the frame.
    const END: usize = 32;

    /// From the second on that has begun at `now`, which is `utc`.
    pub fn new(
        connector: u8,
        unit: Option<ChargingRateUnit>,
        duration: u32,
        utc: UnixMillis,
        now: u64,
    ) -> Self {
        let millis = utc.rem_euclid(1_000);
        Self {
            connector,
            unit: unit.unwrap_or(ChargingRateUnit::A),
            duration,
            start: utc - millis,
            start_uptime: i64::try_from(now).unwrap_or(i64::MAX) - millis,
            next: 0,
            told: 0,
            looked_at: 0,
            last: None,
        }
    }
}

/// What is looked at for it.
pub struct Sources<'s> {
    pub version: Version,
    pub storage: &'s mut dyn Storage,
    pub transactions: &'s Transactions,
    pub equipment: &'s Equipment<'s>,
    pub connectors: u8,
}

impl SmartCharging {
    /// Begins to tell a schedule: what stands before its periods.
    pub fn begin_composite(&mut self, w: &mut Writer<'_>, version: Version, report: Report) {
        version.begin_composite(w, report.connector, report.start, report.unit);
        self.report.clear();
        let _ = self.report.push(report);
    }

    /// None is told any more: it was, or the connection is another one.
    pub fn end_composite(&mut self) {
        self.report.clear();
    }

    /// True while one is being told.
    pub fn tells_composite(&self) -> bool {
        !self.report.is_empty()
    }

    /// Writes as many periods as fit; true when those were all of them, and the schedule has its end.
    pub fn go_on_with_composite(&mut self, w: &mut Writer<'_>, sources: &mut Sources<'_>) -> bool {
        let Some(mut report) = self.report.pop() else {
            return true;
        };
        // A profile may turn out to be unreadable.
        self.is_changed = true;
        let has_more = |report: &Report| {
            report.next < report.duration.max(1)
                && report.told < MOST_PERIODS
                && report.looked_at < MOST_CHANGES
        };
        while has_more(&report) {
            let (value, left) = self.value_at(&report, sources);
            // The second in which it changes, at the latest.
            let seconds = match left {
                FOREVER => u32::MAX,
                left => u32::try_from(left.div_ceil(1_000)).unwrap_or(u32::MAX),
            };
            if report.last != Some(value) {
                let mark = w.mark();
                if w.is_empty() && report.told > 0 {
                    w.raw(",");
                }
                let version = sources.version;
                version.charging_period(w, report.next, value.amount, value.phases);
                if w.overflowed() || w.room() < Report::END {
                    w.rewind(mark);
                    let _ = self.report.push(report);
                    return false;
                }
                report.told += 1;
                report.last = Some(value);
            }
            report.looked_at += 1;
            report.next = report.next.saturating_add(seconds.max(1));
        }
        let duration = report.duration.min(report.next);
        sources.version.end_composite(w, duration);
        true
    }

    /// What is told of a second, and how long it stays so.
    fn value_at(&mut self, report: &Report, sources: &mut Sources<'_>) -> (Value, u64) {
        if report.connector != 0 {
            let (amount, left) = self.amount_at(report.connector, report, sources);
            return (in_unit(amount, report.unit), left);
        }
        // OCPP 1.6, 5.7: all that is expected to be drawn from the grid.
        let (mut sum, mut lasts, mut phases) = (0u64, FOREVER, 0);
        for connector in 1..sources.connectors + 1 {
            let hardware = Hardware::of(sources.equipment, connector);
            let (bounds, left) = self.bounds_then(connector, report, sources);
            let value = in_unit(
                (Amount::lowest([bounds.own, None], &hardware), hardware),
                report.unit,
            );
            sum = sum.saturating_add(value.amount);
            phases = phases.max(value.phases);
            lasts = lasts.min(left);
        }
        let hardware = Hardware::of(sources.equipment, 1);
        let (bounds, left) = self.bounds_then(0, report, sources);
        let mut value = Value {
            amount: sum,
            phases,
        };
        if let Some(whole) = Amount::lowest([bounds.station, None], &hardware) {
            let most = told(&whole, report.unit);
            if most.amount <= sum {
                value = most;
            }
        }
        (value, lasts.min(left))
    }

    fn amount_at(
        &mut self,
        connector: u8,
        report: &Report,
        sources: &mut Sources<'_>,
    ) -> ((Option<Amount>, Hardware), u64) {
        let hardware = Hardware::of(sources.equipment, connector);
        let (bounds, left) = self.bounds_then(connector, report, sources);
        let amount = Amount::lowest([bounds.own, bounds.station], &hardware);
        ((amount, hardware), left)
    }

    fn bounds_then(
        &mut self,
        connector: u8,
        report: &Report,
        sources: &mut Sources<'_>,
    ) -> (Bounds, u64) {
        let millis = i64::from(report.next) * 1_000;
        let running = Running::at(sources.transactions, connector);
        let since_start = match running {
            Some(running) => {
                let began = i64::try_from(running.began).unwrap_or(i64::MAX);
                report.start_uptime.saturating_add(millis) - began
            }
            // One that would begin now.
            None => millis,
        };
        let moment = Moment {
            utc: Some(report.start.saturating_add(millis)),
            since_start: Some(u64::try_from(since_start).unwrap_or(0)),
            is_now: false,
        };
        let place = Place {
            connector,
            transaction: running.map(|running| running.number),
        };
        let bounds = bounds_at(&mut self.profiles, sources.storage, place, moment);
        (bounds, bounds.left)
    }
}

/// No more than the connector can deliver.
fn in_unit((amount, hardware): (Option<Amount>, Hardware), unit: ChargingRateUnit) -> Value {
    let most = match unit {
        ChargingRateUnit::A => hardware.current,
        ChargingRateUnit::W => hardware.power(),
    };
    let none = Value {
        amount: most,
        phases: 0,
    };
    match amount.map(|amount| told(&amount, unit)) {
        Some(value) if value.amount <= most => value,
        _ => none,
    }
}

/// The number of phases is told where it was said, or where it is needed to see how one unit became
/// the other.
fn told(amount: &Amount, unit: ChargingRateUnit) -> Value {
    let tells_phases = amount.are_phases_said || amount.is_converted(unit);
    Value {
        amount: match unit {
            ChargingRateUnit::A => amount.current,
            ChargingRateUnit::W => amount.power,
        },
        phases: if tells_phases { amount.phases } else { 0 },
    }
}
