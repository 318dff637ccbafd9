//! Transactions (OCPP 1.6, 4.8 and 4.10): begun, decided, kept.

mod cut_off;
mod ending;
mod lost_record;
mod saved;

use super::{
    Event, Key, Refused, Station, Suspension, TransactionState,
    authorization::Decision,
    clock::Stamp,
    connector::{Authorized, Connector},
    id_tag,
    metering::Purpose,
    outbox::Kind,
    record::Encoder,
    transaction::saved::Saved,
};
use crate::{
    limits::TRANSACTION_SAVE_INTERVAL_MS,
    storage::{RecordId, StorageError},
    v16::{AuthorizationStatus, Context, IdTag, Reason, Status, TransactionId},
    wire::UnixMillis,
};

/// How often a meter is asked that has not said anything since the boot.
const METER_RETRY_MS: u64 = 1_000;
/// How often the register is read while it must not pass a limit: 22 kW make 6 Wh of it.
const LIMIT_CHECK_MS: u64 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The meter is being read for its start.
    Starting,
    Running,
    /// The meter is being read for its end.
    Ending,
}

#[derive(Debug)]
pub(super) struct Transaction {
    stage: Stage,
    /// Sequence of its StartTransaction in the journal.
    number: u32,
    pub id_tag: IdTag,
    pub parent: Option<IdTag>,
    pub transaction_id: Option<TransactionId>,
    pub meter_start: i32,
    pub started_at: u64,
    /// The latest time stamp that it has been told of with; 0 before there is one in UTC.
    pub told_until: UnixMillis,
    /// False when the application, which started it, had not told of a cable.
    pub knows_cable: bool,
    pub next_sample: Option<u64>,
    /// Register beyond which nothing may flow, after the central system refused the idTag.
    limit: Option<i32>,
    blocked: bool,
    ending: Option<Ending>,
    saved_at: u64,
    saved_energy: i32,
    check_at: u64,
}

/// How a transaction ends.
#[derive(Clone, Debug)]
struct Ending {
    reason: Reason,
    id_tag: Option<IdTag>,
    /// The last reading, once it has been taken: when, and the register.
    reading: Option<(Stamp, i32)>,
    /// Storage did not take it at once.
    is_delayed: bool,
}

impl Transaction {
    pub fn is_starting(&self) -> bool {
        self.stage == Stage::Starting
    }

    pub fn is_ending(&self) -> bool {
        self.stage == Stage::Ending
    }

    /// True until its StopTransaction has been stored, or storage did not take it at once.
    pub fn is_about_to_stop(&self) -> bool {
        self.ending
            .as_ref()
            .is_some_and(|ending| !ending.is_delayed)
    }

    pub fn allows_energy(&self) -> bool {
        self.stage == Stage::Running && !self.blocked
    }

    pub fn is_of_group(&self, parent: Option<&IdTag>) -> bool {
        match (&self.parent, parent) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
            _ => false,
        }
    }

    pub fn status(&self, suspended: Option<Suspension>, plugged: bool) -> Status {
        match self.stage {
            Stage::Starting => Status::Preparing,
            Stage::Ending => Status::Finishing,
            Stage::Running if self.blocked => Status::SuspendedEvse,
            Stage::Running => match suspended {
                Some(Suspension::Evse) => Status::SuspendedEvse,
                Some(Suspension::Ev) => Status::SuspendedEv,
                None if self.knows_cable && !plugged => Status::SuspendedEv,
                None => Status::Charging,
            },
        }
    }

    /// When the register has to be read again though no sample is due.
    pub fn next_check(&self) -> Option<u64> {
        (self.stage == Stage::Running).then_some(self.check_at)
    }

    /// True when it has to be now; not again before the time has passed once more.
    pub fn take_check(&mut self, now: u64) -> bool {
        let due = self.next_check().is_some_and(|at| at <= now);
        if due {
            self.check_at = now + self.check_interval();
        }
        due
    }

    fn check_interval(&self) -> u64 {
        match self.limit {
            Some(_) if !self.blocked => LIMIT_CHECK_MS,
            _ => TRANSACTION_SAVE_INTERVAL_MS,
        }
    }

    /// True when the register has just passed the limit.
    pub fn limit_reached(&mut self, energy: i32) -> bool {
        let reached = !self.blocked && self.limit.is_some_and(|limit| energy >= limit);
        self.blocked |= reached;
        reached
    }
}

impl Connector {
    /// The number of a transaction whose start has been stored.
    pub fn recorded_transaction(&self) -> Option<u32> {
        let transaction = self.transaction.as_ref()?;
        (transaction.stage != Stage::Starting).then_some(transaction.number)
    }
}

impl Station<'_> {
    pub(super) fn start_requested(&mut self, number: u8, text: &str) -> Result<(), Refused> {
        let id_tag = id_tag(text)?;
        if self.reset.is_under_way() {
            return Err(Refused::Resetting);
        }
        let room = self.has_room_for_transaction();
        let in_service = self.is_in_service(number);
        let other = |own: &IdTag| !own.eq_ignore_ascii_case(&id_tag);
        let is_awaited_by_other = self.authorization.pending(number).is_some_and(other);
        let connector = self.connector_mut(number)?;
        if !in_service {
            return Err(Refused::OutOfService);
        }
        if connector.transaction.is_some()
            || connector
                .authorized
                .as_ref()
                .is_some_and(|a| other(&a.id_tag))
            || is_awaited_by_other
        {
            return Err(Refused::Occupied);
        }
        if !room {
            return Err(Refused::NoRoom);
        }
        let parent = connector.authorized.take().and_then(|known| known.parent);
        connector.authorized = Some(Authorized { id_tag, parent });
        let knows_cable = connector.plugged;
        // The application knows better than the central system could answer now.
        self.authorization
            .settle(&mut self.cx, number, AuthorizationStatus::Accepted);
        self.begin_transaction(number, knows_cable);
        Ok(())
    }

    pub(super) fn stop_requested(&mut self, number: u8, reason: Reason) -> Result<(), Refused> {
        match &self.connector_mut(number)?.transaction {
            None => Err(Refused::NoTransaction),
            Some(transaction) if transaction.is_ending() => Err(Refused::NoTransaction),
            Some(_) => {
                self.stop_transaction(number, reason, None);
                Ok(())
            }
        }
    }

    /// Cable and idTag are there: reads the meter, then starts.
    pub(super) fn begin_transaction(&mut self, number: u8, knows_cable: bool) {
        // What power cut off before this ends first: now, or with the register that both wait for.
        let first = self.has_ended_cut_off(number) || self.awaits_register(number);
        let room = first && self.has_room_for_transaction();
        let now = self.cx.now;
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        connector.preparing_until = None;
        let Some(authorized) = connector.authorized.take() else {
            return;
        };
        if !room {
            connector.finishing = connector.plugged;
            self.cx.emit(Event::StorageFailed(StorageError::Full));
            self.status_changed(number);
            return;
        }
        connector.suspended = None;
        connector.transaction = Some(Transaction {
            stage: Stage::Starting,
            number: 0,
            id_tag: authorized.id_tag,
            parent: authorized.parent,
            transaction_id: None,
            meter_start: 0,
            started_at: now,
            told_until: 0,
            knows_cable,
            next_sample: None,
            limit: None,
            blocked: false,
            ending: None,
            saved_at: now,
            saved_energy: 0,
            check_at: now + TRANSACTION_SAVE_INTERVAL_MS,
        });
        self.want(number, Purpose::Begin);
        self.status_changed(number);
    }

    /// Stores the start; from here on the transaction exists.
    pub(super) fn record_start(&mut self, number: u8) {
        let next_sample = match self.cx.settings.millis(Key::MeterValueSampleInterval) {
            0 => None,
            interval => Some(self.cx.now + interval),
        };
        let register = self.metering.register(number);
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        if connector
            .transaction
            .as_ref()
            .is_none_or(|t| !t.is_starting())
        {
            return;
        }
        let Some(meter_start) = register else {
            // Nobody could say later how much was taken: it begins when the meter speaks.
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
        let connector = self.connector_mut(number).ok();
        let Some(transaction) = connector.and_then(|c| c.transaction.as_mut()) else {
            return;
        };
        transaction.stage = Stage::Running;
        transaction.number = sequence;
        transaction.meter_start = meter_start;
        transaction.saved_energy = meter_start;
        transaction.next_sample = next_sample;
        let id_tag = transaction.id_tag.clone();
        // First that there is a transaction, then the message: a power loss between the two
        // leaves a transaction that never was, which the next boot tells from a real one.
        // Before both, that the answer has its room: where that record is missing, it was lost.
        let saved =
            self.outbox.reserve_billing(&mut self.cx, number) && self.save_transaction(number);
        let before = self.ended_before(number);
        let mut body = |record: &mut Encoder| {
            record.i32(meter_start);
            record.text(Some(&id_tag));
            if let Some(before) = before {
                record.u32(before);
            }
        };
        if !saved
            || self
                .store_message(Kind::Start, number, sequence, stamp, &mut body)
                .is_err()
        {
            self.forget_transaction(number);
            return;
        }
        self.tell_transaction(number, TransactionState::Started, None);
        self.store_edge(number, sequence, Context::TransactionBegin);
        self.status_changed(number);
    }

    /// The central system has given a running transaction its number, and accepts it or not.
    pub(super) fn start_decided(
        &mut self,
        number: u8,
        sequence: u32,
        transaction_id: TransactionId,
        decision: Decision,
    ) {
        let allowance = self.cx.settings.number(Key::MaxEnergyOnInvalidId) as i32;
        let check_at = self.cx.now + LIMIT_CHECK_MS;
        let register = self.metering.register(number);
        let Ok(connector) = self.connector_mut(number) else {
            return;
        };
        let Some(transaction) = connector
            .transaction
            .as_mut()
            .filter(|transaction| transaction.number == sequence)
        else {
            return;
        };
        transaction.transaction_id = Some(transaction_id);
        transaction.parent = decision.parent.or(transaction.parent.take());
        if decision.status == AuthorizationStatus::Accepted {
            return;
        }
        // 9.1.14 MaxEnergyOnInvalidId: so much may still flow, if the transaction goes on at all.
        let limit = transaction.meter_start.saturating_add(allowance);
        transaction.limit = Some(limit);
        transaction.check_at = check_at;
        transaction.limit_reached(register.unwrap_or(limit));
        if self.cx.settings.flag(Key::StopTransactionOnInvalidId) {
            self.stop_transaction(number, Reason::DeAuthorized, None);
        } else {
            self.status_changed(number);
        }
    }

    fn tell_transaction(&mut self, number: u8, state: TransactionState, reason: Option<Reason>) {
        let connector = self.connectors.get(usize::from(number));
        if let Some(transaction) = connector.and_then(|c| c.transaction.as_ref()) {
            self.cx.emit(Event::Transaction {
                connector: number,
                state,
                transaction_id: transaction.transaction_id,
                id_tag: Some(transaction.id_tag.clone()),
                reason,
            });
        }
    }

    /// Keeps the register for the case that power is lost.
    pub(super) fn save_when_due(&mut self, number: u8, energy: i32) {
        let now = self.cx.now;
        let connector = self.connectors.get(usize::from(number));
        let due = connector
            .and_then(|c| c.transaction.as_ref())
            .is_some_and(|t| {
                t.stage == Stage::Running
                    && t.saved_energy != energy
                    && t.saved_at + TRANSACTION_SAVE_INTERVAL_MS <= now
            });
        if due {
            self.save_transaction(number);
        }
    }

    /// Keeps the register that is about to be stored as a reading, once for all lists.
    pub(super) fn save_with_readings(&mut self, number: u8) {
        let connector = self.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_ref());
        if transaction.is_some_and(|transaction| transaction.saved_at != self.cx.now) {
            self.save_transaction(number);
        }
    }

    /// False when storage does not take it.
    fn save_transaction(&mut self, number: u8) -> bool {
        let stamp = self.transaction_stamp(number);
        let now = self.cx.now;
        let register = self.metering.register(number);
        let Ok(connector) = self.connector_mut(number) else {
            return false;
        };
        let Some(transaction) = &mut connector.transaction else {
            return false;
        };
        transaction.saved_at = now;
        transaction.check_at = now + transaction.check_interval();
        transaction.saved_energy = register.unwrap_or(0).max(transaction.saved_energy);
        let saved = Saved {
            number: transaction.number,
            register: transaction.saved_energy,
            stamp,
            id_tag: transaction.id_tag.clone(),
        };
        self.cx
            .store(RecordId::transaction(number), &saved.encode())
    }
}
