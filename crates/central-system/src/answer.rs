//! What can be said, or not said, to a charge point's CALL.

use std::time::Duration;

use serde_json::Value;

/// The reaction to a CALL, as a hook of [`Behaviour::on_call`](crate::Behaviour::on_call)
/// chooses it.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// What the central system would have answered without a hook.
    Standard,
    /// A CALLRESULT with this payload, sent as it is.
    Result(Value),
    /// A CALLERROR. The CALL is not entered in the books: it counts as not processed.
    Error {
        /// An error code of OCPP-J 1.6, for example `InternalError`.
        code: String,
        /// Human-readable, may be empty.
        description: String,
    },
    /// No answer. The CALL is entered in the books: it was processed and its answer lost.
    Silence,
    /// No answer, and the TCP connection is closed without a close handshake. Entered in the
    /// books like [`Answer::Silence`].
    Hangup,
    /// An answer that is given later. Other frames are handled meanwhile.
    After(Duration, Box<Answer>),
}

impl Answer {
    /// A CALLERROR with this code.
    pub fn error(code: impl Into<String>, description: impl Into<String>) -> Self {
        Answer::Error {
            code: code.into(),
            description: description.into(),
        }
    }

    /// The same answer, `delay` later.
    pub fn after(self, delay: Duration) -> Self {
        Answer::After(delay, Box::new(self))
    }

    /// Separates an answer from its delay.
    pub(crate) fn unfold(self) -> (Duration, Answer) {
        let (mut total, mut answer) = (Duration::ZERO, self);
        while let Answer::After(delay, inner) = answer {
            total = total.saturating_add(delay);
            answer = *inner;
        }
        (total, answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_add_up() {
        let second = Duration::from_secs(1);
        let answer = Answer::Standard.after(second).after(second);
        assert_eq!(answer.unfold(), (2 * second, Answer::Standard));
    }
}
