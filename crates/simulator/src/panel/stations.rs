//! The stations of a process, each with a number.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::TrySendError},
    thread,
    time::{Duration, Instant},
};

use ocpp::limits::CONNECTORS;
use serde_json::Value;
use tokio::{sync::oneshot, time::timeout};

use super::{
    Feed,
    problem::Problem,
    source::{Shown, Source},
};
use crate::{
    charge_point::{Asked, ChargePoint, Elsewhere, Inbox, Question, Settings},
    inbox::Message,
    report::{Happening, Report},
    storage::MemoryStorage,
};

/// Stations that can be created: each has a thread, and one of its connection.
const MOST_STATIONS: usize = 256;
/// A station answers at once, but for a restart.
const PATIENCE: Duration = Duration::from_secs(5);

/// A station as the panel knows it.
#[derive(Clone, Debug)]
pub struct Station {
    pub feed: Arc<Feed>,
    inbox: Inbox,
    /// It was created here, and may be removed.
    pub is_own: bool,
}

impl Station {
    /// What the station answers.
    pub async fn ask(&self, asked: Asked) -> Result<Value, Problem> {
        let (answer, answered) = oneshot::channel();
        let question = Message::Question(Question { asked, answer });
        match self.inbox.try_send(question) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Problem::busy()),
            Err(TrySendError::Disconnected(_)) => return Err(Problem::ended()),
        }
        match timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) => Ok(answer?),
            Ok(Err(_)) => Err(Problem::ended()),
            Err(_) => Err(Problem::busy()),
        }
    }

    pub fn shown(&self, number: u32) -> Shown {
        Shown {
            number: Some(number.into()),
            feed: Arc::clone(&self.feed),
            is_own: Some(self.is_own),
        }
    }
}

/// What a station is created with, where it is not as the first one.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub elsewhere: Elsewhere,
    pub connectors: Option<u8>,
    pub vendor: Option<String>,
    pub model: Option<String>,
}

#[derive(Debug)]
struct Table {
    stations: BTreeMap<u32, Station>,
    last: u32,
}

/// All stations of the process.
#[derive(Debug)]
pub struct Stations {
    /// What the first one was started with.
    settings: Settings,
    table: Mutex<Table>,
}

impl Stations {
    /// With the first one, which is not the panel's own.
    pub fn new(settings: Settings, feed: Arc<Feed>, inbox: Inbox) -> Self {
        let first = Station {
            feed,
            inbox,
            is_own: false,
        };
        Self {
            settings,
            table: Mutex::new(Table {
                stations: BTreeMap::from([(1, first)]),
                last: 1,
            }),
        }
    }

    pub fn get(&self, number: u32) -> Result<Station, Problem> {
        let found = self.table().stations.get(&number).cloned();
        found.ok_or_else(|| Problem::not_found("there is no such station"))
    }

    pub fn all(&self) -> Vec<(u32, Station)> {
        let table = self.table();
        let stations = table.stations.iter();
        stations
            .map(|(&number, station)| (number, station.clone()))
            .collect()
    }

    /// Switches a new station on, in a thread of its own; its number.
    pub fn create(&self, wanted: &Wanted) -> Result<u32, Problem> {
        let mut settings = self
            .settings
            .elsewhere(&wanted.elsewhere)
            .map_err(Problem::bad_request)?;
        if let Some(connectors) = wanted.connectors {
            if !(1..=CONNECTORS).contains(&connectors.into()) {
                let problem = format!("connectors: 1 to {CONNECTORS}");
                return Err(Problem::bad_request(problem));
            }
            settings.connectors = connectors;
        }
        for (name, given, place) in [
            ("vendor", &wanted.vendor, &mut settings.vendor),
            ("model", &wanted.model, &mut settings.model),
        ] {
            let Some(given) = given else { continue };
            // OCPP 1.6, 6.3 BootNotification.req: CiString20.
            if !(1..=20).contains(&given.chars().count()) {
                return Err(Problem::bad_request(format!("{name}: 1 to 20 characters")));
            }
            place.clone_from(given);
        }
        let mut table = self.table();
        if table.stations.len() >= MOST_STATIONS {
            let problem = format!("there are {MOST_STATIONS} stations already");
            return Err(Problem::conflict(problem));
        }
        let started = Instant::now();
        let feed = Feed::new(started);
        let report = Report::silent(started).shown_by(Arc::clone(&feed));
        let charge_point = ChargePoint::new(settings, None, started, report.clone())
            .map_err(Problem::bad_request)?;
        let inbox = charge_point.inbox();
        let number = table.last + 1;
        let (shown, mut report) = (Arc::clone(&feed), report);
        thread::Builder::new()
            .name(format!("station {number}"))
            .spawn(move || {
                if let Err(problem) = charge_point.run(&mut MemoryStorage::default()) {
                    report.tell(Happening::error(problem));
                }
                shown.end();
            })
            .map_err(|error| Problem::conflict(format!("no thread for it: {error}")))?;
        table.last = number;
        let station = Station {
            feed,
            inbox,
            is_own: true,
        };
        table.stations.insert(number, station);
        Ok(number)
    }

    /// Ends a station that was created here, as `quit` does, and forgets it.
    pub fn remove(&self, number: u32) -> Result<(), Problem> {
        let mut table = self.table();
        match table.stations.get(&number) {
            None => Err(Problem::not_found("there is no such station")),
            Some(station) if !station.is_own => Err(Problem::conflict(
                "it was not created here: the command quit ends it",
            )),
            Some(station) => {
                match station.inbox.try_send(Message::EndOfInput) {
                    Err(TrySendError::Full(_)) => return Err(Problem::busy()),
                    Ok(()) | Err(TrySendError::Disconnected(_)) => {}
                }
                table.stations.remove(&number);
                Ok(())
            }
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Stations {
    async fn shown(&self, number: u64) -> Result<Shown, Problem> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Ok(self.get(number)?.shown(number))
    }

    async fn ask(&self, number: u64, asked: Asked) -> Result<Value, Problem> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.get(number)?.ask(asked).await
    }
}
