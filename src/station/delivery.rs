//! Transaction messages delivered to the central system (OCPP 1.6, 3.7, 4.7, 4.8 and 4.10):
//! sent in order, each until it is answered or given up.

use heapless::String;

use super::{
    CallFailure, Event, Key, Memory, Station, TransactionState,
    authorization::Decision,
    clock::Clock,
    journal::{self, Entry, Journal, Kind, Stored},
    metering::{stored_readings, write_readings},
    record::{Decoder, Encoder, skipped},
    rpc::Call,
};
use crate::{
    storage::{RecordId, Storage, StorageError},
    v16::{
        AuthorizationStatus, IdTag, Reason, TransactionId,
        core::{self, StartTransactionAnswer, StopTransactionAnswer},
        message::answer,
    },
    wire::{Payload, Writer, number::Digits},
};

/// What OCPP 1.6 has no word for: the transactionId of a transaction whose start the central
/// system never managed to process.
const NO_TRANSACTION_ID: TransactionId = -1;

/// Bytes of a StopTransaction without transactionData, with everything at its longest but for
/// escapes in the idTag.
const STOP_AROUND: usize = 256;
/// Bytes of a value of transactionData with the register.
const STOP_VALUE: usize = 168;

/// Values that a transactionData has at most (`StopTransactionMaxMeterValues`): what a transmit
/// buffer of that length has room for.
pub(super) const fn stop_values(tx: usize) -> u32 {
    (tx.saturating_sub(STOP_AROUND) / STOP_VALUE) as u32
}

/// What came of trying to send a record.
enum Attempt {
    /// It, or what has to go before it, is in the transmit buffer.
    Sent,
    /// Something that had to go before it is of no use and was erased.
    LookAgain,
}

/// How the central system calls the transaction with that number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Billing {
    pub transaction: u32,
    /// `None` if it never managed to process the start.
    pub id: Option<TransactionId>,
}

/// Form of the record; see [`Billing::decode`] for the one before it.
const BILLING_FORM: u8 = 2;
/// Bytes for the transactionId as text: OCPP 2.0.1 allows 36 characters.
const BILLING_ID_LENGTH: usize = 36;

impl Billing {
    /// Of a record that cannot be read, which stays until the next one is written: no transaction
    /// has that number.
    const UNREADABLE: Self = Self {
        transaction: u32::MAX,
        id: None,
    };

    /// An earlier firmware reads the beginning of this form as [`Self::UNREADABLE`]. Its own form
    /// is the transaction's number, whether it was answered, and the id in 32 bits.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut record = Decoder(bytes);
        let transaction = record.u32()?;
        let form = record.u8()?;
        if transaction != Self::UNREADABLE.transaction {
            let id = record.i32()?;
            let id = (form != 0).then_some(id.into());
            return Some(Self { transaction, id });
        }
        if form != BILLING_FORM {
            return None;
        }
        let transaction = record.u32()?;
        let text: Option<String<BILLING_ID_LENGTH>> = record.text()?;
        let id = text.map(|text| text.parse()).transpose().ok()?;
        Some(Self { transaction, id })
    }

    fn encode(self, record: &mut Encoder) {
        record.u32(Self::UNREADABLE.transaction);
        record.u8(BILLING_FORM);
        record.u32(self.transaction);
        let digits = self.id.map(|id| Digits::decimal(id, 0));
        record.text(digits.as_ref().map(Digits::as_str));
        if self.transaction == 0 {
            // It takes the room of the longest answer.
            record.raw(&[0; BILLING_ID_LENGTH]);
        }
    }

    /// True when it is that of this transaction, or may be.
    pub fn may_be_of(&self, transaction: u32) -> bool {
        [transaction, Self::UNREADABLE.transaction].contains(&self.transaction)
    }
}

impl Memory {
    pub(super) fn load_billing(&mut self, storage: &mut dyn Storage, number: u8) {
        let mut bytes = [0; 10 + BILLING_ID_LENGTH];
        let id = RecordId::billing(number);
        let record = match storage.read(id, &mut bytes) {
            Ok(None) => return,
            Ok(Some(length)) => bytes.get(..length),
            Err(_) => None,
        };
        let billing = record.and_then(Billing::decode).unwrap_or_else(|| {
            skipped(&mut self.events, id);
            Billing::UNREADABLE
        });
        self.journal.skip_to(billing.transaction);
        if let Some(connector) = self.connectors.get_mut(usize::from(number)) {
            connector.billing = Some(billing);
        }
    }
}

impl Station<'_> {
    /// Erases transactionData whose StopTransaction has been delivered, which a power loss
    /// left behind. That of what the power loss cut off waits for its end.
    pub(super) fn sweep_journal(&mut self) {
        let mut after = 0;
        let values = |entry: &Entry| entry.kind == Kind::StopValues;
        while let Some((slot, entry)) = self.journal.following(after, values) {
            after = entry.sequence;
            let connector = self.connectors.get(usize::from(entry.connector));
            let waits = connector.is_some_and(|connector| connector.cut_off);
            if !waits && !self.journal.holds(entry.transaction, Kind::Stop) {
                self.journal_erase(slot);
            }
        }
    }

    /// Sends the first message of the journal.
    pub(super) fn call_journal(&mut self) -> bool {
        while let Some((slot, entry)) = self.journal_first() {
            let Some((_, stored)) = journal::read(slot, self.cx.storage) else {
                // It may be readable the next time: that counts as an attempt.
                self.cx.emit(Event::StorageFailed(StorageError::Failed));
                self.delivery_failed(slot);
                return false;
            };
            let attempt = match entry.kind {
                Kind::Start if self.billed(entry).is_some() => None,
                Kind::Start => self.call_start(slot, entry, &stored),
                Kind::Values | Kind::StopValues => self.call_values(slot, entry, &stored),
                Kind::Stop => self.call_stop(slot, entry, &stored),
            };
            match attempt {
                Some(Attempt::Sent) => return true,
                Some(Attempt::LookAgain) => {}
                // Answered before a power loss, or no record of ours: no use keeping it.
                None => self.journal_erase(slot),
            }
        }
        false
    }

    /// How the central system calls the transaction of a record, if it was asked.
    fn billed(&self, entry: Entry) -> Option<Billing> {
        let connector = self.connectors.get(usize::from(entry.connector))?;
        connector
            .billing
            .filter(|billing| billing.transaction == entry.transaction)
    }

    /// What the messages of a transaction say after its start.
    fn transaction_id(&self, entry: Entry) -> TransactionId {
        let billed = self.billed(entry).and_then(|billing| billing.id);
        billed.unwrap_or(NO_TRANSACTION_ID)
    }

    fn timestamp(&self, stored: &Stored) -> i64 {
        // Nothing is sent before the central system has told the time.
        self.cx.clock.resolve(stored.stamp).unwrap_or(0)
    }

    #[inline(never)]
    fn call_start(&mut self, slot: usize, entry: Entry, stored: &Stored) -> Option<Attempt> {
        let mut body = stored.body();
        let meter_start = body.i32()?;
        let id_tag: IdTag = body.text()??;
        let timestamp = self.timestamp(stored);
        let write = &mut |w: &mut Writer<'_>| {
            core::start_transaction(w, entry.connector, &id_tag, meter_start, timestamp);
        };
        let call = Call::Start { slot };
        let sent = self.rpc.call(self.cx.now, stored.id, call, write);
        sent.then_some(Attempt::Sent)
    }

    #[inline(never)]
    fn call_values(&mut self, slot: usize, entry: Entry, stored: &Stored) -> Option<Attempt> {
        let mut id = stored.id;
        let delivered = self.journal.delivered();
        id.part = delivered as u8;
        let timestamp = self.timestamp(stored);
        let transaction_id = Some(self.transaction_id(entry));
        let (context, readings) = stored_readings(&mut stored.body())?;
        let mut left = readings.skip(delivered).peekable();
        left.peek()?;
        let mut written = 0;
        let write = &mut |w: &mut Writer<'_>| {
            core::begin_meter_values(w, entry.connector, transaction_id);
            core::begin_meter_value(w, timestamp);
            written = write_readings(w, context, left.by_ref());
            core::end_list_and_object(w);
            core::end_list_and_object(w);
        };
        let call = Call::Values { slot, until: 0 };
        if !self.rpc.call(self.cx.now, id, call, write) {
            return None;
        }
        let until = delivered + written;
        self.rpc.is_about(Call::Values { slot, until });
        Some(Attempt::Sent)
    }

    /// Sends StopTransaction with all of its transactionData; where that does not fit, the
    /// oldest of it goes before as MeterValues of the transaction.
    #[inline(never)]
    fn call_stop(&mut self, slot: usize, stop: Entry, stored: &Stored) -> Option<Attempt> {
        let mut body = stored.body();
        let reason = Reason::from_place(body.u8()?)?;
        let meter_stop = body.i32()?;
        let id_tag: Option<IdTag> = body.text()?;
        let timestamp = self.timestamp(stored);
        let transaction_id = self.transaction_id(stop);
        let first = self.journal.first_stop_values(stop.transaction);
        if first.is_none() && self.journal.delivered() > 0 {
            // What was being delivered is gone.
            self.journal.set_delivered(0);
        }
        let (journal, storage, clock) = (&self.journal, &mut *self.cx.storage, &self.cx.clock);
        let write = &mut |w: &mut Writer<'_>| {
            let tag = id_tag.as_deref();
            core::begin_stop_transaction(w, transaction_id, tag, meter_stop, reason, timestamp);
            if first.is_some() {
                w.begin_list("transactionData");
                write_transaction_data(w, stop.transaction, journal, storage, clock);
                w.end_list();
            }
            w.end_object();
        };
        let call = Call::Stop { slot };
        let values = self.journal.stop_values(stop.transaction);
        let most = self.cx.settings.number(Key::StopTransactionMaxMeterValues);
        let fits = self.journal.delivered() == 0 && values <= most as usize;
        if fits && self.rpc.call(self.cx.now, stored.id, call, write) {
            self.journal.stop_sent(stop);
            return Some(Attempt::Sent);
        }
        let (slot, entry) = first?;
        let readings = journal::read(slot, self.cx.storage);
        let sent = readings.and_then(|(_, stored)| self.call_values(slot, entry, &stored));
        if sent.is_none() {
            self.journal_erase(slot);
            self.journal.set_delivered(0);
        }
        Some(sent.unwrap_or(Attempt::LookAgain))
    }

    #[inline(never)]
    pub(super) fn start_answered(
        &mut self,
        slot: usize,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered: StartTransactionAnswer<'_> =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let Some(entry) = self.journal.entry(slot) else {
            return Ok(());
        };
        let id = answered.transaction_id;
        let stored = journal::read(slot, self.cx.storage);
        let is_kept = self.set_billing(entry.connector, entry.transaction, Some(id));
        self.journal_erase(slot);
        if !is_kept {
            // A medium that is full to its last bytes has the room of the start now.
            self.set_billing(entry.connector, entry.transaction, Some(id));
        }
        let id_tag = stored.and_then(|(_, stored)| {
            let mut body = stored.body();
            body.i32().and_then(|_| body.text()).flatten()
        });
        let Some(id_tag): Option<IdTag> = id_tag else {
            return Ok(());
        };
        let decision = match answered.id_tag_info.0 {
            Some(info) => self.learn(&id_tag, info),
            None => Decision::without_parent(AuthorizationStatus::Invalid),
        };
        let accepted = decision.status == AuthorizationStatus::Accepted;
        let state = match accepted {
            true => TransactionState::Accepted,
            false => TransactionState::Refused,
        };
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

    /// Takes the room that the answer to a start needs, before the first start of a connector: it
    /// is replaced from then on.
    pub(super) fn reserve_billing(&mut self, number: u8) -> bool {
        let connector = self.connectors.get(usize::from(number));
        let is_there = connector.is_some_and(|connector| connector.billing.is_some());
        // No transaction has the number 0.
        is_there || self.set_billing(number, 0, None)
    }

    /// Remembers how the central system calls a transaction, before anything is told by it. False
    /// when storage does not take it.
    fn set_billing(&mut self, number: u8, transaction: u32, id: Option<TransactionId>) -> bool {
        let billing = Billing { transaction, id };
        let mut record = Encoder::default();
        billing.encode(&mut record);
        let stored = self.cx.store(RecordId::billing(number), &record);
        // The connector may be one that the charge point does not have any more.
        if let Some(connector) = self.connectors.get_mut(usize::from(number)) {
            // What runs goes on without; room that is not there is not taken.
            let is_known = stored || transaction > 0;
            connector.billing = is_known.then_some(billing);
        }
        stored
    }

    pub(super) fn values_answered(&mut self, slot: usize, until: usize) {
        let stored = journal::read(slot, self.cx.storage);
        let total = stored
            .and_then(|(_, stored)| Some(stored_readings(&mut stored.body())?.1.count()))
            .unwrap_or(0);
        if until < total {
            self.journal.set_delivered(until);
        } else {
            self.journal_erase(slot);
            self.journal.set_delivered(0);
        }
    }

    #[inline(never)]
    pub(super) fn stop_answered(
        &mut self,
        slot: usize,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered: StopTransactionAnswer<'_> =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let Some(entry) = self.journal.entry(slot) else {
            return Ok(());
        };
        let stored = journal::read(slot, self.cx.storage);
        let body = stored.as_ref().map(|(_, stored)| stored.body());
        let (reason, id_tag): (_, Option<IdTag>) = match body {
            Some(mut body) => (
                body.u8().and_then(Reason::from_place),
                body.i32().and_then(|_| body.text()).flatten(),
            ),
            None => (None, None),
        };
        if let (Some(id_tag), Some(info)) = (&id_tag, answered.id_tag_info) {
            self.learn(id_tag, info);
        }
        self.erase_transaction_records(slot, entry);
        self.cx.emit(Event::Transaction {
            connector: entry.connector,
            state: TransactionState::Reported,
            transaction_id: self.billed(entry).and_then(|billing| billing.id),
            id_tag,
            reason,
        });
        Ok(())
    }

    /// Erases the record of a transaction, its StopTransaction, then the transactionData that went
    /// with it. The record first: without a StopTransaction it would be ended once more.
    fn erase_transaction_records(&mut self, slot: usize, stop: Entry) {
        self.erase_ended(stop);
        self.journal_erase(slot);
        while let Some((slot, _)) = self.journal.first_stop_values(stop.transaction) {
            self.journal_erase(slot);
        }
    }

    /// True when the StopTransaction of every ended transaction has been delivered.
    pub(super) fn has_delivered_stops(&self) -> bool {
        self.journal
            .following(0, |entry| entry.kind == Kind::Stop)
            .is_none()
    }

    /// The central system could not process a message, however often it was asked.
    pub(super) fn give_up(&mut self, slot: usize, entry: Entry) {
        match entry.kind {
            Kind::Start => {
                self.set_billing(entry.connector, entry.transaction, None);
                self.journal_erase(slot);
            }
            Kind::Values => self.journal_erase(slot),
            Kind::StopValues => {
                self.journal_erase(slot);
                self.journal.set_delivered(0);
            }
            Kind::Stop => self.erase_transaction_records(slot, entry),
        }
    }
}

/// Writes what was read during a transaction, until it is all or the buffer is full.
fn write_transaction_data(
    w: &mut Writer<'_>,
    transaction: u32,
    journal: &Journal,
    storage: &mut dyn Storage,
    clock: &Clock,
) {
    let belongs =
        |entry: &Entry| entry.kind == Kind::StopValues && entry.transaction == transaction;
    let mut after = 0;
    while let Some((slot, entry)) = journal.following(after, belongs)
        && !w.overflowed()
    {
        after = entry.sequence;
        let Some((_, stored)) = journal::read(slot, storage) else {
            continue;
        };
        if let Some((context, readings)) = stored_readings(&mut stored.body()) {
            core::begin_meter_value(w, clock.resolve(stored.stamp).unwrap_or(0));
            for r in readings {
                core::sampled_value(w, context, r.measurand, r.phase, r.value);
            }
            core::end_list_and_object(w);
        }
    }
}
