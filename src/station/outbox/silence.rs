//! A central system that does not answer a transaction message. Silence is no failure to process
//! (OCPP-J errata 3.3): the message stays the first, and is sent again with the same id.

use super::Outbox;

/// Longest wait before a message that was not answered is sent again.
const WAIT_MAX_MS: u64 = 300_000;
/// Attempts without an answer after which a message is given up, if other CALLs were answered
/// between all of them: some 35 minutes with the default time-out. The central system works then,
/// but not on this message, and those behind it wait.
const IGNORED_ATTEMPTS: u8 = 10;

/// Whether other CALLs were answered since the last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// There was none. The first, so that an outbox without messages is all zeros.
    Unknown,
    /// All of them.
    Answered,
    /// Not all.
    Unanswered,
}

/// How the central system treats the first message, since it last answered it.
#[derive(Debug)]
pub struct Silence {
    /// Attempts that had no answer.
    attempts: u8,
    /// The last of them between which other CALLs were answered, without exception.
    ignored: u8,
    others: Others,
}

impl Silence {
    pub const NONE: Self = Self {
        attempts: 0,
        ignored: 0,
        others: Others::Unknown,
    };
}

impl Outbox {
    /// Another CALL was answered, or was not.
    pub fn others_answered(&mut self, answered: bool) {
        let others = &mut self.silence.others;
        *others = match (answered, *others) {
            (true, Others::Unknown | Others::Answered) => Others::Answered,
            _ => Others::Unanswered,
        };
    }

    /// True if it is not known since the last attempt whether the central system answers anything
    /// at all.
    pub fn needs_witness(&self) -> bool {
        self.met_silence() && self.silence.others == Others::Unknown
    }

    /// True for a first message that has been sent before and is still there.
    pub fn is_sent_again(&self) -> bool {
        self.attempts > 0 || self.met_silence()
    }

    /// True if the last attempt to deliver the first message had no answer.
    pub fn met_silence(&self) -> bool {
        self.silence.attempts > 0
    }

    /// The first message was not answered within `timeout` milliseconds; true if it is to be given
    /// up. The wait before it is sent again is as long, and doubles with each silence.
    pub fn unanswered(&mut self, now: u64, timeout: u64) -> bool {
        let silence = &mut self.silence;
        silence.ignored = match silence.others {
            Others::Answered => silence.ignored.saturating_add(1),
            Others::Unknown | Others::Unanswered => 1,
        };
        silence.others = Others::Unknown;
        let wait = timeout << silence.attempts.min(16);
        silence.attempts = silence.attempts.saturating_add(1);
        self.retry_at = now + wait.min(WAIT_MAX_MS);
        silence.ignored >= IGNORED_ATTEMPTS
    }

    /// The first message was answered, though not as it should be.
    pub fn no_longer_silent(&mut self) {
        self.silence = Silence::NONE;
    }
}
