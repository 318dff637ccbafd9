//! transactionData of StopTransaction (OCPP 1.6, 4.10, 9.1.25 StopTxnAlignedData and 9.1.27
//! StopTxnSampledData).

use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Setup, Wiring, sampled};

fn contexts(transaction_data: &Value) -> Vec<&str> {
    let values = transaction_data.as_array().unwrap().iter();
    let contexts = values.map(|value| sampled(value)[0]["context"].as_str().unwrap());
    contexts.collect()
}

fn periodic(transaction_data: &[Value]) -> Vec<&Value> {
    let values = transaction_data.iter();
    values
        .filter(|value| sampled(value)[0]["context"] == "Sample.Periodic")
        .collect()
}

#[test]
fn nothing_without_lists() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(10 * MINUTE);
    bench.tag(1, "TAG");
    assert_eq!(
        bench.find_call("StopTransaction").get("transactionData"),
        None
    );
}

#[test]
fn periodic_samples_are_in_it_with_the_beginning_and_the_end() {
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge(1, "TAG");
    let begin = bench.now();
    bench.advance(3 * MINUTE);
    bench.advance(30_000);
    bench.forget();
    bench.tag(1, "TAG");
    let stop = bench.expect_stop(1, "Finishing");
    let values = &stop["transactionData"];
    assert_eq!(
        contexts(values),
        [
            "Transaction.Begin",
            "Sample.Periodic",
            "Sample.Periodic",
            "Sample.Periodic",
            "Transaction.End",
        ]
    );
    for (place, value) in values.as_array().unwrap().iter().enumerate() {
        let minutes = [0, 60, 120, 180, 210][place];
        assert_eq!(value["timestamp"], bench.utc_at(begin + minutes * 1_000));
        let wh = 1_000 + 2 * minutes;
        assert_eq!(sampled(value)[0]["value"], wh.to_string());
    }
}

#[test]
fn clock_aligned_samples_are_in_it() {
    let mut bench = Bench::new();
    bench.set("StopTxnAlignedData", "Energy.Active.Import.Register");
    bench.set("MeterValuesAlignedData", "");
    bench.set("MeterValueSampleInterval", "0");
    bench.set("ClockAlignedDataInterval", "900");
    bench.charge(1, "TAG");
    bench.advance(HOUR);
    assert!(bench.all_calls("MeterValues").is_empty());
    bench.tag(1, "TAG");
    let stop = bench.find_call("StopTransaction");
    let values = stop["transactionData"].as_array().unwrap();
    let aligned: Vec<_> = values
        .iter()
        .filter(|value| sampled(value)[0]["context"] == "Sample.Clock")
        .map(|value| value["timestamp"].as_str().unwrap())
        .collect();
    assert_eq!(
        aligned,
        [
            "2026-03-02T08:15:00.000Z",
            "2026-03-02T08:30:00.000Z",
            "2026-03-02T08:45:00.000Z",
            "2026-03-02T09:00:00.000Z",
        ]
    );
}

#[test]
fn what_does_not_fit_goes_before_as_meter_values_of_the_transaction() {
    let mut bench = Bench::with(Setup {
        tx: 1024,
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set(
        "StopTxnSampledData",
        "Energy.Active.Import.Register,Voltage-L1,Voltage-L2",
    );
    bench.charge(1, "TAG");
    bench.advance(20 * MINUTE);
    bench.forget();
    bench.tag(1, "TAG");
    let mut found = Vec::new();
    let mut calls = bench.take_sent().into_iter();
    let stop = loop {
        let call = calls.next().unwrap();
        assert!(
            !(call.action == "StopTransaction" && found.is_empty()),
            "not split"
        );
        match call.action.as_str() {
            "MeterValues" => found.extend(call.payload["meterValue"].as_array().unwrap().clone()),
            "StopTransaction" => break call.payload,
            _ => continue,
        }
        assert_eq!(call.payload["transactionId"], 101);
    };
    let rest = stop.get("transactionData").and_then(Value::as_array);
    found.extend(rest.into_iter().flatten().cloned());
    let samples = periodic(&found);
    assert_eq!(samples.len(), 20);
    for (place, sample) in samples.iter().enumerate() {
        assert_eq!(sampled(sample).len(), 3);
        let wh = 1_000 + 120 * (place + 1);
        assert_eq!(sampled(sample)[0]["value"], wh.to_string());
    }
    bench.advance(HOUR);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn it_survives_a_power_loss() {
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge(1, "TAG");
    bench.advance(5 * MINUTE);
    bench.power_loss();
    let stop = bench.find_call("StopTransaction");
    let values = stop["transactionData"].as_array().unwrap();
    assert_eq!(periodic(values).len(), 5);
}

#[test]
fn it_is_of_this_transaction_only() {
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge(1, "ONE");
    bench.charge(2, "TWO");
    bench.advance(2 * MINUTE);
    bench.tag(1, "ONE");
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        periodic(stop["transactionData"].as_array().unwrap()).len(),
        2
    );
    bench.tag(1, "ONE");
    bench.advance(MINUTE);
    bench.tag(1, "ONE");
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        periodic(stop["transactionData"].as_array().unwrap()).len(),
        1
    );
    bench.tag(2, "TWO");
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["transactionId"], json!(102));
    assert_eq!(
        periodic(stop["transactionData"].as_array().unwrap()).len(),
        3
    );
}

fn of_context<'v>(values: &'v Value, context: &str) -> Vec<&'v str> {
    let mut values = values.as_array().unwrap().iter();
    let value = values.find(|value| sampled(value)[0]["context"] == context);
    let sampled = sampled(value.unwrap_or_else(|| panic!("no {context}"))).into_iter();
    sampled.map(|v| v["measurand"].as_str().unwrap()).collect()
}

#[test]
fn its_begin_and_its_end_carry_every_measurand_of_both_lists() {
    let (power, soc, voltage) = ("Power.Active.Import", "SoC", "Voltage");
    for (sampled, aligned, expected) in [
        (power, "SoC,Voltage", &[power, soc, voltage][..]),
        ("", "SoC,Voltage", &[soc, voltage]),
        ("Voltage,SoC", "", &[voltage, soc]),
        ("Voltage,SoC", "SoC", &[voltage, soc]),
    ] {
        let mut bench = Bench::new();
        bench.wire_meter(1, Wiring::ThreePhase);
        bench.set("StopTxnSampledData", sampled);
        bench.set("StopTxnAlignedData", aligned);
        bench.charge(1, "TAG");
        bench.advance(MINUTE);
        bench.tag(1, "TAG");
        let stop = bench.find_call("StopTransaction");
        for context in ["Transaction.Begin", "Transaction.End"] {
            let found = of_context(&stop["transactionData"], context);
            assert_eq!(found, expected, "{context} of {sampled} and {aligned}");
        }
    }
}

#[test]
fn it_has_no_more_values_than_stop_transaction_max_meter_values() {
    for tx in [1024, 1536, 4096, 8192] {
        let mut bench = Bench::with(Setup {
            tx,
            ..Setup::default()
        });
        let most: usize = bench.get("StopTransactionMaxMeterValues").parse().unwrap();
        bench.set("StopTxnSampledData", "SoC");
        bench.set("MeterValueSampleInterval", "1");
        bench.wire_meter(1, Wiring::ThreePhase);
        for samples in [most - 2, most - 1, 2 * most] {
            bench.charge(1, "TAG");
            bench.advance(1_000 * samples as u64 + 500);
            bench.forget();
            bench.tag(1, "TAG");
            let before = bench.find_call_after("StopTransaction");
            let in_it = before.1["transactionData"].as_array().unwrap().len();
            // Begin, samples, end.
            assert_eq!(before.0 + in_it, samples + 2, "{tx}");
            assert_eq!(in_it, (samples + 2).min(most), "{tx}");
            bench.unplug(1);
        }
    }
}

/// A transactionData of the register alone has room for as many as are promised.
#[test]
fn as_many_values_of_the_register_fit_as_are_promised() {
    for tx in [1024, 1536, 4096, 8192] {
        let mut bench = Bench::with(Setup {
            tx,
            ..Setup::default()
        });
        bench.set_register(1, 2_000_000_000);
        let most: u64 = bench.get("StopTransactionMaxMeterValues").parse().unwrap();
        bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
        bench.charge(1, "04A1B2C3D4E5F6071829");
        bench.advance((most - 2) * MINUTE + 500);
        bench.forget();
        bench.tag(1, "04A1B2C3D4E5F6071829");
        let (before, stop) = bench.find_call_after("StopTransaction");
        let in_it = stop["transactionData"].as_array().unwrap().len();
        assert_eq!((before, in_it), (0, most as usize), "{tx}");
    }
}
