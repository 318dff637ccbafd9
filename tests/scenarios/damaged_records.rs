//! A single record that is damaged or gone keeps no end of a transaction from being told
//! (docs/storage.md, "What is damaged").

use ocpp::{
    station::{Event, TransactionState},
    storage::RecordId,
};
use serde_json::json;

use crate::support::{Bench, MINUTE, Reply, SECOND};

const LIFE: RecordId = RecordId(0);
const TRANSACTION: RecordId = RecordId(0x0301);
const BILLING: RecordId = RecordId(0x0401);

/// What becomes of a record.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Damaged,
    Gone,
}

impl Fate {
    fn meets(self, bench: &mut Bench, id: RecordId) {
        match self {
            Self::Damaged => bench.disk.damage(id),
            Self::Gone => bench.disk.remove(id),
        }
    }
}

/// One StopTransaction, and no second one ever.
fn only_stop(bench: &mut Bench) -> serde_json::Value {
    let stops = bench.all_calls("StopTransaction");
    assert_eq!(stops.len(), 1, "{stops:?}");
    bench.power_loss();
    bench.advance(MINUTE);
    assert!(bench.all_calls("StopTransaction").is_empty());
    stops[0].clone()
}

#[test]
fn an_answered_transaction_ends_though_any_record_is_lost() {
    let charging = || {
        let mut bench = Bench::new();
        bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
        bench.charge(1, "TAG");
        bench.advance(2 * MINUTE + 20 * SECOND);
        bench
    };
    let mut records = charging().disk.snapshot();
    // Without it, another random number has to tell the boots from each other.
    records.remove(&LIFE);
    assert!(records.contains_key(&TRANSACTION) && records.contains_key(&BILLING));
    for &id in records.keys() {
        for fate in [Fate::Damaged, Fate::Gone] {
            // Without its own record there is nothing that runs.
            if id == TRANSACTION && matches!(fate, Fate::Gone) {
                continue;
            }
            let mut bench = charging();
            let register = bench.register(1);
            fate.meets(&mut bench, id);
            bench.forget();
            bench.power_loss();
            bench.advance(MINUTE);
            let is_told = bench.saw(&Event::RecordSkipped(id));
            let is_damaged = matches!(fate, Fate::Damaged);
            assert_eq!(is_told, is_damaged, "{id:?} {fate:?}");
            let stop = only_stop(&mut bench);
            // What the billing record alone knows is lost with it.
            let known = if id == BILLING { -1 } else { 101 };
            assert_eq!(stop["transactionId"], known, "{id:?} {fate:?}");
            assert_eq!(stop["reason"], "PowerLoss");
            let meter_stop = stop["meterStop"].as_i64().unwrap();
            assert!(
                (1_300..=register.into()).contains(&meter_stop),
                "{id:?} {fate:?}: {meter_stop}"
            );
        }
    }
}

#[test]
fn a_transaction_that_was_not_answered_ends_though_any_record_is_lost() {
    let charging = || {
        let mut bench = Bench::new();
        bench.reply_once("StartTransaction", Reply::Never);
        bench.plug(1);
        bench.tag(1, "TAG");
        bench.disconnect();
        bench.advance(2 * MINUTE + 20 * SECOND);
        bench
    };
    let mut records = charging().disk.snapshot();
    records.remove(&LIFE);
    let start = RecordId(0x2000);
    assert!(records.contains_key(&start));
    for &id in records.keys() {
        for fate in [Fate::Damaged, Fate::Gone] {
            let is_gone = matches!(fate, Fate::Gone);
            // Without these there is nothing that runs, or that ever began.
            if is_gone && [TRANSACTION, start].contains(&id) {
                continue;
            }
            let mut bench = charging();
            fate.meets(&mut bench, id);
            bench.forget();
            bench.power_loss();
            bench.reconnect();
            bench.advance(MINUTE);
            let stop = only_stop(&mut bench);
            let known = if id == start { -1 } else { 101 };
            assert_eq!(stop["transactionId"], known, "{id:?} {fate:?}");
            assert!(stop["meterStop"].as_i64().unwrap() >= 1_000);
        }
    }
}

#[test]
fn a_transaction_that_ended_does_not_end_again() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
    bench.forget();
    for id in [BILLING, RecordId(0x1000)] {
        bench.disk.damage(id);
        bench.power_loss();
        bench.advance(MINUTE);
        let stopped = bench.transaction_states(1);
        assert!(!stopped.contains(&TransactionState::Stopped), "{id:?}");
        assert!(bench.all_calls("StopTransaction").is_empty());
    }
}

#[test]
fn a_message_of_no_connector_is_not_sent() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.start(1, "TAG");
    let start = RecordId(0x2000);
    let mut record = bench.disk.snapshot()[&start].clone();
    assert_eq!(record[2], 1);
    record[2] = 0;
    bench.disk.put(start, &record);
    bench.forget();
    bench.power_loss();
    assert!(bench.saw(&Event::RecordSkipped(start)));
    bench.reconnect();
    bench.advance(MINUTE);
    assert!(bench.all_calls("StartTransaction").is_empty());
    assert_eq!(
        bench.find_call("StopTransaction")["transactionId"],
        json!(-1)
    );
}
