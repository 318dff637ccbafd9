//! A central system that does not answer (OCPP-J errata 3.3): nothing is lost by its silence.

use ocpp::station::{CallFailure, Event};
use serde_json::json;

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent};

/// What is silent when everything is.
const ALL: [&str; 5] = [
    "StartTransaction",
    "StopTransaction",
    "MeterValues",
    "StatusNotification",
    "Heartbeat",
];

fn waits(calls: &[Sent]) -> Vec<u64> {
    calls
        .windows(2)
        .map(|pair| (pair[1].at - pair[0].at) / SECOND)
        .collect()
}

fn running(bench: &Bench) -> Option<i64> {
    bench.station().transaction(1)?.transaction_id?.number()
}

fn given_up(bench: &Bench) -> bool {
    let failure = CallFailure::GivenUp;
    bench
        .events()
        .iter()
        .any(|event| matches!(event, Event::CallFailed { failure: f, .. } if *f == failure))
}

#[test]
fn a_message_without_an_answer_is_sent_again_later_each_time() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    bench.reply_always("StartTransaction", Reply::Never);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(20 * MINUTE);
    let starts = bench.all_sent("StartTransaction");
    // The time-out of 30 s, then the wait.
    assert_eq!(waits(&starts), [60, 90, 150, 270, 330]);
    for start in &starts {
        assert_eq!(
            (&start.id, &start.payload),
            (&starts[0].id, &starts[0].payload)
        );
    }
    assert!(!given_up(&bench));
    assert!(bench.hung_up.is_empty());
}

#[test]
fn a_back_end_that_is_silent_for_an_hour_loses_nothing() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "600");
    for action in ALL {
        bench.reply_always(action, Reply::Never);
    }
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(HOUR + SECOND);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert!(!given_up(&bench));
    for action in ALL {
        bench.reply_normally(action);
    }
    bench.forget();
    bench.advance(10 * MINUTE);
    let calls = bench.take_sent();
    let told: Vec<_> = calls
        .iter()
        .filter(|call| !["StatusNotification", "Heartbeat"].contains(&call.action.as_str()))
        .map(|call| (call.action.as_str(), call.payload["transactionId"].as_i64()))
        .collect();
    let values = ("MeterValues", Some(101));
    let mut expected = vec![("StartTransaction", None)];
    // The first minute was still that of Preparing.
    expected.extend([values; 5]);
    expected.push(("StopTransaction", Some(101)));
    assert_eq!(told, expected);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn several_calls_that_bring_nothing_but_pongs_end_the_connection() {
    let mut bench = Bench::new();
    for action in ALL {
        bench.reply_always(action, Reply::Never);
    }
    bench.plug(1);
    bench.tag(1, "TAG");
    let begun = bench.now();
    bench.advance(3 * MINUTE);
    assert_eq!(bench.hung_up.len(), 1);
    assert!(bench.hung_up[0] - begun >= 90 * SECOND);
    for action in ALL {
        bench.reply_normally(action);
    }
    bench.advance(6 * MINUTE);
    assert!(bench.is_online());
    assert_eq!(bench.queued(), 0);
    assert_eq!(bench.hung_up.len(), 1);
}

#[test]
fn anything_that_arrives_keeps_the_connection() {
    let mut bench = Bench::new();
    for action in ALL {
        bench.reply_always(action, Reply::Never);
    }
    bench.plug(1);
    bench.tag(1, "TAG");
    for _ in 0..60 {
        bench.advance(MINUTE);
        bench.call("GetConfiguration", json!({ "key": ["HeartbeatInterval"] }));
    }
    assert!(bench.hung_up.is_empty());
}

#[test]
fn a_back_end_that_needs_45_s_for_each_stop_is_served() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench.charge(1, "TAG");
        bench.reply_once(
            "StopTransaction",
            Reply::Result(json!({})).after(45 * SECOND),
        );
        bench.tag(1, "TAG");
        bench.unplug(1);
        bench.advance(5 * MINUTE);
        assert_eq!(bench.all_sent("StopTransaction").len(), 1);
        assert_eq!(bench.queued(), 0);
    }
    assert!(!given_up(&bench));
}

#[test]
fn a_late_answer_to_a_start_counts() {
    let mut bench = Bench::new();
    let late = json!({ "idTagInfo": { "status": "Accepted" }, "transactionId": 4711 });
    bench.reply_once("StartTransaction", Reply::Result(late).after(40 * SECOND));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(2 * MINUTE);
    assert_eq!(bench.all_sent("StartTransaction").len(), 1);
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 4711);
}

#[test]
fn a_late_result_after_an_error_counts() {
    let mut bench = Bench::new();
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    let start = bench.all_sent("StartTransaction").pop().unwrap();
    let answer = json!([3, start.id, {
        "idTagInfo": { "status": "Accepted" }, "transactionId": 12,
    }]);
    bench.frame(answer.to_string().as_bytes());
    assert_eq!(running(&bench), Some(12));
    bench.advance(10 * MINUTE);
    assert_eq!(bench.all_sent("StartTransaction").len(), 0);
}

#[test]
fn an_error_that_comes_twice_is_one_attempt() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "2");
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    let start = bench.all_sent("StartTransaction").pop().unwrap();
    for again in [
        json!([4, start.id, "GenericError", "", {}]),
        json!([3, start.id]),
    ] {
        bench.frame(again.to_string().as_bytes());
    }
    assert!(!given_up(&bench));
    bench.advance(MINUTE);
    assert_eq!(bench.all_sent("StartTransaction").len(), 1);
    assert_eq!(running(&bench), Some(101));
}

#[test]
fn a_late_error_is_an_attempt() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    let late = Reply::Error("InternalError").after(40 * SECOND);
    bench.reply_once("StartTransaction", late);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert!(given_up(&bench));
}

#[test]
fn a_second_answer_changes_nothing() {
    let mut bench = Bench::new();
    let answer = |id: i64| json!({ "idTagInfo": { "status": "Accepted" }, "transactionId": id });
    bench.reply_once(
        "StartTransaction",
        Reply::Result(answer(1)).after(100 * SECOND),
    );
    bench.reply_once("StartTransaction", Reply::Result(answer(2)));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(5 * MINUTE);
    assert_eq!(bench.all_sent("StartTransaction").len(), 2);
    assert_eq!(running(&bench), Some(2));
}

#[test]
fn a_message_that_is_never_answered_does_not_stop_the_queue_for_ever() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    bench.tag(1, "TAG");
    bench.forget();
    bench.tag(1, "NEXT");
    bench.advance(30 * MINUTE);
    assert!(!given_up(&bench));
    bench.advance(15 * MINUTE);
    assert!(given_up(&bench));
    let calls = bench.take_sent();
    let sent = |action: &str| calls.iter().filter(|call| call.action == action).count();
    assert_eq!(
        sent("StopTransaction"),
        9,
        "and the first, which was forgotten"
    );
    assert_eq!(sent("StartTransaction"), 1);
    assert!(bench.hung_up.is_empty());
}

#[test]
fn it_is_not_given_up_while_other_calls_go_without_an_answer_now_and_then() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    bench.tag(1, "TAG");
    for _ in 0..8 {
        bench.reply_once("Heartbeat", Reply::Never);
        bench.advance(30 * MINUTE);
    }
    assert!(!given_up(&bench));
    bench.reply_normally("StopTransaction");
    bench.advance(10 * MINUTE);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_status_does_not_wait_for_a_stop_that_is_sent_again() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    bench.tag(1, "TAG");
    bench.forget();
    bench.advance(31 * SECOND);
    assert_eq!(bench.find_call("StatusNotification")["status"], "Finishing");
    bench.unplug(1);
    assert_eq!(bench.find_call("StatusNotification")["status"], "Available");
}

#[test]
fn message_timeout_is_how_long_an_answer_is_waited_for() {
    let mut bench = Bench::new();
    bench.set("MessageTimeout", "5");
    bench.call_timeout(5 * SECOND);
    bench.reply_once("Authorize", Reply::Never);
    bench.plug(1);
    bench.plug(2);
    bench.tag(1, "ONE");
    bench.tag(2, "TWO");
    bench.advance(5 * SECOND);
    let asked = bench.all_sent("Authorize");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].at - asked[0].at, 5 * SECOND);
    assert!(bench.is_charging(2));
}
