//! The connection to the central system, as the engine's thread sees it: messages in and out,
//! and a ping now and then.

use ocpp::station::{Input, Refused};

use crate::{
    kernel,
    limits::RECV_BUFFER_SIZE,
    log::line,
    reassembly::{Arrived, Reassembly},
    socket::{self, Opcode},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Opening,
    Up,
}

/// Why the connection is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The central system closed it.
    Closed,
    /// It broke; a negative error number.
    Broken(i32),
    /// No answer to a ping.
    Silent,
}

/// One websocket.
pub struct Connection {
    state: State,
    reassembly: Reassembly,
    /// A part of a message has been sent, but not its end.
    is_sending: bool,
    /// When something arrived last, and when a ping went out last.
    heard_at: u64,
    pinged_at: u64,
    #[cfg(feature = "shell")]
    opened_at: u64,
}

impl Connection {
    /// There is none.
    pub const fn new() -> Self {
        Self {
            state: State::Down,
            reassembly: Reassembly::new(),
            is_sending: false,
            heard_at: 0,
            pinged_at: 0,
            #[cfg(feature = "shell")]
            opened_at: 0,
        }
    }

    /// True when there is one.
    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// Lets the opener open it.
    pub fn open(&mut self) {
        self.state = State::Opening;
        kernel::Semaphore::Open.give();
    }

    /// The opener has.
    pub fn opened(&mut self) {
        let now = kernel::now();
        self.state = State::Up;
        self.reassembly.clear();
        self.is_sending = false;
        self.heard_at = now;
        self.pinged_at = now;
        #[cfg(feature = "shell")]
        {
            self.opened_at = now;
        }
    }

    /// Since when there is one, in monotonic milliseconds.
    #[cfg(feature = "shell")]
    pub fn up_since(&self) -> Option<u64> {
        self.is_up().then_some(self.opened_at)
    }

    /// The opener could not.
    pub fn not_opened(&mut self) {
        self.state = State::Down;
    }

    /// Gives it up; says goodbye first when it is not lost.
    pub fn close(&mut self, lost: bool) {
        if self.state == State::Up {
            socket::close(lost);
        }
        self.state = State::Down;
    }

    /// Sends a message, or a part of one: those that are not the last, and then the last.
    pub fn send(&mut self, text: &str, is_last: bool) -> Result<(), Lost> {
        line!(Debug, "> ", text);
        let opcode = match self.is_sending {
            true => Opcode::Continuation,
            false => Opcode::Text,
        };
        self.is_sending = !is_last;
        socket::send(opcode, text.as_bytes(), is_last).map_err(Lost::Broken)
    }

    /// Takes one piece of what has arrived and hands a message to `deliver`; false when nothing
    /// is left to be taken. `is_readable` says that the socket has something.
    pub fn receive(
        &mut self,
        is_readable: bool,
        deliver: impl FnOnce(Input<'_>) -> Result<(), Refused>,
    ) -> Result<bool, Lost> {
        let piece = match socket::receive(self.reassembly.room(), is_readable) {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(false),
            Err(error) => return Err(Lost::Broken(error)),
        };
        self.heard_at = kernel::now();
        let delivered = match self.reassembly.take(piece) {
            Arrived::Nothing | Arrived::Pong => Ok(()),
            Arrived::Message(message) => {
                let text = core::str::from_utf8(message).unwrap_or("(not UTF-8)");
                line!(Debug, "< ", text);
                deliver(Input::Frame(message))
            }
            Arrived::TooLong(beginning) => {
                line!(
                    Warning,
                    "message of more than ",
                    RECV_BUFFER_SIZE as i64,
                    " bytes"
                );
                deliver(Input::FrameTooLong(beginning))
            }
            Arrived::Ping(payload) => {
                socket::send(Opcode::Pong, payload, true).map_err(Lost::Broken)?;
                Ok(())
            }
            Arrived::Close => return Err(Lost::Closed),
        };
        if delivered.is_err() {
            // The station is polled until it waits after each message, so it takes the next.
            line!(Error, "message not taken");
        }
        Ok(true)
    }

    /// Sends a ping when it is time; `interval` in milliseconds, 0 for never.
    pub fn ping_when_due(&mut self, now: u64, interval: u64) -> Result<(), Lost> {
        if self.ping_at(interval).is_none_or(|at| at > now) {
            return Ok(());
        }
        if self.pinged_at > self.heard_at {
            return Err(Lost::Silent);
        }
        self.pinged_at = now;
        socket::send(Opcode::Ping, &[], true).map_err(Lost::Broken)
    }

    /// When the next ping is due.
    pub fn ping_at(&self, interval: u64) -> Option<u64> {
        (self.state == State::Up && interval > 0).then(|| self.pinged_at + interval)
    }
}
