//! What another thread asks of a fleet that runs: orders for all stations, their table, and one of them.

use std::{
    sync::{Arc, mpsc::Sender},
    time::Instant,
};

use fleet_engine::{Version, domain::ChargingRateUnit};
use mio::Waker;
use serde_json::Value;

use crate::{
    command::Command,
    orders::{self, Line, Order},
    setup::Setup,
    stats::{Snapshot, Stats},
    summary::Sample,
    table::{Filter, Found},
    watchers::Watcher,
};

/// Why something was not done: a line for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be done now.
    NotNow(String),
    /// There is no such thing.
    Unknown(String),
}

/// What a station answers.
pub type Answer = Result<Value, Refusal>;

/// What one station is asked.
pub enum Asked {
    /// Tells the watcher from now on, in the place of the one before; its state at once.
    Watch(Box<dyn Watcher>),
    /// Tells none any more.
    Unwatch,
    /// It does this; the answer is null.
    Obey(Command),
    /// All configuration keys.
    Keys,
    /// A configuration key is changed.
    Configure {
        /// Its name, whatever the case.
        key: String,
        /// What ChangeConfiguration would give it.
        value: String,
    },
    /// Messages that wait for the central system.
    Queue,
    /// All reservations.
    Reservations,
    /// The local authorization list.
    LocalList,
    /// Charging profiles.
    Profiles,
    /// The composite schedule.
    Schedule {
        /// Of which connector; 0 for the whole charge point.
        connector: u8,
        /// Seconds.
        duration: u32,
        /// Watts, or amperes.
        is_in_watts: bool,
    },
}

impl Asked {
    pub(crate) fn unit(is_in_watts: bool) -> ChargingRateUnit {
        match is_in_watts {
            true => ChargingRateUnit::W,
            false => ChargingRateUnit::A,
        }
    }
}

/// A question, and who waits for its answer.
pub struct Question {
    pub asked: Asked,
    pub answer: Box<dyn FnOnce(Answer) + Send>,
}

/// What a loop is told.
pub enum Message {
    /// It ends.
    End,
    Order(Order),
    Ask(usize, Question),
    Search {
        filter: Filter,
        answer: Box<dyn FnOnce(Vec<Found>) + Send>,
    },
    Rows {
        places: Vec<usize>,
        answer: Box<dyn FnOnce(Vec<Value>) + Send>,
    },
}

/// The end of a loop that others hold.
#[derive(Clone)]
pub struct Loop {
    pub messages: Sender<Message>,
    pub waker: Arc<Waker>,
}

impl Loop {
    /// A loop that has ended says so itself.
    pub fn tell(&self, message: Message) {
        let _ = self.messages.send(message);
        let _ = self.waker.wake();
    }
}

/// A fleet that runs. Answers come from the threads of the loops, to functions that must not wait; one that is
/// dropped without a call says that the fleet has ended.
#[derive(Clone)]
pub struct Control {
    pub(crate) setup: Arc<Setup>,
    pub(crate) loops: Vec<Loop>,
    pub(crate) stats: Vec<Arc<Stats>>,
    /// Lines of standard input, and of this.
    pub(crate) lines: Sender<String>,
    pub(crate) started: Instant,
    pub(crate) stations: usize,
}

impl Control {
    /// When the fleet began: times count from then on.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// How many stations there are.
    pub fn stations(&self) -> usize {
        self.stations
    }

    /// How many connectors each of them has.
    pub fn connectors(&self) -> u8 {
        self.setup.connectors
    }

    /// The URL of the central system, without its query.
    pub fn csms(&self) -> String {
        self.setup.url()
    }

    /// The version that a station speaks; `None` where there is no such station.
    pub fn is_201(&self, id: u64) -> Option<bool> {
        self.place(id)?;
        let number = id.checked_sub(self.setup.first())?;
        Some(self.setup.versions.of(number) == Version::V201)
    }

    /// A line as standard input has it.
    ///
    /// # Errors
    ///
    /// One line for the user, where it is not understood.
    pub fn order(&self, line: &str) -> Result<(), String> {
        match orders::line(line)? {
            Line::Order(_) | Line::Quit => {
                // A fleet that has ended obeys no more.
                let _ = self.lines.send(line.to_owned());
                Ok(())
            }
            Line::Help | Line::Nothing => Err(format!("{line}: nothing that can be done")),
        }
    }

    /// Looks for stations in all loops. `answer` is called by each of them, in any order; gives how many
    /// there are.
    pub fn search(
        &self,
        filter: &Filter,
        answer: impl Fn(Vec<Found>) + Clone + Send + 'static,
    ) -> usize {
        for one in &self.loops {
            one.tell(Message::Search {
                filter: filter.clone(),
                answer: Box::new(answer.clone()),
            });
        }
        self.loops.len()
    }

    /// The rows of these stations, as [`Control::search`] answers; those that are not there are left out.
    pub fn rows(
        &self,
        ids: impl IntoIterator<Item = u64>,
        answer: impl Fn(Vec<Value>) + Clone + Send + 'static,
    ) -> usize {
        let mut places = vec![Vec::new(); self.loops.len()];
        for (number, place) in ids.into_iter().filter_map(|id| self.place(id)) {
            if let Some(places) = places.get_mut(number) {
                places.push(place);
            }
        }
        for (one, places) in self.loops.iter().zip(places) {
            one.tell(Message::Rows {
                places,
                answer: Box::new(answer.clone()),
            });
        }
        self.loops.len()
    }

    /// Asks a station; false where there is none with that number.
    pub fn ask(&self, id: u64, asked: Asked, answer: impl FnOnce(Answer) + Send + 'static) -> bool {
        let found = self.place(id);
        let found = found.and_then(|(number, place)| Some((self.loops.get(number)?, place)));
        let Some((one, place)) = found else {
            return false;
        };
        let answer = Box::new(answer);
        one.tell(Message::Ask(place, Question { asked, answer }));
        true
    }

    /// What summaries are made from.
    pub fn sampler(&self) -> Sampler {
        Sampler {
            stats: self.stats.clone(),
            started: self.started,
            stations: self.stations,
            last: (0.0, Snapshot::default()),
        }
    }

    /// The loop of a station, and its place there: they were dealt out one after the other.
    fn place(&self, id: u64) -> Option<(usize, usize)> {
        let position = self.setup.position(id)?;
        let position = usize::try_from(position).ok()?;
        let loops = self.loops.len();
        Some((position.checked_rem(loops)?, position.checked_div(loops)?))
    }
}

/// Summaries of what was since the one before, as `--json` has them.
pub struct Sampler {
    stats: Vec<Arc<Stats>>,
    started: Instant,
    stations: usize,
    last: (f64, Snapshot),
}

impl Sampler {
    /// An object, as `charge-point fleet --json` prints it.
    pub fn sample(&mut self) -> Value {
        self.take().json(self.stations)
    }

    /// What is now.
    pub(crate) fn take(&mut self) -> Sample {
        let at = self.started.elapsed().as_secs_f64();
        let snapshot = Snapshot::take(self.stats.iter().map(AsRef::as_ref));
        let sample = Sample::new(at, &snapshot, &self.last.1, self.last.0);
        self.last = (at, snapshot);
        sample
    }

    pub(crate) fn last(&self) -> &Snapshot {
        &self.last.1
    }
}
