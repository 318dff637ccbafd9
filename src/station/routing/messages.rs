//! Transaction messages: stored with the room that transactions need, sent, and answered.

use crate::{
    domain::AuthorizationStatus,
    station::{
        CallFailure, Event, Station, TransactionState,
        authorization::Decision,
        clock::Stamp,
        outbox::{Called, Entry, Kind},
        record::Encoder,
    },
    storage::StorageError,
    wire::Payload,
};

impl Station<'_> {
    /// Sends what is first: the oldest report or the oldest transaction message. A backlog of
    /// messages does not hold up reports of what happens now, nor does a message that is sent again.
    pub(in crate::station) fn call_status_or_message(&mut self) -> bool {
        // A hard reset leaves delivery to the next boot.
        let due = self.outbox.first_due(&self.cx);
        let message = due.filter(|_| !self.reset.is_hard());
        match (self.status.first(), message) {
            (Some(report), Some((_, entry)))
                if report.before > entry.sequence
                    && !self.outbox.is_backlog(entry.sequence)
                    && !self.outbox.is_sent_again() =>
            {
                self.call_message() || self.call_status(report)
            }
            (Some(report), _) => self.call_status(report),
            (None, Some(_)) => self.call_message(),
            (None, None) => false,
        }
    }

    /// Sends the first transaction message.
    pub(in crate::station) fn call_message(&mut self) -> bool {
        match self.outbox.call(&mut self.cx, &mut self.rpc) {
            Called::Sent => true,
            Called::Nothing => false,
            Called::Unreadable(slot) => {
                self.message_failed(slot);
                false
            }
        }
    }

    /// The central system did not answer a transaction message: again later, and never only if it
    /// answers everything else.
    pub(in crate::station) fn message_unanswered(&mut self, slot: usize) {
        let timeout = self.cx.settings.message_timeout();
        if self.outbox.unanswered(self.cx.now, timeout) {
            self.give_up(slot);
        }
    }

    /// The central system failed to process a transaction message: again later, or never.
    pub(in crate::station) fn message_failed(&mut self, slot: usize) {
        if self.outbox.failed(&self.cx) {
            self.give_up(slot);
        }
    }

    pub(in crate::station) fn give_up(&mut self, slot: usize) {
        let given_up = self.outbox.give_up(&mut self.cx, &mut self.rpc, slot);
        if let Some(stop) = given_up {
            self.erase_transaction(slot, stop);
        }
    }

    /// Erases the record of a transaction, its StopTransaction, then the transactionData that went
    /// with it. The record first: without a StopTransaction it would be ended once more.
    pub(in crate::station) fn erase_transaction(&mut self, slot: usize, stop: Entry) {
        self.erase_ended(stop);
        self.outbox
            .erase_stop(&mut self.cx, &mut self.rpc, slot, stop);
    }

    #[inline(never)]
    pub(in crate::station) fn start_answered(
        &mut self,
        slot: usize,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered = self.cx.version.start_answer(payload)?;
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        let Some((entry, id_tag)) =
            self.outbox
                .start_answered(cx, rpc, slot, answered.transaction_id)
        else {
            return Ok(());
        };
        let decision = match answered.info {
            Some(info) => self.authorization.learn(&mut self.cx, &id_tag, info),
            None => Decision::without_parent(AuthorizationStatus::Invalid),
        };
        let state = match decision.status {
            AuthorizationStatus::Accepted => TransactionState::Accepted,
            _ => TransactionState::Refused,
        };
        let id = answered.transaction_id;
        self.cx.emit(Event::Transaction {
            connector: entry.connector,
            state,
            transaction_id: Some(id),
            id_tag: Some(id_tag),
            reason: None,
        });
        self.start_decided(entry.connector, entry.transaction, id, decision);
        Ok(())
    }

    #[inline(never)]
    pub(in crate::station) fn stop_answered(
        &mut self,
        slot: usize,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let info = self.cx.version.end_answer(payload)?;
        let Some((stop, reason, id_tag)) = self.outbox.stop(&mut self.cx, slot) else {
            return Ok(());
        };
        if let (Some(id_tag), Some(info)) = (&id_tag, info) {
            self.authorization.learn(&mut self.cx, id_tag, info);
        }
        self.erase_transaction(slot, stop);
        self.cx.emit(Event::Transaction {
            connector: stop.connector,
            state: TransactionState::Reported,
            transaction_id: self.outbox.billed(stop).and_then(|billing| billing.id),
            id_tag,
            reason,
        });
        Ok(())
    }

    pub(super) fn has_room_for_transaction(&self) -> bool {
        let reserved = self.transactions.reserved_slots();
        self.outbox.has_room_for_transaction(reserved)
    }

    pub(super) fn next_transaction_number(&mut self) -> u32 {
        let transactions = &*self.transactions;
        self.outbox
            .next_transaction_number(|number| transactions.is_recorded(number))
    }

    /// The number of a connector's transaction whose start has been stored.
    pub(super) fn recorded_transaction(&self, connector: u8) -> Option<u32> {
        self.transactions.running(connector)?.recorded()
    }

    /// Stores a transaction message.
    pub(in crate::station) fn store_message(
        &mut self,
        kind: Kind,
        connector: u8,
        transaction: u32,
        stamp: Stamp,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let reserved = self.transactions.reserved_slots();
        let entry = (kind, connector, transaction);
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        self.outbox.push(cx, rpc, reserved, entry, stamp, body)
    }

    pub(in crate::station) fn sweep_outbox(&mut self) {
        let transactions = &*self.transactions;
        let waits = |number| transactions.is_cut_off(number);
        self.outbox.sweep(&mut self.cx, &mut self.rpc, waits);
    }
}
