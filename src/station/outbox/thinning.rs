//! Room made by forgetting readings, evenly.

use super::{Entry, FREE, Kind, Outbox};
use crate::storage::Storage;

impl Outbox {
    /// Makes room: forgets the one record of readings that is missed least, because those
    /// before and after it are closest. So what remains stays evenly spread. What may be on its
    /// way is spared.
    pub fn thin_out(&mut self, storage: &mut dyn Storage) -> bool {
        let on_its_way = self.on_its_way();
        let readings = self.slots.iter().enumerate();
        let readings = readings.filter(|(_, entry)| can_go(entry, on_its_way));
        let missed_least = readings.min_by_key(|(_, entry)| self.gap_without(entry));
        match missed_least {
            Some((slot, _)) => self.free_slot(storage, slot).is_ok(),
            None => false,
        }
    }

    /// How far apart the neighbours of a record of readings are; as far as can be for the first
    /// and the last of a transaction.
    fn gap_without(&self, entry: &Entry) -> u32 {
        let mut before = None;
        let mut after = None;
        for other in self.slots.iter().filter(|other| entry.is_alike(other)) {
            if other.sequence < entry.sequence {
                before = before.max(Some(other.sequence));
            } else if other.sequence > entry.sequence {
                after = Some(after.map_or(other.sequence, |known: u32| known.min(other.sequence)));
            }
        }
        match (before, after) {
            (Some(before), Some(after)) => after - before,
            _ => u32::MAX,
        }
    }

    /// The first message and, where that is a StopTransaction, the last of its transactionData
    /// that may have been sent: all of it once it was sent together.
    fn on_its_way(&self) -> OnItsWay {
        let first = self.first().map_or(FREE, |(_, first)| first);
        let ahead = self.first_stop_values(first.transaction);
        let until = match first.kind == Kind::Stop && first.sequence <= self.sent_until {
            true => u32::MAX,
            false => ahead.map_or(0, |(_, ahead)| ahead.sequence),
        };
        OnItsWay { first, until }
    }

    /// Records that [`Outbox::thin_out`] could forget.
    pub fn dispensable(&self) -> usize {
        let on_its_way = self.on_its_way();
        let entries = self.slots.iter();
        entries.filter(|entry| can_go(entry, on_its_way)).count()
    }
}

/// What may wait for its answer.
#[derive(Clone, Copy)]
struct OnItsWay {
    first: Entry,
    /// transactionData of `first`, up to that sequence.
    until: u32,
}

/// True for readings that may be forgotten.
fn can_go(entry: &Entry, on_its_way: OnItsWay) -> bool {
    let OnItsWay { first, until } = on_its_way;
    let is_ahead = entry.kind == Kind::StopValues
        && entry.transaction == first.transaction
        && entry.sequence <= until;
    entry.sequence != 0 && entry.is_readings() && entry.sequence != first.sequence && !is_ahead
}
