//! What the panel knows of a station without asking it: written by the station's thread, read by the
//! panel's.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    exchange::Exchange,
    report::{self, Happening},
    size,
};

/// So many events are kept,
const MOST_EVENTS: usize = 4_000;
/// as long as their texts have no more bytes than that.
const MOST_BYTES: usize = 4 << 20;
/// A quarter of an hour, with one each second.
const MOST_SAMPLES: usize = 900;

/// An event with its number, which grows by one.
#[derive(Clone, Debug)]
pub struct Event {
    pub number: u64,
    /// What `--json` tells, with `number`, and for a frame what it is.
    pub object: Arc<Value>,
    bytes: usize,
}

impl Event {
    /// The text of that field, empty where there is none.
    pub fn text(&self, field: &str) -> &str {
        let value = self.object.get(field);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    pub fn is_frame(&self) -> bool {
        self.text("event") == "frame"
    }
}

/// What the meter of a connector said.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// W.
    pub power: u32,
    /// The register, in Wh.
    pub energy: i32,
    /// W that charging profiles allow.
    pub limit: Option<u32>,
}

#[derive(Debug)]
struct Kept {
    /// How many events, and bytes of their texts, there may be.
    most: (usize, usize),
    events: VecDeque<Event>,
    bytes: usize,
    /// The number of the next event.
    next: u64,
    state: Arc<Value>,
    samples: VecDeque<(u64, Vec<Sample>)>,
}

/// What one station has told so far.
#[derive(Debug)]
pub struct Feed {
    started: Instant,
    kept: Mutex<Kept>,
    /// Counts changes.
    changes: watch::Sender<u64>,
}

impl Feed {
    /// Of a station whose `t` counts from `started` on.
    pub fn new(started: Instant) -> Arc<Self> {
        Self::with_room(started, MOST_EVENTS, MOST_BYTES)
    }

    /// That keeps so many events, as long as their texts have no more bytes than that.
    pub fn with_room(started: Instant, events: usize, bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            started,
            kept: Mutex::new(Kept {
                most: (events, bytes),
                events: VecDeque::new(),
                bytes: 0,
                next: 1,
                state: Arc::new(json!({ "running": false })),
                samples: VecDeque::new(),
            }),
            changes: watch::Sender::new(0),
        })
    }

    /// `t` of now.
    pub fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes note of something that happened.
    pub fn add(&self, millis: u64, happening: &Happening) {
        let Some(mut object) = report::object(millis, happening) else {
            return;
        };
        if let (Happening::Frame { exchange, .. }, Some(fields)) =
            (happening, object.as_object_mut())
        {
            fields.insert("message".to_owned(), json!(exchange.name()));
            fields.insert("action".to_owned(), json!(exchange.action()));
            fields.insert("kind".to_owned(), json!(kind(exchange)));
        }
        self.push(object);
    }

    /// The same of an event with a name and fields.
    pub fn add_event(&self, millis: u64, event: &str, fields: Value) {
        let mut object = fields;
        if let Some(fields) = object.as_object_mut() {
            fields.insert("t".to_owned(), json!(millis));
            fields.insert("event".to_owned(), json!(event));
        }
        self.push(object);
    }

    fn push(&self, mut object: Value) {
        let bytes = size::of(&object, 0);
        let mut kept = self.kept();
        let number = kept.next;
        kept.next += 1;
        if let Some(fields) = object.as_object_mut() {
            fields.insert("number".to_owned(), json!(number));
        }
        kept.bytes += bytes;
        kept.events.push_back(Event {
            number,
            object: Arc::new(object),
            bytes,
        });
        let (most_events, most_bytes) = kept.most;
        while kept.events.len() > most_events || kept.bytes > most_bytes {
            let Some(oldest) = kept.events.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes;
        }
        drop(kept);
        self.changed();
    }

    /// The state of now.
    pub fn show(&self, state: Value) {
        let mut kept = self.kept();
        if *kept.state == state {
            return;
        }
        kept.state = Arc::new(state);
        drop(kept);
        self.changed();
    }

    /// The station does not run any more.
    pub fn end(&self) {
        let mut state = Value::clone(&self.state());
        if let Some(fields) = state.as_object_mut() {
            fields.insert("running".to_owned(), json!(false));
            fields.insert("connection".to_owned(), json!("down"));
        }
        self.show(state);
    }

    /// Takes note of what the meters said, that of connector 1 first.
    pub fn sample(&self, millis: u64, connectors: Vec<Sample>) {
        let mut kept = self.kept();
        if kept.samples.len() >= MOST_SAMPLES {
            kept.samples.pop_front();
        }
        kept.samples.push_back((millis, connectors));
    }

    pub fn state(&self) -> Arc<Value> {
        Arc::clone(&self.kept().state)
    }

    /// The events with a greater number than that.
    pub fn events_after(&self, number: u64) -> Vec<Event> {
        let kept = self.kept();
        let from = kept.events.partition_point(|event| event.number <= number);
        kept.events.range(from..).cloned().collect()
    }

    /// The first of them, whose texts have no more bytes than that, but one at least.
    pub fn some_after(&self, number: u64, most_bytes: usize) -> Vec<Event> {
        let kept = self.kept();
        let from = kept.events.partition_point(|event| event.number <= number);
        let mut bytes = 0;
        let some = kept.events.range(from..).take_while(|event| {
            let is_first = bytes == 0;
            bytes += event.bytes;
            is_first || bytes <= most_bytes
        });
        some.cloned().collect()
    }

    /// The number of the last event; 0 before the first.
    pub fn last(&self) -> u64 {
        self.kept().next - 1
    }

    /// What the meters said after that time.
    pub fn samples_after(&self, millis: u64) -> Vec<(u64, Vec<Sample>)> {
        let kept = self.kept();
        let from = kept.samples.partition_point(|(at, _)| *at <= millis);
        kept.samples.range(from..).cloned().collect()
    }

    /// What tells of changes: of all that come after now.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether a reader waits for changes.
    pub fn is_heard(&self) -> bool {
        self.changes.receiver_count() > 0
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kind(exchange: &Exchange) -> &'static str {
    match exchange {
        Exchange::Request { .. } => "call",
        Exchange::Confirmation { .. } => "result",
        Exchange::Failure { .. } => "error",
        Exchange::Unreadable => "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Direction;

    fn frame(text: &str) -> Happening {
        Happening::Frame {
            direction: Direction::Out,
            text: text.to_owned(),
            bytes: None,
            exchange: Exchange::Request {
                action: "Heartbeat".to_owned(),
            },
        }
    }

    #[test]
    fn the_oldest_are_forgotten_and_numbers_go_on() {
        let feed = Feed::new(Instant::now());
        for _ in 0..MOST_EVENTS + 10 {
            feed.add(5, &Happening::Boot);
        }
        assert_eq!(feed.last(), MOST_EVENTS as u64 + 10);
        let events = feed.events_after(0);
        assert_eq!(events.len(), MOST_EVENTS);
        assert_eq!(events[0].number, 11);
        assert_eq!(feed.events_after(feed.last() - 2).len(), 2);
        assert!(feed.events_after(u64::MAX).is_empty());
    }

    #[test]
    fn frames_take_no_more_room_than_they_may() {
        let feed = Feed::new(Instant::now());
        // As much as four take with the little around them.
        let long = "x".repeat(MOST_BYTES / 4 - 100);
        for _ in 0..10 {
            feed.add(0, &frame(&long));
        }
        assert_eq!(feed.events_after(0).len(), 4);
    }

    #[test]
    fn texts_take_no_more_room_than_they_may_wherever_they_are() {
        let long = "x".repeat(MOST_BYTES / 100);
        for happening in [
            Happening::Frame {
                direction: Direction::In,
                text: String::new(),
                bytes: None,
                exchange: Exchange::Request {
                    action: long.clone(),
                },
            },
            Happening::Deviation {
                exchange: Exchange::Unreadable,
                field: long.clone(),
                rule: String::new(),
            },
            Happening::error(long.clone()),
        ] {
            let feed = Feed::new(Instant::now());
            for _ in 0..1000 {
                feed.add(0, &happening);
            }
            let kept = feed.events_after(0).len();
            assert!((40..=100).contains(&kept), "{kept}: {happening:?}");
        }
    }

    #[test]
    fn a_change_is_told_and_what_stays_is_not() {
        let feed = Feed::new(Instant::now());
        let mut changes = feed.changes();
        feed.show(json!({ "running": true }));
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        feed.show(json!({ "running": true }));
        assert!(!changes.has_changed().unwrap());
        feed.end();
        assert!(changes.has_changed().unwrap());
        assert_eq!(feed.state()["running"], false);
    }

    #[test]
    fn a_frame_says_what_it_is() {
        let feed = Feed::new(Instant::now());
        feed.add(7, &frame("[2,\"1\",\"Heartbeat\",{}]"));
        let event = &feed.events_after(0)[0];
        assert!(event.is_frame());
        let expected = json!({
            "t": 7, "event": "frame", "number": 1, "dir": "out", "text": "[2,\"1\",\"Heartbeat\",{}]",
            "message": "Heartbeat.req", "action": "Heartbeat", "kind": "call",
        });
        assert_eq!(*event.object, expected);
    }
}
