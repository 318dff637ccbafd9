//! Central systems that are not to the letter of OCPP 1.6: what is told of it, and `--strict`.

use std::process::Stdio;

use central_system::{Answer, Behaviour, CentralSystem};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON, binary};

const TIME: &str = "2026-03-02T08:00:00Z";
const INTEGER: &str = "must be a whole number of 32 bits";

/// Answers BootNotification with that interval.
fn central(interval: Value) -> CentralSystem {
    let behaviour = Behaviour::new().on_call(move |_, action, _| {
        let boot = json!({ "status": "Accepted", "interval": interval, "currentTime": TIME });
        (action == "BootNotification").then_some(Answer::Result(boot))
    });
    CentralSystem::start(behaviour).unwrap()
}

/// What a CALL with that id (as it stands in the frame) is answered with.
fn ask(central: &CentralSystem, charge_point: &mut ChargePoint, id: &str, rest: &str) -> Value {
    let frame = format!("[2,{id},{rest}]");
    central.send_raw(IDENTITY, frame).unwrap();
    let (result, error) = (format!("[3,{id},"), format!("[4,{id},"));
    let answer = charge_point.wait("frame", |e| {
        let text = e["text"].as_str().unwrap();
        e["dir"] == "out" && (text.starts_with(&result) || text.starts_with(&error))
    });
    serde_json::from_str(answer["text"].as_str().unwrap()).unwrap()
}

/// Action, part and field of all deviations, and what is wrong there.
fn deviations(charge_point: &mut ChargePoint) -> Vec<[String; 4]> {
    let told = charge_point.told("deviation").into_iter();
    told.map(|told| {
        ["action", "part", "field", "rule"].map(|name| told[name].as_str().unwrap().to_owned())
    })
    .collect()
}

/// Requests, the field that is not to the letter, and how a strict charge point refuses them.
const LOOSE: [(&str, [&str; 4], &str); 4] = [
    (
        r#""ClearCache",[]"#,
        ["ClearCache", "request", "payload", "must be an object"],
        "FormationViolation",
    ),
    (
        r#""DataTransfer",{"vendorId":"v","messageId":null}"#,
        [
            "DataTransfer",
            "request",
            "messageId",
            "must be a text of at most 50 characters",
        ],
        "TypeConstraintViolation",
    ),
    (
        r#""ChangeAvailability",{"connectorId":1.0,"type":"Operative"}"#,
        ["ChangeAvailability", "request", "connectorId", INTEGER],
        "TypeConstraintViolation",
    ),
    (
        r#""RemoteStartTransaction",{"idTag":"A","chargingProfile":{"chargingProfileId":1,
           "stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile",
           "chargingProfileKind":"Relative","chargingSchedule":{"chargingRateUnit":"A",
           "chargingSchedulePeriod":[{"startPeriod":0,"limit":6,"numberPhases":null}]}}}"#,
        [
            "RemoteStartTransaction",
            "request",
            "chargingProfile.chargingSchedule.chargingSchedulePeriod[0].numberPhases",
            INTEGER,
        ],
        "TypeConstraintViolation",
    ),
];

#[test]
fn what_can_mean_only_one_thing_is_taken_and_told() {
    let central = central(json!("60"));
    let mut charge_point = ChargePoint::online(&central, &[]);
    for (rest, ..) in LOOSE {
        let answer = ask(&central, &mut charge_point, "\"a\"", rest);
        assert_eq!(answer[0], 3, "{rest}: {answer}");
    }
    let answer = ask(&central, &mut charge_point, "7", r#""ClearCache",null"#);
    assert_eq!(answer, json!([3, 7, { "status": "Accepted" }]));
    let keys = r#""GetConfiguration",{"key":["HeartbeatInterval"]}"#;
    let keys = ask(&central, &mut charge_point, "\"b\"", keys);
    assert_eq!(keys[2]["configurationKey"][0]["value"], "60");
    assert_eq!(charge_point.end(), Some(0));

    let boot = ["BootNotification", "answer", "interval", INTEGER];
    let id = "must be a text of at most 36 characters";
    let id = ["ClearCache", "request", "messageId", id];
    let expected = [boot]
        .into_iter()
        .chain(LOOSE.map(|(_, deviation, _)| deviation))
        .chain([id]);
    let expected: Vec<_> = expected.map(|words| words.map(str::to_owned)).collect();
    assert_eq!(deviations(&mut charge_point), expected);
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
}

#[test]
fn strict_refuses_it() {
    let central = central(json!(60));
    let mut charge_point = ChargePoint::online(&central, &["--strict"]);
    for (rest, _, code) in LOOSE {
        let answer = ask(&central, &mut charge_point, "\"a\"", rest);
        assert_eq!(
            (&answer[0], &answer[2]),
            (&json!(4), &json!(code)),
            "{rest}"
        );
    }
    // A number is no id that could be answered to.
    central
        .send_raw(IDENTITY, r#"[2,7,"ClearCache",{}]"#)
        .unwrap();
    charge_point.wait("error", |e| e["message"].as_str().unwrap().contains("NoId"));
    // What OCPP-J has for no payload.
    let answer = ask(&central, &mut charge_point, "\"b\"", r#""ClearCache",null"#);
    assert_eq!(answer[2]["status"], "Accepted");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(deviations(&mut charge_point).len(), LOOSE.len() + 1);
}

#[test]
fn strict_refuses_answers_as_well() {
    let central = central(json!("60"));
    let mut charge_point = ChargePoint::start(&central, &["--strict"]);
    charge_point.wait("error", |e| {
        e["message"] == "BootNotification failed: the answer cannot be read"
    });
    assert_eq!(deviations(&mut charge_point).len(), 1);
    assert_eq!(charge_point.told("registered"), Vec::<Value>::new());
}

#[test]
fn strict_has_nothing_against_the_letter() {
    let central = central(json!(60));
    let mut charge_point = ChargePoint::online(&central, &["--strict"]);
    let change = json!({ "key": "BlinkRepeat", "value": "3" });
    let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
    assert_eq!(answer.unwrap()["status"], "Accepted");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(charge_point.told("deviation"), Vec::<Value>::new());
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
}

#[test]
fn people_read_where_it_is() {
    let central = central(json!(60.0));
    let mut child = binary()
        .args(["--csms", &central.url(), "--id", IDENTITY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY);
        station.is_some_and(|station| station.status(2).is_some())
    }));
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let line = told.lines().find(|line| line.contains("  ! "));
    let line = line.unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("BootNotification.conf"), "{line}");
    assert!(line.ends_with(&format!("interval {INTEGER}")), "{line}");
}
