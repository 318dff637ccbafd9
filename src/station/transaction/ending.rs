//! The end of a transaction that runs.

use super::{Ending, Stage};
use crate::{
    station::{
        Station, TransactionState, clock::Stamp, metering::Purpose, outbox::Kind, record::Encoder,
    },
    storage::{RecordId, StorageError},
    v16::{AuthorizationStatus, Context, IdTag, Reason},
};

/// How often it is tried to store the end of a transaction that storage has no room for.
pub(super) const STOP_RETRY_MS: u64 = 10_000;

impl Station<'_> {
    /// Ends a transaction: no more energy, then a last reading, then the message.
    pub(in crate::station) fn stop_transaction(
        &mut self,
        number: u8,
        reason: Reason,
        id_tag: Option<IdTag>,
    ) {
        let connector = self.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_ref());
        if transaction.is_some_and(|transaction| transaction.is_starting()) {
            self.record_start(number);
            self.drop_unstarted(number);
        }
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        let Some(transaction) = connector
            .transaction
            .as_mut()
            .filter(|transaction| transaction.stage == Stage::Running)
        else {
            return;
        };
        transaction.stage = Stage::Ending;
        transaction.ending = Some(Ending {
            reason,
            id_tag,
            reading: None,
            is_delayed: false,
        });
        transaction.next_sample = None;
        self.authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
        self.status_changed(number);
        self.want(number, Purpose::End);
    }

    /// A transaction whose meter never said where it starts has not begun.
    fn drop_unstarted(&mut self, number: u8) {
        let connector = self.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_ref());
        if transaction.is_some_and(|transaction| transaction.is_starting()) {
            self.drop_transaction(number);
        }
    }

    /// Stores the end; from here on the transaction is history.
    pub(in crate::station) fn record_stop(&mut self, number: u8) {
        let now = self.transaction_stamp(number);
        let register = self.metering.register(number);
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        let Some(transaction) = &mut connector.transaction else {
            return;
        };
        let sequence = transaction.number;
        let saved = transaction.saved_energy;
        let Some(ending) = &mut transaction.ending else {
            return;
        };
        let first_try = ending.reading.is_none();
        // A register never runs backwards; one that seems to is not to be believed.
        let reading = (now, register.unwrap_or(0).max(saved));
        let (stamp, meter_stop) = *ending.reading.get_or_insert(reading);
        let Ending { reason, id_tag, .. } = ending.clone();
        transaction.saved_energy = meter_stop;
        if first_try {
            self.store_edge(number, sequence, Context::TransactionEnd);
        }
        let pushed = self.journal_stop(number, sequence, stamp, reason, meter_stop, &id_tag);
        if pushed.is_err() {
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
        let connector = self.connectors.get_mut(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_mut());
        if let Some(ending) = transaction.and_then(|transaction| transaction.ending.as_mut()) {
            ending.is_delayed = true;
        }
        self.status_changed(number);
    }

    pub(super) fn journal_stop(
        &mut self,
        number: u8,
        sequence: u32,
        stamp: Stamp,
        reason: Reason,
        meter_stop: i32,
        id_tag: &Option<IdTag>,
    ) -> Result<(), StorageError> {
        let mut body = |record: &mut Encoder| write_stop(record, reason, meter_stop, id_tag);
        // The time may have become known while there was no room: a later boot could not tell it.
        let stamp = self.cx.clock.resolve(stamp).map_or(stamp, Stamp::Utc);
        self.store_message(Kind::Stop, number, sequence, stamp, &mut body)
    }

    pub(super) fn forget_transaction(&mut self, number: u8) {
        self.cx.erase(RecordId::transaction(number));
        self.drop_transaction(number);
    }

    pub(super) fn drop_transaction(&mut self, number: u8) {
        if let Ok(connector) = self.connector_mut(number) {
            connector.transaction = None;
            connector.suspended = None;
            connector.finishing = connector.plugged;
        }
        self.apply_scheduled_availability(number);
        self.status_changed(number);
    }
}

/// What the record of a StopTransaction says of it.
pub(super) fn write_stop(
    record: &mut Encoder,
    reason: Reason,
    meter_stop: i32,
    id_tag: &Option<IdTag>,
) {
    record.u8(reason as u8);
    record.i32(meter_stop);
    record.text(id_tag.as_deref());
}
