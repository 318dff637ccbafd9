//! Commands that wait for their turn.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// What came from the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Line(String),
    Unreadable,
    End,
}

/// The input, in order; it lasts over restarts.
#[derive(Debug, Default)]
pub struct Queue {
    items: VecDeque<Item>,
    held_until: Option<Instant>,
}

impl Queue {
    pub fn push(&mut self, item: Item) {
        self.items.push_back(item);
    }

    /// The next item, unless a `wait` holds it back.
    pub fn next(&mut self, now: Instant) -> Option<Item> {
        if self.held_until.is_some_and(|until| until > now) {
            return None;
        }
        self.held_until = None;
        self.items.pop_front()
    }

    /// Puts back what could not be done yet.
    pub fn put_back(&mut self, item: Item, retry: Instant) {
        self.items.push_front(item);
        self.held_until = Some(retry);
    }

    /// Holds what follows.
    pub fn hold(&mut self, now: Instant, millis: u64) {
        self.held_until = now.checked_add(Duration::from_millis(millis));
    }

    /// When the next item is due, if one waits for that.
    pub fn deadline(&self) -> Option<Instant> {
        self.held_until.filter(|_| !self.items.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_delays_only_what_follows() {
        let start = Instant::now();
        let line = |text: &str| Item::Line(text.to_owned());
        let mut queue = Queue::default();
        queue.push(line("a"));
        queue.push(line("b"));
        queue.push(Item::End);
        assert_eq!(queue.next(start), Some(line("a")));
        queue.hold(start, 100);
        assert_eq!(queue.next(start), None);
        let later = start + Duration::from_millis(100);
        assert_eq!(queue.deadline(), Some(later));
        assert_eq!(queue.next(later), Some(line("b")));
        queue.put_back(line("b"), later + Duration::from_millis(5));
        assert_eq!(queue.next(later), None);
        let later = later + Duration::from_millis(5);
        assert_eq!(queue.next(later), Some(line("b")));
        assert_eq!(queue.next(later), Some(Item::End));
        assert_eq!(queue.deadline(), None);
    }
}
