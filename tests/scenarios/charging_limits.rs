//! The limits that follow from charging profiles (OCPP 1.6, 3.13): which one counts at a moment, when
//! the application hears of it, and what becomes of a transaction.
//!
//! The bench begins on a Monday, 2026-03-02, at 08:00.

use ocpp::{
    domain::{ChargingLimit, Reason, Status},
    station::{Event, Input, Output, Station, Suspension},
};
use serde_json::json;

use crate::support::{Bench, HOUR, SECOND, Wiring, of_transaction, tx_default};

const DAY: u64 = 24 * HOUR;

/// Where limits change: what the application heard, and when.
pub(crate) fn heard(bench: &mut Bench, connector: u8, ms: u64) -> Vec<(u64, Option<f64>)> {
    let mut heard = Vec::new();
    let begin = bench.now();
    let mut known = bench.amperes(connector);
    bench.forget();
    while bench.now() < begin + ms {
        let step = bench.next_deadline().clamp(bench.now() + 1, begin + ms);
        bench.advance(step - bench.now());
        let now = bench.amperes(connector);
        let limit = bench.limit(connector);
        let told = bench.saw(&Event::ChargingLimit { connector, limit });
        assert_eq!(told, now != known, "{connector} at {}", bench.now());
        if told {
            heard.push(((bench.now() - begin) / SECOND, now));
            assert_eq!(
                (bench.now() - begin) % SECOND,
                bench_offset(begin),
                "not at its moment"
            );
        }
        known = now;
        bench.forget();
    }
    heard
}

/// Scenarios begin at whole seconds.
pub(crate) fn bench_offset(begin: u64) -> u64 {
    begin % SECOND
}

#[test]
fn each_period_has_its_time() {
    let mut bench = Bench::new();
    bench.take_profile(
        0,
        tx_default(1, 0).periods(&[(0, 16.0), (60, 8.0), (90, 20.5)]),
    );
    assert_eq!(bench.amperes(1), Some(16.0));
    assert_eq!(
        heard(&mut bench, 1, 2 * HOUR),
        [(60, Some(8.0)), (90, Some(20.5))]
    );
}

#[test]
fn it_is_told_in_amperes_and_in_watts_with_phases() {
    let mut bench = Bench::new();
    bench.take_profile(1, tx_default(1, 0).limit(10.0).phases(1));
    bench.take_profile(2, tx_default(2, 0).watts(11_000.0));
    assert!(bench.saw(&Event::ChargingLimit {
        connector: 1,
        limit: Some(ChargingLimit {
            deciamperes: 100,
            watts: 2_300,
            phases: 1
        }),
    }));
    assert!(bench.saw(&Event::ChargingLimit {
        connector: 2,
        limit: Some(ChargingLimit {
            deciamperes: 159,
            watts: 11_000,
            phases: 3
        }),
    }));
    assert_eq!(bench.limit(0), None);
}

#[test]
fn a_gap_falls_to_the_next_lower_level_and_at_the_bottom_to_no_limit() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).limit(11.0).lasting(300));
    bench.take_profile(0, tx_default(2, 5).limit(15.0).lasting(60));
    bench.take_profile(0, tx_default(3, 3).limit(13.0).lasting(120));
    assert_eq!(
        heard(&mut bench, 1, HOUR),
        [(60, Some(13.0)), (120, Some(11.0)), (300, None)]
    );
}

#[test]
fn the_highest_level_without_a_duration_lets_no_lower_one_through() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).limit(7.0));
    bench.take_profile(0, tx_default(2, 2).limit(20.0));
    assert_eq!(bench.amperes(1), Some(20.0));
    assert_eq!(heard(&mut bench, 1, 10 * DAY), []);
}

#[test]
fn a_profile_is_in_force_from_valid_from_to_just_before_valid_to() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).limit(11.0));
    let profile = tx_default(2, 2).limit(20.0);
    let profile = profile
        .valid_from("2026-03-02T08:10:00Z")
        .valid_to("2026-03-02T08:20:00Z");
    bench.take_profile(0, profile);
    assert_eq!(
        heard(&mut bench, 1, HOUR),
        [(600, Some(20.0)), (1200, Some(11.0))]
    );
}

#[test]
fn a_schedule_that_starts_later_is_not_in_force_before() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).from("2026-03-02T08:30:00Z").lasting(60));
    assert_eq!(bench.amperes(1), None);
    assert_eq!(
        heard(&mut bench, 1, HOUR),
        [(1800, Some(16.0)), (1860, None)]
    );
}

#[test]
fn a_schedule_may_have_started_long_ago() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 1).from("2026-03-02T07:59:30Z").lasting(100);
    bench.take_profile(0, profile.periods(&[(0, 16.0), (40, 8.0), (100, 9.0)]));
    assert_eq!(bench.amperes(1), Some(16.0));
    assert_eq!(heard(&mut bench, 1, HOUR), [(10, Some(8.0)), (70, None)]);
}

#[test]
fn a_duration_may_end_inside_a_period_and_what_is_behind_it_never_comes() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 1).lasting(90);
    bench.take_profile(
        0,
        profile.periods(&[(0, 16.0), (60, 8.0), (90, 9.0), (120, 10.0)]),
    );
    assert_eq!(heard(&mut bench, 1, HOUR), [(60, Some(8.0)), (90, None)]);
}

#[test]
fn no_duration_at_all() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 1).lasting(0));
    bench.take_profile(0, tx_default(2, 2).relative().lasting(0));
    assert_eq!(bench.amperes(1), None);
}

#[test]
fn a_daily_schedule_goes_over_midnight() {
    let mut bench = Bench::new();
    let night = tx_default(1, 1)
        .daily("2026-03-02T22:00:00Z")
        .lasting(8 * 3600);
    bench.take_profile(0, night.periods(&[(0, 32.0), (4 * 3600, 20.0)]));
    // The turn that began yesterday, before the first one, has just ended at 06:00.
    assert_eq!(bench.amperes(1), None);
    let h = 3600;
    assert_eq!(
        heard(&mut bench, 1, 2 * DAY),
        [
            (14 * h, Some(32.0)),
            (18 * h, Some(20.0)),
            (22 * h, None),
            (38 * h, Some(32.0)),
            (42 * h, Some(20.0)),
            (46 * h, None),
        ]
    );
}

#[test]
fn the_turn_that_began_yesterday_counts() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 1)
        .daily("2026-03-05T20:00:00Z")
        .lasting(13 * 3600);
    bench.take_profile(0, profile.periods(&[(0, 32.0), (11 * 3600, 20.0)]));
    // Three days before startSchedule: as long as nothing says from when on it is valid.
    assert_eq!(bench.amperes(1), Some(20.0));
    assert_eq!(heard(&mut bench, 1, 2 * HOUR), [(3600, None)]);
    let profile = tx_default(1, 1)
        .daily("2026-03-05T20:00:00Z")
        .lasting(13 * 3600);
    let profile = profile.valid_from("2026-03-05T20:00:00Z");
    bench.take_profile(0, profile);
    assert_eq!(
        heard(&mut bench, 1, 4 * DAY).first(),
        Some(&(3 * 86_400 + 10 * 3600, Some(16.0)))
    );
}

#[test]
fn a_weekly_schedule_goes_over_the_end_of_the_week() {
    let mut bench = Bench::new();
    // From Sunday evening to Monday 09:00, begun three weeks ago.
    let profile = tx_default(1, 1)
        .weekly("2026-02-08T18:00:00Z")
        .lasting(15 * 3600);
    bench.take_profile(0, profile.periods(&[(0, 10.0), (14 * 3600 + 1800, 6.5)]));
    assert_eq!(bench.amperes(1), Some(10.0));
    let next = 6 * 86_400 + 10 * 3600;
    assert_eq!(
        heard(&mut bench, 1, 8 * DAY),
        [
            (1800, Some(6.5)),
            (3600, None),
            (next, Some(10.0)),
            (next + 52_200, Some(6.5)),
            (next + 54_000, None),
        ]
    );
}

#[test]
fn a_turn_ends_what_would_last_longer() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 1)
        .daily("2026-03-02T09:00:00Z")
        .lasting(2 * 86_400);
    bench.take_profile(
        0,
        profile.periods(&[(0, 10.0), (86_399, 11.0), (86_400, 12.0)]),
    );
    assert_eq!(bench.amperes(1), Some(10.0));
    assert_eq!(
        heard(&mut bench, 1, DAY + 2 * HOUR),
        [
            (3599, Some(11.0)),
            (3600, Some(10.0)),
            (3600 + 86_399, Some(11.0)),
            (3600 + 86_400, Some(10.0)),
        ]
    );
}

#[test]
fn a_relative_schedule_starts_with_the_transaction() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 1).relative().lasting(120);
    bench.take_profile(0, profile.periods(&[(0, 16.0), (60, 8.0)]));
    // Without one it stands at its beginning.
    assert_eq!(bench.amperes(1), Some(16.0));
    assert_eq!(heard(&mut bench, 1, HOUR), []);
    bench.charge(1, "TAG");
    bench.advance(30 * SECOND);
    bench.charge(2, "OTHER");
    assert_eq!(heard(&mut bench, 1, 40 * SECOND), [(30, Some(8.0))]);
    assert_eq!(heard(&mut bench, 2, HOUR), [(20, Some(8.0)), (80, None)]);
    assert_eq!(bench.amperes(1), None);
    bench.stop(1, Reason::Local);
    assert_eq!(bench.amperes(1), Some(16.0));
}

#[test]
fn a_relative_schedule_within_its_validity() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let profile = of_transaction(1, 0)
        .relative()
        .valid_to("2026-03-02T08:01:30Z");
    bench.take_profile(1, profile.periods(&[(0, 16.0), (60, 8.0)]));
    assert_eq!(heard(&mut bench, 1, HOUR), [(60, Some(8.0)), (90, None)]);
}

#[test]
fn the_profile_of_the_transaction_counts_where_it_has_a_period() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 9).limit(10.0));
    bench.charge(1, "TAG");
    let profile = of_transaction(2, 0)
        .from("2026-03-02T08:01:00Z")
        .lasting(60);
    bench.take_profile(1, profile.limit(20.0));
    assert_eq!(bench.amperes(1), Some(10.0));
    assert_eq!(
        heard(&mut bench, 1, HOUR),
        [(60, Some(20.0)), (120, Some(10.0))]
    );
}

#[test]
fn a_default_of_a_connector_replaces_that_of_all_as_a_whole() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 9).limit(10.0));
    bench.take_profile(1, tx_default(2, 0).limit(20.0).lasting(60));
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(20.0), Some(10.0))
    );
    // Also where it has a gap, whatever the levels.
    assert_eq!(heard(&mut bench, 1, HOUR), [(60, None)]);
    assert_eq!(bench.amperes(2), Some(10.0));
}

#[test]
fn a_default_that_changes_counts_for_the_running_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.take_profile(0, tx_default(1, 0).limit(10.0));
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.take_profile(0, tx_default(1, 0).limit(12.0));
    assert_eq!(bench.amperes(1), Some(12.0));
    bench.take_profile(1, of_transaction(2, 0).limit(8.0));
    bench.take_profile(0, tx_default(1, 0).limit(14.0));
    assert_eq!(bench.amperes(1), Some(8.0));
    bench.clear_profiles(json!({}));
    assert_eq!(bench.amperes(1), None);
    assert!(bench.is_charging(1) && bench.has_energy(1));
}

#[test]
fn less_than_6_a_pauses_the_transaction() {
    let mut bench = Bench::new();
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.charge(1, "TAG");
    assert!(bench.has_energy(1));
    bench.take_profile(
        0,
        tx_default(1, 0).periods(&[(0, 6.0), (60, 5.9), (120, 0.0), (180, 6.0)]),
    );
    assert!(bench.has_energy(1));
    bench.expect_no_call();
    bench.advance(61 * SECOND);
    bench.forget_readings();
    bench.expect_status(1, "SuspendedEVSE");
    assert!(!bench.has_energy(1) && bench.is_charging(1));
    let register = bench.register(1);
    bench.advance(100 * SECOND);
    assert_eq!(bench.register(1), register);
    bench.advance(20 * SECOND);
    bench.forget_readings();
    bench.expect_status(1, "Charging");
    assert!(bench.has_energy(1));
    assert!(bench.register(1) > register);
}

#[test]
fn a_transaction_may_begin_paused() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(0.0));
    assert_eq!(bench.status(1), Some(Status::Available));
    bench.forget();
    bench.plug(1);
    bench.tag(1, "TAG");
    assert!(bench.is_charging(1) && !bench.has_energy(1));
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    assert!(!bench.saw(&Event::Energy {
        connector: 1,
        allowed: true
    }));
    bench.find_call("StartTransaction");
    // The vehicle has nothing to say meanwhile.
    bench.suspend(1, Suspension::Ev);
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    bench.clear_profiles(json!({}));
    assert_eq!(bench.status(1), Some(Status::SuspendedEv));
    bench.resume(1);
    assert_eq!(bench.status(1), Some(Status::Charging));
    bench.stop(1, Reason::Local);
    assert_eq!(bench.status(1), Some(Status::Finishing));
}

#[test]
fn limits_go_on_without_a_connection() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.take_profile(0, tx_default(1, 0).periods(&[(0, 16.0), (3600, 8.0)]));
    bench.disconnect();
    assert_eq!(heard(&mut bench, 1, 2 * HOUR), [(3600, Some(8.0))]);
}

#[test]
fn a_limit_does_not_wait_for_a_connection_that_takes_no_frame() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).periods(&[(0, 16.0), (60, 0.0)]));
    bench.charge(1, "TAG");
    assert!(bench.has_energy(1));
    let told = bench.operate(|station, now| {
        let mut told = Vec::new();
        let mut look = |station: &mut Station<'_>, now| loop {
            match station.poll_events(now) {
                Output::Wait(until) => return until,
                Output::Event(event) => told.push(event),
                output => panic!("{output:?}"),
            }
        };
        let frame = br#"[2,"q","ClearCache",{}]"#;
        station.handle(now, Input::Frame(frame)).unwrap();
        let until = look(station, now);
        // Its answer waits, and nothing takes it.
        assert!((now + 1..=now + 60 * SECOND).contains(&until), "{until}");
        assert_eq!(look(station, until), u64::MAX);
        let sent = station.poll(until);
        assert!(matches!(sent, Output::Send(_)), "{sent:?}");
        told
    });
    let is_limit = |event: &Event| matches!(event, Event::ChargingLimit { connector: 1, limit: Some(limit) } if limit.pauses());
    assert!(told.iter().any(is_limit), "{told:?}");
    let opens = Event::Energy {
        connector: 1,
        allowed: false,
    };
    assert!(told.contains(&opens), "{told:?}");
}
