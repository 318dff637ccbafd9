//! A composite schedule of OCPP 2.0.1 (K08), as a station tells one. No message asks for it yet.

use crate::{
    domain::ChargingRateUnit,
    wire::{UnixMillis, Writer},
};

/// Begins GetCompositeScheduleResponse; periods and its end follow.
pub(crate) fn begin_composite(
    w: &mut Writer<'_>,
    evse: u8,
    start: UnixMillis,
    unit: ChargingRateUnit,
) {
    w.begin_object();
    w.word("status", "Accepted");
    w.begin_object_field("schedule");
    w.integer("evseId", evse.into());
    w.time("scheduleStart", start);
    w.word("chargingRateUnit", unit.as_str());
    w.begin_list("chargingSchedulePeriod");
}
