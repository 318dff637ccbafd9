//! Connecting again (OCPP-J 1.6, 5.4): ever more patiently, never at once, never not at all.

use ocpp::limits::{RECONNECT_MAX_MS, RECONNECT_MIN_MS};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Setup};

fn pauses(bench: &Bench) -> Vec<u64> {
    let pairs = bench.attempts.windows(2);
    pairs.map(|pair| pair[1] - pair[0]).collect()
}

/// Twice as long each time, with a quarter of jitter both ways, up to the longest.
fn assert_backs_off(pauses: &[u64]) {
    for (place, &pause) in pauses.iter().enumerate() {
        let ideal = RECONNECT_MIN_MS << place.min(30);
        let ideal = ideal.min(RECONNECT_MAX_MS);
        let around = ideal * 3 / 4..=ideal * 5 / 4;
        assert!(around.contains(&pause), "{place}: {pauses:?}");
    }
}

#[test]
fn from_the_first_failure_on_the_pauses_grow() {
    let mut bench = Bench::cold(Setup::default());
    bench.disconnect();
    bench.advance(HOUR);
    assert_eq!(bench.attempts[0], 0);
    assert_backs_off(&pauses(&bench));
}

#[test]
fn after_a_loss_the_pauses_grow() {
    let mut bench = Bench::new();
    bench.attempts.push(bench.now());
    bench.disconnect();
    bench.advance(HOUR);
    assert_backs_off(&pauses(&bench));
}

#[test]
fn it_is_never_given_up() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.advance(7 * 24 * HOUR);
    let last = *bench.attempts.last().unwrap();
    assert!(bench.now() - last <= RECONNECT_MAX_MS * 5 / 4);
    bench.reconnect();
    assert!(bench.is_online());
}

#[test]
fn success_makes_the_next_failure_the_first_again() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.advance(HOUR);
    bench.reconnect();
    bench.plug(1);
    bench.advance(MINUTE);
    bench.attempts.clear();
    bench.attempts.push(bench.now());
    bench.disconnect();
    bench.advance(10 * MINUTE);
    assert_backs_off(&pauses(&bench));
}

#[test]
fn a_connection_that_is_cut_before_the_boot_is_accepted_is_no_success() {
    let mut bench = Bench::cold(Setup::default());
    bench.reply_always("BootNotification", Reply::Cut);
    bench.advance(HOUR);
    assert_backs_off(&pauses(&bench));
    bench.reply_normally("BootNotification");
    bench.advance(3 * MINUTE);
    assert!(bench.is_online());
}

#[test]
fn a_connection_that_is_cut_again_and_again_is_never_a_tight_loop() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.tag(1, "TAG");
    for action in ["StatusNotification", "MeterValues", "Heartbeat"] {
        bench.reply_always(action, Reply::Cut);
    }
    bench.forget();
    bench.unplug(1);
    bench.advance(HOUR);
    let shortest = pauses(&bench).into_iter().min().unwrap();
    assert!(shortest >= RECONNECT_MIN_MS * 3 / 4, "{shortest}");
}

#[test]
fn jitter_differs_from_boot_to_boot() {
    let mut bench = Bench::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        bench.power_off();
        bench.disconnect();
        bench.forget();
        bench.power_on();
        bench.advance(10 * MINUTE);
        seen.insert(pauses(&bench));
    }
    assert_eq!(seen.len(), 5);
}

#[test]
fn while_it_is_not_connected_it_only_tries_to_connect() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.plug(1);
    bench.advance(30 * SECOND);
    bench.expect_no_call();
    assert!(!bench.is_connected());
}
