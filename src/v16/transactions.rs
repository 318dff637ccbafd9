//! The messages of a transaction, as a station tells of one.

use super::core_profile::{
    begin_meter_values as begin_values, begin_stop_transaction, begin_transaction_data,
    end_list_and_object, number, start_transaction,
};
use crate::{
    dialect::Event,
    domain::{IdToken, Reason, TransactionId},
    wire::Writer,
};

pub(crate) fn started(
    w: &mut Writer<'_>,
    event: &Event,
    token: &IdToken,
    meter_start: i32,
    reservation: Option<i32>,
) {
    let (connector, timestamp) = (event.connector, event.timestamp);
    start_transaction(w, connector, token, meter_start, reservation, timestamp);
}

pub(crate) fn begin_updated(w: &mut Writer<'_>, event: &Event, _: bool) {
    begin_values(w, event.connector, Some(number(event.transaction_id)));
}

pub(crate) fn end_updated(w: &mut Writer<'_>, _: bool) {
    end_list_and_object(w);
}

pub(crate) fn begin_ended(
    w: &mut Writer<'_>,
    event: &Event,
    token: Option<&IdToken>,
    meter_stop: i32,
    reason: Reason,
    has_readings: bool,
) {
    let (id, timestamp) = (number(event.transaction_id), event.timestamp);
    let token = token.map(IdToken::as_str);
    begin_stop_transaction(w, id, token, meter_stop, reason, timestamp);
    if has_readings {
        begin_transaction_data(w);
    }
}

pub(crate) fn end_ended(w: &mut Writer<'_>, _: &Event, _: Option<i32>, has_readings: bool) {
    if has_readings {
        w.end_list();
    }
    w.end_object();
}

/// Readings outside of transaction messages.
pub(crate) fn begin_meter_values(
    w: &mut Writer<'_>,
    connector: u8,
    transaction_id: Option<TransactionId>,
) {
    begin_values(w, connector, transaction_id.map(|id| number(Some(id))));
}
