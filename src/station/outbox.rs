//! Transaction messages on their way to the central system: stored first, sent in order,
//! erased when answered (OCPP 1.6, 3.7 and 4.8 to 4.10).

mod assigned_ids;
mod delivery;
mod queue;
mod silence;
mod stored;
mod thinning;

pub(super) use delivery::{Called, stop_values};
pub(super) use stored::{Stored, read};

use assigned_ids::AssignedId;

use silence::Silence;

use heapless::Vec;

use super::{
    clock::Stamp,
    memory::Events,
    record::{Encoder, skipped},
    rpc::MessageId,
};
use crate::{
    dialect::Facts,
    domain::{TokenKind, TransactionId, TriggerReason},
    limits::{CONNECTORS, JOURNAL_SLOTS, RECORD_LENGTH},
    storage::{RecordId, Storage, StorageError},
};

/// Sequence numbers of a record that is not damaged.
const SEQUENCES: core::ops::RangeInclusive<u32> = 1..=LAST_SEQUENCE;
const LAST_SEQUENCE: u32 = 0xf000_0000;
/// The last number of anything but a StopTransaction: what runs, and what power cut off, always has
/// one left to end with.
const LAST_BUT_STOPS: u32 = LAST_SEQUENCE - 2 * CONNECTORS as u32;
/// From here on, numbers begin again with 1 as soon as no record is left that they put in order.
const BEGINS_AGAIN_FROM: u32 = 0x8000_0000;

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

/// A message to be stored, but for its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub kind: Kind,
    pub connector: u8,
    /// The number of its transaction.
    pub transaction: u32,
    pub stamp: Stamp,
    /// What made it happen.
    pub trigger: TriggerReason,
    /// Of the token that it names, if any.
    pub token: TokenKind,
    /// What the record of a transaction that power cut off says of its events.
    pub saved: Option<(TransactionId, u32)>,
}

impl Message {
    pub fn of(kind: Kind, connector: u8, transaction: u32, stamp: Stamp) -> Self {
        Self {
            kind,
            connector,
            transaction,
            stamp,
            trigger: TriggerReason::AbnormalCondition,
            token: TokenKind::Iso14443,
            saved: None,
        }
    }
}

/// What the outbox knows of a record without reading it.
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

/// The index of all stored messages, and how far the first of them has come.
#[derive(Debug)]
pub(super) struct Outbox {
    slots: [Entry; JOURNAL_SLOTS],
    /// How many slots hold a message: a search ends behind the last of them.
    used: usize,
    /// What the central system calls the last transaction of each connector; that of 0 is none.
    assigned_ids: Vec<Option<AssignedId>, { CONNECTORS + 1 }>,
    last_sequence: u32,
    attempts: u32,
    silence: Silence,
    retry_at: u64,
    /// Readings of the first record that have been delivered already.
    delivered: usize,
    /// Records up to that one were there before the connection was made.
    backlog_until: u32,
    /// A StopTransaction up to that one may have been sent: in this run, or in one before.
    sent_until: u32,
}

impl Outbox {
    pub const fn new() -> Self {
        Self {
            slots: [FREE; JOURNAL_SLOTS],
            used: 0,
            assigned_ids: Vec::new(),
            last_sequence: 0,
            attempts: 0,
            silence: Silence::NONE,
            retry_at: 0,
            delivered: 0,
            backlog_until: 0,
            sent_until: 0,
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
        while self.assigned_ids.push(None).is_ok() {}
    }

    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        let mut buffer = [0; RECORD_LENGTH];
        for (slot, entry) in self.slots.iter_mut().enumerate() {
            let found = match stored::look_up(slot, storage, &mut buffer) {
                Ok(None) => continue,
                Ok(Some((found, _))) => found,
                Err(_) => {
                    skipped(events, RecordId::journal(slot));
                    UNREADABLE
                }
            };
            *entry = found;
            self.used += usize::from(found.sequence != 0);
            self.last_sequence = self.last_sequence.max(found.sequence);
        }
        self.load_assigned_ids(storage, events);
        self.backlog_until = self.last_sequence;
        self.sent_until = self.last_sequence;
    }

    /// A StopTransaction leaves, with all of its transactionData: should it have to be sent again,
    /// it is to be the same.
    pub fn stop_sent(&mut self, stop: Entry) {
        self.sent_until = self.sent_until.max(stop.sequence);
    }

    /// Makes sure that no record gets a number which another has, or which the station
    /// remembers a transaction by. A high one may be of before numbers began again: see
    /// [`Self::next_transaction_number`].
    pub fn skip_to(&mut self, sequence: u32) {
        if (1..BEGINS_AGAIN_FROM).contains(&sequence) {
            self.last_sequence = self.last_sequence.max(sequence);
        }
    }

    /// The number that the next record gets.
    pub fn next_sequence(&self) -> u32 {
        let begins_again = self.last_sequence >= BEGINS_AGAIN_FROM && self.free() == JOURNAL_SLOTS;
        if begins_again {
            1
        } else {
            self.last_sequence + 1
        }
    }

    /// That number has been given.
    pub fn advance_to(&mut self, sequence: u32) {
        if sequence < self.last_sequence {
            // Begun again: nothing is left that these put in order.
            self.backlog_until = 0;
            self.sent_until = 0;
        }
        self.last_sequence = sequence;
    }

    /// True when there is no number any more for that message. Only where the outbox has not been
    /// empty for 1.8 billion messages.
    pub fn is_at_its_end(&self, kind: Kind) -> bool {
        let last = match kind {
            Kind::Stop => LAST_SEQUENCE,
            Kind::Start | Kind::Values | Kind::StopValues => LAST_BUT_STOPS,
        };
        self.next_sequence() > last
    }

    /// True when a record is of the transaction with that number.
    pub fn knows(&self, transaction: u32) -> bool {
        self.following(0, &|entry| entry.transaction == transaction)
            .is_some()
    }

    /// The oldest transactionData of a transaction.
    pub fn first_stop_values(&self, transaction: u32) -> Option<(usize, Entry)> {
        let is_value =
            |entry: &Entry| entry.kind == Kind::StopValues && entry.transaction == transaction;
        self.following(0, &is_value)
    }

    /// How many records of transactionData a transaction has.
    pub fn stop_values(&self, transaction: u32) -> usize {
        let values = |entry: &&Entry| {
            let is_value = entry.sequence != 0 && entry.kind == Kind::StopValues;
            is_value && entry.transaction == transaction
        };
        self.slots.iter().filter(values).count()
    }

    pub fn free(&self) -> usize {
        JOURNAL_SLOTS - self.used
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
        self.following(0, &|entry| entry.kind != Kind::StopValues)
    }

    /// The first record behind `after` that `wanted` accepts. Through a reference, so that there is
    /// one such search and not one for each of the dozen that ask.
    pub fn following(&self, after: u32, wanted: &dyn Fn(&Entry) -> bool) -> Option<(usize, Entry)> {
        let (mut first, mut before) = (None, u32::MAX);
        let mut left = self.used;
        for (slot, entry) in self.slots.iter().enumerate() {
            if left == 0 {
                break;
            }
            if entry.sequence == 0 {
                continue;
            }
            left -= 1;
            // The last number is never given.
            if entry.sequence > after && entry.sequence < before && wanted(entry) {
                (first, before) = (Some((slot, entry)), entry.sequence);
            }
        }
        first.map(|(slot, entry)| (slot, *entry))
    }

    pub fn holds(&self, transaction: u32, kind: Kind) -> bool {
        let wanted = |entry: &Entry| entry.transaction == transaction && entry.kind == kind;
        self.following(0, &wanted).is_some()
    }

    /// What the last message of a transaction that waits says as an event.
    pub fn last_facts(&self, storage: &mut dyn Storage, transaction: u32) -> Option<Facts> {
        let mut buffer = [0; RECORD_LENGTH];
        let (mut last, mut after) = (None::<Facts>, 0);
        // Readings for the end are no events.
        let is_of_it =
            |entry: &Entry| entry.transaction == transaction && entry.kind != Kind::StopValues;
        while let Some((slot, entry)) = self.following(after, &is_of_it) {
            after = entry.sequence;
            // One of a version that counts no events has its place behind the start for a number.
            let place = entry.sequence.saturating_sub(transaction);
            let none = Facts::of_none(transaction, place);
            let stored = read(slot, storage, &mut buffer);
            last = stored
                .map(|(_, stored)| stored.facts.unwrap_or(none))
                .or(last);
        }
        last
    }

    /// True when a slot holds what cannot be read.
    pub fn has_unreadable(&self) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|entry| entry.sequence == 0 && entry.connector == UNREADABLE.connector)
    }

    /// True when a record has that number.
    pub fn has_number(&self, sequence: u32) -> bool {
        self.slots.iter().any(|entry| entry.sequence == sequence)
    }

    /// True for a number that a transaction may have.
    pub fn is_number(&self, sequence: u32) -> bool {
        SEQUENCES.contains(&sequence)
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
        self.silence = Silence::NONE;
    }

    /// Stores a record behind all others.
    fn append(
        &mut self,
        storage: &mut dyn Storage,
        (id, stamp): (MessageId, Stamp),
        (entry, facts): (Entry, Option<&Facts>),
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        self.insert(storage, (id, stamp), (entry, facts), body)?;
        self.advance_to(entry.sequence);
        Ok(())
    }

    /// Stores a record in its place among the others.
    pub fn insert(
        &mut self,
        storage: &mut dyn Storage,
        (id, stamp): (MessageId, Stamp),
        (entry, facts): (Entry, Option<&Facts>),
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let slots = || self.slots.iter();
        let slot = slots()
            .position(|entry| entry.sequence == 0 && entry.connector != UNREADABLE.connector)
            .or_else(|| slots().position(|entry| entry.sequence == 0));
        let place = slot.and_then(|slot| Some((slot, self.slots.get_mut(slot)?)));
        let (slot, place) = place.ok_or(StorageError::Full)?;
        let mut record = stored::begin(entry, id, stamp, facts);
        body(&mut record);
        let bytes = record.bytes().ok_or(StorageError::Full)?;
        storage.write(RecordId::journal(slot), bytes)?;
        *place = entry;
        self.used += 1;
        Ok(())
    }

    /// Forgets a record; the next one starts with fresh attempts if this was the first.
    fn free_slot(&mut self, storage: &mut dyn Storage, slot: usize) -> Result<(), StorageError> {
        let was_first = self.first().is_some_and(|(first, _)| first == slot);
        if let Some(entry) = self.slots.get_mut(slot) {
            self.used -= usize::from(entry.sequence != 0);
            *entry = FREE;
        }
        if was_first {
            self.attempts = 0;
            self.silence = Silence::NONE;
            self.retry_at = 0;
            self.delivered = 0;
        }
        storage.erase(RecordId::journal(slot))
    }
}
