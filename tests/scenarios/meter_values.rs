//! MeterValues (OCPP 1.6, 3.16 and 4.7): periodic and clock-aligned, their lists and forms.

use ocpp::{
    domain::{Measurand, Status},
    station::Reading,
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Setup, Wiring, sampled};

const ALL: &str = "Energy.Active.Import.Register,Power.Active.Import,Current.Import.L1,\
                   Current.Import.L2,Current.Import.L3,Voltage.L1,Voltage.L2,Voltage.L3,Frequency,\
                   Temperature,SoC";

fn timestamps(calls: &[Value]) -> Vec<&str> {
    let times = calls
        .iter()
        .map(|call| call["meterValue"][0]["timestamp"].as_str());
    times.map(Option::unwrap).collect()
}

#[test]
fn a_transaction_is_sampled_periodically() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "30");
    bench.charge(1, "TAG");
    for sample in 1..=4 {
        bench.advance(30 * SECOND - 1);
        bench.expect_no_call();
        bench.advance(1);
        assert_eq!(
            bench.expect_call("MeterValues"),
            json!({
                "connectorId": 1,
                "transactionId": 101,
                "meterValue": [{
                    "timestamp": bench.utc(),
                    "sampledValue": [{
                        "value": (1_000 + sample * 60).to_string(),
                        "context": "Sample.Periodic",
                        "measurand": "Energy.Active.Import.Register",
                        "unit": "Wh",
                    }],
                }],
            })
        );
    }
    bench.tag(1, "TAG");
    bench.forget();
    bench.advance(200 * SECOND);
    bench.expect_no_call();
}

#[test]
fn interval_0_is_no_samples() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "TAG");
    bench.advance(HOUR);
    assert!(bench.all_calls("MeterValues").is_empty());
}

#[test]
fn a_new_interval_counts_for_the_running_transaction() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    bench.set("MeterValueSampleInterval", "10");
    bench.advance(MINUTE);
    assert_eq!(bench.all_calls("MeterValues").len(), 6);
    bench.set("MeterValueSampleInterval", "0");
    bench.advance(MINUTE);
    assert!(bench.all_calls("MeterValues").is_empty());
}

#[test]
fn an_empty_list_of_periodic_samples_is_the_register() {
    let mut bench = Bench::new();
    bench.set("MeterValuesSampledData", "");
    assert_eq!(bench.get("MeterValuesSampledData"), "");
    bench.charge(1, "TAG");
    bench.advance(3 * MINUTE);
    let values = bench.all_calls("MeterValues");
    assert_eq!(values.len(), 3);
    for values in &values {
        let sampled = sampled(values);
        assert_eq!(sampled.len(), 1);
        assert_eq!(sampled[0]["measurand"], "Energy.Active.Import.Register");
    }
    let trigger = json!({ "requestedMessage": "MeterValues", "connectorId": 1 });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    assert_eq!(sampled(&bench.expect_call("MeterValues")).len(), 1);
}

#[test]
fn an_empty_list_of_clock_aligned_values_is_none() {
    let mut bench = Bench::new();
    bench.set("MeterValuesAlignedData", "");
    bench.set("MeterValueSampleInterval", "0");
    bench.set("ClockAlignedDataInterval", "60");
    bench.charge(1, "TAG");
    bench.advance(10 * MINUTE);
    assert!(bench.all_calls("MeterValues").is_empty());
}

#[test]
fn all_measurands_of_a_moment_are_in_one_message_in_the_order_of_the_list() {
    let mut bench = Bench::new();
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set("MeterValuesSampledData", ALL);
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    let values = bench.expect_call("MeterValues");
    bench.expect_no_call();
    let expected = [
        json!(["Energy.Active.Import.Register", null, "1120", "Wh"]),
        json!(["Power.Active.Import", null, "7200", "W"]),
        json!(["Current.Import", "L1", "10.434", "A"]),
        json!(["Current.Import", "L2", "10.434", "A"]),
        json!(["Current.Import", "L3", "10.434", "A"]),
        json!(["Voltage", "L1", "230.5", "V"]),
        json!(["Voltage", "L2", "230.5", "V"]),
        json!(["Voltage", "L3", "230.5", "V"]),
        json!(["Frequency", null, "50.01", null]),
        json!(["Temperature", null, "-12.5", "Celsius"]),
        json!(["SoC", null, "80", "Percent"]),
    ];
    let found: Vec<Value> = sampled(&values)
        .into_iter()
        .map(|value| {
            let get = |name| value.get(name).cloned().unwrap_or(Value::Null);
            json!([get("measurand"), get("phase"), get("value"), get("unit")])
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_measurand_leaves_with_its_unit() {
    for &measurand in Measurand::ALL {
        let mut bench = Bench::new();
        bench.set("MeterValuesSampledData", measurand.as_str());
        bench.charge(1, "TAG");
        bench.break_meter(1);
        bench.tell_meter(1, &[Reading::of(measurand, -1_234_500)]);
        bench.advance(MINUTE + SECOND);
        let values = bench.expect_call("MeterValues");
        let value = sampled(&values)[0];
        assert_eq!(value["measurand"], measurand.as_str());
        let decimals = measurand.decimals();
        let expected = if decimals == 3 { "-1234.5" } else { "-1234500" };
        assert_eq!(value["value"], expected, "{measurand:?}");
        assert_eq!(value.get("unit").and_then(Value::as_str), measurand.unit());
    }
}

#[test]
fn what_the_meter_does_not_know_is_left_out() {
    let mut bench = Bench::new();
    bench.set(
        "MeterValuesSampledData",
        "SoC,Energy.Active.Import.Register,Voltage-L1",
    );
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    let values = bench.expect_call("MeterValues");
    assert_eq!(sampled(&values).len(), 1);
    bench.set("MeterValuesSampledData", "SoC");
    bench.advance(5 * MINUTE);
    assert!(bench.all_calls("MeterValues").is_empty());
}

#[test]
fn clock_aligned_values_come_at_whole_intervals_after_midnight() {
    let mut bench = Bench::new();
    bench.advance(7 * MINUTE + 300);
    bench.set("ClockAlignedDataInterval", "900");
    bench.forget();
    bench.advance(HOUR);
    let values = bench.all_calls("MeterValues");
    let of_1: Vec<Value> = values
        .iter()
        .filter(|v| v["connectorId"] == 1)
        .cloned()
        .collect();
    assert_eq!(
        timestamps(&of_1),
        [
            "2026-03-02T08:15:00.000Z",
            "2026-03-02T08:30:00.000Z",
            "2026-03-02T08:45:00.000Z",
            "2026-03-02T09:00:00.000Z",
        ]
    );
    assert_eq!(values.iter().filter(|v| v["connectorId"] == 2).count(), 4);
    for value in &values {
        assert_eq!(value.get("transactionId"), None);
        assert_eq!(sampled(value)[0]["context"], "Sample.Clock");
    }
}

#[test]
fn every_midnight_begins_a_new_row_of_intervals() {
    let mut bench = Bench::with(Setup {
        connectors: 1,
        ..Setup::default()
    });
    bench.set("ClockAlignedDataInterval", "25200");
    bench.advance(30 * HOUR);
    let values = bench.all_calls("MeterValues");
    assert_eq!(
        timestamps(&values),
        [
            "2026-03-02T14:00:00.000Z",
            "2026-03-02T21:00:00.000Z",
            "2026-03-03T00:00:00.000Z",
            "2026-03-03T07:00:00.000Z",
            "2026-03-03T14:00:00.000Z",
        ]
    );
}

#[test]
fn clock_aligned_values_of_a_transaction_say_which() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.set("ClockAlignedDataInterval", "900");
    bench.set(
        "MeterValuesAlignedData",
        "Power.Active.Import,Energy.Active.Import.Register",
    );
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.charge(1, "TAG");
    bench.advance(15 * MINUTE);
    let values = bench.all_calls("MeterValues");
    let of_1 = values
        .iter()
        .find(|values| values["connectorId"] == 1)
        .unwrap();
    assert_eq!(of_1["transactionId"], 101);
    assert_eq!(sampled(of_1).len(), 2);
    assert_eq!(sampled(of_1)[1]["value"], "2800");
    let of_2 = values
        .iter()
        .find(|values| values["connectorId"] == 2)
        .unwrap();
    assert_eq!(of_2.get("transactionId"), None);
}

#[test]
fn clock_aligned_and_periodic_values_do_not_disturb_each_other() {
    let mut bench = Bench::with(Setup {
        connectors: 1,
        ..Setup::default()
    });
    bench.set("ClockAlignedDataInterval", "60");
    bench.set("MeterValueSampleInterval", "60");
    bench.charge(1, "TAG");
    bench.advance(5 * MINUTE);
    let values = bench.all_calls("MeterValues");
    let of = |context: &str| {
        let found = values
            .iter()
            .filter(|v| sampled(v)[0]["context"] == context);
        found.count()
    };
    assert_eq!((of("Sample.Clock"), of("Sample.Periodic")), (5, 5));
}

#[test]
fn a_meter_that_does_not_answer_gives_its_last_known_values_a_second_later() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(30 * SECOND);
    bench.read_meter(1);
    bench.break_meter(1);
    bench.advance(30 * SECOND);
    bench.expect_no_call();
    bench.advance(SECOND);
    let values = bench.expect_call("MeterValues");
    assert_eq!(sampled(&values)[0]["value"], "1060");
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    assert_eq!(bench.find_call("StopTransaction")["meterStop"], 1_060);
}

#[test]
fn a_transaction_begins_when_a_meter_that_never_answered_does() {
    let mut bench = Bench::new();
    bench.break_meter(1);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert!(bench.all_sent("StartTransaction").is_empty());
    assert_eq!(bench.status(1), Some(Status::Preparing));
    assert!(!bench.has_energy(1));
    bench.read_meter(1);
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 1_000);
    assert!(bench.has_energy(1));
}

#[test]
fn a_transaction_whose_meter_never_answered_can_be_called_off() {
    let mut bench = Bench::new();
    bench.break_meter(1);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    bench.tag(1, "TAG");
    bench.unplug(1);
    assert_eq!(bench.status(1), Some(Status::Available));
    bench.advance(MINUTE);
    assert!(bench.all_sent("StartTransaction").is_empty());
    assert!(bench.all_sent("StopTransaction").is_empty());
}

#[test]
fn a_message_that_does_not_fit_is_split_and_nothing_is_lost() {
    let mut bench = Bench::with(Setup {
        tx: 1024,
        connectors: 1,
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    for key in ["MeterValuesSampledData", "MeterValuesAlignedData"] {
        bench.set(key, ALL);
    }
    bench.set("ClockAlignedDataInterval", "900");
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    let trigger = json!({ "requestedMessage": "MeterValues", "connectorId": 1 });
    let samples = [bench.all_calls("MeterValues"), {
        bench.call("TriggerMessage", trigger);
        bench.all_calls("MeterValues")
    }];
    bench.tag(1, "TAG");
    bench.advance(13 * MINUTE + 59 * SECOND);
    bench.forget();
    bench.advance(SECOND);
    let aligned = bench.all_calls("MeterValues");
    for parts in [&samples[0], &samples[1], &aligned] {
        assert!(parts.len() > 1, "not split: {parts:?}");
        let times = timestamps(parts);
        assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
        let names: Vec<String> = parts
            .iter()
            .flat_map(sampled)
            .map(|value| {
                let phase = value.get("phase").and_then(Value::as_str);
                let phase = phase.map_or(String::new(), |phase| format!(".{phase}"));
                format!("{}{phase}", value["measurand"].as_str().unwrap())
            })
            .collect();
        assert_eq!(names.join(","), ALL);
    }
}

#[test]
fn a_connection_lost_between_two_parts_loses_nothing() {
    let mut bench = Bench::with(Setup {
        tx: 1024,
        connectors: 1,
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set("MeterValuesSampledData", ALL);
    bench.charge(1, "TAG");
    bench.reply_once("MeterValues", Reply::Result(json!({})));
    bench.reply_once("MeterValues", Reply::Cut);
    bench.advance(MINUTE + 5 * SECOND);
    let parts = bench.all_sent("MeterValues");
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert_eq!(
        (&parts[1].id, &parts[1].payload),
        (&parts[2].id, &parts[2].payload)
    );
    assert_ne!(parts[0].id, parts[1].id);
    let values = [&parts[0], &parts[2]].map(|part| sampled(&part.payload).len());
    assert_eq!(values.iter().sum::<usize>(), ALL.split(',').count());
}

#[test]
fn the_register_that_was_set_is_the_register_that_is_billed() {
    let mut bench = Bench::new();
    bench.set_register(1, 2_000_000);
    bench.power(1, 0);
    bench.plug(1);
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 2_000_000);
    bench.advance(SECOND);
    bench.set_register(1, 2_000_123);
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["meterStop"], 2_000_123);
}

#[test]
fn the_application_learns_which_readings_are_of_use() {
    let mut bench = Bench::new();
    assert!(bench.wants(Measurand::EnergyActiveImportRegister));
    for (key, measurand) in [
        ("MeterValuesSampledData", Measurand::SoC),
        ("MeterValuesAlignedData", Measurand::Voltage),
        ("StopTxnSampledData", Measurand::Temperature),
        ("StopTxnAlignedData", Measurand::PowerActiveImport),
    ] {
        assert!(!bench.wants(measurand), "{key}");
        bench.set(key, measurand.as_str());
        assert!(bench.wants(measurand), "{key}");
    }
    assert!(bench.wants(Measurand::EnergyActiveImportRegister));
}
