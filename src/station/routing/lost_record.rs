//! The end of a transaction of which a record is lost: no single one may keep it from being told.

use super::ending::write_stop;
use crate::{
    domain::{IdToken, Reason},
    limits::RECORD_LENGTH,
    station::{
        Station,
        metering::{energy, stored_readings},
        outbox::{self, Entry, Kind, Message},
        record::Encoder,
    },
    storage::{RecordId, StorageError},
};

/// What is known of a transaction that power cut off, without its own record.
pub(super) struct Rebuilt {
    pub number: u32,
    /// The highest register that a message which waits tells of, 0 for none.
    pub register: i32,
    /// Where its start still waits.
    pub id_tag: Option<IdToken>,
}

impl Station<'_> {
    /// True when a transaction with a record has begun, or when the record that would tell is lost.
    /// Otherwise power was lost before its StartTransaction was stored.
    pub(super) fn may_have_begun(&self, connector: u8, number: u32) -> bool {
        // There is one before any transaction has a record.
        let assigned = self.outbox.assigned_id(connector);
        assigned.is_none_or(|assigned| assigned.may_be_of(number))
            || self.outbox.holds(number, Kind::Start)
            || self.outbox.has_unreadable()
    }

    /// Erases the record of a transaction whose end has been told, unless it is that of a later one.
    pub(in crate::station) fn erase_ended(&mut self, stop: Entry) {
        let is_taken = self.transactions.is_cut_off(stop.connector)
            || self.recorded_transaction(stop.connector).is_some();
        let is_later = |entry: &Entry| {
            entry.connector == stop.connector && matches!(entry.kind, Kind::Start | Kind::Stop)
        };
        let is_last = self.outbox.following(stop.sequence, &is_later).is_none();
        if is_taken || !is_last {
            return;
        }
        self.cx.erase(RecordId::transaction(stop.connector));
    }

    /// The transaction before a new one at a connector, if the central system knows of its start
    /// and its end waits.
    pub(super) fn ended_before(&self, connector: u8) -> Option<u32> {
        let number = self.assigned_number(connector)?;
        let waits = self.outbox.holds(number, Kind::Stop);
        waits.then_some(number)
    }

    fn assigned_number(&self, connector: u8) -> Option<u32> {
        Some(self.outbox.assigned_id(connector)?.transaction)
    }

    /// Ends transactions whose end is lost, if a message was: those whose start waits, and those
    /// that were [before](Self::ended_before) one of these.
    #[inline(never)]
    pub(in crate::station) fn end_orphans(&mut self) {
        let mut after = 0;
        let is_start = |entry: &Entry| entry.kind == Kind::Start;
        while self.outbox.has_unreadable()
            && let Some((slot, start)) = self.outbox.following(after, &is_start)
        {
            after = start.sequence;
            let (connector, number) = (start.connector, start.transaction);
            let before = self.before(slot, start);
            let next = self.next_start(start);
            // The last of a connector ends with its record.
            let waits = next.is_none() && self.transactions.is_cut_off(connector);
            let is_lost = !waits && !self.outbox.holds(number, Kind::Stop);
            let stored = before.map_or(Ok(()), |(before, register)| {
                self.end_lost(before, Some(start), register)
            });
            let stored = stored.and_then(|()| match is_lost {
                true => {
                    let register = self.known_of(number).register;
                    self.end_lost(start, next, register)
                }
                false => Ok(()),
            });
            if stored.is_err() {
                return;
            }
        }
    }

    /// What was [before](Self::ended_before) a start that waits, if its end is lost; and the
    /// register from which the later one began.
    fn before(&mut self, slot: usize, start: Entry) -> Option<(Entry, i32)> {
        let mut buffer = [0; RECORD_LENGTH];
        let (_, stored) = outbox::read(slot, self.cx.storage, &mut buffer)?;
        let mut body = stored.body();
        let register = body.i32()?;
        let _: Option<IdToken> = body.token()?;
        let number = body.u32()?;
        let is_lost = self.assigned_number(start.connector) == Some(number)
            && !self.outbox.holds(number, Kind::Stop);
        let before = Entry {
            sequence: number,
            transaction: number,
            ..start
        };
        is_lost.then_some((before, register))
    }

    /// Tells the end of a transaction: before the next start at its connector, if there is one.
    fn end_lost(
        &mut self,
        start: Entry,
        next: Option<Entry>,
        register: i32,
    ) -> Result<(), StorageError> {
        let (connector, transaction) = (start.connector, start.transaction);
        let (stamp, reason) = (self.cx.stamp(), Reason::Other);
        let Some(sequence) = next.and_then(|next| self.place_of_end(start, next)) else {
            let message = Message::of(Kind::Stop, connector, transaction, stamp);
            return self.store_stop(message, reason, register, &None);
        };
        let entry = Entry {
            kind: Kind::Stop,
            sequence,
            ..start
        };
        let mut body = |record: &mut Encoder| write_stop(record, reason, register, &None);
        let message = Message::of(Kind::Stop, connector, transaction, stamp);
        let facts = self.facts(&message);
        let (id, entry) = ((self.rpc.next_id(), stamp), (entry, facts.as_ref()));
        self.outbox.insert(self.cx.storage, id, entry, &mut body)
    }

    fn next_start(&self, start: Entry) -> Option<Entry> {
        let is_next = |e: &Entry| e.kind == Kind::Start && e.connector == start.connector;
        let next = self.outbox.following(start.sequence, &is_next);
        next.map(|(_, next)| next)
    }

    /// The number that the end of a transaction had, and that its lost record has left free: before
    /// the next start at its connector, whose answer takes the place of the transactionId.
    fn place_of_end(&self, start: Entry, next: Entry) -> Option<u32> {
        let mut before = next.sequence;
        loop {
            before -= 1;
            if before <= start.sequence || !self.outbox.has_number(before) {
                return (before > start.sequence).then_some(before);
            }
        }
    }

    /// The transaction of a connector whose own record cannot be read: the last that has begun and
    /// not ended.
    pub(super) fn rebuild(&mut self, connector: u8) -> Option<Rebuilt> {
        let outbox = &self.outbox;
        let assigned = self.assigned_number(connector);
        let is_start = |entry: &Entry| entry.kind == Kind::Start && entry.connector == connector;
        let mut last = assigned.filter(|number| outbox.is_number(*number));
        let mut after = 0;
        while let Some((_, start)) = outbox.following(after, &is_start) {
            after = start.sequence;
            last = last.max(Some(start.sequence));
        }
        let number = last.filter(|number| !outbox.holds(*number, Kind::Stop))?;
        Some(self.known_of(number))
    }

    /// What the messages of a transaction that wait say of it.
    #[inline(never)]
    fn known_of(&mut self, number: u32) -> Rebuilt {
        let mut known = Rebuilt {
            number,
            register: 0,
            id_tag: None,
        };
        let mut buffer = [0; RECORD_LENGTH];
        let mut after = 0;
        let is_of_it = |entry: &Entry| entry.transaction == number;
        while let Some((slot, entry)) = self.outbox.following(after, &is_of_it) {
            after = entry.sequence;
            let Some((_, stored)) = outbox::read(slot, self.cx.storage, &mut buffer) else {
                continue;
            };
            let mut body = stored.body();
            let register = match entry.kind {
                Kind::Start => {
                    let register = body.i32();
                    known.id_tag = body.token().flatten();
                    register
                }
                _ => stored_readings(&mut body)
                    .and_then(|(_, mut readings)| readings.find_map(|reading| energy(&[reading]))),
            };
            known.register = known.register.max(register.unwrap_or(0));
        }
        known
    }
}
