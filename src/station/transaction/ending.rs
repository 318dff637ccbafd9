//! The end of a transaction: that of one that runs, and of one that power cut off.

use super::{Ending, Stage};
use crate::{
    limits::RECORD_LENGTH,
    station::{
        Event, Station, TransactionState,
        clock::Stamp,
        journal::Kind,
        key::List,
        metering::{Purpose, energy},
        record::{Decoder, Encoder, skipped},
    },
    storage::{RecordId, StorageError},
    v16::{AuthorizationStatus, Context, IdTag, Reason},
};

/// How often it is tried to store the end of a transaction that storage has no room for.
const STOP_RETRY_MS: u64 = 10_000;

impl Station<'_> {
    /// Ends a transaction: no more energy, then a last reading, then the message.
    pub(in crate::station) fn stop_transaction(
        &mut self,
        number: u8,
        reason: Reason,
        id_tag: Option<IdTag>,
    ) {
        let connector = self.memory.connectors.get(usize::from(number));
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
        self.settle_pending(number, AuthorizationStatus::Invalid);
        self.status_changed(number);
        self.want(number, Purpose::End);
    }

    /// A transaction whose meter never said where it starts has not begun.
    fn drop_unstarted(&mut self, number: u8) {
        let connector = self.memory.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_ref());
        if transaction.is_some_and(|transaction| transaction.is_starting()) {
            self.drop_transaction(number);
        }
    }

    /// Stores the end; from here on the transaction is history.
    pub(in crate::station) fn record_stop(&mut self, number: u8) {
        if !self.has_ended_cut_off(number) {
            self.delay_stop(number);
            return;
        }
        let now = self.stamp();
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        let register = energy(&connector.readings);
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
            let (kind, list) = (Kind::StopValues, List::StopSampled);
            self.journal_readings(kind, number, sequence, Context::TransactionEnd, list);
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
        self.want_again(number, Purpose::End, STOP_RETRY_MS);
        let connector = self.memory.connectors.get_mut(usize::from(number));
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
        let stamp = self.clock.resolve(stamp).map_or(stamp, Stamp::Utc);
        self.journal_push(Kind::Stop, number, sequence, stamp, &mut body)
    }

    pub(super) fn forget_transaction(&mut self, number: u8) {
        if let Err(error) = self.storage.erase(RecordId::transaction(number)) {
            self.emit(Event::StorageFailed(error));
        }
        self.drop_transaction(number);
    }

    fn drop_transaction(&mut self, number: u8) {
        if let Ok(connector) = self.connector_mut(number) {
            connector.transaction = None;
            connector.suspended = None;
            connector.finishing = connector.plugged;
        }
        self.apply_scheduled_availability(number);
        self.status_changed(number);
    }

    /// What a power loss cut off ends before something new begins.
    pub(super) fn has_ended_cut_off(&mut self, number: u8) -> bool {
        let connector = self.memory.connectors.get(usize::from(number));
        if !connector.is_some_and(|connector| connector.cut_off) {
            return true;
        }
        let ended = self.end_cut_off_transaction(number);
        if let Ok(connector) = self.connector_mut(number) {
            connector.cut_off = !ended;
        }
        ended
    }

    /// A transaction that was running when power was lost ends with what was stored last.
    ///
    /// False when storage does not take that.
    fn end_cut_off_transaction(&mut self, number: u8) -> bool {
        let mut bytes = [0; RECORD_LENGTH];
        let id = RecordId::transaction(number);
        let read = self.storage.read(id, &mut bytes);
        if read == Ok(None) {
            return true;
        }
        let length = read.unwrap_or(None);
        let record = length.and_then(|length| bytes.get(..length));
        let mut cut_off = record.and_then(|record| {
            let mut record = Decoder(record);
            let sequence = record.u32()?;
            let meter = record.i32()?;
            let stamp = Stamp::decode(&mut record)?;
            let id_tag: IdTag = record.text()??;
            Some((sequence, meter, stamp, Some(id_tag)))
        });
        let is_damaged = cut_off.is_none();
        if is_damaged {
            let rebuilt = self.rebuild(number);
            cut_off = rebuilt.map(|it| (it.number, it.register, self.stamp(), it.id_tag));
        }
        let stays = read.is_err() && cut_off.is_none();
        if let Some((sequence, meter, stamp, id_tag)) = cut_off {
            let connector = self.memory.connectors.get(usize::from(number));
            let billing = connector.and_then(|connector| connector.billing);
            let answered = billing.filter(|billing| billing.transaction == sequence);
            // Where the answer cannot be read, its end is told as that of no known transaction.
            let began = self.may_have_begun(number, sequence);
            self.memory.journal.skip_to(sequence);
            if began && self.memory.journal.holds(sequence, Kind::Stop) {
                // It ended before; its record stays until that is answered.
                return true;
            }
            if began {
                let reason = Reason::PowerLoss;
                let pushed = self.journal_stop(number, sequence, stamp, reason, meter, &None);
                if pushed.is_err() {
                    return false;
                }
                self.emit(Event::Transaction {
                    connector: number,
                    state: TransactionState::Stopped,
                    transaction_id: answered.and_then(|billing| billing.id),
                    id_tag,
                    reason: Some(reason),
                });
                // A record that can be read stays until that is answered.
                if !is_damaged {
                    return true;
                }
            }
        }
        if is_damaged {
            skipped(&mut self.memory.events, id);
        }
        if stays {
            return true;
        }
        // Should that fail, it has ended all the same: until the next boot, nobody looks at it.
        if let Err(error) = self.storage.erase(id) {
            self.emit(Event::StorageFailed(error));
        }
        true
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
