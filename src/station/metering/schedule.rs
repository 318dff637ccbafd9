//! When readings are taken: at intervals of a transaction, and of the clock.

use super::Purpose;
use crate::station::{Earliest, Key, Station};

const DAY_MS: i64 = 86_400_000;

/// The next clock-aligned sample.
#[derive(Debug, Default)]
pub struct Aligned {
    next: Option<u64>,
    /// The last one, in UTC: a clock set back does not bring it again.
    last: i64,
}

impl Station<'_> {
    /// MeterValueSampleInterval has changed, or a transaction has begun.
    pub(in crate::station) fn reschedule_samples(&mut self) {
        let next = match self.cx.settings.millis(Key::MeterValueSampleInterval) {
            0 => None,
            interval => Some(self.cx.now + interval),
        };
        for connector in self.connectors.iter_mut() {
            if let Some(transaction) = &mut connector.transaction {
                transaction.next_sample = next;
            }
        }
    }

    /// ClockAlignedDataInterval or the clock has changed, or a sample has been taken: the next
    /// one is a whole number of intervals after midnight UTC (3.16.2).
    pub(in crate::station) fn reschedule_aligned(&mut self) {
        let interval = i64::from(self.cx.settings.number(Key::ClockAlignedDataInterval)) * 1000;
        self.aligned.next = match self.cx.utc() {
            Some(utc) if interval > 0 => {
                // A small step back does not bring the last sample again; a large one is a new
                // time altogether.
                let after = match self.aligned.last {
                    last if last - utc < interval => utc.max(last),
                    _ => utc,
                };
                let midnight = after - after.rem_euclid(DAY_MS);
                let next = after + interval - (after - midnight) % interval;
                self.cx.clock.monotonic(next.min(midnight + DAY_MS))
            }
            _ => None,
        };
    }

    pub(in crate::station) fn sample_when_due(&mut self) {
        let interval = self.cx.settings.millis(Key::MeterValueSampleInterval);
        for number in self.connector_numbers() {
            let now = self.cx.now;
            let connector = self.connector_mut(number).ok();
            let transaction = connector.and_then(|connector| connector.transaction.as_mut());
            let Some(transaction) = transaction else {
                continue;
            };
            let sample = transaction.next_sample.filter(|&due| due <= now);
            if let Some(due) = sample {
                // Missed samples are not made up for; the rhythm is kept.
                let missed = (now - due).checked_div(interval).unwrap_or(0);
                transaction.next_sample = (interval > 0).then(|| due + interval * (missed + 1));
            }
            let check = transaction.take_check(now);
            if sample.is_some() {
                self.want(number, Purpose::Periodic);
            }
            if check {
                self.want(number, Purpose::Register);
            }
        }
        if self.aligned.next.is_some_and(|due| due <= self.cx.now) {
            self.aligned.last = self.cx.utc().unwrap_or(0);
            self.reschedule_aligned();
            for number in self.all_numbers() {
                let connector = self.connectors.get(usize::from(number));
                // The main meter is read only where there is one.
                if number != 0 || connector.is_some_and(|c| !c.readings.is_empty()) {
                    self.want(number, Purpose::Clock);
                }
            }
        }
    }

    pub(in crate::station) fn sample_deadlines(&self, first: &mut Earliest) {
        first.or(self.aligned.next);
        for connector in self.connectors.iter() {
            if let Some(transaction) = &connector.transaction {
                first.or(transaction.next_sample);
                first.or(transaction.next_check());
            }
        }
    }
}
