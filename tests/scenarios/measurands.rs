//! What the meters measure, as the application declares it (OCPP 1.6, 3.16.4): other
//! measurands are Rejected, and what was Accepted is reported.

use ocpp::{
    domain::{Measurand, Measured, Phase},
    limits::{LIST_LENGTH, READINGS},
    station::Reading,
};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, SECOND, Setup, Wiring, sampled};

const LISTS: [&str; 4] = [
    "MeterValuesSampledData",
    "MeterValuesAlignedData",
    "StopTxnSampledData",
    "StopTxnAlignedData",
];

/// What [`Wiring::ThreePhase`] tells.
const THREE_PHASE: &[Measured] = &[
    Measured::of(Measurand::PowerActiveImport),
    Measured::of(Measurand::Voltage),
    Measured::on(Measurand::Voltage, Phase::L1),
    Measured::on(Measurand::Voltage, Phase::L2),
    Measured::on(Measurand::Voltage, Phase::L3),
    Measured::of(Measurand::SoC),
];

/// No voltage of the whole.
const PHASES: &[Measured] = &[
    Measured::on(Measurand::Voltage, Phase::L1),
    Measured::on(Measurand::Voltage, Phase::L2),
    Measured::on(Measurand::Voltage, Phase::L3),
];

fn declaring(measurands: &'static [Measured]) -> Bench {
    let mut bench = Bench::with(Setup {
        measurands: Some(measurands),
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    bench
}

/// The names of all values of a MeterValues or a MeterValue, with their phases.
fn names(meter_value: &Value) -> Vec<String> {
    let names = sampled(meter_value).into_iter().map(|value| {
        let name = value["measurand"].as_str().unwrap().to_owned();
        match value.get("phase").and_then(Value::as_str) {
            Some(phase) => format!("{name}.{phase}"),
            None => name,
        }
    });
    names.collect()
}

#[test]
fn a_list_with_something_that_is_not_measured_is_rejected_whole() {
    let mut bench = declaring(THREE_PHASE);
    for list in LISTS {
        let before = bench.get(list);
        for other in [
            "Temperature",
            "Energy.Active.Export.Register",
            "Power.Active.Import.L1",
            "Voltage.N",
            "Voltage.L1-N",
            "Energy.Active.Import.Register.L1",
            "Energy.Active.Import.Register,Voltage,Temperature",
            "RPM,SoC",
        ] {
            assert_eq!(bench.change(list, other), "Rejected", "{list} = {other}");
            assert_eq!(bench.get(list), before);
        }
        // The register that bills need not be declared.
        for good in [
            "Energy.Active.Import.Register",
            "Voltage.L1,SoC,Power.Active.Import",
        ] {
            assert_eq!(bench.change(list, good), "Accepted", "{list} = {good}");
        }
    }
}

/// What Home Assistant does: each measurand alone, and what is accepted becomes the list.
#[test]
fn a_central_system_finds_out_by_trying_and_gets_all_of_it() {
    let mut bench = declaring(THREE_PHASE);
    let accepted: Vec<_> = Measurand::NAMES
        .iter()
        .filter(|name| bench.change("MeterValuesSampledData", name) == "Accepted")
        .copied()
        .collect();
    assert_eq!(
        accepted,
        [
            "Energy.Active.Import.Register",
            "Power.Active.Import",
            "Voltage",
            "SoC"
        ]
    );
    bench.set("MeterValuesSampledData", &accepted.join(","));
    bench.charge(1, "TAG");
    bench.advance(3 * MINUTE);
    let values = bench.all_calls("MeterValues");
    assert_eq!(values.len(), 3);
    for value in &values {
        assert_eq!(names(value), accepted);
    }
}

#[test]
fn every_measurand_and_phase_that_is_accepted_is_reported() {
    for &measurand in Measurand::ALL {
        for phase in [None]
            .into_iter()
            .chain(Phase::ALL.iter().map(|&p| Some(p)))
        {
            let measured = Measured { measurand, phase };
            let mut bench = declaring(vec![measured].leak());
            let name = match phase {
                Some(phase) => format!("{}.{}", measurand.as_str(), phase.as_str()),
                None => measurand.as_str().to_owned(),
            };
            bench.set("MeterValuesSampledData", &name);
            assert_eq!(bench.get("MeterValuesSampledData"), name);
            bench.charge(1, "TAG");
            let value = 7;
            let reading = Reading {
                measurand,
                phase,
                value,
            };
            bench.tell_meter(1, &[reading]);
            bench.advance(MINUTE);
            assert_eq!(names(&bench.expect_call("MeterValues")), [name]);
        }
    }
}

#[test]
fn a_measurand_without_a_phase_is_all_phases_where_the_whole_is_not_measured() {
    let mut bench = declaring(PHASES);
    bench.set("MeterValuesSampledData", "Voltage");
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    let values = bench.expect_call("MeterValues");
    assert_eq!(names(&values), ["Voltage.L1", "Voltage.L2", "Voltage.L3"]);
    assert!(bench.station().wants_measured(PHASES[0]));
    let whole = Measured::of(Measurand::Voltage);
    assert!(!bench.station().wants_measured(whole));
}

#[test]
fn phases_are_read_behind_a_dot_and_behind_a_dash_and_told_behind_a_dot() {
    let mut bench = declaring(THREE_PHASE);
    for value in ["Voltage.L1,Voltage.L2", "Voltage-L1,Voltage-L2"] {
        bench.set("MeterValuesSampledData", value);
        assert_eq!(bench.get("MeterValuesSampledData"), "Voltage.L1,Voltage.L2");
    }
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Voltage-L1-N,Voltage.L2-N");
    let told = "Voltage.L1-N,Voltage.L2-N";
    assert_eq!(bench.get("StopTxnSampledData"), told);
    bench.power_loss();
    assert_eq!(bench.get("StopTxnSampledData"), told);
}

#[test]
fn a_stored_list_keeps_what_is_still_measured_after_an_update() {
    let mut bench = declaring(THREE_PHASE);
    bench.set(
        "MeterValuesSampledData",
        "Power.Active.Import,Voltage.L2,SoC",
    );
    bench.set("StopTxnSampledData", "SoC");
    bench.set("StopTxnAlignedData", "Voltage");
    bench.power_off();
    bench.setup.measurands = Some(PHASES);
    bench.power_on();
    assert_eq!(bench.get("MeterValuesSampledData"), "Voltage.L2");
    assert_eq!(bench.get("StopTxnSampledData"), "");
    assert_eq!(bench.get("StopTxnAlignedData"), "Voltage");
    // The meter that had all of it is back, and nothing has been changed meanwhile.
    bench.power_off();
    bench.setup.measurands = Some(THREE_PHASE);
    bench.power_on();
    let list = bench.get("MeterValuesSampledData");
    assert_eq!(list, "Power.Active.Import,Voltage.L2,SoC");
}

#[test]
fn a_stored_list_keeps_what_this_firmware_knows() {
    let mut bench = Bench::new();
    bench.set("MeterValuesSampledData", "SoC,Voltage.L1");
    let records = bench.disk.snapshot();
    let (id, record) = records
        .iter()
        .find(|(_, r)| r.len() == 4 && r[1] == 255)
        .unwrap();
    let mut record = record.to_vec();
    // Of a later firmware: a measurand, and a phase.
    record.extend([
        200,
        255,
        Measurand::Voltage as u8,
        100,
        Measurand::Rpm as u8,
        255,
    ]);
    bench.power_off();
    bench.disk.put(*id, &record);
    bench.power_on();
    assert_eq!(bench.get("MeterValuesSampledData"), "SoC,Voltage.L1,RPM");
}

#[test]
fn what_was_not_known_at_the_start_can_be_declared_later() {
    let mut bench = Bench::new();
    bench.set("MeterValuesSampledData", "Temperature,SoC");
    bench.operate(|station, _| station.declare_measurands(THREE_PHASE));
    assert_eq!(bench.get("MeterValuesSampledData"), "SoC");
    assert_eq!(
        bench.change("MeterValuesSampledData", "Temperature"),
        "Rejected"
    );
    assert_eq!(
        bench.change("MeterValuesSampledData", "Voltage"),
        "Accepted"
    );
}

#[test]
fn a_sample_waits_for_a_value_that_was_never_told() {
    let mut bench = declaring(THREE_PHASE);
    bench.set(
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,SoC",
    );
    bench.break_meter(1);
    bench.tell_meter(1, &[Reading::energy(1_000)]);
    bench.charge(1, "TAG");
    bench.advance(MINUTE - SECOND);
    bench.forget();
    bench.advance(SECOND);
    // The register comes first, the rest a little later.
    bench.tell_meter(1, &[Reading::energy(1_100)]);
    bench.expect_no_call();
    bench.advance(300);
    bench.tell_meter(1, &[Reading::of(Measurand::SoC, 55)]);
    let values = bench.expect_call("MeterValues");
    let told: Vec<_> = sampled(&values)
        .iter()
        .map(|v| v["value"].clone())
        .collect();
    assert_eq!(told, [json!("1100"), json!("55")]);
    // From now on the last known value will do.
    bench.advance(MINUTE);
    bench.forget();
    bench.tell_meter(1, &[Reading::energy(1_200)]);
    assert_eq!(bench.all_calls("MeterValues").len(), 1);
}

#[test]
fn a_sample_does_not_wait_for_ever_and_makes_no_value_up() {
    let mut bench = declaring(THREE_PHASE);
    bench.set(
        "MeterValuesSampledData",
        "Energy.Active.Import.Register,SoC",
    );
    bench.break_meter(1);
    bench.tell_meter(1, &[Reading::energy(1_000)]);
    bench.charge(1, "TAG");
    bench.advance(MINUTE - SECOND);
    bench.forget();
    bench.advance(SECOND);
    bench.tell_meter(1, &[Reading::energy(1_100)]);
    bench.expect_no_call();
    bench.advance(SECOND);
    let values = bench.expect_call("MeterValues");
    assert_eq!(names(&values), ["Energy.Active.Import.Register"]);
    // There is no vehicle that could say its state of charge: the next sample is not late for that.
    bench.advance(MINUTE - SECOND);
    bench.tell_meter(1, &[Reading::energy(1_200)]);
    assert_eq!(bench.all_calls("MeterValues").len(), 1);
    // What is asked for anew is waited for anew.
    bench.set("MeterValuesSampledData", "SoC,Voltage");
    bench.advance(MINUTE);
    bench.tell_meter(1, &[Reading::energy(1_300)]);
    bench.expect_no_call();
}

/// The register of the begin and the end is the one that the application told with them, though the
/// rest has to be read first.
#[test]
fn begin_and_end_of_a_transaction_are_read_whole_and_keep_their_register() {
    let mut bench = declaring(THREE_PHASE);
    bench.set(
        "StopTxnSampledData",
        "Energy.Active.Import.Register,SoC,Voltage",
    );
    bench.set("MeterValueSampleInterval", "0");
    bench.set_register(1, 5_000);
    bench.tell_meter(1, &[Reading::energy(4_990)]);
    bench.start(1, "TAG");
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 4_990);
    bench.advance(10 * SECOND);
    bench.tell_meter(1, &[Reading::energy(5_077)]);
    bench.stop(1, ocpp::domain::Reason::Local);
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["meterStop"], 5_077);
    let data = stop["transactionData"].as_array().unwrap();
    assert_eq!(data.len(), 2);
    for (value, register) in data.iter().zip(["4990", "5077"]) {
        assert_eq!(
            names(value),
            ["Energy.Active.Import.Register", "SoC", "Voltage"]
        );
        assert_eq!(sampled(value)[0]["value"], register);
    }
}

#[test]
fn readings_that_no_list_asks_for_any_more_give_way() {
    let mut bench = Bench::new();
    let phases = Phase::ALL.iter().map(|&phase| Some(phase));
    let phases: Vec<_> = [None].into_iter().chain(phases).collect();
    let of_each = Measurand::ALL.iter().flat_map(|&measurand| {
        let reading = move |&phase| Reading {
            measurand,
            phase,
            value: 1,
        };
        phases.iter().map(reading).collect::<Vec<_>>()
    });
    let readings: Vec<_> = of_each.skip(1).take(READINGS).collect();
    bench.tell_meter(1, &readings);
    bench.plug(1);
    bench.tag(1, "TAG");
    // What has just answered without the register is not asked again at once.
    bench.advance(3 * SECOND);
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 1_000);
}

/// What is accepted has room.
#[test]
fn lists_that_ask_for_more_than_there_is_room_for_are_rejected() {
    let phases = || Phase::ALL.iter();
    let of_each = |&measurand| phases().map(move |&phase| Measured::on(measurand, phase));
    let all: Vec<_> = Measurand::ALL.iter().flat_map(of_each).collect();
    let bench = &mut declaring(all.leak());
    // Ten phases each: the register and two of them have room, three do not.
    let most = (READINGS - 1) / Phase::ALL.len();
    assert!(most < LIST_LENGTH);
    let names = &Measurand::NAMES[1..];
    bench.set("MeterValuesSampledData", &names[..most].join(","));
    let more = names[..=most].join(",");
    assert_eq!(bench.change("MeterValuesSampledData", &more), "Rejected");
    assert_eq!(bench.change("StopTxnSampledData", names[most]), "Rejected");
    assert_eq!(bench.change("StopTxnSampledData", names[0]), "Accepted");
}
