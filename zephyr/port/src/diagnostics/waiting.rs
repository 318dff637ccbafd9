//! Lines that wait in RAM to be moved into the ring. Those for which there is no room are counted.

use ocpp::wire::UnixMillis;

use super::{entry::Entry, flags, store::Taken};
use crate::{
    limits::{DIAGNOSTICS_BUFFER_SIZE, DIAGNOSTICS_SAVE_INTERVAL_MS},
    log::Level,
};

/// Entries, one behind the other.
pub struct Waiting {
    bytes: [u8; DIAGNOSTICS_BUFFER_SIZE],
    /// Where the first one begins.
    first: usize,
    /// Where the last one ends.
    end: usize,
    /// Lines for which there was no room.
    lost: u32,
    due: Option<u64>,
    /// How far UTC is ahead of the time since the boot.
    ahead: Option<i64>,
}

impl Waiting {
    /// Without lines.
    pub const fn new() -> Self {
        Self {
            bytes: [0; DIAGNOSTICS_BUFFER_SIZE],
            first: 0,
            end: 0,
            lost: 0,
            due: None,
            ahead: None,
        }
    }

    /// One more line; true when it makes a save due earlier than it was.
    pub fn push(&mut self, level: Level, now: u64, text: &str) -> bool {
        let mut entry = Entry::new();
        let kind = level as u8;
        match self.ahead {
            Some(ahead) => entry.set(kind | flags::UTC, as_time(now).saturating_add(ahead), text),
            None => entry.set(kind, as_time(now), text),
        }
        self.put(&entry);
        let is_urgent = level == Level::Error || self.end > DIAGNOSTICS_BUFFER_SIZE / 2;
        let due = match is_urgent {
            true => now,
            false => now + DIAGNOSTICS_SAVE_INTERVAL_MS,
        };
        let is_earlier = self.due.is_none_or(|before| due < before);
        if is_earlier {
            self.due = Some(due);
        }
        is_earlier
    }

    /// The time is known. What was written before in this boot gets it from an entry that is no line.
    pub fn set_time(&mut self, now: u64, utc: UnixMillis) {
        let ahead = utc.saturating_sub(as_time(now));
        if self.ahead.replace(ahead).is_none() {
            let mut entry = Entry::new();
            entry.set(flags::CLOCK, ahead, "");
            self.put(&entry);
        }
    }

    fn put(&mut self, entry: &Entry) {
        let bytes = entry.bytes();
        match self.bytes.get_mut(self.end..self.end + bytes.len()) {
            Some(room) => {
                for (place, byte) in room.iter_mut().zip(bytes) {
                    *place = *byte;
                }
                self.end += bytes.len();
            }
            None => self.lost = self.lost.saturating_add(1),
        }
    }

    /// When lines are due to be moved.
    pub fn due(&self) -> Option<u64> {
        self.due
    }

    /// The first of the entries, or what there was no room for; then nothing is due.
    pub fn pop(&mut self, entry: &mut Entry) -> Taken {
        let waiting = self.bytes.get(self.first..self.end).unwrap_or(&[]);
        if waiting.is_empty() {
            (self.first, self.end, self.due) = (0, 0, None);
            return Taken::End {
                lost: core::mem::take(&mut self.lost),
                ahead: self.ahead,
            };
        }
        for (place, byte) in entry.bytes_mut().iter_mut().zip(waiting) {
            *place = *byte;
        }
        self.first += entry.length();
        Taken::Entry
    }
}

fn as_time(now: u64) -> i64 {
    i64::try_from(now).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;

    fn all(waiting: &mut Waiting) -> (Vec<(String, i64)>, u32) {
        let mut entry = Entry::new();
        let mut entries = Vec::new();
        loop {
            match waiting.pop(&mut entry) {
                Taken::Entry => entries.push((entry.text().into(), entry.time())),
                Taken::End { lost, .. } => return (entries, lost),
            }
        }
    }

    #[test]
    fn lines_wait_for_a_while_and_errors_do_not() {
        let mut waiting = Waiting::new();
        assert_eq!(waiting.due(), None);
        assert!(waiting.push(Level::Info, 5, "one"));
        assert_eq!(waiting.due(), Some(5 + DIAGNOSTICS_SAVE_INTERVAL_MS));
        assert!(!waiting.push(Level::Warning, 6, "two"));
        assert!(waiting.push(Level::Error, 7, "three"));
        assert_eq!(waiting.due(), Some(7));
        let (lines, lost) = all(&mut waiting);
        let one = |text: &str, time| (text.into(), time);
        assert_eq!(lines, [one("one", 5), one("two", 6), one("three", 7)]);
        assert_eq!((lost, waiting.due()), (0, None));
        assert_eq!(all(&mut waiting), (Vec::new(), 0));
    }

    #[test]
    fn lines_without_room_are_counted() {
        let mut waiting = Waiting::new();
        for now in 0..1_000 {
            waiting.push(Level::Info, now, "a line");
        }
        assert!(
            waiting.due().is_some_and(|due| due < 100),
            "half of the room"
        );
        let (lines, lost) = all(&mut waiting);
        assert_eq!(lines.len() + lost as usize, 1_000);
        assert!(lines.len() > 10 && lines[0].1 == 0);
        assert!(waiting.push(Level::Info, 0, "a line"));
        assert_eq!(all(&mut waiting).0.len(), 1);
    }

    #[test]
    fn lines_have_the_time_once_it_is_known() {
        let mut waiting = Waiting::new();
        waiting.push(Level::Info, 5, "before");
        waiting.set_time(10, 1_000_010);
        waiting.push(Level::Info, 20, "after");
        waiting.set_time(30, 1_000_031);
        waiting.push(Level::Info, 40, "later");
        let (lines, _) = all(&mut waiting);
        let times: Vec<_> = lines.iter().map(|(_, time)| *time).collect();
        assert_eq!(times, [5, 1_000_000, 1_000_020, 1_000_041]);
    }
}
