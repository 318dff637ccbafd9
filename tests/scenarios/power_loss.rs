//! Power loss (OCPP 1.6, 4.10 and the table in `storage.rs`): whatever was promised is kept,
//! whenever power goes.

use std::collections::BTreeMap;

use ocpp::station::{Event, TransactionState};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent};

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
            "meterStop": 1_600,
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
    bench.power_loss();
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

/// Two drivers, an outage, a change of configuration: what writes to storage, in one scenario.
fn busy_hour(bench: &mut Bench) {
    bench.plug(1);
    bench.tag(1, "ONE");
    bench.advance(90 * SECOND);
    bench.disconnect();
    bench.plug(2);
    bench.tag(2, "TWO");
    bench.advance(90 * SECOND);
    bench.tag(1, "ONE");
    bench.advance(70 * SECOND);
    bench.allow_connections();
    bench.advance(5 * MINUTE);
    bench.tag(2, "TWO");
    bench.unplug(2);
    bench.advance(MINUTE);
}

/// What the central system made of all transaction messages.
fn assert_books_are_right(calls: &[Sent], cut_after: usize) {
    let mut starts = BTreeMap::new();
    let mut stops: BTreeMap<i64, Vec<&Value>> = BTreeMap::new();
    for call in calls {
        let payload = &call.payload;
        match call.action.as_str() {
            "StartTransaction" => {
                starts.entry(&call.id).or_insert(payload);
            }
            "StopTransaction" => {
                let id = payload["transactionId"].as_i64().unwrap();
                stops.entry(id).or_default().push(payload);
            }
            "MeterValues" => assert!(payload["transactionId"].is_i64(), "{payload}"),
            _ => {}
        }
    }
    let ids: Vec<i64> = stops.keys().copied().collect();
    let expected: Vec<i64> = (0..starts.len() as i64).map(|n| 101 + n).collect();
    assert_eq!(ids, expected, "power lost after {cut_after} writes");
    for stops in stops.values() {
        let same = stops.iter().all(|stop| *stop == stops[0]);
        assert!(same, "two ends after {cut_after} writes: {stops:?}");
    }
}

#[test]
fn at_every_write_of_a_busy_hour_the_books_are_right() {
    let ready = || {
        let mut bench = Bench::new();
        bench.set("AllowOfflineTxForUnknownId", "true");
        bench.forget();
        bench
    };
    let mut whole = ready();
    let before = whole.disk.writes();
    busy_hour(&mut whole);
    let writes = whole.disk.writes() - before;
    assert!(writes > 20, "{writes}");
    for cut_after in 0..=writes {
        let mut bench = ready();
        bench.disk.cut_after(cut_after);
        busy_hour(&mut bench);
        bench.power_off();
        bench.allow_connections();
        bench.power_on();
        bench.advance(10 * MINUTE);
        assert_eq!(bench.queued(), 0, "left behind after {cut_after} writes");
        let calls = bench.take_sent();
        assert_books_are_right(&calls, cut_after);
        assert_eq!(bench.get("AllowOfflineTxForUnknownId"), "true");
        assert!(!bench.is_charging(1) && !bench.is_charging(2));
    }
}
