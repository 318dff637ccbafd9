//! Storage that is full or fails: samples go first, the two ends of a transaction never
//! (OCPP 1.6, 3.7).

use ocpp::{limits::JOURNAL_SLOTS, station::Event, storage::StorageError};
use serde_json::json;

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND};

fn open_house() -> Bench {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench
}

#[test]
fn when_storage_runs_full_samples_go_first_and_the_ends_never() {
    let mut bench = open_house();
    bench.set("MeterValueSampleInterval", "10");
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "A");
    bench.advance(10 * SECOND * (JOURNAL_SLOTS as u64 + 100));
    bench.plug(2);
    bench.tag(2, "B");
    bench.advance(MINUTE);
    bench.tag(1, "A");
    if bench.is_charging(2) {
        bench.tag(2, "B");
    }
    let register = bench.register(1);
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(calls[0].action, "StartTransaction");
    let stops: Vec<_> = calls
        .iter()
        .filter(|c| c.action == "StopTransaction")
        .collect();
    let starts = calls
        .iter()
        .filter(|c| c.action == "StartTransaction")
        .count();
    assert_eq!(stops.len(), starts);
    assert_eq!(stops[0].payload["meterStop"], register);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_full_medium_keeps_the_end_of_what_runs() {
    let mut bench = open_house();
    bench.set("MeterValueSampleInterval", "10");
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "A");
    bench.disk.limit(1_000);
    bench.advance(HOUR);
    bench.tag(1, "A");
    let register = bench.register(1);
    assert!(!bench.has_energy(1));
    bench.disk.limit(usize::MAX);
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    let (first, last) = (&calls[0], &calls[calls.len() - 1]);
    assert_eq!(first.action, "StartTransaction");
    assert_eq!(last.action, "StopTransaction");
    assert!(last.payload["meterStop"].as_i64().unwrap() <= register.into());
}

#[test]
fn samples_that_remain_are_in_order_and_spread_over_the_whole_time() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "10");
    bench.charge(1, "TAG");
    let begin = bench.utc();
    bench.disconnect();
    bench.advance(10 * SECOND * (JOURNAL_SLOTS as u64 * 5 / 4));
    bench.tag(1, "TAG");
    let end = bench.utc();
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    let values: Vec<&str> = calls
        .iter()
        .filter(|call| call.action == "MeterValues")
        .map(|call| call.payload["meterValue"][0]["timestamp"].as_str().unwrap())
        .collect();
    assert!(values.len() > JOURNAL_SLOTS / 2, "{}", values.len());
    assert!(values.is_sorted());
    assert!(values[0] > begin.as_str() && *values.last().unwrap() <= end.as_str());
    assert_eq!(calls.last().unwrap().action, "StopTransaction");
}

#[test]
fn a_slow_central_system_gets_the_end_of_a_transaction_all_the_same() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "1");
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge(1, "TAG");
    let slow = Reply::Result(json!({})).after(25 * SECOND);
    bench.reply_always("MeterValues", slow);
    // Two records a second, nearly none of them delivered.
    bench.advance(SECOND * JOURNAL_SLOTS as u64 / 2);
    for round in 0..6 {
        bench.advance(40 * SECOND + 7_300 * round);
        bench.tag(1, "TAG");
        bench.tag(1, "TAG");
    }
    bench.advance(MINUTE);
    bench.tag(1, "TAG");
    bench.reply_normally("MeterValues");
    bench.advance(2 * HOUR);
    let calls = bench.take_transaction_messages();
    let of = |action| calls.iter().filter(move |call| call.action == action);
    let stops: Vec<_> = of("StopTransaction")
        .map(|call| &call.payload["transactionId"])
        .collect();
    let expected: Vec<_> = (0..stops.len()).map(|place| json!(101 + place)).collect();
    assert_eq!(stops, expected.iter().collect::<Vec<_>>());
    // The first start was before.
    assert_eq!(of("StartTransaction").count() + 1, stops.len());
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_medium_that_fails_is_told_and_ends_nothing_that_runs() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disk.fail(true);
    bench.advance(5 * MINUTE);
    assert!(bench.saw(&Event::StorageFailed(StorageError::Failed)));
    assert!(bench.is_charging(1));
    assert!(bench.has_energy(1));
    bench.disk.fail(false);
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
}

#[test]
fn a_transaction_that_cannot_be_stored_does_not_begin() {
    let mut bench = Bench::new();
    bench.disk.fail(true);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    assert!(!bench.is_charging(1));
    assert!(!bench.has_energy(1));
    assert!(bench.all_calls("StartTransaction").is_empty());
    bench.disk.fail(false);
    bench.tag(1, "TAG");
    bench.find_call("StartTransaction");
}

#[test]
fn a_medium_that_forgets_nothing_does_not_end_a_cut_off_transaction_twice() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disk.keep_all(true);
    bench.power_loss();
    bench.expect_boot();
    bench.advance(HOUR);
    assert_eq!(bench.all_calls("StopTransaction").len(), 1);
}

#[test]
fn a_full_log_takes_the_answer_to_a_start_in_place_of_the_start() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.tag(1, "TAG");
    bench.unplug(1);
    bench.disk.become_log();
    let answer = json!({ "transactionId": 777, "idTagInfo": { "status": "Accepted" } });
    bench.reply_once("StartTransaction", Reply::Result(answer).after(5 * SECOND));
    bench.plug(1);
    bench.tag(1, "TAG");
    assert!(bench.is_charging(1));
    bench.disk.fill_up();
    bench.advance(10 * SECOND);
    bench.disk.limit(usize::MAX);
    bench.forget();
    bench.power_loss();
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 777);
}
