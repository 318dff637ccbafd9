//! Stations that are looked at: only what happens to these is kept, from the moment on that they are opened.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fleet::{Asked as Question, Control, Watcher};
use ocpp::{Version, domain::ChargingRateUnit};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, oneshot},
    time::timeout,
};

use super::commands;
use crate::{
    arguments::longest_id_tag,
    charge_point::{Asked, Unanswered},
    command::Limits,
    exchange::{Direction, Exchanges},
    panel::{
        Feed, Sample,
        problem::Problem,
        source::{Shown, Source},
    },
    report::Happening,
    secrets,
};

/// Stations that are open at once; the one that was not asked for longest is closed for another.
const MOST_OPEN: usize = 256;
/// Events that are kept of each,
const MOST_EVENTS: usize = 1_000;
/// as long as their frames have no more bytes than that.
const MOST_BYTES: usize = 256 * 1024;
/// A loop answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between samples of power and energy.
const SAMPLE_MS: u64 = 1_000;

/// A fleet, and those of its stations that are looked at.
pub struct Opened {
    pub control: Control,
    /// The one that was asked for last is the last.
    open: Mutex<Vec<(u64, Arc<Feed>)>>,
}

impl Opened {
    pub fn new(control: Control) -> Self {
        Self {
            control,
            open: Mutex::default(),
        }
    }

    async fn question(&self, id: u64, question: Question) -> Result<Value, Problem> {
        let (sender, answer) = oneshot::channel();
        let is_asked = self.control.ask(id, question, move |answer| {
            // One that is not waited for any more is no loss.
            let _ = sender.send(answer);
        });
        if !is_asked {
            return Err(Problem::not_found("there is no such station"));
        }
        match timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_)) => Err(Problem::ended()),
            Err(_) => Err(Problem::busy()),
        }
    }

    /// What a line means at that station.
    fn understand(&self, id: u64, line: &str) -> Result<fleet::Command, Problem> {
        let version = match self.control.is_201(id) {
            Some(true) => Version::V201,
            _ => Version::V16,
        };
        let limits = Limits {
            connectors: self.control.connectors(),
            id_tag: longest_id_tag(version),
        };
        Ok(commands::understand(line, limits)?)
    }
}

impl Source for Opened {
    async fn shown(&self, id: u64) -> Result<Shown, Problem> {
        if self.control.is_201(id).is_none() {
            return Err(Problem::not_found("there is no such station"));
        }
        let mut open = self.open.lock().await;
        let known = open.iter().position(|(known, _)| *known == id);
        let feed = match known.map(|place| open.remove(place)) {
            Some(known) => {
                let feed = Arc::clone(&known.1);
                open.push(known);
                feed
            }
            None => {
                if open.len() >= MOST_OPEN {
                    let idle = open.iter().position(|(_, feed)| !feed.is_heard());
                    let Some(idle) = idle else {
                        let why = format!("{MOST_OPEN} stations are looked at already");
                        return Err(Problem::conflict(why));
                    };
                    let (other, _) = open.remove(idle);
                    self.question(other, Question::Unwatch).await?;
                }
                let feed = Feed::with_room(self.control.started(), MOST_EVENTS, MOST_BYTES);
                let watch = Watch::new(Arc::clone(&feed));
                // Before the answer: a request may be given up until then, and the station is watched all the same.
                open.push((id, Arc::clone(&feed)));
                self.question(id, Question::Watch(Box::new(watch))).await?;
                feed
            }
        };
        Ok(Shown {
            number: Some(id),
            feed,
            is_own: None,
        })
    }

    async fn ask(&self, id: u64, asked: Asked) -> Result<Value, Problem> {
        let question = match asked {
            Asked::Obey(line) => Question::Obey(self.understand(id, &line)?),
            Asked::Keys => Question::Keys,
            Asked::Configure { key, value } => Question::Configure { key, value },
            Asked::Queue => Question::Queue,
            Asked::Reservations => Question::Reservations,
            Asked::LocalList => Question::LocalList,
            Asked::Profiles => Question::Profiles,
            Asked::Schedule {
                connector,
                duration,
                unit,
            } => Question::Schedule {
                connector,
                duration,
                is_in_watts: unit == ChargingRateUnit::W,
            },
            Asked::Elsewhere(_) => {
                let why = "the stations of a fleet have one central system".to_owned();
                return Err(Unanswered::Refused(why).into());
            }
        };
        self.question(id, question).await
    }
}

/// Writes what happens to a station into its feed.
struct Watch {
    feed: Arc<Feed>,
    exchanges: Exchanges,
    sampled_at: Option<u64>,
}

impl Watch {
    fn new(feed: Arc<Feed>) -> Self {
        Self {
            feed,
            exchanges: Exchanges::default(),
            sampled_at: None,
        }
    }

    fn sample(&mut self, millis: u64, state: &Value) {
        if self.sampled_at.is_some_and(|at| millis < at + SAMPLE_MS) {
            return;
        }
        self.sampled_at = Some(millis);
        let connectors = state.get("connectors").and_then(Value::as_array);
        let connectors = connectors.into_iter().flatten().skip(1);
        let samples = connectors.filter_map(|connector| {
            let number = |pointer: &str| connector.pointer(pointer).and_then(Value::as_i64);
            Some(Sample {
                power: u32::try_from(number("/power")?).ok()?,
                energy: i32::try_from(number("/energy")?).ok()?,
                limit: number("/limit/watts").and_then(|watts| u32::try_from(watts).ok()),
            })
        });
        self.feed.sample(millis, samples.collect());
    }
}

impl Watcher for Watch {
    fn frame(&mut self, millis: u64, is_in: bool, text: &str) {
        let direction = if is_in { Direction::In } else { Direction::Out };
        let (exchange, _) = self.exchanges.note(direction, text, Instant::now());
        let frame = Happening::Frame {
            direction,
            text: secrets::hidden(text).into_owned(),
            bytes: None,
            exchange,
        };
        self.feed.add(millis, &frame);
    }

    fn event(&mut self, millis: u64, event: &'static str, fields: Value) {
        if event == "disconnected" {
            self.exchanges.forget();
        }
        self.feed.add_event(millis, event, fields);
    }

    fn state(&mut self, millis: u64, state: Value) {
        self.sample(millis, &state);
        self.feed.show(state);
    }
}

/// What is told of all stations at once, as if they were one.
pub fn whole(control: &Control) -> Shown {
    let feed = Feed::with_room(control.started(), MOST_EVENTS, MOST_BYTES);
    let (mut sampler, told) = (control.sampler(), Arc::clone(&feed));
    let (csms, connectors) = (control.csms(), control.connectors());
    let mut renew = move || {
        let mut state = sampler.sample();
        if let Some(fields) = state.as_object_mut() {
            fields.remove("event");
            fields.insert("csms".to_owned(), json!(csms));
            fields.insert("connectors".to_owned(), json!(connectors));
        }
        told.show(state);
    };
    renew();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(SAMPLE_MS)).await;
            renew();
        }
    });
    Shown {
        number: None,
        feed,
        is_own: None,
    }
}
