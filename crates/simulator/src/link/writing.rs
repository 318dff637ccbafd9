//! The writing side of a connection, and the pings that tell whether the peer is alive.

use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

use tungstenite::protocol::frame::coding::CloseCode;

use super::{
    CLOSE_PATIENCE,
    outbox::{Order, Outbox},
    socket::Socket,
};

/// However short the interval: a slow network is not a dead one.
const PONG_PATIENCE: Duration = Duration::from_secs(5);
/// What is to be sent has to be with the operating system so soon after it was: a peer that
/// takes a little now and then is no better than one that takes nothing.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Writes until the connection ends.
pub fn write(socket: &Socket, outbox: &Outbox, ping_interval: Duration) {
    let mut pings = Pings::new(ping_interval, Instant::now());
    let mut closing_until = None;
    loop {
        let written = match outbox.next(closing_until.or(pings.deadline())) {
            Order::Over => return,
            Order::PongArrived => {
                pings.answered();
                Ok(())
            }
            Order::PingEvery(interval) => {
                pings = Pings::new(interval, Instant::now());
                Ok(())
            }
            Order::Text(text, since) => send(socket, TEXT, text.as_bytes(), since),
            Order::Pong(payload, since) => send(socket, PONG, &payload, since),
            Order::Close(code, reason) => {
                let now = Instant::now();
                closing_until = Some(now + CLOSE_PATIENCE);
                let payload = close_payload(code, reason);
                send(socket, CLOSE, &payload, now)
            }
            Order::TimedOut if closing_until.is_some() => {
                socket.cut("closed here");
                return;
            }
            Order::TimedOut => match pings.due(Instant::now()) {
                Due::Nothing => Ok(()),
                Due::Ping => send(socket, PING, b"", Instant::now()),
                Due::GiveUp => {
                    socket.cut("the connection was lost: no pong");
                    return;
                }
            },
        };
        if let Err(error) = written {
            let why = match error.kind() {
                ErrorKind::TimedOut => {
                    "the central system does not read what it is sent".to_owned()
                }
                _ => error.to_string(),
            };
            socket.cut(&format!("the connection was lost: {why}"));
            return;
        }
    }
}

fn close_payload(code: Option<CloseCode>, reason: &str) -> Vec<u8> {
    let status = code.map(|code| u16::from(code).to_be_bytes());
    let status = status.as_ref().map_or(&[][..], |bytes| bytes);
    [status, reason.as_bytes()].concat()
}

/// Writes a whole frame, which has waited since then.
fn send(socket: &Socket, opcode: u8, payload: &[u8], since: Instant) -> io::Result<()> {
    let deadline = since + WRITE_PATIENCE;
    let mask = getrandom::u32().map_err(io::Error::other)?.to_be_bytes();
    let frame = frame(opcode, payload, mask);
    socket.write(&frame, deadline)
}

/// A frame as a client sends it (RFC 6455, 5.2).
fn frame(opcode: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(0x80 | opcode);
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length @ ..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    let masked = payload.iter().zip(mask.into_iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
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
    fn frames_are_masked_and_say_how_long_they_are() {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        // RFC 6455, 5.7.
        let hello = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(frame(TEXT, b"Hello", mask), hello);
        assert_eq!(frame(TEXT, &[0; 126], mask)[1..4], [0xfe, 0, 126]);
        let long = frame(TEXT, &[0; 0x1_0000], mask);
        assert_eq!(long[1..10], [0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(long.len(), 0x1_0000 + 14);
        assert_eq!(close_payload(None, ""), b"");
        assert_eq!(close_payload(Some(CloseCode::Normal), "x"), b"\x03\xe8x");
    }

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
