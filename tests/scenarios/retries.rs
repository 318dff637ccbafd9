//! Transaction messages that the central system fails on (OCPP 1.6, 3.7.1).

use ocpp::station::{CallFailure, Event};
use serde_json::json;

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent};

/// When each attempt was made, in seconds after the first.
fn attempts(calls: &[Sent]) -> Vec<u64> {
    let first = calls.first().map_or(0, |call| call.at);
    calls
        .iter()
        .map(|call| (call.at - first) / SECOND)
        .collect()
}

fn assert_same_message(calls: &[Sent]) {
    for call in calls {
        assert_eq!((&call.id, &call.payload), (&calls[0].id, &calls[0].payload));
    }
}

#[test]
fn a_start_that_fails_is_tried_again_later_each_time_then_given_up() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "4");
    bench.set("TransactionMessageRetryInterval", "20");
    bench.reply_always("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(HOUR);
    let starts = bench.all_sent("StartTransaction");
    assert_eq!(attempts(&starts), [0, 20, 20 + 40, 20 + 40 + 60]);
    assert_same_message(&starts);
    assert!(bench.saw(&Event::CallFailed {
        action: "StartTransaction",
        failure: CallFailure::GivenUp,
    }));
    assert!(bench.is_charging(1));
}

#[test]
fn an_unreadable_answer_is_a_failed_attempt() {
    for answer in [json!({}), json!({ "idTagInfo": {} })] {
        let mut bench = Bench::new();
        bench.reply_once("StartTransaction", Reply::Result(answer.clone()));
        bench.plug(1);
        bench.tag(1, "TAG");
        bench.advance(59 * SECOND);
        assert_eq!(bench.all_sent("StartTransaction").len(), 1, "{answer}");
        bench.advance(2 * SECOND);
        bench.find_call("StartTransaction");
        bench.tag(1, "TAG");
        assert_eq!(bench.find_call("StopTransaction")["transactionId"], 101);
    }
}

#[test]
fn a_lost_connection_is_no_attempt() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "2");
    bench.set("TransactionMessageRetryInterval", "10");
    for _ in 0..6 {
        bench.reply_once("StartTransaction", Reply::Cut);
    }
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(10 * MINUTE);
    let starts = bench.all_sent("StartTransaction");
    assert_eq!(starts.len(), 7);
    assert_same_message(&starts);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn one_attempt_is_one_attempt() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    bench.reply_always("StartTransaction", Reply::Error("GenericError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(HOUR);
    assert_eq!(bench.all_sent("StartTransaction").len(), 1);
}

#[test]
fn interval_0_is_at_once() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "5");
    bench.set("TransactionMessageRetryInterval", "0");
    bench.reply_always("StartTransaction", Reply::Error("GenericError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    assert_eq!(attempts(&bench.all_sent("StartTransaction")), [0; 5]);
}

#[test]
fn after_a_start_that_was_given_up_the_stop_says_so() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(90 * SECOND);
    let values = bench.find_call("MeterValues");
    assert_eq!(values["transactionId"], -1);
    assert_eq!(values["connectorId"], 1);
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], -1);
    bench.tag(1, "TAG");
    bench.find_call("StartTransaction");
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 101);
}

#[test]
fn a_start_that_was_given_up_is_still_given_up_after_a_reboot() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.forget();
    bench.power_loss();
    bench.advance(MINUTE);
    let stops = bench.take_sent();
    assert!(stops.iter().all(|call| call.action != "StartTransaction"));
    let stop = stops.iter().find(|call| call.action == "StopTransaction");
    assert_eq!(stop.unwrap().payload["transactionId"], -1);
}

#[test]
fn what_belongs_to_an_unanswered_start_waits_and_gets_its_id() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "5");
    let late = json!({ "idTagInfo": { "status": "Accepted" }, "transactionId": 4711 });
    let late = Reply::Result(late).after(22 * SECOND);
    bench.reply_once("StartTransaction", late);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(12 * SECOND);
    bench.tag(1, "TAG");
    bench.advance(5 * SECOND);
    bench.find_call("StartTransaction");
    bench.expect_no_call();
    bench.advance(5 * SECOND);
    let calls = bench.take_sent();
    let told: Vec<_> = calls
        .iter()
        .filter(|call| call.action != "StatusNotification")
        .map(|call| {
            (
                call.action.as_str(),
                call.payload["transactionId"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("MeterValues", 4711),
            ("MeterValues", 4711),
            ("StopTransaction", 4711)
        ]
    );
}

#[test]
fn what_waits_for_its_next_attempt_does_not_hold_up_anything_else() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageRetryInterval", "600");
    bench.reply_always("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.forget();
    bench.plug(2);
    bench.find_call("StatusNotification");
    bench.advance(400 * SECOND);
    bench.find_call("Heartbeat");
    let trigger = json!({ "requestedMessage": "Heartbeat" });
    bench.call("TriggerMessage", trigger);
    bench.find_call("Heartbeat");
}

#[test]
fn a_stop_that_fails_is_given_up_and_the_next_transaction_goes_on() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "2");
    bench.set("TransactionMessageRetryInterval", "10");
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Error("InternalError"));
    bench.tag(1, "TAG");
    bench.tag(1, "NEXT");
    bench.advance(MINUTE);
    let calls = bench.take_sent().into_iter();
    let order: Vec<_> = calls
        .filter(|call| call.action.ends_with("Transaction"))
        .map(|call| call.action)
        .collect();
    assert_eq!(
        order,
        ["StopTransaction", "StopTransaction", "StartTransaction"]
    );
    assert!(bench.saw(&Event::CallFailed {
        action: "StopTransaction",
        failure: CallFailure::GivenUp,
    }));
}

#[test]
fn meter_values_that_fail_are_given_up_one_by_one() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "2");
    bench.set("TransactionMessageRetryInterval", "1");
    bench.charge(1, "TAG");
    bench.reply_always("MeterValues", Reply::Error("InternalError"));
    bench.advance(3 * MINUTE + 2 * SECOND);
    let values = bench.all_sent("MeterValues");
    assert_eq!(values.len(), 6);
    assert_same_message(&values[..2]);
    assert_ne!(values[1].id, values[2].id);
    bench.reply_normally("MeterValues");
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 101);
}

#[test]
fn attempts_begin_anew_for_every_message() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "2");
    bench.set("TransactionMessageRetryInterval", "10");
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.reply_once("StopTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(20 * SECOND);
    bench.tag(1, "TAG");
    bench.advance(20 * SECOND);
    let calls = bench.take_sent();
    let of = |action| calls.iter().filter(|call| call.action == action).count();
    assert_eq!((of("StartTransaction"), of("StopTransaction")), (2, 2));
    assert_eq!(bench.queued(), 0);
}
