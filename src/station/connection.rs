//! When to connect: at once the first time, later with exponential back-off and jitter
//! (OCPP-J 1.6, 5.4).

use crate::limits::{RECONNECT_MAX_MS, RECONNECT_MIN_MS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down { retry_at: u64 },
    Connecting,
    Up,
}

/// The websocket as the station sees it.
#[derive(Debug)]
pub(super) struct Connection {
    state: State,
    failures: u32,
    random: u32,
    /// The caller has not been told yet that the websocket is given up.
    is_given_up: bool,
}

impl Connection {
    pub fn new(seed: u32, now: u64) -> Self {
        Self {
            state: State::Down { retry_at: now },
            failures: 0,
            random: seed | 1,
            is_given_up: false,
        }
    }

    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// True once for each connection that is given up.
    pub fn wants_to_disconnect(&mut self) -> bool {
        core::mem::take(&mut self.is_given_up)
    }

    /// True once for each attempt that is due.
    pub fn wants_to_connect(&mut self, now: u64) -> bool {
        let due = matches!(self.state, State::Down { retry_at } if retry_at <= now);
        if due {
            self.state = State::Connecting;
        }
        due
    }

    pub fn deadline(&self) -> Option<u64> {
        match self.state {
            State::Down { retry_at } => Some(retry_at),
            State::Connecting | State::Up => None,
        }
    }

    /// The central system answers sensibly: the next failure is the first again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// True when an attempt was awaited, which is due now.
    pub fn retry_now(&mut self, now: u64) -> bool {
        let State::Down { retry_at } = &mut self.state else {
            return false;
        };
        *retry_at = now;
        self.failures = 0;
        true
    }

    /// It is open.
    pub fn opened(&mut self) {
        self.state = State::Up;
        self.is_given_up = false;
    }

    /// Nothing arrives over it any more: the caller is to close it.
    pub fn give_up(&mut self) {
        self.is_given_up = true;
    }

    /// It is closed, or could not be opened. False when that was known.
    pub fn closed(&mut self, now: u64) -> bool {
        self.is_given_up = false;
        if matches!(self.state, State::Down { .. }) {
            return false;
        }
        let delay = RECONNECT_MIN_MS << self.failures.min(20);
        let delay = delay.min(RECONNECT_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        // Jitter of a quarter both ways keeps a fleet from coming back all at once.
        let jitter = delay / 2 * u64::from(self.next_random() >> 16) / 65_536;
        let retry_at = now + delay - delay / 4 + jitter;
        self.state = State::Down { retry_at };
        true
    }

    /// Xorshift (Marsaglia 2003): spreads, protects nothing.
    fn next_random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_exponentially_with_jitter_and_never_gives_up() {
        let mut connection = Connection::new(42, 0);
        assert!(connection.wants_to_connect(0));
        assert!(!connection.wants_to_connect(0));
        let mut now = 0;
        for attempt in 0..40u32 {
            assert!(connection.closed(now));
            let delay = connection.deadline().unwrap() - now;
            let ideal = (RECONNECT_MIN_MS << attempt.min(20)).min(RECONNECT_MAX_MS);
            assert!(
                delay >= ideal * 3 / 4 && delay <= ideal * 5 / 4,
                "{attempt}: {delay}"
            );
            now += delay;
            assert!(connection.wants_to_connect(now));
        }
        connection.succeeded();
        assert!(connection.closed(now));
        assert!(!connection.closed(now));
        assert!(connection.deadline().unwrap() - now <= RECONNECT_MIN_MS * 5 / 4);
    }
}
