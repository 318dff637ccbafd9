//! What all this is for: a write that comes after the action it protects is found out.
//!
//! A storage that acknowledges a record and writes it only after the next frame was sent, or the
//! contactor has moved, is the same as a station whose `write` stands behind that action.

use crate::{
    run::{self, Fate},
    script::Script,
    scripts,
    support::{Cut, Outage, Written},
};

/// A kind of record: the first byte of its ids and, in the journal, what message it is.
type Kind = (u16, Option<u8>);

fn is_of((high, message): Kind, written: &Written) -> bool {
    let Some(record) = &written.record else {
        return false;
    };
    let same_message = message.is_none_or(|message| record.get(1) == Some(&message));
    written.id.0 >> 8 == high && same_message
}

/// Power goes between the next action and the late write of every record of that kind: the first
/// violation.
fn found_out(kind: Kind, scripts: &[(Script, Vec<Written>)]) -> Option<String> {
    let violations = scripts.iter().flat_map(|(script, writes)| {
        let of_kind = writes.iter().enumerate();
        let of_kind = of_kind.filter(move |(_, written)| is_of(kind, written));
        of_kind.filter_map(move |(write, _)| {
            let cut = Cut::Late { write };
            let outage = Outage::default();
            run::cut(script, Fate { cut, outage }).err()
        })
    });
    violations.into_iter().next()
}

#[test]
fn a_write_behind_the_action_it_protects_is_found_out() {
    let scripts = scripts::all().into_iter();
    let scripts: Vec<_> = scripts
        .map(|script| {
            let writes = run::writes(&script).unwrap();
            (script, writes)
        })
        .collect();
    for (name, kind) in [
        ("life", (0x00, None)),
        ("configuration key", (0x01, None)),
        ("connector", (0x02, None)),
        ("transaction", (0x03, None)),
        ("assigned id", (0x04, None)),
        ("setting of the application", (0x07, None)),
        ("StartTransaction", (0x20, Some(0))),
        ("StopTransaction", (0x20, Some(3))),
    ] {
        let violation = found_out(kind, &scripts);
        let violation = violation.unwrap_or_else(|| panic!("a late {name} is not noticed"));
        println!("late {name}: {violation}");
    }
}
