//! transactionIds are the central system's: kept and repeated exactly, whatever their size.

use ocpp::storage::RecordId;
use serde_json::json;

use crate::support::{Bench, Reply, SECOND};

/// Milliseconds since 1970, which some central systems number transactions by.
const EPOCH_MS: i64 = 1_772_438_400_123;

fn start_with(bench: &mut Bench, id: i64) {
    let answer = json!({ "idTagInfo": { "status": "Accepted" }, "transactionId": id });
    bench.reply_once("StartTransaction", Reply::Result(answer));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.find_call("StartTransaction");
}

fn running(bench: &Bench) -> Option<i64> {
    bench.station().transaction(1)?.transaction_id?.number()
}

#[test]
fn as_far_as_64_bits_go_they_are_repeated_exactly() {
    for id in [0, -7, i64::from(i32::MAX) + 1, EPOCH_MS, i64::MAX, i64::MIN] {
        let mut bench = Bench::new();
        bench.set("MeterValueSampleInterval", "10");
        start_with(&mut bench, id);
        assert_eq!(running(&bench), Some(id));
        bench.advance(11 * SECOND);
        assert_eq!(bench.find_call("MeterValues")["transactionId"], id);
        bench.tag(1, "TAG");
        assert_eq!(bench.find_call("StopTransaction")["transactionId"], id);
    }
}

#[test]
fn a_remote_stop_compares_all_of_it() {
    let mut bench = Bench::new();
    start_with(&mut bench, EPOCH_MS);
    let truncated = i64::from(EPOCH_MS as i32);
    let stop = |id: i64| json!({ "transactionId": id });
    assert_eq!(
        bench.status_of("RemoteStopTransaction", stop(truncated)),
        "Rejected"
    );
    assert_eq!(
        bench.status_of("RemoteStopTransaction", stop(EPOCH_MS)),
        "Accepted"
    );
    assert_eq!(
        bench.find_call("StopTransaction")["transactionId"],
        EPOCH_MS
    );
}

#[test]
fn one_beyond_64_bits_is_no_transaction_here() {
    let mut bench = Bench::new();
    start_with(&mut bench, EPOCH_MS);
    let code = bench.call_error(
        "RemoteStopTransaction",
        json!({ "transactionId": u64::MAX }),
    );
    assert_eq!(code, "PropertyConstraintViolation");
}

#[test]
fn they_survive_a_power_loss() {
    let mut bench = Bench::new();
    start_with(&mut bench, EPOCH_MS);
    bench.forget();
    bench.power_loss();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["transactionId"], &stop["reason"]),
        (&json!(EPOCH_MS), &json!("PowerLoss"))
    );
}

#[test]
fn the_record_of_an_earlier_firmware_is_read() {
    let mut bench = Bench::new();
    start_with(&mut bench, 77);
    bench.forget();
    let assigned_id = RecordId(0x0401);
    let record = bench.disk.snapshot()[&assigned_id].clone();
    // The number inside the station stands behind the mark and the form.
    let mut earlier = record[5..9].to_vec();
    earlier.push(1);
    earlier.extend_from_slice(&4711_i32.to_le_bytes());
    bench.power_off();
    bench.disk.put(assigned_id, &earlier);
    bench.power_on();
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 4711);
}

#[test]
fn the_record_has_room_for_36_characters_from_the_start() {
    let mut bench = Bench::new();
    start_with(&mut bench, 1);
    let written = bench.disk.written().into_iter();
    let assigned_id = written.filter(|written| written.id == RecordId(0x0401));
    let lengths: Vec<_> = assigned_id
        .map(|w| w.record.map_or(0, |r| r.len()))
        .collect();
    // Before the first start, then the answer.
    assert_eq!(lengths, [4 + 1 + 4 + 1 + 36, 4 + 1 + 4 + 1 + 1]);
}

#[test]
fn what_follows_a_start_that_was_given_up_says_minus_one() {
    let mut bench = Bench::new();
    bench.set("TransactionMessageAttempts", "1");
    bench.set("MeterValueSampleInterval", "10");
    bench.reply_once("StartTransaction", Reply::Error("InternalError"));
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(11 * SECOND);
    assert_eq!(bench.find_call("MeterValues")["transactionId"], -1);
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], -1);
}
