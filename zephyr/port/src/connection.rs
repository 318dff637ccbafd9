//! The connection to the central system, as the engine's thread sees it: messages in and out,
//! and pings.

use ocpp::{
    domain::Credentials,
    station::{Input, Refused},
    wire::UnixMillis,
};

#[cfg(feature = "tls")]
use crate::tls::{Refusal, Validity};
use crate::{
    connect_thread::CONNECT_STATE,
    kernel,
    limits::{RECV_BUFFER_SIZE, SEND_TIMEOUT_MS},
    log::line,
    reassembly::{Arrived, Reassembly},
    sending::Sending,
    socket::{self, Opcode, Opened},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Opening,
    Up,
}

/// Why the connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The central system closed it.
    Closed,
    /// It broke; a negative error number.
    Broken(i32),
    /// No answer to a ping.
    Silent,
    /// It does not read what is sent.
    Stuck,
    /// It broke the websocket protocol.
    Invalid,
    /// It answers no CALL.
    Unanswered,
    /// It was made with what is not to be used any more.
    Outdated,
    /// The certificate of the central system is not good now that the time is known.
    #[cfg(feature = "tls")]
    Refused(Refusal),
}

/// Close frames' status codes (RFC 6455, 7.4.1).
const NORMAL: [u8; 2] = 1000u16.to_be_bytes();
const PROTOCOL_ERROR: [u8; 2] = 1002u16.to_be_bytes();

/// One websocket.
pub struct Connection {
    state: State,
    reassembly: Reassembly,
    sending: Sending,
    /// Until when the frame in `sending` has to be written.
    send_deadline: u64,
    /// A part of a message has been sent, but not its end.
    is_sending: bool,
    /// When something arrived last, and when a ping went out last.
    heard_at: u64,
    pinged_at: u64,
    /// When the certificates of the central system are valid, until that was looked at.
    #[cfg(feature = "tls")]
    unchecked: Option<Validity>,
    #[cfg(feature = "shell")]
    opened_at: u64,
}

impl Connection {
    /// Not connected.
    pub const fn new() -> Self {
        Self {
            state: State::Down,
            reassembly: Reassembly::new(),
            sending: Sending::new(),
            send_deadline: 0,
            is_sending: false,
            heard_at: 0,
            pinged_at: 0,
            #[cfg(feature = "tls")]
            unchecked: None,
            #[cfg(feature = "shell")]
            opened_at: 0,
        }
    }

    /// True while connected.
    pub fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// Has the connect thread open it with these credentials and offer that subprotocol.
    pub fn open(
        &mut self,
        subprotocol: &'static str,
        credentials: &Credentials<'_>,
        utc: Option<UnixMillis>,
    ) {
        self.state = State::Opening;
        CONNECT_STATE.with(|state| {
            state.is_wanted = true;
            state.subprotocol = Some(subprotocol);
            state.login.set(credentials, utc.map(|utc| utc / 1000));
        });
        kernel::Semaphore::Connect.give();
    }

    /// The connect thread has opened it.
    #[cfg_attr(
        not(feature = "tls"),
        allow(unused_variables, reason = "nothing is known of it")
    )]
    pub fn opened(&mut self, opened: Opened) {
        let now = kernel::now();
        #[cfg(feature = "tls")]
        {
            self.unchecked = opened.unchecked;
        }
        self.state = State::Up;
        self.reassembly.clear();
        self.sending.clear();
        self.is_sending = false;
        self.heard_at = now;
        self.pinged_at = now;
        #[cfg(feature = "shell")]
        {
            self.opened_at = now;
        }
    }

    /// Looks once at whether the certificates of the central system are valid, where the time was not known
    /// when the connection was made.
    #[cfg(feature = "tls")]
    pub fn check_validity(&mut self, utc: Option<UnixMillis>) -> Result<(), Lost> {
        let Some(utc) = utc.filter(|_| self.is_up()) else {
            return Ok(());
        };
        let unchecked = self.unchecked.take();
        let refusal = unchecked.and_then(|validity| validity.refusal(utc / 1000));
        refusal.map_or(Ok(()), |refusal| Err(Lost::Refused(refusal)))
    }

    /// When it was opened, in monotonic milliseconds; `None` if not connected.
    #[cfg(feature = "shell")]
    pub fn up_since(&self) -> Option<u64> {
        self.is_up().then_some(self.opened_at)
    }

    /// The connect thread could not open it.
    pub fn not_opened(&mut self) {
        self.state = State::Down;
    }

    /// Closes it. Where it still works, a close frame goes out if the socket takes it at once; its
    /// answer is not waited for.
    pub fn close(&mut self, lost: Lost) {
        if self.state == State::Up {
            let status = match lost {
                Lost::Closed | Lost::Unanswered | Lost::Outdated => Some(NORMAL),
                Lost::Invalid => Some(PROTOCOL_ERROR),
                Lost::Broken(_) | Lost::Silent | Lost::Stuck => None,
                #[cfg(feature = "tls")]
                Lost::Refused(_) => None,
            };
            if let Some(status) = status.filter(|_| !self.is_writing()) {
                let _ = self.begin(Opcode::Close, &status, true);
            }
            socket::close(true);
        }
        self.state = State::Down;
    }

    /// Leaves it to the connect thread, which closes it with a close frame and waits for the answer
    /// before it opens the next one; within a frame there is no close frame.
    #[cfg(feature = "shell")]
    pub fn close_later(&mut self) {
        if self.state == State::Up {
            match self.is_writing() {
                true => socket::close(true),
                false => CONNECT_STATE.with(|state| state.closes_first = true),
            }
        }
        self.state = State::Down;
    }

    /// Sends a close frame and waits for the answer, also on a connection that was left to the
    /// connect thread.
    pub fn end(&mut self) {
        let is_left = CONNECT_STATE.with(|state| core::mem::take(&mut state.closes_first));
        if is_left || self.state == State::Up {
            socket::close(self.is_writing());
        }
        self.state = State::Down;
    }

    /// True until the frame that is being sent is written. Nothing else can be sent meanwhile.
    pub fn is_writing(&self) -> bool {
        self.state == State::Up && !self.sending.is_done()
    }

    /// Until when the frame that is being sent has to be written.
    pub fn send_deadline(&self) -> Option<u64> {
        self.is_writing().then_some(self.send_deadline)
    }

    /// Continues writing.
    ///
    /// # Errors
    ///
    /// [`Lost::Stuck`] if the frame is not written in time, however much of it was;
    /// [`Lost::Broken`].
    pub fn write(&mut self) -> Result<(), Lost> {
        self.sending.write(socket::write).map_err(Lost::Broken)?;
        let now = kernel::now();
        match self.is_writing() {
            true if self.send_deadline <= now => Err(Lost::Stuck),
            true => Ok(()),
            false => {
                // No pong was read meanwhile; that the frame was accepted counts like one.
                self.heard_at = now;
                Ok(())
            }
        }
    }

    fn begin(&mut self, opcode: Opcode, payload: &[u8], is_final: bool) -> Result<(), Lost> {
        let mask = kernel::random().to_ne_bytes();
        self.sending.begin(opcode, payload, is_final, mask);
        self.send_deadline = kernel::now() + SEND_TIMEOUT_MS;
        self.sending.write(socket::write).map_err(Lost::Broken)
    }

    /// Sends a message, or a part of one: those that are not the last, and then the last. Not while
    /// another frame is being sent.
    pub fn send(&mut self, text: &str, is_last: bool) -> Result<(), Lost> {
        line!(Debug, "> ", text);
        let opcode = match self.is_sending {
            true => Opcode::Continuation,
            false => Opcode::Text,
        };
        self.is_sending = !is_last;
        self.begin(opcode, text.as_bytes(), is_last)
    }

    /// Takes one piece of what has arrived and hands a complete message to `deliver`; false if
    /// there is none. `is_readable` says that the socket has data. Not while a frame is being sent:
    /// what arrives may have to be answered.
    pub fn receive(
        &mut self,
        is_readable: bool,
        deliver: impl FnOnce(Input<'_>) -> Result<(), Refused>,
    ) -> Result<bool, Lost> {
        let piece = match socket::receive(self.reassembly.spare(), is_readable) {
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
                let mask = kernel::random().to_ne_bytes();
                self.sending.begin(Opcode::Pong, payload, true, mask);
                self.send_deadline = kernel::now() + SEND_TIMEOUT_MS;
                self.sending.write(socket::write).map_err(Lost::Broken)?;
                Ok(())
            }
            Arrived::Close => return Err(Lost::Closed),
            Arrived::Invalid => return Err(Lost::Invalid),
        };
        if delivered.is_err() {
            // The station is polled until it waits after each message, so it takes the next.
            line!(Error, "message not taken");
        }
        Ok(true)
    }

    /// Sends a ping when it is time; `interval` in milliseconds, 0 for never.
    pub fn ping_when_due(&mut self, now: u64, interval: u64) -> Result<(), Lost> {
        if self.is_writing() || self.ping_at(interval).is_none_or(|at| at > now) {
            return Ok(());
        }
        if self.pinged_at > self.heard_at {
            return Err(Lost::Silent);
        }
        self.pinged_at = now;
        self.begin(Opcode::Ping, &[], true)
    }

    /// When the next ping is due.
    pub fn ping_at(&self, interval: u64) -> Option<u64> {
        (self.state == State::Up && interval > 0).then(|| self.pinged_at + interval)
    }
}
