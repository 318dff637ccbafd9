//! Diagnostics that are uploaded (OCPP 1.6, 4.4 and 5.9).

use ocpp::{
    domain::{TransferFailure, TransferProtocol},
    station::{Event, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Setup};

const FOLDER: &str = "ftp://user:password@files.example/diagnostics/";

/// GetDiagnostics: the name of the file.
fn get(bench: &mut Bench, request: Value) -> String {
    let answer = bench.call("GetDiagnostics", request);
    answer["fileName"].as_str().unwrap_or("").to_owned()
}

fn statuses(bench: &mut Bench) -> Vec<String> {
    let calls = bench.all_calls("DiagnosticsStatusNotification").into_iter();
    calls
        .map(|call| call["status"].as_str().unwrap().to_owned())
        .collect()
}

fn triggered(bench: &mut Bench) -> String {
    let trigger = json!({ "requestedMessage": "DiagnosticsStatusNotification" });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    let status = bench
        .all_calls("DiagnosticsStatusNotification")
        .pop()
        .unwrap();
    status["status"].as_str().unwrap().to_owned()
}

#[test]
fn the_file_is_named_at_once_and_uploaded_then() {
    let mut bench = Bench::new();
    bench.forget();
    let request = json!({
        "location": FOLDER,
        "startTime": "2026-03-02T07:00:00Z",
        "stopTime": "2026-03-02T08:00:00Z",
    });
    let name = get(&mut bench, request);
    assert_eq!(name, "diagnostics-20260302T080000Z.txt");
    assert_eq!(
        bench.order(),
        ["-> GetDiagnostics", "DiagnosticsStatusNotification"]
    );
    let to = FOLDER.to_owned();
    let (from, until) = (Some(1_772_434_800_000), Some(1_772_438_400_000));
    assert_eq!(bench.files.uploaded, [(to, name, from, until)]);
    assert_eq!(triggered(&mut bench), "Uploading");
    bench.advance(5 * SECOND);
    assert_eq!(statuses(&mut bench), ["Uploaded"]);
    assert_eq!(triggered(&mut bench), "Idle");
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), [""; 0]);
    assert!(
        bench
            .disk
            .snapshot()
            .keys()
            .all(|id| id.0 >> 8 != 0x0b && id.0 >> 8 != 0x0c)
    );
}

#[test]
fn an_upload_is_tried_as_often_as_the_central_system_says() {
    for (failures, outcome, attempts) in [(2, "Uploaded", 3), (9, "UploadFailed", 3)] {
        let mut bench = Bench::new();
        bench.files.uploads = vec![Err(TransferFailure::Interrupted); failures].into();
        let request = json!({ "location": FOLDER, "retries": 2, "retryInterval": 60 });
        get(&mut bench, request);
        bench.advance(64 * SECOND);
        assert_eq!(bench.files.uploaded.len(), 1);
        bench.advance(SECOND);
        assert_eq!(bench.files.uploaded.len(), 2);
        bench.advance(HOUR);
        assert_eq!(bench.files.uploaded.len(), attempts);
        assert_eq!(statuses(&mut bench), ["Uploading", outcome]);
        let names: Vec<_> = bench.files.uploaded.iter().map(|file| &file.1).collect();
        assert!(names.iter().all(|name| *name == names[0]));
    }
}

#[test]
fn a_charge_point_that_uploads_nothing_names_no_file() {
    let mut bench = Bench::with(Setup {
        transfer_protocols: &[],
        ..Setup::default()
    });
    let answer = bench.call("GetDiagnostics", json!({ "location": FOLDER }));
    assert_eq!(answer, json!({}));
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), [""; 0]);
    assert_eq!(triggered(&mut bench), "Idle");
}

#[test]
fn a_folder_that_cannot_be_reached_by_any_protocol_fails() {
    let mut bench = Bench::with(Setup {
        transfer_protocols: &[TransferProtocol::Https],
        ..Setup::default()
    });
    assert_ne!(get(&mut bench, json!({ "location": FOLDER })), "");
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), ["UploadFailed"]);
    assert_eq!(bench.files.uploaded, []);
}

#[test]
fn a_second_request_takes_the_place_of_the_first() {
    let mut bench = Bench::new();
    get(&mut bench, json!({ "location": FOLDER }));
    bench.advance(SECOND);
    get(&mut bench, json!({ "location": "https://files.example/" }));
    assert!(bench.saw(&Event::CancelLog));
    bench.advance(MINUTE);
    assert_eq!(bench.files.uploaded.len(), 2);
    assert_eq!(statuses(&mut bench), ["Uploading", "Uploading", "Uploaded"]);
}

#[test]
fn power_that_is_lost_in_an_upload_begins_it_again() {
    let mut bench = Bench::new();
    get(
        &mut bench,
        json!({ "location": FOLDER, "startTime": "2026-03-02T07:00:00Z" }),
    );
    bench.advance(SECOND);
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(bench.files.uploaded.len(), 2);
    assert_eq!(bench.files.uploaded[0], bench.files.uploaded[1]);
    assert_eq!(statuses(&mut bench), ["Uploading", "Uploading", "Uploaded"]);
}

#[test]
fn an_upload_that_takes_the_power_again_and_again_has_failed() {
    let mut bench = Bench::new();
    get(&mut bench, json!({ "location": FOLDER }));
    for _ in 0..5 {
        bench.advance(SECOND);
        bench.power_loss();
    }
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench).last().unwrap(), "UploadFailed");
}

#[test]
fn without_a_connection_the_outcome_waits() {
    let mut bench = Bench::new();
    bench.reply_always("DiagnosticsStatusNotification", Reply::Cut);
    get(&mut bench, json!({ "location": FOLDER }));
    bench.advance(SECOND);
    bench.disconnect();
    bench.advance(MINUTE);
    bench.power_loss();
    bench.forget();
    bench.reply_normally_to_all();
    bench.reconnect();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), ["Uploaded"]);
}

#[test]
fn the_application_cannot_say_what_it_was_not_asked() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.input(Input::LogUpload(Ok(()))),
        Err(Refused::Unexpected)
    );
}

#[test]
fn a_log_and_an_image_are_transferred_at_the_same_time() {
    let mut bench = Bench::new();
    get(&mut bench, json!({ "location": FOLDER }));
    let request = json!({ "location": "http://x/y", "retrieveDate": bench.utc() });
    bench.call("UpdateFirmware", request);
    bench.advance(MINUTE);
    let calls = bench.take_sent();
    let told = calls
        .iter()
        .filter_map(|call| call.payload["status"].as_str());
    let told: Vec<_> = told
        .filter(|status| status.starts_with("Upload") || status.starts_with("Install"))
        .collect();
    assert_eq!(told, ["Uploading", "Uploaded", "Installing", "Installed"]);
}
