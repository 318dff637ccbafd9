//! A search through the stations of a loop, some at a time.

use std::ops::Range;

use fleet_engine::Version;

use crate::table::{Digest, Filter, Found};

/// Stations that are looked at before the loop does something else: a quarter of a millisecond.
const AT_ONCE: usize = 256;

pub struct Search {
    pub filter: Filter,
    answer: Box<dyn FnOnce(Vec<Found>) + Send>,
    found: Vec<Found>,
    /// The station that is looked at next.
    place: usize,
}

impl Search {
    pub fn new(filter: Filter, answer: Box<dyn FnOnce(Vec<Found>) + Send>) -> Self {
        Self {
            filter,
            answer,
            found: Vec::new(),
            place: 0,
        }
    }

    /// Those that are looked at now.
    pub fn next_places(&mut self) -> Range<usize> {
        let from = self.place;
        self.place += AT_ONCE;
        from..self.place
    }

    pub fn look(&mut self, id: u64, version: Version, digest: &Digest, connectors: u8) {
        if self.filter.takes(digest, connectors) {
            let key = self.filter.key(id, version, digest);
            self.found.push(Found { key, id });
        }
    }

    pub fn finish(self) {
        (self.answer)(self.found);
    }
}
