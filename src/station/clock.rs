//! Two clocks: one that only counts milliseconds, and how far UTC is from it. What of them has to
//! survive is the record of the station's life: the number of the boot, the last known time, and why
//! the next boot comes, where a version tells that.

use super::{
    Event,
    memory::Events,
    record::{Decoder, Encoder, load, skipped},
};
use crate::{
    dialect::TELLS_BOOT_REASON,
    domain::BootReason,
    storage::{RecordId, Storage, StorageError},
    wire::UnixMillis,
};

/// Version of the record's form.
const FORM: u8 = 1;
/// How often the time is kept while it is known.
const KEEP_TIME_MS: u64 = 3_600_000;

/// A moment, told by the best clock there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    Utc(UnixMillis),
    /// Milliseconds of the monotonic clock, in the run of the station with that number.
    Uptime {
        boot: u32,
        millis: u64,
    },
}

impl Stamp {
    pub(super) fn encode(self, record: &mut Encoder) {
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

    pub(super) fn decode(record: &mut Decoder<'_>) -> Option<Self> {
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

/// UTC, once it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Number of this run; not 0.
    boot: u32,
    /// Why it began.
    reason: BootReason,
    /// Why the next one will, if that is known.
    next_reason: Option<BootReason>,
    started_at: u64,
    /// UTC minus monotonic time, in milliseconds.
    offset: Option<i64>,
    /// The same as it was when the time became known: stamps taken before that are resolved by it,
    /// so that one stamp is one time, however often the clock is set.
    first_offset: Option<i64>,
    /// No record holds a stamp any more that was taken before the time was known.
    settled: bool,
    /// When it was compared with the central system's last.
    set_at: u64,
    /// UTC as it was kept last, by this run or an earlier one; 0 for never.
    kept: UnixMillis,
    keep_at: u64,
}

impl Clock {
    fn new(boot: u32, now: u64) -> Self {
        Self {
            boot: boot.max(1),
            reason: BootReason::PowerUp,
            next_reason: None,
            started_at: now,
            offset: None,
            first_offset: None,
            settled: false,
            set_at: now,
            kept: 0,
            keep_at: 0,
        }
    }

    /// The clock of a new run: one boot after the last that storage remembers. Only where it
    /// remembers none, or does not take this one, the seed has to tell runs from each other.
    pub fn load(storage: &mut dyn Storage, events: &mut Events, seed: u32, now: u64) -> Self {
        let mut clock = Self::new(seed, now);
        let mut bytes = [0; 16];
        if let Some(mut record) = load(storage, events, RecordId::BOOT, &mut bytes) {
            match (record.u8(), record.u32(), record.i64()) {
                (Some(FORM..), Some(boot), Some(kept)) => {
                    clock.boot = boot.wrapping_add(1).max(1);
                    clock.kept = kept;
                    if TELLS_BOOT_REASON
                        && let Some(reason) = record.u8().and_then(BootReason::from_number)
                    {
                        clock.reason = reason;
                    }
                }
                _ => skipped(events, RecordId::BOOT),
            }
        }
        clock
    }

    /// Keeps the number of the new run, before anything is stored or sent with it.
    pub fn begin(&mut self, storage: &mut dyn Storage, events: &mut Events, seed: u32) {
        if let Err(error) = self.keep(storage) {
            let _ = events.push_back(Event::StorageFailed(error));
            // A run without a number leaves the record alone, so that the next one gets a new one.
            // The last number is in this one too: a seed may be the same for every run.
            self.boot = self.spread(seed).max(1);
            self.keep_at = u64::MAX;
        }
    }

    fn keep(&self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let mut record = Encoder::default();
        record.u8(FORM);
        record.u32(self.boot);
        record.i64(self.kept);
        if TELLS_BOOT_REASON && let Some(reason) = self.next_reason {
            record.u8(reason as u8);
        }
        storage.write(RecordId::BOOT, record.bytes().unwrap_or(&[]))
    }

    /// True once no record holds a stamp that was taken before the time was known.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether none does.
    pub fn set_settled(&mut self, settled: bool) {
        self.settled = settled;
    }

    /// When it was compared with the central system's last.
    pub fn set_at(&self) -> u64 {
        self.set_at
    }

    /// The central system was asked for its time in vain: that counts as compared.
    pub fn give_up_setting(&mut self, now: u64) {
        self.set_at = now;
    }

    /// Why this run began: power came on, unless the run before has kept another reason.
    pub fn boot_reason(&self) -> BootReason {
        self.reason
    }

    /// The application knows better why this run began.
    pub fn set_boot_reason(&mut self, reason: Option<BootReason>) {
        if TELLS_BOOT_REASON && let Some(reason) = reason {
            self.reason = reason;
        }
    }

    /// Keeps why the next run will begin; `None` when none is about to.
    pub fn keep_next_reason(
        &mut self,
        storage: &mut dyn Storage,
        reason: Option<BootReason>,
    ) -> Result<(), StorageError> {
        if self.next_reason == reason || self.keep_at == u64::MAX {
            return Ok(());
        }
        self.next_reason = reason;
        self.keep(storage)
    }

    /// Tells this run of the station from all others.
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// A number that differs from run to run as well as from seed to seed.
    pub fn spread(&self, seed: u32) -> u32 {
        // 2^32 divided by the golden ratio keeps neighbours far apart.
        self.boot.wrapping_mul(0x9e37_79b9) ^ seed
    }

    /// UTC that it is not earlier than; nothing if the time was never known.
    pub fn not_before(&self, now: u64) -> Option<UnixMillis> {
        self.utc(now).or((self.kept > 0).then_some(self.kept))
    }

    pub fn set(&mut self, now: u64, utc: UnixMillis) {
        let offset = utc.saturating_sub(now as i64);
        self.offset = Some(offset);
        self.first_offset.get_or_insert(offset);
        self.set_at = now;
    }

    #[inline(never)]
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
    #[inline(never)]
    pub fn resolve(&self, stamp: Stamp) -> Option<UnixMillis> {
        let uptime = match stamp {
            Stamp::Utc(utc) => return Some(utc),
            Stamp::Uptime { boot, millis } if boot == self.boot => millis,
            Stamp::Uptime { .. } => self.started_at,
        };
        Some((uptime as i64).saturating_add(self.first_offset?))
    }

    /// Keeps the time for the next run, once an hour.
    pub fn keep_when_due(
        &mut self,
        storage: &mut dyn Storage,
        now: u64,
    ) -> Result<(), StorageError> {
        match self.utc(now).filter(|_| self.keep_at <= now) {
            Some(utc) => {
                self.kept = utc;
                self.keep_at = now + KEEP_TIME_MS;
                self.keep(storage)
            }
            None => Ok(()),
        }
    }

    /// Milliseconds since this run began.
    pub fn uptime(&self, now: u64) -> u64 {
        now.saturating_sub(self.started_at)
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
        // A clock that is set once more is another matter.
        clock.set(10_000, 999_000_000);
        assert_eq!(clock.resolve(early), Some(1_000_002_000));
        assert_eq!(clock.utc(11_000), Some(999_001_000));
    }
}
