//! The ring, and what is written into it: flash wears out, so that a flood of lines is cut off.

use super::{
    TEXT,
    entry::Entry,
    flags,
    place::{PLACE, Place},
    ring::{Position, Ring},
};
use crate::{
    kernel,
    limits::DIAGNOSTICS_IN_FLASH,
    log::{Level, line},
    text::CText,
};

/// What waits to be written.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// The entry is filled in.
    Entry,
    /// Nothing more.
    End {
        /// Lines for which there was no room.
        lost: u32,
        /// How far UTC is ahead of the time since the boot.
        ahead: Option<i64>,
    },
}

/// The ring of this image.
pub struct Store {
    ring: Ring<Place>,
    is_begun: bool,
    allowance: Allowance,
    /// Lines that were not written.
    lost: u32,
}

impl Store {
    /// Before the first line.
    pub const fn new() -> Self {
        Self {
            ring: Ring::new(PLACE),
            is_begun: false,
            allowance: Allowance::new(),
            lost: 0,
        }
    }

    #[inline(never)] // its buffers are on no other stack
    fn begin(&mut self) {
        self.is_begun = true;
        if !self.ring.open() {
            line!(Error, "diagnostics: there is no room that can be used");
        }
        if DIAGNOSTICS_IN_FLASH {
            self.allowance.begin(self.ring.geometry().size());
        }
        let mut text = CText::<{ TEXT + 1 }>::new();
        text.push("boot");
        let causes = kernel::reset_causes();
        for (bit, cause) in CAUSES.iter().enumerate() {
            if causes & 1 << bit != 0 {
                text.push(cause);
            }
        }
        let mut entry = Entry::new();
        entry.set(Level::Info as u8 | flags::BOOT, 0, text.as_str());
        self.append(&entry);
    }

    /// Writes all that waits.
    pub fn take(&mut self, mut next: impl FnMut(&mut Entry) -> Taken) {
        if !self.is_begun {
            self.begin();
        }
        let mut entry = Entry::new();
        let (lost, ahead) = loop {
            match next(&mut entry) {
                Taken::Entry => self.append(&entry),
                Taken::End { lost, ahead } => break (lost, ahead),
            }
        };
        self.lost = self.lost.saturating_add(lost);
        if self.lost > 0 && self.allowance.is_there(kernel::now()) {
            let mut text = CText::<{ TEXT + 1 }>::new();
            text.push_number(self.lost.into());
            text.push(" lines were not kept");
            self.lost = 0;
            let now = i64::try_from(kernel::now()).unwrap_or(i64::MAX);
            let kind = Level::Warning as u8;
            match ahead {
                Some(ahead) => {
                    entry.set(kind | flags::UTC, now.saturating_add(ahead), text.as_str())
                }
                None => entry.set(kind, now, text.as_str()),
            }
            self.append(&entry);
        }
    }

    fn append(&mut self, entry: &Entry) {
        let is_line = !entry.is(flags::CLOCK);
        let is_there = self.allowance.is_there(kernel::now());
        match is_there.then(|| self.ring.append(entry)).flatten() {
            Some(bytes) => self.allowance.spend(bytes),
            None if is_line => self.lost = self.lost.saturating_add(1),
            None => {}
        }
    }

    /// Behind the last entry.
    pub fn end(&self) -> Position {
        self.ring.end()
    }

    /// As [`Ring::next`] does.
    pub fn next(&mut self, from: &mut Position, until: Position, entry: &mut Entry) -> bool {
        self.ring.next(from, until, entry)
    }
}

/// Of Zephyr's `hwinfo`, by their bits.
const CAUSES: [&str; 6] = [
    ", reset pin",
    ", software",
    ", brownout",
    ", power on",
    ", watchdog",
    ", debugger",
];

/// Bytes that may be written: twice as many a day as the ring has, so that each sector is erased twice a
/// day at most; 10,000 times are 13 years. Where nothing wears out, all may.
struct Allowance {
    /// Bytes of the ring; 0 for no limit.
    size: u32,
    /// Below 0 where the last entry took more than there was.
    bytes: i64,
    /// Until when they were counted.
    at: u64,
}

/// Of a ring, what a boot may write at once. It is not known how long ago the boot before was.
const OF_A_BOOT: u32 = 4;
/// In which as much may be written as the ring has.
const TURN_MS: u64 = 12 * 60 * 60 * 1000;

impl Allowance {
    const fn new() -> Self {
        Self {
            size: 0,
            bytes: 0,
            at: 0,
        }
    }

    fn begin(&mut self, size: u32) {
        self.size = size;
        self.bytes = i64::from(size / OF_A_BOOT);
    }

    fn is_there(&mut self, now: u64) -> bool {
        let size = u64::from(self.size);
        if size > 0 {
            // What is less than a byte is counted next time.
            let more = now.saturating_sub(self.at).min(TURN_MS) * size / TURN_MS;
            if more > 0 {
                self.at = match more < size {
                    true => self.at + more * TURN_MS / size,
                    false => now,
                };
                self.bytes = (self.bytes + more as i64).min(size as i64);
            }
        }
        size == 0 || self.bytes > 0
    }

    fn spend(&mut self, bytes: u32) {
        if self.size > 0 {
            self.bytes -= i64::from(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "it takes long")]
    fn a_flood_writes_the_ring_twice_a_day() {
        let mut allowance = Allowance::new();
        allowance.begin(48_000);
        let mut written = 0;
        for second in 0..10 * 24 * 60 * 60 {
            if allowance.is_there(second * 1000) {
                allowance.spend(64);
                written += 64;
            }
        }
        let most = 20 * 48_000 + 48_000 / OF_A_BOOT;
        assert!((most - 4_000..=most + 64).contains(&written), "{written}");
        // After an hour without lines, those of an hour.
        assert!(allowance.is_there(20 * TURN_MS + TURN_MS / 12));
        assert!((3_900..=4_100).contains(&allowance.bytes));
        // Never more than the ring has.
        assert!(allowance.is_there(100 * TURN_MS));
        assert_eq!(allowance.bytes, 48_000);
    }

    #[test]
    fn what_does_not_wear_out_has_no_limit() {
        let mut allowance = Allowance::new();
        for now in 0..1_000 {
            assert!(allowance.is_there(now));
            allowance.spend(1_000);
        }
    }
}
