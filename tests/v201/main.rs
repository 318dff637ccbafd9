//! A first session of OCPP 2.0.1, on the bench of OCPP 1.6: the same station, in other words.
#![allow(clippy::restriction)] // What fails here may panic.

// Each test crate uses its part of the bench.
#[allow(dead_code, unused_imports)]
#[path = "../support/mod.rs"]
mod support;

mod availability;
mod boot;
mod device_model;
mod offline;
mod power_cuts;
mod requests;
mod restarts;
#[cfg(feature = "security")]
mod security_events;
mod session;

use ocpp::Version;
use serde_json::Value;
use support::{Bench, Setup};

/// A station that has been accepted and has reported its connectors.
fn bench() -> Bench {
    Bench::with(setup())
}

fn setup() -> Setup {
    Setup {
        version: Version::V201,
        ..Setup::default()
    }
}

/// What a transaction event is about: its kind, its trigger, its number and the charging state.
fn gist(event: &Value) -> (&str, &str, i64, &str) {
    (
        event["eventType"].as_str().unwrap(),
        event["triggerReason"].as_str().unwrap(),
        event["seqNo"].as_i64().unwrap(),
        event["transactionInfo"]["chargingState"].as_str().unwrap(),
    )
}

/// The transactionId of an event.
fn id_of(event: &Value) -> &str {
    event["transactionInfo"]["transactionId"].as_str().unwrap()
}
