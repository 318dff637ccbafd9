//! Logs that are uploaded by GetLog (security whitepaper, N01), and what an ExtendedTriggerMessage asks for.

use ocpp::{
    domain::{TransferFailure, TransferProtocol},
    station::{Event, Input},
};
use serde_json::{Value, json};

use crate::support::{Answer, Bench, MINUTE, Reply, SECOND, Setup};

const FOLDER: &str = "https://files.example/logs";

/// GetLog of that kind, with that number.
fn get(bench: &mut Bench, kind: &str, number: i32) -> Value {
    let log = json!({ "remoteLocation": FOLDER, "oldestTimestamp": "2026-03-02T07:00:00Z" });
    let request = json!({ "logType": kind, "requestId": number, "retries": 0, "log": log });
    bench.call("GetLog", request)
}

/// Status and number of what the central system was told.
fn statuses(bench: &mut Bench) -> Vec<(String, Option<i64>)> {
    let calls = bench.all_calls("LogStatusNotification").into_iter();
    calls
        .map(|call| {
            let status = call["status"].as_str().unwrap().to_owned();
            (status, call["requestId"].as_i64())
        })
        .collect()
}

fn told(expected: &[(&str, i64)]) -> Vec<(String, Option<i64>)> {
    let one = |(status, number): &(&str, i64)| ((*status).to_owned(), Some(*number));
    expected.iter().map(one).collect()
}

#[test]
fn both_logs_are_uploaded_and_told_of_with_their_number() {
    for (kind, name) in [
        ("DiagnosticsLog", "diagnostics-20260302T080000Z.txt"),
        ("SecurityLog", "security-20260302T080000Z.txt"),
    ] {
        let mut bench = Bench::new();
        let answer = get(&mut bench, kind, 7);
        assert_eq!(answer, json!({ "status": "Accepted", "filename": name }));
        let upload = bench.station().log_upload().unwrap();
        assert_eq!(upload.is_security_log, kind == "SecurityLog");
        assert_eq!(
            (upload.location, upload.oldest),
            (FOLDER, Some(1_772_434_800_000))
        );
        bench.advance(MINUTE);
        assert_eq!(
            statuses(&mut bench),
            told(&[("Uploading", 7), ("Uploaded", 7)])
        );
        assert!(bench.all_calls("DiagnosticsStatusNotification").is_empty());
    }
}

#[test]
fn another_log_takes_the_place_of_the_one_that_is_uploaded() {
    let mut bench = Bench::new();
    get(&mut bench, "DiagnosticsLog", 1);
    bench.advance(SECOND);
    let answer = get(&mut bench, "SecurityLog", 2);
    assert_eq!(answer["status"], "AcceptedCanceled");
    assert!(bench.saw(&Event::CancelLog));
    bench.advance(MINUTE);
    assert_eq!(
        statuses(&mut bench),
        told(&[("Uploading", 1), ("Uploading", 2), ("Uploaded", 2)])
    );
    // What has ended is not cancelled.
    assert_eq!(get(&mut bench, "SecurityLog", 3)["status"], "Accepted");
}

#[test]
fn an_upload_that_fails_says_why() {
    for (failure, status) in [
        (TransferFailure::Interrupted, "UploadFailure"),
        (TransferFailure::Refused, "PermissionDenied"),
        (TransferFailure::NotSupported, "NotSupportedOperation"),
    ] {
        let mut bench = Bench::new();
        bench.files.uploads = vec![Err(failure)].into();
        get(&mut bench, "DiagnosticsLog", -1);
        bench.advance(MINUTE);
        assert_eq!(
            statuses(&mut bench),
            told(&[("Uploading", -1), (status, -1)])
        );
    }
    let mut bench = Bench::with(Setup {
        transfer_protocols: &[],
        ..Setup::default()
    });
    assert_eq!(
        get(&mut bench, "SecurityLog", 1),
        json!({ "status": "Rejected" })
    );
    let mut bench = Bench::with(Setup {
        transfer_protocols: &[TransferProtocol::Ftp],
        ..Setup::default()
    });
    get(&mut bench, "SecurityLog", 1);
    bench.advance(MINUTE);
    assert_eq!(
        statuses(&mut bench).pop(),
        told(&[("NotSupportedOperation", 1)]).pop()
    );
}

#[test]
fn an_upload_keeps_its_number_over_a_power_loss() {
    let mut bench = Bench::new();
    get(&mut bench, "SecurityLog", 9);
    bench.power_loss();
    let upload = bench.station().log_upload().unwrap();
    assert!(upload.is_security_log);
    assert!(upload.file_name.starts_with("security-"));
    bench.take_sent();
    bench.disconnect();
    bench.advance(MINUTE);
    bench.power_loss();
    bench.reconnect();
    bench.advance(SECOND);
    assert_eq!(statuses(&mut bench), told(&[("Uploaded", 9)]));
}

#[test]
fn a_trigger_tells_in_the_words_of_its_message() {
    let mut bench = Bench::new();
    let trigger = json!({ "requestedMessage": "LogStatusNotification" });
    let extended = |bench: &mut Bench| {
        let status = bench.status_of("ExtendedTriggerMessage", trigger.clone());
        assert_eq!(status, "Accepted");
        bench.find_call("LogStatusNotification")
    };
    assert_eq!(extended(&mut bench), json!({ "status": "Idle" }));
    get(&mut bench, "DiagnosticsLog", 4);
    bench.take_sent();
    let uploading = json!({ "status": "Uploading", "requestId": 4 });
    assert_eq!(extended(&mut bench), uploading);
    let plain = json!({ "requestedMessage": "DiagnosticsStatusNotification" });
    assert_eq!(bench.status_of("TriggerMessage", plain), "Accepted");
    let status = bench.find_call("DiagnosticsStatusNotification");
    assert_eq!(status, json!({ "status": "Uploading" }));
    bench.advance(MINUTE);
    bench.take_sent();
    assert_eq!(extended(&mut bench), json!({ "status": "Idle" }));
}

#[test]
fn an_extended_trigger_asks_for_what_a_plain_one_does() {
    let mut bench = Bench::new();
    for (message, connector, status, call) in [
        ("Heartbeat", None, "Accepted", Some("Heartbeat")),
        (
            "StatusNotification",
            Some(1),
            "Accepted",
            Some("StatusNotification"),
        ),
        ("StatusNotification", Some(9), "Rejected", None),
        ("MeterValues", Some(1), "Accepted", Some("MeterValues")),
        ("BootNotification", None, "Rejected", None),
        (
            "FirmwareStatusNotification",
            None,
            "Accepted",
            Some("SignedFirmwareStatusNotification"),
        ),
    ] {
        bench.take_sent();
        let mut request = json!({ "requestedMessage": message });
        if let Some(connector) = connector {
            request["connectorId"] = json!(connector);
        }
        let id = bench.ask("ExtendedTriggerMessage", request);
        bench.advance(2 * SECOND);
        assert_eq!(bench.answer(&id)["status"], status, "{message}");
        assert_eq!(bench.next_action(), call, "{message}");
    }
}

#[test]
fn an_extended_trigger_of_what_is_not_known_is_not_implemented() {
    let mut bench = Bench::new();
    for message in [
        "DiagnosticsStatusNotification",
        "TransactionEvent",
        "SignV2GCertificate",
        "",
    ] {
        let payload = json!({ "requestedMessage": message });
        let frame = json!([2, "x", "ExtendedTriggerMessage", payload]).to_string();
        let answers = bench.odd_frame(Input::Frame(frame.as_bytes()), "x");
        let answer = Answer::Result(json!({ "status": "NotImplemented" }));
        assert_eq!(answers, [answer], "{message}");
    }
}

#[test]
fn a_central_system_that_does_not_know_the_statuses_is_not_told_again() {
    let mut bench = Bench::new();
    bench.reply_always("LogStatusNotification", Reply::Error("NotImplemented"));
    get(&mut bench, "SecurityLog", 1);
    bench.advance(60 * MINUTE);
    assert_eq!(statuses(&mut bench).len(), 2);
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), []);
}
