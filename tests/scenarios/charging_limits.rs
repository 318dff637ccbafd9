//! The limits that follow from charging profiles (OCPP 1.6, 3.13): which one counts at a moment, when
//! the application hears of it, and what becomes of a transaction.
//!
//! The bench begins on a Monday, 2026-03-02, at 08:00.

use ocpp::{
    domain::{ChargingLimit, ConnectorType, Equipment, Evse, Reason, Status},
    station::{Event, Input, Output, Station, Suspension},
    storage::RecordId,
};
use serde_json::json;

use crate::support::{
    Bench, HOUR, MINUTE, SECOND, Setup, Wiring, of_transaction, station_max, tx_default,
};

const DAY: u64 = 24 * HOUR;

/// Where limits change: what the application heard, and when.
fn heard(bench: &mut Bench, connector: u8, ms: u64) -> Vec<(u64, Option<f64>)> {
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
fn bench_offset(begin: u64) -> u64 {
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
fn the_lower_of_the_whole_and_the_own_limit_counts() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.take_profile(0, station_max(1, 0).periods(&[(0, 20.0), (60, 10.0)]));
    bench.take_profile(0, tx_default(2, 0).limit(15.0));
    assert_eq!(
        (bench.amperes(0), bench.amperes(1)),
        (Some(20.0), Some(15.0))
    );
    assert_eq!(heard(&mut bench, 1, HOUR), [(60, Some(10.0))]);
    assert_eq!(bench.amperes(0), Some(10.0));
}

#[test]
fn several_that_charge_share_the_whole() {
    let mut bench = Bench::with(Setup {
        connectors: 3,
        ..Setup::default()
    });
    bench.take_profile(0, station_max(1, 0).limit(20.0));
    let limits = |bench: &Bench| [0, 1, 2, 3].map(|n| bench.amperes(n).unwrap());
    // A connector alone may use all of it.
    assert_eq!(limits(&bench), [20.0, 20.0, 20.0, 20.0]);
    bench.charge(1, "A");
    assert_eq!(limits(&bench), [20.0, 20.0, 20.0, 20.0]);
    bench.advance(SECOND);
    bench.charge(2, "B");
    assert_eq!(limits(&bench)[..3], [20.0, 10.0, 10.0]);
    // What one cannot use is for the other.
    bench.take_profile(2, tx_default(2, 0).limit(7.0));
    assert_eq!(limits(&bench)[..3], [20.0, 13.0, 7.0]);
    // One that is paused takes nothing.
    bench.take_profile(2, tx_default(2, 0).limit(0.0));
    assert_eq!(limits(&bench)[..3], [20.0, 20.0, 0.0]);
    bench.clear_profiles(json!({ "id": 2 }));
    bench.advance(SECOND);
    bench.charge(3, "C");
    assert_eq!(limits(&bench), [20.0, 6.6, 6.6, 6.6]);
    // Where it is too little for all, the last one waits.
    bench.take_profile(0, station_max(1, 0).limit(16.0));
    assert_eq!(limits(&bench), [16.0, 8.0, 8.0, 0.0]);
    assert_eq!(bench.status(3), Some(Status::SuspendedEvse));
    bench.stop(1, Reason::Local);
    assert_eq!(limits(&bench), [16.0, 16.0, 8.0, 8.0]);
    assert_eq!(bench.status(3), Some(Status::Charging));
    bench.take_profile(0, station_max(1, 0).limit(5.0));
    for connector in [2, 3] {
        assert_eq!(bench.status(connector), Some(Status::SuspendedEvse));
    }
}

#[test]
fn power_is_shared_as_well() {
    let mut bench = Bench::new();
    bench.take_profile(0, station_max(1, 0).watts(11_040.0));
    bench.charge(1, "A");
    bench.advance(SECOND);
    bench.charge(2, "B");
    let watts = |bench: &Bench| [0, 1, 2].map(|n| bench.limit(n).unwrap().watts);
    assert_eq!(watts(&bench), [11_040, 5_520, 5_520]);
    bench.take_profile(2, tx_default(2, 0).limit(6.0).phases(1));
    // One phase of 6 A takes 1,380 W, the others are for the other one.
    assert_eq!(watts(&bench), [11_040, 9_660, 1_380]);
}

#[test]
fn connectors_that_can_switch_do_not_draw_more_than_the_whole() {
    let switching = || {
        let mut bench = Bench::with(Setup {
            equipment: Equipment::new(&[]).switches_phases(true),
            ..Setup::default()
        });
        bench.charge(1, "A");
        bench.advance(SECOND);
        bench.charge(2, "B");
        bench
    };
    let told = |bench: &Bench| {
        [1, 2].map(|n| {
            let limit = bench.limit(n).unwrap();
            (limit.deciamperes, limit.watts, limit.phases)
        })
    };
    let nothing = (0, 0, 3);
    // Enough for two on one phase each, for one, and for none.
    for (watts, expected) in [
        (9_000.0, [(65, 4_500, 3), (65, 4_500, 3)]),
        (6_000.0, [(130, 2_990, 1), (130, 2_990, 1)]),
        (3_000.0, [(65, 1_495, 1), (65, 1_495, 1)]),
        (2_759.0, [(119, 2_737, 1), nothing]),
        (1_379.0, [nothing, nothing]),
    ] {
        let mut bench = switching();
        bench.take_profile(0, station_max(1, 0).watts(watts));
        assert_eq!(told(&bench), expected, "{watts}");
    }
    // One whose own power is for one phase takes its part.
    for (max, expected) in [
        (
            station_max(1, 0).watts(6_000.0),
            [(86, 1_978, 1), (174, 4_002, 1)],
        ),
        (
            station_max(1, 0).limit(20.0),
            [(86, 1_978, 1), (114, 7_866, 3)],
        ),
    ] {
        let mut bench = switching();
        bench.take_profile(1, of_transaction(2, 0).watts(2_000.0));
        bench.take_profile(0, max);
        assert_eq!(told(&bench), expected);
    }
}

#[test]
fn amperes_and_watts_are_compared_with_the_phases() {
    let max = |watts: f64| station_max(1, 0).watts(watts);
    let own = |amperes: f64| tx_default(2, 0).limit(amperes);
    for (max, own, expected) in [
        (max(13_800.0), own(16.0), (160, 11_040, 3)),
        (max(5_000.0), own(20.0), (72, 5_000, 3)),
        (max(5_000.0), own(20.0).phases(1), (200, 4_600, 1)),
        (max(3_000.0).phases(1), own(20.0), (130, 3_000, 1)),
        (max(3_000.0).phases(3), own(20.0).phases(1), (130, 3_000, 1)),
        (max(20_000.0), own(10.0).phases(2), (100, 4_600, 2)),
        (max(0.0), own(10.0), (0, 0, 3)),
    ] {
        let mut bench = Bench::new();
        bench.take_profile(0, max.clone());
        bench.take_profile(0, own.clone());
        let limit = bench.limit(1).unwrap();
        let found = (limit.deciamperes, limit.watts, limit.phases);
        assert_eq!(found, expected, "{max:?} {own:?}");
    }
}

const SINGLE: [Evse; 2] = [Evse {
    supply_phases: 1,
    power: 7_360,
    connector: ConnectorType::SocketType2,
}; 2];

#[test]
fn with_one_phase_an_unsaid_number_is_one_and_one_that_is_said_stays() {
    let mut bench = Bench::with(Setup {
        equipment: Equipment::new(&SINGLE),
        ..Setup::default()
    });
    bench.take_profile(0, tx_default(1, 0).watts(3_680.0));
    let expected = ChargingLimit {
        deciamperes: 160,
        watts: 3_680,
        phases: 1,
    };
    assert_eq!(bench.limit(1), Some(expected));
    // Errata: the limit of each phase is not reckoned anew.
    bench.take_profile(0, tx_default(1, 0).limit(10.0).phases(3));
    assert_eq!(bench.amperes(1), Some(10.0));
}

#[test]
fn a_connector_that_can_switch_goes_to_one_phase_for_little_power() {
    let mut bench = Bench::with(Setup {
        equipment: Equipment::new(&[]).switches_phases(true),
        ..Setup::default()
    });
    assert_eq!(bench.get("ConnectorSwitch3to1PhaseSupported"), "true");
    bench.charge(1, "TAG");
    for (profile, amperes, watts, phases, status) in [
        (
            tx_default(1, 0).watts(4_140.0),
            60,
            4_140,
            3,
            Status::Charging,
        ),
        (
            tx_default(1, 0).watts(3_680.0),
            160,
            3_680,
            1,
            Status::Charging,
        ),
        (
            tx_default(1, 0).watts(1_380.0),
            60,
            1_380,
            1,
            Status::Charging,
        ),
        (
            tx_default(1, 0).watts(1_379.0),
            19,
            1_379,
            3,
            Status::SuspendedEvse,
        ),
        // What is given for each phase cannot be put on one.
        (
            tx_default(1, 0).limit(5.0),
            50,
            3_450,
            3,
            Status::SuspendedEvse,
        ),
    ] {
        bench.take_profile(0, profile);
        let limit = bench.limit(1).unwrap();
        assert_eq!(
            (limit.deciamperes, limit.watts, limit.phases),
            (amperes, watts, phases)
        );
        assert_eq!(bench.status(1), Some(status));
    }
    let mut bench = Bench::new();
    assert_eq!(bench.get("ConnectorSwitch3to1PhaseSupported"), "false");
    bench.take_profile(0, tx_default(1, 0).watts(3_680.0));
    assert_eq!(bench.amperes(1), Some(5.3));
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
