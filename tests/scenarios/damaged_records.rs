//! A single record that is damaged or gone keeps no end of a transaction from being told
//! (docs/storage.md, "What is damaged").

use ocpp::{
    domain::Reason,
    station::{Event, TransactionState},
    storage::RecordId,
};
use serde_json::json;

use crate::support::{Bench, MINUTE, Reply, SECOND};

const BOOT: RecordId = RecordId(0);
const TRANSACTION: RecordId = RecordId(0x0301);
const ASSIGNED_ID: RecordId = RecordId(0x0401);

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
    records.remove(&BOOT);
    assert!(records.contains_key(&TRANSACTION) && records.contains_key(&ASSIGNED_ID));
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
            // What the assigned id alone knows is lost with it.
            let known = if id == ASSIGNED_ID { -1 } else { 101 };
            assert_eq!(stop["transactionId"], known, "{id:?} {fate:?}");
            assert_eq!(stop["reason"], "PowerLoss");
            let meter_stop = stop["meterStop"].as_i64().unwrap();
            assert!(
                (1_200..=register.into()).contains(&meter_stop),
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
    records.remove(&BOOT);
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
    for id in [ASSIGNED_ID, RecordId(0x1000)] {
        bench.disk.damage(id);
        bench.power_loss();
        bench.advance(MINUTE);
        let stopped = bench.transaction_states(1);
        assert!(!stopped.contains(&TransactionState::Stopped), "{id:?}");
        assert!(bench.all_calls("StopTransaction").is_empty());
    }
}

/// Two transactions without a connection, one after the other.
fn two_offline() -> Bench {
    let mut bench = Bench::new();
    bench.disconnect();
    for id_tag in ["ONE", "TWO"] {
        bench.start(1, id_tag);
        bench.advance(2 * MINUTE);
        bench.stop(1, Reason::Local);
        bench.advance(MINUTE);
    }
    bench
}

#[test]
fn an_end_that_waits_is_told_though_its_record_is_lost() {
    let stop_of = |record: &[u8]| record[1] == 3;
    let records = two_offline().disk.snapshot();
    let stops = records
        .iter()
        .filter(|(id, record)| id.0 >> 8 == 0x20 && stop_of(record));
    let stops: Vec<_> = stops.map(|(id, _)| *id).collect();
    assert_eq!(stops.len(), 2);
    for (place, id) in stops.into_iter().enumerate() {
        let mut bench = two_offline();
        bench.disk.damage(id);
        bench.forget();
        bench.power_loss();
        bench.reconnect();
        bench.advance(MINUTE);
        let stops = bench.all_calls("StopTransaction");
        let ids: Vec<_> = stops
            .iter()
            .map(|stop| stop["transactionId"].clone())
            .collect();
        assert_eq!(stops.len(), 2, "{stops:?}");
        assert!(
            ids.contains(&json!(101)) && ids.contains(&json!(102)),
            "{ids:?}"
        );
        let lost = stops
            .iter()
            .find(|stop| stop["transactionId"] == 101 + place);
        let meter_stop = lost.unwrap()["meterStop"].as_i64().unwrap();
        assert!(meter_stop >= [1_100, 1_300][place], "{meter_stop}");
        assert_eq!(bench.queued(), 0);
        bench.power_loss();
        bench.advance(MINUTE);
        assert!(bench.all_calls("StopTransaction").is_empty());
    }
}

/// The central system knows of the first one's start; its record is the second one's.
#[test]
fn an_end_that_waits_is_told_though_another_transaction_has_begun() {
    let one_after_the_other = |second_ends: bool| {
        let mut bench = Bench::new();
        bench.charge(1, "ONE");
        bench.disconnect();
        bench.advance(2 * MINUTE);
        bench.stop(1, Reason::Local);
        bench.advance(MINUTE);
        bench.start(1, "TWO");
        bench.advance(2 * MINUTE);
        if second_ends {
            bench.stop(1, Reason::Local);
        }
        bench
    };
    for second_ends in [false, true] {
        let records = one_after_the_other(second_ends).disk.snapshot();
        let mut stops = records
            .iter()
            .filter(|(id, record)| id.0 >> 8 == 0x20 && record[1] == 3);
        let first = *stops.next().unwrap().0;
        let mut bench = one_after_the_other(second_ends);
        bench.disk.damage(first);
        bench.forget();
        bench.power_loss();
        assert!(bench.saw(&Event::RecordSkipped(first)));
        bench.reconnect();
        bench.advance(MINUTE);
        let mut messages = bench.take_transaction_messages();
        messages.retain(|call| call.action != "MeterValues");
        let order: Vec<_> = messages
            .iter()
            .map(|call| (call.action.as_str(), call.payload["transactionId"].clone()))
            .collect();
        let expected = [
            ("StopTransaction", json!(101)),
            ("StartTransaction", json!(null)),
            ("StopTransaction", json!(102)),
        ];
        assert_eq!(order, expected);
        // From there the second one went on.
        let (first, second) = (&messages[0].payload, &messages[1].payload);
        assert_eq!(first["meterStop"], second["meterStart"]);
        bench.power_loss();
        bench.advance(MINUTE);
        assert!(bench.all_calls("StopTransaction").is_empty());
    }
}

#[test]
fn the_record_of_a_transaction_stays_until_its_end_is_answered() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.stop(1, Reason::Local);
    assert!(bench.disk.snapshot().contains_key(&TRANSACTION));
    bench.power_loss();
    assert!(bench.disk.snapshot().contains_key(&TRANSACTION));
    bench.forget();
    bench.reconnect();
    assert_eq!(bench.all_calls("StopTransaction").len(), 1);
    assert!(!bench.disk.snapshot().contains_key(&TRANSACTION));
    // That of the next one is not taken for it.
    bench.charge(1, "NEXT");
    bench.reply_once("StopTransaction", Reply::Never);
    bench.stop(1, Reason::Local);
    bench.disconnect();
    bench.start(1, "LAST");
    let running = bench.disk.snapshot()[&TRANSACTION].clone();
    bench.forget();
    bench.reconnect();
    assert_eq!(bench.all_calls("StopTransaction").len(), 1);
    let still = bench.disk.snapshot()[&TRANSACTION].clone();
    assert_eq!(running[..4], still[..4]);
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
    let calls = bench.take_transaction_messages();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0].action, "StopTransaction");
    assert_eq!(calls[0].payload["transactionId"], -1);
}
