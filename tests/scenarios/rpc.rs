//! The rules of the connection (OCPP-J 1.6, 4.1): one CALL at a time, ids, time-outs. That no
//! second CALL is ever sent before the first is answered is checked in every test.

use ocpp::{
    station::{CallFailure, Event},
    wire::frame::Dropped,
};
use serde_json::json;

use crate::support::{Bench, Reply, SECOND};

#[test]
fn one_call_at_a_time() {
    let mut bench = Bench::new();
    bench.reply_once(
        "StatusNotification",
        Reply::Result(json!({})).after(10 * SECOND),
    );
    bench.plug(1);
    bench.plug(2);
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
    bench.advance(10 * SECOND);
    bench.expect_status(2, "Preparing");
}

#[test]
fn a_call_without_an_answer_is_given_up_after_30_seconds() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.plug(2);
    bench.expect_status(1, "Preparing");
    bench.advance(30 * SECOND - 1);
    bench.expect_no_call();
    bench.advance(1);
    bench.expect_status(2, "Preparing");
    assert!(bench.saw(&Event::CallFailed {
        action: "StatusNotification",
        failure: CallFailure::Timeout,
    }));
}

#[test]
fn an_answer_with_a_wrong_id_changes_nothing() {
    let mut bench = Bench::new();
    bench.reply_once("Authorize", Reply::Never);
    bench.plug(1);
    bench.tag(1, "TAG");
    let id = bench.find_sent("Authorize").id;
    for wrong in [
        "",
        "x",
        &id[1..],
        &format!("{id} "),
        &id.to_uppercase().replace('-', "_"),
    ] {
        let answer = json!([3, wrong, { "idTagInfo": { "status": "Accepted" } }]);
        bench.frame(answer.to_string().as_bytes());
        let error = json!([4, wrong, "InternalError", "", {}]);
        bench.frame(error.to_string().as_bytes());
    }
    assert!(!bench.is_charging(1));
    assert!(bench.saw(&Event::FrameDropped(Dropped::Unexpected)));
    let answer = json!([3, id, { "idTagInfo": { "status": "Accepted" } }]);
    bench.frame(answer.to_string().as_bytes());
    assert!(bench.is_charging(1));
}

#[test]
fn an_answer_whose_id_has_escapes_is_recognised() {
    let mut bench = Bench::new();
    bench.reply_once("Authorize", Reply::Never);
    bench.plug(1);
    bench.tag(1, "TAG");
    let id = bench.find_sent("Authorize").id;
    let escaped: String = id.bytes().map(|byte| format!("\\u00{byte:02x}")).collect();
    let answer = format!(r#"[3,"{escaped}",{{"idTagInfo":{{"status":"Accepted"}}}}]"#);
    bench.frame(answer.as_bytes());
    assert!(bench.is_charging(1));
}

#[test]
fn an_answer_that_comes_twice_counts_once() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.tag(1, "TAG");
    let id = bench.find_sent("StopTransaction").id;
    bench.forget();
    let answer = json!([3, id, {}]);
    bench.frame(answer.to_string().as_bytes());
    assert_eq!(bench.events(), [Event::FrameDropped(Dropped::Unexpected)]);
}

#[test]
fn an_answer_that_comes_too_late_changes_nothing() {
    let mut bench = Bench::new();
    let late = json!({ "idTagInfo": { "status": "Accepted" } });
    bench.reply_once("Authorize", Reply::Result(late).after(31 * SECOND));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(40 * SECOND);
    assert!(!bench.is_charging(1));
    assert!(bench.saw(&Event::FrameDropped(Dropped::Unexpected)));
}

#[test]
fn a_message_that_is_sent_again_has_the_same_id() {
    let mut bench = Bench::new();
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.reply_once("StartTransaction", Reply::Cut);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(100 * SECOND);
    let starts = bench.all_sent("StartTransaction");
    assert_eq!(starts.len(), 3);
    for start in &starts {
        assert_eq!(
            (&start.id, &start.payload),
            (&starts[0].id, &starts[0].payload)
        );
    }
}

#[test]
fn calls_are_answered_while_one_of_its_own_waits() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.forget();
    bench.set("LightIntensity", "30");
    assert_eq!(bench.get("LightIntensity"), "30");
    assert_eq!(
        bench.order(),
        ["-> ChangeConfiguration", "-> GetConfiguration"]
    );
}

#[test]
fn calls_are_answered_while_the_application_has_yet_to_say_how_to_answer_another() {
    let mut bench = Bench::new();
    bench.lock = None;
    let unlock = bench.ask("UnlockConnector", json!({ "connectorId": 1 }));
    assert_eq!(bench.get("NumberOfConnectors"), "2");
    bench.advance(10 * SECOND);
    assert_eq!(bench.answer(&unlock)["status"], "UnlockFailed");
}

#[test]
fn the_same_id_in_both_directions_does_no_harm() {
    let mut bench = Bench::new();
    bench.reply_once("Authorize", Reply::Never);
    bench.plug(1);
    bench.tag(1, "TAG");
    let id = bench.find_sent("Authorize").id;
    let ask = json!([2, id, "GetConfiguration", { "key": ["LightIntensity"] }]);
    bench.frame(ask.to_string().as_bytes());
    assert!(bench.is_answered(&id));
    let answer = json!([3, id, { "idTagInfo": { "status": "Accepted" } }]);
    bench.frame(answer.to_string().as_bytes());
    assert!(bench.is_charging(1));
}

#[test]
fn ids_are_echoed_as_they_came() {
    let mut bench = Bench::new();
    let long = "i".repeat(36);
    for id in ["", "0", "é😀", "a\"b\\c\n", &long] {
        let ask = json!([2, id, "GetConfiguration", { "key": ["LightIntensity"] }]);
        bench.frame(ask.to_string().as_bytes());
        assert!(bench.is_answered(id), "{id}");
        bench.answer(id);
    }
}

#[test]
fn ids_stay_unique_over_reboots() {
    let mut bench = Bench::new();
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        bench.power_loss();
        for call in bench.take_sent() {
            assert!(ids.insert(call.id.clone()), "{} twice", call.id);
        }
    }
}

#[test]
fn a_call_that_was_not_answered_when_the_connection_broke_does_not_block_the_next_one() {
    let mut bench = Bench::new();
    bench.reply_once("Heartbeat", Reply::Never);
    bench.advance(300 * SECOND);
    bench.expect_call("Heartbeat");
    bench.cut();
    bench.advance(5 * SECOND);
    bench.plug(1);
    bench.expect_status(1, "Preparing");
}
