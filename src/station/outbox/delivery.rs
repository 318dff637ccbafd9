//! Transaction messages delivered to the central system (OCPP 1.6, 3.7, 4.7, 4.8 and 4.10):
//! sent in order, each until it is answered or given up.

use super::{Entry, Kind, Outbox, Stored, read};
use crate::{
    dialect::Version,
    domain::{IdTag, Reason, TransactionId},
    station::{
        Event, Key,
        call::Call,
        clock::Clock,
        context::Context,
        metering::{stored_readings, write_readings},
        rpc::Rpc,
    },
    storage::{Storage, StorageError},
    wire::Writer,
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
        while let Some((slot, entry)) = self.following(after, values) {
            after = entry.sequence;
            if !waits(entry.connector) && !self.holds(entry.transaction, Kind::Stop) {
                self.erase(cx, rpc, slot);
            }
        }
    }

    /// Sends the first message, if it is due.
    pub fn call(&mut self, cx: &mut Context<'_>, rpc: &mut Rpc<'_>) -> Called {
        while let Some((slot, entry)) = self.first_due(cx) {
            let Some((_, stored)) = read(slot, cx.storage) else {
                // It may be readable the next time: that counts as an attempt.
                cx.emit(Event::StorageFailed(StorageError::Failed));
                return Called::Unreadable(slot);
            };
            let attempt = match entry.kind {
                Kind::Start if self.billed(entry).is_some() => None,
                Kind::Start => call_start(cx, rpc, slot, entry, &stored),
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

    /// What the messages of a transaction say after its start.
    fn transaction_id(&self, entry: Entry) -> TransactionId {
        let billed = self.billed(entry).and_then(|billing| billing.id);
        billed.unwrap_or(NO_TRANSACTION_ID)
    }

    #[inline(never)]
    fn call_values(
        &mut self,
        cx: &Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        entry: Entry,
        stored: &Stored,
    ) -> Option<Attempt> {
        let (mut id, version) = (stored.id, cx.version);
        let delivered = self.delivered();
        id.part = delivered as u8;
        let timestamp = timestamp(cx, stored);
        let transaction_id = Some(self.transaction_id(entry));
        let (context, readings) = stored_readings(&mut stored.body())?;
        let mut left = readings.skip(delivered).peekable();
        left.peek()?;
        let mut written = 0;
        let write = &mut |w: &mut Writer<'_>| {
            version.begin_meter_values(w, entry.connector, transaction_id);
            version.begin_moment(w, timestamp);
            written = write_readings(version, w, context, left.by_ref());
            version.end_moment(w);
            version.end_meter_values(w);
        };
        let call = Call::Values { slot, until: 0 };
        if !rpc.call(cx.now, id, call, write) {
            return None;
        }
        let until = delivered + written;
        rpc.is_about(Call::Values { slot, until });
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
        stored: &Stored,
    ) -> Option<Attempt> {
        let mut body = stored.body();
        let reason = Reason::from_number(body.u8()?)?;
        let meter_stop = body.i32()?;
        let id_tag: Option<IdTag> = body.text()?;
        let timestamp = timestamp(cx, stored);
        let transaction_id = self.transaction_id(stop);
        let first = self.first_stop_values(stop.transaction);
        if first.is_none() && self.delivered() > 0 {
            // What was being delivered is gone.
            self.set_delivered(0);
        }
        let (outbox, storage, clock) = (&*self, &mut *cx.storage, &cx.clock);
        let version = cx.version;
        let write = &mut |w: &mut Writer<'_>| {
            let tag = id_tag.as_deref();
            version.begin_transaction_ended(w, transaction_id, tag, meter_stop, reason, timestamp);
            if first.is_some() {
                version.begin_transaction_data(w);
                write_transaction_data(version, w, stop.transaction, outbox, storage, clock);
                w.end_list();
            }
            w.end_object();
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
        let readings = read(slot, cx.storage);
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
        id: TransactionId,
    ) -> Option<(Entry, IdTag)> {
        let entry = self.entry(slot)?;
        let id = Some(id);
        let stored = read(slot, cx.storage);
        let is_kept = self.set_billing(cx, entry.connector, entry.transaction, id);
        self.erase(cx, rpc, slot);
        if !is_kept {
            // A medium that is full to its last bytes has the room of the start now.
            self.set_billing(cx, entry.connector, entry.transaction, id);
        }
        let mut body = stored.as_ref()?.1.body();
        let id_tag = body.i32().and_then(|_| body.text()).flatten()?;
        Some((entry, id_tag))
    }

    /// The central system has taken stored readings, up to that place of the record.
    pub fn values_answered(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        slot: usize,
        until: usize,
    ) {
        let stored = read(slot, cx.storage);
        let total = stored
            .and_then(|(_, stored)| Some(stored_readings(&mut stored.body())?.1.count()))
            .unwrap_or(0);
        if until < total {
            self.set_delivered(until);
        } else {
            self.erase(cx, rpc, slot);
            self.set_delivered(0);
        }
    }

    /// What a stored StopTransaction says.
    #[inline(never)]
    pub fn stop(
        &self,
        cx: &mut Context<'_>,
        slot: usize,
    ) -> Option<(Entry, Option<Reason>, Option<IdTag>)> {
        let entry = self.entry(slot)?;
        let stored = read(slot, cx.storage);
        let body = stored.as_ref().map(|(_, stored)| stored.body());
        let (reason, id_tag) = match body {
            Some(mut body) => (
                body.u8().and_then(Reason::from_number),
                body.i32().and_then(|_| body.text()).flatten(),
            ),
            None => (None, None),
        };
        Some((entry, reason, id_tag))
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
        self.following(0, |entry| entry.kind == Kind::Stop)
            .is_none()
    }
}

#[inline(never)]
fn call_start(
    cx: &Context<'_>,
    rpc: &mut Rpc<'_>,
    slot: usize,
    entry: Entry,
    stored: &Stored,
) -> Option<Attempt> {
    let mut body = stored.body();
    let meter_start = body.i32()?;
    let id_tag: IdTag = body.text()??;
    let timestamp = timestamp(cx, stored);
    let write = &mut |w: &mut Writer<'_>| {
        cx.version
            .transaction_started(w, entry.connector, &id_tag, meter_start, timestamp);
    };
    let sent = rpc.call(cx.now, stored.id, Call::Start { slot }, write);
    sent.then_some(Attempt::Sent)
}

fn timestamp(cx: &Context<'_>, stored: &Stored) -> i64 {
    // Nothing is sent before the central system has told the time.
    cx.clock.resolve(stored.stamp).unwrap_or(0)
}

/// Writes what was read during a transaction, until it is all or the buffer is full.
fn write_transaction_data(
    version: Version,
    w: &mut Writer<'_>,
    transaction: u32,
    outbox: &Outbox,
    storage: &mut dyn Storage,
    clock: &Clock,
) {
    let belongs =
        |entry: &Entry| entry.kind == Kind::StopValues && entry.transaction == transaction;
    let mut after = 0;
    while let Some((slot, entry)) = outbox.following(after, belongs)
        && !w.overflowed()
    {
        after = entry.sequence;
        let Some((_, stored)) = read(slot, storage) else {
            continue;
        };
        if let Some((context, readings)) = stored_readings(&mut stored.body()) {
            version.begin_moment(w, clock.resolve(stored.stamp).unwrap_or(0));
            for r in readings {
                version.reading(w, context, r.measured(), r.value);
            }
            version.end_moment(w);
        }
    }
}
