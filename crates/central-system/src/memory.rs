//! The answers a charge point got, so that a resent message gets the same one again.
//!
//! Only transaction messages are resent (OCPP 1.6, 3.7.1), and only for them a second
//! processing would do harm. A resend has the same id, action and payload; the same id with
//! anything else is a new CALL, for example of a charge point that counts from 1 after a reboot.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::rpc::Call;

/// A charge point resends the message it got no answer for, so a few would do; this many also
/// cover one that works off a long queue out of order.
const CAPACITY: usize = 256;

/// Whether a message with this action may come again with the same id.
pub(crate) fn is_resent(action: &str) -> bool {
    matches!(
        action,
        "StartTransaction" | "StopTransaction" | "MeterValues" | "TransactionEvent"
    )
}

fn fingerprint(call: &Call) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.action.hash(&mut hasher);
    call.payload.to_string().hash(&mut hasher);
    hasher.finish()
}

/// The remembered answers of one charge point.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    answers: VecDeque<Remembered>,
}

/// A processed message.
#[derive(Debug)]
pub(crate) struct Remembered {
    id: String,
    /// Of action and payload: thousands of charge points would need much room for all they said.
    fingerprint: u64,
    /// The payload of the CALLRESULT.
    pub result: Value,
    /// False when the answer was held back; a hook may still decide about it.
    pub sent: bool,
}

impl Memory {
    /// The answer to the same message, if it was processed before.
    pub fn find(&mut self, call: &Call) -> Option<&mut Remembered> {
        if !self.knows_id(&call.id) {
            return None;
        }
        let fingerprint = fingerprint(call);
        let is_same =
            |known: &&mut Remembered| known.id == call.id && known.fingerprint == fingerprint;
        self.answers.iter_mut().find(is_same)
    }

    /// Whether a remembered message has this id.
    pub fn knows_id(&self, id: &str) -> bool {
        self.answers.iter().any(|known| known.id == id)
    }

    /// Remembers an answer, unless the message is one that is never resent.
    pub fn keep(&mut self, call: &Call, result: &Value, sent: bool) {
        if !is_resent(&call.action) {
            return;
        }
        if let Some(known) = self.find(call) {
            known.result = result.clone();
            known.sent = sent;
            return;
        }
        if self.answers.len() >= CAPACITY {
            self.answers.pop_front();
        }
        self.answers.push_back(Remembered {
            id: call.id.clone(),
            fingerprint: fingerprint(call),
            result: result.clone(),
            sent,
        });
    }
}
