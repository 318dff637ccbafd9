//! A transaction begins, is decided, and is kept while it runs.

use crate::{
    domain::{
        AuthorizationStatus, Context, IdToken, Reason, TransactionId, TriggerReason, TxPoint,
    },
    station::{
        Event, Key, Refused, Station, TransactionState,
        authorization::Decision,
        clock::Stamp,
        metering::Purpose,
        outbox::{Kind, Message},
        record::Encoder,
        rpc::MessageId,
        transactions::{Authorized, Transaction, settle_stamps},
    },
    storage::{RecordId, StorageError},
};

/// How often a meter is asked that has not said anything since the boot.
pub(super) const METER_RETRY_MS: u64 = 1_000;

impl Station<'_> {
    pub(in crate::station) fn start_requested(
        &mut self,
        number: u8,
        id_tag: &IdToken,
    ) -> Result<(), Refused> {
        self.known_length(id_tag)?;
        if self.reset.is_under_way() {
            return Err(Refused::Resetting);
        }
        self.known_connector(number)?;
        if !self.connectors.is_in_service(self.cx.version, number) {
            return Err(Refused::OutOfService);
        }
        let room = self.has_room_for_transaction();
        let plugged = self.connectors.is_plugged(number);
        let other = |own: &IdToken| !own.eq_ignore_ascii_case(id_tag);
        let is_awaited_by_other = self.authorization.pending(number).is_some_and(other);
        let session = self.session_mut(number)?;
        let is_taken = session.transaction().is_some()
            || session
                .authorized()
                .is_some_and(|known| other(&known.id_tag));
        if is_taken || is_awaited_by_other {
            return Err(Refused::Occupied);
        }
        if !room {
            #[cfg(feature = "security")]
            self.note_exhaustion();
            return Err(Refused::Full);
        }
        let is_known = session.authorized().is_some();
        if !is_known && self.is_kept_from(number, id_tag, None) {
            return Err(Refused::Occupied);
        }
        let parent = self.known_parent(number, id_tag);
        // The application knows better than the central system could answer now.
        let asked = self
            .authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Accepted);
        let remote = asked.as_ref().and_then(|asked| asked.remote);
        if !is_known {
            self.session_mut(number)?.set_authorized(Authorized {
                id_tag: asked.map_or_else(|| id_tag.clone(), |asked| asked.id_tag),
                parent,
                remote,
            });
        }
        let trigger = match remote {
            Some(_) => TriggerReason::RemoteStart,
            None => TriggerReason::Authorized,
        };
        self.begin_transaction(number, plugged, trigger);
        Ok(())
    }

    pub(in crate::station) fn stop_requested(
        &mut self,
        number: u8,
        reason: Reason,
    ) -> Result<(), Refused> {
        let transaction = self.session_mut(number)?.transaction();
        if transaction.is_none_or(|transaction| transaction.is_ending()) {
            return Err(Refused::NoTransaction);
        }
        self.end_transaction(number, reason, None);
        Ok(())
    }

    /// Cable and idTag are there: reads the meter, then starts.
    pub(in crate::station) fn begin_transaction(
        &mut self,
        number: u8,
        knows_cable: bool,
        trigger: TriggerReason,
    ) {
        // What power cut off before this ends first: now, or with the register that both wait for.
        let first = self.has_ended_cut_off(number) || self.awaits_register(number);
        let room = first && self.has_room_for_transaction();
        let plugged = self.connectors.is_plugged(number);
        let now = self.cx.now;
        let Ok(session) = self.session_mut(number) else {
            return;
        };
        let Some(authorized) = session.take_authorized() else {
            return;
        };
        if !room {
            session.finish_without(plugged);
            self.cx.emit(Event::StorageFailed(StorageError::Full));
            self.status_changed(number);
            return;
        }
        session.begin(Transaction::new(now, authorized, knows_cable, trigger));
        #[cfg(feature = "smart-charging")]
        self.update_limits();
        self.want(number, Purpose::Begin);
        self.status_changed(number);
    }

    /// Stores the start; from here on the transaction exists.
    pub(in crate::station) fn record_start(&mut self, number: u8) {
        let next_sample = self.next_sample();
        let transaction = self.transactions.running(number);
        if transaction.is_none_or(|transaction| !transaction.is_starting()) {
            return;
        }
        let Some(meter_start) = self.metering.register(number) else {
            // Nothing could tell later how much was taken: it begins when the meter speaks.
            self.metering
                .want_again(&self.cx, number, Purpose::Begin, METER_RETRY_MS);
            return;
        };
        // Its record takes the place of that of what power cut off.
        if !self.has_ended_cut_off(number) {
            self.drop_transaction(number);
            return;
        }
        let sequence = self.next_transaction_number();
        let stamp = self.transaction_stamp(number);
        let own_id = self.cx.version.tells_events().then(|| self.rpc.next_id());
        let own_id = own_id.map(|MessageId { boot, count, .. }| TransactionId::Own { boot, count });
        let Some(transaction) = self.transactions.running_mut(number) else {
            return;
        };
        transaction.begin(sequence, meter_start, own_id);
        transaction.sample_at(next_sample);
        let trigger = transaction.told().beginning();
        let id_tag = transaction.id_tag().clone();
        // First that there is a transaction, then the message: a power loss between the two
        // leaves a transaction that never was, which the next boot tells from a real one.
        // Before both, that the answer has its room: where that record is missing, it was lost.
        let saved =
            self.outbox.reserve_assigned_id(&mut self.cx, number) && self.save_transaction(number);
        let used = self.used_reservation(number);
        // No transaction has the last number: it keeps the place before that of a reservation.
        let before = self.ended_before(number).or(used.map(|_| u32::MAX));
        let mut body = |record: &mut Encoder| {
            record.i32(meter_start);
            record.text(Some(&id_tag));
            if let Some(before) = before {
                record.u32(before);
            }
            if let Some((_, reservation)) = used {
                record.i32(reservation);
            }
        };
        let message = Message {
            trigger,
            token: id_tag.kind(),
            ..Message::of(Kind::Start, number, sequence, stamp)
        };
        if !saved || self.store_message(message, &mut body).is_err() {
            self.forget_transaction(number);
            return;
        }
        self.reservation_used(used);
        self.tell_transaction(number, TransactionState::Started, None);
        self.store_edge(number, sequence, Context::TransactionBegin);
        // A profile that came before it is its own now.
        #[cfg(feature = "smart-charging")]
        self.update_limits();
        self.status_changed(number);
    }

    /// The central system has given a running transaction its number, and accepts it or not.
    pub(in crate::station) fn start_decided(
        &mut self,
        number: u8,
        sequence: u32,
        transaction_id: Option<TransactionId>,
        decision: Decision,
    ) {
        let allowance = self.cx.settings.number(Key::MaxEnergyOnInvalidId) as i32;
        let now = self.cx.now;
        let register = self.metering.register(number);
        let running = self.transactions.running_mut(number);
        let Some(transaction) = running.filter(|it| it.recorded() == Some(sequence)) else {
            return;
        };
        transaction.accepted(transaction_id, decision.parent);
        if decision.status == AuthorizationStatus::Accepted {
            return;
        }
        transaction.limit_to(now, allowance, register);
        if self.cx.settings.flag(Key::StopTransactionOnInvalidId) {
            self.end_with(number, TxPoint::Authorized, Reason::DeAuthorized, None);
        } else {
            self.status_changed(number);
        }
    }

    pub(super) fn tell_transaction(
        &mut self,
        number: u8,
        state: TransactionState,
        reason: Option<Reason>,
    ) {
        if let Some(transaction) = self.transactions.running(number) {
            let (transaction_id, id_tag) = (transaction.id(), transaction.id_tag().clone());
            self.cx.emit(Event::Transaction {
                connector: number,
                state,
                transaction_id,
                id_tag: Some(id_tag),
                reason,
            });
        }
    }

    /// Keeps the register for the case that power is lost.
    pub(super) fn save_when_due(&mut self, number: u8, register: i32) {
        let transaction = self.transactions.running(number);
        if transaction.is_some_and(|it| it.needs_saving(self.cx.now, register)) {
            self.save_transaction(number);
        }
    }

    /// Keeps the register that is about to be stored as a reading, once for all lists.
    pub(super) fn save_with_readings(&mut self, number: u8) {
        let transaction = self.transactions.running(number);
        if transaction.is_some_and(|transaction| transaction.may_be_saved(self.cx.now)) {
            self.save_transaction(number);
        }
    }

    /// False when storage does not take it.
    pub(super) fn save_transaction(&mut self, number: u8) -> bool {
        let stamp = self.transaction_stamp(number);
        let register = self.metering.register(number);
        let Some(transaction) = self.transactions.running_mut(number) else {
            return false;
        };
        let saved = transaction.save(self.cx.now, stamp, register);
        self.cx
            .store(RecordId::transaction(number), &saved.encode())
    }

    /// The stamp of now for something that is told of the transaction of a connector.
    pub(super) fn transaction_stamp(&mut self, number: u8) -> Stamp {
        let stamp = self.cx.stamp();
        match self.transactions.running_mut(number) {
            Some(transaction) => transaction.stamp(stamp),
            None => stamp,
        }
    }

    /// Gives what was stored before the time was known its time: a later run could not. Tried again
    /// with the next time that is told, until storage takes it.
    pub(super) fn settle_stamps(&mut self) {
        if self.cx.clock.is_settled() {
            return;
        }
        // The messages first: the end of a transaction is not earlier than what was told of it.
        let settled = self
            .outbox
            .settle_stamps(self.cx.storage, &self.cx.clock)
            .and_then(|()| settle_stamps(&mut self.cx));
        self.cx.clock.set_settled(settled.is_ok());
        self.cx.is_done(settled);
    }
}
