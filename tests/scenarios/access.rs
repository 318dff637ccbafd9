//! Security profile and AuthorizationKey (security whitepaper, A00 and A05): what they take, and the
//! connection that is made anew with them.

use ocpp::{
    domain::{Credentials, ProfileRaise, SecuritySetup},
    limits::RECONNECT_GRACE_MS,
    station::{Event, Key},
};
use serde_json::json;

use crate::support::{Bench, Setup};

const KEY: &[u8] = b"a password of bytes";
const HEX: &str = "00112233445566778899aabbccddeeff";

/// Configured with a password, and with certificates as far as asked for.
fn setup(profile: u8, has_root: bool, has_own: bool) -> Setup {
    Setup {
        security: SecuritySetup {
            credentials: Credentials {
                security_profile: profile,
                authorization_key: KEY,
            },
            has_central_system_root: has_root,
            has_charge_point_certificate: has_own,
            ..SecuritySetup::default()
        },
        ..Setup::default()
    }
}

fn profile(bench: &Bench) -> u8 {
    bench.station().credentials().security_profile
}

fn key(bench: &Bench) -> Vec<u8> {
    bench.station().credentials().authorization_key.to_vec()
}

fn raised(bench: &Bench) -> Vec<(u8, ProfileRaise)> {
    let raises = bench.events().iter().filter_map(|event| match event {
        Event::SecurityProfile { profile, raise } => Some((*profile, *raise)),
        _ => None,
    });
    raises.collect()
}

#[test]
fn a_raised_security_profile_is_used_by_a_new_connection() {
    let mut bench = Bench::with(setup(1, true, true));
    assert_eq!(bench.get("SecurityProfile"), "1");
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    // The answer leaves first.
    assert!(bench.is_connected());
    bench.advance(RECONNECT_GRACE_MS);
    assert_eq!(bench.hung_up.len(), 1);
    assert!(bench.is_connected());
    assert_eq!(profile(&bench), 2);
    assert_eq!(
        raised(&bench),
        [(2, ProfileRaise::Begun), (2, ProfileRaise::Done)]
    );
    assert_eq!(bench.get("SecurityProfile"), "2");
    // What storage holds counts more than what the charge point was configured with.
    bench.power_loss();
    assert_eq!((profile(&bench), key(&bench)), (2, KEY.to_vec()));
    assert_eq!(bench.change("SecurityProfile", "3"), "Accepted");
    bench.advance(RECONNECT_GRACE_MS);
    assert_eq!(bench.get("SecurityProfile"), "3");
}

#[test]
fn a_security_profile_is_not_lowered() {
    let mut bench = Bench::with(setup(2, true, true));
    for value in ["0", "1", "2", "4", "", "-1", "two", "3.0"] {
        assert_eq!(
            bench.change("SecurityProfile", value),
            "Rejected",
            "{value}"
        );
    }
    bench.advance(10_000);
    assert!(bench.hung_up.is_empty());
    assert_eq!(bench.get("SecurityProfile"), "2");
}

#[test]
fn a_raise_needs_what_the_profile_takes() {
    for (from, has_root, has_own, to, status) in [
        (0, false, false, "1", "Accepted"),
        (0, false, false, "2", "Rejected"),
        (0, true, false, "2", "Accepted"),
        (1, true, false, "3", "Rejected"),
        (1, false, true, "3", "Rejected"),
        (1, true, true, "3", "Accepted"),
    ] {
        let mut bench = Bench::with(setup(from, has_root, has_own));
        assert_eq!(
            bench.change("SecurityProfile", to),
            status,
            "{from} to {to}"
        );
    }
    // Without a password there is none to send.
    let mut bench = Bench::new();
    assert_eq!(bench.change("SecurityProfile", "1"), "Rejected");
    assert_eq!(bench.change("AuthorizationKey", HEX), "Accepted");
    assert_eq!(bench.change("SecurityProfile", "1"), "Accepted");
    // While one is under way there is no other.
    assert_eq!(bench.change("SecurityProfile", "1"), "Rejected");
}

#[test]
fn a_profile_that_cannot_be_connected_with_is_given_up() {
    let mut bench = Bench::with(setup(1, true, true));
    bench.forget();
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    bench.disconnect();
    let begun = bench.now();
    // It takes three attempts and a minute, whichever is later.
    while profile(&bench) == 2 {
        bench.advance(1_000);
        assert!(bench.now() < begun + 180_000);
    }
    assert!(bench.now() >= begun + 60_000, "{}", bench.now() - begun);
    assert!(bench.attempts.len() > 3);
    assert_eq!(
        raised(&bench),
        [(2, ProfileRaise::Begun), (1, ProfileRaise::FellBack)]
    );
    bench.reconnect();
    assert_eq!(bench.get("SecurityProfile"), "1");
    bench.power_loss();
    assert_eq!(profile(&bench), 1);
    // It can be tried again.
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
}

#[test]
fn a_raise_goes_on_after_a_power_loss() {
    let mut bench = Bench::with(setup(1, true, true));
    assert_eq!(bench.change("SecurityProfile", "2"), "Accepted");
    bench.disconnect();
    bench.advance(5_000);
    bench.power_loss();
    assert_eq!(profile(&bench), 2);
    bench.forget();
    bench.advance(200_000);
    assert_eq!(raised(&bench), [(1, ProfileRaise::FellBack)]);
    bench.power_loss();
    assert_eq!(profile(&bench), 1);
}

#[test]
fn an_authorization_key_is_bytes_in_hexadecimal_or_text_and_used_at_once() {
    let mut bench = Bench::with(setup(1, false, false));
    for (text, bytes) in [
        (HEX, (0..16).map(|n| n * 0x11).collect()),
        ("a password of letters", b"a password of letters".to_vec()),
    ] {
        bench.forget();
        assert_eq!(bench.change("AuthorizationKey", text), "Accepted");
        assert!(bench.is_connected());
        bench.advance(RECONNECT_GRACE_MS);
        assert_eq!(bench.hung_up.pop(), Some(bench.now()));
        assert!(bench.is_connected());
        assert_eq!(key(&bench), bytes);
        assert!(bench.saw(&Event::ConfigurationChanged(Key::AuthorizationKey)));
        bench.power_loss();
        assert_eq!(key(&bench), bytes);
    }
}

#[test]
fn a_password_that_is_not_sent_changes_no_connection() {
    for profile in [0, 3] {
        let mut bench = Bench::with(setup(profile, true, true));
        assert_eq!(bench.change("AuthorizationKey", HEX), "Accepted");
        bench.advance(60_000);
        assert!(bench.hung_up.is_empty());
    }
}

#[test]
fn an_authorization_key_is_never_told() {
    let mut bench = Bench::with(setup(1, false, false));
    let secret = "a password of letters";
    assert_eq!(bench.change("AuthorizationKey", secret), "Accepted");
    bench.advance(RECONNECT_GRACE_MS);
    let asked = json!({ "key": ["AuthorizationKey"] });
    let answer = bench.call("GetConfiguration", asked);
    let told = json!([{ "key": "AuthorizationKey", "readonly": false }]);
    assert_eq!(answer["configurationKey"], told);
    let mut buffer = [0; 64];
    let text = bench
        .station()
        .configuration_text(Key::AuthorizationKey, &mut buffer);
    assert_eq!(text, Some(""));
    let events = format!("{:?}", bench.events());
    assert!(!events.contains("letters"));
    assert!(!format!("{:?}", bench.station().credentials()).contains("key:"));
}

#[test]
fn what_the_central_system_does_not_take_leaves_the_key_as_it_was() {
    let mut bench = Bench::with(setup(1, false, false));
    for value in [
        "",
        "fifteen letters",
        "more letters than the forty that there may be",
        "a password\nof lines",
    ] {
        assert_eq!(
            bench.change("AuthorizationKey", value),
            "Rejected",
            "{value}"
        );
    }
    assert_eq!(key(&bench), KEY);
    bench.disk.fail(true);
    assert_eq!(bench.change("AuthorizationKey", HEX), "Rejected");
    assert_eq!(bench.change("SecurityProfile", "2"), "Rejected");
    assert_eq!((profile(&bench), key(&bench)), (1, KEY.to_vec()));
    bench.advance(60_000);
    assert!(bench.hung_up.is_empty());
}
