//! Certificates that a central system installs and issues, and the connections that are made with them.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;
mod server;

use central_system::{Behaviour, CentralSystem};
use charge_point::{ChargePoint, IDENTITY, SOON, Scratch};
use rustls::version::TLS13;
use serde_json::{Value, json};
use server::{
    front::Front,
    pki::{Authority, Validity, asked_for, file},
};

const PASSWORD: &str = "a password of some length";

fn central() -> CentralSystem {
    CentralSystem::start(Behaviour::new().password(IDENTITY, PASSWORD)).unwrap()
}

fn call(central: &CentralSystem, action: &str, payload: Value) -> Value {
    let answer = central.call(IDENTITY, action, payload, SOON);
    answer.unwrap()["status"].clone()
}

fn change(central: &CentralSystem, key: &str, value: &str) {
    let status = call(
        central,
        "ChangeConfiguration",
        json!({"key": key, "value": value}),
    );
    assert_eq!(status, "Accepted", "{key}");
}

fn install(central: &CentralSystem, root: &str) -> Value {
    let request = json!({"certificateType": "CentralSystemRootCertificate", "certificate": root});
    call(central, "InstallCertificate", request)
}

/// Has it ask for a certificate: the request, of so many.
fn request(central: &CentralSystem, number: usize) -> String {
    let trigger = json!({"requestedMessage": "SignChargePointCertificate"});
    assert_eq!(call(central, "ExtendedTriggerMessage", trigger), "Accepted");
    let is_there = central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY);
        station.is_some_and(|station| station.payloads("SignCertificate").len() == number)
    });
    assert!(is_there);
    let asked = central.station(IDENTITY).payloads("SignCertificate");
    asked.last().unwrap()["csr"].as_str().unwrap().to_owned()
}

fn issue(central: &CentralSystem, chain: &str) -> Value {
    call(
        central,
        "CertificateSigned",
        json!({"certificateChain": chain}),
    )
}

/// Waits for a connection, and gives the scheme of its URL.
fn connected(charge_point: &mut ChargePoint, central: &CentralSystem) -> String {
    let url = charge_point.wait("connected", |_| true)["url"].clone();
    assert!(central.wait_online(IDENTITY, SOON));
    url.as_str().unwrap().split(':').next().unwrap().to_owned()
}

/// A charge point with a password and without any certificate, and its folder.
fn start(url: &str, scratch: &Scratch) -> ChargePoint {
    let password = file(scratch.path(), "password", PASSWORD);
    let storage = scratch.path().join("storage");
    ChargePoint::start_at(
        url,
        &[
            "--storage",
            storage.to_str().unwrap(),
            "--password-file",
            password.to_str().unwrap(),
            "--serial",
            "SN-0815",
        ],
    )
}

#[test]
fn what_the_central_system_installs_and_issues_secures_the_connection() {
    let (central, scratch) = (central(), Scratch::new("certificates"));
    let (root, clients) = (Authority::new("Root"), Authority::new("Clients"));
    let shown = root.signs(&["localhost"], Validity::Now);
    let front = Front::start(&central, shown.server());
    let mut charge_point = start(&front.url("ws"), &scratch);
    assert_eq!(connected(&mut charge_point, &central), "ws");
    charge_point.wait("registered", |e| e["status"] == "Accepted");

    // Nothing but the root that is installed makes the connection with TLS.
    let raise = |profile: &str| {
        let request = json!({"key": "SecurityProfile", "value": profile});
        call(&central, "ChangeConfiguration", request)
    };
    assert_eq!(raise("2"), "Rejected");
    assert_eq!(install(&central, &root.pem()), "Accepted");
    assert_eq!(raise("3"), "Rejected");
    assert_eq!(raise("2"), "Accepted");
    assert_eq!(connected(&mut charge_point, &central), "wss");

    // A certificate, and a connection with it.
    assert_eq!(install(&central, &clients.pem()), "Accepted");
    change(&central, "CpoName", "Operator");
    let csr = request(&central, 1);
    assert_eq!(asked_for(&csr), ["SN-0815", "Operator"]);
    let chain = clients.issues(&csr, Validity::Now);
    assert_eq!(issue(&central, &chain), "Accepted");
    let verifier = clients.wants_certificates();
    front.shows(shown.server_with(&[&TLS13], verifier));
    central.adjust(|_| Behaviour::new());
    assert_eq!(raise("3"), "Accepted");
    assert_eq!(connected(&mut charge_point, &central), "wss");

    // Also after a crash between the certificate and its key, and one while the next is asked for.
    charge_point.kill();
    let stored = scratch.path().join("storage");
    let (present, next) = ("certificate-key", "certificate-key-next");
    std::fs::rename(stored.join(present), stored.join(next)).unwrap();
    for number in 2..=3 {
        let mut charge_point = start(&front.url("ws"), &scratch);
        assert_eq!(connected(&mut charge_point, &central), "wss");
        charge_point.wait("registered", |e| e["status"] == "Accepted");
        request(&central, number);
        charge_point.kill();
    }
    let mut charge_point = start(&front.url("ws"), &scratch);
    assert_eq!(connected(&mut charge_point, &central), "wss");
    charge_point.wait("registered", |e| e["status"] == "Accepted");

    // Another one is used by a connection that is made at once; the one of before by none.
    let others = Authority::new("Other clients");
    assert_eq!(install(&central, &others.pem()), "Accepted");
    front.shows(shown.server_with(&[&TLS13], others.wants_certificates()));
    let chain = others.issues(&request(&central, 4), Validity::Now);
    assert_eq!(issue(&central, &chain), "Accepted");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert!(charge_point.told("error").is_empty());
    assert_eq!(charge_point.end(), Some(0));
    #[cfg(unix)]
    for entry in std::fs::read_dir(scratch.path().join("storage")).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let entry = entry.unwrap();
        let is_key = entry.file_name().to_str().unwrap().contains("key");
        let mode = entry.metadata().unwrap().permissions().mode();
        assert!(!is_key || mode & 0o077 == 0, "{entry:?} {mode:o}");
    }
}

#[test]
fn a_certificate_that_is_not_good_for_the_charge_point_is_rejected() {
    let (central, scratch) = (central(), Scratch::new("certificate-bad"));
    let (root, other) = (Authority::new("Root"), Authority::new("Other"));
    let mut charge_point = start(&central.url(), &scratch);
    connected(&mut charge_point, &central);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    assert_eq!(install(&central, &root.pem()), "Accepted");
    change(&central, "CpoName", "Operator");
    let csr = request(&central, 1);
    for chain in [
        // Of a key that is not the charge point's, of another root, expired, not valid yet, and none.
        root.signs(&["CP1"], Validity::Now).pem,
        other.issues(&csr, Validity::Now),
        root.issues(&csr, Validity::Past),
        root.issues(&csr, Validity::Future),
        "no certificate".to_owned(),
    ] {
        assert_eq!(issue(&central, &chain), "Rejected");
        charge_point.wait("securityEvent", |e| {
            e["type"] == "InvalidChargePointCertificate"
        });
    }
    for pem in [
        "no certificate".to_owned(),
        root.signs(&["CP1"], Validity::Now).pem,
    ] {
        assert_eq!(install(&central, &pem), "Rejected");
        charge_point.wait("securityEvent", |e| {
            e["type"] == "InvalidCentralSystemCertificate"
        });
    }
    let good = root.issues(&csr, Validity::Now);
    assert_eq!(issue(&central, &good), "Accepted");
    // Another request takes another key: what the first was answered with is of no use then.
    let next = request(&central, 2);
    assert_ne!(next, csr);
    assert_eq!(
        issue(&central, &root.issues(&next, Validity::Now)),
        "Accepted"
    );
    assert_eq!(issue(&central, &good), "Rejected");
    assert_eq!(charge_point.end(), Some(0));
}
