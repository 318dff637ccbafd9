//! The answers of one connection that are not due yet.

use std::time::{Duration, Instant};

/// What is due, and when.
#[derive(Debug)]
pub(crate) struct Later<T> {
    waiting: Vec<(Instant, T)>,
}

impl<T> Later<T> {
    pub fn new() -> Self {
        Later {
            waiting: Vec::new(),
        }
    }

    pub fn add(&mut self, delay: Duration, item: T) {
        let now = Instant::now();
        // A delay beyond what the clock can count never ends.
        if let Some(due) = now.checked_add(delay) {
            self.waiting.push((due, item));
        }
    }

    /// How long it is until something is due.
    pub fn next(&self) -> Option<Duration> {
        let due = self.waiting.iter().map(|(due, _)| *due).min()?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Takes what is due, the earliest first.
    pub fn take_due(&mut self) -> Vec<T> {
        let now = Instant::now();
        let mut due: Vec<_> = self.waiting.extract_if(.., |(at, _)| *at <= now).collect();
        due.sort_by_key(|(at, _)| *at);
        due.into_iter().map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_due_is_taken() {
        let mut later = Later::new();
        later.add(Duration::from_secs(3600), 'b');
        later.add(Duration::ZERO, 'a');
        assert_eq!(later.next(), Some(Duration::ZERO));
        assert_eq!(later.take_due(), ['a']);
        assert!(
            later
                .next()
                .is_some_and(|left| left > Duration::from_secs(3000))
        );
    }
}
