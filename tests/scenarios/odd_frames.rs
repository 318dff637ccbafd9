//! Frames that say what they mean in a way of their own, as real central systems send them: they
//! are taken, unless the station is strict.

use ocpp::{
    station::{CallFailure, Event, Input},
    wire::{ErrorCode, frame::Dropped},
};
use serde_json::{Value, json};

use crate::support::{Answer, Bench, MINUTE, Reply, SECOND, Setup};

/// What the station answers to a frame with that id.
fn answer(bench: &mut Bench, frame: &str, id: &str) -> Option<Answer> {
    bench.odd_frame(Input::Frame(frame.as_bytes()), id).pop()
}

fn status(bench: &mut Bench, frame: &str, id: &str) -> Value {
    match answer(bench, frame, id) {
        Some(Answer::Result(payload)) => payload["status"].clone(),
        other => panic!("{other:?} to {frame}"),
    }
}

fn code(bench: &mut Bench, frame: &str) -> String {
    match answer(bench, frame, "m") {
        Some(Answer::Error { code, .. }) => code,
        other => panic!("{other:?} to {frame}"),
    }
}

fn failures(bench: &Bench) -> Vec<Event> {
    let events = bench.events().iter();
    events
        .filter(|event| matches!(event, Event::CallFailed { .. } | Event::FrameDropped(_)))
        .cloned()
        .collect()
}

#[test]
fn an_answer_without_a_payload_acknowledges() {
    for payload in ["null", "[]", "{}"] {
        let mut bench = Bench::new();
        let answer = Reply::Raw(format!(r#"[3,"{{id}}",{payload}]"#));
        for action in ["StatusNotification", "MeterValues", "StopTransaction"] {
            bench.reply_always(action, answer.clone());
        }
        bench.charge(1, "TAG");
        bench.advance(5 * MINUTE);
        bench.tag(1, "TAG");
        bench.advance(SECOND);
        assert_eq!(bench.all_sent("StopTransaction").len(), 1, "{payload}");
        assert_eq!(bench.queued(), 0, "{payload}");
        assert_eq!(failures(&bench), [], "{payload}");
        bench.advance(10 * MINUTE);
        assert!(bench.all_sent("StopTransaction").is_empty(), "{payload}");
    }
}

#[test]
fn a_request_without_a_payload_has_no_fields() {
    let mut bench = Bench::new();
    for payload in ["null", "[]", "{}"] {
        let clear = format!(r#"[2,"m","ClearCache",{payload}]"#);
        assert_eq!(status(&mut bench, &clear, "m"), "Accepted");
        let all = format!(r#"[2,"m","GetConfiguration",{payload}]"#);
        let all = answer(&mut bench, &all, "m");
        assert!(matches!(all, Some(Answer::Result(all)) if all["configurationKey"].is_array()));
    }
}

#[test]
fn null_is_an_optional_field_that_is_absent() {
    let mut bench = Bench::new();
    bench.plug(2);
    let start = r#"[2,"m","RemoteStartTransaction",
        {"connectorId":null,"idTag":"TAG","chargingProfile":null}]"#;
    assert_eq!(status(&mut bench, start, "m"), "Accepted");
    assert!(bench.is_charging(2));
    let trigger = r#"[2,"m","TriggerMessage",
        {"requestedMessage":"StatusNotification","connectorId":null}]"#;
    bench.forget();
    assert_eq!(status(&mut bench, trigger, "m"), "Accepted");
    assert_eq!(bench.all_sent("StatusNotification").len(), 3);
    let keys = answer(
        &mut bench,
        r#"[2,"m","GetConfiguration",{"key":null}]"#,
        "m",
    );
    assert!(matches!(keys, Some(Answer::Result(all)) if all["configurationKey"].is_array()));
    let transfer = r#"[2,"m","DataTransfer",
        {"vendorId":"com.example","messageId":null,"data":null}]"#;
    assert_eq!(status(&mut bench, transfer, "m"), "Accepted");
    assert_eq!(
        code(&mut bench, r#"[2,"m","Reset",{"type":null}]"#),
        "TypeConstraintViolation"
    );
}

#[test]
fn a_whole_number_may_have_a_fraction_of_zeros() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let stop = r#"[2,"m","RemoteStopTransaction",{"transactionId":101.0}]"#;
    assert_eq!(status(&mut bench, stop, "m"), "Accepted");
    bench.find_call("StopTransaction");
    let half = r#"[2,"m","UnlockConnector",{"connectorId":1.5}]"#;
    assert_eq!(code(&mut bench, half), "TypeConstraintViolation");
}

#[test]
fn a_number_as_message_id_comes_back_as_a_number() {
    let mut bench = Bench::new();
    // At once, refused, not known, and after the application has done it.
    let clear = r#"[2,7,"ClearCache",{}]"#;
    assert_eq!(status(&mut bench, clear, "#7"), "Accepted");
    let bad = answer(&mut bench, r#"[2,-8,"Reset",{"type":5}]"#, "#-8");
    assert!(matches!(bad, Some(Answer::Error { code, .. }) if code == "TypeConstraintViolation"));
    let bad = answer(&mut bench, r#"[2,1.5,"Reset"]"#, "#1.5");
    assert!(matches!(bad, Some(Answer::Error { code, .. }) if code == "FormationViolation"));
    let unlock = r#"[2,9007199254740993,"UnlockConnector",{"connectorId":1}]"#;
    assert_eq!(status(&mut bench, unlock, "#9007199254740993"), "Unlocked");
    let transfer = r#"[2,9,"DataTransfer",{"vendorId":"com.example"}]"#;
    assert_eq!(status(&mut bench, transfer, "#9"), "Accepted");
}

#[test]
fn an_answer_that_cannot_be_used_ends_the_waiting_at_once() {
    for answer in [
        r#"[3,"{id}"]"#,
        r#"[3,"{id}",""]"#,
        r#"[3,"{id}",{},{},{}]"#,
        r#"[3,"{id}",{"#,
        r#"[4,"{id}"]"#,
        r#"[4,"{id}","X"]"#,
    ] {
        let mut bench = Bench::new();
        bench.reply_once("StatusNotification", Reply::Raw(answer.to_owned()));
        bench.plug(1);
        bench.plug(2);
        bench.expect_status(1, "Preparing");
        bench.expect_status(2, "Preparing");
        let failure = match answer.contains('X') {
            true => CallFailure::Error(ErrorCode::GenericError),
            false => CallFailure::BadAnswer,
        };
        let action = "StatusNotification";
        assert_eq!(failures(&bench), [Event::CallFailed { action, failure }]);
    }
}

/// Too long for the receive buffer, of which only the beginning is seen.
#[test]
fn an_answer_that_is_too_long_ends_the_waiting_at_once() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.plug(2);
    let first = bench.expect_sent("StatusNotification");
    bench.expect_no_call();
    let beginning = format!(r#"[3,"{}",{{"more":"aaaaaaaa"#, first.id);
    bench.odd_frame(Input::FrameTooLong(beginning.as_bytes()), "");
    bench.expect_status(2, "Preparing");
}

#[test]
fn a_strict_station_refuses_what_is_not_to_the_letter() {
    let mut bench = Bench::new();
    bench.be_strict();
    for (frame, expected) in [
        (
            r#"[2,"m","RemoteStartTransaction",{"connectorId":null,"idTag":"TAG"}]"#,
            "TypeConstraintViolation",
        ),
        (
            r#"[2,"m","RemoteStartTransaction",{"idTag":"TAG","chargingProfile":[]}]"#,
            "TypeConstraintViolation",
        ),
        (
            r#"[2,"m","UnlockConnector",{"connectorId":1.0}]"#,
            "TypeConstraintViolation",
        ),
        (r#"[2,"m","ClearCache",[]]"#, "FormationViolation"),
        (r#"[2,"m","ClearCache",{"more":1}]"#, "FormationViolation"),
    ] {
        assert_eq!(code(&mut bench, frame), expected, "{frame}");
    }
    // Which OCPP-J has for no payload.
    let clear = r#"[2,"m","ClearCache",null]"#;
    assert_eq!(status(&mut bench, clear, "m"), "Accepted");
    bench.forget();
    assert_eq!(answer(&mut bench, r#"[2,7,"ClearCache",{}]"#, "#7"), None);
    assert_eq!(bench.events(), [Event::FrameDropped(Dropped::NoId)]);
    bench.forget();

    bench.reply_once(
        "StatusNotification",
        Reply::Raw(r#"[3,"{id}",[]]"#.to_owned()),
    );
    let idle = json!({ "idTagInfo": { "status": "Accepted", "parentIdTag": null } });
    bench.reply_once("Authorize", Reply::Result(idle));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    let failed = |action| Event::CallFailed {
        action,
        failure: CallFailure::BadAnswer,
    };
    let expected = [failed("StatusNotification"), failed("Authorize")];
    assert_eq!(failures(&bench), expected);
    assert!(!bench.is_charging(1));
}

#[test]
fn a_strict_station_works_with_a_central_system_that_keeps_to_the_letter() {
    let mut bench = Bench::cold(Setup::default());
    bench.be_strict();
    bench.advance(0);
    bench.expect_boot();
    bench.charge(1, "TAG");
    bench.advance(10 * MINUTE);
    bench.set("LightIntensity", "50");
    bench.tag(1, "TAG");
    bench.unplug(1);
    bench.advance(SECOND);
    assert_eq!(failures(&bench), []);
    assert_eq!(bench.queued(), 0);
}
