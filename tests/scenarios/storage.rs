//! What storage holds over boots and updates (docs/storage.md): what cannot be read is skipped and
//! told, what an older firmware left is delivered, and no message id comes twice.

use std::collections::BTreeSet;

use ocpp::{
    domain::{Reason, Status},
    limits::RECORD_LENGTH,
    station::{Event, Input, Refused},
    storage::{RecordId, StorageError},
};
use serde_json::json;

use crate::support::{Bench, Cut, HOUR, MINUTE, Reply, SECOND, Setup, sampled};

const BOOT: RecordId = RecordId(0);

fn skipped(bench: &Bench) -> Vec<RecordId> {
    let events = bench.events().iter().filter_map(|event| match event {
        Event::RecordSkipped(id) => Some(*id),
        _ => None,
    });
    events.collect()
}

#[test]
fn no_message_id_comes_twice_though_no_boot_has_another_random_number() {
    let mut bench = Bench::new();
    let mut ids = BTreeSet::new();
    for _ in 0..4 {
        bench.charge(1, "TAG");
        bench.power_loss();
        for call in bench.take_sent() {
            assert!(ids.insert(call.id.clone()), "{call:?}");
        }
    }
}

#[test]
fn a_boot_that_storage_does_not_take_has_message_ids_of_its_own() {
    let mut bench = Bench::cold(Setup::default());
    bench.advance(SECOND);
    let first = bench.find_sent("BootNotification").id;
    bench.power_loss();
    bench.forget();
    bench.disk.fail(true);
    bench.power_loss();
    assert!(bench.saw(&Event::StorageFailed(StorageError::Failed)));
    // The random number of this bench is the same in each boot: the first was named after it.
    assert_eq!(first, "9e3779b9-1");
    let id = bench.find_sent("BootNotification").id;
    let others = ["9e3779b9-", "9e3779ba-", "9e3779bb-"];
    assert!(!others.iter().any(|boot| id.starts_with(boot)), "{id}");
}

#[test]
fn the_last_known_time_is_kept() {
    let mut bench = Bench::cold(Setup::default());
    bench.disconnect();
    bench.power_loss();
    assert_eq!(bench.not_before(), None);
    bench.reconnect();
    let known = bench.unix_millis();
    bench.advance(50 * MINUTE);
    bench.disconnect();
    bench.power_loss();
    // Before the time is known again.
    let kept = bench.not_before().unwrap();
    assert!((known - 5_000..=known).contains(&kept), "{kept} {known}");
    bench.reconnect();
    bench.advance(3 * HOUR);
    let before = bench.unix_millis();
    bench.disconnect();
    bench.power_loss();
    let kept = bench.not_before().unwrap();
    let hour = i64::try_from(HOUR + 10 * MINUTE).unwrap();
    assert!((before - hour..=before).contains(&kept), "{kept} {before}");
}

#[test]
fn whatever_is_damaged_is_told_and_stops_nothing() {
    let mut bench = Bench::new();
    bench.set("LightIntensity", "7");
    bench.set("StopTxnSampledData", "");
    let change = json!({ "connectorId": 2, "type": "Inoperative" });
    bench.status_of("ChangeAvailability", change);
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(90 * SECOND);
    bench.tag(1, "TAG");
    bench.start(1, "NEXT");
    let mut records = bench.disk.snapshot();
    // Without it, another random number has to tell the boots from each other.
    records.remove(&BOOT);
    for &id in records.keys() {
        bench.disk.damage(id);
    }
    let kinds: BTreeSet<_> = records.keys().map(|id| id.0 >> 8).collect();
    let all = [0x01, 0x02, 0x03, 0x04, 0x10, 0x20];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
    bench.forget();
    bench.power_loss();
    let told: BTreeSet<_> = skipped(&bench).into_iter().collect();
    assert_eq!(told, records.keys().copied().collect());
    bench.reconnect();
    bench.advance(MINUTE);
    assert!(bench.is_online());
    bench.charge(1, "LATER");
    bench.tag(1, "LATER");
    bench.find_call("StopTransaction");
}

#[test]
fn without_its_life_a_station_lives_on() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.disk.damage(BOOT);
    bench.power_loss();
    assert_eq!(skipped(&bench), [BOOT]);
    bench.start(1, "TAG");
    assert!(bench.has_energy(1));
}

#[test]
fn a_record_of_an_unknown_form_keeps_its_place_as_long_as_there_is_another() {
    let mut bench = Bench::new();
    bench.disconnect();
    // As a later firmware may have left it.
    let later = RecordId(0x2000);
    bench.disk.put(later, b"\xfe of another form");
    bench.power_loss();
    assert_eq!(skipped(&bench), [later]);
    bench.start(1, "TAG");
    bench.stop(1, Reason::Local);
    bench.reconnect();
    let calls = bench.take_transaction_messages();
    assert_eq!(calls.len(), 2);
    assert_eq!(bench.queued(), 0);
    assert!(bench.disk.snapshot().contains_key(&later));
}

#[test]
fn a_damaged_entry_of_the_cache_hides_no_other() {
    let mut bench = Bench::new();
    bench.set("LocalPreAuthorize", "true");
    for id_tag in ["A", "B", "C"] {
        bench.charge(1, id_tag);
        bench.tag(1, id_tag);
        bench.unplug(1);
    }
    bench.disk.damage(RecordId(0x1001));
    bench.power_loss();
    bench.forget();
    for (id_tag, asks) in [("A", false), ("B", true), ("C", false)] {
        bench.charge_quietly(1, id_tag);
        let asked = !bench.all_calls("Authorize").is_empty();
        assert_eq!(asked, asks, "{id_tag}");
        bench.tag(1, id_tag);
        bench.unplug(1);
        bench.forget();
    }
}

/// Little-endian bytes, as they are stored.
fn record(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// 2026-03-02T07:00:00Z.
const BEFORE: i64 = 1_772_434_800_000;

/// The part that all messages of the journal have, in the first form of it.
fn message(kind: u8, sequence: u32, count: u32, minutes: i64, body: &[&[u8]]) -> Vec<u8> {
    let stamp = (BEFORE + 60_000 * minutes).to_le_bytes();
    record(&[
        &[1, kind, 1],
        &sequence.to_le_bytes(),
        // The transaction, which is the number of its start.
        &7_u32.to_le_bytes(),
        &0xc0de_u32.to_le_bytes(),
        &count.to_le_bytes(),
        &0_u32.to_le_bytes(),
        &stamp,
        &body.concat(),
    ])
}

/// What the first firmware left, which did not number its boots. These bytes never change.
fn first_form(bench: &Bench) {
    let register = |wh: i32| wh.to_le_bytes();
    let start = message(0, 7, 3, 0, &[&register(500), b"\x03ANN"]);
    // Sample.Periodic: the register, of no phase.
    let values = message(1, 8, 4, 1, &[&[4, 0, 0xff], &register(620)]);
    // Local.
    let stop = message(3, 9, 5, 2, &[&[4], &register(740), b"\xff"]);
    bench.disk.put(RecordId(0x2000), &start);
    bench.disk.put(RecordId(0x2001), &values);
    bench.disk.put(RecordId(0x2002), &stop);
    bench.disk.put(RecordId(0x0202), &[0]);
    // LightIntensity.
    bench.disk.put(RecordId(0x010a), &42_u32.to_le_bytes());
}

#[test]
fn what_the_first_firmware_left_is_delivered() {
    let mut bench = Bench::cold(Setup::default());
    bench.power_off();
    first_form(&bench);
    bench.power_on();
    let calls = bench.take_transaction_messages();
    assert_eq!(skipped(&bench), []);
    let sent: Vec<_> = calls
        .iter()
        .map(|call| (&*call.id, &call.payload))
        .collect();
    let start = json!({
        "connectorId": 1,
        "idTag": "ANN",
        "meterStart": 500,
        "timestamp": "2026-03-02T07:00:00.000Z",
    });
    let stop = json!({
        "transactionId": 101,
        "meterStop": 740,
        "reason": "Local",
        "timestamp": "2026-03-02T07:02:00.000Z",
    });
    assert_eq!(sent[0], ("0000c0de-3", &start));
    let value = json!({ "context": "Sample.Periodic", "value": "620" });
    for (name, text) in value.as_object().unwrap() {
        assert_eq!(&sampled(sent[1].1)[0][name], text);
    }
    assert_eq!(sent[2], ("0000c0de-5", &stop));
    assert_eq!(bench.status(2), Some(Status::Unavailable));
    assert_eq!(bench.get("LightIntensity"), "42");
}

#[test]
fn a_stop_that_is_sent_again_is_the_same_though_room_is_scarce() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "10");
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.set("TransactionMessageRetryInterval", "3000");
    bench.charge(1, "ANN");
    bench.advance(2 * MINUTE);
    bench.reply_once("StopTransaction", Reply::Error("InternalError"));
    bench.tag(1, "ANN");
    let first = bench.find_sent("StopTransaction");
    assert!(first.payload["transactionData"].as_array().unwrap().len() > 10);
    // Everything that waits behind it fills the journal, and thins it.
    bench.set("MeterValueSampleInterval", "1");
    bench.start(2, "BOB");
    bench.advance(49 * MINUTE);
    bench.forget();
    bench.advance(2 * MINUTE);
    let again = bench.find_sent("StopTransaction");
    assert_eq!((again.id, again.payload), (first.id, first.payload));
}

#[test]
fn power_lost_between_a_sample_and_its_register_leaves_no_end_below_the_sample() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.disconnect();
    bench.advance(59 * SECOND);
    // The register is the next write, the sample the one after it.
    let (write, bytes) = (1, 0);
    bench.disk.cut_from_here(Cut::Inside { write, bytes });
    bench.outage.ms = 10 * SECOND;
    bench.advance(2 * SECOND);
    // The meter says nothing after the boot.
    bench.break_meter(1);
    bench.allow_connections();
    bench.advance(2 * MINUTE);
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["meterStop"], 1_120);
}

#[test]
fn an_end_that_power_cut_off_is_told_as_soon_as_there_is_room() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    bench.advance(MINUTE);
    bench.disconnect();
    bench.disk.fill_up();
    bench.power_loss();
    assert_eq!(bench.queued(), 0);
    bench.disk.limit(usize::MAX);
    bench.forget();
    bench.advance(10 * SECOND);
    assert_eq!(bench.queued(), 1);
    bench.reconnect();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(101), &json!("PowerLoss"))
    );
}

#[test]
fn the_room_for_the_answer_to_a_start_is_taken_before_the_first_start() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.disconnect();
    bench.start(1, "ANN");
    bench.disk.fill_up();
    bench.reconnect();
    bench.find_call("StartTransaction");
    bench.power_loss();
    bench.disk.limit(usize::MAX);
    bench.advance(MINUTE);
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 101);
}

#[test]
fn an_availability_that_cannot_be_stored_is_rejected() {
    let mut bench = Bench::new();
    bench.disk.fail(true);
    let change = json!({ "connectorId": 1, "type": "Inoperative" });
    let status = bench.status_of("ChangeAvailability", change.clone());
    assert_eq!(status, "Rejected");
    assert_eq!(bench.status(1), Some(Status::Available));
    let told = bench.input(Input::Availability {
        connector: 1,
        operative: false,
    });
    assert_eq!(told, Err(Refused::Full));
    bench.disk.fail(false);
    let status = bench.status_of("ChangeAvailability", change);
    assert_eq!(status, "Accepted");
}

#[test]
fn an_end_that_waited_for_room_and_for_the_time_is_the_same_when_it_is_sent_again() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    bench.start(1, "ANN");
    bench.disk.fill_up();
    bench.advance(MINUTE);
    bench.stop(1, Reason::Local);
    let end = bench.utc();
    bench.advance(25 * SECOND);
    bench.reply_once("StopTransaction", Reply::Never);
    bench.reconnect();
    bench.disk.limit(usize::MAX);
    bench.advance(15 * SECOND);
    let first = bench.find_sent("StopTransaction");
    assert_eq!(first.payload["timestamp"], end);
    bench.power_loss();
    let again = bench.find_sent("StopTransaction");
    assert_eq!((again.id, again.payload), (first.id, first.payload));
}

#[test]
fn a_boot_whose_number_was_not_stored_does_not_take_numbers_back() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.power_loss();
    bench.disk.fail(true);
    bench.power_loss();
    bench.disk.fail(false);
    let time = bench.unix_millis();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    // The first was 9e3779b9, the second one more; the third had none.
    let boot = bench.find_sent("BootNotification");
    assert_eq!(boot.id, "9e3779bb-1");
}

#[test]
fn a_boot_reads_what_it_remembers_before_it_writes() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.power_loss();
    let late = bench.disk.read_late();
    // The end of a cut-off transaction is stored with the number of the boot.
    assert!(late.contains(&RecordId(0x0301)), "{late:?}");
    let early = late.iter().filter(|id| !matches!(id.0 >> 8, 0x03 | 0x20));
    assert_eq!(early.count(), 0, "{late:?}");
}

#[test]
fn a_message_that_is_too_long_for_this_build_is_told_and_stays() {
    let mut bench = Bench::new();
    bench.disconnect();
    // As one with more readings may have left it: neither damaged nor of another form.
    let long = RecordId(0x2000);
    let record = [1; RECORD_LENGTH + 1];
    bench.disk.put(long, &record);
    bench.power_loss();
    assert_eq!(skipped(&bench), [long]);
    for connector in 1..=2 {
        bench.start(connector, "TAG");
        bench.stop(connector, Reason::Local);
    }
    bench.reconnect();
    assert_eq!(bench.take_transaction_messages().len(), 4);
    assert_eq!(bench.queued(), 0);
    assert_eq!(bench.disk.snapshot()[&long], record);
}

#[test]
fn a_transaction_whose_transaction_id_cannot_be_read_is_told_to_have_ended() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    bench.advance(MINUTE);
    bench.disconnect();
    let assigned_id = RecordId(0x0401);
    bench.disk.damage(assigned_id);
    bench.forget();
    bench.power_loss();
    assert_eq!(skipped(&bench), [assigned_id]);
    assert_eq!(bench.queued(), 1);
    bench.reconnect();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(-1), &json!("PowerLoss"))
    );
    assert_eq!(bench.queued(), 0);
    // The next one is as ever.
    bench.charge(1, "BOB");
    bench.tag(1, "BOB");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 102);
}
