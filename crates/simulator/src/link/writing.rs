//! The writing side of a connection, and the pings that tell whether the peer is alive.

use std::{
    io::Write,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use tungstenite::{
    Bytes, Message, Utf8Bytes, WebSocket,
    protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
};

use super::{
    CLOSE_PATIENCE,
    socket::{Socket, WriteHalf},
};

/// However short the interval: a slow network is not a dead one.
const PONG_PATIENCE: Duration = Duration::from_secs(5);
/// Longer than any connection lives.
const FOR_EVER: Duration = Duration::from_secs(86_400);

/// What the writing thread is to do.
#[derive(Debug)]
pub enum Order {
    Text(String),
    /// Whole frames that the reading websocket has made.
    Bytes(Vec<u8>),
    PongArrived,
    PingEvery(Duration),
    Close(CloseCode, &'static str),
}

/// Writes until the connection ends.
pub fn write(socket: &Arc<Socket>, orders: &Receiver<Order>, ping_interval: Duration) {
    // Nothing is ever read through this websocket.
    let config = WebSocketConfig::default().read_buffer_size(1);
    let half = WriteHalf(Arc::clone(socket));
    let mut websocket = WebSocket::from_raw_socket(half, Role::Client, Some(config));
    let mut pings = Pings::new(ping_interval, Instant::now());
    let mut closing_until = None;
    loop {
        let now = Instant::now();
        let until = closing_until.or(pings.deadline());
        let patience = until.map_or(FOR_EVER, |until: Instant| {
            until.saturating_duration_since(now)
        });
        let written = match orders.recv_timeout(patience) {
            Ok(Order::Text(text)) if closing_until.is_none() => websocket.send(Message::text(text)),
            Ok(Order::Bytes(bytes)) if closing_until.is_none() => {
                websocket.get_mut().write_all(&bytes).map_err(Into::into)
            }
            Ok(Order::Close(code, reason)) if closing_until.is_none() => {
                closing_until = Some(Instant::now() + CLOSE_PATIENCE);
                let reason = Utf8Bytes::from_static(reason);
                // The error tells that it is closing.
                let _ = websocket.close(Some(CloseFrame { code, reason }));
                Ok(())
            }
            // After a close frame nothing may follow (RFC 6455, 5.5.1).
            Ok(Order::Text(_) | Order::Bytes(_) | Order::Close(..)) => Ok(()),
            Ok(Order::PongArrived) => {
                pings.answered();
                Ok(())
            }
            Ok(Order::PingEvery(interval)) => {
                pings = Pings::new(interval, Instant::now());
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) if closing_until.is_some() => {
                socket.cut("closed here");
                return;
            }
            Err(RecvTimeoutError::Timeout) => match pings.due(Instant::now()) {
                Due::Nothing => Ok(()),
                Due::Ping => websocket.send(Message::Ping(Bytes::new())),
                Due::GiveUp => {
                    socket.cut("the connection was lost: no pong");
                    return;
                }
            },
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Err(error) = written {
            socket.cut(&format!("the connection was lost: {error}"));
            return;
        }
    }
}

/// When to send the next ping, and until when the answer to the last one may come.
#[derive(Debug)]
struct Pings {
    interval: Duration,
    next: Option<Instant>,
    pong_until: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Ping,
    GiveUp,
}

impl Pings {
    /// An interval of zero means none.
    fn new(interval: Duration, now: Instant) -> Self {
        let next = (!interval.is_zero()).then(|| now + interval);
        Self {
            interval,
            next,
            pong_until: None,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        [self.next, self.pong_until].into_iter().flatten().min()
    }

    fn answered(&mut self) {
        self.pong_until = None;
    }

    fn due(&mut self, now: Instant) -> Due {
        if self.pong_until.is_some_and(|until| until <= now) {
            return Due::GiveUp;
        }
        if self.next.is_none_or(|next| next > now) {
            return Due::Nothing;
        }
        self.next = Some(now + self.interval);
        let until = now + self.interval.max(PONG_PATIENCE);
        self.pong_until.get_or_insert(until);
        Due::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_missing_pong_ends_the_connection_after_an_interval() {
        let start = Instant::now();
        let mut pings = Pings::new(10 * S, start);
        assert_eq!(pings.deadline(), Some(start + 10 * S));
        assert_eq!(pings.due(start + 9 * S), Due::Nothing);
        assert_eq!(pings.due(start + 10 * S), Due::Ping);
        pings.answered();
        assert_eq!(pings.due(start + 20 * S), Due::Ping);
        assert_eq!(pings.due(start + 29 * S), Due::Nothing);
        assert_eq!(pings.due(start + 30 * S), Due::GiveUp);
    }

    #[test]
    fn a_short_interval_leaves_five_seconds_for_the_pong() {
        let start = Instant::now();
        let mut pings = Pings::new(S, start);
        for second in 1..=5 {
            assert_eq!(pings.due(start + second * S), Due::Ping);
        }
        assert_eq!(pings.due(start + 6 * S), Due::GiveUp);
    }

    #[test]
    fn no_interval_no_pings() {
        assert_eq!(Pings::new(Duration::ZERO, Instant::now()).deadline(), None);
    }
}
