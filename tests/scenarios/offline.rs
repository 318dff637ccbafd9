//! Transactions without a connection (OCPP 1.6, 3.7 and 4.8 to 4.10): everything is delivered
//! later, in order, as it was measured.

use ocpp::station::Input;
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent, sampled};

/// A station that lets everybody charge while it is offline.
fn open_house() -> Bench {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench
}

fn actions(calls: &[Sent]) -> Vec<&str> {
    calls.iter().map(|call| call.action.as_str()).collect()
}

fn timestamp(call: &Sent) -> &Value {
    call.payload
        .get("timestamp")
        .unwrap_or_else(|| &call.payload["meterValue"][0]["timestamp"])
}

#[test]
fn connection_loss_in_a_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let begin = bench.now();
    bench.disconnect();
    bench.advance(5 * MINUTE);
    assert!(bench.has_energy(1));
    assert_eq!(bench.queued(), 5);
    bench.reconnect();
    let values = bench.all_calls("MeterValues");
    assert!(values.len() >= 5, "{values:?}");
    for (place, value) in values.iter().enumerate() {
        let minutes = place as u64 + 1;
        assert_eq!(value["transactionId"], 101);
        let moment = begin + minutes * MINUTE;
        assert_eq!(value["meterValue"][0]["timestamp"], bench.utc_at(moment));
        let wh = 1_000 + 120 * minutes;
        assert_eq!(sampled(value)[0]["value"], wh.to_string());
        assert_eq!(sampled(value)[0]["context"], "Sample.Periodic");
    }
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
}

#[test]
fn offline_stop() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(90 * SECOND);
    bench.tag(1, "TAG");
    let (end, register) = (bench.utc(), bench.register(1));
    assert!(!bench.is_charging(1));
    assert!(!bench.has_energy(1));
    bench.advance(2 * HOUR);
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(actions(&calls), ["MeterValues", "StopTransaction"]);
    assert_eq!(
        calls[1].payload,
        json!({
            "transactionId": 101,
            "idTag": "TAG",
            "meterStop": register,
            "reason": "Local",
            "timestamp": end,
        })
    );
}

#[test]
fn offline_start() {
    let mut bench = open_house();
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    assert!(bench.has_energy(1));
    bench.advance(150 * SECOND);
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        actions(&calls[..3]),
        ["StartTransaction", "MeterValues", "MeterValues"]
    );
    assert_eq!(
        calls[0].payload,
        json!({
            "connectorId": 1,
            "idTag": "STRANGER",
            "meterStart": 1_000,
            "timestamp": begin,
        })
    );
    assert!(
        calls[1..]
            .iter()
            .all(|call| call.payload["transactionId"] == 101)
    );
    bench.tag(1, "STRANGER");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 101);
}

#[test]
fn offline_start_that_the_central_system_refuses_later() {
    let mut bench = open_house();
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    bench.advance(30 * SECOND);
    let refusal = json!({ "idTagInfo": { "status": "Invalid" }, "transactionId": 9 });
    bench.reply_once("StartTransaction", Reply::Result(refusal));
    bench.reconnect();
    bench.find_call("StartTransaction");
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(9), &json!("DeAuthorized"))
    );
    assert!(!bench.has_energy(1));
}

#[test]
fn a_whole_transaction_offline() {
    let mut bench = open_house();
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    bench.advance(130 * SECOND);
    bench.tag(1, "STRANGER");
    let end = bench.utc();
    bench.unplug(1);
    bench.advance(48 * HOUR);
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        actions(&calls),
        [
            "StartTransaction",
            "MeterValues",
            "MeterValues",
            "StopTransaction"
        ]
    );
    assert_eq!(
        (timestamp(&calls[0]), timestamp(&calls[3])),
        (&json!(begin), &json!(end))
    );
    assert!(
        calls[1..]
            .iter()
            .all(|call| call.payload["transactionId"] == 101)
    );
    assert_eq!(bench.queued(), 0);
}

#[test]
fn several_transactions_offline_are_told_in_the_order_of_what_happened() {
    let mut bench = open_house();
    bench.set("MeterValueSampleInterval", "0");
    bench.disconnect();
    let mut story = Vec::new();
    for (connector, tag) in [(1, "A"), (2, "B"), (1, "A"), (1, "C"), (2, "B"), (1, "C")] {
        bench.advance(MINUTE);
        bench.plug(connector);
        bench.tag(connector, tag);
        story.push((tag, bench.utc()));
    }
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    let told: Vec<_> = calls
        .iter()
        .map(|call| {
            let tag = call.payload["idTag"].as_str().unwrap();
            (tag, timestamp(call).as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(told, story);
    let ids: Vec<_> = calls
        .iter()
        .map(|call| &call.payload["transactionId"])
        .collect();
    let none = &Value::Null;
    assert_eq!(
        ids,
        [none, none, &json!(101), none, &json!(102), &json!(103)]
    );
}

#[test]
fn offline_across_a_reboot() {
    let mut bench = open_house();
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    bench.advance(90 * SECOND);
    bench.tag(1, "STRANGER");
    let end = bench.utc();
    bench.power_loss();
    bench.advance(HOUR);
    bench.forget();
    bench.reconnect();
    bench.expect_boot();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        actions(&calls),
        ["StartTransaction", "MeterValues", "StopTransaction"]
    );
    assert_eq!(
        (timestamp(&calls[0]), timestamp(&calls[2])),
        (&json!(begin), &json!(end))
    );
    assert_eq!(calls[2].payload["transactionId"], 101);
    bench.power_loss();
    bench.expect_boot();
    bench.expect_no_call();
}

#[test]
fn the_backlog_does_not_hold_up_what_happens_now() {
    let mut bench = Bench::new();
    bench.set("ConnectionTimeOut", "0");
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(200 * MINUTE);
    bench.plug(2);
    let slow = Reply::Result(json!({})).after(2 * SECOND);
    bench.reply_always("MeterValues", slow);
    bench.reconnect();
    bench.expect_status(2, "Preparing");
    bench.advance(10 * SECOND);
    bench.forget();
    bench.fault(2, ocpp::domain::ChargePointError::GroundFailure, "");
    bench.advance(2 * SECOND);
    bench.find_call("StatusNotification");
    assert!(bench.queued() > 100);
    bench.advance(HOUR);
    assert!(bench.queued() <= 1);
}

#[test]
fn the_time_is_not_known_when_it_starts() {
    let mut bench = open_house();
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    bench.advance(10 * SECOND);
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    bench.advance(90 * SECOND);
    bench.tag(1, "STRANGER");
    let end = bench.utc();
    bench.forget();
    bench.reconnect();
    bench.expect_boot();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        actions(&calls),
        ["StartTransaction", "MeterValues", "StopTransaction"]
    );
    assert_eq!(
        (timestamp(&calls[0]), timestamp(&calls[2])),
        (&json!(begin), &json!(end))
    );
}

#[test]
fn the_time_is_not_known_before_the_next_reboot_either() {
    let mut bench = open_house();
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    bench.advance(90 * SECOND);
    bench.tag(1, "STRANGER");
    bench.power_loss();
    bench.advance(MINUTE);
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        actions(&calls),
        ["StartTransaction", "MeterValues", "StopTransaction"]
    );
    assert_eq!(calls[2].payload["meterStop"], 1_180);
}

#[test]
fn another_clock_tells_the_time_before_the_central_system_does() {
    let mut bench = open_house();
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    let time = bench.unix_millis();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.advance(10 * SECOND);
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    assert_eq!(bench.find_call("StartTransaction")["timestamp"], begin);
}

#[test]
fn a_time_that_became_known_is_not_forgotten_with_the_power() {
    let mut bench = open_house();
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    let begin = bench.utc();
    bench.advance(90 * SECOND);
    let time = bench.unix_millis();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.advance(10 * SECOND);
    bench.power_loss();
    bench.advance(HOUR);
    bench.forget();
    bench.reconnect();
    assert_eq!(bench.find_call("StartTransaction")["timestamp"], begin);
}

#[test]
fn a_tag_that_is_not_known_does_not_start_offline() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "STRANGER");
    bench.advance(30 * SECOND);
    assert!(!bench.is_charging(1));
    assert_eq!(bench.queued(), 0);
}
