//! Queries of the shell's thread to the engine's, and the text that is exchanged with them.
//!
//! One shell at a time has the buffer. Its ticket tells it from those that had it before and timed
//! out.

use ocpp::{
    limits::{CONNECTORS, LIST_LENGTH},
    station::Key,
};

use crate::{
    calls::{Call, submit},
    errno::Error,
    kernel::Locked,
    limits::{HOST_LENGTH, PATH_LENGTH},
    text::CText,
};

/// Longest wait for an answer: the engine's thread may be storing something.
const TIMEOUT_MS: u32 = 5_000;

/// Longest value of a key that a shell can set: an argument is not longer.
pub const VALUE: usize = super::ARGUMENT;

/// The longest answer: a list of measurands, the rotation of all connectors' phases, the central
/// system's address.
const TEXT: usize = 64 + max(42 * LIST_LENGTH, 18 * (CONNECTORS + 1));
const LONGEST: usize = max(max(TEXT, 320 + HOST_LENGTH + PATH_LENGTH), VALUE + 1);

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// An answer.
pub type Text = CText<LONGEST>;

/// What a command asks the engine's thread for.
#[derive(Clone, Copy, Debug)]
pub enum Query {
    /// The state of the charge point.
    Status,
    /// The state of a connector, 0 for the charge point as a whole.
    Connector(u8),
    /// The messages that wait for the central system.
    Queue,
    /// The value of a key.
    Value(Key),
    /// Sets a key to the value in the buffer.
    Configure(Key),
    /// Closes the connection and opens it again.
    Reconnect,
    /// Version and size of the local list.
    #[cfg(feature = "local-list")]
    List,
    /// Its entry in that place; nothing behind the last one.
    #[cfg(feature = "local-list")]
    Listed(u16),
    /// The certificate in that place, nothing without one.
    #[cfg(feature = "security")]
    Certificate(u8),
    /// The reservation of a connector, nothing without one.
    #[cfg(feature = "reservation")]
    Reservation(u8),
    /// The charging profile in that place; nothing behind the last one.
    #[cfg(feature = "smart-charging")]
    ChargingProfile(u8),
    /// What a connector may draw, 0 for the charge point as a whole.
    #[cfg(feature = "smart-charging")]
    Limit(u8),
}

/// A query, and the shell that waits for its answer.
#[derive(Clone, Copy, Debug)]
pub struct PendingQuery {
    /// What is asked for.
    pub query: Query,
    ticket: u32,
}

/// The text of a query, and later of its answer.
#[derive(Debug)]
pub struct QueryBuffer {
    is_taken: bool,
    ticket: u32,
    text: Text,
}

/// All zeros at first, so that it takes no room in flash.
pub static QUERY_BUFFER: Locked<QueryBuffer> = Locked::new(QueryBuffer::new());

impl QueryBuffer {
    /// No shell has it.
    const fn new() -> Self {
        Self {
            is_taken: false,
            ticket: 0,
            text: Text::new(),
        }
    }

    /// The text, for the shell of that query. Returns `None` if that shell has given the buffer
    /// back.
    pub fn text(&mut self, pending: PendingQuery) -> Option<&mut Text> {
        (self.is_taken && self.ticket == pending.ticket).then_some(&mut self.text)
    }

    fn take(&mut self) -> Option<u32> {
        if self.is_taken {
            return None;
        }
        self.is_taken = true;
        self.ticket = self.ticket.wrapping_add(1);
        self.text.clear();
        Some(self.ticket)
    }
}

/// Exclusive use of the buffer by one shell; given back when dropped.
pub struct QueryGuard(u32);

impl QueryGuard {
    /// Takes the buffer.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another shell has it.
    pub fn acquire() -> Result<Self, Error> {
        let ticket = QUERY_BUFFER.with(|buffer| buffer.take());
        ticket.map(Self).ok_or(Error::InUse)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of [`submit`]; and with a text [`Error::Refused`] and [`Error::NotSupported`].
    pub fn submit(&self, query: Query, value: &str) -> Result<(), Error> {
        QUERY_BUFFER.with(|buffer| {
            buffer.text.clear();
            buffer.text.push(value);
        });
        let ticket = self.0;
        let call = Call::Query(PendingQuery { query, ticket });
        submit(call, TIMEOUT_MS).map(|_| ())
    }

    /// Copies the text from `at` on, as much as fits into `into`; returns how much.
    pub fn copy_from(&self, at: usize, into: &mut [u8]) -> usize {
        QUERY_BUFFER.with(|buffer| buffer.text.copy_from(at, into))
    }
}

impl Drop for QueryGuard {
    fn drop(&mut self) {
        QUERY_BUFFER.with(|buffer| buffer.is_taken = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reaches_only_the_shell_that_asked() {
        let mut buffer = QueryBuffer::new();
        let query = Query::Queue;
        let ticket = buffer.take().unwrap();
        assert_eq!(buffer.take(), None);
        let first = PendingQuery { query, ticket };
        buffer.text(first).unwrap().push("answer");
        // It timed out, and another shell takes the buffer.
        buffer.is_taken = false;
        assert!(buffer.text(first).is_none());
        let ticket = buffer.take().unwrap();
        assert!(buffer.text(first).is_none());
        let own = buffer.text(PendingQuery { query, ticket });
        assert_eq!(own.unwrap().len(), 0);
    }
}
