//! Security profiles and passwords that a central system changes, with connections that are made anew.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem};
use rustls::version::TLS13;
use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, Scratch},
    server::{
        front::Front,
        pki::{Authority, Validity, file},
    },
};

const PASSWORD: &str = "a password of some length";

/// Options, with a password and with files of an authority.
fn options(authority: &Authority, folder: &Path, has_own: bool) -> Vec<String> {
    let path = |name: &str, content: &str| {
        let path = file(folder, name, content);
        path.to_str().unwrap().to_owned()
    };
    let mut options = vec![
        "--storage".to_owned(),
        folder.join("storage").to_str().unwrap().to_owned(),
        "--password-file".to_owned(),
        path("password", PASSWORD),
        "--ca".to_owned(),
        path("ca.pem", &authority.pem()),
    ];
    if has_own {
        let own = authority.signs(&["CP1"], Validity::Now);
        options.extend(own.options(folder));
    }
    options
}

fn start(url: &str, options: &[String]) -> ChargePoint {
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    ChargePoint::start_at(url, &options)
}

fn change(central: &CentralSystem, key: &str, value: &str) -> Value {
    let request = json!({"key": key, "value": value});
    let answer = central.call(IDENTITY, "ChangeConfiguration", request, SOON);
    answer.unwrap()["status"].clone()
}

fn profile(central: &CentralSystem) -> Value {
    let request = json!({"key": ["SecurityProfile"]});
    let answer = central.call(IDENTITY, "GetConfiguration", request, SOON);
    answer.unwrap()["configurationKey"][0]["value"].clone()
}

/// Waits for a connection, and gives the scheme of its URL.
fn connected(charge_point: &mut ChargePoint, central: &CentralSystem) -> String {
    let url = charge_point.wait("connected", |_| true)["url"].clone();
    assert!(central.wait_online(IDENTITY, SOON));
    url.as_str().unwrap().split(':').next().unwrap().to_owned()
}

/// The same for a charge point that boots.
fn booted(charge_point: &mut ChargePoint, central: &CentralSystem) -> String {
    let scheme = connected(charge_point, central);
    charge_point.wait("registered", |e| e["status"] == "Accepted");
    scheme
}

fn central() -> CentralSystem {
    CentralSystem::start(Behaviour::new().password(IDENTITY, PASSWORD)).unwrap()
}

#[test]
fn a_profile_is_raised_to_tls_and_to_a_certificate_and_never_lowered() {
    let (central, scratch) = (central(), Scratch::new("profile-raise"));
    let authority = Authority::new("Root");
    let shown = authority.signs(&["localhost"], Validity::Now);
    let front = Front::start(&central, shown.server());
    let options = options(&authority, scratch.path(), true);
    let mut charge_point = start(&front.url("ws"), &options);
    assert_eq!(booted(&mut charge_point, &central), "ws");
    assert_eq!(profile(&central), "1");
    assert_eq!(change(&central, "SecurityProfile", "2"), "Accepted");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert_eq!(profile(&central), "2");
    assert_eq!(change(&central, "SecurityProfile", "1"), "Rejected");
    assert_eq!(change(&central, "SecurityProfile", "2"), "Rejected");

    // What is stored counts more than the scheme on the command line.
    charge_point.kill();
    let mut charge_point = start(&front.url("ws"), &options);
    assert_eq!(booted(&mut charge_point, &central), "wss");

    // From now on a certificate is wanted, and no password.
    let clients = authority.wants_certificates();
    front.shows(shown.server_with(&[&TLS13], clients));
    central.adjust(|_| Behaviour::new());
    assert_eq!(change(&central, "SecurityProfile", "3"), "Accepted");
    assert_eq!(connected(&mut charge_point, &central), "wss");
    assert_eq!(profile(&central), "3");
    for lower in ["0", "1", "2", "3"] {
        assert_eq!(change(&central, "SecurityProfile", lower), "Rejected");
    }
    let told = charge_point.told("securityProfile");
    let states: Vec<_> = told.iter().map(|e| e["state"].clone()).collect();
    assert_eq!(states, ["begun", "done"]);
    assert_eq!(charge_point.end(), Some(0));
    let mut charge_point = start(&front.url("ws"), &options);
    assert_eq!(booted(&mut charge_point, &central), "wss");
    assert_eq!(profile(&central), "3");
}

#[test]
fn a_profile_without_what_it_takes_is_rejected() {
    let (central, scratch) = (central(), Scratch::new("profile-lacks"));
    let authority = Authority::new("Root");
    let password = file(scratch.path(), "password", PASSWORD);
    let without_root = [
        "--password-file".to_owned(),
        password.to_str().unwrap().to_owned(),
    ];
    let mut charge_point = start(&central.url(), &without_root);
    booted(&mut charge_point, &central);
    for profile in ["2", "3", "0", "1", "4"] {
        assert_eq!(change(&central, "SecurityProfile", profile), "Rejected");
    }
    charge_point.kill();
    let without_certificate = options(&authority, scratch.path(), false);
    let mut charge_point = start(&central.url(), &without_certificate);
    booted(&mut charge_point, &central);
    assert_eq!(change(&central, "SecurityProfile", "3"), "Rejected");
    assert!(charge_point.told("disconnected").is_empty());
}

#[test]
fn a_raise_that_cannot_connect_falls_back_after_a_minute_over_a_restart() {
    let (central, scratch) = (central(), Scratch::new("profile-falls-back"));
    let authority = Authority::new("Root");
    // Its certificate is of another authority.
    let shown = Authority::new("Other").signs(&["localhost"], Validity::Now);
    let front = Front::start(&central, shown.server());
    let options = options(&authority, scratch.path(), false);
    let mut charge_point = start(&front.url("ws"), &options);
    assert_eq!(booted(&mut charge_point, &central), "ws");
    assert_eq!(change(&central, "SecurityProfile", "2"), "Accepted");
    let is_refused = |e: &Value| e["securityEvent"] == "InvalidCentralSystemCertificate";
    charge_point.wait("error", is_refused);
    charge_point.kill();
    // The raise goes on.
    let mut charge_point = start(&front.url("ws"), &options);
    let began = Instant::now();
    charge_point.wait("error", is_refused);
    while began.elapsed() < Duration::from_secs(54) {
        thread::sleep(Duration::from_secs(5));
        charge_point.command("connect");
        charge_point.wait("error", is_refused);
    }
    assert!(charge_point.told("connected").is_empty());
    thread::sleep(Duration::from_secs(62).saturating_sub(began.elapsed()));
    charge_point.command("connect");
    let told = charge_point.wait("securityProfile", |_| true);
    assert_eq!(
        (&told["profile"], &told["state"]),
        (&json!(1), &json!("fellBack"))
    );
    assert_eq!(booted(&mut charge_point, &central), "ws");
    assert_eq!(profile(&central), "1");
}

#[test]
fn a_new_password_is_used_at_once_and_after_a_restart() {
    let (central, scratch) = (central(), Scratch::new("profile-password"));
    let authority = Authority::new("Root");
    let shown = authority.signs(&["localhost"], Validity::Now);
    let front = Front::start(&central, shown.server());
    let options = options(&authority, scratch.path(), false);
    let mut charge_point = start(&front.url("wss"), &options);
    booted(&mut charge_point, &central);
    let hex = "ff00112233445566778899aabbccddee";
    let bytes: Vec<u8> = (0..16)
        .map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap())
        .collect();
    assert_eq!(
        change(&central, "AuthorizationKey", "too short"),
        "Rejected"
    );
    assert_eq!(change(&central, "AuthorizationKey", hex), "Accepted");
    let told = charge_point.wait("config", |e| e["key"] == "AuthorizationKey");
    assert_eq!(told["value"], "");
    // The connection of before goes on until then.
    central.adjust(|it| it.password(IDENTITY, bytes));
    connected(&mut charge_point, &central);
    let request = json!({"key": ["AuthorizationKey"]});
    let answer = central.call(IDENTITY, "GetConfiguration", request, SOON);
    assert!(!answer.unwrap().to_string().contains(hex));
    for told in charge_point.killed() {
        assert!(!told.to_string().contains(hex), "{told}");
    }
    let mut charge_point = start(&front.url("wss"), &options);
    booted(&mut charge_point, &central);
    assert!(charge_point.told("error").is_empty());
}
