//! The state that all threads of a central system share, behind one lock.
//!
//! A thread that holds the lock of a [`Wire`] may take this one, never the other way round.

use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use serde_json::Value;
use tungstenite::Message;

use crate::behaviour::Behaviour;
use crate::books::{Books, Frame, Refusal, Station};
use crate::command::{CallFailure, Offline};
use crate::event::{Direction, Event, EventKind};
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::wire::Wire;

/// The live connection of a charge point.
#[derive(Debug)]
pub(crate) struct Link {
    /// Tells this connection from the ones before and after it.
    pub number: u64,
    /// It speaks OCPP 2.0.1.
    pub is_201: bool,
    pub wire: Arc<Wire>,
    /// While true, nothing is read.
    pub frozen: bool,
    pub outstanding: Option<Outstanding>,
}

/// The CALL a charge point has to answer; there is one at a time (OCPP-J 1.6, 4.1.1).
#[derive(Debug)]
pub(crate) struct Outstanding {
    pub id: String,
    /// Shared with the caller, who reads it even when the connection has ended since.
    pub outcome: Arc<OnceLock<Result<Value, CallFailure>>>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub behaviour: Behaviour,
    pub books: Books,
    pub memories: HashMap<String, Memory>,
    pub links: HashMap<String, Link>,
    pub observers: Vec<Sender<Event>>,
    pub next_transaction_id: i64,
    /// Where books are kept that outlive the process.
    pub ledger: Option<Ledger>,
    started: Instant,
    last_number: u64,
}

impl State {
    pub fn new(behaviour: Behaviour) -> Self {
        State {
            next_transaction_id: behaviour.first_transaction_id,
            behaviour,
            books: Books::default(),
            memories: HashMap::new(),
            links: HashMap::new(),
            observers: Vec::new(),
            ledger: None,
            started: Instant::now(),
            last_number: 0,
        }
    }

    /// A number that was not given out before.
    pub fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    pub fn station(&mut self, identity: &str) -> &mut Station {
        self.books.stations.entry(identity.to_owned()).or_default()
    }

    /// Enters an event in the books and tells the observers.
    pub fn note(&mut self, identity: &str, kind: EventKind) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &kind {
            EventKind::Connected => {
                let station = self.station(identity);
                station.online = true;
                station.connections += 1;
            }
            EventKind::Disconnected => self.station(identity).online = false,
            EventKind::Refused(status) => self.books.note_refusal(Refusal {
                identity: identity.to_owned(),
                status: *status,
            }),
            EventKind::Frame { direction, text } => {
                let kept = self.behaviour.frames_kept;
                if kept == 0 && self.observers.is_empty() {
                    return;
                }
                let frame = Frame {
                    at_ms,
                    direction: *direction,
                    text: text.clone(),
                };
                self.station(identity).note_frame(frame, kept);
            }
        }
        let event = Event {
            at_ms,
            identity: identity.to_owned(),
            kind,
        };
        // An observer that went away is forgotten.
        self.observers.retain(|o| o.send(event.clone()).is_ok());
    }

    /// Registers a connection. A charge point has one: an older one is ended, because the
    /// charge point would not connect again if it still worked.
    pub fn link_up(&mut self, identity: &str, is_201: bool, wire: Arc<Wire>) -> u64 {
        // Offline before is the usual case.
        let _ = self.unlink(identity);
        let number = self.next_number();
        let link = Link {
            number,
            is_201,
            wire,
            frozen: false,
            outstanding: None,
        };
        self.links.insert(identity.to_owned(), link);
        self.note(identity, EventKind::Connected);
        number
    }

    /// Ends the connection of a charge point.
    pub fn unlink(&mut self, identity: &str) -> Result<(), Offline> {
        let link = self.links.remove(identity).ok_or(Offline)?;
        link.wire.cut();
        self.note(identity, EventKind::Disconnected);
        Ok(())
    }

    /// The connection with this number, if it is still the charge point's.
    pub fn link(&mut self, identity: &str, number: u64) -> Option<&mut Link> {
        let link = self.links.get_mut(identity)?;
        (link.number == number).then_some(link)
    }
}

/// The state, its lock, and a way to wait for changes.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    pub fn new(behaviour: Behaviour) -> Self {
        Self::with(State::new(behaviour))
    }

    pub fn with(state: State) -> Self {
        Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Changes the state and wakes all who wait for it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let outcome = change(&mut self.lock());
        self.changed.notify_all();
        outcome
    }

    /// Reads the state.
    pub fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.lock())
    }

    /// Tries `attempt` after every change, until it gives something or the deadline passes.
    pub fn wait<T>(
        &self,
        deadline: Option<Instant>,
        mut attempt: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = attempt(&mut state) {
                // What the attempt took, others may be waiting for.
                self.changed.notify_all();
                return Some(outcome);
            }
            let Some(deadline) = deadline else {
                let woken = self.changed.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let woken = self.changed.wait_timeout(state, left);
            (state, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Writes a text frame and notes it.
    pub fn send(&self, identity: &str, wire: &Wire, text: String) -> Result<(), Offline> {
        let message = Message::text(text.as_str());
        let direction = Direction::ToStation;
        wire.send(message, || {
            self.change(|state| state.note(identity, EventKind::Frame { direction, text }));
        })
    }

    /// A panic in a hook or a predicate of the user must not take the other threads along.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
