//! Updates of the firmware (OCPP 1.6, 4.5 and 5.19) over resets, restarts, lost connections and power losses.

use ocpp::domain::{Status, TransferFailure};
use serde_json::json;

use crate::firmware::{IMAGE, WHOLE, statuses, update};
use crate::support::{Bench, HOUR, Installation, MINUTE, OnReset, Reply, SECOND};

#[test]
fn a_reset_before_the_installation_begins_the_download_again() {
    let mut bench = Bench::new();
    update(&mut bench);
    bench.advance(SECOND);
    assert_eq!(
        bench.status_of("Reset", json!({ "type": "Hard" })),
        "Accepted"
    );
    bench.advance(MINUTE);
    assert_eq!(bench.files.downloaded, [IMAGE, IMAGE]);
    let expected = [
        "Downloading",
        "Downloading",
        "Downloaded",
        "Installing",
        "Installed",
    ];
    assert_eq!(statuses(&mut bench), expected);
}

#[test]
fn a_restart_that_fails_is_a_failed_installation() {
    let mut bench = Bench::new();
    bench.on_reset = OnReset::Fail;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(bench.resets.len(), 4);
    assert_eq!(
        statuses(&mut bench),
        [
            "Downloading",
            "Downloaded",
            "Installing",
            "InstallationFailed"
        ]
    );
    assert_eq!(bench.status(1), Some(Status::Available));
}

#[test]
fn the_installation_goes_on_without_a_connection_and_is_told_of_later() {
    let mut bench = Bench::new();
    update(&mut bench);
    bench.advance(SECOND);
    bench.disconnect();
    bench.advance(HOUR);
    assert_eq!(bench.files.installed, 1);
    bench.forget();
    bench.reconnect();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), ["Installed"]);
}

#[test]
fn an_outcome_is_told_until_the_central_system_has_answered() {
    let mut bench = Bench::new();
    bench.reply_always("FirmwareStatusNotification", Reply::Never);
    bench.files.downloads = vec![Err(TransferFailure::Interrupted)].into();
    update(&mut bench);
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), ["Downloading", "DownloadFailed"]);
    bench.power_loss();
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), ["DownloadFailed"]);
    bench.cut();
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), ["DownloadFailed"]);
    bench.reply_normally("FirmwareStatusNotification");
    bench.cut();
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), ["DownloadFailed"]);
    bench.power_loss();
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), [""; 0]);
}

#[test]
fn a_central_system_that_knows_no_such_message_is_not_told_again() {
    let mut bench = Bench::new();
    bench.reply_always("FirmwareStatusNotification", Reply::Error("NotImplemented"));
    update(&mut bench);
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), WHOLE);
    bench.power_loss();
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), [""; 0]);
}

#[test]
fn power_is_lost_in_each_state() {
    // After so many seconds of an update in which everything takes 5 s: in the download, in the
    // installation, and before the outcome was told.
    for (at, downloads, installations) in [(1, 2, 1), (4, 2, 1), (6, 1, 2), (9, 1, 2)] {
        let mut bench = Bench::new();
        update(&mut bench);
        bench.advance(at * SECOND);
        bench.power_loss();
        bench.advance(HOUR);
        let told = statuses(&mut bench);
        assert_eq!(told.last().unwrap(), "Installed", "{at}");
        assert_eq!(
            told.iter().filter(|status| *status == "Installed").count(),
            1
        );
        assert_eq!(bench.files.downloaded.len(), downloads, "{at}");
        assert_eq!(bench.files.installed, installations, "{at}");
    }
}

#[test]
fn power_that_is_lost_in_an_installation_may_leave_the_new_firmware() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::Never;
    update(&mut bench);
    bench.advance(MINUTE);
    bench.files.installation = Installation::NewImage;
    bench.put_image_in_place();
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), WHOLE);
    assert_eq!(bench.files.installed, 1);
}

#[test]
fn the_new_firmware_counts_however_often_power_was_lost_before() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::Never;
    update(&mut bench);
    bench.advance(MINUTE);
    for _ in 0..3 {
        bench.power_loss();
        bench.advance(SECOND);
    }
    bench.files.installation = Installation::NewImage;
    bench.put_image_in_place();
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench).last().unwrap(), "Installed");
}

#[test]
fn what_takes_the_power_again_and_again_has_failed() {
    for (wait, outcome) in [
        (SECOND, "DownloadFailed"),
        (6 * SECOND, "InstallationFailed"),
    ] {
        let mut bench = Bench::new();
        update(&mut bench);
        bench.advance(wait);
        for _ in 0..5 {
            bench.power_loss();
            bench.advance(SECOND);
        }
        bench.advance(HOUR);
        assert_eq!(statuses(&mut bench).last().unwrap(), outcome);
        assert_eq!(bench.status(1), Some(Status::Available));
    }
}
