//! When clock-aligned readings are taken.

use crate::station::{Key, context::Context};

const DAY_MS: i64 = 86_400_000;

/// The next clock-aligned sample.
#[derive(Debug)]
pub struct Aligned {
    next: Option<u64>,
    /// The last one, in UTC: a clock set back does not bring it again.
    last: i64,
}

impl Aligned {
    pub const NONE: Self = Self {
        next: None,
        last: 0,
    };

    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// The interval or the clock has changed, or a sample has been taken: the next one is a whole
    /// number of intervals after midnight UTC (3.16.2).
    pub fn reschedule(&mut self, cx: &Context<'_>) {
        let interval = i64::from(cx.settings.number(Key::ClockAlignedDataInterval)) * 1000;
        self.next = match cx.utc() {
            Some(utc) if interval > 0 => {
                // A small step back does not bring the last sample again; a large one is a new
                // time altogether.
                let after = match self.last {
                    last if last - utc < interval => utc.max(last),
                    _ => utc,
                };
                let midnight = after - after.rem_euclid(DAY_MS);
                let next = after + interval - (after - midnight) % interval;
                cx.clock.monotonic(next.min(midnight + DAY_MS))
            }
            _ => None,
        };
    }

    /// True when it is due; the next one is scheduled then.
    pub fn take(&mut self, cx: &Context<'_>) -> bool {
        let is_due = self.next.is_some_and(|due| due <= cx.now);
        if is_due {
            self.last = cx.utc().unwrap_or(0);
            self.reschedule(cx);
        }
        is_due
    }
}
