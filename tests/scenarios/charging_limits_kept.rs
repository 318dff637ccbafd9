//! Limits of charging profiles over power losses, clocks that are set, and storage that cannot be read.

use ocpp::{
    station::{Event, Input},
    storage::RecordId,
};
use serde_json::json;

use crate::support::{Bench, MINUTE, SECOND, station_max, tx_default};

#[test]
fn until_the_time_is_known_it_goes_on_from_where_it_was_kept() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).periods(&[(0, 16.0), (1800, 8.0)]));
    bench.take_profile(2, tx_default(2, 0).relative().limit(7.0));
    bench.power_off();
    bench.disconnect();
    bench.advance(5 * MINUTE);
    bench.power_on();
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(16.0), Some(7.0))
    );
    // The central system tells the time: it is later than it seemed.
    bench.advance(26 * MINUTE);
    assert_eq!(bench.amperes(1), Some(16.0));
    let utc = bench.unix_millis();
    bench.do_now(Input::Time(utc));
    assert_eq!(bench.amperes(1), Some(8.0));
}

#[test]
fn a_clock_that_is_set_counts_at_once() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).from("2026-03-02T10:00:00Z"));
    assert_eq!(bench.amperes(1), None);
    let utc = bench.unix_millis();
    bench.do_now(Input::Time(utc + 2 * 3_600_000));
    assert_eq!(bench.amperes(1), Some(16.0));
    bench.do_now(Input::Time(utc));
    assert_eq!(bench.amperes(1), None);
}

#[test]
fn a_damaged_profile_is_told_and_passed_over() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).periods(&[(0, 16.0), (60, 8.0)]));
    bench.take_profile(0, tx_default(2, 0).limit(10.0));
    bench.damage_object(0);
    bench.forget();
    bench.power_loss();
    assert!(bench.saw(&Event::RecordSkipped(FIRST_PROFILE)));
    assert_eq!(bench.amperes(1), Some(10.0));
    // Its place is taken by the next one.
    bench.take_profile(0, tx_default(1, 1).limit(9.0));
    assert_eq!(bench.amperes(1), Some(9.0));
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(9.0));
}

const FIRST_PROFILE: RecordId = RecordId(0x0600);

#[test]
fn a_profile_that_cannot_be_read_any_more_keeps_its_last_limit_until_it_can() {
    let mut bench = Bench::new();
    let periods = [(0, 16.0), (60, 8.0), (120, 9.0), (180, 7.0)];
    bench.take_profile(0, tx_default(1, 1).periods(&periods));
    bench.take_profile(0, tx_default(2, 0).limit(10.0));
    bench.damage_object(0);
    bench.forget();
    bench.advance(65 * SECOND);
    assert!(bench.saw(&Event::RecordSkipped(FIRST_PROFILE)));
    assert_eq!(bench.amperes(1), Some(16.0));
    // It is told once.
    bench.forget();
    bench.advance(30 * SECOND);
    assert!(!bench.saw(&Event::RecordSkipped(FIRST_PROFILE)));
    assert_eq!(bench.amperes(1), Some(16.0));
    bench.disk.heal();
    bench.advance(10 * SECOND);
    assert_eq!(bench.amperes(1), Some(8.0));
    bench.advance(20 * SECOND);
    assert_eq!(bench.amperes(1), Some(9.0));
    bench.damage_object(0);
    bench.advance(MINUTE);
    assert!(bench.saw(&Event::RecordSkipped(FIRST_PROFILE)));
    assert_eq!(bench.amperes(1), Some(9.0));
}

#[test]
fn a_profile_that_cannot_be_read_can_be_cleared_and_replaced() {
    let unreadable = || {
        let mut bench = Bench::new();
        bench.take_profile(0, tx_default(1, 1).periods(&[(0, 16.0), (60, 8.0)]));
        bench.take_profile(0, tx_default(2, 0).limit(10.0));
        bench.damage_object(0);
        bench.advance(2 * MINUTE);
        bench
    };
    let mut bench = unreadable();
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Accepted");
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.disk.heal();
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(10.0));
    // By its level, in its place.
    let mut bench = unreadable();
    bench.take_profile(0, tx_default(3, 1).limit(9.0));
    assert_eq!(bench.amperes(1), Some(9.0));
    bench.disk.heal();
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(9.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
}

#[test]
fn what_could_not_be_read_at_a_boot_does_not_come_back_for_what_took_its_place() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 5).limit(20.0));
    let long: Vec<_> = (0..24).map(|n| (n * 3_600, 16.0)).collect();
    bench.take_profile(0, tx_default(2, 1).periods(&long));
    // All but its first chunk.
    let chunks = bench.disk.snapshot().into_keys();
    let mut chunks: Vec<_> = chunks.filter(|id| id.0 >> 8 == 0x81).collect();
    chunks.sort_unstable();
    assert!(chunks.len() > 1, "{chunks:?}");
    chunks[1..].iter().for_each(|id| bench.disk.damage(*id));
    bench.power_loss();
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Accepted");
    assert_eq!(bench.amperes(1), None);
    bench.take_profile(0, tx_default(3, 1).limit(9.0));
    bench.disk.heal();
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(9.0));
}

#[test]
fn a_default_of_a_connector_that_cannot_be_read_keeps_its_last_limit() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 9).limit(10.0));
    bench.take_profile(1, tx_default(2, 0).periods(&[(0, 16.0), (60, 8.0)]));
    bench.damage_object(1);
    bench.advance(90 * SECOND);
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(16.0), Some(10.0))
    );
}

#[test]
fn where_nothing_is_known_of_a_default_that_of_all_connectors_counts() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 9).limit(10.0));
    let later = tx_default(2, 0).from("2026-03-02T08:30:00Z");
    bench.take_profile(1, later.limit(16.0));
    bench.power_loss();
    assert_eq!(bench.amperes(1), None);
    bench.damage_object(1);
    bench.forget();
    bench.advance(31 * MINUTE);
    assert!(bench.saw(&Event::RecordSkipped(RecordId(0x0601))));
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.disk.heal();
    bench.advance(10 * SECOND);
    assert_eq!(bench.amperes(1), Some(16.0));
}

#[test]
fn what_a_schedule_looked_ahead_at_is_not_in_force() {
    let mut bench = Bench::new();
    let periods = [(0, 10.0), (3_600, 32.0), (7_200, 20.0)];
    bench.take_profile(0, tx_default(1, 0).periods(&periods));
    bench.composite(1, 5_000, "A");
    bench.damage_object(0);
    bench.charge(2, "TAG");
    assert_eq!(bench.amperes(1), Some(10.0));
}

/// Ten profiles, and a station that is asked again and again: storage is, where a period ends.
#[test]
fn storage_is_read_only_where_a_limit_changes() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    let periods: Vec<_> = (0..24).map(|n| (n * 3_600, 10.0 + f64::from(n))).collect();
    bench.take_profile(0, station_max(1, 0).periods(&periods));
    for level in 0..8 {
        let profile = tx_default(2 + level, level).valid_to("2026-03-02T08:30:00Z");
        bench.take_profile(0, profile.periods(&periods));
    }
    bench.take_profile(0, tx_default(20, 9).periods(&periods));
    let reads = bench.disk.reads();
    for _ in 0..3_599 {
        bench.advance(SECOND);
        bench.operate(|station, now| {
            let _ = station.poll(now);
        });
    }
    assert_eq!(bench.disk.reads(), reads);
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.advance(SECOND);
    assert_eq!(bench.amperes(1), Some(11.0));
    // The heads and one chunk of two profiles, whose next periods are in force now.
    assert!(bench.disk.reads() > reads && bench.disk.reads() <= reads + 6);
}
