//! Certificates that are installed, deleted and told of (security whitepaper, M), and those of the charge
//! point itself (A02).

use ocpp::{
    domain::{CertificateUse, Credentials, SecurityEvent, SecuritySetup},
    limits::{CERTIFICATES, KEY_LENGTH, TX_MIN},
    station::{Event, Input, KeyPlace, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, SECOND, Setup, hash};

const ROOT: &str = "CentralSystemRootCertificate";
const MANUFACTURER: &str = "ManufacturerRootCertificate";

/// InstallCertificate: the status. What is hexadecimal is good here.
fn install(bench: &mut Bench, used: &str, pem: &str) -> String {
    let request = json!({ "certificateType": used, "certificate": pem });
    let id = bench.ask("InstallCertificate", request);
    bench.advance(0);
    bench.take_status(&id).unwrap_or_default()
}

/// GetInstalledCertificateIds: serial numbers; `None` for NotFound.
fn installed(bench: &mut Bench, used: &str) -> Option<Vec<String>> {
    let answer = bench.call(
        "GetInstalledCertificateIds",
        json!({ "certificateType": used }),
    );
    if answer["status"] == "NotFound" {
        return None;
    }
    let list = answer["certificateHashData"].as_array().unwrap().iter();
    let serial = |it: &Value| it["serialNumber"].as_str().unwrap().to_owned();
    Some(list.map(serial).collect())
}

fn delete(bench: &mut Bench, serial: &str) -> String {
    let named = hash(serial);
    let data = json!({
        "hashAlgorithm": "SHA256",
        "issuerNameHash": named.issuer_name.to_uppercase(),
        "issuerKeyHash": named.issuer_key,
        "serialNumber": serial,
    });
    bench.status_of("DeleteCertificate", json!({ "certificateHashData": data }))
}

fn signed(bench: &mut Bench, chain: &str) -> String {
    let id = bench.ask("CertificateSigned", json!({ "certificateChain": chain }));
    bench.advance(0);
    bench.take_status(&id).unwrap_or_default()
}

#[test]
fn certificates_are_installed_told_of_and_deleted() {
    let mut bench = Bench::new();
    assert_eq!(installed(&mut bench, ROOT), None);
    assert_eq!(install(&mut bench, ROOT, "abc"), "Accepted");
    assert!(bench.saw(&Event::CertificatesChanged(
        CertificateUse::CentralSystemRoot
    )));
    assert_eq!(install(&mut bench, ROOT, "abd"), "Accepted");
    assert_eq!(install(&mut bench, MANUFACTURER, "fff"), "Accepted");
    assert_eq!(installed(&mut bench, ROOT).unwrap(), ["abc", "abd"]);
    bench.power_loss();
    assert_eq!(installed(&mut bench, MANUFACTURER).unwrap(), ["fff"]);
    let mut buffer = [0; 5500];
    let first = bench.operate(|station, _| {
        let (used, pem) = station.installed_certificate(0, &mut buffer).unwrap();
        (used, pem.to_owned())
    });
    assert_eq!(first, (CertificateUse::CentralSystemRoot, "abc".to_owned()));
    let ids =
        bench.operate(|station, _| [0, 2, 3].map(|place| station.installed_certificate_id(place)));
    let told = ids.map(|id| id.map(|it| (it.used, it.serial_number.as_str().to_owned())));
    let root = (CertificateUse::CentralSystemRoot, "abc".to_owned());
    let manufacturer = (CertificateUse::ManufacturerRoot, "fff".to_owned());
    assert_eq!(told, [Some(root), Some(manufacturer), None]);
    assert_eq!(delete(&mut bench, "ABC"), "Accepted");
    assert_eq!(delete(&mut bench, "abc"), "NotFound");
    bench.power_loss();
    assert_eq!(installed(&mut bench, ROOT).unwrap(), ["abd"]);
}

#[test]
fn a_certificate_that_is_not_good_is_rejected() {
    let mut bench = Bench::new();
    assert_eq!(install(&mut bench, ROOT, "no certificate"), "Rejected");
    assert_eq!(installed(&mut bench, ROOT), None);
    let seen = bench.events().iter().any(|event| {
        matches!(event, Event::SecurityEvent { event, .. }
            if *event == SecurityEvent::InvalidCentralSystemCertificate)
    });
    assert!(seen);
    // The application says nothing.
    bench.files.verdict = None;
    let request = json!({ "certificateType": ROOT, "certificate": "abc" });
    let id = bench.ask("InstallCertificate", request);
    assert_eq!(
        install(&mut bench, ROOT, "abd"),
        "Rejected",
        "one at a time"
    );
    bench.advance(MINUTE);
    assert_eq!(bench.take_status(&id).as_deref(), Some("Rejected"));
    let late = Input::CertificateChecked(Some(hash("abc")));
    assert_eq!(bench.input(late), Err(Refused::Unexpected));
    assert_eq!(installed(&mut bench, ROOT), None);
}

#[test]
fn a_full_store_takes_the_same_again_and_no_other() {
    let mut bench = Bench::with(Setup {
        tx: TX_MIN,
        ..Setup::default()
    });
    for n in 0..CERTIFICATES {
        let serial = format!("a{n:039x}");
        assert_eq!(install(&mut bench, ROOT, &serial), "Accepted");
    }
    assert_eq!(install(&mut bench, ROOT, "b"), "Rejected");
    assert_eq!(
        install(&mut bench, ROOT, &format!("a{:039x}", 3)),
        "Accepted"
    );
    // In parts, where the transmit buffer is small.
    assert_eq!(installed(&mut bench, ROOT).unwrap().len(), CERTIFICATES);
    assert_eq!(delete(&mut bench, &format!("a{:039x}", 0)), "Accepted");
    assert_eq!(install(&mut bench, MANUFACTURER, "b"), "Accepted");
    bench.disk.fail(true);
    assert_eq!(install(&mut bench, MANUFACTURER, "b"), "Failed");
    assert_eq!(delete(&mut bench, "b"), "Failed");
    bench.disk.fail(false);
    assert_eq!(installed(&mut bench, MANUFACTURER).unwrap(), ["b"]);
}

#[test]
fn an_installed_root_allows_a_raise_and_the_last_one_stays_while_it_is_needed() {
    let setup = Setup {
        security: SecuritySetup {
            credentials: Credentials {
                security_profile: 1,
                authorization_key: b"a password of bytes",
            },
            ..SecuritySetup::default()
        },
        ..Setup::default()
    };
    let mut bench = Bench::with(setup);
    assert_eq!(bench.change("SecurityProfile", "2"), "Rejected");
    install(&mut bench, ROOT, "abc");
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    bench.advance(2 * SECOND);
    assert_eq!(delete(&mut bench, "abc"), "Failed");
    install(&mut bench, ROOT, "abd");
    assert_eq!(delete(&mut bench, "abc"), "Accepted");
    // And a certificate of its own the next.
    assert_eq!(bench.change("SecurityProfile", "3"), "Rejected");
    assert_eq!(signed(&mut bench, "cafe"), "Accepted");
    assert_eq!(bench.change("SecurityProfile", "3"), "Accepted");
    bench.advance(2 * SECOND);
    bench.forget();
    // With another one the connection is made anew.
    assert_eq!(signed(&mut bench, "cafe01"), "Accepted");
    bench.advance(2 * SECOND);
    assert_eq!(bench.attempts.len(), 1);
}

#[test]
fn a_chain_of_ten_thousand_characters_is_taken_and_a_longer_one_is_not() {
    let mut bench = Bench::new();
    assert_eq!(bench.get("CertificateSignedMaxChainSize"), "10000");
    let chain = "a".repeat(10_000);
    assert_eq!(signed(&mut bench, &chain), "Accepted");
    bench.power_loss();
    let mut buffer = [0; 10_000];
    let own = bench.operate(|station, _| {
        let place = CERTIFICATES as u8;
        let (used, pem) = station.installed_certificate(place, &mut buffer).unwrap();
        (used, pem == chain)
    });
    assert_eq!(own, (CertificateUse::ChargePoint, true));
    let frame = json!([2, "x", "CertificateSigned", { "certificateChain": chain + "a" }]);
    let answers = bench.odd_frame(Input::Frame(frame.to_string().as_bytes()), "x");
    let rejected = crate::support::Answer::Result(json!({ "status": "Rejected" }));
    assert_eq!(answers, [rejected]);
    assert_eq!(signed(&mut bench, "no certificate"), "Rejected");
    // That of the charge point has no place among those that can be deleted.
    assert_eq!(delete(&mut bench, &"a".repeat(40)), "NotFound");
}

#[test]
fn the_charge_point_asks_for_a_certificate_once_its_operator_is_known() {
    let mut bench = Bench::new();
    let trigger = json!({ "requestedMessage": "SignChargePointCertificate" });
    let triggered = bench.status_of("ExtendedTriggerMessage", trigger.clone());
    assert_eq!(triggered, "Rejected");
    bench.set("CpoName", "Acme");
    let triggered = bench.status_of("ExtendedTriggerMessage", trigger);
    assert_eq!(triggered, "Accepted");
    assert!(bench.saw(&Event::SigningRequestWanted));
    bench.input(Input::SigningRequest("PKCS10\n")).unwrap();
    assert_eq!(
        bench.find_call("SignCertificate"),
        json!({ "csr": "PKCS10\n" })
    );
    assert!(bench.saw(&Event::SigningRequestAnswered(true)));
    for (csr, refused) in [
        ("", Refused::BadLength),
        (&*"x".repeat(5501), Refused::BadLength),
    ] {
        assert_eq!(bench.input(Input::SigningRequest(csr)), Err(refused));
    }
    bench.disconnect();
    assert_eq!(
        bench.input(Input::SigningRequest("x")),
        Err(Refused::Offline)
    );
}

#[test]
fn a_certificate_is_installed_or_not_when_the_connection_is_lost() {
    let mut bench = Bench::new();
    bench.files.verdict_takes = 1_000;
    bench.ask(
        "InstallCertificate",
        json!({ "certificateType": ROOT, "certificate": "abc" }),
    );
    bench.cut();
    bench.advance(HOUR);
    assert_eq!(installed(&mut bench, ROOT), None);
    bench.files.verdict_takes = 0;
    assert_eq!(install(&mut bench, ROOT, "abc"), "Accepted");
}

#[test]
fn keys_are_kept_each_in_its_place_over_a_power_loss() {
    let mut bench = Bench::new();
    let kept = |bench: &mut Bench, place| {
        let mut buffer = [0; KEY_LENGTH];
        bench.operate(|station, _| station.kept_key(place, &mut buffer).to_vec())
    };
    assert!(kept(&mut bench, KeyPlace::Present).is_empty());
    let keep = |bench: &mut Bench, place, key: &[u8]| {
        bench.operate(|station, _| station.keep_key(place, key))
    };
    assert!(keep(&mut bench, KeyPlace::Present, b"present"));
    assert!(keep(&mut bench, KeyPlace::Next, &[7; KEY_LENGTH]));
    assert!(keep(&mut bench, KeyPlace::Asked, &[9; KEY_LENGTH]));
    assert!(!keep(&mut bench, KeyPlace::Next, &[8; KEY_LENGTH + 1]));
    bench.power_loss();
    assert_eq!(kept(&mut bench, KeyPlace::Present), b"present");
    assert_eq!(kept(&mut bench, KeyPlace::Next), [7; KEY_LENGTH]);
    assert_eq!(kept(&mut bench, KeyPlace::Asked), [9; KEY_LENGTH]);
    assert!(keep(&mut bench, KeyPlace::Next, &[]));
    bench.power_loss();
    assert!(kept(&mut bench, KeyPlace::Next).is_empty());
}
