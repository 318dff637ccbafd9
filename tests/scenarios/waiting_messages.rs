//! What waits for the central system, where room is scarce, the time unknown or the hardware another.

use std::collections::BTreeSet;

use ocpp::{
    domain::{Reason, Status},
    limits::JOURNAL_SLOTS,
    station::{Event, Input, Refused, TransactionState},
    storage::StorageError,
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Sent, Setup, Wiring, id_tag, sampled};

/// A station whose StopTransaction never has room for all of its transactionData.
fn narrow() -> Bench {
    let mut bench = Bench::with(Setup {
        connectors: 3,
        tx: 1024,
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set("MeterValueSampleInterval", "0");
    bench.set("MeterValuesSampledData", "");
    bench
}

/// What the driver's transaction is to say of its beginning and its end: 13 values.
fn want_transaction_data(bench: &mut Bench, wanted: bool) {
    let list = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,\
                Frequency,Temperature,SoC,Current.Import-L1,Current.Import-L2,\
                Current.Import-L3,Voltage-L1,Voltage-L2,Voltage-L3";
    bench.set("StopTxnSampledData", if wanted { list } else { "" });
}

/// Short transactions at a connector, until there is no room for another one.
fn fill(bench: &mut Bench, connector: u8) -> usize {
    for filled in 0..JOURNAL_SLOTS {
        let id_tag = &id_tag("FILL");
        match bench.input(Input::Start { connector, id_tag }) {
            Ok(()) => bench.stop(connector, Reason::Local),
            Err(refused) => {
                assert_eq!(refused, Refused::Full);
                return filled;
            }
        }
    }
    panic!("more transactions than there is room for");
}

fn count(calls: &[Sent], action: &str) -> usize {
    calls.iter().filter(|call| call.action == action).count()
}

/// Every transaction with that many ends has been told once, each with an id of its own.
fn assert_all_ended(calls: &[Sent], ends: usize) {
    let stops = calls.iter().filter(|call| call.action == "StopTransaction");
    let ids: BTreeSet<_> = stops
        .map(|call| call.payload["transactionId"].as_i64().unwrap())
        .collect();
    assert_eq!(count(calls, "StopTransaction"), ends);
    assert_eq!(ids.len(), ends);
    assert!(ids.first() > Some(&0), "{:?}", ids.first());
}

fn timestamp(call: &Value) -> &str {
    call["timestamp"].as_str().unwrap()
}

#[test]
fn what_begins_while_transaction_data_is_on_its_way_is_not_forgotten_with_it() {
    let mut bench = narrow();
    want_transaction_data(&mut bench, true);
    let slow = Reply::Result(json!({
        "transactionId": 101,
        "idTagInfo": { "status": "Accepted" },
    }));
    bench.reply_once("StartTransaction", slow.after(5 * SECOND));
    let slow = Reply::Result(json!({})).after(5 * SECOND);
    bench.reply_once("MeterValues", slow);
    bench.start(1, "ANN");
    bench.stop(1, Reason::Local);
    want_transaction_data(&mut bench, false);
    let mut ends = 1 + fill(&mut bench, 2);
    // StartTransaction is answered, and the first part of what was read at the beginning is on
    // its way.
    bench.advance(6 * SECOND);
    ends += fill(&mut bench, 3);
    bench.advance(MINUTE);
    bench.advance(HOUR);
    let calls = bench.take_transaction_messages();
    assert_eq!(bench.queued(), 0);
    assert_eq!(count(&calls, "StartTransaction"), ends);
    // The first id was scripted; the others begin with the same one.
    let later: Vec<_> = calls
        .iter()
        .filter(|call| call.action == "StopTransaction")
        .skip(1)
        .cloned()
        .collect();
    assert_all_ended(&later, ends - 1);
    // What was on its way arrived as a whole.
    let begin: usize = calls
        .iter()
        .filter(|call| call.action == "MeterValues")
        .map(|call| {
            let values = sampled(&call.payload).into_iter();
            let of_begin = values.filter(|value| value["context"] == "Transaction.Begin");
            of_begin.count()
        })
        .sum();
    assert_eq!(begin, 13);
}

#[test]
fn a_transaction_whose_data_was_thinned_out_while_it_was_delivered_ends_all_the_same() {
    let mut bench = narrow();
    // Its end alone is one record more, so that every record that can go has to.
    bench.start(2, "LONG");
    want_transaction_data(&mut bench, true);
    bench.reply_once("MeterValues", Reply::Result(json!({})));
    bench.reply_always("MeterValues", Reply::Never);
    bench.start(1, "ANN");
    bench.stop(1, Reason::Local);
    bench.advance(0);
    assert_eq!(count(&bench.take_transaction_messages(), "MeterValues"), 2);
    want_transaction_data(&mut bench, false);
    bench.disconnect();
    bench.stop(2, Reason::Local);
    let filled = fill(&mut bench, 3);
    bench.reply_normally("MeterValues");
    bench.forget();
    bench.reconnect();
    bench.advance(HOUR);
    let calls = bench.take_transaction_messages();
    assert_eq!(bench.queued(), 0);
    assert_eq!(count(&calls, "StartTransaction"), filled);
    assert_all_ended(&calls, filled + 2);
    let ann = calls.iter().find(|call| call.action == "StopTransaction");
    assert_eq!(ann.unwrap().payload["transactionId"], 102);
}

#[test]
fn samples_on_their_way_are_not_thinned_out() {
    let mut bench = Bench::with(Setup {
        connectors: 3,
        tx: 1024,
        ..Setup::default()
    });
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set("MeterValueSampleInterval", "60");
    want_transaction_data(&mut bench, true);
    let list = bench.get("StopTxnSampledData");
    want_transaction_data(&mut bench, false);
    bench.set("MeterValuesSampledData", &list);
    bench.charge(1, "ANN");
    bench.advance(50 * SECOND);
    // Its end alone is one record more, so that every record that can go has to.
    bench.start(3, "LONG");
    bench.forget();
    let slow = Reply::Result(json!({})).after(20 * SECOND);
    bench.reply_once("MeterValues", slow);
    bench.advance(15 * SECOND);
    // The first part of the sample is on its way.
    assert_eq!(bench.take_transaction_messages().len(), 1);
    bench.stop(3, Reason::Local);
    let mut ends = fill(&mut bench, 2);
    bench.advance(SECOND);
    ends += fill(&mut bench, 3);
    bench.advance(20 * SECOND);
    let calls = bench.take_transaction_messages();
    assert_eq!(calls[0].action, "MeterValues");
    assert_eq!(calls[0].payload["transactionId"], 101);
    bench.advance(20 * SECOND);
    bench.tag(1, "ANN");
    bench.advance(MINUTE);
    let calls = [calls, bench.take_transaction_messages()].concat();
    assert_eq!(bench.queued(), 0);
    assert_eq!(count(&calls, "StartTransaction"), ends);
    assert_all_ended(&calls, ends + 2);
}

/// The medium takes no more than it holds now.
fn fill_up(bench: &Bench) {
    let used = bench.disk.snapshot().values().map(Vec::len).sum();
    bench.disk.limit(used);
}

#[test]
fn an_end_that_storage_has_no_room_for_is_stored_when_there_is_room_again() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "ANN");
    bench.advance(100 * SECOND);
    bench.disconnect();
    fill_up(&bench);
    bench.forget();
    bench.tag(1, "ANN");
    let (end, register) = (bench.utc(), bench.register(1));
    bench.advance(65 * SECOND);
    let full = Event::StorageFailed(StorageError::Full);
    let tries = bench.events().iter().filter(|event| **event == full);
    assert_eq!(tries.count(), 7, "not every ten seconds");
    assert_eq!(bench.status(1), Some(Status::Finishing));
    assert!(!bench.has_energy(1));
    assert_eq!(bench.transaction_states(1), []);
    // No other driver can begin there meanwhile.
    let (connector, id_tag) = (1, &id_tag("BOB"));
    let start = bench.input(Input::Start { connector, id_tag });
    assert_eq!(start, Err(Refused::Occupied));
    bench.disk.limit(usize::MAX);
    bench.advance(10 * SECOND);
    assert_eq!(bench.transaction_states(1), [TransactionState::Stopped]);
    assert_eq!(bench.queued(), 1);
    bench.reconnect();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(timestamp(&stop), end);
    assert_eq!(stop["meterStop"], register);
    assert_eq!(stop["idTag"], "ANN");
    assert_eq!(stop["transactionId"], 101);
    bench.advance(HOUR);
    assert!(bench.all_calls("StopTransaction").is_empty());
}

#[test]
fn an_end_that_waits_for_room_keeps_the_register_it_had() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "ANN");
    bench.advance(100 * SECOND);
    bench.disconnect();
    fill_up(&bench);
    bench.tag(1, "ANN");
    let (end, register) = (bench.utc(), bench.register(1));
    bench.advance(25 * SECOND);
    // A meter that others use as well.
    bench.set_register(1, 9_000);
    bench.read_meter(1);
    bench.advance(25 * SECOND);
    bench.disk.limit(usize::MAX);
    bench.advance(10 * SECOND);
    bench.reconnect();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(timestamp(&stop), end);
    assert_eq!(stop["meterStop"], register);
}

#[test]
fn an_end_that_waits_for_room_when_power_is_lost_is_told_after_it() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.charge(1, "ANN");
    bench.advance(100 * SECOND);
    bench.disconnect();
    fill_up(&bench);
    bench.tag(1, "ANN");
    bench.advance(MINUTE);
    bench.power_loss();
    // There is still no room: no transaction begins where that would be forgotten.
    let (connector, id_tag) = (1, &id_tag("BOB"));
    let _ = bench.input(Input::Start { connector, id_tag });
    assert!(!bench.is_charging(1));
    assert!(!bench.has_energy(1));
    bench.disk.limit(usize::MAX);
    bench.start(1, "BOB");
    assert!(bench.has_energy(1));
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(
        (calls[0].action.as_str(), calls[1].action.as_str()),
        ("StopTransaction", "StartTransaction")
    );
    assert_eq!(calls[0].payload["transactionId"], 101);
    assert_eq!(calls[0].payload["reason"], "PowerLoss");
    assert_eq!(calls[1].payload["idTag"], "BOB");
}

#[test]
fn a_start_from_before_the_time_was_known_is_not_later_than_its_end() {
    let mut bench = Bench::cold(Setup::default());
    bench.disconnect();
    bench.advance(MINUTE);
    bench.start(1, "ANN");
    let begin = bench.utc();
    bench.advance(MINUTE);
    let time = bench.unix_millis();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.advance(HOUR);
    bench.stop(1, Reason::Local);
    let end = bench.utc();
    bench.power_loss();
    // The next time is known three days later.
    bench.advance(72 * HOUR);
    bench.forget();
    bench.reconnect();
    assert_eq!(timestamp(&bench.find_call("StartTransaction")), begin);
    assert_eq!(timestamp(&bench.find_call("StopTransaction")), end);
}

#[test]
fn a_start_of_a_run_that_never_knew_the_time_is_not_later_than_its_end() {
    // The time becomes known in the first run, in the second one, or from the central system.
    for known_in in [1, 2, 3] {
        let mut bench = Bench::cold(Setup::default());
        let learn = |bench: &mut Bench, run: u32| {
            let time = bench.unix_millis();
            if run == known_in {
                assert_eq!(bench.input(Input::Time(time)), Ok(()));
            }
        };
        bench.disconnect();
        bench.start(1, "ANN");
        bench.advance(10 * MINUTE);
        learn(&mut bench, 1);
        bench.advance(10 * SECOND);
        bench.power_loss();
        bench.advance(10 * MINUTE);
        learn(&mut bench, 2);
        bench.advance(10 * MINUTE);
        bench.power_loss();
        bench.advance(72 * HOUR);
        bench.forget();
        bench.reconnect();
        let calls = bench.take_transaction_messages();
        let stamps: Vec<_> = calls
            .iter()
            .map(|call| match call.action.as_str() {
                "MeterValues" => timestamp(&call.payload["meterValue"][0]),
                _ => timestamp(&call.payload),
            })
            .collect();
        assert_eq!(calls[0].action, "StartTransaction");
        assert_eq!(calls.last().unwrap().action, "StopTransaction");
        assert!(stamps.is_sorted(), "known in {known_in}: {stamps:?}");
        let now = bench.utc();
        assert!(*stamps.last().unwrap() <= now.as_str());
    }
}

#[test]
fn what_a_connector_that_no_longer_exists_had_to_tell_keeps_its_transaction_id() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.start(2, "ANN");
    bench.advance(3 * MINUTE);
    bench.stop(2, Reason::Local);
    bench.power_off();
    bench.power_on_with(1);
    bench.forget();
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    let actions: Vec<_> = calls.iter().map(|call| call.action.as_str()).collect();
    let between = actions.len() - 2;
    assert_eq!(actions[0], "StartTransaction");
    assert_eq!(actions[between + 1], "StopTransaction");
    assert!(between >= 2, "{actions:?}");
    assert_eq!(calls[0].payload["connectorId"], 2);
    for call in &calls[1..] {
        assert_eq!(call.payload["transactionId"], 101, "{call:?}");
    }
    bench.advance(HOUR);
    assert_eq!(bench.queued(), 0);
    assert!(bench.take_transaction_messages().is_empty());
}

#[test]
fn what_a_connector_that_no_longer_exists_was_charging_ends() {
    let mut bench = Bench::new();
    bench.charge(2, "ANN");
    bench.advance(3 * MINUTE);
    bench.power_off();
    bench.power_on_with(1);
    bench.advance(MINUTE);
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["transactionId"], 101);
    assert_eq!(stop["reason"], "PowerLoss");
    assert_eq!(stop["meterStop"], 1_360);
}
