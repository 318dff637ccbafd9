//! Security profile and key, security events, certificates, and files with a number: power is cut at every byte
//! that each of them writes, often once more at the next boot. What was answered is so; the rest is as before or
//! after it.

use ocpp::{
    domain::{CertificateUse, Credentials, SecurityEvent, SecuritySetup},
    limits::CERTIFICATE_PLACES,
    station::Input,
};
use serde_json::{Value, json};

use crate::support::{Bench, Cut, MINUTE, Outage, SECOND, Setup, hash};

#[derive(Clone, Copy, Debug)]
enum Step {
    Profile(&'static str),
    Key(&'static str),
    Install(&'static str),
    Delete(&'static str),
    /// Of the charge point itself.
    Signed(&'static str),
    /// Another connection.
    Again,
    /// SignedUpdateFirmware and GetLog with that number, to their ends.
    Update(i32),
    Log(i32),
    /// That can be seen, without a connection.
    See(SecurityEvent),
}

use Step::{Again, Delete, Install, Key, Log, Profile, See, Signed, Update};

const HEX: &str = "00112233445566778899aabbccddeeff";

/// A name, what was there before, and what is cut.
type Story = (&'static str, &'static [Step], Step);

const STORIES: &[Story] = &[
    ("a raise", &[], Profile("2")),
    ("a second raise", &[Profile("2")], Profile("3")),
    ("a key", &[], Key(HEX)),
    (
        "another key",
        &[Profile("2"), Key(HEX)],
        Key("a password of letters"),
    ),
    ("a root", &[], Install("abc")),
    ("the same root", &[Install("abc")], Install("abc")),
    ("a second root", &[Install("abc")], Install("abd")),
    (
        "a root that goes",
        &[Install("abc"), Install("abd")],
        Delete("abc"),
    ),
    (
        "an event",
        &[],
        See(SecurityEvent::TamperDetectionActivated),
    ),
    (
        "a second event",
        &[See(SecurityEvent::MemoryExhaustion)],
        See(SecurityEvent::TamperDetectionActivated),
    ),
    ("a certificate", &[], Signed("cafe")),
    (
        "a certificate that is used",
        &[Signed("cafe")],
        Profile("3"),
    ),
    (
        "another certificate",
        &[Profile("3"), Signed("cafe")],
        Signed("cafe01"),
    ),
    ("an update with a number", &[], Update(7)),
    ("another update", &[Update(7)], Update(8)),
    ("a log with a number", &[], Log(-9)),
];

/// The same with AdditionalRootCertificateCheck.
const CHECKED: &[Story] = &[
    ("a new root", &[Profile("2")], Install("abc")),
    (
        "a new root that is used",
        &[Profile("2"), Install("abc")],
        Again,
    ),
    (
        "a root that is replaced",
        &[Profile("2"), Install("abc"), Again, Install("abd")],
        Again,
    ),
];

fn setup(checks_additional_root: bool) -> Setup {
    Setup {
        security: SecuritySetup {
            credentials: Credentials {
                security_profile: 1,
                authorization_key: b"a password of bytes",
            },
            has_central_system_root: true,
            has_charge_point_certificate: true,
            tells_events: true,
            checks_additional_root,
            ..SecuritySetup::default()
        },
        ..Setup::default()
    }
}

/// True when it was answered with Accepted, or is seen.
fn perform(bench: &mut Bench, step: Step) -> bool {
    let id = match step {
        Profile(value) | Key(value) => {
            let key = match step {
                Profile(_) => "SecurityProfile",
                _ => "AuthorizationKey",
            };
            let request = json!({ "key": key, "value": value });
            bench.ask("ChangeConfiguration", request)
        }
        Install(pem) => {
            let used = "CentralSystemRootCertificate";
            let request = json!({ "certificateType": used, "certificate": pem });
            bench.ask("InstallCertificate", request)
        }
        Delete(serial) => {
            let named = hash(serial);
            let data = json!({
                "hashAlgorithm": "SHA256",
                "issuerNameHash": named.issuer_name,
                "issuerKeyHash": named.issuer_key,
                "serialNumber": serial,
            });
            bench.ask("DeleteCertificate", json!({ "certificateHashData": data }))
        }
        Signed(pem) => bench.ask("CertificateSigned", json!({ "certificateChain": pem })),
        Update(number) => {
            let firmware = json!({
                "location": "https://files.example/2.bin",
                "retrieveDateTime": bench.utc(),
                "signingCertificate": "PEM",
                "signature": "c2ln",
            });
            let request = json!({ "requestId": number, "firmware": firmware });
            bench.ask("SignedUpdateFirmware", request)
        }
        Log(number) => {
            let log = json!({ "remoteLocation": "https://files.example/logs" });
            let request = json!({ "logType": "SecurityLog", "requestId": number, "log": log });
            bench.ask("GetLog", request)
        }
        Again => {
            bench.disconnect();
            bench.reconnect();
            return bench.outages == 0;
        }
        See(event) => {
            bench.disconnect();
            let tech_info = "seen";
            return bench
                .input(Input::SecurityEvent { event, tech_info })
                .is_ok()
                && bench.outages == 0;
        }
    };
    bench.advance(0);
    let status = bench.take_status(&id);
    if bench.outages == 0 {
        bench.advance(match step {
            Profile(_) | Key(_) | Signed(_) => 2 * SECOND,
            Update(_) | Log(_) => MINUTE,
            _ => 0,
        });
    }
    status.as_deref() == Some("Accepted")
}

fn station(before: &[Step], checks_additional_root: bool) -> Bench {
    let mut bench = Bench::with(setup(checks_additional_root));
    for &step in before {
        assert!(perform(&mut bench, step), "{step:?}");
    }
    bench.reconnect();
    bench.advance(MINUTE);
    bench.forget();
    bench
}

/// Profile, key, and the certificates that are installed.
fn state(bench: &mut Bench) -> (u8, Vec<u8>, Vec<String>) {
    bench.operate(|station, _| {
        let mut buffer = [0; 512];
        let certificates = (0..CERTIFICATE_PLACES as u8).filter_map(|place| {
            let (used, pem) = station.installed_certificate(place, &mut buffer)?;
            let is_own = used == CertificateUse::ChargePoint;
            assert_eq!(is_own, pem.starts_with("cafe"), "{pem}");
            Some(pem.to_owned())
        });
        let certificates = certificates.collect();
        let credentials = station.credentials();
        let key = credentials.authorization_key.to_vec();
        (credentials.security_profile, key, certificates)
    })
}

/// What was told of a file has its number, and comes to an end. Power that goes in the middle of an
/// installation may end it.
fn check_file(bench: &mut Bench, step: Step, is_promised: bool, name: &str) {
    let (action, number, ends) = match step {
        Update(number) => (
            "SignedFirmwareStatusNotification",
            number,
            &["Installed", "InstallationFailed"][..],
        ),
        Log(number) => ("LogStatusNotification", number, &["Uploaded"][..]),
        _ => return,
    };
    let told = bench.all_calls(action);
    let is_meant = |call: &Value| call["requestId"] == number;
    assert!(told.iter().all(is_meant), "{name}: {told:?}");
    match told.last() {
        Some(last) => assert!(
            ends.iter().any(|end| last["status"] == *end),
            "{name}: {told:?}"
        ),
        None => assert!(!is_promised, "{name}"),
    }
}

fn cut(story: &Story, checks: bool, cut: Cut, turn: usize) -> bool {
    let &(name, before, step) = story;
    let name = format!("{name}, {cut:?}");
    let mut reference = station(before, checks);
    let old = state(&mut reference);
    perform(&mut reference, step);
    let new = state(&mut reference);

    let mut bench = station(before, checks);
    bench.outage = Outage {
        ms: 0,
        again: (turn % 3 == 1).then_some(turn / 3 % 4),
        takes_link: false,
    };
    bench.disk.cut_from_here(cut);
    let is_promised = perform(&mut bench, step);
    bench.disk.spare();
    bench.advance(MINUTE);
    bench.reconnect();
    bench.advance(3 * MINUTE);
    let now = state(&mut bench);
    assert!(now == old || now == new, "{name}: {now:?}");
    if is_promised {
        assert_eq!(now, new, "{name}");
    }
    if let See(_) = step {
        let told = bench.all_calls("SecurityEventNotification");
        let times = told.iter().filter(|it| it["techInfo"] == "seen").count();
        // Once more where the answer was not stored.
        assert!(times >= usize::from(is_promised), "{name}: {told:?}");
    }
    assert_eq!(bench.station().queued_security_events(), 0, "{name}");
    check_file(&mut bench, step, is_promised, &name);
    // All of it can be done again, and lasts.
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(state(&mut bench), now, "{name}");
    assert!(perform(&mut bench, Install("cafe")), "{name}");
    assert!(perform(&mut bench, Key(HEX)), "{name}");
    is_promised
}

#[test]
fn whenever_power_goes_security_is_as_before_or_as_asked_for() {
    let (mut cuts, mut promised) = (0, 0);
    let all = STORIES.iter().map(|story| (story, false));
    for (story, checks) in all.chain(CHECKED.iter().map(|story| (story, true))) {
        let &(name, before, step) = story;
        let mut bench = station(before, checks);
        let writes = bench.disk.writes();
        perform(&mut bench, step);
        bench.reconnect();
        bench.advance(MINUTE);
        let written = bench.disk.written().split_off(writes);
        assert!(!written.is_empty(), "{name}");
        for (write, written) in written.iter().enumerate() {
            for bytes in 0..=written.bytes {
                let is_promised = cut(story, checks, Cut::Inside { write, bytes }, cuts);
                promised += usize::from(is_promised);
                cuts += 1;
            }
        }
    }
    println!("{cuts} cuts, {promised} of them behind the answer");
    assert!(promised > 0 && promised < cuts);
}
