//! TransactionEventRequest (E01 to E12).

use core::fmt::Write;

use heapless::String;

use super::{
    messages::{id_token, sampled_value},
    names,
};
use crate::{
    dialect::{
        Event,
        shared::{begin_meter_value, end_list_and_object},
    },
    domain::{Context, IdToken, Measurand, Reason, TransactionId, TriggerReason},
    wire::Writer,
};

/// Begins any of them, up to the token.
fn begin(
    w: &mut Writer<'_>,
    kind: &'static str,
    event: &Event,
    trigger: TriggerReason,
    stopped: Option<Reason>,
) {
    let facts = &event.facts;
    w.begin_object();
    w.word("eventType", kind);
    w.time("timestamp", event.timestamp);
    w.word("triggerReason", trigger.as_str());
    w.integer("seqNo", facts.sequence.into());
    if facts.offline {
        w.boolean("offline", true);
    }
    w.begin_object_field("transactionInfo");
    let mut id = String::<20>::new();
    // Both forms of an id fit.
    let _ = write!(id, "{}", facts.id);
    w.text("transactionId", &id);
    w.word("chargingState", facts.state.as_str());
    if let Some(reason) = stopped {
        w.word("stoppedReason", names::reason(reason));
    }
    if let Some(id) = facts.remote_start {
        w.integer("remoteStartId", id.into());
    }
    w.end_object();
    w.begin_object_field("evse");
    w.integer("id", event.connector.into());
    w.integer("connectorId", 1);
    w.end_object();
}

/// The register at the beginning or at the end.
fn register(w: &mut Writer<'_>, event: &Event, context: Context, wh: i32) {
    begin_meter_value(w, event.timestamp);
    sampled_value(w, context, Measurand::EnergyActiveImportRegister, None, wh);
    end_list_and_object(w);
}

pub(crate) fn started(
    w: &mut Writer<'_>,
    event: &Event,
    token: &IdToken,
    meter_start: i32,
    _: Option<i32>,
) {
    begin(w, "Started", event, event.facts.trigger, None);
    id_token(w, token);
    w.begin_list("meterValue");
    register(w, event, Context::TransactionBegin, meter_start);
    end_list_and_object(w);
}

pub(crate) fn begin_updated(w: &mut Writer<'_>, event: &Event, has_readings: bool) {
    begin(w, "Updated", event, event.facts.trigger, None);
    if has_readings {
        w.begin_list("meterValue");
    }
}

pub(crate) fn end_updated(w: &mut Writer<'_>, has_readings: bool) {
    if has_readings {
        w.end_list();
    }
    w.end_object();
}

pub(crate) fn begin_ended(
    w: &mut Writer<'_>,
    event: &Event,
    token: Option<&IdToken>,
    _: i32,
    reason: Reason,
    _: bool,
) {
    begin(w, "Ended", event, names::end_trigger(reason), Some(reason));
    if let Some(token) = token {
        id_token(w, token);
    }
    w.begin_list("meterValue");
}

/// The register at the end goes last, behind what was read before, unless it is the last of that.
pub(crate) fn end_ended(w: &mut Writer<'_>, event: &Event, meter_stop: Option<i32>, _: bool) {
    if let Some(wh) = meter_stop {
        register(w, event, Context::TransactionEnd, wh);
    }
    end_list_and_object(w);
}

/// MeterValuesRequest, which is of no transaction.
pub(crate) fn begin_meter_values(w: &mut Writer<'_>, connector: u8, _: Option<TransactionId>) {
    w.begin_object();
    w.integer("evseId", connector.into());
    w.begin_list("meterValue");
}
