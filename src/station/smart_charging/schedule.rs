//! When a charging schedule is in force, and where it stands then.

use crate::{
    domain::{ChargingProfileKind, RecurrencyKind},
    wire::UnixMillis,
};

/// No change is to come.
pub const FOREVER: u64 = u64::MAX;
/// No duration.
pub const ENDLESS: u32 = u32::MAX;

const DAY_MS: i64 = 86_400_000;

/// A moment that is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// `None` on a station that has never known the time.
    pub utc: Option<UnixMillis>,
    /// Milliseconds since the start of the transaction; `None` for one that may begin at any moment.
    pub since_start: Option<u64>,
    /// It is not one that is still to come.
    pub is_now: bool,
}

/// When a profile is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub kind: ChargingProfileKind,
    /// Of a recurring one.
    pub recurrency: RecurrencyKind,
    /// Start of the schedule; of no meaning where it is relative.
    pub start: UnixMillis,
    /// Seconds, or [`ENDLESS`].
    pub duration: u32,
    /// The first moment, or the first that there is.
    pub valid_from: UnixMillis,
    /// The first moment behind it, or the last that there is.
    pub valid_to: UnixMillis,
}

/// Where a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It limits nothing, for that many milliseconds at least.
    Idle { left: u64 },
    /// It began `since` milliseconds ago, and goes on for at most `left` of them.
    Running { since: u64, left: u64 },
    /// It stands at its beginning, whatever the time, for `left` milliseconds.
    Waiting { left: u64 },
}

impl Timing {
    pub fn at(&self, moment: Moment) -> Standing {
        let Some(now) = moment.utc.or(self.is_timeless().then_some(0)) else {
            return Standing::Idle { left: FOREVER };
        };
        if now < self.valid_from {
            let left = self.valid_from.abs_diff(now);
            return Standing::Idle { left };
        }
        let valid = match self.valid_to {
            UnixMillis::MAX => FOREVER,
            end if now < end => end.abs_diff(now),
            _ => return Standing::Idle { left: FOREVER },
        };
        let (since, turn) = match (self.kind, moment.since_start) {
            (ChargingProfileKind::Absolute, _) if now < self.start => {
                let left = self.start.abs_diff(now).min(valid);
                return Standing::Idle { left };
            }
            (ChargingProfileKind::Absolute, _) => (now.abs_diff(self.start), FOREVER),
            (ChargingProfileKind::Recurring, _) => {
                // Turns before the first count as well: the one that began yesterday.
                let since = now.saturating_sub(self.start).rem_euclid(self.turn());
                (since.unsigned_abs(), self.turn().abs_diff(since))
            }
            (ChargingProfileKind::Relative, Some(since)) => (since, FOREVER),
            (ChargingProfileKind::Relative, None) if self.duration == 0 => {
                return Standing::Idle { left: valid };
            }
            (ChargingProfileKind::Relative, None) => return Standing::Waiting { left: valid },
        };
        let lasts = match self.duration {
            ENDLESS => FOREVER,
            seconds => u64::from(seconds) * 1_000,
        };
        if since >= lasts {
            // The next turn begins anew.
            let left = turn.min(valid);
            return Standing::Idle { left };
        }
        let left = lasts.saturating_sub(since).min(turn).min(valid);
        Standing::Running { since, left }
    }

    /// Where it stands does not depend on the time of day.
    fn is_timeless(&self) -> bool {
        self.kind == ChargingProfileKind::Relative
            && self.valid_from == UnixMillis::MIN
            && self.valid_to == UnixMillis::MAX
    }

    fn turn(&self) -> i64 {
        match self.recurrency {
            RecurrencyKind::Daily => DAY_MS,
            RecurrencyKind::Weekly => 7 * DAY_MS,
        }
    }
}
