//! Where the shell's thread and the engine's meet: a question, and the text that is its answer.
//!
//! One shell at a time has the desk. Its ticket tells it from those that had it before and did
//! not wait for their answer.

use ocpp::{
    limits::{CONNECTORS, LIST_LENGTH},
    station::Key,
};

use crate::{
    errno::Error,
    kernel::Locked,
    limits::{HOST_LENGTH, PATH_LENGTH},
    requests::{Ask, ask},
    text::CText,
};

/// How long an answer is waited for. The engine's thread may be about to send to somebody who
/// does not take it.
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

/// What a shell wants.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    /// How is the charge point?
    Status,
    /// And this connector?
    Connector(u8),
    /// What waits for the central system?
    Queue,
    /// The value of a key.
    Value(Key),
    /// The value at the desk is to be that of this key.
    Configure(Key),
    /// Close the connection and open it again.
    Reconnect,
}

/// A question of whoever had the desk then.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What.
    pub question: Question,
    ticket: u32,
}

/// The one there is.
#[derive(Debug)]
pub struct Desk {
    taken: bool,
    ticket: u32,
    text: Text,
}

/// All zeros at first, so that it takes no room in flash.
pub static DESK: Locked<Desk> = Locked::new(Desk::new());

impl Desk {
    /// No shell has it.
    const fn new() -> Self {
        Self {
            taken: false,
            ticket: 0,
            text: Text::new(),
        }
    }

    /// What is written there, for whoever asked; nothing when somebody else has the desk now.
    pub fn text(&mut self, asked: Asked) -> Option<&mut Text> {
        (self.taken && self.ticket == asked.ticket).then_some(&mut self.text)
    }

    fn take(&mut self) -> Option<u32> {
        if self.taken {
            return None;
        }
        self.taken = true;
        self.ticket = self.ticket.wrapping_add(1);
        self.text.clear();
        Some(self.ticket)
    }
}

/// The desk, as long as a shell has it.
pub struct Seat(u32);

impl Seat {
    /// Takes it.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another shell has it.
    pub fn take() -> Result<Self, Error> {
        let ticket = DESK.with(|desk| desk.take());
        ticket.map(Self).ok_or(Error::InUse)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    ///
    /// Those of [`ask`]; and with a text [`Error::Refused`] and [`Error::NotSupported`].
    pub fn ask(&self, question: Question, value: &str) -> Result<(), Error> {
        DESK.with(|desk| {
            desk.text.clear();
            desk.text.push(value);
        });
        let ticket = self.0;
        let asked = ask(Ask::Shell(Asked { question, ticket }), TIMEOUT_MS);
        asked.map(|_| ())
    }

    /// The text from there on, as much as fits; how much that is.
    pub fn copy_from(&self, at: usize, into: &mut [u8]) -> usize {
        DESK.with(|desk| desk.text.copy_from(at, into))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        DESK.with(|desk| desk.taken = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_finds_only_whoever_asked() {
        let mut desk = Desk::new();
        let question = Question::Queue;
        let ticket = desk.take().unwrap();
        assert_eq!(desk.take(), None);
        let asked = Asked { question, ticket };
        desk.text(asked).unwrap().push("answer");
        // It did not wait, and somebody else came.
        desk.taken = false;
        assert!(desk.text(asked).is_none());
        let ticket = desk.take().unwrap();
        assert!(desk.text(asked).is_none());
        let own = desk.text(Asked { question, ticket });
        assert_eq!(own.unwrap().len(), 0);
    }
}
