//! Transaction messages on their way to the central system: stored first, sent in order,
//! erased when answered (OCPP 1.6, 3.7 and 4.8 to 4.10).

use super::{
    CallFailure, Event, Key, Station,
    clock::{Clock, Stamp},
    memory::Events,
    record::{Decoder, Encoder, skipped},
    rpc::MessageId,
};
use crate::{
    limits::{JOURNAL_SLOTS, RECORD_LENGTH},
    storage::{RecordId, Storage, StorageError},
};

/// Version of the record's form. A later one reads this one too: what waits in it is billing.
const FORM: u8 = 1;

/// Where the stamp stands in a record, up to its body.
const STAMP_AT: usize = 19;

/// Sequence numbers of a record that is not damaged.
const SEQUENCES: core::ops::RangeInclusive<u32> = 1..=0xf000_0000;

/// What a record of the journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Start,
    Values,
    /// Readings for the transactionData of a StopTransaction; wait for it.
    StopValues,
    Stop,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        let all = [Self::Start, Self::Values, Self::StopValues, Self::Stop];
        all.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What the journal knows of a record without reading it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub kind: Kind,
    pub connector: u8,
    /// Place in the order of all records; 0 for a free slot.
    pub sequence: u32,
    /// The sequence of the transaction's start, which is its number inside the station.
    pub transaction: u32,
}

impl Entry {
    fn is_readings(&self) -> bool {
        matches!(self.kind, Kind::Values | Kind::StopValues)
    }

    fn is_alike(&self, other: &Self) -> bool {
        other.sequence != 0 && other.kind == self.kind && other.transaction == self.transaction
    }
}

const FREE: Entry = Entry {
    kind: Kind::Start,
    connector: 0,
    sequence: 0,
    transaction: 0,
};

/// A free slot that holds a record this firmware cannot read: of a later one, or damaged. It is
/// the last to be written over.
const UNREADABLE: Entry = Entry {
    connector: u8::MAX,
    ..FREE
};

/// A record that was read.
#[derive(Debug)]
pub(super) struct Stored {
    pub id: MessageId,
    pub stamp: Stamp,
    bytes: [u8; RECORD_LENGTH],
    body: usize,
    length: usize,
}

impl Stored {
    /// What follows the part that all records have.
    pub fn body(&self) -> Decoder<'_> {
        Decoder(self.bytes.get(self.body..self.length).unwrap_or(&[]))
    }
}

/// The index of all stored messages, and how far the first of them has come.
#[derive(Debug)]
pub(super) struct Journal {
    slots: [Entry; JOURNAL_SLOTS],
    last_sequence: u32,
    attempts: u32,
    retry_at: u64,
    /// Readings of the first record that have been delivered already.
    delivered: usize,
    /// Records up to that one were there before the connection was made.
    backlog_until: u32,
    /// A StopTransaction up to that one may have been sent: in this run, or in one before.
    sent_until: u32,
}

impl Journal {
    pub const fn new() -> Self {
        Self {
            slots: [FREE; JOURNAL_SLOTS],
            last_sequence: 0,
            attempts: 0,
            retry_at: 0,
            delivered: 0,
            backlog_until: 0,
            sent_until: 0,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        for (slot, entry) in self.slots.iter_mut().enumerate() {
            let found = match look_up(slot, storage) {
                Ok(None) => continue,
                Ok(Some((found, _))) => found,
                Err(_) => {
                    skipped(events, RecordId::journal(slot));
                    UNREADABLE
                }
            };
            *entry = found;
            self.last_sequence = self.last_sequence.max(found.sequence);
        }
        self.backlog_until = self.last_sequence;
        self.sent_until = self.last_sequence;
    }

    /// A StopTransaction leaves, with all of its transactionData: should it have to be sent again,
    /// it is to be the same.
    pub fn stop_sent(&mut self, stop: Entry) {
        self.sent_until = self.sent_until.max(stop.sequence);
    }

    /// Makes sure that no record gets a number which another has, or which the station
    /// remembers a transaction by.
    pub fn skip_to(&mut self, sequence: u32) {
        if SEQUENCES.contains(&sequence) {
            self.last_sequence = self.last_sequence.max(sequence);
        }
    }

    /// The number that the next record gets.
    pub fn next_sequence(&self) -> u32 {
        self.last_sequence + 1
    }

    /// Makes room: forgets the one record of readings that is missed least, because those
    /// before and after it are closest. So what remains stays evenly spread. What may be on its
    /// way is spared.
    fn thin_out(&mut self, storage: &mut dyn Storage) -> bool {
        let on_its_way = self.on_its_way();
        let readings = self.slots.iter().enumerate();
        let readings = readings.filter(|(_, entry)| can_go(entry, on_its_way));
        let missed_least = readings.min_by_key(|(_, entry)| self.gap_without(entry));
        match missed_least {
            Some((slot, _)) => self.erase(storage, slot).is_ok(),
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

    /// Records that [`Journal::thin_out`] could forget.
    fn dispensable(&self) -> usize {
        let on_its_way = self.on_its_way();
        let entries = self.slots.iter();
        entries.filter(|entry| can_go(entry, on_its_way)).count()
    }

    /// The oldest transactionData of a transaction.
    pub fn first_stop_values(&self, transaction: u32) -> Option<(usize, Entry)> {
        self.first_of(|entry| entry.kind == Kind::StopValues && entry.transaction == transaction)
    }

    pub fn free(&self) -> usize {
        self.slots
            .iter()
            .filter(|entry| entry.sequence == 0)
            .count()
    }

    /// How often the central system has failed on the first message.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// When the first message is sent again; in the past when it waits for nothing.
    pub fn retry_at(&self) -> u64 {
        self.retry_at
    }

    /// Messages that will be sent; transactionData is part of one of them.
    pub fn waiting(&self) -> usize {
        let sent = |entry: &&Entry| entry.sequence != 0 && entry.kind != Kind::StopValues;
        self.slots.iter().filter(sent).count()
    }

    /// The first message to send.
    pub fn first(&self) -> Option<(usize, Entry)> {
        self.first_of(|entry| entry.kind != Kind::StopValues)
    }

    /// The first record behind `after` that `wanted` accepts.
    pub fn following(&self, after: u32, wanted: impl Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        self.first_of(|entry| entry.sequence > after && wanted(entry))
    }

    pub fn holds(&self, transaction: u32, kind: Kind) -> bool {
        let wanted = |entry: &Entry| entry.transaction == transaction && entry.kind == kind;
        self.first_of(wanted).is_some()
    }

    /// True for a record that was stored before this connection was made.
    pub fn is_backlog(&self, sequence: u32) -> bool {
        sequence <= self.backlog_until
    }

    pub fn entry(&self, slot: usize) -> Option<Entry> {
        self.slots
            .get(slot)
            .copied()
            .filter(|entry| entry.sequence != 0)
    }

    /// Readings of the first record that need not be sent any more.
    pub fn delivered(&self) -> usize {
        self.delivered
    }

    pub fn set_delivered(&mut self, readings: usize) {
        self.delivered = readings;
        self.attempts = 0;
    }

    fn first_of(&self, wanted: impl Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        let slots = self.slots.iter().enumerate();
        let used = slots.filter(|(_, entry)| entry.sequence != 0 && wanted(entry));
        used.min_by_key(|(_, entry)| entry.sequence)
            .map(|(slot, entry)| (slot, *entry))
    }

    /// Stores a record.
    pub fn push(
        &mut self,
        storage: &mut dyn Storage,
        id: MessageId,
        stamp: Stamp,
        entry: Entry,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let slots = || self.slots.iter();
        let slot = slots()
            .position(|entry| entry.sequence == 0 && entry.connector != UNREADABLE.connector)
            .or_else(|| slots().position(|entry| entry.sequence == 0));
        let place = slot.and_then(|slot| Some((slot, self.slots.get_mut(slot)?)));
        let (slot, place) = place.ok_or(StorageError::Full)?;
        let mut record = Encoder::default();
        record.u8(FORM);
        record.u8(entry.kind as u8);
        record.u8(entry.connector);
        record.u32(entry.sequence);
        record.u32(entry.transaction);
        record.u32(id.boot);
        record.u32(id.count);
        stamp.encode(&mut record);
        body(&mut record);
        let bytes = record.bytes().ok_or(StorageError::Full)?;
        storage.write(RecordId::journal(slot), bytes)?;
        *place = entry;
        self.last_sequence = self.last_sequence.max(entry.sequence);
        Ok(())
    }

    /// Gives records that were stored before the time was known their time, once and for all:
    /// a later boot could not. In their order, so that a power loss in between leaves the
    /// later ones to be told later.
    pub fn settle_stamps(
        &self,
        storage: &mut dyn Storage,
        clock: &Clock,
    ) -> Result<(), StorageError> {
        let mut after = 0;
        while let Some((slot, entry)) = self.following(after, |_| true) {
            after = entry.sequence;
            let Some((_, mut stored)) = read(slot, storage) else {
                continue;
            };
            if let (Stamp::Uptime { .. }, Some(utc)) = (stored.stamp, clock.resolve(stored.stamp)) {
                let mut stamp = Encoder::default();
                Stamp::Utc(utc).encode(&mut stamp);
                let place = stored.bytes.get_mut(STAMP_AT..stored.body);
                if let (Some(place), Some(stamp)) = (place, stamp.bytes()) {
                    place.copy_from_slice(stamp);
                    let record = stored.bytes.get(..stored.length).unwrap_or(&[]);
                    storage.write(RecordId::journal(slot), record)?;
                }
            }
        }
        Ok(())
    }

    /// Forgets a record; the next one starts with fresh attempts if this was the first.
    pub fn erase(&mut self, storage: &mut dyn Storage, slot: usize) -> Result<(), StorageError> {
        let was_first = self.first().is_some_and(|(first, _)| first == slot);
        if let Some(entry) = self.slots.get_mut(slot) {
            *entry = FREE;
        }
        if was_first {
            self.attempts = 0;
            self.retry_at = 0;
            self.delivered = 0;
        }
        storage.erase(RecordId::journal(slot))
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

/// A record with what the index needs of it.
pub(super) fn read(slot: usize, storage: &mut dyn Storage) -> Option<(Entry, Stored)> {
    look_up(slot, storage).ok().flatten()
}

/// [`read`], which tells a free slot from an unreadable record.
fn look_up(
    slot: usize,
    storage: &mut dyn Storage,
) -> Result<Option<(Entry, Stored)>, StorageError> {
    let mut bytes = [0; RECORD_LENGTH];
    let Some(length) = storage.read(RecordId::journal(slot), &mut bytes)? else {
        return Ok(None);
    };
    let record = decode(bytes, length);
    record.map(Some).ok_or(StorageError::Failed)
}

fn decode(bytes: [u8; RECORD_LENGTH], length: usize) -> Option<(Entry, Stored)> {
    let mut record = Decoder(bytes.get(..length)?);
    if record.u8()? != FORM {
        return None;
    }
    let entry = Entry {
        kind: Kind::from_byte(record.u8()?)?,
        connector: record.u8()?,
        sequence: record
            .u32()
            .filter(|sequence| SEQUENCES.contains(sequence))?,
        transaction: record.u32()?,
    };
    let id = MessageId {
        boot: record.u32()?,
        count: record.u32()?,
        part: 0,
    };
    let stamp = Stamp::decode(&mut record)?;
    let body = length - record.rest().len();
    let stored = Stored {
        id,
        stamp,
        bytes,
        body,
        length,
    };
    Some((entry, stored))
}

impl Station<'_> {
    /// Room that must stay free: for the StopTransaction of every running transaction, and for
    /// the StartTransaction of those whose meter is still being read.
    fn reserved(&self) -> usize {
        let running = self
            .memory
            .connectors
            .iter()
            .filter_map(|c| c.transaction.as_ref());
        running.map(|t| if t.is_starting() { 2 } else { 1 }).sum()
    }

    /// True when another transaction can begin: its Start and its Stop find room, if need be
    /// that of readings.
    pub(super) fn has_room_for_transaction(&self) -> bool {
        let needed = self.reserved() + 2;
        let free = self.memory.journal.free();
        free >= needed || free + self.memory.journal.dispensable() >= needed
    }

    /// Stores a transaction message. Where room is scarce, readings give way; Start and Stop
    /// never do (3.7).
    pub(super) fn journal_push(
        &mut self,
        kind: Kind,
        connector: u8,
        transaction: u32,
        stamp: Stamp,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let entry = Entry {
            kind,
            connector,
            sequence: self.memory.journal.next_sequence(),
            transaction,
        };
        let needed = match kind {
            Kind::Stop => 1,
            Kind::Start | Kind::Values | Kind::StopValues => self.reserved() + 1,
        };
        let id = self.rpc.next_id();
        let (journal, storage) = (&mut self.memory.journal, &mut *self.storage);
        let pushed = loop {
            let pushed = match journal.free() >= needed {
                true => journal.push(storage, id, stamp, entry, body),
                false => Err(StorageError::Full),
            };
            if pushed != Err(StorageError::Full) || !journal.thin_out(storage) {
                break pushed;
            }
        };
        if let Err(error) = pushed {
            self.emit(Event::StorageFailed(error));
        }
        pushed
    }

    pub(super) fn journal_erase(&mut self, slot: usize) {
        if let Err(error) = self.memory.journal.erase(self.storage, slot) {
            self.emit(Event::StorageFailed(error));
        }
    }

    /// The first message, if it may be sent now.
    pub(super) fn journal_first(&self) -> Option<(usize, Entry)> {
        self.memory
            .journal
            .first()
            .filter(|_| self.memory.journal.retry_at <= self.now)
    }

    pub(super) fn journal_deadline(&self) -> Option<u64> {
        let waits = self.is_online() && self.rpc.is_idle() && self.memory.journal.first().is_some();
        waits.then_some(self.memory.journal.retry_at)
    }

    /// What waits now was not sent while it happened.
    pub(super) fn mark_backlog(&mut self) {
        self.memory.journal.backlog_until = self.memory.journal.last_sequence;
        self.memory.journal.retry_at = 0;
    }

    /// The central system failed to process the first message: again later, or never.
    pub(super) fn delivery_failed(&mut self, slot: usize) {
        self.memory.journal.attempts += 1;
        if self.memory.journal.attempts < self.memory.config.number(Key::TransactionMessageAttempts)
        {
            let wait = self
                .memory
                .config
                .millis(Key::TransactionMessageRetryInterval);
            self.memory.journal.retry_at =
                self.now + wait * u64::from(self.memory.journal.attempts);
            return;
        }
        if let Some(entry) = self.memory.journal.entry(slot) {
            let action = match entry.kind {
                Kind::Start => "StartTransaction",
                Kind::Values | Kind::StopValues => "MeterValues",
                Kind::Stop => "StopTransaction",
            };
            let failure = CallFailure::GivenUp;
            self.emit(Event::CallFailed { action, failure });
            self.give_up(slot, entry);
        }
    }
}
