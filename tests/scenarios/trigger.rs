//! TriggerMessage (OCPP 1.6, 5.17).

use ocpp::{
    domain::Measurand,
    station::{Input, Reading},
};
use serde_json::{Value, json};

use crate::support::{Answer, Bench, MINUTE, Reply, SECOND, Setup, sampled};

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
    for message in ["Heartbeat", "MeterValues", "StatusNotification"] {
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

/// Without the Firmware Management profile; `firmware` and `diagnostics` have what it does.
#[cfg(not(feature = "firmware-management"))]
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

/// 5.17: what is not known has an answer of its own.
#[test]
fn unknown_messages_are_not_implemented() {
    let mut bench = Bench::new();
    for message in [
        "Authorize",
        "LogStatusNotification",
        "SignChargePointCertificate",
        "heartbeat",
        "\\u0048eartbeat ",
        "",
    ] {
        for connector in ["", r#","connectorId":1"#, r#","connectorId":99"#] {
            let frame = format!(
                r#"[2,"m","TriggerMessage",{{"requestedMessage":"{message}"{connector}}}]"#
            );
            let answers = bench.odd_frame(Input::Frame(frame.as_bytes()), "m");
            let expected = Answer::Result(json!({ "status": "NotImplemented" }));
            assert_eq!(answers, [expected], "{frame}");
        }
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
fn a_connector_is_ignored_where_the_message_has_none() {
    for connector in [-1, 0, 1, 3, i32::MAX] {
        let mut bench = Bench::new();
        let heartbeat = trigger(&mut bench, "Heartbeat", Some(connector));
        assert_eq!(heartbeat, "Accepted", "{connector}");
        bench.expect_call("Heartbeat");
        for message in [
            "DiagnosticsStatusNotification",
            "FirmwareStatusNotification",
        ] {
            let status = trigger(&mut bench, message, Some(connector));
            if cfg!(feature = "firmware-management") {
                assert_eq!(status, "Accepted", "{connector}");
                assert_eq!(bench.expect_call(message), json!({ "status": "Idle" }));
            } else {
                assert_eq!(status, "NotImplemented", "{connector}");
            }
        }
        bench.cut();
        bench.advance(MINUTE);
        bench.forget();
        let boot = trigger(&mut bench, "BootNotification", Some(connector));
        assert_eq!(boot, "Accepted", "{connector}");
        bench.expect_call("BootNotification");
        bench.expect_no_call();
    }
}

/// OCPP 1.6, errata 3.35.
#[test]
fn a_boot_notification_is_not_sent_again_once_it_is_accepted() {
    let mut bench = Bench::new();
    assert_eq!(trigger(&mut bench, "BootNotification", None), "Rejected");
    bench.advance(MINUTE);
    bench.expect_no_call();
}

/// Some central systems ask for one on each connection.
#[test]
fn a_boot_notification_can_be_asked_for_once_on_each_connection() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    for _ in 0..3 {
        bench.cut();
        bench.advance(MINUTE);
        bench.forget();
        assert_eq!(trigger(&mut bench, "BootNotification", None), "Accepted");
        bench.expect_call("BootNotification");
        bench.expect_no_call();
        // It does not boot again.
        assert!(bench.is_charging(1));
        assert!(bench.is_online());
        assert_eq!(trigger(&mut bench, "BootNotification", None), "Rejected");
        bench.expect_no_call();
    }
}

#[test]
fn a_boot_notification_without_an_answer_can_be_asked_for_again() {
    let mut bench = Bench::new();
    bench.cut();
    bench.advance(MINUTE);
    bench.forget();
    bench.reply_once("BootNotification", Reply::Error("InternalError"));
    for _ in 0..2 {
        assert_eq!(trigger(&mut bench, "BootNotification", None), "Accepted");
        bench.expect_call("BootNotification");
    }
    assert_eq!(trigger(&mut bench, "BootNotification", None), "Rejected");
}

/// TriggerMessage for MeterValues, whose answer may take a moment.
fn ask_for_meter_values(bench: &mut Bench, connector: Option<i32>) -> String {
    let mut payload = json!({ "requestedMessage": "MeterValues" });
    if let Some(connector) = connector {
        payload["connectorId"] = json!(connector);
    }
    let id = bench.ask("TriggerMessage", payload);
    bench.advance(2 * SECOND);
    bench.take_status(&id).unwrap()
}

#[test]
fn meter_values_are_rejected_where_nothing_follows() {
    let mut bench = Bench::new();
    bench.break_meter(0);
    bench.break_meter(1);
    // A meter that has never said anything.
    assert_eq!(ask_for_meter_values(&mut bench, Some(1)), "Rejected");
    assert_eq!(ask_for_meter_values(&mut bench, Some(0)), "Rejected");
    bench.expect_no_call();
    // One that says nothing of what is asked for.
    let voltage = Reading::of(Measurand::Voltage, 230_000);
    bench.tell_meter(1, &[voltage]);
    assert_eq!(ask_for_meter_values(&mut bench, Some(1)), "Rejected");
    bench.expect_no_call();
    // Of all connectors, those with something to say say it.
    assert_eq!(ask_for_meter_values(&mut bench, None), "Accepted");
    assert_eq!(connectors(&bench.all_calls("MeterValues")), [2]);
    bench.tell_meter(1, &[Reading::energy(5)]);
    assert_eq!(ask_for_meter_values(&mut bench, Some(1)), "Accepted");
    assert_eq!(connectors(&bench.all_calls("MeterValues")), [1]);
}

#[test]
fn the_answer_waits_for_the_first_readings_of_a_meter() {
    let mut bench = Bench::new();
    bench.break_meter(1);
    let ask = json!({ "requestedMessage": "MeterValues", "connectorId": 1 });
    let id = bench.ask("TriggerMessage", ask);
    bench.advance(SECOND / 2);
    assert!(!bench.is_answered(&id));
    bench.expect_no_call();
    bench.forget();
    bench.tell_meter(1, &[Reading::energy(7)]);
    assert_eq!(bench.take_status(&id).as_deref(), Some("Accepted"));
    assert_eq!(bench.order(), ["-> TriggerMessage", "MeterValues"]);
    let values = bench.expect_call("MeterValues");
    assert_eq!(sampled(&values)[0]["value"], "7");
    bench.advance(MINUTE);
    bench.expect_no_call();
}

#[test]
fn meter_values_have_no_time_before_it_is_known() {
    let mut bench = Bench::cold(Setup::default());
    let pending = json!({ "status": "Pending", "interval": 600, "currentTime": "noon" });
    bench.reply_once("BootNotification", Reply::Result(pending));
    bench.advance(0);
    bench.forget();
    assert_eq!(trigger(&mut bench, "MeterValues", Some(1)), "Rejected");
    bench.expect_no_call();
    let now = bench.unix_millis();
    bench.input(Input::Time(now)).unwrap();
    assert_eq!(trigger(&mut bench, "MeterValues", Some(1)), "Accepted");
    bench.expect_call("MeterValues");
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
