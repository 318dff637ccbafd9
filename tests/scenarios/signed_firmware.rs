//! Firmware that is signed (security whitepaper, L01): its certificate is looked at before the answer, its
//! signature before the installation.

use ocpp::{
    domain::{CertificateVerdict, SecurityEvent, SecuritySetup, Status},
    station::{Event, FirmwareProgress, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, Installation, MINUTE, SECOND, Setup};

const IMAGE: &str = "https://files.example/firmware/2.0.bin";
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const SIGNATURE: &str = "c2lnbmF0dXJl";

fn setup() -> Setup {
    Setup {
        security: SecuritySetup {
            tells_events: true,
            ..SecuritySetup::default()
        },
        ..Setup::default()
    }
}

fn request(bench: &Bench, number: i32) -> Value {
    json!({
        "requestId": number,
        "firmware": {
            "location": IMAGE,
            "retrieveDateTime": bench.utc(),
            "signingCertificate": CERTIFICATE,
            "signature": SIGNATURE,
        },
    })
}

/// SignedUpdateFirmware, and what it is answered within two seconds.
fn update(bench: &mut Bench, request: Value) -> Option<String> {
    let id = bench.ask("SignedUpdateFirmware", request);
    bench.advance(2 * SECOND);
    bench.take_status(&id)
}

/// Statuses that the central system was told, each with the number of its request.
fn statuses(bench: &mut Bench) -> Vec<(String, i64)> {
    let calls = bench.all_calls("SignedFirmwareStatusNotification");
    let one = |call: Value| {
        let status = call["status"].as_str().unwrap().to_owned();
        (status, call["requestId"].as_i64().unwrap())
    };
    calls.into_iter().map(one).collect()
}

fn names(bench: &mut Bench) -> Vec<String> {
    let told = statuses(bench).into_iter();
    told.map(|(status, _)| status).collect()
}

fn logged(bench: &Bench, event: SecurityEvent) -> bool {
    let is_it =
        |told: &Event| matches!(told, Event::SecurityEvent { event: it, .. } if *it == event);
    bench.events().iter().any(is_it)
}

const WHOLE: [&str; 6] = [
    "Downloading",
    "Downloaded",
    "SignatureVerified",
    "Installing",
    "InstallRebooting",
    "Installed",
];

#[test]
fn a_signed_image_is_verified_installed_and_told_of_with_its_number() {
    let mut bench = Bench::with(setup());
    let request = request(&bench, 42);
    assert_eq!(update(&mut bench, request).as_deref(), Some("Accepted"));
    assert_eq!(bench.files.certificates, [CERTIFICATE]);
    bench.advance(MINUTE);
    assert_eq!(bench.files.verified, [SIGNATURE]);
    let told = statuses(&mut bench);
    assert!(told.iter().all(|(_, number)| *number == 42));
    assert_eq!(told.into_iter().map(|it| it.0).collect::<Vec<_>>(), WHOLE);
    assert!(logged(&bench, SecurityEvent::FirmwareUpdated));
    assert!(bench.all_calls("FirmwareStatusNotification").is_empty());
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(names(&mut bench), [""; 0]);
}

#[test]
fn a_certificate_that_is_not_good_is_refused_before_the_download() {
    for (verdict, status) in [
        (CertificateVerdict::Invalid, "InvalidCertificate"),
        (CertificateVerdict::Revoked, "RevokedCertificate"),
    ] {
        let mut bench = Bench::with(setup());
        bench.files.verdict = Some(verdict);
        let request = request(&bench, 1);
        assert_eq!(update(&mut bench, request).as_deref(), Some(status));
        bench.advance(HOUR);
        assert_eq!(bench.files.downloaded, [""; 0]);
        let events = bench.all_calls("SecurityEventNotification");
        assert_eq!(events[0]["type"], "InvalidFirmwareSigningCertificate");
        assert_eq!(names(&mut bench), [""; 0]);
    }
}

#[test]
fn a_signature_that_is_not_good_is_not_installed() {
    let mut bench = Bench::with(setup());
    bench.files.signatures_are_good = false;
    let request = request(&bench, 1);
    update(&mut bench, request);
    bench.advance(MINUTE);
    assert_eq!(
        names(&mut bench),
        ["Downloading", "Downloaded", "InvalidSignature"]
    );
    assert_eq!(bench.files.installed, 0);
    assert!(logged(&bench, SecurityEvent::InvalidFirmwareSignature));
    // Nothing was held up for it.
    assert_eq!(bench.status(1), Some(Status::Available));
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(names(&mut bench), [""; 0]);
}

#[test]
fn another_request_takes_the_place_of_the_update_that_is_under_way_unless_its_certificate_is_bad() {
    let mut bench = Bench::with(setup());
    bench.files.takes = 30_000;
    let first = request(&bench, 1);
    update(&mut bench, first);
    bench.files.verdict = Some(CertificateVerdict::Invalid);
    let bad = request(&bench, 2);
    assert_eq!(
        update(&mut bench, bad).as_deref(),
        Some("InvalidCertificate")
    );
    bench.files.verdict = Some(CertificateVerdict::Good);
    let mut other = request(&bench, 3);
    other["firmware"]["signature"] = json!("b3RoZXI=");
    let answer = update(&mut bench, other);
    assert_eq!(answer.as_deref(), Some("AcceptedCanceled"));
    assert!(bench.saw(&Event::CancelFirmware));
    bench.advance(5 * MINUTE);
    assert_eq!(bench.files.verified, ["b3RoZXI="]);
    let told = statuses(&mut bench);
    assert_eq!(told[0], ("Downloading".to_owned(), 1));
    assert_eq!(told.last(), Some(&("Installed".to_owned(), 3)));
}

#[test]
fn a_refused_request_leaves_the_signature_of_the_update_that_is_under_way() {
    let mut bench = Bench::with(setup());
    bench.files.takes = 30_000;
    let first = request(&bench, 1);
    update(&mut bench, first);
    bench.files.verdict = Some(CertificateVerdict::Revoked);
    let mut bad = request(&bench, 2);
    bad["firmware"]["signature"] = json!("b3RoZXI=");
    update(&mut bench, bad);
    bench.power_loss();
    bench.advance(5 * MINUTE);
    assert_eq!(bench.files.verified[0], SIGNATURE);
    assert_eq!(
        statuses(&mut bench).pop(),
        Some(("Installed".to_owned(), 1))
    );
}

#[test]
fn what_cannot_be_carried_out_is_rejected() {
    let mut bench = Bench::with(setup());
    // A protocol that the application does not have.
    let mut other = request(&bench, 1);
    other["firmware"]["location"] = json!("sftp://files.example/2.0.bin");
    assert_eq!(update(&mut bench, other).as_deref(), Some("Rejected"));
    // Another one whose certificate is still looked at.
    bench.files.verdict = None;
    let first = bench.ask("SignedUpdateFirmware", request(&bench, 1));
    let second = request(&bench, 2);
    assert_eq!(update(&mut bench, second).as_deref(), Some("Rejected"));
    // The application says nothing.
    bench.advance(MINUTE);
    assert_eq!(bench.take_status(&first).as_deref(), Some("Rejected"));
    let verdict = Input::SigningCertificate(CertificateVerdict::Good);
    assert_eq!(bench.input(verdict), Err(Refused::Unexpected));
    // No room.
    bench.files.verdict = Some(CertificateVerdict::Good);
    bench.disk.fail(true);
    let first = request(&bench, 1);
    assert_eq!(update(&mut bench, first).as_deref(), Some("Rejected"));
    bench.disk.fail(false);
    // While one is installed.
    bench.files.installation = Installation::Never;
    let first = request(&bench, 1);
    update(&mut bench, first);
    bench.advance(MINUTE);
    assert_eq!(names(&mut bench).pop().as_deref(), Some("Installing"));
    let second = request(&bench, 2);
    assert_eq!(update(&mut bench, second).as_deref(), Some("Rejected"));
    assert_eq!(bench.files.downloaded.len(), 1);
}

#[test]
fn an_installation_waits_for_its_time_and_for_transactions() {
    let mut bench = Bench::with(setup());
    let mut later = request(&bench, 1);
    later["firmware"]["installDateTime"] = json!(bench.utc_at(bench.now() + HOUR));
    update(&mut bench, later);
    bench.advance(30 * MINUTE);
    assert_eq!(
        names(&mut bench),
        [
            "Downloading",
            "Downloaded",
            "SignatureVerified",
            "InstallScheduled"
        ]
    );
    bench.power_loss();
    bench.advance(20 * MINUTE);
    assert_eq!(bench.files.installed, 0);
    bench.advance(20 * MINUTE);
    assert_eq!(bench.files.installed, 1);
    assert_eq!(names(&mut bench).pop().as_deref(), Some("Installed"));

    let mut bench = Bench::with(setup());
    bench.charge(1, "TAG");
    let now = request(&bench, 1);
    update(&mut bench, now);
    bench.advance(MINUTE);
    assert_eq!(names(&mut bench).pop().as_deref(), Some("InstallScheduled"));
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert_eq!(names(&mut bench).pop().as_deref(), Some("Installed"));
}

#[test]
fn the_signature_is_verified_once_more_after_a_power_loss() {
    let mut bench = Bench::with(setup());
    let first = request(&bench, 5);
    update(&mut bench, first);
    // In the middle of the verification.
    bench.advance(5 * SECOND);
    assert_eq!(bench.files.verified.len(), 1);
    bench.power_loss();
    bench.advance(5 * MINUTE);
    assert_eq!(bench.files.verified.len(), 2);
    let told = statuses(&mut bench);
    let verified = told.iter().filter(|it| it.0 == "SignatureVerified");
    assert_eq!(verified.count(), 1);
    assert_eq!(told.last(), Some(&("Installed".to_owned(), 5)));
}

#[test]
fn an_answer_is_not_awaited_once_the_connection_is_lost() {
    let mut bench = Bench::with(setup());
    bench.files.verdict_takes = 1_000;
    bench.ask("SignedUpdateFirmware", request(&bench, 1));
    bench.cut();
    bench.advance(HOUR);
    assert_eq!(bench.files.downloaded, [""; 0]);
    let first = request(&bench, 2);
    assert_eq!(update(&mut bench, first).as_deref(), Some("Accepted"));
}

#[test]
fn plain_updates_go_on_unless_firmware_has_to_be_signed() {
    let plain = |bench: &Bench| json!({ "location": IMAGE, "retrieveDate": bench.utc() });
    let mut bench = Bench::with(setup());
    let asked = plain(&bench);
    bench.call("UpdateFirmware", asked);
    bench.advance(MINUTE);
    assert_eq!(bench.files.installed, 1);
    assert_eq!(bench.files.verified, [""; 0]);
    let mut strict = setup();
    strict.security.signed_firmware_only = true;
    let mut bench = Bench::with(strict);
    let asked = plain(&bench);
    assert_eq!(bench.call_error("UpdateFirmware", asked), "NotSupported");
    bench.advance(MINUTE);
    assert_eq!(bench.files.downloaded, [""; 0]);
}

#[test]
fn a_verdict_that_was_not_asked_for_is_refused() {
    let mut bench = Bench::with(setup());
    for progress in [
        FirmwareProgress::SignatureVerified,
        FirmwareProgress::InvalidSignature,
    ] {
        assert_eq!(
            bench.input(Input::Firmware(progress)),
            Err(Refused::Unexpected)
        );
    }
}
