//! The journal in the hands of the station: what finds room, and what is sent when.

use super::{Entry, Kind};
use crate::{
    station::{CallFailure, Event, Key, Station, clock::Stamp, record::Encoder},
    storage::StorageError,
};

impl Station<'_> {
    /// Room that must stay free: for the StopTransaction of every running transaction and of what
    /// power cut off, and for the StartTransaction of those whose meter is still being read.
    fn reserved(&self) -> usize {
        let connectors = self.connectors.iter();
        let of_each = connectors.map(|connector| {
            let running = connector.transaction.as_ref();
            usize::from(connector.cut_off) + running.map_or(0, |t| 1 + usize::from(t.is_starting()))
        });
        of_each.sum()
    }

    /// True when another transaction can begin: its Start and its Stop find room, if need be
    /// that of readings.
    pub(in crate::station) fn has_room_for_transaction(&self) -> bool {
        let needed = self.reserved() + 2;
        let journal = &self.journal;
        let free = journal.free();
        let has_slots = free >= needed || free + journal.dispensable() >= needed;
        has_slots && !journal.is_at_its_end(Kind::Start)
    }

    /// The number of a transaction that begins now, which is the sequence of its StartTransaction.
    /// One by which another is still known is passed over: numbers may have begun again.
    pub(in crate::station) fn next_transaction_number(&mut self) -> u32 {
        loop {
            let number = self.journal.next_sequence();
            let mut connectors = self.connectors.iter();
            let is_known = self.journal.knows(number)
                || connectors.any(|connector| {
                    connector.recorded_transaction() == Some(number)
                        || connector.billing.is_some_and(|b| b.transaction == number)
                });
            if !is_known {
                return number;
            }
            self.journal.advance_to(number);
        }
    }

    /// Stores a transaction message. Where room is scarce, readings give way; Start and Stop
    /// never do (3.7).
    pub(in crate::station) fn journal_push(
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
            sequence: self.journal.next_sequence(),
            transaction,
        };
        let needed = match kind {
            Kind::Stop => 1,
            Kind::Start | Kind::Values | Kind::StopValues => self.reserved() + 1,
        };
        let id = self.rpc.next_id();
        let (journal, storage) = (&mut self.journal, &mut *self.cx.storage);
        let pushed = loop {
            if journal.is_at_its_end(kind) {
                break Err(StorageError::Full);
            }
            let pushed = match journal.free() >= needed {
                true => journal.push(storage, id, stamp, entry, body),
                false => Err(StorageError::Full),
            };
            if pushed != Err(StorageError::Full) || !journal.thin_out(storage) {
                break pushed;
            }
        };
        if let Err(error) = pushed {
            self.cx.emit(Event::StorageFailed(error));
        }
        pushed
    }

    pub(in crate::station) fn journal_erase(&mut self, slot: usize) {
        self.rpc.forget_late(slot);
        if let Err(error) = self.journal.erase(self.cx.storage, slot) {
            self.cx.emit(Event::StorageFailed(error));
        }
    }

    /// The first message, if it may be sent now: none has a time stamp before the time is known.
    pub(in crate::station) fn journal_first(&self) -> Option<(usize, Entry)> {
        self.journal
            .first()
            .filter(|_| self.journal.retry_at <= self.cx.now && self.may_deliver())
    }

    /// Time stamps need the time, and a hard reset leaves delivery to the next boot.
    fn may_deliver(&self) -> bool {
        self.cx.utc().is_some() && !self.reset.is_hard()
    }

    pub(in crate::station) fn journal_deadline(&self) -> Option<u64> {
        let waits = self.is_online() && self.rpc.is_idle() && self.journal.first().is_some();
        (waits && self.may_deliver()).then_some(self.journal.retry_at)
    }

    /// What waits now was not sent while it happened.
    pub(in crate::station) fn mark_backlog(&mut self) {
        self.journal.backlog_until = self.journal.last_sequence;
        self.journal.retry_at = 0;
    }

    /// The central system did not answer the first message: again later, and never only if it
    /// answers everything else.
    pub(in crate::station) fn delivery_unanswered(&mut self, slot: usize) {
        let timeout = self.cx.settings.message_timeout();
        if self.journal.unanswered(self.cx.now, timeout) {
            self.abandon(slot);
        }
    }

    /// The central system failed to process the first message: again later, or never.
    pub(in crate::station) fn delivery_failed(&mut self, slot: usize) {
        self.journal.no_longer_silent();
        self.journal.attempts += 1;
        if self.journal.attempts < self.cx.settings.number(Key::TransactionMessageAttempts) {
            let wait = self
                .cx
                .settings
                .millis(Key::TransactionMessageRetryInterval);
            self.journal.retry_at = self.cx.now + wait * u64::from(self.journal.attempts);
            return;
        }
        self.abandon(slot);
    }

    /// Gives up a message, and says so.
    fn abandon(&mut self, slot: usize) {
        if let Some(entry) = self.journal.entry(slot) {
            let action = match entry.kind {
                Kind::Start => "StartTransaction",
                Kind::Values | Kind::StopValues => "MeterValues",
                Kind::Stop => "StopTransaction",
            };
            let failure = CallFailure::GivenUp;
            self.cx.emit(Event::CallFailed { action, failure });
            self.give_up(slot, entry);
        }
    }
}
