//! Limits of the whole charge point that connectors share, and phases (OCPP 1.6, 3.13).

use ocpp::domain::{ChargingLimit, ConnectorType, Equipment, Evse, Reason, Status};
use serde_json::json;

use crate::charging_limits::heard;
use crate::support::{Bench, HOUR, SECOND, Setup, of_transaction, station_max, tx_default};

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
