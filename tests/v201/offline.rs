//! Transactions without a connection, and after a power loss (E04, E12, E13).

use ocpp::{Version, station::Key};
use serde_json::{Value, json};

use crate::{
    bench, gist, id_of,
    support::{Bench, HOUR, MINUTE, Reply, SECOND},
};

fn events(bench: &mut Bench) -> Vec<Value> {
    bench.all_calls("TransactionEvent")
}

#[test]
fn what_happens_offline_is_told_later_and_says_so() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(10 * MINUTE);
    bench.unplug(1);
    bench.charge_quietly(1, "TAG");
    bench.advance(MINUTE);
    bench.unplug(1);
    bench.reconnect();
    bench.advance(MINUTE);
    let events = events(&mut bench);
    assert!(events.iter().all(|event| event["offline"] == true));
    let kinds: Vec<_> = events.iter().map(|event| gist(event).0).collect();
    let starts = kinds.iter().position(|kind| *kind == "Started").unwrap();
    assert_eq!(kinds[starts - 1], "Ended");
    assert_eq!(*kinds.last().unwrap(), "Ended");
    // One name for each transaction, and its events without a gap.
    let (first, second) = events.split_at(starts);
    for (events, from) in [(first, 1), (second, 0)] {
        for (place, event) in events.iter().enumerate() {
            assert_eq!(id_of(event), id_of(&events[0]));
            assert_eq!(event["seqNo"], place + from);
        }
    }
    assert_ne!(id_of(&first[0]), id_of(&second[0]));
    assert_eq!(bench.queued(), 0);
}

#[test]
fn power_that_is_lost_ends_it_with_the_next_number() {
    let mut bench = bench();
    bench.charge_quietly(1, "TAG");
    let id = id_of(&bench.find_call("TransactionEvent")).to_owned();
    bench.advance(10 * MINUTE + SECOND);
    let told = events(&mut bench);
    let last = told
        .last()
        .map_or(0, |event| event["seqNo"].as_i64().unwrap());
    bench.power_loss();
    bench.advance(MINUTE);
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(ended["eventType"], "Ended");
    assert_eq!(ended["triggerReason"], "AbnormalCondition");
    assert_eq!(ended["transactionInfo"]["stoppedReason"], "PowerLoss");
    assert_eq!(id_of(&ended), id);
    assert_eq!(ended["seqNo"], last + 1);
    bench.power_loss();
    bench.advance(MINUTE);
    assert!(events(&mut bench).is_empty());
}

#[test]
fn power_that_is_lost_offline_ends_it_behind_what_waits() {
    let mut bench = bench();
    bench.charge_quietly(1, "TAG");
    let id = id_of(&bench.find_call("TransactionEvent")).to_owned();
    bench.disconnect();
    bench.advance(30 * MINUTE);
    bench.power_loss();
    bench.reconnect();
    bench.advance(MINUTE);
    let events = events(&mut bench);
    for (place, event) in events.iter().enumerate() {
        assert_eq!(id_of(event), id);
        assert_eq!(event["seqNo"], place + 1, "{event:#}");
    }
    assert_eq!(events.last().unwrap()["eventType"], "Ended");
}

#[test]
fn silence_is_an_attempt() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.reply_always("TransactionEvent", Reply::Never);
    bench.unplug(1);
    bench.advance(HOUR);
    assert_eq!(bench.queued(), 0);
    let attempts = events(&mut bench);
    // TransactionMessageAttempts
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|event| *event == attempts[0]));
    assert_eq!(attempts[0]["eventType"], json!("Ended"));
}

#[test]
fn no_record_is_longer_than_there_is_room_for() {
    let mut bench = bench();
    let token = "abcdefghijklmnopqrstuvwxyz0123456789";
    bench.know_tag(
        token,
        json!({ "status": "Accepted", "groupIdToken": {
            "idToken": token.to_uppercase(), "type": "Central",
        }}),
    );
    bench.charge(1, token);
    bench.disconnect();
    bench.advance(MINUTE);
    bench.tag(1, token);
    bench.unplug(1);
    bench.charge(1, token);
    bench.unplug(1);
    let written = bench.disk.written();
    let longest = |class: u16| {
        let of_class = written.iter().filter(|written| written.id.0 >> 8 == class);
        let lengths = of_class.map(|written| written.record.as_ref().map_or(0, Vec::len));
        lengths.max()
    };
    // docs/storage.md: a transaction, a cache entry, a start.
    assert_eq!(longest(0x03), Some(69));
    assert_eq!(longest(0x10), Some(87));
    assert_eq!(longest(0x20), Some(97));
}

#[test]
fn a_transaction_of_the_other_version_is_told_to_its_end() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.power_off();
    bench.speak(Version::V201);
    bench.power_on();
    bench.advance(MINUTE);
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(gist(&ended), ("Ended", "AbnormalCondition", 1, "Idle"));
    // One begins in 2.0.1 and ends in 1.6, which has no word for its name.
    bench.unplug(1);
    bench.charge(1, "TAG");
    bench.power_off();
    bench.speak(Version::V16);
    bench.power_on();
    bench.advance(MINUTE);
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(-1), &json!("PowerLoss"))
    );
    assert_eq!(bench.queued(), 0);
}

#[test]
fn readings_for_the_end_are_no_events() {
    let mut bench = bench();
    bench.configure(Key::StopTxnSampledData, "Energy.Active.Import.Register");
    bench.configure(Key::MeterValueSampleInterval, "60");
    bench.charge_quietly(1, "TAG");
    let id = id_of(&bench.find_call("TransactionEvent")).to_owned();
    bench.advance(3 * MINUTE);
    let told = events(&mut bench);
    bench.power_loss();
    bench.advance(MINUTE);
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(id_of(&ended), id);
    assert_eq!(ended["seqNo"], told.len() + 1);
    assert!(ended["meterValue"].as_array().unwrap().len() > 3);
}
