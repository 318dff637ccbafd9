//! What goes wrong at a station: each is counted, the last is remembered.

use std::sync::atomic::AtomicU64;

use fleet_engine::station::CallFailure;

use crate::{link::Failure, stats::Counters};

/// An error, on whichever side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Refused,
    Rejected,
    Lost,
    CallError,
    Timeout,
    BadAnswer,
    GivenUp,
    Dropped,
    NotAuthorized,
    NotStored,
}

impl Trouble {
    pub const ALL: [Self; 10] = [
        Self::Refused,
        Self::Rejected,
        Self::Lost,
        Self::CallError,
        Self::Timeout,
        Self::BadAnswer,
        Self::GivenUp,
        Self::Dropped,
        Self::NotAuthorized,
        Self::NotStored,
    ];

    /// The name of its counter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::Lost => "lost",
            Self::CallError => "call_errors",
            Self::Timeout => "timeouts",
            Self::BadAnswer => "bad_answers",
            Self::GivenUp => "given_up",
            Self::Dropped => "dropped",
            Self::NotAuthorized => "not_authorized",
            Self::NotStored => "storage_failures",
        }
    }

    /// What a summary calls it.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::CallError => "CALLERROR",
            Self::Timeout => "no answer",
            Self::BadAnswer => "bad answer",
            Self::GivenUp => "given up",
            Self::NotAuthorized => "not authorized",
            Self::NotStored => "not stored",
            Self::Refused | Self::Rejected | Self::Lost | Self::Dropped => self.name(),
        }
    }

    pub fn counter(self, counters: &Counters) -> &AtomicU64 {
        match self {
            Self::Refused => &counters.refused,
            Self::Rejected => &counters.rejected,
            Self::Lost => &counters.lost,
            Self::CallError => &counters.call_errors,
            Self::Timeout => &counters.timeouts,
            Self::BadAnswer => &counters.bad_answers,
            Self::GivenUp => &counters.given_up,
            Self::Dropped => &counters.dropped,
            Self::NotAuthorized => &counters.not_authorized,
            Self::NotStored => &counters.storage_failures,
        }
    }

    /// That of a CALL; `None` for a CALLERROR, which is counted as it arrives.
    pub fn of_call(failure: CallFailure) -> Option<Self> {
        match failure {
            CallFailure::Timeout => Some(Self::Timeout),
            CallFailure::GivenUp => Some(Self::GivenUp),
            CallFailure::Error(_) => None,
            CallFailure::BadAnswer | CallFailure::AnswerTooLong => Some(Self::BadAnswer),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused => Self::Refused,
            Failure::Rejected => Self::Rejected,
            Failure::Lost => Self::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Snapshot, Stats, Sums, add};

    #[test]
    fn each_is_counted_under_its_name() {
        for trouble in Trouble::ALL {
            let stats = Stats::default();
            add(trouble.counter(&stats.counters), 1);
            let sums = Snapshot::take([&stats]).sums.values();
            let place = Sums::NAMES.iter().position(|name| *name == trouble.name());
            assert_eq!(place.map(|place| sums[place]), Some(1), "{trouble:?}");
            assert_eq!(sums.iter().sum::<u64>(), 1);
        }
    }
}
