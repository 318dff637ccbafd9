//! One connection, from the handshake to its end.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use mio::net::TcpStream;
use serde_json::Value;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

use crate::answer::Answer;
use crate::command::CallFailure;
use crate::event::{Direction, EventKind};
use crate::handshake::{Entry, Handshake, Progress};
use crate::later::Later;
use crate::reception;
use crate::rpc;
use crate::shared::Shared;
use crate::wire::{ReadHalf, Socket, Wire};

/// So many messages of one connection are handled before others have their turn.
const TURN: usize = 32;

/// When a connection is to be served again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// When its socket is ready.
    Wait,
    /// After the others: there is more.
    Again,
    /// When it does not play dead any more.
    Frozen,
    /// When its socket is ready, for the little that is left of it.
    Ending,
    /// It has ended.
    Over,
}

/// A connection that was accepted.
pub(crate) struct Connection {
    /// Tells it from others with the same token.
    number: u64,
    phase: Phase,
}

enum Phase {
    Handshake(Handshake),
    /// To be closed, for lack of a common subprotocol.
    Closing(Box<WebSocket<ReadHalf>>),
    Open(Box<Session>),
    Over,
}

impl Connection {
    pub fn new(stream: TcpStream, number: u64, shared: &Arc<Shared>) -> Self {
        let socket = Socket(Arc::new(stream));
        Self {
            number,
            phase: Phase::Handshake(Handshake::new(socket, shared)),
        }
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// In the one at the beginning, or in the one at the end.
    pub fn is_in_handshake(&self) -> bool {
        matches!(self.phase, Phase::Handshake(_) | Phase::Closing(_))
    }

    /// The socket takes more.
    pub fn drain(&self) {
        if let Phase::Open(session) = &self.phase {
            session.entry.wire.drain();
        }
    }

    /// Does what there is to do. After [`Next::Over`] it is not asked again.
    pub fn serve(&mut self, shared: &Shared) -> Next {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Handshake(handshake) => match handshake.go_on() {
                Progress::Waits(handshake) => {
                    self.phase = Phase::Handshake(handshake);
                    Next::Wait
                }
                Progress::Refused => Next::Over,
                Progress::Admitted(entry) => self.open(entry, shared),
                Progress::Closes(socket) => self.close(socket, shared),
            },
            Phase::Closing(mut reader) => loop {
                match reader.read() {
                    Ok(_) => {}
                    Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                        self.phase = Phase::Closing(reader);
                        return Next::Wait;
                    }
                    Err(_) => return Next::Over,
                }
            },
            Phase::Open(mut session) => {
                // Put back first: a hook that panics must not leave a dead link.
                let next = match session.reader.take() {
                    Some(mut reader) => {
                        let place = &mut self.phase;
                        *place = Phase::Open(session);
                        let Phase::Open(session) = place else {
                            return Next::Over;
                        };
                        let next = session.run(&mut reader, shared);
                        session.reader = Some(reader);
                        return next;
                    }
                    None => Next::Over,
                };
                self.phase = Phase::Open(session);
                next
            }
            Phase::Over => Next::Over,
        }
    }

    fn open(&mut self, entry: Entry, shared: &Shared) -> Next {
        entry.wire.release();
        self.phase = Phase::Open(Box::new(Session {
            reader: Some(entry.wire.reader()),
            entry,
            later: Later::new(),
        }));
        self.serve(shared)
    }

    fn close(&mut self, socket: Socket, shared: &Shared) -> Next {
        let wire = Arc::new(Wire::new(socket));
        wire.release();
        wire.close(CloseCode::Protocol);
        self.phase = Phase::Closing(Box::new(wire.reader()));
        match self.serve(shared) {
            Next::Over => Next::Over,
            _ => Next::Ending,
        }
    }

    /// How long it is until an answer is due.
    pub fn next_answer(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Open(session) => session.later.next(),
            _ => None,
        }
    }

    /// Gives the answers that are due.
    pub fn answer_late(&mut self, shared: &Shared) {
        if let Phase::Open(session) = &mut self.phase
            && !session.is_frozen(shared)
        {
            for parcel in session.later.take_due() {
                session.hand_over(parcel, shared);
            }
        }
    }
}

/// A connection of a charge point that was let in.
struct Session {
    entry: Entry,
    /// Taken while it is read.
    reader: Option<WebSocket<ReadHalf>>,
    later: Later<Parcel>,
}

/// An answer that is ready.
enum Parcel {
    Text(String),
    Hangup,
}

impl Session {
    fn run(&mut self, reader: &mut WebSocket<ReadHalf>, shared: &Shared) -> Next {
        for _ in 0..TURN {
            if self.is_frozen(shared) {
                return Next::Frozen;
            }
            match reader.read() {
                Ok(message) => self.take(message, shared),
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                    return Next::Wait;
                }
                Err(_) => return Next::Over,
            }
        }
        Next::Again
    }

    fn take(&mut self, message: Message, shared: &Shared) {
        match message {
            Message::Text(text) => self.take_text(text.as_str(), shared),
            Message::Binary(_) => {
                self.fault("a binary frame".to_owned(), shared);
                self.entry.wire.close(CloseCode::Unsupported);
            }
            Message::Ping(_) => {
                shared.change(|state| state.station(&self.entry.identity).pings += 1)
            }
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }

    fn take_text(&mut self, text: &str, shared: &Shared) {
        let kind = EventKind::Frame {
            direction: Direction::FromStation,
            text: text.to_owned(),
        };
        shared.change(|state| state.note(&self.entry.identity, kind));
        match rpc::parse(text) {
            Ok(rpc::Message::Call(call)) => {
                let (delay, answer) = reception::receive(shared, &self.entry.identity, &call);
                let parcel = match answer {
                    Answer::Result(payload) => Parcel::Text(rpc::call_result(&call.id, &payload)),
                    Answer::Error { code, description } => {
                        Parcel::Text(rpc::call_error(&call.id, &code, &description))
                    }
                    Answer::Hangup => Parcel::Hangup,
                    Answer::Silence | Answer::Standard | Answer::After(..) => return,
                };
                if delay.is_zero() {
                    self.hand_over(parcel, shared);
                } else {
                    self.later.add(delay, parcel);
                }
            }
            Ok(rpc::Message::CallResult { id, payload }) => self.answered(&id, Ok(payload), shared),
            Ok(rpc::Message::CallError {
                id,
                code,
                description,
                details,
            }) => {
                let error = CallFailure::Error {
                    code,
                    description,
                    details,
                };
                self.answered(&id, Err(error), shared);
            }
            Err(unreadable) => {
                self.fault(format!("{}: {text}", unreadable.why), shared);
                if let Some(id) = unreadable.call_id {
                    let error = rpc::call_error(&id, "FormationViolation", unreadable.why);
                    self.hand_over(Parcel::Text(error), shared);
                }
            }
        }
    }

    /// Gives an answer of the charge point to the thread that waits for it.
    fn answered(&self, id: &str, outcome: Result<Value, CallFailure>, shared: &Shared) {
        shared.change(|state| {
            let link = state.link(&self.entry.identity, self.entry.number);
            match link.and_then(|link| link.outstanding.as_mut()) {
                Some(call) if call.id == id && call.outcome.get().is_none() => {
                    // No other thread sets it: that takes the lock which is held here.
                    let _ = call.outcome.set(outcome);
                }
                _ => state.station(&self.entry.identity).unexpected_answers += 1,
            }
        });
    }

    /// Errors are not looked at: a broken connection ends with the next read.
    fn hand_over(&self, parcel: Parcel, shared: &Shared) {
        match parcel {
            Parcel::Text(text) => {
                let _ = shared.send(&self.entry.identity, &self.entry.wire, text);
            }
            Parcel::Hangup => self.entry.wire.cut(),
        }
    }

    fn fault(&self, fault: String, shared: &Shared) {
        shared.change(|state| state.station(&self.entry.identity).note_fault(fault));
    }

    fn is_frozen(&self, shared: &Shared) -> bool {
        shared.read(|state| {
            let link = state.links.get(&self.entry.identity);
            link.is_some_and(|link| link.number == self.entry.number && link.frozen)
        })
    }
}
