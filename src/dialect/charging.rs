//! Charging profiles, as the central system sends them.

use crate::{
    domain::{
        ChargingProfileKind, ChargingProfilePurpose, ChargingRateUnit, RecurrencyKind,
        TransactionId,
    },
    wire::{UnixMillis, field::Violation, message::Objects},
};

/// A charging profile; what of it cannot be is for the station to see.
#[derive(Clone, Debug)]
pub(crate) struct ChargingProfile<'a> {
    pub id: i32,
    pub purpose: ChargingProfilePurpose,
    /// The transaction that it is for.
    pub transaction: Option<TransactionId>,
    /// The higher goes first.
    pub stack_level: i32,
    pub valid_from: Option<UnixMillis>,
    pub valid_to: Option<UnixMillis>,
    pub kind: ChargingProfileKind,
    pub recurrency: Option<RecurrencyKind>,
    pub schedule: ChargingSchedule<'a>,
}

/// Limits over time.
#[derive(Clone, Debug)]
pub(crate) struct ChargingSchedule<'a> {
    /// Seconds.
    pub duration: Option<i32>,
    pub start: Option<UnixMillis>,
    pub unit: ChargingRateUnit,
    /// Below that a vehicle charges badly: in tenths of the unit.
    pub min_rate: Option<i64>,
    pub periods: ChargingPeriods<'a>,
}

/// Its periods, read one by one where they lie.
#[derive(Clone, Debug)]
pub(crate) struct ChargingPeriods<'a> {
    pub objects: Objects<'a>,
    /// Reads one as the version has it.
    pub read: fn(&mut Objects<'a>) -> Option<Result<ChargingPeriod, Violation>>,
}

/// From there to the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChargingPeriod {
    /// Seconds from the start of the schedule.
    pub start: i32,
    /// Tenths of the unit.
    pub limit: i64,
    /// Phases that may be used.
    pub phases: Option<i32>,
}

impl Iterator for ChargingPeriods<'_> {
    type Item = Result<ChargingPeriod, Violation>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.read)(&mut self.objects)
    }
}

/// Which charging profiles are meant: those that all of these fit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChargingProfileFilter {
    /// Alone where it is there.
    pub id: Option<i32>,
    /// Set on that connector; 0 for those of the whole charge point.
    pub connector: Option<i32>,
    pub purpose: Option<ChargingProfilePurpose>,
    pub stack_level: Option<i32>,
}

/// What may be drawn from now on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompositeScheduleAsked {
    /// 0 for what the whole charge point may draw.
    pub connector: i32,
    /// Seconds.
    pub duration: i32,
    pub unit: Option<ChargingRateUnit>,
}
