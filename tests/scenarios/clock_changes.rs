//! The clock is set while transactions run: forward applies at once, and after a step back no time
//! stamp of a transaction is earlier than the one before it. What began before the time was known
//! has its right time, also after a power loss.

use ocpp::{
    domain::Reason,
    station::{Event, Input},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, SECOND, Sent, Setup};

/// The time is set by a clock of the charge point that is so many milliseconds ahead.
fn set_clock(bench: &mut Bench, ahead: i64) {
    let utc = bench.unix_millis() + ahead;
    assert_eq!(bench.input(Input::Time(utc)), Ok(()));
    bench.clock_error = ahead;
}

/// The time stamps of a transaction message, transactionData first.
fn stamps(call: &Sent) -> Vec<String> {
    let list = ["transactionData", "meterValue"].map(|name| call.payload[name].as_array());
    let values = list.into_iter().flatten().flatten();
    let stamps = values.chain([&call.payload]).map(|part| &part["timestamp"]);
    stamps
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// All time stamps of transaction messages of a connector, in the order of the wire. StopTransaction
/// is that of the connector whose transactionId it has.
fn all_stamps(calls: &[Sent], connector: u8, transaction_id: u64) -> Vec<String> {
    let own = calls.iter().filter(|call| {
        call.payload["connectorId"] == connector || call.payload["transactionId"] == transaction_id
    });
    own.flat_map(stamps).collect()
}

#[test]
fn forward_applies_at_once() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(30 * SECOND);
    set_clock(&mut bench, 7_200_000);
    bench.advance(30 * SECOND);
    let sample = bench.find_call("MeterValues");
    assert_eq!(sample["meterValue"][0]["timestamp"], bench.utc());
    bench.tag(1, "TAG");
    assert_eq!(bench.find_call("StopTransaction")["timestamp"], bench.utc());
}

#[test]
fn back_no_time_stamp_is_earlier_than_the_one_before_it() {
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge_quietly(1, "ONE");
    bench.advance(90 * SECOND);
    let until = bench.utc_at(bench.now() - 30 * SECOND);
    set_clock(&mut bench, -600_000);
    // Another transaction begins by the new clock: each has a time of its own.
    bench.charge_quietly(2, "TWO");
    let two = bench.utc();
    bench.advance(5 * MINUTE);
    let trigger = json!({ "requestedMessage": "MeterValues", "connectorId": 1 });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    bench.advance(SECOND);
    bench.tag(2, "TWO");
    let two_ended = bench.utc();
    bench.advance(30 * SECOND);
    bench.tag(1, "ONE");
    let calls = bench.take_transaction_messages();

    let first = all_stamps(&calls, 1, 101);
    assert!(first.len() > 10, "{first:?}");
    // transactionData is of the whole transaction, and told with its end.
    let (values, end): (Vec<&Sent>, Vec<&Sent>) = calls
        .iter()
        .partition(|call| call.action != "StopTransaction");
    let values: Vec<Sent> = values.into_iter().cloned().collect();
    let values = all_stamps(&values, 1, 101);
    assert!(values.is_sorted(), "{values:?}");
    assert_eq!(*values.last().unwrap(), until);
    let end = end.iter().find(|call| call.payload["transactionId"] == 101);
    let data = stamps(end.unwrap());
    assert!(data.is_sorted(), "{data:?}");
    assert_eq!(*data.last().unwrap(), until);

    let second = all_stamps(&calls, 2, 102);
    assert_eq!(second.first(), Some(&two));
    assert_eq!(second.last(), Some(&two_ended));
}

#[test]
fn a_clock_that_has_caught_up_goes_on() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(MINUTE + SECOND);
    set_clock(&mut bench, -90_000);
    bench.advance(10 * MINUTE);
    let values = bench.all_sent("MeterValues");
    let told: Vec<String> = values.iter().flat_map(stamps).collect();
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(told[0], told[1]);
    let last = values.last().unwrap();
    assert_eq!(stamps(last), [bench.utc_at(last.at)]);
}

#[test]
fn back_and_then_a_power_loss_ends_no_earlier_than_what_was_told() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(MINUTE + SECOND);
    let told = bench.utc_at(bench.now() - SECOND);
    set_clock(&mut bench, -3_600_000);
    bench.advance(3 * MINUTE);
    bench.forget();
    bench.power_loss();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["reason"], &stop["timestamp"]),
        (&json!("PowerLoss"), &json!(told))
    );
}

#[test]
fn known_at_first_and_set_back_at_once_no_time_stamp_is_earlier_either() {
    let mut bench = Bench::cold(Setup::default());
    bench.disconnect();
    bench.power_loss();
    bench.start(1, "TAG");
    bench.advance(MINUTE);
    set_clock(&mut bench, 3_600_000);
    set_clock(&mut bench, 0);
    bench.advance(MINUTE);
    bench.reconnect();
    bench.stop(1, Reason::Local);
    let calls = bench.take_transaction_messages();
    let told = all_stamps(&calls, 1, 101);
    assert!(told.len() > 3 && told.is_sorted(), "{told:?}");
}

/// A charge point that has no connection, and does not know the time.
fn without_a_clock() -> Bench {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "0");
    bench.power_off();
    bench.disconnect();
    bench.power_on();
    bench
}

/// The connection is there again, and the time with it.
fn connect(bench: &mut Bench) {
    bench.allow_connections();
    assert!(bench.connect_now());
    assert!(bench.is_online());
}

#[test]
fn a_transaction_older_than_the_known_time_ends_in_a_power_loss_when_it_was_known_to_run() {
    let mut bench = without_a_clock();
    bench.advance(20 * SECOND);
    bench.start(1, "TAG");
    let begin = bench.now();
    bench.advance(10 * SECOND);
    connect(&mut bench);
    let start = bench.find_call("StartTransaction");
    assert_eq!(start["timestamp"], bench.utc_at(begin));
    bench.advance(5 * SECOND);
    bench.power_off();
    bench.advance(10 * MINUTE);
    bench.power_on();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(
        (&stop["reason"], &stop["timestamp"]),
        (&json!("PowerLoss"), &json!(bench.utc_at(begin)))
    );
}

#[test]
fn the_end_that_waits_for_a_register_gets_the_time_of_the_boot_that_knew_it() {
    let mut bench = without_a_clock();
    bench.start(1, "TAG");
    bench.advance(10 * SECOND);
    bench.power_off();
    bench.advance(MINUTE);
    bench.break_meter(1);
    bench.power_on();
    let boot = bench.now();
    bench.advance(2 * SECOND);
    connect(&mut bench);
    bench.advance(5 * SECOND);
    bench.power_off();
    bench.advance(10 * MINUTE);
    bench.mend_meter(1);
    bench.power_on();
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["timestamp"], bench.utc_at(boot));
}

#[test]
fn a_time_that_storage_did_not_take_is_stored_with_the_next_one() {
    let mut bench = without_a_clock();
    bench.start(1, "TAG");
    let begin = bench.now();
    bench.disk.fail(true);
    set_clock(&mut bench, 0);
    bench.disk.fail(false);
    set_clock(&mut bench, 0);
    bench.power_off();
    bench.advance(HOUR);
    bench.allow_connections();
    bench.power_on();
    bench.advance(MINUTE);
    for action in ["StartTransaction", "StopTransaction"] {
        let call = bench.find_call(action);
        assert_eq!(call["timestamp"], bench.utc_at(begin), "{action}");
    }
}

#[test]
fn two_states_of_a_connector_never_have_one_time_stamp() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.tag(1, "TAG");
    let reports = bench.all_calls("StatusNotification");
    let states: Vec<_> = reports.iter().map(|report| &report["status"]).collect();
    assert_eq!(states, ["Preparing", "Charging"]);
    assert!(reports[0]["timestamp"].as_str() < reports[1]["timestamp"].as_str());
}

#[test]
fn a_clock_that_is_centuries_off_does_no_harm() {
    for time in [i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX] {
        let mut bench = Bench::new();
        bench.set("ClockAlignedDataInterval", "60");
        bench.set("HeartbeatInterval", "600");
        let input = Input::Time(time);
        assert_eq!(bench.input(input), Ok(()), "{time}");
        bench.advance(2 * MINUTE);
        bench.charge(1, "ANN");
        bench.advance(10 * MINUTE);
        bench.tag(1, "ANN");
        let stop = bench.find_call("StopTransaction");
        assert_eq!(stop["meterStop"], 2_200, "{time}");
        // The central system knows better.
        let trigger = json!({ "requestedMessage": "Heartbeat" });
        assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
        bench.advance(0);
        bench.forget();
        bench.advance(5 * MINUTE);
        let values = bench.all_calls("MeterValues");
        let minutes: Vec<_> = values
            .iter()
            .filter(|call| call["connectorId"] == 1)
            .map(|call| &call["meterValue"][0]["timestamp"])
            .collect();
        assert_eq!(minutes.len(), 5, "{time}: {minutes:?}");
        let begin = bench.utc_at(bench.now() - 5 * MINUTE);
        let within = |minute: &&Value| minute.as_str().unwrap() > begin.as_str();
        assert!(minutes.iter().all(within), "{time}: {minutes:?}");
    }
}

#[test]
fn a_clock_that_was_centuries_off_before_the_boot_is_set_by_its_answer() {
    for time in [i64::MIN, i64::MAX] {
        let mut bench = Bench::cold(Setup::default());
        let input = Input::Time(time);
        assert_eq!(bench.input(input), Ok(()), "{time}");
        bench.advance(SECOND);
        bench.expect_boot();
        assert!(bench.events().iter().any(|e| matches!(e, Event::Time(_))));
        bench.charge(1, "ANN");
        bench.advance(HOUR);
        bench.tag(1, "ANN");
        let now = bench.utc();
        assert_eq!(bench.find_call("StopTransaction")["timestamp"], now);
    }
}
