//! TriggerMessage (OCPP 1.6, 5.17).

use serde_json::{Value, json};

use crate::support::{Bench, SECOND, sampled};

fn trigger(bench: &mut Bench, message: &str, connector: Option<i32>) -> String {
    let mut payload = json!({ "requestedMessage": message });
    if let Some(connector) = connector {
        payload["connectorId"] = json!(connector);
    }
    bench.status_of("TriggerMessage", payload)
}

fn connectors(calls: &[Value]) -> Vec<u64> {
    let numbers = calls.iter().map(|call| call["connectorId"].as_u64());
    numbers.map(Option::unwrap).collect()
}

#[test]
fn the_answer_goes_first_then_the_message() {
    for message in [
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    ] {
        let mut bench = Bench::new();
        assert_eq!(trigger(&mut bench, message, Some(1)), "Accepted");
        bench.advance(0);
        assert_eq!(bench.order(), ["-> TriggerMessage", message]);
        bench.advance(200 * SECOND);
        assert_eq!(bench.order().len(), 2, "{:?}", bench.order());
    }
}

#[test]
fn the_status_of_one_connector_or_of_all() {
    let mut bench = Bench::new();
    bench.plug(2);
    bench.forget();
    trigger(&mut bench, "StatusNotification", Some(2));
    bench.expect_status(2, "Preparing");
    bench.expect_no_call();
    trigger(&mut bench, "StatusNotification", Some(0));
    bench.expect_status(0, "Available");
    bench.expect_no_call();
    trigger(&mut bench, "StatusNotification", None);
    let all = bench.all_calls("StatusNotification");
    assert_eq!(connectors(&all), [0, 1, 2]);
}

#[test]
fn meter_values_of_one_connector() {
    let mut bench = Bench::new();
    assert_eq!(trigger(&mut bench, "MeterValues", Some(1)), "Accepted");
    let values = bench.expect_call("MeterValues");
    assert_eq!(
        values,
        json!({
            "connectorId": 1,
            "meterValue": [{
                "timestamp": bench.utc(),
                "sampledValue": [{
                    "value": "1000",
                    "context": "Trigger",
                    "measurand": "Energy.Active.Import.Register",
                    "unit": "Wh",
                }],
            }],
        })
    );
    bench.expect_no_call();
}

#[test]
fn meter_values_in_a_transaction_say_which() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(25 * SECOND);
    trigger(&mut bench, "MeterValues", Some(1));
    let values = bench.expect_call("MeterValues");
    assert_eq!(values["transactionId"], 101);
    assert_eq!(sampled(&values)[0]["value"], "1050");
    assert_eq!(sampled(&values)[0]["context"], "Trigger");
}

#[test]
fn meter_values_of_all_connectors() {
    let mut bench = Bench::new();
    assert_eq!(trigger(&mut bench, "MeterValues", None), "Accepted");
    bench.advance(5 * SECOND);
    let mut all = connectors(&bench.all_calls("MeterValues"));
    all.retain(|&connector| connector != 0);
    assert_eq!(all, [1, 2]);
}

#[test]
fn meter_values_of_a_meter_that_does_not_answer() {
    let mut bench = Bench::new();
    bench.read_meter(1);
    bench.break_meter(1);
    bench.advance(60 * SECOND);
    assert_eq!(trigger(&mut bench, "MeterValues", Some(1)), "Accepted");
    bench.advance(2 * SECOND);
    let values = bench.expect_call("MeterValues");
    assert_eq!(sampled(&values)[0]["value"], "1000");
}

#[test]
fn messages_of_absent_profiles_are_not_implemented() {
    let mut bench = Bench::new();
    for message in [
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
    ] {
        assert_eq!(trigger(&mut bench, message, None), "NotImplemented");
    }
    bench.expect_no_call();
}

#[test]
fn unknown_connectors_are_rejected() {
    let mut bench = Bench::new();
    for connector in [-1, 3, 256, i32::MAX] {
        for message in ["StatusNotification", "MeterValues"] {
            assert_eq!(trigger(&mut bench, message, Some(connector)), "Rejected");
        }
    }
    bench.expect_no_call();
}

#[test]
fn a_triggered_boot_notification_does_not_boot_again() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    assert_eq!(trigger(&mut bench, "BootNotification", None), "Accepted");
    bench.expect_call("BootNotification");
    bench.expect_no_call();
    assert!(bench.is_charging(1));
    assert!(bench.is_online());
}

#[test]
fn a_triggered_heartbeat_counts_as_one() {
    let mut bench = Bench::new();
    bench.advance(200 * SECOND);
    trigger(&mut bench, "Heartbeat", None);
    bench.expect_call("Heartbeat");
    bench.advance(299 * SECOND);
    bench.expect_no_call();
    bench.advance(SECOND);
    bench.expect_call("Heartbeat");
}
