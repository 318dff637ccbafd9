//! Certificates that no connection was made with yet, and those before them to fall back to: that of the charge
//! point (security whitepaper, A02), and a root (3, AdditionalRootCertificateCheck).

use ocpp::{
    domain::{CertificateUse, Credentials, SecuritySetup},
    limits::{CERTIFICATE_PLACES, CERTIFICATES},
    station::Event,
};
use serde_json::json;

use crate::support::{Bench, SECOND, Setup, hash};

const ROOT: &str = "CentralSystemRootCertificate";

fn bench(profile: u8, has_root: bool) -> Bench {
    Bench::with(Setup {
        security: SecuritySetup {
            credentials: Credentials {
                security_profile: profile,
                authorization_key: b"a password of bytes",
            },
            has_central_system_root: has_root,
            has_charge_point_certificate: profile == 3,
            checks_additional_root: true,
            ..SecuritySetup::default()
        },
        ..Setup::default()
    })
}

fn install(bench: &mut Bench, pem: &str) -> String {
    let request = json!({ "certificateType": ROOT, "certificate": pem });
    let id = bench.ask("InstallCertificate", request);
    bench.advance(0);
    bench.take_status(&id).unwrap_or_default()
}

fn signed(bench: &mut Bench, chain: &str) -> String {
    let id = bench.ask("CertificateSigned", json!({ "certificateChain": chain }));
    bench.advance(0);
    bench.take_status(&id).unwrap_or_default()
}

fn delete(bench: &mut Bench, serial: &str) -> String {
    let named = hash(serial);
    let data = json!({
        "hashAlgorithm": "SHA256",
        "issuerNameHash": named.issuer_name,
        "issuerKeyHash": named.issuer_key,
        "serialNumber": serial,
    });
    bench.status_of("DeleteCertificate", json!({ "certificateHashData": data }))
}

/// Those of a use that the next connection counts on, or the last attempt did.
fn counting(bench: &mut Bench, wanted: CertificateUse) -> Vec<String> {
    bench.operate(|station, _| {
        let mut buffer = [0; 512];
        let mut found = Vec::new();
        for place in 0..CERTIFICATE_PLACES as u8 {
            let counts = station.counts_certificate(place);
            if let Some((used, pem)) = station.installed_certificate(place, &mut buffer)
                && used == wanted
                && counts
            {
                found.push(pem.to_owned());
            }
        }
        found
    })
}

fn roots(bench: &mut Bench) -> Vec<String> {
    counting(bench, CertificateUse::CentralSystemRoot)
}

fn own(bench: &mut Bench) -> Vec<String> {
    counting(bench, CertificateUse::ChargePoint)
}

fn told(bench: &mut Bench) -> Vec<String> {
    let answer = bench.call(
        "GetInstalledCertificateIds",
        json!({ "certificateType": ROOT }),
    );
    let list = answer["certificateHashData"].as_array().unwrap().iter();
    list.map(|it| it["serialNumber"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until so many attempts to connect have failed.
fn fail(bench: &mut Bench, count: usize) {
    let before = bench.attempts.len();
    while bench.attempts.len() < before + count {
        bench.advance(100);
    }
}

/// Another connection.
fn again(bench: &mut Bench) {
    bench.disconnect();
    bench.reconnect();
}

#[test]
fn a_new_root_takes_the_place_of_the_old_one_once_a_connection_was_made_with_it() {
    let mut bench = bench(1, false);
    assert_eq!(bench.get("AdditionalRootCertificateCheck"), "true");
    assert_eq!(install(&mut bench, "aa"), "Accepted");
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    bench.advance(2 * SECOND);
    assert_eq!(install(&mut bench, "ab"), "Accepted");
    // The present connection was made with the old one.
    assert_eq!(told(&mut bench), ["aa", "ab"]);
    assert_eq!(roots(&mut bench), ["ab"]);
    assert_eq!(install(&mut bench, "ac"), "Rejected", "one at a time");
    assert_eq!(install(&mut bench, "ab"), "Accepted", "the same again");
    assert_eq!(delete(&mut bench, "aa"), "Failed", "it is in use");

    // The new one is of no use: in turns.
    bench.disconnect();
    fail(&mut bench, 1);
    assert_eq!(
        roots(&mut bench),
        ["aa"],
        "after an attempt with the new one"
    );
    bench.reconnect();
    assert!(bench.is_connected());
    assert_eq!(told(&mut bench), ["aa", "ab"], "it fell back");

    // A power loss changes none of it.
    bench.power_loss();
    assert_eq!(roots(&mut bench), ["ab"]);
    assert_eq!(told(&mut bench), ["ab"], "the boot connected with it");
    assert!(bench.saw(&Event::CertificatesChanged(
        CertificateUse::CentralSystemRoot
    )));
    assert_eq!(install(&mut bench, "ac"), "Accepted");
}

#[test]
fn a_new_root_that_is_of_no_use_can_be_deleted() {
    let mut bench = bench(1, false);
    assert_eq!(install(&mut bench, "aa"), "Accepted");
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    bench.advance(2 * SECOND);
    assert_eq!(install(&mut bench, "ab"), "Accepted");
    assert_eq!(delete(&mut bench, "ab"), "Accepted");
    assert_eq!(roots(&mut bench), ["aa"]);
    assert_eq!(delete(&mut bench, "aa"), "Failed", "the last one");
    assert_eq!(install(&mut bench, "ac"), "Accepted");
    again(&mut bench);
    assert_eq!(told(&mut bench), ["ac"]);
}

#[test]
fn a_root_of_the_application_is_what_a_new_one_falls_back_to() {
    let mut bench = bench(2, true);
    assert_eq!(install(&mut bench, "aa"), "Accepted");
    bench.disconnect();
    fail(&mut bench, 1);
    assert_eq!(roots(&mut bench), [""; 0]);
    fail(&mut bench, 1);
    assert_eq!(roots(&mut bench), ["aa"]);
    bench.reconnect();
    assert_eq!(told(&mut bench), ["aa"]);
    // It fills a place now; a chain of the charge point would be another one.
    let place = bench.operate(|station, _| {
        let mut buffer = [0; 16];
        let places = 0..CERTIFICATE_PLACES as u8;
        places
            .into_iter()
            .find(|place| station.installed_certificate(*place, &mut buffer).is_some())
    });
    assert!(usize::from(place.unwrap()) < CERTIFICATES);
}

#[test]
fn several_roots_that_were_there_before_become_one() {
    let mut bench = Bench::new();
    for serial in ["aa", "ab", "ac"] {
        assert_eq!(install(&mut bench, serial), "Accepted");
    }
    let checks = SecuritySetup {
        credentials: Credentials {
            security_profile: 2,
            authorization_key: b"a password of bytes",
        },
        checks_additional_root: true,
        ..SecuritySetup::default()
    };
    bench.operate(|station, _| station.declare_security(checks));
    assert_eq!(install(&mut bench, "ad"), "Accepted");
    again(&mut bench);
    assert_eq!(told(&mut bench), ["ad"]);
}

#[test]
fn a_new_certificate_of_the_charge_point_falls_back_to_the_old_one() {
    let mut bench = bench(3, true);
    // Behind what the application brings along.
    assert_eq!(signed(&mut bench, "cafe01"), "Accepted");
    assert_eq!(own(&mut bench), ["cafe01"]);
    bench.disconnect();
    fail(&mut bench, 1);
    assert_eq!(own(&mut bench), [""; 0]);
    fail(&mut bench, 1);
    bench.reconnect();
    assert_eq!(own(&mut bench), ["cafe01"]);
    assert_eq!(signed(&mut bench, "cafe02"), "Accepted");
    bench.disconnect();
    fail(&mut bench, 1);
    assert_eq!(own(&mut bench), ["cafe01"]);
    fail(&mut bench, 1);
    assert_eq!(own(&mut bench), ["cafe02"]);
    bench.power_loss();
    assert_eq!(own(&mut bench), ["cafe01"], "the boot tried the new one");
    fail(&mut bench, 1);
    bench.reconnect();
    bench.disconnect();
    fail(&mut bench, 2);
    assert_eq!(own(&mut bench), ["cafe02"], "there is no other any more");
}
