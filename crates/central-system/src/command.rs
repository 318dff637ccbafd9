//! What the central system says by itself.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde_json::Value;
use tungstenite::Message;
use tungstenite::protocol::frame::coding::CloseCode;

use crate::central::CentralSystem;
use crate::rpc;
use crate::shared::Outstanding;
use crate::wire::Wire;

/// The charge point is not connected, or its connection broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offline;

impl fmt::Display for Offline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the charge point is offline")
    }
}

impl std::error::Error for Offline {}

/// Why a CALL has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum CallFailure {
    /// The charge point is not connected, or its connection broke before it answered.
    Offline,
    /// No answer in time. One that comes later counts as
    /// [unexpected](crate::Station::unexpected_answers).
    Timeout,
    /// The charge point answered with a CALLERROR.
    Error {
        /// An error code of OCPP-J.
        code: String,
        /// Human-readable, may be empty.
        description: String,
        /// A JSON object.
        details: Value,
    },
}

impl From<Offline> for CallFailure {
    fn from(_: Offline) -> Self {
        CallFailure::Offline
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallFailure::Offline => Offline.fmt(f),
            CallFailure::Timeout => f.write_str("the charge point did not answer in time"),
            CallFailure::Error {
                code, description, ..
            } => write!(f, "{code}: {description}"),
        }
    }
}

impl std::error::Error for CallFailure {}

impl CentralSystem {
    /// Sends a CALL and waits for its answer, the payload of the CALLRESULT. A charge point
    /// has one CALL outstanding at a time: while another thread waits for one, this waits for
    /// its turn, within the same `timeout`.
    ///
    /// # Errors
    /// See [`CallFailure`].
    pub fn call(
        &self,
        identity: &str,
        action: &str,
        payload: Value,
        timeout: Duration,
    ) -> Result<Value, CallFailure> {
        let deadline = Instant::now().checked_add(timeout);
        let outcome = Arc::new(OnceLock::new());
        let turn = self.shared.wait(deadline, |state| {
            let number = state.next_number();
            let Some(link) = state.links.get_mut(identity) else {
                return Some(Err(Offline));
            };
            if link.outstanding.is_some() {
                return None;
            }
            let id = format!("cs-{number}");
            link.outstanding = Some(Outstanding {
                id: id.clone(),
                outcome: Arc::clone(&outcome),
            });
            Some(Ok((id, link.number, Arc::clone(&link.wire))))
        });
        let (id, number, wire) = turn.ok_or(CallFailure::Timeout)??;

        let text = rpc::call(&id, action, &payload);
        let sent = self.shared.send(identity, &wire, text);
        let answer = match sent {
            Err(Offline) => Some(Err(CallFailure::Offline)),
            Ok(()) => self.shared.wait(deadline, |state| {
                let gone = state.link(identity, number).is_none();
                let answer = outcome.get().cloned();
                answer.or_else(|| gone.then_some(Err(CallFailure::Offline)))
            }),
        };
        self.shared.change(|state| {
            if let Some(link) = state.link(identity, number) {
                link.outstanding = None;
            }
        });
        answer.unwrap_or(Err(CallFailure::Timeout))
    }

    /// Sends a text frame as it is, for example a malformed one. No [`CentralSystem::call`]
    /// waits for an answer: look for it in [`Station::frames`](crate::Station::frames).
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn send_raw(&self, identity: &str, text: impl Into<String>) -> Result<(), Offline> {
        let wire = self.wire(identity)?;
        self.shared.send(identity, &wire, text.into())
    }

    /// Sends any websocket message: binary, a ping, or a single `Message::Frame` of a
    /// fragmented message. It is not in the log of frames.
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn send_message(&self, identity: &str, message: Message) -> Result<(), Offline> {
        self.wire(identity)?.send(message, || {})
    }

    /// Begins the close handshake with a charge point (status 1000). It is offline when it
    /// has replied; one that never does stays until it is dropped.
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn close(&self, identity: &str) -> Result<(), Offline> {
        self.wire(identity)?.close(CloseCode::Normal);
        Ok(())
    }

    /// Ends the TCP connection of a charge point without a close handshake.
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn drop_connection(&self, identity: &str) -> Result<(), Offline> {
        self.shared.change(|state| state.unlink(identity))
    }

    /// Plays dead: the connection of a charge point stays open, but nothing it sends is
    /// read, noted or answered, pings included, until [`CentralSystem::thaw`] or a new
    /// connection.
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn freeze(&self, identity: &str) -> Result<(), Offline> {
        self.set_frozen(identity, true)
    }

    /// Ends [`CentralSystem::freeze`]; what the charge point sent meanwhile is handled now.
    ///
    /// # Errors
    /// [`Offline`] if the charge point is not connected.
    pub fn thaw(&self, identity: &str) -> Result<(), Offline> {
        self.set_frozen(identity, false)?;
        self.wake();
        Ok(())
    }

    fn set_frozen(&self, identity: &str, frozen: bool) -> Result<(), Offline> {
        self.shared.change(|state| {
            let link = state.links.get_mut(identity).ok_or(Offline)?;
            link.frozen = frozen;
            Ok(())
        })
    }

    fn wire(&self, identity: &str) -> Result<Arc<Wire>, Offline> {
        self.shared.read(|state| {
            let link = state.links.get(identity).ok_or(Offline)?;
            Ok(Arc::clone(&link.wire))
        })
    }
}
