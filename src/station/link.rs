//! When to connect: at once the first time, later with exponential back-off and jitter
//! (OCPP-J 1.6, 5.4).

use super::Station;
use crate::limits::{RECONNECT_MAX_MS, RECONNECT_MIN_MS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down { retry_at: u64 },
    Connecting,
    Up,
}

/// The websocket as the station sees it.
#[derive(Debug)]
pub(super) struct Link {
    state: State,
    failures: u32,
    random: u32,
    /// The caller has not been told yet that the websocket is given up.
    hangs_up: bool,
}

impl Link {
    pub fn new(seed: u32, now: u64) -> Self {
        Self {
            state: State::Down { retry_at: now },
            failures: 0,
            random: seed | 1,
            hangs_up: false,
        }
    }

    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// True once for each connection that is given up.
    pub fn wants_to_disconnect(&mut self) -> bool {
        ::core::mem::take(&mut self.hangs_up)
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
    fn retry_now(&mut self, now: u64) -> bool {
        let State::Down { retry_at } = &mut self.state else {
            return false;
        };
        *retry_at = now;
        self.failures = 0;
        true
    }

    fn closed(&mut self, now: u64) {
        let delay = RECONNECT_MIN_MS << self.failures.min(20);
        let delay = delay.min(RECONNECT_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        // Jitter of a quarter both ways keeps a fleet from coming back all at once.
        let jitter = delay / 2 * u64::from(self.next_random() >> 16) / 65_536;
        let retry_at = now + delay - delay / 4 + jitter;
        self.state = State::Down { retry_at };
    }

    /// Xorshift (Marsaglia 2003): spreads, protects nothing.
    pub fn next_random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }
}

impl Station<'_> {
    /// Makes the next attempt to connect due at once, if one is awaited, and those behind it as
    /// patient as after a first failure. True if it did: then [`Station::poll`] says
    /// [`Output::Connect`](super::Output::Connect).
    pub fn connect_now(&mut self, now: u64) -> bool {
        self.cx.now = self.cx.now.max(now);
        self.link.retry_now(self.cx.now)
    }

    pub(super) fn connected(&mut self) {
        if self.link.is_up() {
            // Another connection in place of the one before, whose end nobody told.
            self.disconnected();
        }
        self.link.state = State::Up;
        self.link.hangs_up = false;
        self.rpc.opened(self.cx.now);
        self.registration.connected(self.cx.now);
        if self.registration.is_accepted() {
            self.came_online();
        }
    }

    /// Gives up a connection over which nothing arrives any more.
    pub(super) fn hang_up(&mut self) {
        self.disconnected();
        self.link.hangs_up = true;
    }

    pub(super) fn disconnected(&mut self) {
        self.link.hangs_up = false;
        if matches!(self.link.state, State::Down { .. }) {
            return;
        }
        self.link.closed(self.cx.now);
        self.deferred.forget();
        self.status.forget_queue();
        self.forget_moments();
        if let Some(call) = self.rpc.closed() {
            self.call_interrupted(call);
        }
        self.decide_pending_offline();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_exponentially_with_jitter_and_never_gives_up() {
        let mut link = Link::new(42, 0);
        assert!(link.wants_to_connect(0));
        assert!(!link.wants_to_connect(0));
        let mut now = 0;
        for attempt in 0..40u32 {
            link.closed(now);
            let delay = link.deadline().unwrap() - now;
            let ideal = (RECONNECT_MIN_MS << attempt.min(20)).min(RECONNECT_MAX_MS);
            assert!(
                delay >= ideal * 3 / 4 && delay <= ideal * 5 / 4,
                "{attempt}: {delay}"
            );
            now += delay;
            assert!(link.wants_to_connect(now));
        }
        link.succeeded();
        link.closed(now);
        assert!(link.deadline().unwrap() - now <= RECONNECT_MIN_MS * 5 / 4);
    }
}
