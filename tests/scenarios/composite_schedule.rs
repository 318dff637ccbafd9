//! GetCompositeSchedule (OCPP 1.6, 5.7): what may be drawn from now on, as all profiles together have
//! it. The bench begins on 2026-03-02, at 08:00.

use ocpp::domain::{ChargingRateUnit, ConnectorType, Equipment, Evse};
use serde_json::json;

use crate::support::{Bench, MINUTE, SECOND, Setup, of_transaction, station_max, tx_default};

#[test]
fn where_nothing_limits_it_is_what_the_hardware_can() {
    let mut bench = Bench::new();
    assert_eq!(bench.composite(1, 3600, "A"), [(0, 32.0)]);
    assert_eq!(bench.composite(1, 3600, "W"), [(0, 22_080.0)]);
    // Of all connectors.
    assert_eq!(bench.composite(0, 3600, "A"), [(0, 64.0)]);
    const EVSES: [Evse; 2] = [Evse {
        supply_phases: 1,
        power: 3_680,
        connector: ConnectorType::SocketType2,
    }; 2];
    let mut bench = Bench::with(Setup {
        equipment: Equipment::new(&EVSES),
        ..Setup::default()
    });
    assert_eq!(bench.composite(1, 3600, "A"), [(0, 16.0)]);
    assert_eq!(bench.composite(1, 3600, "W"), [(0, 3_680.0)]);
    bench.take_profile(0, tx_default(1, 0).limit(20.0));
    assert_eq!(bench.composite(1, 3600, "A"), [(0, 16.0)]);
}

#[test]
fn the_answer_says_for_which_connector_from_when_and_for_how_long() {
    let mut bench = Bench::new();
    bench.advance(90_400);
    bench.take_profile(0, tx_default(1, 0));
    let answer = bench.composite_schedule(2, 600, "A");
    assert_eq!(
        answer,
        json!({
            "status": "Accepted",
            "connectorId": 2,
            "scheduleStart": "2026-03-02T08:01:30.000Z",
            "chargingSchedule": {
                "duration": 600,
                "startSchedule": "2026-03-02T08:01:30.000Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": 16 }],
            },
        })
    );
}

#[test]
fn the_application_is_shown_none_where_there_is_none() {
    let mut bench = Bench::new();
    assert_eq!(bench.shown_schedule(3, 600, "A"), None);
    let whole = bench.shown_schedule(0, 600, "A").unwrap();
    assert_eq!(whole["connectorId"], 0);
    let mut small = [0; 100];
    let station = bench.station_mut();
    let told = station.composite_schedule(1, ChargingRateUnit::A, 600, &mut small);
    assert_eq!(told, None);
    // What was not told whole is not gone on with.
    assert_eq!(bench.composite(1, 600, "A"), [(0, 32.0)]);
}

#[test]
fn without_a_unit_it_is_in_amperes() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).watts(6_900.0));
    let ask = json!({ "connectorId": 1, "duration": 60 });
    let answer = bench.call("GetCompositeSchedule", ask);
    assert_eq!(answer["chargingSchedule"]["chargingRateUnit"], "A");
    let period = &answer["chargingSchedule"]["chargingSchedulePeriod"][0];
    assert_eq!(
        *period,
        json!({ "startPeriod": 0, "limit": 10, "numberPhases": 3 })
    );
}

#[test]
fn an_unknown_connector_or_a_negative_duration_is_rejected() {
    let mut bench = Bench::new();
    for (connector, duration) in [(3, 60), (-1, 60), (1, -1)] {
        let ask = json!({ "connectorId": connector, "duration": duration });
        let answer = bench.call("GetCompositeSchedule", ask);
        assert_eq!(answer, json!({ "status": "Rejected" }));
    }
}

#[test]
fn a_wrong_unit_is_an_error() {
    let mut bench = Bench::new();
    let frame = r#"[2,"m","GetCompositeSchedule",
        {"connectorId":1,"duration":60,"chargingRateUnit":"kW"}]"#;
    let answers = bench.odd_frame(ocpp::station::Input::Frame(frame.as_bytes()), "m");
    let text = format!("{answers:?}");
    assert!(text.contains("PropertyConstraintViolation"), "{text}");
}

#[test]
fn no_length_at_all_has_the_limit_of_now() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).periods(&[(0, 16.0), (1, 8.0)]));
    let answer = bench.composite_schedule(1, 0, "A");
    let schedule = &answer["chargingSchedule"];
    assert_eq!(schedule["duration"], 0);
    assert_eq!(
        schedule["chargingSchedulePeriod"],
        json!([{ "startPeriod": 0, "limit": 16 }])
    );
}

#[test]
fn what_begins_at_its_end_is_not_in_it() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).periods(&[(0, 16.0), (60, 8.0)]));
    assert_eq!(bench.composite(1, 60, "A"), [(0, 16.0)]);
    assert_eq!(bench.composite(1, 61, "A"), [(0, 16.0), (60, 8.0)]);
}

#[test]
fn neighbours_with_the_same_limit_are_one_period() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 5).lasting(60));
    bench.take_profile(
        0,
        tx_default(2, 0).periods(&[(0, 10.0), (30, 16.0), (90, 16.0), (120, 7.0)]),
    );
    assert_eq!(bench.composite(1, 600, "A"), [(0, 16.0), (120, 7.0)]);
}

#[test]
fn a_daily_profile_with_gaps_over_its_turn() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 0)
        .daily("2026-03-01T08:00:00Z")
        .lasting(7_200);
    bench.take_profile(0, profile.periods(&[(0, 16.0), (3_600, 20.0)]));
    assert_eq!(
        bench.composite(1, 86_401, "A"),
        [(0, 16.0), (3_600, 20.0), (7_200, 32.0), (86_400, 16.0)]
    );
    // From the middle of a turn.
    bench.advance(90 * MINUTE);
    assert_eq!(
        bench.composite(1, 86_400, "A"),
        [(0, 20.0), (1_800, 32.0), (81_000, 16.0), (84_600, 20.0)]
    );
}

#[test]
fn it_ends_where_validity_ends() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(10.0));
    let profile = tx_default(2, 1).daily("2026-03-01T23:59:00Z").limit(20.0);
    let profile = profile
        .valid_from("2026-03-02T08:01:00Z")
        .valid_to("2026-03-02T08:02:30Z");
    bench.take_profile(0, profile);
    assert_eq!(
        bench.composite(1, 600, "A"),
        [(0, 10.0), (60, 20.0), (150, 10.0)]
    );
}

#[test]
fn a_relative_profile_counts_from_the_transaction_or_from_now() {
    let mut bench = Bench::new();
    bench.take_profile(
        0,
        tx_default(1, 0)
            .relative()
            .lasting(300)
            .periods(&[(0, 16.0), (60, 8.0)]),
    );
    assert_eq!(
        bench.composite(1, 600, "A"),
        [(0, 16.0), (60, 8.0), (300, 32.0)]
    );
    bench.charge(1, "TAG");
    bench.advance(40 * SECOND);
    assert_eq!(
        bench.composite(1, 600, "A"),
        [(0, 16.0), (20, 8.0), (260, 32.0)]
    );
    assert_eq!(
        bench.composite(2, 600, "A"),
        [(0, 16.0), (60, 8.0), (300, 32.0)]
    );
}

#[test]
fn the_profile_of_the_transaction_and_the_whole() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.take_profile(0, station_max(1, 0).periods(&[(0, 20.0), (90, 12.0)]));
    bench.take_profile(0, tx_default(2, 0).limit(10.0));
    bench.take_profile(1, of_transaction(3, 0).limit(16.0).lasting(120));
    assert_eq!(
        bench.composite(1, 600, "A"),
        [(0, 16.0), (90, 12.0), (120, 10.0)]
    );
    assert_eq!(bench.composite(2, 600, "A"), [(0, 10.0)]);
    // Both connectors together, and no more than the whole.
    assert_eq!(bench.composite(0, 600, "A"), [(0, 20.0), (90, 12.0)]);
}

#[test]
fn connector_0_is_all_that_is_expected_to_be_drawn() {
    let mut bench = Bench::new();
    bench.take_profile(1, tx_default(1, 0).limit(10.0).lasting(60));
    bench.take_profile(2, tx_default(2, 0).watts(6_900.0));
    assert_eq!(bench.composite(0, 600, "A"), [(0, 20.0), (60, 42.0)]);
    assert_eq!(
        bench.composite(0, 600, "W"),
        [(0, 13_800.0), (60, 28_980.0)]
    );
    bench.take_profile(0, station_max(3, 0).limit(25.0));
    assert_eq!(bench.composite(0, 600, "A"), [(0, 20.0), (60, 25.0)]);
}

#[test]
fn amperes_and_watts_mixed() {
    let mut bench = Bench::new();
    bench.take_profile(0, station_max(1, 0).watts(8_000.0));
    bench.take_profile(0, tx_default(2, 0).periods(&[(0, 16.0), (60, 10.0)]));
    let periods = |bench: &mut Bench, unit| {
        let answer = bench.composite_schedule(1, 600, unit);
        answer["chargingSchedule"]["chargingSchedulePeriod"].clone()
    };
    assert_eq!(
        periods(&mut bench, "A"),
        json!([{ "startPeriod": 0, "limit": 11.5, "numberPhases": 3 },
               { "startPeriod": 60, "limit": 10 }])
    );
    assert_eq!(
        periods(&mut bench, "W"),
        json!([{ "startPeriod": 0, "limit": 8_000 },
               { "startPeriod": 60, "limit": 6_900, "numberPhases": 3 }])
    );
    // With one phase, 16 A are 3,680 W.
    bench.take_profile(
        0,
        tx_default(2, 0).periods(&[(0, 16.0), (60, 10.0)]).phases(1),
    );
    assert_eq!(
        periods(&mut bench, "A"),
        json!([{ "startPeriod": 0, "limit": 16, "numberPhases": 1 },
               { "startPeriod": 60, "limit": 10, "numberPhases": 1 }])
    );
    assert_eq!(
        periods(&mut bench, "W"),
        json!([{ "startPeriod": 0, "limit": 3_680, "numberPhases": 1 },
               { "startPeriod": 60, "limit": 2_300, "numberPhases": 1 }])
    );
}

#[test]
fn one_that_does_not_fit_into_the_transmit_buffer_goes_out_in_parts() {
    let mut bench = Bench::with(Setup {
        tx: ocpp::limits::TX_MIN,
        ..Setup::default()
    });
    let periods: Vec<_> = (0..24).map(|n| (n * 60, 10.0 + f64::from(n % 7))).collect();
    bench.take_profile(
        0,
        tx_default(1, 0)
            .daily("2026-03-02T08:00:00Z")
            .periods(&periods),
    );
    let answer = bench.composite_schedule(1, 3 * 86_400, "A");
    let schedule = &answer["chargingSchedule"];
    assert_eq!(
        schedule["chargingSchedulePeriod"].as_array().unwrap().len(),
        3 * 24
    );
    assert_eq!(schedule["duration"], 3 * 86_400);
    // The next answer is another one.
    assert_eq!(bench.get("NumberOfConnectors"), "2");
}

#[test]
fn many_years_end_where_the_last_period_does_that_is_told() {
    let mut bench = Bench::new();
    let profile = tx_default(1, 0)
        .daily("2026-03-02T08:00:00Z")
        .periods(&[(0, 16.0), (3_600, 8.0)]);
    bench.take_profile(0, profile);
    let answer = bench.composite_schedule(1, i32::MAX, "A");
    let schedule = &answer["chargingSchedule"];
    let periods = schedule["chargingSchedulePeriod"].as_array().unwrap();
    assert_eq!(periods.len(), 1_000);
    assert_eq!(schedule["duration"], 500 * 86_400);
}

#[test]
fn changes_that_show_nothing_do_not_go_on_for_ever() {
    let mut bench = Bench::new();
    bench.take_profile(0, station_max(1, 0).limit(6.0));
    let profile = tx_default(2, 0).daily("2026-03-02T08:00:00Z");
    bench.take_profile(0, profile.periods(&[(0, 16.0), (3_600, 8.0)]));
    let answer = bench.composite_schedule(1, i32::MAX, "A");
    let schedule = &answer["chargingSchedule"];
    assert_eq!(
        schedule["chargingSchedulePeriod"],
        json!([{ "startPeriod": 0, "limit": 6 }])
    );
    assert_eq!(schedule["duration"], 1_000 * 86_400);
}

#[test]
fn without_the_time_there_is_none() {
    let mut bench = Bench::new();
    bench.reply_always(
        "BootNotification",
        crate::support::Reply::Result(json!({
            "status": "Accepted", "interval": 300, "currentTime": "soon",
        })),
    );
    bench.reply_always(
        "Heartbeat",
        crate::support::Reply::Result(json!({ "currentTime": "soon" })),
    );
    bench.power_loss();
    let ask = json!({ "connectorId": 1, "duration": 60 });
    let answer = bench.call("GetCompositeSchedule", ask);
    assert_eq!(answer, json!({ "status": "Rejected" }));
}
