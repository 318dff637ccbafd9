//! What the writing side of a connection is to do: bounded in bytes, each text at its time.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tungstenite::protocol::frame::coding::CloseCode;

/// More bytes than that never wait: the connection is cut.
const MOST_BYTES: usize = 1 << 20;
/// With more bytes than that, nothing more is taken from a peer that does not take the answers.
const ROOM_BYTES: usize = 64 * 1024;
/// What a text takes beside its bytes.
const TEXT_AROUND: usize = 64;

/// What the writing thread is to do next.
#[derive(Debug)]
pub enum Order {
    /// A text message, which has waited since then.
    Text(String, Instant),
    Pong(Vec<u8>, Instant),
    Close(Option<CloseCode>, &'static str),
    PongArrived,
    PingEvery(Duration),
    /// Nothing came until the deadline.
    TimedOut,
    /// The connection has ended.
    Over,
}

#[derive(Debug)]
struct Text {
    text: String,
    due: Instant,
}

#[derive(Debug, Default)]
struct State {
    texts: VecDeque<Text>,
    bytes: usize,
    /// When the last text is due; none that follows is before it.
    last_due: Option<Instant>,
    /// The newest answers all pings before it (RFC 6455, 5.5.3).
    pong: Option<(Vec<u8>, Instant)>,
    pong_arrived: bool,
    ping_every: Option<Duration>,
    close: Option<(Option<CloseCode>, &'static str)>,
    /// After a close frame nothing may follow (RFC 6455, 5.5.1).
    is_closing: bool,
    is_over: bool,
}

/// Shared by the station, the reading and the writing side.
#[derive(Debug, Default)]
pub struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
}

impl Outbox {
    /// Queues a text, to be sent when it is due and behind those before it. False when too much
    /// waits already.
    pub fn send(&self, text: String, due: Instant) -> bool {
        let mut state = self.lock();
        if state.is_closing || state.close.is_some() {
            return true;
        }
        let bytes = text.len() + TEXT_AROUND;
        if state.bytes + bytes > MOST_BYTES {
            return false;
        }
        state.bytes += bytes;
        let due = state.last_due.map_or(due, |last| due.max(last));
        state.last_due = Some(due);
        state.texts.push_back(Text { text, due });
        drop(state);
        self.changed.notify_all();
        true
    }

    /// Answers a ping; an answer that waits is replaced.
    pub fn pong(&self, payload: Vec<u8>) {
        self.change(|state| match &mut state.pong {
            Some((waiting, _)) => *waiting = payload,
            empty => *empty = Some((payload, Instant::now())),
        });
    }

    pub fn pong_arrived(&self) {
        self.change(|state| state.pong_arrived = true);
    }

    pub fn ping_every(&self, interval: Duration) {
        self.change(|state| state.ping_every = Some(interval));
    }

    /// Closes with a close handshake, behind all texts.
    pub fn close(&self, code: Option<CloseCode>, reason: &'static str) {
        self.change(|state| {
            state.close.get_or_insert((code, reason));
        });
    }

    /// The connection has ended: the threads that wait here go on.
    pub fn end(&self) {
        self.change(|state| state.is_over = true);
    }

    /// Waits until the peer has taken enough of what it was sent.
    pub fn wait_for_room(&self) {
        let full = |state: &mut State| state.bytes > ROOM_BYTES && !state.is_over;
        let waited = self.changed.wait_while(self.lock(), full);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// What is to be done next, at the deadline at the latest.
    pub fn next(&self, deadline: Option<Instant>) -> Order {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if let Some(order) = state.order(now) {
                drop(state);
                self.changed.notify_all();
                return order;
            }
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Order::TimedOut;
            }
            let due = state.texts.front().map(|text| text.due);
            let until = due.into_iter().chain(deadline).min();
            state = match until {
                Some(until) => {
                    let left = until.saturating_duration_since(now);
                    let woken = self.changed.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let woken = self.changed.wait(state);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn order(&mut self, now: Instant) -> Option<Order> {
        if self.is_over {
            return Some(Order::Over);
        }
        if std::mem::take(&mut self.pong_arrived) {
            return Some(Order::PongArrived);
        }
        if let Some(interval) = self.ping_every.take() {
            return Some(Order::PingEvery(interval));
        }
        if self.is_closing {
            return None;
        }
        if let Some((payload, since)) = self.pong.take() {
            return Some(Order::Pong(payload, since));
        }
        if self.texts.front().is_some_and(|text| text.due <= now)
            && let Some(text) = self.texts.pop_front()
        {
            self.bytes -= text.text.len() + TEXT_AROUND;
            return Some(Order::Text(text.text, text.due));
        }
        if self.texts.is_empty()
            && let Some((code, reason)) = self.close.take()
        {
            self.is_closing = true;
            return Some(Order::Close(code, reason));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn text(order: Order) -> String {
        match order {
            Order::Text(text, _) => text,
            other => panic!("{other:?}"),
        }
    }

    fn at_once(outbox: &Outbox) -> Order {
        outbox.next(Some(Instant::now()))
    }

    #[test]
    fn texts_keep_their_order_and_their_time() {
        let outbox = Outbox::default();
        let now = Instant::now();
        assert!(outbox.send("answer".into(), now + 30 * MS));
        assert!(outbox.send("call".into(), now));
        outbox.close(None, "");
        assert!(matches!(at_once(&outbox), Order::TimedOut));
        assert_eq!(text(outbox.next(None)), "answer");
        assert!(now.elapsed() >= 30 * MS);
        assert_eq!(text(at_once(&outbox)), "call");
        assert!(matches!(at_once(&outbox), Order::Close(None, "")));
        assert!(outbox.send("too late".into(), now));
        assert!(matches!(at_once(&outbox), Order::TimedOut));
        outbox.end();
        assert!(matches!(outbox.next(None), Order::Over));
    }

    #[test]
    fn the_newest_pong_answers_all_pings() {
        let outbox = Outbox::default();
        for number in 0..1000u32 {
            outbox.pong(number.to_be_bytes().to_vec());
        }
        let Order::Pong(payload, since) = at_once(&outbox) else {
            panic!("no pong");
        };
        assert_eq!(payload, 999u32.to_be_bytes());
        assert!(since <= Instant::now());
        assert!(matches!(at_once(&outbox), Order::TimedOut));
    }

    #[test]
    fn bytes_are_bounded() {
        let outbox = Outbox::default();
        let now = Instant::now();
        let kilobyte = "x".repeat(1024);
        let sent = (0..2048).filter(|_| outbox.send(kilobyte.clone(), now));
        let sent = sent.count();
        assert!((900..=1024).contains(&sent), "{sent}");
        for _ in 0..sent {
            text(at_once(&outbox));
        }
        outbox.wait_for_room();
        assert!(outbox.send(kilobyte, now));
    }
}
