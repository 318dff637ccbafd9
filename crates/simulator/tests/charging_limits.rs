//! A vehicle at the binary obeys what the central system limits.

use std::{thread, time::Duration};

use central_system::{Behaviour, CentralSystem, IdTag};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON};

fn ask(central: &CentralSystem, action: &str, payload: Value) -> Value {
    central.call(IDENTITY, action, payload, SOON).unwrap()
}

fn profile(connector: u8, unit: &str, limit: f64) -> Value {
    json!({
        "connectorId": connector,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "startSchedule": "2026-01-01T00:00:00Z",
                "chargingRateUnit": unit,
                "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": limit }],
            },
        },
    })
}

#[test]
fn a_vehicle_obeys_and_meter_values_follow() {
    let behaviour = Behaviour::new().tag("TAG", IdTag::accepted());
    let central = CentralSystem::start(behaviour).unwrap();
    let mut charge_point = ChargePoint::online(&central, &[]);
    for (key, value) in [
        ("MeterValueSampleInterval", "1"),
        (
            "MeterValuesSampledData",
            "Power.Active.Import,Current.Import,Power.Offered,Current.Offered",
        ),
    ] {
        let change = json!({ "key": key, "value": value });
        assert_eq!(
            ask(&central, "ChangeConfiguration", change)["status"],
            "Accepted"
        );
    }
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_status(1, "Charging");

    let limited = ask(&central, "SetChargingProfile", profile(1, "A", 10.0));
    assert_eq!(limited["status"], "Accepted");
    let told = charge_point.wait("limit", |told| told["watts"] == 6_900);
    assert_eq!(
        (&told["connector"], &told["current"], &told["phases"]),
        (&json!(1), &json!(10.0), &json!(3))
    );
    let measured = measured(&mut charge_point, "Current.Offered", 10.0);
    assert_eq!(measured("Power.Offered"), [6_900.0]);
    let currents = measured("Current.Import");
    assert_eq!(currents.len(), 3);
    assert!(
        currents.iter().all(|current| *current < 10.5),
        "{currents:?}"
    );

    // Less than 6 A is a pause.
    let paused = ask(&central, "SetChargingProfile", profile(1, "W", 0.0));
    assert_eq!(paused["status"], "Accepted");
    charge_point.wait("limit", |told| {
        told["watts"] == 0 && told.get("current").is_none()
    });
    charge_point.wait_status(1, "SuspendedEVSE");
    // For a sample or two.
    thread::sleep(Duration::from_secs(2));
    let cleared = ask(&central, "ClearChargingProfile", json!({}));
    assert_eq!(cleared["status"], "Accepted");
    charge_point.wait_status(1, "Charging");
    charge_point.wait("limit", |told| told["watts"].is_null());
    thread::sleep(Duration::from_secs(2));
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
    let samples = charge_point.sent("MeterValues");
    let offered: Vec<_> = samples
        .iter()
        .flat_map(|it| values(it, "Current.Offered"))
        .collect();
    assert!(
        offered.contains(&0.0) && offered.contains(&32.0),
        "{offered:?}"
    );
}

/// The values of the first sample that has this one.
fn measured(
    charge_point: &mut ChargePoint,
    measurand: &str,
    value: f64,
) -> impl Fn(&str) -> Vec<f64> + use<> {
    // Until the vehicle has come down.
    thread::sleep(Duration::from_secs(4));
    let samples = charge_point.sent("MeterValues");
    let sample = samples
        .into_iter()
        .rfind(|it| values(it, measurand) == [value]);
    let sample = sample.unwrap_or_else(|| panic!("no {measurand} of {value}"));
    move |measurand: &str| values(&sample, measurand)
}

fn values(sample: &Value, measurand: &str) -> Vec<f64> {
    let values = sample["meterValue"][0]["sampledValue"]
        .as_array()
        .unwrap()
        .iter();
    values
        .filter(|it| it["measurand"] == measurand)
        .map(|it| it["value"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn the_hardware_maximum_is_what_it_is_started_with() {
    for (options, amperes) in [(&[][..], 32.0), (&["--max-current", "20.5"], 20.5)] {
        let central = CentralSystem::start(Behaviour::new()).unwrap();
        let mut charge_point = ChargePoint::online(&central, options);
        for (unit, limit) in [("A", amperes), ("W", amperes * 690.0)] {
            let asked = json!({ "connectorId": 1, "duration": 600, "chargingRateUnit": unit });
            let answer = ask(&central, "GetCompositeSchedule", asked);
            let periods = &answer["chargingSchedule"]["chargingSchedulePeriod"];
            assert_eq!(periods[0]["limit"].as_f64(), Some(limit), "{answer}");
            assert_eq!(periods.as_array().unwrap().len(), 1);
        }
        assert_eq!(charge_point.end(), Some(0));
    }
}

/// A restart keeps profiles, and the next transaction is held to them from its beginning.
#[test]
fn a_restart_keeps_the_limit() {
    let behaviour = Behaviour::new().tag("TAG", IdTag::accepted());
    let central = CentralSystem::start(behaviour).unwrap();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let limited = ask(&central, "SetChargingProfile", profile(0, "A", 8.0));
    assert_eq!(limited["status"], "Accepted");
    charge_point.command("power-loss");
    charge_point.wait("boot", |_| true);
    charge_point.wait("limit", |told| {
        told["connector"] == 2 && told["watts"] == 5_520
    });
    charge_point.wait("registered", |_| true);
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.command("wait 4");
    charge_point.command("status");
    let told = charge_point.wait("status", |told| {
        told["power"].as_i64().is_some_and(|it| it > 5_000)
    });
    assert_eq!(told["power"], 5_520);
    assert_eq!(charge_point.end(), Some(0));
}
