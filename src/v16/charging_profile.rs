//! A charging profile of OCPP 1.6 (7.8 ChargingProfile), as a station takes it, and a composite schedule,
//! as it tells one.

use super::smart_charging::{ChargingProfile as Asked, ChargingSchedulePeriod, PERIODS};
use crate::{
    dialect::{ChargingPeriod, ChargingPeriods, ChargingProfile, ChargingSchedule},
    domain::{ChargingRateUnit, TransactionId},
    wire::{UnixMillis, Writer, field::Violation, message::Objects},
};

/// To the letter if `exact`.
pub(super) fn profile(asked: Asked<'_>, exact: bool) -> ChargingProfile<'_> {
    let schedule = asked.schedule;
    ChargingProfile {
        id: asked.charging_profile_id,
        purpose: asked.purpose,
        transaction: asked.transaction_id.map(TransactionId::from),
        stack_level: asked.stack_level,
        valid_from: asked.valid_from,
        valid_to: asked.valid_to,
        kind: asked.kind,
        recurrency: asked.recurrency,
        schedule: ChargingSchedule {
            duration: schedule.duration,
            start: schedule.start,
            unit: schedule.unit,
            min_rate: schedule.min_rate,
            periods: ChargingPeriods {
                objects: Objects::of(schedule.periods, PERIODS, exact),
                read: period,
            },
        },
    }
}

fn period(objects: &mut Objects<'_>) -> Option<Result<ChargingPeriod, Violation>> {
    let read = objects.read_next::<ChargingSchedulePeriod>()?;
    Some(read.map(|period| ChargingPeriod {
        start: period.start,
        limit: period.limit,
        phases: period.phases,
    }))
}

/// Begins 6.22 GetCompositeSchedule.conf; periods and its end follow.
pub(crate) fn begin_composite(
    w: &mut Writer<'_>,
    connector: u8,
    start: UnixMillis,
    unit: ChargingRateUnit,
) {
    w.begin_object();
    w.word("status", "Accepted");
    w.integer("connectorId", connector.into());
    w.time("scheduleStart", start);
    w.begin_object_field("chargingSchedule");
    w.time("startSchedule", start);
    w.word("chargingRateUnit", unit.as_str());
    w.begin_list("chargingSchedulePeriod");
}
