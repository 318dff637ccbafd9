//! What the meter still knows after a power loss in a transaction is billed (OCPP 1.6, 4.10): the end
//! waits for the register, and for no longer than it may.

use ocpp::{
    domain::Measurand,
    limits::RECOVERY_METER_TIMEOUT_MS,
    station::{Event, Input, Reading, TransactionState},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, SECOND, id_tag};

/// Charges at connector 1 for 50 s at 22 kW without any sample, then power is lost: when it began.
fn cut_off(bench: &mut Bench) -> String {
    bench.set("MeterValueSampleInterval", "0");
    bench.power(1, 22_000);
    bench.charge(1, "TAG");
    let begin = bench.utc();
    bench.advance(50 * SECOND);
    bench.forget();
    bench.power_off();
    begin
}

fn the_stop(bench: &mut Bench) -> Value {
    let stops = bench.all_calls("StopTransaction");
    let [stop] = stops.as_slice() else {
        panic!("one end, not {stops:#?}");
    };
    assert_eq!(stop["reason"], "PowerLoss");
    assert_eq!(stop["transactionId"], 101);
    stop.clone()
}

#[test]
fn the_end_is_that_of_the_register_after_the_boot() {
    let mut bench = Bench::new();
    let begin = cut_off(&mut bench);
    bench.power_on();
    // 22 kW for 50 s. The time is the last known one.
    let stop = the_stop(&mut bench);
    assert_eq!(
        (&stop["meterStop"], &stop["timestamp"]),
        (&json!(1_305), &json!(begin))
    );
    bench.charge_quietly(1, "NEXT");
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 1_305);
    bench.power_loss();
    bench.advance(HOUR);
    // That of the next one.
    assert_eq!(bench.all_calls("StopTransaction").len(), 1);
}

#[test]
fn a_meter_that_speaks_late_is_waited_for() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.advance(RECOVERY_METER_TIMEOUT_MS - 2 * SECOND);
    assert!(bench.is_online());
    assert!(bench.all_calls("StopTransaction").is_empty());
    bench.mend_meter(1);
    bench.advance(SECOND);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
}

#[test]
fn the_application_may_tell_the_register_before_it_is_asked() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.read_meter(1);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
}

#[test]
fn a_meter_that_never_speaks_is_not_waited_for_any_longer() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.advance(RECOVERY_METER_TIMEOUT_MS - 1);
    assert!(bench.all_calls("StopTransaction").is_empty());
    bench.advance(1);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_000);
    // The next one begins where the meter is when it speaks.
    bench.plug(1);
    bench.tag(1, "NEXT");
    bench.advance(MINUTE);
    assert!(bench.all_calls("StartTransaction").is_empty());
    bench.mend_meter(1);
    bench.advance(SECOND);
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 1_305);
}

#[test]
fn a_register_below_the_stored_one_is_that_of_another_meter() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.set_register(1, 999);
    bench.power_on();
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_000);
    bench.charge_quietly(1, "NEXT");
    assert_eq!(bench.find_call("StartTransaction")["meterStart"], 999);
}

#[test]
fn power_lost_again_while_the_register_is_awaited_ends_it_once() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    for _ in 0..5 {
        bench.power_on();
        bench.advance(RECOVERY_METER_TIMEOUT_MS - SECOND);
        bench.power_off();
    }
    bench.mend_meter(1);
    bench.power_on();
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
    bench.power_loss();
    bench.advance(HOUR);
    assert!(bench.all_calls("StopTransaction").is_empty());
}

#[test]
fn nothing_begins_at_the_connector_before_that() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.advance(5 * SECOND);
    bench.start(1, "NEXT");
    bench.advance(10 * SECOND);
    assert!(!bench.has_energy(1));
    // The other connector does not wait.
    bench.start(2, "OTHER");
    bench.advance(SECOND);
    assert!(bench.has_energy(2));
    bench.mend_meter(1);
    bench.forget();
    bench.advance(SECOND);
    let told = bench.take_transaction_messages();
    let told: Vec<_> = told
        .iter()
        .map(|call| {
            let register = ["meterStop", "meterStart"].map(|name| call.payload[name].as_i64());
            (call.action.as_str(), register[0].or(register[1]))
        })
        .collect();
    let expected = [
        ("StopTransaction", Some(1_305)),
        ("StartTransaction", Some(1_305)),
    ];
    assert_eq!(told, expected);
    assert!(bench.has_energy(1));
    let states = bench.transaction_states(1);
    assert_eq!(
        states[..2],
        [TransactionState::Stopped, TransactionState::Started]
    );
}

#[test]
fn a_start_that_is_withdrawn_before_that_leaves_the_end_to_be_told() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.start(1, "NEXT");
    bench.stop(1, ocpp::domain::Reason::Local);
    bench.mend_meter(1);
    bench.advance(2 * SECOND);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
    assert!(bench.all_calls("StartTransaction").is_empty());
}

#[test]
fn a_start_is_refused_where_the_end_before_it_cannot_be_stored() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.start(1, "NEXT");
    bench.disk.fill_up();
    bench.mend_meter(1);
    bench.advance(5 * SECOND);
    assert!(!bench.is_charging(1));
    assert!(bench.take_transaction_messages().is_empty());
    bench.disk.limit(usize::MAX);
    bench.advance(10 * SECOND);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
}

#[test]
fn readings_without_a_register_end_nothing_and_are_asked_for_in_peace() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.break_meter(1);
    bench.power_on();
    bench.forget();
    for _ in 0..10 {
        bench.tell_meter(1, &[Reading::of(Measurand::PowerActiveImport, 0)]);
        bench.advance(SECOND);
    }
    let asked = bench.events().iter();
    let asked = asked
        .filter(|event| **event == Event::MeterWanted(1))
        .count();
    assert!((5..=12).contains(&asked), "{asked}");
    assert!(bench.all_calls("StopTransaction").is_empty());
    bench.read_meter(1);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_305);
}

#[test]
fn a_meter_without_a_register_is_asked_in_peace_for_a_start_as_well() {
    let mut bench = Bench::new();
    bench.break_meter(1);
    bench.start(1, "TAG");
    bench.forget();
    for _ in 0..10 {
        bench.tell_meter(1, &[Reading::of(Measurand::PowerActiveImport, 0)]);
        bench.advance(SECOND);
    }
    let asked = bench.events().iter();
    let asked = asked
        .filter(|event| **event == Event::MeterWanted(1))
        .count();
    assert!((5..=12).contains(&asked), "{asked}");
    bench.mend_meter(1);
    bench.advance(SECOND);
    bench.find_call("StartTransaction");
}

#[test]
fn the_readings_for_its_end_wait_with_it() {
    let mut bench = Bench::new();
    bench.set("StopTxnSampledData", "Energy.Active.Import.Register");
    bench.charge(1, "TAG");
    bench.advance(2 * MINUTE + 30 * SECOND);
    bench.forget();
    bench.break_meter(1);
    bench.power_loss();
    bench.advance(10 * SECOND);
    bench.mend_meter(1);
    bench.advance(SECOND);
    let stop = the_stop(&mut bench);
    assert_eq!(stop["meterStop"], 1_300);
    // That of the start, and two samples.
    assert_eq!(stop["transactionData"].as_array().unwrap().len(), 3);
}

#[test]
fn its_place_in_the_queue_is_kept() {
    let mut bench = Bench::new();
    cut_off(&mut bench);
    bench.disconnect();
    bench.break_meter(1);
    bench.power_on();
    // Until there is no room for another.
    let start = Input::Start {
        connector: 2,
        id_tag: &id_tag("OTHER"),
    };
    while bench.input(start) == Ok(()) {
        bench.stop(2, ocpp::domain::Reason::Local);
    }
    bench.mend_meter(1);
    bench.advance(SECOND);
    bench.reconnect();
    bench.advance(MINUTE);
    let stops = bench.all_calls("StopTransaction");
    let own = stops.iter().find(|stop| stop["transactionId"] == 101);
    assert_eq!(own.unwrap()["meterStop"], 1_305);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_connector_that_is_there_no_more_has_no_meter_to_wait_for() {
    let mut bench = Bench::new();
    bench.charge(2, "TAG");
    bench.advance(MINUTE + 20 * SECOND);
    bench.forget();
    bench.power_off();
    bench.power_on_with(1);
    assert_eq!(the_stop(&mut bench)["meterStop"], 1_120);
}
