//! Two clocks: one that only counts milliseconds, and how far UTC is from it.

use super::record::{Decoder, Encoder};
use crate::wire::UnixMillis;

/// A moment, told by the best clock there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    Utc(UnixMillis),
    /// Milliseconds of the monotonic clock, in the run of the station with that number.
    Uptime {
        boot: u32,
        millis: u64,
    },
}

impl Stamp {
    pub fn encode(self, record: &mut Encoder) {
        match self {
            Self::Utc(millis) => {
                record.u32(0);
                record.i64(millis);
            }
            Self::Uptime { boot, millis } => {
                record.u32(boot);
                record.i64(millis as i64);
            }
        }
    }

    pub fn decode(record: &mut Decoder<'_>) -> Option<Self> {
        let boot = record.u32()?;
        let millis = record.i64()?;
        Some(match boot {
            0 => Self::Utc(millis),
            boot => Self::Uptime {
                boot,
                millis: millis as u64,
            },
        })
    }
}

/// UTC, once somebody has told it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Tells this run of the station from others; not 0.
    boot: u32,
    started_at: u64,
    /// UTC minus monotonic time, in milliseconds.
    offset: Option<i64>,
    pub set_at: u64,
}

impl Clock {
    pub fn new(boot: u32, now: u64) -> Self {
        Self {
            boot: boot.max(1),
            started_at: now,
            offset: None,
            set_at: now,
        }
    }

    pub fn set(&mut self, now: u64, utc: UnixMillis) {
        self.offset = Some(utc.saturating_sub(now as i64));
        self.set_at = now;
    }

    pub fn utc(&self, now: u64) -> Option<UnixMillis> {
        Some((now as i64).saturating_add(self.offset?))
    }

    /// The monotonic time of a moment in UTC; the start of the clock for one before it.
    pub fn monotonic(&self, utc: UnixMillis) -> Option<u64> {
        Some(utc.saturating_sub(self.offset?).max(0) as u64)
    }

    pub fn stamp(&self, now: u64) -> Stamp {
        match self.utc(now) {
            Some(utc) => Stamp::Utc(utc),
            None => Stamp::Uptime {
                boot: self.boot,
                millis: now,
            },
        }
    }

    /// UTC of a stamp. One that an earlier run took without knowing the time is given the
    /// start of this run: it was not later than that, and more is not known.
    pub fn resolve(&self, stamp: Stamp) -> Option<UnixMillis> {
        match stamp {
            Stamp::Utc(utc) => Some(utc),
            Stamp::Uptime { boot, millis } if boot == self.boot => self.utc(millis),
            Stamp::Uptime { .. } => self.utc(self.started_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_taken_before_the_time_was_known_gets_it_later() {
        let mut clock = Clock::new(7, 1_000);
        let early = clock.stamp(2_000);
        assert_eq!(clock.resolve(early), None);
        clock.set(10_000, 1_000_010_000);
        assert_eq!(clock.resolve(early), Some(1_000_002_000));
        let foreign = Stamp::Uptime { boot: 6, millis: 5 };
        assert_eq!(clock.resolve(foreign), Some(1_000_001_000));
        assert_eq!(clock.monotonic(1_000_011_000), Some(11_000));
    }
}
