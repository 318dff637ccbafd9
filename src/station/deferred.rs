//! The CALL of the central system that waits for its answer.

use core::ops::Range;

use heapless::String;

use super::rpc::RAW_ID_LENGTH;

/// What a CALL of the central system waits for.
///
/// With a tag of its own, of which `Nothing` is 0: see [`Memory`](super::Memory).
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Waiting {
    Nothing,
    Unlock(u8),
    /// The application's answer.
    DataTransfer,
    /// The first readings of one of these connectors, for a TriggerMessage.
    Readings(Range<u8>),
}

/// The CALL of the central system that the application has to answer.
#[derive(Debug)]
pub(super) struct Deferred {
    id: String<RAW_ID_LENGTH>,
    waiting: Waiting,
    until: u64,
}

impl Deferred {
    pub const fn new() -> Self {
        Self {
            id: String::new(),
            waiting: Waiting::Nothing,
            until: 0,
        }
    }

    pub fn is_busy(&self) -> bool {
        !matches!(self.waiting, Waiting::Nothing)
    }

    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    pub fn set(&mut self, raw_id: &str, waiting: Waiting, until: u64) {
        // Ids that long were refused when their frame was read.
        self.id = String::try_from(raw_id).unwrap_or_default();
        self.waiting = waiting;
        self.until = until;
    }

    /// The id for the answer, which is no longer deferred.
    pub fn take_id(&mut self) -> &str {
        self.forget();
        &self.id
    }

    /// The answer is no longer expected.
    pub fn forget(&mut self) {
        self.waiting = Waiting::Nothing;
    }

    pub fn deadline(&self) -> Option<u64> {
        self.is_busy().then_some(self.until)
    }
}
