//! The end of a transaction that power cut off (OCPP 1.6, 4.10).
//!
//! Its meter knows better than the record what was delivered: the end waits for the register, for a
//! while, and nothing begins at the connector before.

use super::{ending::STOP_RETRY_MS, transaction::METER_RETRY_MS};
use crate::{
    domain::Reason,
    limits::{CONNECTORS, RECORD_LENGTH, RECOVERY_METER_TIMEOUT_MS},
    station::{
        Event, Station, TransactionState,
        metering::Purpose,
        outbox::{Kind, Message},
        record::{Decoder, skipped},
        transactions::Saved,
    },
    storage::RecordId,
};

impl Station<'_> {
    /// Ends what was running when power was lost, also at connectors that the charge point had
    /// before.
    pub(in crate::station) fn end_cut_off_transactions(&mut self) {
        self.transactions.all_cut_off();
        for number in 1..=CONNECTORS as u8 {
            self.end_cut_off(number);
        }
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
        self.metering
            .want_again(&self.cx, number, Purpose::CutOff, pause);
    }

    /// True while the end of what power cut off waits for the register.
    pub(super) fn awaits_register(&self, number: u8) -> bool {
        // A connector that the charge point does not have any more has no meter.
        let asks = self.connector_numbers().contains(&number)
            && self.cx.clock.uptime(self.cx.now) < RECOVERY_METER_TIMEOUT_MS;
        asks && self.transactions.is_cut_off(number) && self.metering.register(number).is_none()
    }

    /// What a power loss cut off ends before something new begins.
    pub(super) fn has_ended_cut_off(&mut self, number: u8) -> bool {
        if !self.transactions.is_cut_off(number) {
            return true;
        }
        let ended = self.end_cut_off_transaction(number);
        if let Some(session) = self.transactions.get_mut(number) {
            session.set_cut_off(!ended);
        }
        if ended {
            self.end_orphans();
            self.sweep_outbox();
        }
        ended
    }

    /// False when its end waits for the register, or for storage.
    #[inline(never)] // its buffers are not on the stack of a start
    fn end_cut_off_transaction(&mut self, number: u8) -> bool {
        let mut bytes = [0; RECORD_LENGTH];
        let id = RecordId::transaction(number);
        let read = self.cx.storage.read(id, &mut bytes);
        if read == Ok(None) {
            return true;
        }
        let length = read.unwrap_or(None);
        let record = length.and_then(|length| bytes.get(..length));
        let saved = record.and_then(|record| Saved::decode(&mut Decoder(record)));
        let is_damaged = saved.is_none();
        let mut events = None;
        let known = match saved {
            Some(it) => {
                events = it.events;
                Some((it.number, it.register, it.stamp, Some(it.id_tag)))
            }
            None => {
                let rebuilt = self.rebuild(number);
                rebuilt.map(|it| (it.number, it.register, self.cx.stamp(), it.id_tag))
            }
        };
        let stays = read.is_err() && known.is_none();
        if let Some((sequence, saved_register, stamp, id_tag)) = known {
            let assigned = self.outbox.assigned_id(number);
            let register = self.metering.register(number);
            let answered = assigned.filter(|assigned| assigned.transaction == sequence);
            // Where the answer cannot be read, its end is told as that of no known transaction.
            let began = self.may_have_begun(number, sequence);
            self.outbox.skip_to(sequence);
            if began && self.outbox.holds(sequence, Kind::Stop) {
                // It ended before; its record stays until that is answered.
                return true;
            }
            if began {
                if self.awaits_register(number) {
                    return false;
                }
                // One below is that of another meter, or of one that was reset.
                let meter_stop = register.unwrap_or(0).max(saved_register);
                let reason = Reason::PowerLoss;
                let message = Message {
                    saved: events,
                    ..Message::of(Kind::Stop, number, sequence, stamp)
                };
                let stored = self.store_stop(message, reason, meter_stop, &None);
                if stored.is_err() {
                    return false;
                }
                self.cx.emit(Event::Transaction {
                    connector: number,
                    state: TransactionState::Stopped,
                    transaction_id: answered
                        .and_then(|assigned| assigned.id)
                        .or(events.map(|(id, _)| id)),
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
            skipped(self.cx.events, id);
        }
        if stays {
            return true;
        }
        // Should that fail, it has ended all the same: until the next boot, nothing reads it.
        self.cx.erase(id);
        true
    }
}
