//! Contactors, late meters, and readings that meet others.

use ocpp::{
    domain::{Measurand, Reason, Status},
    limits::RECOVERY_METER_TIMEOUT_MS,
    station::{Event, Reading},
};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, Reply, SECOND, Setup, sampled};

const OPEN: Event = Event::Energy {
    connector: 1,
    allowed: false,
};

fn assert_in_order(bench: &Bench, first: &Event, then: &Event) {
    let place = |event| bench.events().iter().position(|other| other == event);
    let (first_at, then_at) = (place(first), place(then));
    assert!(first_at.is_some(), "no {first:?}");
    assert!(then_at.is_some(), "no {then:?}");
    assert!(first_at < then_at, "{then:?} before {first:?}");
}

fn one_connector() -> Bench {
    Bench::with(Setup {
        connectors: 1,
        ..Setup::default()
    })
}

/// When and why MeterValues were sent of connector 1: seconds since `begin`, and the context.
fn moments(bench: &mut Bench, begin: u64) -> Vec<(u64, String)> {
    let calls = bench.all_calls("MeterValues");
    let of_1 = calls.iter().filter(|call| call["connectorId"] == 1);
    let moments = of_1.map(|call| {
        let said = call["meterValue"][0]["timestamp"].as_str().unwrap();
        let mut seconds = 0..600;
        let second = seconds.find(|second| bench.utc_at(begin + second * SECOND) == said);
        let context = sampled(call)[0]["context"].as_str().unwrap().to_owned();
        (second.unwrap_or_else(|| panic!("{said}")), context)
    });
    moments.collect()
}

/// The bench at a whole minute, and when that is.
fn at_a_whole_minute(bench: &mut Bench) -> u64 {
    bench.advance(MINUTE - bench.now() % MINUTE);
    bench.forget();
    bench.now()
}

#[test]
fn the_contactor_opens_before_the_cable_is_unlocked() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    let answer = bench.status_of("UnlockConnector", json!({ "connectorId": 1 }));
    assert_eq!(answer, "Unlocked");
    assert_in_order(&bench, &OPEN, &Event::Unlock(1));
}

#[test]
fn the_contactor_opens_before_the_cable_of_a_vehicle_that_was_unplugged_is_unlocked() {
    let mut bench = Bench::new();
    bench.set("UnlockConnectorOnEVSideDisconnect", "true");
    bench.charge(1, "ANN");
    bench.unplug(1);
    assert_in_order(&bench, &OPEN, &Event::Unlock(1));
}

#[test]
fn a_cable_that_came_after_the_start_takes_the_energy_with_it_when_it_goes() {
    let mut bench = Bench::new();
    bench.set("StopTransactionOnEVSideDisconnect", "false");
    bench.start(1, "ANN");
    assert!(bench.has_energy(1));
    bench.plug(1);
    assert!(bench.has_energy(1));
    bench.unplug(1);
    assert!(!bench.has_energy(1));
    assert!(bench.is_charging(1));
    assert_eq!(bench.status(1), Some(Status::SuspendedEv));
    bench.plug(1);
    assert!(bench.has_energy(1));
    assert_eq!(bench.status(1), Some(Status::Charging));
}

#[test]
fn a_meter_that_is_late_after_the_boot_does_not_bill_from_zero() {
    let mut bench = Bench::new();
    bench.set_register(1, 1_234_567);
    bench.break_meter(1);
    bench.plug(1);
    bench.tag(1, "ANN");
    bench.advance(2 * SECOND);
    assert_eq!(bench.status(1), Some(Status::Preparing));
    assert!(!bench.has_energy(1));
    // It speaks, but not of what bills.
    bench.tell_meter(1, &[Reading::of(Measurand::PowerActiveImport, 0)]);
    bench.advance(2 * SECOND);
    assert!(!bench.has_energy(1));
    assert!(bench.all_calls("StartTransaction").is_empty());
    bench.read_meter(1);
    let start = bench.find_call("StartTransaction");
    assert_eq!(start["meterStart"], 1_234_567);
    assert!(bench.has_energy(1));
    bench.advance(MINUTE);
    bench.read_meter(1);
    bench.tag(1, "ANN");
    bench.advance(SECOND);
    let stop = bench.find_call("StopTransaction");
    assert_eq!(stop["meterStop"], 1_234_567 + 120);
}

#[test]
fn a_meter_that_is_late_is_asked_again_and_again() {
    let mut bench = Bench::new();
    bench.break_meter(1);
    bench.plug(1);
    bench.tag(1, "ANN");
    bench.forget();
    bench.advance(10 * SECOND);
    let asked = bench.events().iter();
    let asked = asked.filter(|event| **event == Event::MeterWanted(1));
    assert!((5..=11).contains(&asked.count()));
}

#[test]
fn the_last_reading_is_of_an_open_contactor_though_another_was_awaited() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    bench.break_meter(1);
    bench.advance(MINUTE);
    assert!(bench.saw(&Event::MeterWanted(1)), "no sample was due");
    bench.forget();
    bench.stop(1, Reason::Local);
    assert_in_order(&bench, &OPEN, &Event::MeterWanted(1));
    bench.advance(SECOND / 2);
    bench.set_register(1, 1_130);
    bench.read_meter(1);
    assert_eq!(bench.find_call("StopTransaction")["meterStop"], 1_130);
}

#[test]
fn the_last_reading_has_its_whole_time_though_another_was_awaited() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    bench.break_meter(1);
    bench.advance(MINUTE + 900);
    bench.stop(1, Reason::Local);
    bench.advance(900);
    assert!(bench.all_calls("StopTransaction").is_empty());
    bench.set_register(1, 1_130);
    bench.read_meter(1);
    assert_eq!(bench.find_call("StopTransaction")["meterStop"], 1_130);
}

#[test]
fn a_slow_answer_to_clock_aligned_values_does_not_swallow_those_of_the_next_moment() {
    let mut bench = one_connector();
    bench.set("ClockAlignedDataInterval", "10");
    let begin = at_a_whole_minute(&mut bench);
    let slow = Reply::Result(json!({})).after(12 * SECOND);
    bench.reply_always("MeterValues", slow);
    bench.advance(45 * SECOND);
    let seconds: Vec<_> = moments(&mut bench, begin)
        .into_iter()
        .map(|(second, _)| second)
        .collect();
    assert!(seconds.ends_with(&[10, 20, 30]), "{seconds:?}");
}

#[test]
fn a_failed_answer_to_clock_aligned_values_does_not_swallow_those_of_the_next_moment() {
    let mut bench = one_connector();
    bench.set("ClockAlignedDataInterval", "10");
    let begin = at_a_whole_minute(&mut bench);
    bench.advance(SECOND);
    bench.forget();
    let failed = Reply::Error("InternalError").after(12 * SECOND);
    bench.reply_once("MeterValues", failed);
    bench.advance(25 * SECOND);
    let moments = moments(&mut bench, begin);
    let seconds: Vec<_> = moments.iter().map(|(second, _)| *second).collect();
    assert_eq!(seconds, [10, 20]);
}

#[test]
fn clock_aligned_values_and_triggered_ones_do_not_take_each_others_place() {
    let trigger = json!({ "requestedMessage": "MeterValues", "connectorId": 1 });
    // Both wait behind a driver who is asked for.
    let mut bench = one_connector();
    bench.set("ClockAlignedDataInterval", "60");
    let begin = at_a_whole_minute(&mut bench);
    bench.advance(57 * SECOND);
    let slow = Reply::Result(json!({ "idTagInfo": { "status": "Invalid" } }));
    bench.reply_once("Authorize", slow.after(5 * SECOND));
    bench.tag(1, "ANN");
    assert_eq!(
        bench.status_of("TriggerMessage", trigger.clone()),
        "Accepted"
    );
    bench.advance(10 * SECOND);
    let expected = [(57, "Trigger".to_owned()), (60, "Sample.Clock".to_owned())];
    assert_eq!(moments(&mut bench, begin), expected);
    // The one of the clock is on its way when the other one is asked for, and the other way
    // round.
    let slow = Reply::Result(json!({})).after(5 * SECOND);
    bench.reply_always("MeterValues", slow);
    bench.advance(54 * SECOND);
    assert_eq!(
        bench.status_of("TriggerMessage", trigger.clone()),
        "Accepted"
    );
    bench.advance(10 * SECOND);
    let expected = [
        (120, "Sample.Clock".to_owned()),
        (121, "Trigger".to_owned()),
    ];
    assert_eq!(moments(&mut bench, begin), expected);
    bench.advance(47 * SECOND);
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    bench.advance(20 * SECOND);
    let expected = [
        (178, "Trigger".to_owned()),
        (180, "Sample.Clock".to_owned()),
    ];
    assert_eq!(moments(&mut bench, begin), expected);
}

#[test]
fn the_register_is_saved_every_minute_though_its_readings_come_with_jitter() {
    for seconds in [179, 239, 299, 359] {
        let mut bench = Bench::new();
        bench.set("MeterValueSampleInterval", "0");
        bench.charge(1, "ANN");
        bench.break_meter(1);
        // The meter answers after 0.1 and 0.5 s in turn.
        let mut answers = 0;
        let end = bench.now() + seconds * SECOND;
        while bench.now() < end {
            bench.advance(100);
            if bench.saw(&Event::MeterWanted(1)) {
                answers += 1;
                bench.advance(if answers % 2 == 0 { 0 } else { 400 });
                bench.read_meter(1);
            }
            bench.forget();
        }
        let register = bench.register(1);
        // It is silent after the boot: what was saved is billed.
        bench.power_loss();
        bench.advance(RECOVERY_METER_TIMEOUT_MS);
        let stop: Value = bench.find_call("StopTransaction");
        let lost = i64::from(register) - stop["meterStop"].as_i64().unwrap();
        // 7.2 kW are 2 Wh a second.
        assert!((0..=122).contains(&lost), "{lost} Wh after {seconds} s");
    }
}
