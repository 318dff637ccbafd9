//! The end of a transaction that power cut off (OCPP 1.6, 4.10).
//!
//! Its meter knows better than the record what was delivered: the end waits for the register, for a
//! while, and nothing begins at the connector before.

use super::{METER_RETRY_MS, ending::STOP_RETRY_MS, saved::Saved};
use crate::{
    limits::{CONNECTORS, RECORD_LENGTH, RECOVERY_METER_TIMEOUT_MS},
    station::{
        Event, Station, TransactionState,
        journal::Kind,
        metering::{Purpose, energy},
        record::{load, skipped},
    },
    storage::RecordId,
    v16::Reason,
};

impl Station<'_> {
    /// Ends what was running when power was lost, also at connectors that the charge point had
    /// before.
    pub(in crate::station) fn end_cut_off_transactions(&mut self) {
        let connectors = self.memory.connectors.iter_mut();
        connectors.skip(1).for_each(|c| c.cut_off = true);
        for number in 1..=CONNECTORS as u8 {
            self.end_cut_off(number);
        }
        self.sweep_journal();
    }

    /// Ends what power cut off, or tries again later.
    pub(in crate::station) fn end_cut_off(&mut self, number: u8) {
        if self.has_ended_cut_off(number) {
            return;
        }
        let pause = match self.awaits_register(number) {
            true => METER_RETRY_MS,
            false => STOP_RETRY_MS,
        };
        self.want_again(number, Purpose::CutOff, pause);
    }

    /// True while the end of what power cut off waits for the register.
    pub(super) fn awaits_register(&self, number: u8) -> bool {
        let connector = self.memory.connectors.get(usize::from(number));
        // A connector that the charge point does not have any more has no meter.
        let asks = self.connector_numbers().contains(&number)
            && self.clock.uptime(self.now) < RECOVERY_METER_TIMEOUT_MS;
        asks && connector.is_some_and(|c| c.cut_off && energy(&c.readings).is_none())
    }

    /// What a power loss cut off ends before something new begins.
    pub(super) fn has_ended_cut_off(&mut self, number: u8) -> bool {
        let connector = self.memory.connectors.get(usize::from(number));
        if !connector.is_some_and(|connector| connector.cut_off) {
            return true;
        }
        let ended = self.end_cut_off_transaction(number);
        if let Some(connector) = self.memory.connectors.get_mut(usize::from(number)) {
            connector.cut_off = !ended;
        }
        ended
    }

    /// False when its end waits for the register, or for storage.
    fn end_cut_off_transaction(&mut self, number: u8) -> bool {
        let mut bytes = [0; RECORD_LENGTH];
        let id = RecordId::transaction(number);
        let events = &mut self.memory.events;
        let Some(mut record) = load(self.storage, events, id, &mut bytes) else {
            return true;
        };
        let saved = Saved::decode(&mut record);
        if saved.is_none() {
            skipped(events, id);
        }
        if let Some(saved) = saved {
            let connector = self.memory.connectors.get(usize::from(number));
            let billing = connector.and_then(|connector| connector.billing);
            let register = connector.and_then(|connector| energy(&connector.readings));
            let answered = billing.filter(|billing| billing.transaction == saved.number);
            // Where the answer cannot be read, its end is told as that of no known transaction.
            let began = billing.is_some_and(|billing| billing.may_be_of(saved.number))
                || self.memory.journal.holds(saved.number, Kind::Start);
            self.memory.journal.skip_to(saved.number);
            if began && !self.memory.journal.holds(saved.number, Kind::Stop) {
                if self.awaits_register(number) {
                    return false;
                }
                // One below is that of another meter, or of one that was reset.
                let meter_stop = register.unwrap_or(0).max(saved.register);
                let reason = Reason::PowerLoss;
                let (sequence, stamp) = (saved.number, saved.stamp);
                let pushed = self.journal_stop(number, sequence, stamp, reason, meter_stop, &None);
                if pushed.is_err() {
                    return false;
                }
                self.emit(Event::Transaction {
                    connector: number,
                    state: TransactionState::Stopped,
                    transaction_id: answered.and_then(|billing| billing.id),
                    id_tag: Some(saved.id_tag),
                    reason: Some(reason),
                });
            }
        }
        // Should that fail, it has ended all the same: until the next boot, nothing reads it.
        if let Err(error) = self.storage.erase(id) {
            self.emit(Event::StorageFailed(error));
        }
        self.sweep_journal();
        true
    }
}
