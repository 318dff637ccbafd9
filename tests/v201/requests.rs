//! What the CSMS asks for.

use ocpp::{
    domain::{Status, UnlockStatus},
    station::Input,
};
use serde_json::json;

use crate::{
    bench, gist,
    support::{Answer, Bench, MINUTE, SECOND},
};

#[test]
fn availability_of_a_connector_an_evse_and_the_station() {
    let mut bench = bench();
    for evse in [json!({ "id": 1 }), json!({ "id": 1, "connectorId": 1 })] {
        let ask = |kind: &str| json!({ "operationalStatus": kind, "evse": evse });
        assert_eq!(
            bench.status_of("ChangeAvailability", ask("Inoperative")),
            "Accepted"
        );
        let status = bench.find_call("StatusNotification");
        assert_eq!(
            (&status["connectorStatus"], &status["evseId"]),
            (&json!("Unavailable"), &json!(1))
        );
        assert_eq!(
            bench.status_of("ChangeAvailability", ask("Operative")),
            "Accepted"
        );
        assert_eq!(
            bench.find_call("StatusNotification")["connectorStatus"],
            "Available"
        );
    }
    for evse in [json!({ "id": 3 }), json!({ "id": 1, "connectorId": 2 })] {
        let ask = json!({ "operationalStatus": "Inoperative", "evse": evse });
        assert_eq!(bench.status_of("ChangeAvailability", ask), "Rejected");
    }
    bench.charge(1, "TAG");
    let ask = json!({ "operationalStatus": "Inoperative" });
    assert_eq!(bench.status_of("ChangeAvailability", ask), "Scheduled");
    assert_eq!(bench.find_call("StatusNotification")["evseId"], 2);
    bench.unplug(1);
    assert_eq!(bench.status(1), Some(Status::Unavailable));
}

#[test]
fn reset() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    let ask = json!({ "type": "OnIdle", "evseId": 1 });
    assert_eq!(bench.status_of("Reset", ask), "Rejected");
    assert_eq!(
        bench.status_of("Reset", json!({ "type": "OnIdle" })),
        "Scheduled"
    );
    bench.advance(30 * MINUTE);
    assert!(bench.resets.is_empty());
    assert!(bench.is_charging(1));
    bench.unplug(1);
    bench.advance(SECOND);
    assert_eq!(bench.resets.len(), 1);

    bench.advance(MINUTE);
    bench.charge(1, "TAG");
    assert_eq!(
        bench.status_of("Reset", json!({ "type": "Immediate" })),
        "Accepted"
    );
    bench.advance(MINUTE);
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(ended["triggerReason"], "ResetCommand");
    assert_eq!(ended["transactionInfo"]["stoppedReason"], "ImmediateReset");
    assert_eq!(bench.resets.len(), 2);
}

#[test]
fn unlock() {
    let mut bench = bench();
    let ask = |evse: i32, connector: i32| json!({ "evseId": evse, "connectorId": connector });
    assert_eq!(bench.status_of("UnlockConnector", ask(1, 1)), "Unlocked");
    assert_eq!(
        bench.status_of("UnlockConnector", ask(1, 2)),
        "UnknownConnector"
    );
    assert_eq!(
        bench.status_of("UnlockConnector", ask(9, 1)),
        "UnknownConnector"
    );
    bench.lock = Some(UnlockStatus::NotSupported);
    assert_eq!(
        bench.status_of("UnlockConnector", ask(1, 1)),
        "UnlockFailed"
    );
    bench.charge(1, "TAG");
    let status = bench.status_of("UnlockConnector", ask(1, 1));
    assert_eq!(status, "OngoingAuthorizedTransaction");
    assert!(bench.is_charging(1));
}

#[test]
fn triggered_messages() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    let trigger = |bench: &mut Bench, message: &str, evse: Option<i32>| {
        let mut ask = json!({ "requestedMessage": message });
        if let Some(evse) = evse {
            ask["evse"] = json!({ "id": evse });
        }
        bench.status_of("TriggerMessage", ask)
    };
    assert_eq!(trigger(&mut bench, "Heartbeat", None), "Accepted");
    bench.find_call("Heartbeat");
    assert_eq!(
        trigger(&mut bench, "StatusNotification", Some(1)),
        "Accepted"
    );
    assert_eq!(
        bench.find_call("StatusNotification")["connectorStatus"],
        "Occupied"
    );
    assert_eq!(
        trigger(&mut bench, "StatusNotification", Some(9)),
        "Rejected"
    );
    assert_eq!(trigger(&mut bench, "MeterValues", Some(1)), "Accepted");
    let values = bench.find_call("MeterValues");
    assert_eq!(values["evseId"], 1);
    assert_eq!(
        values["meterValue"][0]["sampledValue"][0]["context"],
        "Trigger"
    );
    assert_eq!(trigger(&mut bench, "TransactionEvent", Some(1)), "Accepted");
    let updated = bench.find_call("TransactionEvent");
    assert_eq!(gist(&updated), ("Updated", "Trigger", 1, "Charging"));
    assert_eq!(trigger(&mut bench, "TransactionEvent", Some(2)), "Rejected");
    assert_eq!(
        trigger(&mut bench, "LogStatusNotification", None),
        "NotImplemented"
    );
}

#[test]
fn data_transfer_and_the_cache() {
    let mut bench = bench();
    let ask = json!({ "vendorId": "com.example", "data": "text" });
    assert_eq!(bench.status_of("DataTransfer", ask), "Accepted");
    let ask = json!({ "vendorId": "com.example", "data": { "any": [1, 2] } });
    assert_eq!(bench.status_of("DataTransfer", ask), "Rejected");
    let ask = json!({ "vendorId": "org.example" });
    assert_eq!(bench.status_of("DataTransfer", ask), "UnknownVendorId");
    let custom = json!({ "customData": { "vendorId": "org.example", "more": true } });
    assert_eq!(bench.status_of("ClearCache", custom), "Accepted");
}

#[test]
fn what_is_not_there_and_what_is_wrong() {
    let mut bench = bench();
    let report = json!({ "requestId": 1, "reportBase": "FullInventory" });
    assert_eq!(bench.call_error("GetBaseReport", report), "NotSupported");
    let bad = [
        (
            "Reset",
            json!({ "type": "Soft" }),
            "PropertyConstraintViolation",
        ),
        ("Reset", json!({}), "ProtocolError"),
        ("ClearCache", json!({ "more": 1 }), "FormatViolation"),
        (
            "UnlockConnector",
            json!({ "evseId": "1", "connectorId": 1 }),
            "TypeConstraintViolation",
        ),
        ("RemoteStartTransaction", json!({}), "NotImplemented"),
    ];
    for (action, payload, expected) in bad {
        let frame = json!([2, "odd", action, payload]).to_string();
        match bench
            .odd_frame(Input::Frame(frame.as_bytes()), "odd")
            .as_slice()
        {
            [Answer::Error { code, .. }] => assert_eq!(code, expected, "{frame}"),
            answers => panic!("{answers:?}"),
        }
    }
}
