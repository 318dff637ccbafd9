//! BootNotification (B01 to B03) and what a station may do before it is accepted.

use ocpp::domain::Status;
use serde_json::json;

use crate::{
    bench, setup,
    support::{Bench, MINUTE, SECOND},
};

#[test]
fn accepted() {
    let mut bench = Bench::cold(setup());
    bench.advance(0);
    assert_eq!(
        bench.find_call("BootNotification"),
        json!({
            "reason": "PowerUp",
            "chargingStation": { "model": "Wallbox 11", "vendorName": "Acme" },
        })
    );
    // One report for each connector, none for the whole.
    for evse in [1, 2] {
        let status = bench.find_call("StatusNotification");
        assert_eq!(status["evseId"], evse);
        assert_eq!(status["connectorStatus"], "Available");
    }
    bench.advance(SECOND);
    assert!(bench.all_calls("StatusNotification").is_empty());
    assert_eq!(bench.status(0), Some(Status::Available));
    bench.advance(5 * MINUTE);
    assert_eq!(bench.find_call("Heartbeat"), json!({}));
}

#[test]
fn a_pending_station_starts_nothing() {
    let mut bench = Bench::cold(setup());
    bench.register_with("Pending", 60);
    bench.advance(SECOND);
    bench.plug(1);
    let token = json!({ "idToken": "TAG", "type": "Central" });
    let start = json!({ "idToken": token, "remoteStartId": 1 });
    assert_eq!(
        bench.status_of("RequestStartTransaction", start),
        "Rejected"
    );
    let trigger = json!({ "requestedMessage": "BootNotification" });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    bench.find_call("BootNotification");
    assert_eq!(bench.find_call("BootNotification")["reason"], "Triggered");
}

#[test]
fn a_rejected_station_answers_with_an_error() {
    let mut bench = Bench::cold(setup());
    bench.register_with("Rejected", 60);
    bench.advance(SECOND);
    assert_eq!(bench.call_error("ClearCache", json!({})), "SecurityError");
    bench.register_with("Accepted", 300);
    bench.advance(MINUTE);
    assert!(bench.is_online());
}

#[test]
fn the_subprotocol_is_that_of_the_version() {
    assert_eq!(setup().version.subprotocol(), "ocpp2.0.1");
    assert!(bench().is_online());
}
