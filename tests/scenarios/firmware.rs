//! Updates of the firmware (OCPP 1.6, 4.5 and 5.19).

use ocpp::{
    domain::{FirmwareStatus, Identity, ResetType, Status, TransferFailure, TransferProtocol},
    station::{Event, FirmwareProgress, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, Installation, MINUTE, SECOND, Setup};

pub(crate) const IMAGE: &str = "https://files.example/firmware/2.0.bin";

/// UpdateFirmware, of now.
pub(crate) fn update(bench: &mut Bench) {
    let answer = bench.call("UpdateFirmware", request(bench, 0));
    assert_eq!(answer, json!({}));
}

/// The request for an image that is not downloaded before so many milliseconds.
pub(crate) fn request(bench: &Bench, in_ms: u64) -> Value {
    json!({ "location": IMAGE, "retrieveDate": bench.utc_at(bench.now() + in_ms) })
}

/// The statuses that the central system was told.
pub(crate) fn statuses(bench: &mut Bench) -> Vec<String> {
    let calls = bench.all_calls("FirmwareStatusNotification").into_iter();
    calls
        .map(|call| call["status"].as_str().unwrap().to_owned())
        .collect()
}

/// FirmwareStatusNotification as it is triggered.
pub(crate) fn triggered(bench: &mut Bench) -> String {
    let trigger = json!({ "requestedMessage": "FirmwareStatusNotification" });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    let status = bench.all_calls("FirmwareStatusNotification").pop().unwrap();
    status["status"].as_str().unwrap().to_owned()
}

pub(crate) const WHOLE: [&str; 4] = ["Downloading", "Downloaded", "Installing", "Installed"];

#[test]
fn an_image_is_downloaded_installed_and_told_of_by_itself() {
    let mut bench = Bench::new();
    update(&mut bench);
    assert_eq!(bench.files.downloaded, [IMAGE]);
    bench.expect_call("FirmwareStatusNotification");
    bench.expect_no_call();
    bench.advance(5 * SECOND);
    bench.expect_status(1, "Unavailable");
    bench.expect_status(2, "Unavailable");
    assert_eq!(
        bench.expect_call("FirmwareStatusNotification")["status"],
        "Downloaded"
    );
    assert_eq!(
        bench.expect_call("FirmwareStatusNotification")["status"],
        "Installing"
    );
    bench.expect_no_call();
    assert_eq!(bench.files.installed, 1);
    bench.advance(5 * SECOND);
    assert_eq!(bench.resets, [ResetType::Soft]);
    bench.advance(SECOND);
    bench.expect_boot();
    assert_eq!(
        bench.expect_call("FirmwareStatusNotification")["status"],
        "Installed"
    );
    bench.expect_no_call();
    assert_eq!(bench.status(1), Some(Status::Available));
    // Once.
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), [""; 0]);
    assert_eq!(triggered(&mut bench), "Idle");
    assert!(
        bench
            .disk
            .snapshot()
            .keys()
            .all(|id| id.0 >> 8 != 0x0b && id.0 >> 8 != 0x0c)
    );
}

#[test]
fn the_application_hears_more_than_the_central_system() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let request = request(&bench, MINUTE);
    bench.call("UpdateFirmware", request);
    bench.advance(2 * MINUTE);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    let told: Vec<_> = bench
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::FirmwareStatus(status) => Some(status.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            "DownloadScheduled",
            "Downloading",
            "Downloaded",
            "InstallScheduled",
            "Installing",
            "InstallRebooting",
            "Installed",
        ]
    );
    assert_eq!(statuses(&mut bench), WHOLE);
}

#[test]
fn another_version_after_the_restart_is_the_new_firmware() {
    let mut bench = Bench::with(Setup {
        identity: Identity {
            firmware_version: Some("1.0"),
            ..Setup::default().identity
        },
        ..Setup::default()
    });
    bench.files.installation = Installation::NewVersion;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), WHOLE);
}

#[test]
fn another_image_after_the_restart_is_the_new_firmware_though_its_version_is_the_same() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::OtherImage;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), WHOLE);
}

#[test]
fn the_old_firmware_after_the_restart_is_a_failed_installation() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::OldImage;
    update(&mut bench);
    bench.advance(MINUTE);
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
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), [""; 0]);
}

#[test]
fn what_needs_no_restart_is_installed_at_once() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::AtOnce;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), WHOLE);
    assert_eq!(bench.resets, []);
    assert_eq!(bench.status(1), Some(Status::Available));
}

#[test]
fn an_image_that_cannot_be_installed_leaves_all_as_it_was() {
    let mut bench = Bench::new();
    bench.files.installation = Installation::Fails;
    bench.charge(1, "TAG");
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(bench.status(2), Some(Status::Unavailable));
    bench.tag(1, "TAG");
    bench.advance(10 * SECOND);
    assert_eq!(
        statuses(&mut bench),
        [
            "Downloading",
            "Downloaded",
            "Installing",
            "InstallationFailed"
        ]
    );
    // The cable is still there.
    assert_eq!(bench.status(1), Some(Status::Finishing));
    assert_eq!(bench.status(2), Some(Status::Available));
    assert_eq!(triggered(&mut bench), "Idle");
}

#[test]
fn a_retrieve_date_in_the_future_is_waited_for() {
    let mut bench = Bench::new();
    let request = request(&bench, 2 * HOUR);
    bench.call("UpdateFirmware", request);
    bench.advance(2 * HOUR - SECOND);
    assert_eq!(statuses(&mut bench), [""; 0]);
    assert_eq!(triggered(&mut bench), "Idle");
    bench.advance(SECOND);
    assert_eq!(statuses(&mut bench), ["Downloading"]);
}

#[test]
fn a_retrieve_date_in_the_past_is_now() {
    let mut bench = Bench::new();
    bench.advance(HOUR);
    let request = json!({ "location": IMAGE, "retrieveDate": "2001-01-01T00:00:00Z" });
    bench.call("UpdateFirmware", request);
    bench.advance(0);
    assert_eq!(statuses(&mut bench), ["Downloading"]);
}

#[test]
fn the_retrieve_date_survives_a_power_loss_and_counts_by_the_clock() {
    let mut bench = Bench::new();
    let request = request(&bench, HOUR);
    bench.call("UpdateFirmware", request);
    bench.advance(MINUTE);
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    // Without the time, it is not known whether it has come.
    bench.advance(2 * HOUR);
    assert_eq!(bench.files.downloaded, [""; 0]);
    let now = bench.unix_millis();
    bench.input(Input::Time(now)).unwrap();
    assert_eq!(bench.files.downloaded, [IMAGE]);
}

#[test]
fn a_download_is_tried_as_often_as_the_central_system_says() {
    let mut bench = Bench::new();
    bench.files.downloads = vec![Err(TransferFailure::Interrupted); 3].into();
    let mut request = request(&bench, 0);
    request["retries"] = json!(3);
    request["retryInterval"] = json!(40);
    bench.call("UpdateFirmware", request);
    bench.advance(44 * SECOND);
    assert_eq!(bench.files.downloaded.len(), 1);
    bench.advance(SECOND);
    assert_eq!(bench.files.downloaded.len(), 2);
    bench.advance(90 * SECOND);
    assert_eq!(bench.files.downloaded.len(), 4);
    assert_eq!(statuses(&mut bench), ["Downloading"]);
    assert_eq!(triggered(&mut bench), "Downloading");
    bench.advance(5 * SECOND);
    assert_eq!(statuses(&mut bench)[0], "Downloaded");
}

#[test]
fn a_download_that_fails_once_too_often_has_failed() {
    for (retries, attempts) in [(None, 1), (Some(0), 1), (Some(-1), 1), (Some(2), 3)] {
        let mut bench = Bench::new();
        bench.files.downloads = vec![Err(TransferFailure::Refused); 9].into();
        let mut request = request(&bench, 0);
        if let Some(retries) = retries {
            request["retries"] = json!(retries);
        }
        bench.call("UpdateFirmware", request);
        bench.advance(10 * MINUTE);
        assert_eq!(bench.files.downloaded.len(), attempts);
        assert_eq!(statuses(&mut bench), ["Downloading", "DownloadFailed"]);
        assert_eq!(bench.status(1), Some(Status::Available));
        bench.power_loss();
        bench.advance(MINUTE);
        assert_eq!(statuses(&mut bench), [""; 0]);
    }
}

#[test]
fn what_another_attempt_cannot_help_is_not_tried_again() {
    for failure in [TransferFailure::TooLarge, TransferFailure::NotSupported] {
        let mut bench = Bench::new();
        bench.files.downloads = vec![Err(failure)].into();
        let mut request = request(&bench, 0);
        request["retries"] = json!(5);
        bench.call("UpdateFirmware", request);
        bench.advance(10 * MINUTE);
        assert_eq!(bench.files.downloaded.len(), 1);
        assert_eq!(statuses(&mut bench), ["Downloading", "DownloadFailed"]);
    }
}

#[test]
fn what_the_charge_point_cannot_fetch_fails_at_once() {
    let only_ftp = Setup {
        transfer_protocols: &[TransferProtocol::Ftp],
        ..Setup::default()
    };
    let nothing = Setup {
        transfer_protocols: &[],
        ..Setup::default()
    };
    for setup in [only_ftp, nothing] {
        let mut bench = Bench::with(setup);
        update(&mut bench);
        bench.advance(MINUTE);
        assert_eq!(statuses(&mut bench), ["DownloadFailed"]);
        assert_eq!(bench.files.downloaded, [""; 0]);
    }
    for location in [
        "",
        "files.example/2.0.bin",
        "sftp://files.example/2.0.bin",
        &"x".repeat(600),
    ] {
        let mut bench = Bench::new();
        let mut request = request(&bench, 0);
        request["location"] = json!(location);
        let frame = json!([2, "m", "UpdateFirmware", request]).to_string();
        bench.frame(frame.as_bytes());
        bench.advance(MINUTE);
        assert_eq!(statuses(&mut bench), ["DownloadFailed"], "{location}");
    }
}

#[test]
fn an_installation_waits_for_the_end_of_all_transactions() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.charge(2, "OTHER");
    update(&mut bench);
    bench.advance(HOUR);
    assert_eq!(statuses(&mut bench), ["Downloading", "Downloaded"]);
    assert_eq!(triggered(&mut bench), "Downloaded");
    assert!(bench.is_charging(1) && bench.has_energy(1));
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert_eq!(bench.status(1), Some(Status::Unavailable));
    assert_eq!(statuses(&mut bench), [""; 0]);
    // A driver who comes now cannot begin.
    let tag = &crate::support::id_tag("TAG");
    let refused = bench.input(Input::Tag {
        connector: 1,
        id_tag: tag,
    });
    assert_eq!(refused, Err(Refused::OutOfService));
    bench.tag(2, "OTHER");
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), ["Installing", "Installed"]);
    assert_eq!(bench.status(1), Some(Status::Available));
}

#[test]
fn free_connectors_are_unavailable_while_it_waits_also_after_a_power_loss() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.plug(2);
    bench.tag(2, "OTHER");
    bench.tag(2, "OTHER");
    bench.advance(SECOND);
    bench.unplug(2);
    bench.files.installation = Installation::Never;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(bench.status(2), Some(Status::Unavailable));
    bench.power_loss();
    bench.advance(MINUTE);
    // The power loss ended the transaction.
    assert_eq!(bench.status(1), Some(Status::Unavailable));
    assert_eq!(triggered(&mut bench), "Installing");
    bench
        .input(Input::Firmware(FirmwareProgress::InstallationFailed))
        .unwrap();
    assert_eq!(bench.status(1), Some(Status::Available));
    assert_eq!(bench.status(2), Some(Status::Available));
}

#[test]
fn a_connector_that_is_out_of_service_stays_so() {
    let mut bench = Bench::new();
    let change = json!({ "connectorId": 2, "type": "Inoperative" });
    bench.status_of("ChangeAvailability", change);
    bench.files.installation = Installation::Fails;
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(bench.status(1), Some(Status::Available));
    assert_eq!(bench.status(2), Some(Status::Unavailable));
}

#[test]
fn availability_that_is_changed_meanwhile_counts_afterwards() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    update(&mut bench);
    bench.advance(MINUTE);
    let change = |kind| json!({ "connectorId": 2, "type": kind });
    assert_eq!(
        bench.status_of("ChangeAvailability", change("Inoperative")),
        "Accepted"
    );
    assert_eq!(bench.status(2), Some(Status::Unavailable));
    assert_eq!(
        bench.status_of("ChangeAvailability", change("Operative")),
        "Accepted"
    );
    assert_eq!(bench.status(2), Some(Status::Unavailable));
    bench.status_of("ChangeAvailability", change("Inoperative"));
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert_eq!(bench.status(1), Some(Status::Available));
    assert_eq!(bench.status(2), Some(Status::Unavailable));
}

#[test]
fn a_second_request_takes_the_place_of_the_first() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let mut other = request(&bench, 0);
    other["location"] = json!("ftp://files.example/other.bin");
    // While it waits for its time, is downloaded, waits for the next attempt, waits for the end of a
    // transaction.
    let first = request(&bench, HOUR);
    bench.call("UpdateFirmware", first);
    update(&mut bench);
    bench.advance(SECOND);
    update(&mut bench);
    assert!(bench.saw(&Event::CancelFirmware));
    bench.advance(MINUTE);
    bench.call("UpdateFirmware", other);
    bench.advance(MINUTE);
    assert_eq!(
        bench.files.downloaded,
        [IMAGE, IMAGE, "ftp://files.example/other.bin"]
    );
    assert_eq!(
        statuses(&mut bench),
        [
            "Downloading",
            "Downloading",
            "Downloaded",
            "Downloading",
            "Downloaded"
        ]
    );
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert_eq!(bench.files.installed, 1);
    assert_eq!(statuses(&mut bench), ["Installing", "Installed"]);
}

#[test]
fn what_is_being_installed_is_not_replaced_and_not_reset() {
    let mut bench = Bench::new();
    update(&mut bench);
    bench.advance(6 * SECOND);
    assert_eq!(bench.files.installed, 1);
    let mut other = request(&bench, 0);
    other["location"] = json!("ftp://files.example/other.bin");
    bench.call("UpdateFirmware", other);
    for kind in ["Soft", "Hard"] {
        let status = bench.status_of("Reset", json!({ "type": kind }));
        assert_eq!(status, "Rejected");
    }
    assert!(bench.saw(&Event::FirmwareStatus(FirmwareStatus::Installing)));
    bench.advance(MINUTE);
    assert_eq!(bench.files.downloaded, [IMAGE]);
    assert_eq!(statuses(&mut bench), WHOLE);
}

#[test]
fn a_storage_without_room_ends_in_a_failure() {
    let mut bench = Bench::new();
    bench.disk.fill_up();
    update(&mut bench);
    bench.advance(MINUTE);
    assert_eq!(statuses(&mut bench), ["DownloadFailed"]);
}

#[test]
fn damaged_records_of_an_update_do_no_harm() {
    for place in [0x0c00, 0x0b00, 0x5000] {
        let mut bench = Bench::new();
        update(&mut bench);
        bench.advance(SECOND);
        bench.power_off();
        bench.disk.damage(ocpp::storage::RecordId(place));
        bench.power_on();
        bench.advance(HOUR);
        let told = statuses(&mut bench);
        let last = told.last().unwrap();
        assert!(
            last == "Installed" || last == "DownloadFailed",
            "{place:x}: {told:?}"
        );
        update(&mut bench);
        bench.advance(HOUR);
        assert_eq!(statuses(&mut bench), WHOLE, "{place:x}");
    }
}

#[test]
fn the_application_cannot_say_what_it_was_not_asked() {
    let mut bench = Bench::new();
    let unexpected = [
        FirmwareProgress::Downloaded,
        FirmwareProgress::DownloadFailed(TransferFailure::Empty),
        FirmwareProgress::RestartNeeded,
        FirmwareProgress::Installed,
        FirmwareProgress::InstallationFailed,
    ];
    for progress in unexpected {
        assert_eq!(
            bench.input(Input::Firmware(progress)),
            Err(Refused::Unexpected)
        );
    }
    update(&mut bench);
    for progress in &unexpected[2..] {
        assert_eq!(
            bench.input(Input::Firmware(*progress)),
            Err(Refused::Unexpected)
        );
    }
}

#[test]
fn the_status_can_be_asked_for_in_each_state() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    assert_eq!(triggered(&mut bench), "Idle");
    let scheduled = request(&bench, MINUTE);
    bench.call("UpdateFirmware", scheduled);
    assert_eq!(triggered(&mut bench), "Idle");
    bench.advance(MINUTE + SECOND);
    bench.forget();
    assert_eq!(triggered(&mut bench), "Downloading");
    bench.advance(MINUTE);
    bench.forget();
    assert_eq!(triggered(&mut bench), "Downloaded");
    bench.files.installation = Installation::Never;
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    bench.forget();
    assert_eq!(triggered(&mut bench), "Installing");
}

#[test]
fn the_protocols_are_those_of_the_application() {
    assert_eq!(
        Bench::new().get("SupportedFileTransferProtocols"),
        "FTP,FTPS,HTTP,HTTPS"
    );
    let mut bench = Bench::with(Setup {
        transfer_protocols: &[TransferProtocol::Https, TransferProtocol::Http],
        ..Setup::default()
    });
    assert_eq!(bench.get("SupportedFileTransferProtocols"), "HTTP,HTTPS");
    assert_eq!(
        bench.change("SupportedFileTransferProtocols", "FTP"),
        "Rejected"
    );
    assert!(
        bench
            .get("SupportedFeatureProfiles")
            .contains("FirmwareManagement")
    );
}
