//! Power is cut at every byte of every write of a few stories: whatever was begun is told to its end,
//! under one name, with numbers that only rise, and all energy is in it. The stories of
//! `tests/power_cuts` do the same for OCPP 1.6, with which all but the form of records is shared.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use ocpp::station::{Input, Key};
use serde_json::{Value, json};

use crate::{
    bench,
    support::{Bench, Cut, HOUR, MINUTE, SECOND, Written, id_tag},
};

/// What every meter of the bench begins with, in Wh.
const FIRST_REGISTER: i64 = 1_000;

type Story = fn(&mut Bench);

const STORIES: [(&str, Story); 5] = [
    ("a session with samples", |bench| {
        session(bench, 1);
    }),
    ("an offline session", |bench| {
        bench.disconnect();
        session(bench, 1);
        session(bench, 2);
        bench.allow_connections();
        bench.advance(10 * MINUTE);
    }),
    ("a connection that breaks in a session", |bench| {
        act(bench, Input::Plugged(1));
        tag(bench, 1);
        bench.advance(2 * MINUTE);
        bench.disconnect();
        bench.advance(3 * MINUTE);
        bench.allow_connections();
        bench.advance(3 * MINUTE);
        act(bench, Input::Unplugged(1));
        bench.advance(MINUTE);
    }),
    ("a remote session", |bench| {
        act(bench, Input::Plugged(1));
        let token = json!({ "idToken": "REMOTE", "type": "Central" });
        let start = json!({ "idToken": token, "remoteStartId": 5, "evseId": 1 });
        if bench.is_connected() {
            bench.ask("RequestStartTransaction", start);
        }
        bench.advance(2 * MINUTE);
        act(bench, Input::Unplugged(1));
        bench.advance(MINUTE);
    }),
    ("a reset in two sessions", |bench| {
        for connector in [1, 2] {
            act(bench, Input::Plugged(connector));
            tag(bench, connector);
        }
        bench.advance(MINUTE);
        if bench.is_connected() {
            bench.ask("Reset", json!({ "type": "Immediate" }));
        }
        bench.advance(2 * MINUTE);
    }),
];

/// What is refused because power was lost before is no matter here.
fn act(bench: &mut Bench, input: Input<'_>) {
    let _ = bench.input(input);
}

fn tag(bench: &mut Bench, connector: u8) {
    let id_tag = &id_tag("TAG");
    act(bench, Input::Tag { connector, id_tag });
}

fn session(bench: &mut Bench, connector: u8) {
    act(bench, Input::Plugged(connector));
    tag(bench, connector);
    bench.advance(3 * MINUTE);
    tag(bench, connector);
    bench.advance(SECOND);
    act(bench, Input::Unplugged(connector));
    bench.advance(MINUTE);
}

fn perform(story: Story, cut: Option<Cut>) -> (Bench, Vec<Written>) {
    let mut bench = bench();
    bench.configure(Key::MeterValueSampleInterval, "60");
    bench.configure(Key::StopTxnSampledData, "Energy.Active.Import.Register");
    bench.forget();
    let before = bench.disk.writes();
    if let Some(cut) = cut {
        bench.disk.cut_from_here(cut);
    }
    story(&mut bench);
    bench.allow_connections();
    for connector in [1, 2] {
        act(&mut bench, Input::Unplugged(connector));
    }
    bench.advance(HOUR);
    let written = bench.disk.written().split_off(before);
    (bench, written)
}

/// A transaction as the events tell it.
#[derive(Debug, Default)]
struct Told {
    evse: i64,
    begin: Option<i64>,
    end: Option<i64>,
    last: i64,
}

fn register(event: &Value, context: &str) -> Option<i64> {
    let mut values = event["meterValue"].as_array()?.iter();
    values.find_map(|value| {
        let mut samples = value["sampledValue"].as_array()?.iter();
        let sample = samples.find(|sample| sample["context"] == context)?;
        sample["value"].as_i64()
    })
}

/// What is wrong with all that was told, if anything is.
fn check(bench: &mut Bench) -> Result<(), String> {
    if !bench.is_online() || bench.queued() > 0 {
        return Err(format!("{} messages are stuck", bench.queued()));
    }
    let mut told = BTreeMap::<String, Told>::new();
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for call in bench.take_sent() {
        if call.action != "TransactionEvent" || !seen.insert(call.id.clone()) {
            continue;
        }
        let event = &call.payload;
        let id = crate::id_of(event).to_owned();
        let kind = event["eventType"].as_str().unwrap();
        let number = event["seqNo"].as_i64().unwrap();
        let wrong = |why: &str| Err(format!("{why}: {event}"));
        if !told.contains_key(&id) {
            if kind != "Started" || number != 0 {
                return wrong("does not begin with its start");
            }
            order.push(id.clone());
        }
        let own = told.entry(id).or_default();
        if own.end.is_some() || (kind != "Started" && number <= own.last) {
            return wrong("is out of order");
        }
        own.last = number;
        own.evse = event["evse"]["id"].as_i64().unwrap();
        match kind {
            "Started" => own.begin = register(event, "Transaction.Begin"),
            "Ended" => own.end = register(event, "Transaction.End"),
            _ => {}
        }
    }
    for evse in 1..=2 {
        let mut at = FIRST_REGISTER;
        for own in order
            .iter()
            .map(|id| &told[id])
            .filter(|own| own.evse == evse)
        {
            if own.begin != Some(at) {
                return Err(format!("begins elsewhere than at {at}: {own:?}"));
            }
            at = own.end.ok_or_else(|| format!("never ended: {own:?}"))?;
        }
        let now = i64::from(bench.register(u8::try_from(evse).unwrap()));
        if at != now {
            return Err(format!("{now} Wh on EVSE {evse}, {at} told"));
        }
    }
    Ok(())
}

#[test]
fn whatever_was_begun_is_told_to_its_end() {
    let mut cuts = Vec::new();
    for (name, story) in STORIES {
        let (mut bench, written) = perform(story, None);
        check(&mut bench).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        for (write, written) in written.iter().enumerate() {
            for bytes in 0..=written.bytes {
                cuts.push((name, story, Cut::Inside { write, bytes }));
            }
        }
    }
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((name, story, cut)) = cuts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (mut bench, _) = perform(*story, Some(*cut));
            let checked = match bench.outages {
                0 => Err("was not cut".to_owned()),
                _ => check(&mut bench),
            };
            if let Err(why) = checked {
                wrong
                    .lock()
                    .unwrap()
                    .push(format!("{name}, {cut:?}: {why}"));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let first: Vec<_> = wrong.iter().take(5).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}: {first:#?}",
        wrong.len(),
        cuts.len()
    );
    assert!(cuts.len() > 1_000, "{}", cuts.len());
}
