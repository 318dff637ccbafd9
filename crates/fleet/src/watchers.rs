//! Those who look at single stations: most stations have none, and then nothing is kept for them.

use std::{cell::RefCell, collections::HashMap};

use serde_json::Value;

/// What is told of a station that is looked at, by the thread of its loop: it must not be held up. Times are
/// milliseconds since the fleet began.
pub trait Watcher: Send {
    /// A text passed, to the station or from it.
    fn frame(&mut self, millis: u64, is_in: bool, text: &str);
    /// Something else has happened, with the names that `--json` of the simulator has.
    fn event(&mut self, millis: u64, event: &'static str, fields: Value);
    /// Its state, which may be the same as before; once a second at least while it is under power.
    fn state(&mut self, millis: u64, state: Value);
}

/// Those of a loop, by the place of the station.
#[derive(Default)]
pub struct Watchers(RefCell<HashMap<usize, Box<dyn Watcher>>>);

impl Watchers {
    /// In the place of the one before.
    pub fn put(&self, place: usize, watcher: Box<dyn Watcher>) {
        self.0.borrow_mut().insert(place, watcher);
    }

    pub fn remove(&self, place: usize) {
        self.0.borrow_mut().remove(&place);
    }

    pub fn has(&self, place: usize) -> bool {
        let all = self.0.borrow();
        !all.is_empty() && all.contains_key(&place)
    }

    /// Tells the one of that station, if there is one.
    pub fn tell(&self, place: usize, tell: impl FnOnce(&mut dyn Watcher)) {
        let mut all = self.0.borrow_mut();
        if !all.is_empty()
            && let Some(watcher) = all.get_mut(&place)
        {
            tell(watcher.as_mut());
        }
    }
}
