//! What the CSMS asks for.

use ocpp::{
    domain::{ChargePointError, Status, UnlockStatus},
    station::{Input, Key},
};
use serde_json::json;

use crate::{
    bench, gist,
    support::{Answer, Bench, MINUTE, Reply, SECOND, Setup},
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
    let sample = &updated["meterValue"][0]["sampledValue"][0];
    assert_eq!(sample["context"], "Trigger");
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
    let ask = json!({ "vendorId": "org.example", "data": [1] });
    assert_eq!(bench.status_of("DataTransfer", ask), "UnknownVendorId");
    bench.configure(Key::AuthorizationCacheEnabled, "false");
    assert_eq!(bench.status_of("ClearCache", json!({})), "Rejected");
    bench.configure(Key::AuthorizationCacheEnabled, "true");
    let custom = json!({ "customData": { "vendorId": "org.example", "more": true } });
    assert_eq!(bench.status_of("ClearCache", custom), "Accepted");
}

#[test]
fn what_is_not_there_and_what_is_wrong() {
    let mut bench = bench();
    let log = json!({ "requestId": 1, "logType": "SecurityLog", "log": { "remoteLocation": "x" } });
    assert_eq!(bench.call_error("GetLog", log), "NotSupported");
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
        (
            "GetVariables",
            json!({ "getVariableData": [{
                "attributeType": "Wrong",
                "component": { "name": "TxCtrlr" },
                "variable": { "name": "EVConnectionTimeOut" },
            }] }),
            "PropertyConstraintViolation",
        ),
        (
            "GetVariables",
            json!({ "getVariableData": {} }),
            "TypeConstraintViolation",
        ),
        (
            "SetVariables",
            json!({ "setVariableData": [] }),
            "OccurrenceConstraintViolation",
        ),
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

fn variable(component: &str, name: &str) -> serde_json::Value {
    json!({ "component": { "name": component }, "variable": { "name": name } })
}

#[test]
fn variables_are_told() {
    let mut bench = bench();
    let mut instance = variable("OCPPCommCtrlr", "MessageAttempts");
    instance["variable"]["instance"] = json!("TransactionEvent");
    let mut target = variable("TxCtrlr", "EVConnectionTimeOut");
    target["attributeType"] = json!("Target");
    let mut actual = variable("sampleddatactrlr", "TXUPDATEDINTERVAL");
    actual["attributeType"] = json!("Actual");
    let mut of_evse = variable("TxCtrlr", "EVConnectionTimeOut");
    of_evse["component"]["evse"] = json!({ "id": 1 });
    let cases = [
        (instance, "Accepted", Some("3")),
        (
            variable("AuthCtrlr", "LocalPreAuthorize"),
            "Accepted",
            Some("false"),
        ),
        (
            variable("SampledDataCtrlr", "TxUpdatedMeasurands"),
            "Accepted",
            Some("Energy.Active.Import.Register"),
        ),
        (actual, "Accepted", Some("60")),
        (target, "NotSupportedAttributeType", None),
        (variable("AuthCtrlr", "Nonsense"), "UnknownVariable", None),
        (
            variable("OCPPCommCtrlr", "MessageAttempts"),
            "UnknownVariable",
            None,
        ),
        (variable("Nonsense", "Enabled"), "UnknownComponent", None),
        (of_evse, "UnknownComponent", None),
    ];
    let asked: Vec<_> = cases.iter().map(|(asked, ..)| asked.clone()).collect();
    let told = bench.call("GetVariables", json!({ "getVariableData": asked }));
    let results = told["getVariableResult"].as_array().unwrap();
    assert_eq!(results.len(), cases.len());
    for (result, (asked, status, value)) in results.iter().zip(cases) {
        assert_eq!(result["attributeStatus"], status, "{result}");
        assert_eq!(
            result.get("attributeValue"),
            value.map(|it| json!(it)).as_ref(),
            "{result}"
        );
        for field in ["component", "variable", "attributeType"] {
            assert_eq!(result.get(field), asked.get(field));
        }
    }
}

#[test]
fn variables_are_set_and_last() {
    let mut bench = bench();
    let set = |component: &str, name: &str, value: &str| {
        let mut data = variable(component, name);
        data["attributeValue"] = json!(value);
        data
    };
    let data = json!([
        set("TxCtrlr", "EVConnectionTimeOut", "77"),
        set("TxCtrlr", "EVConnectionTimeOut", "soon"),
        set("AuthCtrlr", "LocalPreAuthorize", "true"),
        set("AuthCtrlr", "Nonsense", "1"),
        set("Nonsense", "Enabled", "1"),
    ]);
    let told = bench.call("SetVariables", json!({ "setVariableData": data }));
    let results = told["setVariableResult"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| &result["attributeStatus"])
        .collect();
    assert_eq!(
        statuses,
        [
            "Accepted",
            "Rejected",
            "Accepted",
            "UnknownVariable",
            "UnknownComponent"
        ]
    );
    bench.power_loss();
    bench.advance(MINUTE);
    let asked = json!([variable("TxCtrlr", "EVConnectionTimeOut")]);
    let told = bench.call("GetVariables", json!({ "getVariableData": asked }));
    assert_eq!(told["getVariableResult"][0]["attributeValue"], "77");
}

#[test]
fn too_many_variables_are_an_error() {
    let mut bench = bench();
    let asked = vec![variable("TxCtrlr", "EVConnectionTimeOut"); 17];
    let code = bench.call_error("GetVariables", json!({ "getVariableData": asked }));
    assert_eq!(code, "OccurrenceConstraintViolation");
}

#[test]
fn what_is_broken_for_all_is_broken_at_each() {
    let mut bench = bench();
    bench.fault(0, ChargePointError::GroundFailure, "");
    for evse in [1, 2] {
        let status = bench.find_call("StatusNotification");
        assert_eq!(
            (&status["evseId"], &status["connectorStatus"]),
            (&json!(evse), &json!("Faulted"))
        );
    }
    bench.input(Input::FaultCleared(0)).unwrap();
    for evse in [1, 2] {
        let status = bench.find_call("StatusNotification");
        assert_eq!(
            (&status["evseId"], &status["connectorStatus"]),
            (&json!(evse), &json!("Available"))
        );
    }
}

/// The parts of a report, with all variables in them.
fn report(bench: &mut Bench, id: i32, base: &str) -> Vec<serde_json::Value> {
    let ask = json!({ "requestId": id, "reportBase": base });
    assert_eq!(bench.status_of("GetBaseReport", ask), "Accepted");
    bench.advance(SECOND);
    let parts = bench.all_calls("NotifyReport");
    for (place, part) in parts.iter().enumerate() {
        assert_eq!(
            (&part["requestId"], &part["seqNo"]),
            (&json!(id), &json!(place))
        );
        assert_eq!(part["tbc"], place + 1 < parts.len());
        assert_eq!(part["generatedAt"], parts[0]["generatedAt"]);
    }
    let data = parts
        .iter()
        .flat_map(|part| part["reportData"].as_array().unwrap().clone());
    let data: Vec<_> = data.collect();
    assert!(parts.len() > 1 && !data.is_empty());
    data
}

#[test]
fn reports_come_in_parts_behind_their_answer() {
    let mut bench = Bench::with(Setup {
        tx: 1_536,
        ..crate::setup()
    });
    let all = report(&mut bench, 7, "FullInventory");
    let writable = report(&mut bench, 8, "ConfigurationInventory");
    let address = |one: &serde_json::Value| (one["component"].clone(), one["variable"].clone());
    for (place, one) in all.iter().enumerate() {
        assert!(
            !all[..place]
                .iter()
                .any(|other| address(other) == address(one)),
            "{one}"
        );
        let attribute = &one["variableAttribute"][0];
        let is_writable = attribute["mutability"] != "ReadOnly";
        assert_eq!(writable.contains(one), is_writable, "{one}");
    }
    let interval = variable("SampledDataCtrlr", "TxUpdatedInterval");
    let told = all
        .iter()
        .find(|one| address(one) == address(&interval))
        .unwrap();
    assert_eq!(told["variableCharacteristics"]["dataType"], "integer");
}

#[test]
fn one_report_at_a_time_and_none_that_is_not_there() {
    let mut bench = bench();
    bench.reply_once("NotifyReport", Reply::Result(json!({})).after(5 * SECOND));
    let ask = |id: i32, base: &str| json!({ "requestId": id, "reportBase": base });
    assert_eq!(
        bench.status_of("GetBaseReport", ask(1, "FullInventory")),
        "Accepted"
    );
    assert_eq!(
        bench.status_of("GetBaseReport", ask(2, "FullInventory")),
        "Rejected"
    );
    assert_eq!(
        bench.status_of("GetBaseReport", ask(3, "SummaryInventory")),
        "Rejected"
    );
    bench.advance(MINUTE);
    assert_eq!(
        bench.status_of("GetBaseReport", ask(4, "FullInventory")),
        "Accepted"
    );
    bench.disconnect();
    bench.reconnect();
    bench.advance(MINUTE);
    // What is left of it when the connection breaks is not told any more.
    assert_eq!(
        bench.status_of("GetBaseReport", ask(5, "FullInventory")),
        "Accepted"
    );
}

#[test]
fn the_next_report_does_not_wait_for_the_answer_to_the_last_part() {
    let mut bench = Bench::with(Setup {
        tx: 65_536,
        ..crate::setup()
    });
    // It has one part.
    bench.reply_once("NotifyReport", Reply::Result(json!({})).after(5 * SECOND));
    for id in [1, 2] {
        let ask = json!({ "requestId": id, "reportBase": "FullInventory" });
        assert_eq!(bench.status_of("GetBaseReport", ask), "Accepted");
    }
    bench.advance(MINUTE);
    let parts = bench.all_calls("NotifyReport");
    let told: Vec<_> = parts
        .iter()
        .map(|part| (&part["requestId"], &part["seqNo"]))
        .collect();
    assert_eq!(told, [(&json!(1), &json!(0)), (&json!(2), &json!(0))]);
}
