//! The process killed at random moments, again and again, as power kills a charge point: the
//! books of a central system balance.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use central_system::{Answer, Behaviour, CentralSystem, Direction, IdTagStatus, Station};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON, Scratch};

const KILLS: u32 = 200;
/// What they leave is delivered in.
const DELIVERY: Duration = Duration::from_secs(60);
/// The moments follow from it; `KILLS_SEED` takes its place.
const SEED: u32 = 0x0c99_0016;

/// Xorshift (Marsaglia 2003).
struct Random(u32);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) % limit
    }
}

/// What the drivers of one life do: each has an idTag of their own.
fn story(life: u32, random: &mut Random) -> Vec<String> {
    let mut lines = Vec::new();
    let pause = |random: &mut Random, most: u32| format!("wait 0.{:03}", random.below(most));
    for visit in 0..3 {
        for connector in 1..=2 {
            lines.push(format!("plug {connector}"));
            lines.push(format!("tag {connector} L{life}V{visit}C{connector}"));
            if random.below(4) == 0 {
                lines.push("link down".to_owned());
            }
            lines.push(pause(random, 60));
        }
        lines.push("link up".to_owned());
        for connector in 1..=2 {
            lines.push(format!("tag {connector} L{life}V{visit}C{connector}"));
            lines.push(pause(random, 60));
        }
    }
    lines
}

/// A central system that fails on some of the messages that bill.
fn unreliable(is_unreliable: Arc<AtomicBool>) -> impl Fn(&str, &str, &Value) -> Option<Answer> {
    let count = AtomicU32::new(0);
    move |_, action, _| {
        let bills = action.ends_with("Transaction") || action == "MeterValues";
        if !bills || !is_unreliable.load(Ordering::Relaxed) {
            return None;
        }
        match count.fetch_add(1, Ordering::Relaxed) % 25 {
            5 => Some(Answer::Hangup),
            11 => Some(Answer::error("InternalError", "")),
            23 => Some(Answer::Silence),
            _ => None,
        }
    }
}

/// Lives until it is killed: the idTags whose transactions it told of.
fn live(central: &CentralSystem, scratch: &Scratch, life: u32, random: &mut Random) -> Vec<String> {
    let mut charge_point = ChargePoint::start(central, &scratch.option());
    let born = Instant::now();
    for line in story(life, random) {
        charge_point.command(&line);
    }
    // One life in ten is long enough for samples.
    let most = if random.below(10) == 0 { 1_500 } else { 300 };
    let moment = Duration::from_millis(random.below(most).into());
    thread::sleep(moment.saturating_sub(born.elapsed()));
    let told = charge_point.killed();
    let started = told
        .iter()
        .filter(|event| event["event"] == "transaction" && event["state"] == "started");
    started
        .filter_map(|event| event["idTag"].as_str().map(str::to_owned))
        .collect()
}

/// The CALLs of the charge point, each once however often it came.
fn messages(station: &Station) -> BTreeMap<String, Value> {
    let mut messages: BTreeMap<String, Value> = BTreeMap::new();
    let frames = station.frames.iter();
    for frame in frames.filter(|frame| frame.direction == Direction::FromStation) {
        let call: Value = serde_json::from_str(&frame.text).unwrap();
        if call[0] == 2 {
            let id = call[1].as_str().unwrap().to_owned();
            let first = messages.entry(id).or_insert_with(|| call.clone());
            assert_eq!(*first, call, "one message id for two messages");
        }
    }
    messages
}

/// Every transaction has one start and one end, and what flowed at a connector is billed to the last
/// Wh: it begins where the one before it ended.
fn assert_balanced(station: &Station, told: &[String]) {
    assert!(station.faults.is_empty(), "{:?}", station.faults);
    assert_eq!(station.stray_stops, 0);
    let messages = messages(station);
    let of = |action| messages.values().filter(move |call| call[2] == action);
    let transactions = &station.transactions;
    assert_eq!(of("StartTransaction").count(), transactions.len());
    assert_eq!(of("StopTransaction").count(), transactions.len());
    let ended: BTreeSet<_> = of("StopTransaction")
        .map(|call| call[3]["transactionId"].as_i64().unwrap())
        .collect();
    assert_eq!(ended.len(), transactions.len());
    let tags: BTreeSet<_> = transactions.iter().map(|t| &t.id_tag).collect();
    assert_eq!(tags.len(), transactions.len(), "one idTag charged twice");
    for id_tag in told {
        assert!(tags.contains(id_tag), "{id_tag} charged and is not billed");
    }
    let mut registers: BTreeMap<u32, i64> = BTreeMap::new();
    for transaction in transactions {
        let stop = transaction.stop.as_ref().unwrap();
        assert!(
            stop.meter_stop >= transaction.meter_start,
            "{transaction:?}"
        );
        if let Some(register) = registers.insert(transaction.connector_id, stop.meter_stop) {
            assert_eq!(transaction.meter_start, register, "{transaction:?}");
        }
    }
}

#[test]
#[ignore = "takes most of a minute: cargo xtask test kills"]
fn killed_two_hundred_times_the_books_balance() {
    let seed = std::env::var("KILLS_SEED").ok();
    let seed = seed.map_or(SEED, |seed| seed.parse().expect("KILLS_SEED is a number"));
    let mut random = Random(seed | 1);
    let is_unreliable = Arc::new(AtomicBool::new(true));
    let behaviour = Behaviour::new()
        .unknown_tags(IdTagStatus::Accepted)
        .keep_frames(1_000_000)
        .on_call(unreliable(Arc::clone(&is_unreliable)));
    let central = CentralSystem::start(behaviour).unwrap();
    let scratch = Scratch::new("kills");
    let charge_point = ChargePoint::online(&central, &scratch.option());
    for (key, value) in [
        ("MeterValueSampleInterval", "1"),
        ("AllowOfflineTxForUnknownId", "true"),
        ("TransactionMessageAttempts", "100"),
        ("TransactionMessageRetryInterval", "0"),
    ] {
        let change = json!({ "key": key, "value": value });
        let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
        assert_eq!(answer.unwrap()["status"], "Accepted", "{key}");
    }
    charge_point.kill();
    let mut told = Vec::new();
    for life in 0..KILLS {
        told.extend(live(&central, &scratch, life, &mut random));
    }
    is_unreliable.store(false, Ordering::Relaxed);
    let mut last = ChargePoint::online(&central, &scratch.option());
    let is_delivered = central.wait_for(DELIVERY, |books| {
        let transactions = &books.station(IDENTITY).unwrap().transactions;
        let is_billed = |tag: &String| transactions.iter().any(|t| t.id_tag == *tag);
        transactions.iter().all(|t| t.stop.is_some()) && told.iter().all(is_billed)
    });
    assert!(
        is_delivered,
        "{:#?}",
        central.station(IDENTITY).transactions
    );
    // It ends after the delivery of what the central system does not know.
    assert_eq!(last.end(), Some(0));
    assert!(last.told("error").is_empty(), "{:?}", last.told("error"));
    let station = central.station(IDENTITY);
    assert_balanced(&station, &told);
    println!(
        "seed {seed}: killed {KILLS} times, {} transactions, {} of them cut off, {} messages again",
        station.transactions.len(),
        station
            .transactions
            .iter()
            .filter(|t| t.stop.as_ref().unwrap().reason.as_deref() == Some("PowerLoss"))
            .count(),
        station.duplicates,
    );
}
