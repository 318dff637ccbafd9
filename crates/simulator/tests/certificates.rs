//! Certificates that a central system installs and issues, and the connections that are made with them.

use central_system::{Answer, Behaviour, CentralSystem};
use rustls::version::TLS13;
use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, Scratch},
    server::{
        front::Front,
        pki::{Authority, Validity, asked_for, file},
    },
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

/// How many roots for central systems are installed.
fn roots(central: &CentralSystem) -> usize {
    let request = json!({"certificateType": "CentralSystemRootCertificate"});
    let answer = central.call(IDENTITY, "GetInstalledCertificateIds", request, SOON);
    let answer = answer.unwrap();
    answer["certificateHashData"].as_array().unwrap().len()
}

/// A charge point with a password and without any certificate, and its folder.
fn start(url: &str, scratch: &Scratch) -> ChargePoint {
    start_with(url, scratch, &[])
}

fn start_with(url: &str, scratch: &Scratch, more: &[&str]) -> ChargePoint {
    let password = file(scratch.path(), "password", PASSWORD);
    let storage = scratch.path().join("storage");
    let options = [
        "--storage",
        storage.to_str().unwrap(),
        "--password-file",
        password.to_str().unwrap(),
        "--serial",
        "SN-0815",
    ];
    ChargePoint::start_at(url, &[&options, more].concat())
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

    // Another one is tried at once; where the central system does not take it, the one of before is there.
    let others = Authority::new("Other clients");
    assert_eq!(install(&central, &others.pem()), "Accepted");
    let chain = others.issues(&request(&central, 4), Validity::Now);
    assert!(charge_point.told("error").is_empty());
    assert_eq!(issue(&central, &chain), "Accepted");
    let refused = charge_point.wait("error", |_| true);
    let event = "FailedToAuthenticateAtCentralSystem";
    assert_eq!(refused["securityEvent"], event, "{refused}");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert!(stored.join(next).exists() && stored.join(present).exists());
    // Once a connection was made with it, it is the only one.
    front.shows(shown.server_with(&[&TLS13], others.wants_certificates()));
    charge_point.connect_anew();
    assert_eq!(connected(&mut charge_point, &central), "wss");
    charge_point.command("status");
    charge_point.wait("status", |e| e["power"].is_u64());
    assert!(stored.join(present).exists() && !stored.join(next).exists());
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

#[test]
fn a_new_root_is_signed_by_the_old_one_and_replaces_it_once_it_is_used() {
    let (central, scratch) = (central(), Scratch::new("next-root"));
    let (root, stranger) = (Authority::new("Root"), Authority::new("Stranger"));
    let next = root.signs_authority("Next root");
    let front = Front::start(&central, root.signs(&["localhost"], Validity::Now).server());
    let options = ["--additional-root-check"];
    let mut charge_point = start_with(&front.url("ws"), &scratch, &options);
    connected(&mut charge_point, &central);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    assert_eq!(install(&central, &root.pem()), "Accepted");
    change(&central, "SecurityProfile", "2");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    for pem in [stranger.pem(), root.signs(&["CP1"], Validity::Now).pem] {
        assert_eq!(install(&central, &pem), "Rejected");
    }
    assert_eq!(install(&central, &next.pem()), "Accepted");
    assert_eq!(roots(&central), 2);

    // The central system still shows the old chain.
    charge_point.connect_anew();
    let refused = charge_point.wait("error", |_| true);
    assert_eq!(refused["securityEvent"], "InvalidCentralSystemCertificate");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert_eq!(roots(&central), 2);
    // Now the new one, which the old one does not count beside any more.
    front.shows(next.signs(&["localhost"], Validity::Now).server());
    charge_point.connect_anew();
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert_eq!(roots(&central), 1);
    front.shows(root.signs(&["localhost"], Validity::Now).server());
    charge_point.connect_anew();
    for _ in 0..2 {
        let refused = charge_point.wait("error", |_| true);
        assert_eq!(refused["securityEvent"], "InvalidCentralSystemCertificate");
    }
}

#[test]
fn a_request_for_a_certificate_that_waits_is_sent_after_a_restart() {
    let (central, scratch) = (central(), Scratch::new("waiting-request"));
    let mut charge_point = start(&central.url(), &scratch);
    connected(&mut charge_point, &central);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    change(&central, "CpoName", "Operator");
    central.adjust(|behaviour| {
        behaviour.on_call(|_, action, _| (action == "SignCertificate").then_some(Answer::Silence))
    });
    let csr = request(&central, 1);
    charge_point.kill();
    central.adjust(|_| Behaviour::new().password(IDENTITY, PASSWORD));
    let mut charge_point = start(&central.url(), &scratch);
    assert!(central.wait_for(SOON, |books| {
        let asked = books.station(IDENTITY).unwrap().payloads("SignCertificate");
        asked.len() == 2 && asked.iter().all(|it| it["csr"] == csr.as_str())
    }));
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    assert_eq!(charge_point.end(), Some(0));
    // It has an answer now.
    let mut charge_point = start(&central.url(), &scratch);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    assert_eq!(charge_point.end(), Some(0));
    let asked = central.station(IDENTITY).payloads("SignCertificate");
    assert_eq!(asked.len(), 2);
}
