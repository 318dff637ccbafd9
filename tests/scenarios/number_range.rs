//! Records are put in order by numbers, and the numbers have an end (docs/storage.md). No record is
//! written with a number that the next boot takes for damage, and no transaction is taken for another
//! that has the same.

use ocpp::{
    domain::Reason,
    limits::CONNECTORS,
    station::{Event, Input, Refused},
    storage::RecordId,
};

use crate::support::{Bench, MINUTE, SECOND, id_tag};

/// The last number that a record may have.
const LAST: u32 = 0xf000_0000;
const SLOT: RecordId = RecordId(0x2000);
/// The boot that left what a test begins with.
const LEFT_BY: u32 = 0xc0de;

/// StopTransaction of a transaction long ago, which waits with that number in a journal that was
/// empty.
fn leave(bench: &mut Bench, sequence: u32) {
    bench.power_off();
    let mut record = vec![1, 3, 2];
    for number in [sequence, sequence - 1, LEFT_BY, 5, 0] {
        record.extend(number.to_le_bytes());
    }
    record.extend(bench.unix_millis().to_le_bytes());
    // Local, the register, no idTag.
    record.push(4);
    record.extend(740_i32.to_le_bytes());
    record.push(0xff);
    bench.disk.put(SLOT, &record);
    bench.power_on();
    assert!(!skips(bench));
}

fn skips(bench: &Bench) -> bool {
    let mut events = bench.events().iter();
    events.any(|event| matches!(event, Event::RecordSkipped(_)))
}

/// Numbers of the journal records that the station has written since the bench was made.
fn numbers(bench: &Bench) -> Vec<u32> {
    let written = bench.disk.written();
    let records = written.iter().filter(|written| written.id.0 >> 12 == 2);
    let records = records.filter_map(|written| written.record.as_ref());
    // Not that which was left: the boot in its message id tells it.
    let records = records.filter(|record| record[11..15] != LEFT_BY.to_le_bytes());
    let number = |record: &Vec<u8>| u32::from_le_bytes(record[3..7].try_into().unwrap());
    records.map(number).collect()
}

/// A transaction of two minutes at connector 1, of which everything is told.
fn session(bench: &mut Bench, id_tag: &str) {
    bench.forget();
    bench.start(1, id_tag);
    bench.advance(2 * MINUTE);
    bench.stop(1, Reason::Local);
    bench.advance(SECOND);
    let told = bench.take_transaction_messages();
    let actions: Vec<_> = told.iter().map(|call| call.action.as_str()).collect();
    let expected = [
        "StartTransaction",
        "MeterValues",
        "MeterValues",
        "StopTransaction",
    ];
    assert_eq!(actions, expected);
    assert_eq!(bench.queued(), 0);
}

#[test]
fn numbers_begin_again_once_nothing_is_left_that_they_put_in_order() {
    let mut bench = Bench::new();
    session(&mut bench, "ONE");
    assert_eq!(numbers(&bench), [1, 2, 3, 4]);
    leave(&mut bench, LAST - 1_000);
    bench.find_call("StopTransaction");
    // The transaction with number 1 is still known at connector 1.
    session(&mut bench, "TWO");
    assert_eq!(numbers(&bench)[4..], [2, 3, 4, 5]);
    bench.power_loss();
    session(&mut bench, "THREE");
    // And what is cut off is ended, as ever.
    bench.start(1, "FOUR");
    bench.advance(MINUTE);
    bench.forget();
    bench.power_loss();
    assert_eq!(bench.find_call("StopTransaction")["reason"], "PowerLoss");
    assert!(!skips(&bench));
}

#[test]
fn a_high_number_that_a_connector_remembers_does_not_bring_the_others_back_up() {
    let mut bench = Bench::new();
    bench.disconnect();
    leave(&mut bench, LAST - 1_000);
    // Answered with that number, which the connector remembers.
    bench.start(1, "ONE");
    bench.reconnect();
    bench.advance(SECOND);
    bench.stop(1, Reason::Local);
    bench.advance(SECOND);
    assert_eq!(bench.queued(), 0);
    let before = numbers(&bench);
    assert_eq!(before[0], LAST - 999);
    bench.power_loss();
    session(&mut bench, "TWO");
    assert_eq!(numbers(&bench)[before.len()..], [1, 2, 3, 4]);
}

#[test]
fn at_the_end_of_the_numbers_what_runs_ends_and_nothing_begins() {
    let mut bench = Bench::new();
    bench.disconnect();
    let last_start = LAST - 2 * u32::try_from(CONNECTORS).unwrap();
    leave(&mut bench, last_start - 2);
    bench.start(1, "ONE");
    bench.start(2, "TWO");
    bench.advance(5 * MINUTE);
    bench.stop(1, Reason::Local);
    let start = Input::Start {
        connector: 1,
        id_tag: &id_tag("THREE"),
    };
    assert_eq!(bench.input(start), Err(Refused::Full));
    // The end of the other, which power cuts off, has its number, too.
    bench.forget();
    bench.power_loss();
    assert!(!skips(&bench));
    bench.advance(SECOND);
    assert!(!bench.is_charging(2));
    assert_eq!(bench.input(start), Err(Refused::Full));
    let given = numbers(&bench);
    let expected: Vec<u32> = (last_start - 1..=last_start + 2).collect();
    assert_eq!(given, expected);
    // All of it is there after another boot.
    bench.forget();
    bench.power_loss();
    assert!(!skips(&bench));
    bench.reconnect();
    bench.advance(MINUTE);
    let told = bench.take_transaction_messages();
    let count = |action| told.iter().filter(|call| call.action == action).count();
    assert_eq!(
        (count("StartTransaction"), count("StopTransaction")),
        (2, 3)
    );
    assert_eq!(bench.queued(), 0);
    session(&mut bench, "FOUR");
}
