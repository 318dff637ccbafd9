//! Power loss (OCPP 1.6, 4.10 and the table in `storage.rs`): whatever was promised is kept,
//! whenever power goes.

use ocpp::{
    limits::RECOVERY_METER_TIMEOUT_MS,
    station::{Event, TransactionState},
};
use serde_json::json;

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND};

#[test]
fn in_a_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(5 * MINUTE + 20 * SECOND);
    let last_sample = bench.utc_at(bench.now() - 20 * SECOND);
    bench.forget();
    bench.power_loss();
    bench.expect_boot();
    let stop = bench.expect_call("StopTransaction");
    assert_eq!(
        stop,
        json!({
            "transactionId": 101,
            // What the meter says after it; the last sample said 1,600.
            "meterStop": 1_640,
            "reason": "PowerLoss",
            "timestamp": last_sample,
        })
    );
    bench.expect_no_call();
    assert!(!bench.is_charging(1));
    assert!(!bench.has_energy(1));
    assert!(
        bench
            .transaction_states(1)
            .contains(&TransactionState::Stopped)
    );
    bench.power_loss();
    bench.expect_boot();
    bench.advance(HOUR);
    assert!(bench.all_calls("StopTransaction").is_empty());
}

#[test]
fn in_a_transaction_without_samples_the_register_is_still_kept_every_minute() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "TAG");
    for _ in 0..300 {
        bench.advance(SECOND);
        bench.read_meter(1);
    }
    bench.break_meter(1);
    bench.power_loss();
    bench.advance(RECOVERY_METER_TIMEOUT_MS);
    let stop = bench.find_call("StopTransaction");
    let meter_stop = stop["meterStop"].as_i64().unwrap();
    assert!((1_480..=1_600).contains(&meter_stop), "{meter_stop}");
}

#[test]
fn in_two_transactions() {
    let mut bench = Bench::new();
    bench.charge(1, "ONE");
    bench.charge(2, "TWO");
    bench.advance(MINUTE);
    bench.power_loss();
    let stops = bench.all_calls("StopTransaction");
    let ids: Vec<_> = stops.iter().map(|stop| &stop["transactionId"]).collect();
    assert_eq!(ids, [101, 102]);
}

#[test]
fn in_a_transaction_and_no_connection_for_a_day() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(2 * MINUTE);
    bench.power_loss();
    bench.advance(24 * HOUR);
    bench.forget();
    bench.reconnect();
    bench.expect_boot();
    bench.expect_call("MeterValues");
    bench.expect_call("MeterValues");
    let stop = bench.expect_call("StopTransaction");
    assert_eq!(stop["reason"], "PowerLoss");
    assert_eq!(stop["transactionId"], 101);
    bench.expect_no_call();
}

#[test]
fn before_the_start_was_answered() {
    let mut bench = Bench::new();
    bench.reply_once("StartTransaction", Reply::Never);
    bench.plug(1);
    bench.tag(1, "TAG");
    let first = bench.find_sent("StartTransaction");
    bench.advance(10 * SECOND);
    bench.power_loss();
    let again = bench.find_sent("StartTransaction");
    assert_eq!((again.id, &again.payload), (first.id, &first.payload));
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(101), &json!("PowerLoss"))
    );
}

#[test]
fn before_the_stop_was_answered() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_once("StopTransaction", Reply::Never);
    bench.tag(1, "TAG");
    let first = bench.find_sent("StopTransaction");
    bench.power_loss();
    let again = bench.find_sent("StopTransaction");
    assert_eq!((again.id, again.payload), (first.id, first.payload));
    bench.advance(HOUR);
    assert!(bench.all_calls("StopTransaction").is_empty());
}

#[test]
fn a_driver_who_waits_for_the_cable_has_to_present_the_tag_again() {
    let mut bench = Bench::new();
    bench.tag(1, "TAG");
    bench.power_loss();
    bench.plug(1);
    bench.advance(MINUTE);
    assert!(!bench.is_charging(1));
}

#[test]
fn the_next_transaction_after_it_is_one_of_its_own() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.power_loss();
    bench.find_call("StopTransaction");
    bench.charge(1, "NEXT");
    bench.tag(1, "NEXT");
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(102), &json!("Local"))
    );
    assert!(!bench.saw(&Event::StorageFailed(ocpp::storage::StorageError::Failed)));
}
