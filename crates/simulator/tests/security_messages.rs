//! Security events and signed firmware, with a real central system and a real server.

use central_system::{Answer, Behaviour, CentralSystem, Station};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, Scratch},
    server::{
        self, Server,
        pki::{Authority, Validity, file},
        signing::{Padding, Signer},
    },
};

const PASSWORD: [&str; 2] = ["--password", "a password of some length"];
const EVENT: &str = "SecurityEventNotification";
const PAST: &str = "2001-01-01T00:00:00Z";

fn central() -> CentralSystem {
    CentralSystem::start(Behaviour::new()).unwrap()
}

fn call(central: &CentralSystem, action: &str, payload: Value) -> Value {
    central.call(IDENTITY, action, payload, SOON).unwrap()
}

/// The statuses of the update with that number, once `end` is among them.
fn statuses(central: &CentralSystem, number: i32, end: &str) -> Vec<String> {
    let told = |station: &Station| {
        let told = station.payloads("SignedFirmwareStatusNotification");
        let told = told.into_iter().filter(|it| it["requestId"] == number);
        told.map(|it| it["status"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let is_there = central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY);
        station.is_some_and(|station| told(station).iter().any(|status| status == end))
    });
    let told = told(&central.station(IDENTITY));
    assert!(is_there, "{told:?}");
    told
}

#[test]
fn security_events_are_told_as_the_option_and_the_profile_have_it() {
    for (options, is_told) in [
        (&[][..], false),
        (&["--security-events", "always"], true),
        (&PASSWORD, true),
        (
            &[PASSWORD[0], PASSWORD[1], "--security-events", "never"],
            false,
        ),
    ] {
        let central = central();
        let mut charge_point = ChargePoint::online(&central, options);
        charge_point.command("security TamperDetectionActivated the door is open");
        charge_point.wait("securityEvent", |e| {
            e["type"] == "TamperDetectionActivated" && e["techInfo"] == "the door is open"
        });
        if is_told {
            assert!(central.wait_for(SOON, |books| {
                let station = books.station(IDENTITY);
                station.is_some_and(|station| station.payloads(EVENT).len() == 2)
            }));
            let told = central.station(IDENTITY).payloads(EVENT);
            assert_eq!(told[0]["type"], "StartupOfTheDevice");
            assert_eq!(told[1]["type"], "TamperDetectionActivated");
            assert_eq!(told[1]["techInfo"], "the door is open");
        }
        assert_eq!(charge_point.end(), Some(0));
        assert_eq!(charge_point.sent(EVENT).is_empty(), !is_told, "{options:?}");
        assert!(charge_point.told("error").is_empty());
    }
}

#[test]
fn a_central_system_that_knows_no_security_events_costs_an_error_each_and_no_more() {
    let central =
        CentralSystem::start(Behaviour::new().on_call(|_, action, _| {
            (action == EVENT).then(|| Answer::error("NotImplemented", ""))
        }));
    let central = central.unwrap();
    let mut charge_point = ChargePoint::online(&central, &PASSWORD);
    let message =
        |charge_point: &mut ChargePoint| charge_point.wait("error", |_| true)["message"].clone();
    let refused = "SecurityEventNotification failed: NotImplemented";
    assert_eq!(message(&mut charge_point), refused);
    charge_point.command("security TamperDetectionActivated");
    assert_eq!(message(&mut charge_point), refused);
    charge_point.command("plug 1");
    charge_point.wait_status(1, "Preparing");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(charge_point.sent(EVENT).len(), 2);
    assert!(charge_point.told("disconnected").len() <= 1);
}

fn image() -> Vec<u8> {
    (0..200_000_u32).map(|n| (n % 251) as u8).collect()
}

fn install_root(central: &CentralSystem, root: &Authority) {
    let request = json!({
        "certificateType": "ManufacturerRootCertificate",
        "certificate": root.pem(),
    });
    let answer = call(central, "InstallCertificate", request);
    assert_eq!(answer, json!({"status": "Accepted"}));
}

fn update(
    central: &CentralSystem,
    number: i32,
    location: &str,
    certificate: &str,
    signature: &[u8],
) -> Value {
    let request = json!({
        "requestId": number,
        "firmware": {
            "location": location,
            "retrieveDateTime": PAST,
            "signingCertificate": certificate,
            "signature": BASE64.encode(signature),
        },
    });
    call(central, "SignedUpdateFirmware", request)["status"].clone()
}

#[test]
fn an_image_that_is_signed_with_rsa_pss_or_ecdsa_is_installed_and_no_other() {
    let (central, server, scratch) = (central(), Server::start(), Scratch::new("signed"));
    server.answer("/image.bin", server::Answer::File(image()));
    let location = server.url("/image.bin");
    let mut options = scratch.option().to_vec();
    options.extend(["--security-events", "always", "--signed-firmware-only"]);
    let mut charge_point = ChargePoint::online(&central, &options);
    let manufacturer = Authority::new("Manufacturer");
    install_root(&central, &manufacturer);
    let (rsa, ecdsa) = (Signer::rsa(), Signer::ecdsa());
    let by_rsa = manufacturer.signs_key(rsa.key(), Validity::Now);
    let by_ecdsa = manufacturer.signs_key(ecdsa.key(), Validity::Now);

    // Neither is installed.
    let mut other = image();
    other[100_000] ^= 1;
    let mut number = 0;
    for (certificate, signature) in [
        (&by_rsa, rsa.sign(&other, Padding::Pss)),
        (&by_rsa, rsa.sign(&image(), Padding::Pkcs1)),
        (&by_ecdsa, ecdsa.sign(&other, Padding::Pss)),
        (&by_ecdsa, rsa.sign(&image(), Padding::Pss)),
    ] {
        number += 1;
        let status = update(&central, number, &location, certificate, &signature);
        assert_eq!(status, "Accepted");
        assert_eq!(
            statuses(&central, number, "InvalidSignature"),
            ["Downloading", "Downloaded", "InvalidSignature"]
        );
        charge_point.wait("securityEvent", |e| e["type"] == "InvalidFirmwareSignature");
    }
    assert!(!scratch.path().join("firmware-downloaded").exists());
    assert!(!scratch.path().join("firmware-running").exists());

    for (certificate, signature) in [
        (&by_rsa, rsa.sign(&image(), Padding::Pss)),
        (&by_ecdsa, ecdsa.sign(&image(), Padding::Pss)),
    ] {
        number += 1;
        let status = update(&central, number, &location, certificate, &signature);
        assert_eq!(status, "Accepted");
        assert_eq!(
            statuses(&central, number, "Installed"),
            [
                "Downloading",
                "Downloaded",
                "SignatureVerified",
                "Installing",
                "InstallRebooting",
                "Installed"
            ]
        );
        charge_point.wait("boot", |_| true);
        charge_point.wait("securityEvent", |e| e["type"] == "FirmwareUpdated");
        let running = std::fs::read(scratch.path().join("firmware-running")).unwrap();
        assert_eq!(running, image());
    }
    let plain = json!({"location": location, "retrieveDate": PAST});
    let refused = central.call(IDENTITY, "UpdateFirmware", plain, SOON);
    assert!(
        format!("{refused:?}").contains("NotSupported"),
        "{refused:?}"
    );
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn a_signing_certificate_that_is_not_good_is_refused_before_the_download() {
    let (central, server) = (central(), Server::start());
    server.answer("/image.bin", server::Answer::File(image()));
    let location = server.url("/image.bin");
    let mut charge_point = ChargePoint::online(&central, &["--security-events", "always"]);
    let (manufacturer, other) = (Authority::new("Manufacturer"), Authority::new("Other"));
    let signer = Signer::ecdsa();
    let signature = signer.sign(&image(), Padding::Pss);
    let good = manufacturer.signs_key(signer.key(), Validity::Now);
    let mut number = 0;
    let mut status_of = |certificate: &str| {
        number += 1;
        update(&central, number, &location, certificate, &signature)
    };
    // Its root is not installed yet.
    assert_eq!(status_of(&good), "InvalidCertificate");
    install_root(&central, &manufacturer);
    for certificate in [
        other.signs_key(signer.key(), Validity::Now),
        manufacturer.signs_key(signer.key(), Validity::Past),
        manufacturer.signs_key(signer.key(), Validity::Future),
        good.replace("MII", "AII"),
        "no certificate".to_owned(),
    ] {
        assert_eq!(status_of(&certificate), "InvalidCertificate");
        let event = "InvalidFirmwareSigningCertificate";
        charge_point.wait("securityEvent", |e| e["type"] == event);
    }
    assert!(server.requests().is_empty());
    assert_eq!(status_of(&good), "Accepted");
    charge_point.wait("firmware", |e| e["status"] == "Installed");
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn a_signing_certificate_that_was_revoked_is_refused_as_such() {
    let (central, server, scratch) = (central(), Server::start(), Scratch::new("revoked"));
    server.answer("/image.bin", server::Answer::File(image()));
    let location = server.url("/image.bin");
    let manufacturer = Authority::new("Manufacturer");
    let between = manufacturer.signs_authority("Between");
    let (signer, other) = (Signer::ecdsa(), Signer::ecdsa());
    let signature = signer.sign(&image(), Padding::Pss);
    let good = manufacturer.signs_key(signer.key(), Validity::Now);
    let revoked = manufacturer.signs_key(other.key(), Validity::Now);
    let expired = manufacturer.signs_key(other.key(), Validity::Past);
    let below = between.signs_key(signer.key(), Validity::Now) + &between.pem();
    let list = |certificates: &[&str]| {
        let content = manufacturer.revokes(certificates, 2026);
        file(scratch.path(), "list.pem", &content)
    };
    let path = list(&[&revoked, &expired]);
    let options = [
        "--security-events",
        "always",
        "--crl",
        path.to_str().unwrap(),
    ];
    let mut charge_point = ChargePoint::online(&central, &options);
    install_root(&central, &manufacturer);
    let mut number = 0;
    let mut status_of = |certificate: &str| {
        number += 1;
        update(&central, number, &location, certificate, &signature)
    };
    let event = "InvalidFirmwareSigningCertificate";
    for (certificate, status) in [
        (&revoked, "RevokedCertificate"),
        (&expired, "InvalidCertificate"),
    ] {
        assert_eq!(status_of(certificate), status);
        charge_point.wait("securityEvent", |e| e["type"] == event);
    }
    // The file is read each time.
    list(&[&between.pem()]);
    assert_eq!(status_of(&below), "RevokedCertificate");
    charge_point.wait("securityEvent", |e| e["type"] == event);
    std::fs::write(&path, "").unwrap();
    assert_eq!(status_of(&good), "InvalidCertificate");
    charge_point.wait("error", |e| {
        let message = e["message"].as_str().unwrap();
        message.contains("there is no revocation list in it")
    });
    assert!(server.requests().is_empty());
    list(&[&revoked]);
    for certificate in [&below, &good] {
        assert_eq!(status_of(certificate), "Accepted");
        charge_point.wait("firmware", |e| e["status"] == "Installed");
        charge_point.wait("registered", |e| e["status"] == "Accepted");
    }
    assert_eq!(charge_point.end(), Some(0));
}
