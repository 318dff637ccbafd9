//! Transaction messages: stored with the room that transactions need, sent, and answered.

use crate::{
    dialect::Facts,
    domain::{AuthorizationStatus, ChargingState, Context, Status, TriggerReason},
    station::{
        CallFailure, Event, Station, TransactionState,
        authorization::Decision,
        metering::store_readings,
        outbox::{Called, Entry, Kind, Message},
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
        let Some((entry, id_tag, id)) =
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
        self.cx.emit(Event::Transaction {
            connector: entry.connector,
            state,
            transaction_id: id,
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
        let Some(told) = self.outbox.stop(&mut self.cx, slot) else {
            return Ok(());
        };
        let (stop, id_tag, reason) = (told.entry, told.id_tag, told.reason);
        if let (Some(id_tag), Some(info)) = (&id_tag, info) {
            self.authorization.learn(&mut self.cx, id_tag, info);
        }
        self.erase_transaction(slot, stop);
        self.cx.emit(Event::Transaction {
            connector: stop.connector,
            state: TransactionState::Reported,
            transaction_id: told.transaction_id,
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
        message: Message,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let reserved = self.transactions.reserved_slots();
        let facts = self.facts(&message);
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        let stored = self
            .outbox
            .push(cx, rpc, reserved, message, facts.as_ref(), body);
        let running = self.transactions.running_mut(message.connector);
        if let (Ok(()), Some(facts), Some(transaction)) = (stored, &facts, running)
            && transaction.recorded() == Some(message.transaction)
        {
            transaction.event_stored(facts);
        }
        stored
    }

    /// What a message says as an event, where the version has events.
    pub(super) fn facts(&mut self, message: &Message) -> Option<Facts> {
        if !self.cx.version.tells_events() || message.kind == Kind::StopValues {
            return None;
        }
        let &Message {
            connector,
            transaction,
            trigger,
            ..
        } = message;
        let state = self.charging_state(connector);
        let offline = !self.is_online();
        let told = |station: &Self| {
            let running = station.transactions.running(connector)?;
            (running.recorded() == Some(transaction)).then_some(*running.told())
        };
        let facts = match told(self) {
            Some(it) if it.needs_saving() => {
                self.save_transaction(connector);
                it.event(trigger, state, offline)
            }
            Some(it) => it.event(trigger, state, offline),
            None => self.facts_of_ended(message, trigger, state),
        };
        Some(Facts {
            kind: message.token,
            ..facts
        })
    }

    /// The end of a transaction that power cut off: behind those of its events that wait, else as its
    /// record says.
    fn facts_of_ended(
        &mut self,
        message: &Message,
        trigger: TriggerReason,
        state: ChargingState,
    ) -> Facts {
        let last = self.outbox.last_facts(self.cx.storage, message.transaction);
        // Behind its start, which was told without a number.
        let none = Facts::of_none(message.transaction, 1);
        let facts = match (last, message.saved) {
            (Some(last), _) => Facts {
                sequence: last.sequence + 1,
                ..last
            },
            (None, Some((id, sequence))) => Facts {
                id,
                sequence,
                ..none
            },
            (None, None) => none,
        };
        Facts {
            trigger,
            state,
            offline: true,
            ..facts
        }
    }

    fn charging_state(&self, number: u8) -> ChargingState {
        let plugged = self.connectors.is_plugged(number);
        let status = self.condition_of(number).map(|(status, _)| status);
        ChargingState::of(status.unwrap_or(Status::Available), plugged)
    }

    /// Tells that energy flows, or no longer, where the version has a message for that.
    pub(super) fn tell_charging_state(&mut self, number: u8) {
        if !self.cx.version.tells_events() {
            return;
        }
        let state = self.charging_state(number);
        let running = self.transactions.running(number);
        let Some(transaction) = running.filter(|it| it.is_running() && it.told().state() != state)
        else {
            return;
        };
        let Some(transaction) = transaction.recorded() else {
            return;
        };
        self.store_event(number, transaction, TriggerReason::ChargingStateChanged);
    }

    /// Stores an event without readings; it is not worth more than a sample.
    pub(super) fn store_event(&mut self, number: u8, transaction: u32, trigger: TriggerReason) {
        let stamp = self.transaction_stamp(number);
        let message = Message {
            trigger,
            ..Message::of(Kind::Values, number, transaction, stamp)
        };
        let mut body = |record: &mut Encoder| store_readings(record, Context::Other, &[]);
        let _ = self.store_message(message, &mut body);
    }

    pub(in crate::station) fn sweep_outbox(&mut self) {
        let transactions = &*self.transactions;
        let waits = |number| transactions.is_cut_off(number);
        self.outbox.sweep(&mut self.cx, &mut self.rpc, waits);
    }
}
