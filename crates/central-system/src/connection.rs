//! One connection, from the handshake to its end, on a thread of its own.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

use crate::answer::Answer;
use crate::command::CallFailure;
use crate::event::{Direction, EventKind};
use crate::handshake;
use crate::later::Later;
use crate::reception;
use crate::rpc;
use crate::shared::Shared;
use crate::wire::{ReadHalf, Socket, Wire};

/// How long a peer may keep the thread waiting in the two handshakes, and in a write.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves a connection until it ends.
pub(crate) fn serve(stream: Arc<TcpStream>, shared: &Arc<Shared>) {
    // Options that cannot be set leave a connection that works, only less well.
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let socket = Socket(stream);
    let Some(admission) = handshake::accept(socket.clone(), shared) else {
        return;
    };
    let wire = Arc::new(Wire::new(socket));
    let mut reader = wire.reader();
    if !admission.may_stay {
        wire.close(CloseCode::Protocol);
        while reader.read().is_ok() {}
        return;
    }
    let identity = admission.identity;
    let number = shared.change(|state| state.link_up(&identity, Arc::clone(&wire)));
    let connection = Connection {
        shared,
        identity,
        number,
        wire,
    };
    connection.run(&mut reader);
}

struct Connection<'a> {
    shared: &'a Shared,
    identity: String,
    number: u64,
    wire: Arc<Wire>,
}

/// An answer that is ready.
enum Parcel {
    Text(String),
    Hangup,
}

impl Connection<'_> {
    fn run(&self, reader: &mut WebSocket<ReadHalf>) {
        let mut later = Later::new();
        loop {
            if self.wire.set_patience(later.next()).is_err() {
                return;
            }
            let message = match reader.read() {
                Ok(message) => Some(message),
                // Both names are in use for a read that took too long.
                Err(Error::Io(error))
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    None
                }
                Err(_) => return,
            };
            self.wait_while_frozen();
            if let Some(message) = message {
                self.take(message, &mut later);
            }
            for parcel in later.take_due() {
                self.hand_over(parcel);
            }
        }
    }

    fn take(&self, message: Message, later: &mut Later<Parcel>) {
        match message {
            Message::Text(text) => self.take_text(text.as_str(), later),
            Message::Binary(_) => {
                self.fault("a binary frame".to_owned());
                self.wire.close(CloseCode::Unsupported);
            }
            Message::Ping(_) => self
                .shared
                .change(|state| state.station(&self.identity).pings += 1),
            Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }

    fn take_text(&self, text: &str, later: &mut Later<Parcel>) {
        let kind = EventKind::Frame {
            direction: Direction::FromStation,
            text: text.to_owned(),
        };
        self.shared.change(|state| state.note(&self.identity, kind));
        match rpc::parse(text) {
            Ok(rpc::Message::Call(call)) => {
                let (delay, answer) = reception::receive(self.shared, &self.identity, &call);
                let parcel = match answer {
                    Answer::Result(payload) => Parcel::Text(rpc::call_result(&call.id, &payload)),
                    Answer::Error { code, description } => {
                        Parcel::Text(rpc::call_error(&call.id, &code, &description))
                    }
                    Answer::Hangup => Parcel::Hangup,
                    Answer::Silence | Answer::Standard | Answer::After(..) => return,
                };
                if delay.is_zero() {
                    self.hand_over(parcel);
                } else {
                    later.add(delay, parcel);
                }
            }
            Ok(rpc::Message::CallResult { id, payload }) => self.answered(&id, Ok(payload)),
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
                self.answered(&id, Err(error));
            }
            Err(unreadable) => {
                self.fault(format!("{}: {text}", unreadable.why));
                if let Some(id) = unreadable.call_id {
                    let error = rpc::call_error(&id, "FormationViolation", unreadable.why);
                    self.hand_over(Parcel::Text(error));
                }
            }
        }
    }

    /// Gives an answer of the charge point to the thread that waits for it.
    fn answered(&self, id: &str, outcome: Result<Value, CallFailure>) {
        self.shared.change(|state| {
            let link = state.link(&self.identity, self.number);
            match link.and_then(|link| link.outstanding.as_mut()) {
                Some(call) if call.id == id && call.outcome.get().is_none() => {
                    // No other thread sets it: that takes the lock which is held here.
                    let _ = call.outcome.set(outcome);
                }
                _ => state.station(&self.identity).unexpected_answers += 1,
            }
        });
    }

    /// Errors are not looked at: a broken connection ends with the next read.
    fn hand_over(&self, parcel: Parcel) {
        match parcel {
            Parcel::Text(text) => {
                let _ = self.shared.send(&self.identity, &self.wire, text);
            }
            Parcel::Hangup => self.wire.cut(),
        }
    }

    fn fault(&self, fault: String) {
        self.shared
            .change(|state| state.station(&self.identity).note_fault(fault));
    }

    fn wait_while_frozen(&self) {
        self.shared.wait(None, |state| {
            let frozen = state
                .link(&self.identity, self.number)
                .is_some_and(|link| link.frozen);
            (!frozen).then_some(())
        });
    }
}

impl Drop for Connection<'_> {
    // Here and not behind the loop, so that a hook that panics leaves no dead link.
    fn drop(&mut self) {
        self.shared.change(|state| {
            if state.link(&self.identity, self.number).is_some() {
                // It exists, as was just seen.
                let _ = state.unlink(&self.identity);
            }
        });
    }
}
