//! SetChargingProfile and ClearChargingProfile (OCPP 1.6, 5.5 and 5.16), and a profile in a
//! RemoteStartTransaction (5.11): what is taken, replaced, refused and kept.

use ocpp::{
    domain::{Equipment, Status},
    limits::{CHARGING_PERIODS, CHARGING_PROFILES, MAX_STACK_LEVEL},
    station::{Event, Input},
    storage::{RecordId, StorageError},
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Bench, MINUTE, Profile, Setup, of_transaction, station_max, tx_default,
};

/// A bench where a transaction runs at connector 1: its transactionId.
pub(crate) fn charging() -> (Bench, usize) {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let id = bench.last_transaction_id();
    (bench, id)
}

fn periods(count: usize) -> Vec<(i32, f64)> {
    (0..count as i32)
        .map(|n| (n * 60, 10.0 + f64::from(n % 7)))
        .collect()
}

#[test]
fn each_purpose_is_taken_where_it_belongs() {
    let (mut bench, id) = charging();
    for (connector, profile, status) in [
        (0, station_max(1, 0), "Accepted"),
        (1, station_max(2, 1), "Rejected"),
        (0, tx_default(3, 0), "Accepted"),
        (2, tx_default(4, 0), "Accepted"),
        (1, of_transaction(5, 0), "Accepted"),
        (1, of_transaction(6, 1).of(id), "Accepted"),
        // A TxProfile is of one connector, where its transaction runs.
        (0, of_transaction(7, 2).of(id), "Rejected"),
        (2, of_transaction(8, 2), "Rejected"),
        (2, of_transaction(9, 2).of(id), "Rejected"),
        (1, of_transaction(10, 2).of(id + 1), "Rejected"),
    ] {
        let text = format!("{profile:?}");
        assert_eq!(bench.set_profile(connector, profile), status, "{text}");
    }
}

#[test]
fn a_profile_for_the_whole_charge_point_is_not_relative() {
    let mut bench = Bench::new();
    let profile = station_max(1, 0).relative();
    assert_eq!(bench.set_profile(0, profile), "Rejected");
    bench.take_profile(0, station_max(1, 0).daily("2026-03-02T00:00:00Z"));
}

#[test]
fn what_cannot_be_is_rejected_and_changes_nothing() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(11.0));
    let before = bench.digest();
    let highest = i32::from(MAX_STACK_LEVEL);
    let good = || tx_default(1, 0);
    let bad: Vec<(&str, Profile)> = vec![
        ("a level too high", tx_default(1, highest + 1)),
        ("a negative level", tx_default(1, -1)),
        (
            "too many periods",
            good().periods(&periods(CHARGING_PERIODS + 1)),
        ),
        ("no periods", good().periods(&[])),
        ("the first begins late", good().periods(&[(1, 16.0)])),
        ("the first begins early", good().periods(&[(-1, 16.0)])),
        (
            "descending",
            good().periods(&[(0, 16.0), (60, 10.0), (30, 6.0)]),
        ),
        (
            "twice the same",
            good().periods(&[(0, 16.0), (60, 10.0), (60, 6.0)]),
        ),
        (
            "Absolute without a start",
            good().without_in_schedule("startSchedule"),
        ),
        (
            "Recurring without a start",
            good()
                .daily("2026-03-02T08:00:00Z")
                .without_in_schedule("startSchedule"),
        ),
        (
            "Recurring without saying how often",
            good()
                .daily("2026-03-02T08:00:00Z")
                .without("recurrencyKind"),
        ),
        (
            "Absolute and recurring",
            good().with("recurrencyKind", "Daily"),
        ),
        (
            "Relative and recurring",
            good().relative().with("recurrencyKind", "Weekly"),
        ),
        ("a negative limit", good().limit(-0.1)),
        ("no phases", good().phases(0)),
        ("four phases", good().phases(4)),
        ("a negative duration", good().lasting(-1)),
        (
            "valid until before it is valid",
            good()
                .valid_from("2026-03-02T09:00:00Z")
                .valid_to("2026-03-02T08:59:59Z"),
        ),
        (
            "valid for no time",
            good()
                .valid_from("2026-03-02T09:00:00Z")
                .valid_to("2026-03-02T09:00:00Z"),
        ),
    ];
    for (what, profile) in bad {
        assert_eq!(bench.profile_error(0, profile), "Rejected", "{what}");
        assert_eq!(bench.digest(), before, "{what}");
    }
    assert_eq!(bench.amperes(1), Some(11.0));
}

#[test]
fn what_is_no_profile_is_an_error() {
    let mut bench = Bench::new();
    let before = bench.digest();
    let good = || tx_default(1, 0);
    let period = |value: Value| good().schedule("chargingSchedulePeriod", json!([value]));
    let second = |value: Value| {
        let first = json!({ "startPeriod": 0, "limit": 16.0 });
        good().schedule("chargingSchedulePeriod", json!([first, value]))
    };
    for (connector, profile, code) in [
        (3, good(), "PropertyConstraintViolation"),
        (-1, good(), "PropertyConstraintViolation"),
        (
            1,
            good().schedule("chargingRateUnit", "kW"),
            "PropertyConstraintViolation",
        ),
        (
            1,
            good().with("chargingProfileKind", "Sometimes"),
            "PropertyConstraintViolation",
        ),
        (
            1,
            good().with("chargingProfilePurpose", "Max"),
            "PropertyConstraintViolation",
        ),
        (
            1,
            good().with("recurrencyKind", "Hourly"),
            "PropertyConstraintViolation",
        ),
        (1, good().without("stackLevel"), "ProtocolError"),
        (
            1,
            good().without_in_schedule("chargingSchedulePeriod"),
            "ProtocolError",
        ),
        (1, period(json!({ "startPeriod": 0 })), "ProtocolError"),
        (1, second(json!({ "limit": 1.0 })), "ProtocolError"),
        (
            1,
            second(json!({ "startPeriod": "1", "limit": 1.0 })),
            "TypeConstraintViolation",
        ),
        (
            1,
            second(json!({ "startPeriod": 1, "limit": "1" })),
            "TypeConstraintViolation",
        ),
        (1, second(json!(7)), "TypeConstraintViolation"),
        (
            1,
            second(json!({ "startPeriod": 1, "limit": 1, "x": 1 })),
            "FormationViolation",
        ),
        // It counts more than a reason to reject.
        (
            1,
            second(json!({ "startPeriod": 1, "limit": "1" })).with("stackLevel", 100),
            "TypeConstraintViolation",
        ),
        (
            1,
            good().with("validFrom", "soon"),
            "PropertyConstraintViolation",
        ),
    ] {
        let text = format!("{profile:?}");
        assert_eq!(bench.profile_error(connector, profile), code, "{text}");
        assert_eq!(bench.digest(), before, "{text}");
    }
}

#[test]
fn as_many_periods_as_there_may_be_are_taken() {
    let mut bench = Bench::new();
    let most: usize = bench.get("ChargingScheduleMaxPeriods").parse().unwrap();
    assert_eq!(most, CHARGING_PERIODS);
    bench.take_profile(0, tx_default(1, 0).periods(&periods(most)));
    let told = bench.composite(1, 60 * most as i32, "A");
    let expected: Vec<_> = periods(most)
        .into_iter()
        .map(|(at, limit)| (at.into(), limit))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn as_many_periods_as_the_receive_buffer_has_room_for() {
    let mut bench = Bench::with(Setup {
        equipment: Equipment::new(&[]).receive_buffer(1_300),
        ..Setup::default()
    });
    assert_eq!(bench.get("ChargingScheduleMaxPeriods"), "10");
    assert_eq!(
        bench.profile_error(0, tx_default(1, 0).periods(&periods(11))),
        "Rejected"
    );
    let widest: Vec<_> = (0..10)
        .map(|n| {
            json!({ "startPeriod": if n == 0 { 0 } else { 2_147_483_600 + n },
                         "limit": 107_374_182.3, "numberPhases": 3 })
        })
        .collect();
    let profile = of_widest(widest);
    let request = json!({ "connectorId": 0, "csChargingProfiles": profile.0 });
    let frame = json!([2, "i".repeat(36), "SetChargingProfile", request]).to_string();
    assert!(frame.len() <= 1_300, "{}", frame.len());
    bench.take_profile(0, profile);
}

/// All fields at their longest.
fn of_widest(periods: Vec<Value>) -> Profile {
    tx_default(-2_147_483_648, 9)
        .with("transactionId", -2_147_483_648)
        .daily("2026-03-02T08:00:00.000+00:00")
        .valid_from("2026-03-02T08:00:00.000+00:00")
        .valid_to("2027-03-02T08:00:00.000+00:00")
        .lasting(2_147_483_647)
        .schedule("minChargingRate", 107_374_182.3)
        .schedule("chargingSchedulePeriod", periods)
}

#[test]
fn the_longest_request_is_no_longer_than_the_limits_say() {
    let widest: Vec<_> = (0..CHARGING_PERIODS)
        .map(|n| json!({ "startPeriod": 2_147_483_600 + n, "limit": 107_374_182.3, "numberPhases": 3 }))
        .collect();
    let request =
        json!({ "connectorId": -2_147_483_648, "csChargingProfiles": of_widest(widest).0 });
    let frame = json!([2, "é".repeat(36), "SetChargingProfile", request]).to_string();
    assert!(
        frame.len() <= ocpp::limits::CHARGING_PROFILE_REQUEST,
        "{}",
        frame.len()
    );
}

#[test]
fn no_more_profiles_than_can_be_there() {
    let mut bench = Bench::new();
    let most: usize = bench.get("MaxChargingProfilesInstalled").parse().unwrap();
    assert_eq!(most, CHARGING_PROFILES);
    let nth = |n: usize| tx_default(n as i32, (n % 10) as i32);
    for n in 0..most {
        bench.take_profile(1 + (n / 10) as u8, nth(n));
    }
    assert_eq!(bench.set_profile(2, tx_default(100, 9)), "Rejected");
    assert_eq!(bench.set_profile(0, station_max(100, 0)), "Rejected");
    // What takes the place of another one is no new one.
    bench.take_profile(1, tx_default(3, 3).limit(7.0));
    bench.take_profile(1, tx_default(100, 9).limit(8.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 0 })), "Accepted");
    bench.take_profile(0, station_max(101, 0));
    assert_eq!(bench.set_profile(0, station_max(102, 1)), "Rejected");
}

#[test]
fn the_same_id_replaces_wherever_it_is() {
    let mut bench = Bench::new();
    bench.take_profile(1, tx_default(7, 3).limit(11.0));
    assert_eq!((bench.amperes(1), bench.amperes(2)), (Some(11.0), None));
    bench.take_profile(2, tx_default(7, 1).limit(12.0));
    assert_eq!((bench.amperes(1), bench.amperes(2)), (None, Some(12.0)));
    bench.take_profile(0, station_max(7, 0).limit(13.0));
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(13.0), Some(13.0))
    );
    assert_eq!(bench.clear_profiles(json!({})), "Accepted");
    assert_eq!(bench.amperes(1), None);
}

#[test]
fn the_same_level_and_purpose_replaces_at_the_same_connector() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 3).limit(11.0));
    bench.take_profile(1, tx_default(2, 3).limit(12.0));
    bench.take_profile(0, station_max(3, 3).limit(20.0));
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(12.0), Some(11.0))
    );
    bench.take_profile(1, tx_default(4, 3).limit(13.0));
    assert_eq!(bench.amperes(1), Some(13.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 2 })), "Unknown");
    assert_eq!(bench.clear_profiles(json!({ "id": 4 })), "Accepted");
    assert_eq!(bench.amperes(1), Some(11.0));
}

#[test]
fn a_new_profile_may_replace_two() {
    let mut bench = Bench::new();
    bench.take_profile(1, tx_default(1, 1).limit(11.0));
    bench.take_profile(1, tx_default(2, 2).limit(12.0));
    // The id of the first, the level of the second.
    bench.take_profile(1, tx_default(1, 2).limit(13.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 2 })), "Unknown");
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(13.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Accepted");
    assert_eq!(bench.amperes(1), None);
}

#[test]
fn an_update_that_is_valid_later_replaces_at_once() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(11.0));
    bench.take_profile(
        0,
        tx_default(1, 0)
            .limit(12.0)
            .valid_from("2026-03-02T09:00:00Z"),
    );
    assert_eq!(bench.amperes(1), None);
    bench.advance(60 * MINUTE);
    assert_eq!(bench.amperes(1), Some(12.0));
}

#[test]
fn profiles_last_over_a_power_loss() {
    let mut bench = Bench::new();
    bench.take_profile(
        0,
        station_max(1, 9)
            .limit(20.0)
            .valid_to("2026-03-02T10:00:00Z"),
    );
    let many = tx_default(-5, 2)
        .daily("2026-03-01T23:00:00Z")
        .lasting(43_200)
        .periods(&periods(CHARGING_PERIODS))
        .phases(1);
    bench.take_profile(2, many);
    let before =
        [0, 1, 2].map(|n| bench.composite_schedule(n, 100_000, "A")["chargingSchedule"].clone());
    bench.power_loss();
    assert!(bench.is_online());
    let after =
        [0, 1, 2].map(|n| bench.composite_schedule(n, 100_000, "A")["chargingSchedule"].clone());
    assert_eq!(after, before);
    assert_eq!(
        bench.clear_profiles(json!({ "id": -5, "connectorId": 7 })),
        "Accepted"
    );
    bench.power_loss();
    assert_eq!(bench.clear_profiles(json!({ "id": -5 })), "Unknown");
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Accepted");
}

#[test]
fn clearing_by_each_field() {
    let install = |bench: &mut Bench| {
        bench.take_profile(0, station_max(1, 0).limit(31.0));
        bench.take_profile(0, tx_default(2, 0));
        bench.take_profile(0, tx_default(3, 1));
        bench.take_profile(1, tx_default(4, 1));
        bench.take_profile(2, tx_default(5, 1));
        bench.take_profile(1, of_transaction(6, 1));
    };
    let tx_defaults = "TxDefaultProfile";
    for (filter, status, left) in [
        (json!({}), "Accepted", vec![]),
        (json!({ "id": 3 }), "Accepted", vec![1, 2, 4, 5, 6]),
        (json!({ "id": 9 }), "Unknown", vec![1, 2, 3, 4, 5, 6]),
        // With an id, nothing else counts.
        (
            json!({ "id": 3, "connectorId": 2, "stackLevel": 7, "chargingProfilePurpose": "TxProfile" }),
            "Accepted",
            vec![1, 2, 4, 5, 6],
        ),
        // Those that were set on 0, not those that are in force everywhere.
        (json!({ "connectorId": 0 }), "Accepted", vec![4, 5, 6]),
        (json!({ "connectorId": 1 }), "Accepted", vec![1, 2, 3, 5]),
        (
            json!({ "connectorId": 7 }),
            "Unknown",
            vec![1, 2, 3, 4, 5, 6],
        ),
        (
            json!({ "chargingProfilePurpose": tx_defaults }),
            "Accepted",
            vec![1, 6],
        ),
        (json!({ "stackLevel": 1 }), "Accepted", vec![1, 2]),
        (
            json!({ "stackLevel": 1, "chargingProfilePurpose": tx_defaults }),
            "Accepted",
            vec![1, 2, 6],
        ),
        (
            json!({ "stackLevel": 1, "chargingProfilePurpose": tx_defaults, "connectorId": 1 }),
            "Accepted",
            vec![1, 2, 3, 5, 6],
        ),
        (
            json!({ "stackLevel": 0, "chargingProfilePurpose": tx_defaults, "connectorId": 1 }),
            "Unknown",
            vec![1, 2, 3, 4, 5, 6],
        ),
        (
            json!({ "chargingProfilePurpose": "ChargePointMaxProfile", "connectorId": 0 }),
            "Accepted",
            vec![2, 3, 4, 5, 6],
        ),
    ] {
        let (mut bench, _) = charging();
        install(&mut bench);
        assert_eq!(bench.clear_profiles(filter.clone()), status, "{filter}");
        let still = |id: &i32| bench.clear_profiles(json!({ "id": id })) == "Accepted";
        let found: Vec<i32> = (1..=6).filter(still).collect();
        assert_eq!(found, left, "{filter}");
    }
}

#[test]
fn limits_are_others_at_once_when_profiles_are_cleared() {
    let (mut bench, _) = charging();
    bench.take_profile(0, tx_default(1, 0).limit(0.0));
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    bench.forget();
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Accepted");
    assert!(bench.saw(&Event::ChargingLimit {
        connector: 1,
        limit: None
    }));
    assert_eq!(bench.status(1), Some(Status::Charging));
}

#[test]
fn a_profile_that_storage_has_no_room_for_is_rejected_and_the_old_one_stays() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(11.0));
    bench.disk.fill_up();
    bench.forget();
    assert_eq!(
        bench.set_profile(0, tx_default(1, 0).limit(12.0)),
        "Rejected"
    );
    assert_eq!(
        bench.set_profile(1, tx_default(2, 0).limit(12.0)),
        "Rejected"
    );
    assert!(bench.saw(&Event::StorageFailed(StorageError::Full)));
    assert_eq!(
        (bench.amperes(1), bench.amperes(2)),
        (Some(11.0), Some(11.0))
    );
    bench.disk.limit(usize::MAX);
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(11.0));
    bench.take_profile(0, tx_default(1, 0).limit(12.0));
    assert_eq!(bench.amperes(1), Some(12.0));
}

#[test]
fn a_profile_that_cannot_be_erased_stays() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(11.0));
    bench.disk.fail(true);
    assert_eq!(bench.clear_profiles(json!({})), "Unknown");
    bench.disk.fail(false);
    assert_eq!(bench.amperes(1), Some(11.0));
    assert_eq!(bench.clear_profiles(json!({})), "Accepted");
}

#[test]
fn what_cannot_be_read_goes_only_for_a_profile_that_is_right() {
    let mut bench = Bench::new();
    bench.take_profile(0, tx_default(1, 0).limit(11.0));
    let head = RecordId(0x0600);
    bench.disk.damage(head);
    for wrong in [
        tx_default(1, 0).periods(&[(0, 12.0), (60, 13.0), (30, 9.0)]),
        tx_default(1, 0).periods(&periods(CHARGING_PERIODS + 1)),
        tx_default(1, 0).periods(&[]),
    ] {
        let text = format!("{wrong:?}");
        assert_eq!(bench.profile_error(0, wrong), "Rejected", "{text}");
        assert!(bench.disk.snapshot().contains_key(&head), "{text}");
    }
    bench.disk.heal();
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(11.0));
    bench.disk.damage(head);
    bench.take_profile(0, tx_default(1, 0).limit(12.0));
    assert_eq!(bench.amperes(1), Some(12.0));
    bench.power_loss();
    assert_eq!(bench.amperes(1), Some(12.0));
}

#[test]
fn a_limit_beyond_all_that_is_is_none() {
    for limit in [107_374_182.4, 1e9, 1e12] {
        let mut bench = Bench::new();
        let profile = tx_default(1, 0).limit(limit);
        bench.take_profile(0, profile.schedule("minChargingRate", limit));
        let told = bench.limit(1).map(|it| it.deciamperes);
        assert_eq!(told, Some(1_073_741_823), "{limit}");
        assert_eq!(bench.composite(1, 60, "A"), [(0, 32.0)], "{limit}");
        bench.power_loss();
        assert_eq!(bench.limit(1).map(|it| it.deciamperes), told, "{limit}");
    }
}

#[test]
fn limits_are_taken_with_one_decimal_whatever_their_form() {
    for (limit, tenths) in [
        ("16", 160),
        ("16.0", 160),
        ("1.6e1", 160),
        ("6.8999999999999995", 69),
        ("6.25", 62),
        ("0", 0),
    ] {
        let mut bench = Bench::new();
        let profile = tx_default(1, 0)
            .limit(7.5)
            .0
            .to_string()
            .replace("7.5", limit);
        let frame = format!(
            r#"[2,"m","SetChargingProfile",{{"connectorId":0,"csChargingProfiles":{profile}}}]"#
        );
        let answers = bench.odd_frame(Input::Frame(frame.as_bytes()), "m");
        assert!(matches!(answers[..], [Answer::Result(_)]), "{answers:?}");
        assert_eq!(
            bench.limit(1).map(|it| it.deciamperes),
            Some(tenths),
            "{limit}"
        );
    }
}
