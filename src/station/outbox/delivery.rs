//! Transaction messages delivered to the central system (OCPP 1.6, 3.7, 4.7, 4.8 and 4.10):
//! sent in order, each until it is answered or given up.

use super::{Entry, Kind, Outbox, Stored, read};
use crate::{
    dialect::{Event, Facts, Version},
    domain::{Context as ReadingContext, IdToken, Reason, TransactionId},
    limits::RECORD_LENGTH,
    station::{
        Event as Happened, Key,
        call::Call,
        clock::Clock,
        context::Context,
        metering::{energy, stored_readings, write_readings},
        rpc::Rpc,
    },
    storage::{Storage, StorageError},
    wire::Writer,
};

/// Bytes of a StopTransaction without transactionData, with everything at its longest but for
/// escapes in the idTag.
const STOP_AROUND: usize = 256;
/// Bytes of a value of transactionData with the register.
const STOP_VALUE: usize = 168;

/// Values that a transactionData has at most (`StopTransactionMaxMeterValues`): what a transmit
/// buffer of that length has room for.
pub(in crate::station) const fn stop_values(tx: usize) -> u32 {
    (tx.saturating_sub(STOP_AROUND) / STOP_VALUE) as u32
}

/// What came of sending the first message.
pub(in crate::station) enum Called {
    /// It is in the transmit buffer.
    Sent,
    /// Its record cannot be read.
    Unreadable(usize),
    /// There is none that is due.
    Nothing,
}

/// What a message says that was sent.
pub(in crate::station) struct Told {
    pub entry: Entry,
    pub reason: Option<Reason>,
    pub id_tag: Option<IdToken>,
    pub transaction_id: Option<TransactionId>,
}

/// What came of trying to send a record.
enum Attempt {
    /// It, or what has to go before it, is in the transmit buffer.
    Sent,
    /// Something that had to go before it is of no use and was erased.
    LookAgain,
}

impl Outbox {
    /// Erases transactionData whose StopTransaction has been delivered, which a power loss
    /// left behind. That of what the power loss cut off `waits` for its end.
    pub fn sweep(&mut self, cx: &mut Context<'_>, rpc: &mut Rpc<'_>, waits: impl Fn(u8) -> bool) {
        let mut after = 0;
        let values = |entry: &Entry| entry.kind == Kind::StopValues;
        while let Some((slot, entry)) = self.following(after, &values) {
            after = entry.sequence;
            if !waits(entry.connector) && !self.holds(entry.transaction, Kind::Stop) {
                self.erase(cx, rpc, slot);
            }
        }
    }

    /// Sends the first message, if it is due.
    pub fn call(&mut self, cx: &mut Context<'_>, rpc: &mut Rpc<'_>) -> Called {
        let mut buffer = [0; RECORD_LENGTH];
        while let Some((slot, entry)) = self.first_due(cx) {
            let Some((_, stored)) = read(slot, cx.storage, &mut buffer) else {
                // It may be readable the next time: that counts as an attempt.
                cx.emit(Happened::StorageFailed(StorageError::Failed));
                return Called::Unreadable(slot);
            };
            let attempt = match entry.kind {
                Kind::Start if self.assigned_to(entry).is_some() => None,
                Kind::Start => self.call_start(cx, rpc, slot, entry, &stored),
                Kind::Values | Kind::StopValues => self.call_values(cx, rpc, slot, entry, &stored),
                Kind::Stop => self.call_stop(cx, rpc, slot, entry, &stored),
            };
            match attempt {
                Some(Attempt::Sent) => return Called::Sent,
                Some(Attempt::LookAgain) => {}
                // Answered before a power loss, or no record of ours: no use keeping it.
                None => self.erase(cx, rpc, slot),
            }
        }
        Called::Nothing
    }

    /// What every message of its transaction says.
    fn event(&self, cx: &Context<'_>, entry: Entry, stored: &Stored<'_>) -> Event {
        let place = entry.sequence.saturating_sub(entry.transaction);
        let none = || Facts::of_none(entry.transaction, place);
        let facts = stored.facts.unwrap_or_else(none);
        Event {
            connector: entry.connector,
            transaction_id: self.assigned_to(entry).and_then(|assigned| assigned.id),
            timestamp: timestamp(cx, stored),
            facts,
        }
    }

    #[inline(never)]
    fn call_start(
        &self,
        cx: &Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        entry: Entry,
        stored: &Stored<'_>,
    ) -> Option<Attempt> {
        let mut body = stored.body();
        let meter_start = body.i32()?;
        let id_tag = stored.token(&mut body)??;
        let event = self.event(cx, entry, stored);
        let reservation = stored.reservation();
        let write = &mut |w: &mut Writer<'_>| {
            cx.version
                .transaction_started(w, &event, &id_tag, meter_start, reservation);
        };
        let sent = rpc.call(cx.now, stored.id, Call::Start { slot }, write);
        sent.then_some(Attempt::Sent)
    }

    #[inline(never)]
    fn call_values(
        &mut self,
        cx: &Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        entry: Entry,
        stored: &Stored<'_>,
    ) -> Option<Attempt> {
        let (mut id, version) = (stored.id, cx.version);
        let delivered = self.delivered();
        id.part = delivered as u8;
        let event = self.event(cx, entry, stored);
        let (context, readings) = stored_readings(&mut stored.body())?;
        let mut left = readings.skip(delivered).peekable();
        let has_readings = left.peek().is_some();
        // A change of state alone is nothing to a version that tells no events.
        if !has_readings && !version.tells_events() {
            return None;
        }
        let mut written = None;
        let write = &mut |w: &mut Writer<'_>| {
            version.begin_transaction_updated(w, &event, has_readings);
            if has_readings {
                version.begin_meter_value(w, event.timestamp);
                written = write_readings(version, w, context, left.by_ref());
                version.end_meter_value(w);
            }
            version.end_transaction_updated(w, has_readings);
        };
        let call = Call::Values { slot, until: None };
        if !rpc.call(cx.now, id, call, write) {
            return None;
        }
        // One event has one number: what does not fit into it is dropped.
        if let Some(written) = written.filter(|_| !version.tells_events()) {
            let until = Some(delivered + written);
            rpc.is_about(Call::Values { slot, until });
        }
        Some(Attempt::Sent)
    }

    /// Sends StopTransaction with all of its transactionData; where that does not fit, the
    /// oldest of it goes before as MeterValues of the transaction.
    #[inline(never)]
    fn call_stop(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        stop: Entry,
        stored: &Stored<'_>,
    ) -> Option<Attempt> {
        let mut body = stored.body();
        let reason = Reason::from_number(body.u8()?)?;
        let meter_stop = body.i32()?;
        let id_tag = stored.token(&mut body)?;
        let event = self.event(cx, stop, stored);
        let first = self.first_stop_values(stop.transaction);
        if first.is_none() && self.delivered() > 0 {
            // What was being delivered is gone.
            self.set_delivered(0);
        }
        let (outbox, storage, clock) = (&*self, &mut *cx.storage, &cx.clock);
        let version = cx.version;
        let write = &mut |w: &mut Writer<'_>| {
            let (token, has_readings) = (id_tag.as_ref(), first.is_some());
            version.begin_transaction_ended(w, &event, token, meter_stop, reason, has_readings);
            let is_told = has_readings
                && write_transaction_data(version, w, stop.transaction, outbox, storage, clock);
            let left = (!is_told).then_some(meter_stop);
            version.end_transaction_ended(w, &event, left, has_readings);
        };
        let call = Call::Stop { slot };
        let values = self.stop_values(stop.transaction);
        let most = cx.settings.number(Key::StopTransactionMaxMeterValues);
        let fits = self.delivered() == 0 && values <= most as usize;
        if fits && rpc.call(cx.now, stored.id, call, write) {
            self.stop_sent(stop);
            return Some(Attempt::Sent);
        }
        let (slot, entry) = first?;
        if version.tells_events() {
            // No event goes before the end any more: what does not fit into it is dropped.
            self.erase(cx, rpc, slot);
            return Some(Attempt::LookAgain);
        }
        let mut buffer = [0; RECORD_LENGTH];
        let readings = read(slot, cx.storage, &mut buffer);
        let sent = readings.and_then(|(_, stored)| self.call_values(cx, rpc, slot, entry, &stored));
        if sent.is_none() {
            self.erase(cx, rpc, slot);
            self.set_delivered(0);
        }
        Some(sent.unwrap_or(Attempt::LookAgain))
    }

    /// The central system has answered a StartTransaction.
    #[inline(never)]
    pub fn start_answered(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        id: Option<TransactionId>,
    ) -> Option<(Entry, IdToken, Option<TransactionId>)> {
        let entry = self.entry(slot)?;
        let mut buffer = [0; RECORD_LENGTH];
        let stored = read(slot, cx.storage, &mut buffer);
        let is_kept = self.set_assigned_id(cx, entry.connector, entry.transaction, id);
        self.erase(cx, rpc, slot);
        if !is_kept {
            // A medium that is full to its last bytes has the room of the start now.
            self.set_assigned_id(cx, entry.connector, entry.transaction, id);
        }
        let (_, stored) = stored.as_ref()?;
        let mut body = stored.body();
        let id_tag = body.i32().and_then(|_| stored.token(&mut body)).flatten()?;
        Some((entry, id_tag, id.or(stored.facts.map(|facts| facts.id))))
    }

    /// The central system has taken stored readings, up to that place of the record; `None` to its
    /// end.
    pub fn values_answered(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        until: Option<usize>,
    ) {
        if until.is_none() {
            self.erase(cx, rpc, slot);
        }
        self.set_delivered(until.unwrap_or(0));
    }

    /// What a stored StopTransaction says.
    #[inline(never)]
    pub fn stop(&self, cx: &mut Context<'_>, slot: usize) -> Option<Told> {
        let entry = self.entry(slot)?;
        let mut buffer = [0; RECORD_LENGTH];
        let stored = read(slot, cx.storage, &mut buffer);
        let body = stored.as_ref().map(|(_, stored)| stored.body());
        let (reason, id_tag) = match body {
            Some(mut body) => (
                body.u8().and_then(Reason::from_number),
                body.i32().and_then(|_| body.token()).flatten(),
            ),
            None => (None, None),
        };
        let facts = stored.and_then(|(_, stored)| stored.facts);
        let assigned = || self.assigned_to(entry).and_then(|assigned| assigned.id);
        Some(Told {
            entry,
            reason,
            id_tag,
            transaction_id: facts.map(|facts| facts.id).or_else(assigned),
        })
    }

    /// Erases a StopTransaction, then the transactionData that went with it.
    pub fn erase_stop(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        stop: Entry,
    ) {
        self.erase(cx, rpc, slot);
        while let Some((slot, _)) = self.first_stop_values(stop.transaction) {
            self.erase(cx, rpc, slot);
        }
    }

    /// True when the StopTransaction of every ended transaction has been delivered.
    pub fn has_delivered_stops(&self) -> bool {
        self.following(0, &|entry| entry.kind == Kind::Stop)
            .is_none()
    }
}

fn timestamp(cx: &Context<'_>, stored: &Stored<'_>) -> i64 {
    // Nothing is sent before the central system has told the time.
    cx.clock.resolve(stored.stamp).unwrap_or(0)
}

/// Writes what was read during a transaction, until it is all or the buffer is full. True when the
/// register at its end is in it.
fn write_transaction_data(
    version: Version,
    w: &mut Writer<'_>,
    transaction: u32,
    outbox: &Outbox,
    storage: &mut dyn Storage,
    clock: &Clock,
) -> bool {
    let mut has_end = false;
    let belongs =
        |entry: &Entry| entry.kind == Kind::StopValues && entry.transaction == transaction;
    let mut buffer = [0; RECORD_LENGTH];
    let mut after = 0;
    while let Some((slot, entry)) = outbox.following(after, &belongs)
        && !w.overflowed()
    {
        after = entry.sequence;
        let Some((_, stored)) = read(slot, storage, &mut buffer) else {
            continue;
        };
        if let Some((context, readings)) = stored_readings(&mut stored.body()) {
            version.begin_meter_value(w, clock.resolve(stored.stamp).unwrap_or(0));
            for r in readings {
                version.reading(w, context, r.measured(), r.value);
                has_end |= context == ReadingContext::TransactionEnd && energy(&[r]).is_some();
            }
            version.end_meter_value(w);
        }
    }
    has_end
}
