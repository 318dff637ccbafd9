//! Security profile and key, security events and certificates: power is cut at every byte that each of them
//! writes, often once more at the next boot. What was answered is so; the rest is as before or after it.

use ocpp::{
    domain::{CertificateUse, Credentials, SecurityEvent, SecuritySetup},
    station::Input,
};
use serde_json::json;

use crate::support::{Bench, Cut, MINUTE, Outage, SECOND, Setup, hash};

#[derive(Clone, Copy, Debug)]
enum Step {
    Profile(&'static str),
    Key(&'static str),
    Install(&'static str),
    Delete(&'static str),
    /// That can be seen, without a connection.
    See(SecurityEvent),
}

use Step::{Delete, Install, Key, Profile, See};

const HEX: &str = "00112233445566778899aabbccddeeff";

/// What was there before, and what is cut.
const STORIES: &[(&str, &[Step], Step)] = &[
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
];

fn setup() -> Setup {
    Setup {
        security: SecuritySetup {
            credentials: Credentials {
                security_profile: 1,
                authorization_key: b"a password of bytes",
            },
            has_central_system_root: true,
            has_charge_point_certificate: true,
            tells_events: true,
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
        See(event) => {
            bench.disconnect();
            let tech_info = "seen";
            return bench
                .input(Input::SecurityEvent { event, tech_info })
                .is_ok()
                && bench.outages == 0;
        }
    };
    let status = bench.take_status(&id);
    if matches!(step, Profile(_) | Key(_)) && bench.outages == 0 {
        bench.advance(2 * SECOND);
    }
    status.as_deref() == Some("Accepted")
}

fn station(before: &[Step]) -> Bench {
    let mut bench = Bench::with(setup());
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
        let roots = (0..4).filter_map(|place| {
            let (used, pem) = station.installed_certificate(place, &mut buffer)?;
            assert_eq!(used, CertificateUse::CentralSystemRoot);
            Some(pem.to_owned())
        });
        let roots = roots.collect();
        let credentials = station.credentials();
        let key = credentials.authorization_key.to_vec();
        (credentials.security_profile, key, roots)
    })
}

fn cut(name: &str, before: &[Step], step: Step, cut: Cut, turn: usize) -> bool {
    let name = format!("{name}, {cut:?}");
    let mut reference = station(before);
    let old = state(&mut reference);
    perform(&mut reference, step);
    let new = state(&mut reference);

    let mut bench = station(before);
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
    let told = bench.all_calls("SecurityEventNotification");
    let times = told.iter().filter(|it| it["techInfo"] == "seen").count();
    if let See(_) = step {
        // Once more where the answer was not stored.
        assert!(times >= usize::from(is_promised), "{name}: {told:?}");
    }
    assert_eq!(bench.station().queued_security_events(), 0, "{name}");
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
    for &(name, before, step) in STORIES {
        let mut bench = station(before);
        let writes = bench.disk.writes();
        perform(&mut bench, step);
        bench.reconnect();
        bench.advance(MINUTE);
        let written = bench.disk.written().split_off(writes);
        assert!(!written.is_empty(), "{name}");
        for (write, written) in written.iter().enumerate() {
            for bytes in 0..=written.bytes {
                let is_promised = cut(name, before, step, Cut::Inside { write, bytes }, cuts);
                promised += usize::from(is_promised);
                cuts += 1;
            }
        }
    }
    println!("{cuts} cuts, {promised} of them behind the answer");
    assert!(promised > 0 && promised < cuts);
}
