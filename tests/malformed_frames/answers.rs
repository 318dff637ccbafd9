//! Answers: those that no CALL waits for, and those to the station's own CALLs that cannot be
//! read. Unlike in requests, what can be done without is forgiven.

use ocpp::{
    station::{CallFailure, Event, Input},
    wire::{ErrorCode, frame::Dropped},
};

use crate::{
    run::{Case, Outcome},
    support::{Bench, MINUTE, Reply, SECOND, Setup},
};

pub fn unasked() -> Vec<Case> {
    let not_asked = [
        r#"[3,"m",{}]"#,
        r#"[3,"",{}]"#,
        r#"[3,"m",{"status":"Accepted"}]"#,
        r#"[3,"9e3779b9-1",{"status":"Accepted"}]"#,
        r#"[4,"m","InternalError","",{}]"#,
        r#"[4,"m","Unheard","of",{}]"#,
        r#"[4,"m","InternalError",""]"#,
        r#"[4,"m","InternalError"]"#,
        r#"[3,"m",null]"#,
        r#"[3,"m",[]]"#,
    ];
    let bad = [
        r#"[3,"m"]"#,
        r#"[3,"m",5]"#,
        r#"[3,"m","x"]"#,
        r#"[3,"m",[1]]"#,
        r#"[3,"m",{},{}]"#,
        r#"[3,"m",{}"#,
        r#"[3,"m",{}]]"#,
        r#"[4,"m","InternalError","",{}"#,
        r#"[4,"m"]"#,
        r#"[4,"m",5,"",{}]"#,
        r#"[4,"m",null,"",{}]"#,
        r#"[4,"m",{}]"#,
        r#"[4,"m","InternalError","",{},{}]"#,
    ];
    let mut cases = Vec::new();
    for (frames, why) in [
        (&not_asked[..], Dropped::Unexpected),
        (&bad[..], Dropped::BadAnswer),
    ] {
        let frames = frames.iter();
        cases.extend(frames.map(|frame| Case::new(frame, Outcome::Dropped(why))));
    }
    cases
}

/// An answer, and how the CALL fails with it.
pub const TO_EVERY_CALL: [(&str, CallFailure); 32] = [
    (
        r#"[4,"{id}","NotImplemented","",{}]"#,
        CallFailure::Error(ErrorCode::NotImplemented),
    ),
    (
        r#"[4,"{id}","NotSupported","",{}]"#,
        CallFailure::Error(ErrorCode::NotSupported),
    ),
    (
        r#"[4,"{id}","InternalError","",{}]"#,
        CallFailure::Error(ErrorCode::InternalError),
    ),
    (
        r#"[4,"{id}","ProtocolError","",{}]"#,
        CallFailure::Error(ErrorCode::ProtocolError),
    ),
    (
        r#"[4,"{id}","SecurityError","no",{}]"#,
        CallFailure::Error(ErrorCode::SecurityError),
    ),
    (
        r#"[4,"{id}","FormationViolation","é\u00e9",{"a":[1]}]"#,
        CallFailure::Error(ErrorCode::FormationViolation),
    ),
    (
        r#"[4,"{id}","OccurenceConstraintViolation","",{}]"#,
        CallFailure::Error(ErrorCode::OccurenceConstraintViolation),
    ),
    (
        r#"[4,"{id}","GenericError","",{}]"#,
        CallFailure::Error(ErrorCode::GenericError),
    ),
    // Codes of other versions, and none at all.
    (
        r#"[4,"{id}","FormatViolation","",{}]"#,
        CallFailure::Error(ErrorCode::GenericError),
    ),
    (
        r#"[4,"{id}","","",{}]"#,
        CallFailure::Error(ErrorCode::GenericError),
    ),
    // Some leave out what they have nothing to say in.
    (
        r#"[4,"{id}","InternalError",""]"#,
        CallFailure::Error(ErrorCode::InternalError),
    ),
    (
        r#"[4,"{id}","InternalError"]"#,
        CallFailure::Error(ErrorCode::InternalError),
    ),
    (
        r#"[4,"{id}","InternalError",null,null]"#,
        CallFailure::Error(ErrorCode::InternalError),
    ),
    // Of these only the id can be used, and no other answer comes.
    (r#"[4,"{id}"]"#, CallFailure::BadAnswer),
    (r#"[4,"{id}",5,"",{}]"#, CallFailure::BadAnswer),
    (r#"[4,"{id}",null]"#, CallFailure::BadAnswer),
    (
        r#"[4,"{id}","InternalError","",{},{}]"#,
        CallFailure::BadAnswer,
    ),
    (r#"[3,"{id}"]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",""]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",true]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",5]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",[{}]]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",{},{}]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",{},"",{}]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",{}"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",{"status":}]"#, CallFailure::BadAnswer),
    (r#"[3,"{id}",None]"#, CallFailure::BadAnswer),
    (r#"[4,"{id}","InternalError","#, CallFailure::BadAnswer),
    ("[3,\"{id}\",{\"\u{1}\":1}]", CallFailure::BadAnswer),
    // No answer is recognised in these.
    (r#"[3,"{id}x",{}]"#, CallFailure::Timeout),
    (r#"["3","{id}",{}]"#, CallFailure::Timeout),
    (r#"{"id":"{id}"}"#, CallFailure::Timeout),
];

/// CALLRESULTs that cannot be read, for the actions whose answer says something.
const UNREADABLE: [(&str, &[&str]); 5] = [
    (
        "BootNotification",
        &[
            "{}",
            "null",
            "[]",
            r#"{"interval":300,"currentTime":"2026-01-01T00:00:00Z"}"#,
            r#"{"status":null,"interval":300,"currentTime":"2026-01-01T00:00:00Z"}"#,
            r#"{"status":"accepted","interval":300,"currentTime":"2026-01-01T00:00:00Z"}"#,
        ],
    ),
    (
        "Heartbeat",
        &[
            "{}",
            "null",
            r#"{"currentTime":5}"#,
            r#"{"currentTime":"25:00"}"#,
        ],
    ),
    (
        "Authorize",
        &[
            "{}",
            "null",
            r#"{"idTagInfo":null}"#,
            r#"{"idTagInfo":[]}"#,
            r#"{"idTagInfo":{}}"#,
            r#"{"idTagInfo":{"status":"ok"}}"#,
            r#"{"idTagInfo":{"status":1}}"#,
        ],
    ),
    (
        "StartTransaction",
        &[
            "{}",
            "[]",
            r#"{"idTagInfo":{"status":"Accepted"}}"#,
            r#"{"idTagInfo":{"status":"Accepted"},"transactionId":"five"}"#,
            r#"{"idTagInfo":{"status":"Accepted"},"transactionId":5.5}"#,
            r#"{"idTagInfo":{"status":"Accepted"},"transactionId":9223372036854775808}"#,
        ],
    ),
    (
        "DataTransfer",
        &["{}", "null", r#"{"status":"Fine"}"#, r#"{"status":null}"#],
    ),
];

/// What makes the station send a CALL of that action.
fn provoke(bench: &mut Bench, action: &str) {
    match action {
        "BootNotification" => bench.advance(0),
        "Heartbeat" => bench.advance(300 * SECOND),
        "StatusNotification" => bench.plug(2),
        "MeterValues" => {
            bench.charge(1, "TAG");
            bench.advance(MINUTE);
        }
        "DataTransfer" => {
            let transfer = Input::DataTransfer {
                vendor_id: "v",
                message_id: None,
                payload: None,
            };
            bench.input(transfer).unwrap();
        }
        "Authorize" | "StartTransaction" => {
            bench.plug(1);
            bench.tag(1, "TAG");
        }
        "FirmwareStatusNotification" | "DiagnosticsStatusNotification" => {
            let trigger = serde_json::json!({ "requestedMessage": action });
            bench.ask("TriggerMessage", trigger);
        }
        _ => {
            bench.charge(1, "TAG");
            bench.tag(1, "TAG");
        }
    }
}

/// One CALL gets that answer: it fails as expected, and the station goes on.
fn check(action: &'static str, answer: &str, failure: CallFailure) {
    let mut bench = Bench::cold(Setup::default());
    if action != "BootNotification" {
        bench.advance(0);
        bench.forget();
    }
    bench.reply_once(action, Reply::Raw(answer.to_owned()));
    provoke(&mut bench, action);
    bench.advance(match failure {
        CallFailure::Timeout => 31 * SECOND,
        _ => 0,
    });
    assert!(
        bench.saw(&Event::CallFailed { action, failure }),
        "{action} answered with {answer}: {:?}",
        bench.events()
    );
    if failure == CallFailure::Timeout {
        let dropped = bench.events().iter();
        let dropped = dropped.filter(|event| matches!(event, Event::FrameDropped(_)));
        assert_eq!(dropped.count(), 1, "{action} answered with {answer}");
    }
    bench.advance(10 * MINUTE);
    assert!(bench.is_online(), "{action} answered with {answer}");
    bench.forget();
    if !bench.is_charging(1) {
        bench.tag(1, "NEXT");
    }
    bench.tag(1, if bench.is_charging(1) { "TAG" } else { "NEXT" });
    bench.set("BlinkRepeat", "5");
}

#[test]
fn every_call_survives_every_odd_answer() {
    for action in [
        "BootNotification",
        "Heartbeat",
        "StatusNotification",
        "Authorize",
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
        "DataTransfer",
        #[cfg(feature = "firmware-management")]
        "FirmwareStatusNotification",
        #[cfg(feature = "firmware-management")]
        "DiagnosticsStatusNotification",
    ] {
        for (answer, failure) in TO_EVERY_CALL {
            check(action, answer, failure);
        }
    }
}

#[test]
fn every_unreadable_result_is_a_failed_call() {
    for (action, payloads) in UNREADABLE {
        for payload in payloads {
            let answer = format!(r#"[3,"{{id}}",{payload}]"#);
            check(action, &answer, CallFailure::BadAnswer);
        }
    }
}

#[test]
fn what_can_be_done_without_is_forgiven() {
    for (action, payload) in [
        (
            "BootNotification",
            r#"{"status":"Accepted","interval":300,"currentTime":"2026-01-01T00:00:00","more":{}}"#,
        ),
        (
            "Heartbeat",
            r#"{"currentTime":"2026-01-01T00:00:00.123456+05:30","more":null}"#,
        ),
        (
            "BootNotification",
            r#"{"status":"Accepted","interval":"300","currentTime":"2026-01-01T01:00:00+01"}"#,
        ),
        (
            "BootNotification",
            r#"{"status":"Accepted","interval":300.0,"currentTime":"2026-01-01T01:00:00+0100"}"#,
        ),
        ("BootNotification", r#"{"status":"Accepted"}"#),
        (
            "BootNotification",
            r#"{"status":"Accepted","interval":1e99,"currentTime":null,"interval":{}}"#,
        ),
        ("Heartbeat", r#"{"currentTime":"2026-01-01T00:00:00+0000"}"#),
        ("StatusNotification", "null"),
        ("StatusNotification", "[]"),
        ("MeterValues", "null"),
        ("MeterValues", "[ ]"),
        ("StopTransaction", "null"),
        ("StopTransaction", "[]"),
        ("StopTransaction", r#"{"idTagInfo":[]}"#),
        ("StatusNotification", r#"{"more":[1,2],"more":null}"#),
        (
            "Authorize",
            r#"{"idTagInfo":{"status":"Accepted","expiryDate":"","parentIdTag":null,"more":1}}"#,
        ),
        (
            "StartTransaction",
            r#"{"transactionId":5,"idTagInfo":{"status":"Accepted","parentIdTag":"a tag of more than 20"}}"#,
        ),
        ("StartTransaction", r#"{"transactionId":5}"#),
        (
            "StartTransaction",
            r#"{"transactionId":"5","idTagInfo":{"status":"Accepted"}}"#,
        ),
        (
            "StartTransaction",
            r#"{"transactionId":5.0,"idTagInfo":[]}"#,
        ),
        (
            "StartTransaction",
            r#"{"transactionId":5,"idTagInfo":{"status":"Perhaps"}}"#,
        ),
        ("MeterValues", r#"{"status":"Accepted"}"#),
        ("StopTransaction", r#"{"idTagInfo":null}"#),
        ("StopTransaction", r#"{"idTagInfo":{"status":"Perhaps"}}"#),
        ("DataTransfer", r#"{"status":"Accepted","data":5}"#),
    ] {
        let mut bench = Bench::cold(Setup::default());
        let answer = format!(r#"[3,"{{id}}",{payload}]"#);
        bench.reply_once(action, Reply::Raw(answer));
        bench.advance(0);
        provoke(&mut bench, action);
        bench.advance(SECOND);
        let failed = bench.events().iter();
        let failed: Vec<_> = failed
            .filter(|event| matches!(event, Event::CallFailed { .. } | Event::FrameDropped(_)))
            .collect();
        assert!(failed.is_empty(), "{action}: {failed:?}");
        assert!(bench.is_online());
    }
}
