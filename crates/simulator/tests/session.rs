//! Charging sessions of the binary with the project's central system.

use central_system::{Behaviour, CentralSystem, IdTag, IdTagStatus};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON};

fn central() -> CentralSystem {
    let behaviour = Behaviour::new()
        .tag("TAG", IdTag::accepted())
        .tag("BAD", IdTag::new(IdTagStatus::Blocked));
    CentralSystem::start(behaviour).unwrap()
}

#[test]
fn plug_first_then_tag_until_the_same_tag() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let change = json!({"key": "MeterValueSampleInterval", "value": "1"});
    let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
    assert_eq!(answer.unwrap(), json!({"status": "Accepted"}));
    let told = charge_point.wait("config", |e| e["key"] == "MeterValueSampleInterval");
    assert_eq!(told["value"], "1");

    charge_point.command("plug 1");
    charge_point.wait_status(1, "Preparing");
    charge_point.command("tag 1 TAG");
    let started = charge_point.wait_transaction(1, "started");
    assert_eq!(started["idTag"], "TAG");
    assert_eq!(started["transactionId"], Value::Null);
    let accepted = charge_point.wait_transaction(1, "accepted");
    let id = accepted["transactionId"].as_i64().unwrap();
    assert!(central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY).unwrap();
        station.transaction(id).is_some_and(|t| t.meter_values >= 3)
    }));

    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "stopped");
    let reported = charge_point.wait_transaction(1, "reported");
    assert_eq!(
        (&reported["transactionId"], &reported["reason"]),
        (&json!(id), &json!("Local"))
    );
    charge_point.command("unplug 1");
    charge_point.wait_status(1, "Available");
    assert_eq!(charge_point.end(), Some(0));

    let station = central.station(IDENTITY);
    let transaction = station.transaction(id).unwrap();
    let stop = transaction.stop.as_ref().unwrap();
    assert_eq!(transaction.stop_frames, 1);
    assert!(stop.meter_stop > transaction.meter_start);
    assert_eq!(stop.id_tag.as_deref(), Some("TAG"));
    assert_eq!(station.faults, Vec::<String>::new());
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
    let limits = charge_point.told("limit");
    let watts: Vec<&Value> = limits.iter().map(|told| &told["watts"]).collect();
    assert_eq!(watts, [&Value::Null, &json!(0)]);
    let sent = charge_point.told("frame");
    assert_eq!(sent.len(), station.frames.len());
}

#[test]
fn a_blocked_tag_gets_nothing() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 2");
    charge_point.command("tag 2 BAD");
    let told = charge_point.wait("authorization", |e| e["connector"] == 2);
    assert_eq!(
        (&told["idTag"], &told["status"]),
        (&json!("BAD"), &json!("Blocked"))
    );
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(central.station(IDENTITY).calls("StartTransaction"), 0);
}

#[test]
fn the_end_of_input_ends_and_delivers_what_runs() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.raw_input(b"plug 1\ntag 1 TAG\nplug 2\ntag 2 TAG");
    assert_eq!(charge_point.end(), Some(0));
    let station = central.station(IDENTITY);
    assert_eq!(station.transactions.len(), 2);
    for transaction in &station.transactions {
        let stop = transaction.stop.as_ref().unwrap();
        assert_eq!(stop.reason.as_deref(), Some("Local"));
        assert_eq!(stop.id_tag, None);
    }
    assert!(!station.online);
}

#[test]
fn quit_leaves_what_follows_undone() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("quit");
    charge_point.command("plug 1");
    assert_eq!(charge_point.exit(), Some(0));
    let told = charge_point.told("status");
    assert!(told.iter().all(|e| e["status"] == "Available"));
}

#[test]
fn meter_values_agree_with_each_other() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    for (key, value) in [
        ("MeterValueSampleInterval", "1"),
        (
            "MeterValuesSampledData",
            "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC,\
             Temperature,Frequency,Power.Offered,Current.Offered",
        ),
    ] {
        let change = json!({"key": key, "value": value});
        let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
        assert_eq!(answer.unwrap()["status"], "Accepted");
    }
    charge_point.command("power 1 7200");
    charge_point.command("meter 1 123456");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.command("wait 5");
    assert_eq!(charge_point.end(), Some(0));
    let starts = charge_point.sent("StartTransaction");
    assert_eq!(starts[0]["meterStart"], 123_456);
    let samples = charge_point.sent("MeterValues");
    assert!(samples.len() >= 4, "{samples:#?}");
    for sample in &samples {
        let values = sample["meterValue"][0]["sampledValue"].as_array().unwrap();
        let all = |measurand: &str| -> Vec<f64> {
            let of_measurand = values.iter().filter(|v| v["measurand"] == measurand);
            let number = |v: &Value| v["value"].as_str().unwrap().parse().unwrap();
            of_measurand.map(number).collect()
        };
        let (currents, voltages) = (all("Current.Import"), all("Voltage"));
        assert_eq!((currents.len(), voltages.len()), (3, 3));
        let product: f64 = currents.iter().zip(&voltages).map(|(i, u)| i * u).sum();
        let power = all("Power.Active.Import")[0];
        assert!((product - power).abs() <= power * 0.01 + 1.0);
        assert!((20.0..=61.0).contains(&all("SoC")[0]));
        assert!((49.0..=51.0).contains(&all("Frequency")[0]));
        assert!((20.0..=40.0).contains(&all("Temperature")[0]));
        assert_eq!(all("Power.Offered"), [22_080.0]);
        assert_eq!(all("Current.Offered").len(), 1);
    }
    let last = samples.last().unwrap();
    let values = last["meterValue"][0]["sampledValue"].as_array().unwrap();
    let power = values
        .iter()
        .find(|v| v["measurand"] == "Power.Active.Import");
    assert_eq!(power.unwrap()["value"], "7200");
}

#[test]
fn an_accepted_tag_is_not_called_invalid_because_another_one_charges() {
    let behaviour = Behaviour::new()
        .tag("MOTHER", IdTag::accepted().parent("FAMILY"))
        .tag("STRANGER", IdTag::accepted())
        .tag("BAD", IdTag::new(IdTagStatus::Blocked));
    let central = CentralSystem::start(behaviour).unwrap();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.command("tag 1 MOTHER");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("tag 1 STRANGER");
    let told = charge_point.wait("notOwner", |_| true);
    assert_eq!(
        (&told["connector"], &told["idTag"]),
        (&json!(1), &json!("STRANGER"))
    );
    charge_point.command("tag 1 BAD");
    let told = charge_point.wait("authorization", |e| e["idTag"] == "BAD");
    assert_eq!(told["status"], "Blocked");
    assert_eq!(charge_point.end(), Some(0));
    let told = charge_point.told("authorization");
    assert!(told.iter().all(|e| e["idTag"] != "STRANGER"), "{told:#?}");
    let asked = charge_point.sent("Authorize");
    assert_eq!(asked.len(), 3);
}

/// A central system finds out what is measured by trying, and gets all of it.
#[test]
fn what_the_meters_measure_is_accepted_and_reported_and_nothing_else() {
    const EVERYTHING: &str = "Energy.Active.Import.Register,Power.Active.Import,Frequency,Temperature,\
        Current.Import.L1,Current.Import.L2,Current.Import.L3,Voltage.L1,Voltage.L2,Voltage.L3,\
        Power.Offered,Current.Offered,SoC";
    for (options, measured, others) in [
        (
            &[][..],
            EVERYTHING,
            &["RPM", "Voltage.N", "Voltage.L1-N", "Current.Export"][..],
        ),
        (
            &["--measurands", "Voltage,SoC"],
            "Energy.Active.Import.Register,Voltage.L1,Voltage.L2,Voltage.L3,SoC",
            &["Frequency", "Current.Import", "Voltage.N"],
        ),
    ] {
        let central = central();
        let mut charge_point = ChargePoint::online(&central, options);
        let change = |key: &str, value: &str| {
            let change = json!({"key": key, "value": value});
            let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
            answer.unwrap()["status"].as_str().unwrap().to_owned()
        };
        for other in others {
            assert_eq!(
                change("MeterValuesSampledData", other),
                "Rejected",
                "{other}"
            );
        }
        assert_eq!(change("MeterValuesSampledData", measured), "Accepted");
        assert_eq!(change("MeterValueSampleInterval", "1"), "Accepted");
        charge_point.command("plug 1");
        charge_point.command("tag 1 TAG");
        let started = charge_point.wait_transaction(1, "accepted");
        let id = started["transactionId"].as_i64().unwrap();
        assert!(central.wait_for(SOON, |books| {
            let station = books.station(IDENTITY).unwrap();
            station.transaction(id).is_some_and(|t| t.meter_values >= 2)
        }));
        assert_eq!(charge_point.end(), Some(0));
        let values = charge_point.sent("MeterValues");
        assert!(values.len() >= 2);
        for values in values {
            let sampled = values["meterValue"][0]["sampledValue"].as_array().unwrap();
            let names = sampled.iter().map(|value| {
                let name = value["measurand"].as_str().unwrap().to_owned();
                match value["phase"].as_str() {
                    Some(phase) => format!("{name}.{phase}"),
                    None => name,
                }
            });
            assert_eq!(names.collect::<Vec<_>>().join(","), measured);
        }
    }
}
