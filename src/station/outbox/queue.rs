//! What finds room in the outbox, and what is sent when.

use super::{Entry, Kind, Message, Outbox};
use crate::{
    dialect::Facts,
    station::{Call, CallFailure, Event, Key, context::Context, record::Encoder, rpc::Rpc},
    storage::StorageError,
};

impl Outbox {
    /// True when a transaction can begin: its Start and its Stop find room behind the slots that are
    /// `reserved`, if need be that of readings.
    pub fn has_room_for_transaction(&self, reserved: usize) -> bool {
        let needed = reserved + 2;
        let free = self.free();
        let has_slots = free >= needed || free + self.dispensable() >= needed;
        has_slots && !self.is_at_its_end(Kind::Start)
    }

    /// The number of a transaction that begins now, which is the sequence of its StartTransaction.
    /// One by which another is still known is passed over: numbers may have begun again.
    pub fn next_transaction_number(&mut self, is_recorded: impl Fn(u32) -> bool) -> u32 {
        loop {
            let number = self.next_sequence();
            let mut assigned = self.assigned_ids.iter().flatten();
            let is_known = self.knows(number)
                || is_recorded(number)
                || assigned.any(|assigned| assigned.transaction == number);
            if !is_known {
                return number;
            }
            self.advance_to(number);
        }
    }

    /// Stores a transaction message. Where room is scarce, readings give way; Start and Stop
    /// never do (3.7). All but a Stop leave as many slots free as are `reserved`.
    pub fn push(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        reserved: usize,
        message: Message,
        facts: Option<&Facts>,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let Message {
            kind,
            connector,
            transaction,
            stamp,
            ..
        } = message;
        let entry = Entry {
            kind,
            connector,
            sequence: self.next_sequence(),
            transaction,
        };
        let needed = match kind {
            Kind::Stop => 1,
            Kind::Start | Kind::Values | Kind::StopValues => reserved + 1,
        };
        let id = rpc.next_id();
        let pushed = loop {
            if self.is_at_its_end(kind) {
                break Err(StorageError::Full);
            }
            let pushed = match self.free() >= needed {
                true => self.append(cx.storage, (id, stamp), (entry, facts), body),
                false => Err(StorageError::Full),
            };
            if pushed != Err(StorageError::Full) || !self.thin_out(cx.storage) {
                break pushed;
            }
        };
        cx.is_done(pushed);
        pushed
    }

    /// Forgets a message.
    pub fn erase(&mut self, cx: &mut Context<'_>, rpc: &mut Rpc<'_>, slot: usize) {
        rpc.forget_late(slot);
        let erased = self.free_slot(cx.storage, slot);
        cx.is_done(erased);
    }

    /// The first message, if it may be sent now: none has a time stamp before the time is known.
    pub fn first_due(&self, cx: &Context<'_>) -> Option<(usize, Entry)> {
        let first = self.first()?;
        (self.retry_at <= cx.now && cx.utc().is_some()).then_some(first)
    }

    /// When the first message may be sent, while nothing else is.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        let waits = cx.utc().is_some() && self.first().is_some();
        waits.then_some(self.retry_at)
    }

    /// What waits now was not sent while it happened.
    pub fn mark_backlog(&mut self) {
        self.backlog_until = self.last_sequence;
        self.retry_at = 0;
    }

    /// The central system failed to process the first message: again later, or never. True if never.
    pub fn failed(&mut self, cx: &Context<'_>) -> bool {
        self.no_longer_silent();
        self.attempts += 1;
        if self.attempts >= cx.settings.number(Key::TransactionMessageAttempts) {
            return true;
        }
        let wait = cx.settings.millis(Key::TransactionMessageRetryInterval);
        self.retry_at = cx.now + wait * u64::from(self.attempts);
        false
    }

    /// Gives up a message, and says so. A StopTransaction stays for [`Self::erase_stop`].
    pub fn give_up(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
    ) -> Option<Entry> {
        let entry = self.entry(slot)?;
        let action = cx.version.action(&match entry.kind {
            Kind::Start => Call::Start { slot },
            Kind::Values | Kind::StopValues => Call::Values { slot, until: None },
            Kind::Stop => Call::Stop { slot },
        });
        let failure = CallFailure::GivenUp;
        cx.emit(Event::CallFailed { action, failure });
        match entry.kind {
            Kind::Start => {
                self.set_assigned_id(cx, entry.connector, entry.transaction, None);
                self.erase(cx, rpc, slot);
            }
            Kind::Values => self.erase(cx, rpc, slot),
            Kind::StopValues => {
                self.erase(cx, rpc, slot);
                self.set_delivered(0);
            }
            Kind::Stop => return Some(entry),
        }
        None
    }
}
