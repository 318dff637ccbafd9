//! One transaction, from its idTag to its last reading.

use super::{Authorized, Saved};
use crate::{
    dialect::{Facts, Told},
    domain::{IdToken, Reason, Status, TransactionId, TriggerReason},
    limits::TRANSACTION_SAVE_INTERVAL_MS,
    station::{Suspension, clock::Stamp},
    wire::UnixMillis,
};

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
pub(in crate::station) struct Transaction {
    stage: Stage,
    /// Sequence of its StartTransaction in the outbox.
    number: u32,
    pub(super) id_tag: IdToken,
    parent: Option<IdToken>,
    pub(super) transaction_id: Option<TransactionId>,
    pub(super) meter_start: i32,
    pub(super) started_at: u64,
    /// The latest time stamp that it has been told of with; 0 before there is one in UTC.
    told_until: UnixMillis,
    /// False when the application, which started it, had not told of a cable.
    pub(super) knows_cable: bool,
    next_sample: Option<u64>,
    /// Register beyond which nothing may flow, after the central system refused the idTag.
    limit: Option<i32>,
    blocked: bool,
    ending: Option<Ending>,
    saved_at: u64,
    saved_energy: i32,
    check_at: u64,
    /// How far it has been told of.
    told: Told,
}

/// How a transaction ends.
#[derive(Clone, Debug)]
pub(in crate::station) struct Ending {
    pub reason: Reason,
    pub id_tag: Option<IdToken>,
    /// The last reading, once it has been taken: when, and the register.
    reading: Option<(Stamp, i32)>,
    /// Storage did not take it at once.
    is_delayed: bool,
}

impl Transaction {
    /// One whose meter is being read for its start.
    pub fn new(
        now: u64,
        authorized: Authorized,
        knows_cable: bool,
        trigger: TriggerReason,
    ) -> Self {
        Self {
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
            told: Told::begun_by(trigger, authorized.remote),
        }
    }

    /// It begins to run, with that number and register, and with the name that the station gives it,
    /// if it does.
    pub fn begin(&mut self, number: u32, meter_start: i32, own_id: Option<TransactionId>) {
        self.stage = Stage::Running;
        self.number = number;
        self.meter_start = meter_start;
        self.saved_energy = meter_start;
        if let Some(id) = own_id {
            self.transaction_id = own_id;
            self.told.set_id(id);
        }
    }

    /// Whose it is.
    pub fn id_tag(&self) -> &IdToken {
        &self.id_tag
    }

    /// True when it is that driver's.
    pub fn is_of(&self, id_tag: &IdToken) -> bool {
        self.id_tag.eq_ignore_ascii_case(id_tag)
    }

    /// True when others of a group may end it.
    pub fn has_group(&self) -> bool {
        self.parent.is_some()
    }

    /// The group of its driver.
    #[cfg_attr(not(feature = "reservation"), allow(dead_code))]
    pub fn group(&self) -> Option<&IdToken> {
        self.parent.as_ref()
    }

    /// How it is called, once it is.
    pub fn id(&self) -> Option<TransactionId> {
        self.transaction_id
    }

    /// How far it has been told of.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// That event of it has been stored.
    pub fn event_stored(&mut self, facts: &Facts) {
        self.told.stored(facts);
    }

    /// The time has become known: what was told of it before was told before this.
    pub fn time_known(&mut self, utc: UnixMillis) {
        self.told_until = utc;
    }

    /// The next sample is due then.
    pub fn sample_at(&mut self, due: Option<u64>) {
        self.next_sample = due;
    }

    /// When a sample is due.
    pub fn next_sample(&self) -> Option<u64> {
        self.next_sample
    }

    /// The number of one whose start has been stored.
    pub fn recorded(&self) -> Option<u32> {
        (self.stage != Stage::Starting).then_some(self.number)
    }

    /// The central system knows it by that id.
    pub fn accepted(&mut self, id: Option<TransactionId>, parent: Option<IdToken>) {
        self.transaction_id = id.or(self.transaction_id);
        self.parent = parent.or(self.parent.take());
    }

    /// Nothing may flow beyond the register at the start and this much (9.1.14
    /// MaxEnergyOnInvalidId), because the central system refused the idTag.
    pub fn limit_to(&mut self, now: u64, allowance: i32, register: Option<i32>) {
        let limit = self.meter_start.saturating_add(allowance);
        self.limit = Some(limit);
        self.check_at = now + LIMIT_CHECK_MS;
        self.limit_reached(register.unwrap_or(limit));
    }

    /// Its last reading is awaited from now on; false when it does not run.
    pub fn end(&mut self, reason: Reason, id_tag: Option<IdToken>) -> bool {
        if self.stage != Stage::Running {
            return false;
        }
        self.stage = Stage::Ending;
        self.ending = Some(Ending {
            reason,
            id_tag,
            reading: None,
            is_delayed: false,
        });
        self.next_sample = None;
        true
    }

    /// Its last reading, taken when it is asked for the first time: then the last is true.
    pub fn last_reading(
        &mut self,
        stamp: Stamp,
        register: Option<i32>,
    ) -> Option<(Ending, Stamp, i32, bool)> {
        let ending = self.ending.as_mut()?;
        let is_first = ending.reading.is_none();
        // A register never runs backwards; one that seems to is not to be believed.
        let reading = (stamp, register.unwrap_or(0).max(self.saved_energy));
        let (stamp, meter_stop) = *ending.reading.get_or_insert(reading);
        self.saved_energy = meter_stop;
        Some((ending.clone(), stamp, meter_stop, is_first))
    }

    /// Storage did not take its end at once.
    pub fn is_delayed(&mut self) {
        if let Some(ending) = &mut self.ending {
            ending.is_delayed = true;
        }
    }

    /// True when the register has to be saved because that was long ago.
    pub fn needs_saving(&self, now: u64, register: i32) -> bool {
        self.stage == Stage::Running
            && self.saved_energy != register
            && self.saved_at + TRANSACTION_SAVE_INTERVAL_MS <= now
    }

    /// True when it was not saved in this very moment.
    pub fn may_be_saved(&self, now: u64) -> bool {
        self.saved_at != now
    }

    /// Its record with that register.
    pub fn save(&mut self, now: u64, stamp: Stamp, register: Option<i32>) -> Saved {
        self.saved_at = now;
        self.check_at = now + self.check_interval();
        self.saved_energy = register.unwrap_or(0).max(self.saved_energy);
        Saved {
            number: self.number,
            register: self.saved_energy,
            stamp,
            id_tag: self.id_tag.clone(),
            events: self.told.save(),
        }
    }

    /// A sample that is due, every `interval` milliseconds. Missed ones are not made up for; the
    /// rhythm is kept.
    pub fn take_sample(&mut self, now: u64, interval: u64) -> bool {
        let due = self.next_sample.filter(|&due| due <= now);
        if let Some(due) = due {
            let missed = (now - due).checked_div(interval).unwrap_or(0);
            self.next_sample = (interval > 0).then(|| due + interval * (missed + 1));
        }
        due.is_some()
    }

    /// The stamp for something that is told of it: where the clock was set back, it stands still
    /// until it has caught up with what was told before.
    pub fn stamp(&mut self, stamp: Stamp) -> Stamp {
        if let Stamp::Utc(utc) = stamp {
            self.told_until = self.told_until.max(utc);
            return Stamp::Utc(self.told_until);
        }
        stamp
    }

    pub fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

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

    pub fn is_of_group(&self, parent: Option<&IdToken>) -> bool {
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
