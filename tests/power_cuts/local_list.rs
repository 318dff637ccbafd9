//! The local authorization list: power is cut at every byte that an update writes, often once more while
//! what is left of it is cleaned up. There is the old list with its version or the new one, whole.

use ocpp::{
    domain::AuthorizationStatus,
    limits::{LOCAL_LIST_ENTRIES, OBJECT_CHUNK},
    station::{Event, Input},
};
use serde_json::{Value, json};

use crate::support::{Bench, Cut, MINUTE, Outage, id_tag};

/// Every idTag that a story has.
const TAGS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// What the station said when it had that version.
type Said = (i64, [AuthorizationStatus; TAGS.len()]);

struct Story {
    name: &'static str,
    /// What was there before.
    before: Vec<Value>,
    /// The update that is cut.
    update: Value,
}

fn update(kind: &str, version: i32, blocked: &[&str], good: &[&str], gone: &[&str]) -> Value {
    let info = |status: &str| json!({ "status": status, "parentIdTag": "04A1B2C3D4E5F607182A" });
    let listed = |tag: &&str, status| json!({ "idTag": tag, "idTagInfo": info(status) });
    let blocked = blocked.iter().map(|tag| listed(tag, "Blocked"));
    let good = good.iter().map(|tag| listed(tag, "Accepted"));
    let gone = gone.iter().map(|tag| json!({ "idTag": tag }));
    let list: Vec<_> = blocked.chain(good).chain(gone).collect();
    json!({ "listVersion": version, "updateType": kind, "localAuthorizationList": list })
}

fn stories() -> Vec<Story> {
    let story = |name, before: &[&Value], update| Story {
        name,
        before: before.iter().copied().cloned().collect(),
        update,
    };
    let first = update("Full", 1, &["A", "B"], &["C", "D"], &[]);
    let second = update("Full", 2, &["C"], &["A", "E", "F"], &[]);
    vec![
        story("the first list", &[], first.clone()),
        story("another one", &[&first], second.clone()),
        story(
            "the third",
            &[&first, &second],
            update("Full", 3, &["A", "C", "E", "G"], &["B", "D", "F", "H"], &[]),
        ),
        story(
            "a change",
            &[&first],
            update("Differential", 2, &["C"], &["G", "H"], &["A"]),
        ),
        story(
            "a change of the changed",
            &[&first, &update("Differential", 2, &["E"], &["F"], &["B"])],
            update("Differential", 3, &["F"], &["B", "E"], &["D"]),
        ),
        story("cleared", &[&second], update("Full", 3, &[], &[], &[])),
        story(
            "all removed",
            &[&first],
            update("Differential", 2, &[], &[], &["A", "B", "C", "D"]),
        ),
    ]
}

/// A station to which all of that was sent before, with three idTags in its cache.
fn station(story: &Story) -> Bench {
    let mut bench = Bench::new();
    for tag in ["A", "E", "H"] {
        let _ = bench.input(Input::Authorize(&id_tag(tag)));
    }
    for update in &story.before {
        assert_eq!(bench.status_of("SendLocalList", update.clone()), "Accepted");
    }
    bench.forget();
    bench
}

/// What it says of its list now.
fn said(bench: &mut Bench) -> Said {
    let answer = bench.call("GetLocalListVersion", json!({}));
    let version = answer["listVersion"].as_i64().unwrap();
    bench.disconnect();
    let decided = TAGS.map(|tag| {
        bench.forget();
        let _ = bench.input(Input::Authorize(&id_tag(tag)));
        let mut events = bench.events().iter();
        let decided = events.find_map(|event| match event {
            Event::Authorization { status, .. } => Some(*status),
            _ => None,
        });
        decided.unwrap()
    });
    bench.reconnect();
    (version, decided)
}

/// Chunks that are stored, and those that the list has.
fn chunks(bench: &mut Bench) -> (usize, usize) {
    let records = bench.disk.snapshot();
    let stored = records.keys().filter(|id| id.0 & 0xf000 == 0x3000);
    let entries = bench.operate(|station, _| station.local_list()).entries;
    let length = match entries {
        0 => 0,
        entries => 6 + entries * (11 + 2 * ocpp::domain::ID_TOKEN_LENGTH),
    };
    (stored.count(), length.div_ceil(OBJECT_CHUNK))
}

fn cut(story: &Story, cut: Cut, turn: usize, old: &Said, new: &Said) {
    let name = format!("{}, {cut:?}", story.name);
    let mut bench = station(story);
    bench.outage = Outage {
        ms: 0,
        again: (turn % 3 == 1).then_some(turn / 3 % 6),
        takes_link: false,
    };
    bench.disk.cut_from_here(cut);
    let id = bench.ask("SendLocalList", story.update.clone());
    let answer = bench.take_status(&id);
    bench.disk.spare();
    bench.advance(MINUTE);
    bench.reconnect();
    let now = said(&mut bench);
    match answer.as_deref() {
        Some("Accepted") => assert_eq!(now, *new, "{name}"),
        None if now.0 == new.0 => assert_eq!(now, *new, "{name}"),
        None => assert_eq!(now, *old, "{name}"),
        Some(status) => panic!("{status}: {name}"),
    }
    let (stored, needed) = chunks(&mut bench);
    assert_eq!(stored, needed, "{name}");
    // And it can be replaced.
    let next = update("Full", 9, &["H"], &["G"], &[]);
    assert_eq!(bench.status_of("SendLocalList", next), "Accepted", "{name}");
    assert_eq!(said(&mut bench).0, 9, "{name}");
}

#[test]
fn whenever_power_goes_the_list_is_the_old_or_the_new_one() {
    assert!(LOCAL_LIST_ENTRIES >= TAGS.len());
    let mut cuts = 0;
    for story in stories() {
        let old = said(&mut station(&story));
        let mut bench = station(&story);
        let before = bench.disk.writes();
        let status = bench.status_of("SendLocalList", story.update.clone());
        assert_eq!(status, "Accepted", "{}", story.name);
        let written = bench.disk.written().split_off(before);
        let new = said(&mut bench);
        assert_ne!(old, new, "{}", story.name);
        for (write, written) in written.iter().enumerate() {
            for bytes in 0..=written.bytes {
                cut(&story, Cut::Inside { write, bytes }, cuts, &old, &new);
                cuts += 1;
            }
        }
    }
    println!("{cuts} power cuts");
    assert!(cuts > 1_000, "{cuts}");
}
