//! Firmware that is fetched, by a thread of its own, and installed.

use super::*;
use crate::host::files;

const LOCATION: &str = "http://u:p@files:8080/image";

/// A charge point that is online, with an application that may put installations off.
struct Updated(#[allow(dead_code, reason = "it is held")] Turn);

impl Updated {
    fn online() -> Self {
        Self(Turn::online())
    }

    fn with(file: &[u8]) -> Self {
        let online = Self::online();
        files::place(|place| place.file = file.into());
        online
    }
}

impl Drop for Updated {
    fn drop(&mut self) {
        APP.puts_off.store(false, Ordering::Relaxed);
    }
}

fn update(location: &str) {
    let call = std::format!(
        r#"[2,"u","UpdateFirmware",{{"location":"{location}","retrieveDate":"2020-01-01T00:00:00Z"}}]"#
    );
    host::wire(|wire| wire.say(&call));
}

/// The statuses that were told.
fn statuses() -> Vec<String> {
    let frames = host::wire(|wire| wire.frames.clone());
    let told = frames
        .iter()
        .filter(|frame| frame.contains("\"FirmwareStatusNotification\""));
    told.filter_map(|frame| frame.split('"').nth(7).map(String::from))
        .collect()
}

fn tells(wanted: &[&str]) -> bool {
    wait_until(|| statuses() == wanted, PATIENCE)
}

fn says(line: &str) -> bool {
    wait_until(|| host::lines().iter().any(|said| said == line), PATIENCE)
}

#[test]
fn an_image_is_fetched_and_installed() {
    let _updated = Updated::with(b"new firmware");
    update(LOCATION);
    assert!(tells(&["Downloading", "Downloaded", "Installing"]));
    assert!(APP.hears("reset false", PATIENCE));
    let (asked, slot, is_pending) =
        files::place(|place| (place.asked.clone(), place.slot.clone(), place.is_pending));
    assert_eq!(asked, ["files:8080/image"]);
    assert_eq!(slot, b"new firmware");
    assert!(is_pending);
}

#[test]
fn an_image_that_runs_already_takes_no_reset() {
    let _updated = Updated::with(b"running firmware");
    update(LOCATION);
    assert!(tells(&[
        "Downloading",
        "Downloaded",
        "Installing",
        "Installed"
    ]));
    assert!(!files::place(|place| place.is_pending));
}

#[test]
fn what_is_no_image_is_not_installed() {
    let _updated = Updated::with(b"<html>");
    update(LOCATION);
    let told = [
        "Downloading",
        "Downloaded",
        "Installing",
        "InstallationFailed",
    ];
    assert!(tells(&told));
    assert!(!files::place(|place| place.is_pending));
}

#[test]
fn what_is_not_fetched_whole_is_not_installed() {
    type Change = fn(&mut files::Place);
    let cases: [(&str, Change); 6] = [
        ("Empty", |place| place.file.clear()),
        ("TooLarge", |place| place.room = 11),
        ("NotSupported", |place| place.room = 0),
        ("Interrupted", |place| place.breaks = true),
        ("Refused", |place| place.status = 404),
        ("Refused", |place| {
            place.status = 302;
            place.leads_to = "/again".into();
        }),
    ];
    for (why, change) in cases {
        let _updated = Updated::with(b"new firmware");
        files::place(change);
        update(LOCATION);
        assert!(tells(&["Downloading", "DownloadFailed"]), "{why}");
        assert!(says(&std::format!("firmware: not downloaded: {why}")));
        assert!(!files::place(|place| place.is_pending));
        // So often is it led on.
        let asked = files::place(|place| place.asked.len());
        let leads = files::place(|place| place.status == 302);
        assert_eq!(
            asked,
            if leads {
                6
            } else {
                usize::from(why != "NotSupported")
            }
        );
    }
}

#[test]
fn a_second_request_takes_the_place_of_the_first() {
    let _updated = Updated::with(b"new firmware");
    files::place(|place| place.hangs = true);
    update("http://files/first");
    assert!(wait_until(
        || !files::place(|place| place.asked.is_empty()),
        PATIENCE
    ));
    files::place(|place| place.hangs = true);
    update("http://files/second");
    assert!(wait_until(
        || files::place(|place| place.asked.len() == 2),
        PATIENCE
    ));
    files::place(|place| place.hangs = false);
    assert!(APP.hears("reset false", PATIENCE));
    assert!(tells(&[
        "Downloading",
        "Downloading",
        "Downloaded",
        "Installing"
    ]));
    let asked = files::place(|place| place.asked.clone());
    assert_eq!(asked, ["files:80/first", "files:80/second"]);
}

#[test]
fn the_application_puts_an_installation_off() {
    let _updated = Updated::with(b"new firmware");
    assert_eq!(charge_point::install_firmware(), Err(Error::Invalid));
    APP.puts_off.store(true, Ordering::Relaxed);
    update(LOCATION);
    assert!(APP.hears("install", PATIENCE));
    assert!(tells(&["Downloading", "Downloaded", "Installing"]));
    assert!(wait_until(
        || charge_point::install_firmware().is_ok(),
        PATIENCE
    ));
    assert!(APP.hears("reset false", PATIENCE));
    assert_eq!(charge_point::install_firmware(), Err(Error::Invalid));
}

#[test]
fn a_shutdown_does_not_wait_for_a_server() {
    let _updated = Updated::with(b"new firmware");
    files::place(|place| place.hangs = true);
    update(LOCATION);
    assert!(wait_until(
        || !files::place(|place| place.asked.is_empty()),
        PATIENCE
    ));
    assert_eq!(charge_point::stop(), Ok(()));
}

#[test]
fn diagnostics_are_delivered() {
    let _updated = Updated::online();
    let call = r#"[2,"d","GetDiagnostics",{"location":"http://files/logs/"}]"#;
    host::wire(|wire| wire.say(call));
    assert!(says("diagnostics: Uploaded"));
    let (asked, delivered) = files::place(|place| (place.asked.clone(), place.delivered.clone()));
    assert!(
        asked[0].starts_with("files:80/logs/diagnostics-"),
        "{asked:?}"
    );
    let delivered = String::from_utf8(delivered).unwrap();
    assert!(
        delivered.contains("boot notification: Accepted\n"),
        "{delivered}"
    );
    let frames = host::wire(|wire| wire.frames.clone());
    for status in ["Uploading", "Uploaded"] {
        let told = std::format!(r#""DiagnosticsStatusNotification",{{"status":"{status}"}}"#);
        assert_eq!(frames.iter().filter(|it| it.contains(&told)).count(), 1);
    }
}
