//! The state of a station that is looked at, as JSON.

use serde_json::{Map, Value, json};

use crate::{
    station::{Common, Plan},
    station_json::version_name,
    table::Connection,
    trouble::Trouble,
};

/// What is known of any station; the rest is that of one without power.
pub fn about(
    common: &Common,
    plan: &Plan,
    last_error: Option<(u64, Trouble)>,
) -> Map<String, Value> {
    let setup = &common.setup;
    let error = last_error.map(|(at, trouble)| json!({ "t": at, "error": trouble.shown() }));
    let fields = [
        ("running", json!(false)),
        ("identity", json!(setup.identity(plan.number))),
        ("version", json!(version_name(plan.version))),
        ("csms", json!(setup.url())),
        ("url", json!(setup.url_of(plan.number))),
        ("connection", json!(Connection::Off.as_str())),
        ("registration", Value::Null),
        ("nextAttempt", Value::Null),
        ("link", json!(true)),
        ("queue", json!({ "messages": 0, "free": 0, "attempts": 0 })),
        ("localList", json!({ "version": 0, "entries": 0 })),
        ("profiles", json!(0)),
        ("lastError", json!(error)),
    ];
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Tells who looks at a station that it has no power, or has not started yet.
pub fn publish_off(common: &Common, plan: &Plan, last_error: Option<(u64, Trouble)>) {
    common.watchers.tell(plan.place, |watcher| {
        let mut state = about(common, plan, last_error);
        let connectors = (0..=common.setup.connectors).map(connector_off);
        state.insert("connectors".to_owned(), connectors.collect());
        watcher.state(common.now(), Value::Object(state));
    });
}

fn connector_off(number: u8) -> Value {
    let mut shown = json!({
        "connector": number, "status": null, "errorCode": null, "info": "", "limit": null,
        "reservationId": null, "reservedFor": null,
    });
    if number > 0
        && let Some(fields) = shown.as_object_mut()
    {
        for (name, value) in [
            ("power", json!(0)),
            ("plugged", json!(false)),
            ("energized", json!(false)),
            ("byHand", json!(false)),
        ] {
            fields.insert(name.to_owned(), value);
        }
        for name in [
            "energy",
            "transactionId",
            "idTag",
            "meterStart",
            "startedAt",
            "awaited",
        ] {
            fields.insert(name.to_owned(), Value::Null);
        }
    }
    shown
}
