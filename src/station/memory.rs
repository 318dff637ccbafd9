//! The large part of a station, which stays where its owner puts it.

use heapless::{Deque, String, Vec};

use super::{
    Event, authorization::Cache, configuration::Configuration, connector::Connector,
    journal::Journal, requests::Deferred, status::Notices,
};
use crate::limits::{CONNECTORS, DATA_LENGTH};

/// Events that can wait: no input makes more than six for each connector and a few besides.
const EVENTS: usize = 6 * CONNECTORS + 12;

pub(super) type Events = Deque<Event, EVENTS>;

/// Room for everything of a station that grows with the [capacities](crate::limits) of the
/// build: connectors, authorization cache, configuration, index of stored messages, events.
///
/// It is lent to [`Station::new`](super::Station::new), so that a station itself is small
/// enough to be built and moved on the stack of a small thread. An unused one is all zeros: as a
/// `static` it takes no room in flash.
#[derive(Debug)]
pub struct Memory {
    pub(super) config: Configuration,
    /// The charge point as connector 0, and its connectors.
    pub(super) connectors: Vec<Connector, { CONNECTORS + 1 }>,
    pub(super) notices: Notices,
    pub(super) cache: Cache,
    pub(super) journal: Journal,
    pub(super) deferred: Deferred,
    pub(super) transfer_answer: Option<String<DATA_LENGTH>>,
    pub(super) events: Events,
}

impl Memory {
    /// Room for one station.
    pub const fn new() -> Self {
        Self {
            config: Configuration::new(),
            connectors: Vec::new(),
            notices: Notices::new(),
            cache: Cache::new(),
            journal: Journal::new(),
            deferred: Deferred::new(),
            transfer_answer: None,
            events: Deque::new(),
        }
    }

    /// Forgets another station's life. One part after the other: a whole new one would need as
    /// much room on the stack.
    pub(super) fn clear(&mut self, connectors: u8) {
        self.config.clear(connectors);
        self.connectors.clear();
        while self.connectors.push(Connector::new()).is_ok() {}
        self.notices.clear();
        self.cache.clear();
        self.journal.clear();
        self.deferred.forget();
        self.transfer_answer = None;
        self.events.clear();
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}
