//! The end of a transaction that runs.

use crate::{
    domain::{AuthorizationStatus, Context, IdToken, Reason},
    station::{
        Station, TransactionState,
        clock::Stamp,
        metering::Purpose,
        outbox::{Kind, Message},
        record::Encoder,
    },
    storage::{RecordId, StorageError},
};

/// How often it is tried to store the end of a transaction that storage has no room for.
pub(super) const STOP_RETRY_MS: u64 = 10_000;

impl Station<'_> {
    /// Ends a transaction: no more energy, then a last reading, then the message.
    pub(in crate::station) fn stop_transaction(
        &mut self,
        number: u8,
        reason: Reason,
        id_tag: Option<IdToken>,
    ) {
        // What the meter said in this very millisecond was said before the contactor opens.
        self.metering.outdate(number);
        self.end_transaction(number, reason, id_tag);
    }

    /// As [`Self::stop_transaction`], with what the meter has said in this millisecond as the last
    /// reading: the application that ends a transaction may have told it that first.
    pub(in crate::station) fn end_transaction(
        &mut self,
        number: u8,
        reason: Reason,
        id_tag: Option<IdToken>,
    ) {
        if self.is_starting(number) {
            self.record_start(number);
            if self.is_starting(number) {
                // One whose meter never said where it starts has not begun.
                self.drop_transaction(number);
            }
        }
        let transaction = self.transactions.running_mut(number);
        if !transaction.is_some_and(|transaction| transaction.end(reason, id_tag)) {
            return;
        }
        self.authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
        #[cfg(feature = "smart-charging")]
        self.update_limits();
        self.status_changed(number);
        self.want(number, Purpose::End);
    }

    fn is_starting(&self, number: u8) -> bool {
        let transaction = self.transactions.running(number);
        transaction.is_some_and(|transaction| transaction.is_starting())
    }

    /// Stores the end; from here on the transaction is history.
    pub(in crate::station) fn record_stop(&mut self, number: u8) {
        let now = self.transaction_stamp(number);
        let register = self.metering.register(number);
        let Some(transaction) = self.transactions.running_mut(number) else {
            return;
        };
        let sequence = transaction.recorded().unwrap_or(0);
        let Some((ending, stamp, meter_stop, is_first)) = transaction.last_reading(now, register)
        else {
            return;
        };
        let (reason, id_tag) = (ending.reason, ending.id_tag);
        if is_first {
            self.store_edge(number, sequence, Context::TransactionEnd);
        }
        let message = Message::of(Kind::Stop, number, sequence, stamp);
        let stored = self.store_stop(message, reason, meter_stop, &id_tag);
        if stored.is_err() {
            // The end is not given up: the connector finishes when it has been stored.
            self.delay_stop(number);
            return;
        }
        self.tell_transaction(number, TransactionState::Stopped, Some(reason));
        // Its record stays until that is answered: one of the two may be damaged meanwhile.
        self.drop_transaction(number);
    }

    /// Tries again later to store an end that storage does not take now.
    fn delay_stop(&mut self, number: u8) {
        self.metering
            .want_again(&self.cx, number, Purpose::End, STOP_RETRY_MS);
        if let Some(transaction) = self.transactions.running_mut(number) {
            transaction.is_delayed();
        }
        self.status_changed(number);
    }

    pub(super) fn store_stop(
        &mut self,
        message: Message,
        reason: Reason,
        meter_stop: i32,
        id_tag: &Option<IdToken>,
    ) -> Result<(), StorageError> {
        let mut body = |record: &mut Encoder| write_stop(record, reason, meter_stop, id_tag);
        // The time may have become known while there was no room: a later boot could not tell it.
        let utc = self.cx.clock.resolve(message.stamp);
        let message = Message {
            stamp: utc.map_or(message.stamp, Stamp::Utc),
            token: id_tag.as_ref().map_or(message.token, IdToken::kind),
            ..message
        };
        self.store_message(message, &mut body)
    }

    pub(super) fn forget_transaction(&mut self, number: u8) {
        self.cx.erase(RecordId::transaction(number));
        self.drop_transaction(number);
    }

    pub(super) fn drop_transaction(&mut self, number: u8) {
        let plugged = self.connectors.is_plugged(number);
        if let Ok(session) = self.session_mut(number) {
            session.finish(plugged);
        }
        #[cfg(feature = "smart-charging")]
        self.update_limits();
        self.apply_wanted_availability(number);
        self.status_changed(number);
    }
}

/// What the record of a StopTransaction says of it.
pub(super) fn write_stop(
    record: &mut Encoder,
    reason: Reason,
    meter_stop: i32,
    id_tag: &Option<IdToken>,
) {
    record.u8(reason as u8);
    record.i32(meter_stop);
    record.text(id_tag.as_deref());
}
