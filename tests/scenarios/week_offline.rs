//! A week without a connection at the limit of the queue (docs/storage.md, "When room runs out"):
//! readings are thinned evenly, then starts are refused, and what began is billed.

use ocpp::{
    domain::Reason,
    limits::JOURNAL_SLOTS,
    station::{Input, Refused},
};
use serde_json::Value;

use crate::support::{Bench, HOUR, MINUTE, SECOND, Sent, id_tag, sampled};

const DAY: u64 = 24 * HOUR;
/// Start and Stop of each.
const TRANSACTIONS: usize = JOURNAL_SLOTS / 2;

fn offline() -> Bench {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench.set("MeterValueSampleInterval", "120");
    bench.disconnect();
    bench.forget();
    bench
}

fn of<'c>(calls: &'c [Sent], action: &'c str) -> impl Iterator<Item = &'c Value> {
    let calls = calls.iter().filter(move |call| call.action == action);
    calls.map(|call| &call.payload)
}

/// A thousand drivers come in a week, some ten minutes apart, to two connectors: what happened to
/// each that was let in.
fn thousand_drivers(bench: &mut Bench) -> Vec<(u8, i32, i32)> {
    let mut billed = Vec::new();
    for driver in 0..1_000 {
        let connector = 1 + driver % 2;
        let start = bench.input(Input::Start {
            connector: connector as u8,
            id_tag: &id_tag("DRIVER"),
        });
        let meter_start = bench.register(connector as u8);
        bench.advance(9 * MINUTE);
        match start {
            Ok(()) => {
                bench.stop(connector as u8, Reason::Local);
                let meter_stop = bench.register(connector as u8);
                billed.push((connector as u8, meter_start, meter_stop));
            }
            Err(refused) => assert_eq!(refused, Refused::Full),
        }
        bench.advance(64 * SECOND);
    }
    billed
}

#[test]
fn a_thousand_drivers_come_and_as_many_charge_as_there_is_room_for() {
    let mut bench = offline();
    let begin = bench.now();
    let billed = thousand_drivers(&mut bench);
    let length = bench.now() - begin;
    assert!((69 * DAY / 10..71 * DAY / 10).contains(&length), "{length}");
    // Every slot holds a start or a stop; no reading is left.
    assert_eq!(billed.len(), TRANSACTIONS);
    assert_eq!(bench.queued(), 2 * TRANSACTIONS);
    // A power loss at the end of the week takes nothing of it.
    bench.power_loss();
    assert_eq!(bench.queued(), 2 * TRANSACTIONS);
    bench.forget();
    bench.reconnect();
    bench.advance(MINUTE);
    let calls = bench.take_transaction_messages();
    let told: Vec<_> = of(&calls, "StartTransaction")
        .zip(of(&calls, "StopTransaction"))
        .map(|(start, stop)| {
            let number = |value: &Value| value.as_i64().unwrap() as i32;
            let connector = start["connectorId"].as_u64().unwrap() as u8;
            let (meter_start, meter_stop) = (&start["meterStart"], &stop["meterStop"]);
            (connector, number(meter_start), number(meter_stop))
        })
        .collect();
    assert_eq!(told, billed);
    assert_eq!(of(&calls, "MeterValues").count(), 0);
    assert_eq!(bench.queued(), 0);
    // There is room again.
    bench.charge(1, "DRIVER");
}

/// Minutes between readings that are told one after the other.
fn gaps(calls: &[Sent], begin: u64, bench: &Bench) -> Vec<u64> {
    let minute = |value: &Value| {
        let told = value["meterValue"][0]["timestamp"].as_str().unwrap();
        (0..8 * DAY / MINUTE)
            .find(|minute| bench.utc_at(begin + minute * MINUTE) == told)
            .unwrap()
    };
    let minutes: Vec<u64> = of(calls, "MeterValues").map(minute).collect();
    minutes.windows(2).map(|two| two[1] - two[0]).collect()
}

#[test]
fn readings_of_a_week_are_thinned_evenly() {
    let mut bench = offline();
    let begin = bench.now();
    bench.start(1, "DRIVER");
    bench.advance(7 * DAY);
    bench.stop(1, Reason::Local);
    let register = bench.register(1);
    assert_eq!(bench.queued(), JOURNAL_SLOTS);
    bench.reconnect();
    bench.advance(MINUTE);
    let calls = bench.take_transaction_messages();
    let gaps = gaps(&calls, begin, &bench);
    assert_eq!(gaps.len() + 1, JOURNAL_SLOTS - 2);
    // Twenty minutes each would be even. The newest may be closer: it is always kept.
    let (_, gaps) = gaps.split_last().unwrap();
    let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
    assert!((10..=20).contains(least), "{gaps:?}");
    assert!((20..=40).contains(most), "{gaps:?}");
    let stop = of(&calls, "StopTransaction").next().unwrap();
    assert_eq!(stop["meterStop"], register);
    let last = of(&calls, "MeterValues").last().unwrap();
    assert_eq!(sampled(last)[0]["value"], register.to_string());
}

#[test]
fn a_transaction_that_runs_keeps_the_room_for_its_end() {
    let mut bench = offline();
    bench.start(1, "LONG");
    let mut charged = 0;
    while bench.input(Input::Start {
        connector: 2,
        id_tag: &id_tag("SHORT"),
    }) == Ok(())
    {
        bench.advance(2 * SECOND);
        bench.stop(2, Reason::Local);
        charged += 1;
    }
    // Its own two, and two for each of the others: not one more fits.
    assert_eq!(charged, TRANSACTIONS - 1);
    bench.advance(HOUR);
    assert!(bench.has_energy(1));
    bench.stop(1, Reason::Local);
    assert!(!bench.is_charging(1));
    let register = bench.register(1);
    bench.reconnect();
    bench.advance(MINUTE);
    let calls = bench.take_transaction_messages();
    let last = of(&calls, "StopTransaction").last().unwrap();
    assert_eq!(last["meterStop"], register);
    assert_eq!(of(&calls, "StopTransaction").count(), TRANSACTIONS);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn the_clock_does_not_wrap_in_the_weeks_that_milliseconds_in_32_bits_would_last() {
    let mut bench = offline();
    bench.set_register(1, 0);
    bench.power(1, 100);
    bench.advance(49 * DAY);
    bench.start(1, "DRIVER");
    let begin = bench.utc();
    bench.advance(2 * DAY);
    bench.stop(1, Reason::Local);
    let end = bench.utc();
    bench.reconnect();
    bench.advance(MINUTE);
    let calls = bench.take_transaction_messages();
    let start = of(&calls, "StartTransaction").next().unwrap();
    let stop = of(&calls, "StopTransaction").next().unwrap();
    assert_eq!(start["timestamp"], begin);
    assert_eq!(stop["timestamp"], end);
    assert_eq!(stop["meterStop"], 4_800);
}
