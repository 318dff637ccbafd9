//! A vehicle at the binary obeys what the central system limits.

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
    // Once the vehicle has come down.
    let sample = wait_sample(&mut charge_point, |sample| {
        let currents = values(sample, "Current.Import");
        values(sample, "Current.Offered") == [10.0] && currents.iter().all(|it| *it < 10.5)
    });
    assert_eq!(values(&sample, "Power.Offered"), [6_900.0]);
    assert_eq!(values(&sample, "Current.Import").len(), 3);

    // Less than 6 A is a pause.
    let paused = ask(&central, "SetChargingProfile", profile(1, "W", 0.0));
    assert_eq!(paused["status"], "Accepted");
    charge_point.wait("limit", |told| {
        told["watts"] == 0 && told.get("current").is_none()
    });
    charge_point.wait_status(1, "SuspendedEVSE");
    let offers =
        |amperes: f64| move |sample: &Value| values(sample, "Current.Offered") == [amperes];
    wait_sample(&mut charge_point, offers(0.0));
    let cleared = ask(&central, "ClearChargingProfile", json!({}));
    assert_eq!(cleared["status"], "Accepted");
    charge_point.wait_status(1, "Charging");
    charge_point.wait("limit", |told| told["watts"].is_null());
    wait_sample(&mut charge_point, offers(32.0));
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
}

/// The first of the samples, of those that were not passed by yet, that is as wanted.
fn wait_sample(charge_point: &mut ChargePoint, wanted: impl Fn(&Value) -> bool) -> Value {
    let sample = |frame: &Value| {
        let frame: Value = serde_json::from_str(frame["text"].as_str()?).ok()?;
        (frame[2] == "MeterValues").then(|| frame[3].clone())
    };
    let told = charge_point.wait("frame", |told| sample(told).as_ref().is_some_and(&wanted));
    sample(&told).unwrap()
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
