//! Charging sessions (OCPP 1.6, 4.8 and 4.10): a driver who was accepted, the transaction, and
//! whether energy may flow.

mod saved;
mod transaction;

pub(super) use saved::{Saved, settle_stamps};
pub(super) use transaction::Transaction;

use heapless::Vec;

use super::{Refused, Suspension};
use crate::{
    dialect::RemoteStartId,
    domain::{IdToken, Status, TransactionId},
    limits::CONNECTORS,
};

/// A driver whose idTag was accepted and whose cable is awaited, or the other way round.
#[derive(Debug)]
pub(super) struct Authorized {
    pub id_tag: IdToken,
    pub parent: Option<IdToken>,
    /// The remote start that named it.
    pub remote: Option<RemoteStartId>,
}

/// A transaction that has not ended, for the application to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running<'s> {
    /// Whose.
    pub id_tag: &'s str,
    /// How it is called: with OCPP 1.6 once the central system has given it a number, with 2.0.1
    /// from its start on.
    pub transaction_id: Option<TransactionId>,
    /// Register at the start, in Wh.
    pub meter_start: i32,
    /// Monotonic milliseconds at the start.
    pub started_at: u64,
    /// It waits for its last reading.
    pub is_ending: bool,
    /// It may take energy, as far as the transaction goes: a fault or a cable that is not there
    /// may hold it back all the same.
    pub allows_energy: bool,
}

/// What is under way at a connector.
#[derive(Debug)]
pub(super) struct Session {
    authorized: Option<Authorized>,
    /// When one half of cable and idTag stops waiting for the other.
    preparing_until: Option<u64>,
    finishing: bool,
    suspended: Option<Suspension>,
    /// What may be drawn is too little for a vehicle.
    paused: bool,
    transaction: Option<Transaction>,
    /// Power cut a transaction off, and its end waits for the register or for room.
    cut_off: bool,
    energy_told: bool,
}

impl Session {
    const fn new() -> Self {
        Self {
            authorized: None,
            preparing_until: None,
            finishing: false,
            suspended: None,
            paused: false,
            transaction: None,
            cut_off: false,
            energy_told: false,
        }
    }

    /// The driver who was accepted here and has not begun to charge.
    pub fn authorized(&self) -> Option<&Authorized> {
        self.authorized.as_ref()
    }

    /// That driver, who begins.
    pub fn take_authorized(&mut self) -> Option<Authorized> {
        self.preparing_until = None;
        self.authorized.take()
    }

    /// The transaction, until it has ended.
    pub fn transaction(&self) -> Option<&Transaction> {
        self.transaction.as_ref()
    }

    /// The transaction, until it has ended.
    pub fn transaction_mut(&mut self) -> Option<&mut Transaction> {
        self.transaction.as_mut()
    }

    /// The same for the application to look at.
    pub fn running(&self) -> Option<Running<'_>> {
        let transaction = self.transaction.as_ref()?;
        Some(Running {
            id_tag: &transaction.id_tag,
            transaction_id: transaction.transaction_id,
            meter_start: transaction.meter_start,
            started_at: transaction.started_at,
            is_ending: transaction.is_ending(),
            allows_energy: transaction.allows_energy(),
        })
    }

    /// True when no transaction runs, and none is about to begin.
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && self.authorized.is_none()
    }

    /// True when a cable is left from the session before.
    pub fn is_finishing(&self) -> bool {
        self.finishing
    }

    /// A driver was accepted, whose cable is awaited until then.
    pub fn welcome(&mut self, authorized: Authorized, until: Option<u64>) {
        self.finishing = false;
        self.preparing_until = until;
        self.authorized = Some(authorized);
    }

    /// The application begins with that driver.
    pub fn set_authorized(&mut self, authorized: Authorized) {
        self.authorized = Some(authorized);
    }

    /// A driver who was accepted does not charge after all; a cable waits for another until then.
    pub fn forget_driver(&mut self, until: Option<u64>) {
        self.authorized = None;
        self.preparing_until = until;
    }

    /// A cable waits for a driver until then.
    pub fn await_driver(&mut self, until: Option<u64>) {
        self.preparing_until = until;
    }

    /// A cable was plugged; without a driver it waits for one until then.
    pub fn plugged(&mut self, until: Option<u64>) {
        self.finishing = false;
        if let Some(transaction) = &mut self.transaction {
            transaction.knows_cable = true;
            self.suspended = None;
        } else if self.authorized.is_none() {
            self.preparing_until = until;
        }
    }

    /// A cable was unplugged. True when a transaction runs.
    pub fn unplugged(&mut self) -> bool {
        self.finishing = false;
        if self.authorized.is_none() {
            self.preparing_until = None;
        }
        self.transaction.is_some()
    }

    /// Holds the energy back, or no longer; refused without a transaction.
    pub fn suspend(&mut self, by: Option<Suspension>) -> Result<(), Refused> {
        if self.transaction.is_none() {
            return Err(Refused::NoTransaction);
        }
        self.suspended = by;
        Ok(())
    }

    /// Holds the energy back while what may be drawn is too little for a vehicle; true if that
    /// is new to a transaction.
    #[cfg(feature = "smart-charging")]
    pub fn pause(&mut self, pauses: bool) -> bool {
        let is_new = ::core::mem::replace(&mut self.paused, pauses) != pauses;
        is_new && self.transaction.is_some()
    }

    /// 9.1.6 ConnectionTimeOut: an idTag without a cable is forgotten, a cable without an idTag has
    /// finished.
    pub fn expire(&mut self, plugged: bool) {
        self.preparing_until = None;
        self.authorized = None;
        self.finishing = plugged;
    }

    /// A transaction begins.
    pub fn begin(&mut self, transaction: Transaction) {
        self.suspended = None;
        self.transaction = Some(transaction);
    }

    /// It has ended, or none has begun; a cable is left.
    pub fn finish(&mut self, plugged: bool) {
        self.transaction = None;
        self.suspended = None;
        self.finishing = plugged;
    }

    /// The same where none had begun.
    pub fn finish_without(&mut self, plugged: bool) {
        self.finishing = plugged;
    }

    /// True while the end of what power cut off is not stored.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    pub fn set_cut_off(&mut self, cut_off: bool) {
        self.cut_off = cut_off;
    }

    /// True when energy may flow, as far as the session goes. An application that starts
    /// transactions itself need not tell of cables.
    fn allows_energy(&self, plugged: bool) -> bool {
        let transaction = self.transaction.as_ref();
        !self.paused
            && transaction.is_some_and(|it| it.allows_energy() && (plugged || !it.knows_cable))
    }

    /// Whether energy may flow, if the application was told otherwise.
    pub fn new_energy(&self, plugged: bool, serves: bool) -> Option<bool> {
        let allows = serves && self.allows_energy(plugged);
        (allows != self.energy_told).then_some(allows)
    }

    /// The application is told to close the contactor or to open it.
    pub fn energy_told(&mut self, allowed: bool) {
        self.energy_told = allowed;
    }

    /// The status that a StatusNotification of now reports (4.9), where nothing is broken at this
    /// connector. `broken` when the whole charge point is, which shows where energy would flow.
    pub fn status(&self, plugged: bool, operative: bool, broken: bool) -> Status {
        if let Some(transaction) = &self.transaction {
            let suspended = match broken || self.paused {
                true => Some(Suspension::Evse),
                false => self.suspended,
            };
            return transaction.status(suspended, plugged);
        }
        match () {
            () if !operative => Status::Unavailable,
            () if self.authorized.is_some() => Status::Preparing,
            () if self.finishing => Status::Finishing,
            () if plugged => Status::Preparing,
            () => Status::Available,
        }
    }
}

/// The sessions of all connectors; that of the whole charge point as connector 0 is always idle.
#[derive(Debug)]
pub(super) struct Transactions(Vec<Session, { CONNECTORS + 1 }>);

impl Transactions {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    pub fn clear(&mut self) {
        self.0.clear();
        while self.0.push(Session::new()).is_ok() {}
    }

    #[inline(never)]
    pub fn get(&self, connector: u8) -> Option<&Session> {
        self.0.get(usize::from(connector))
    }

    #[inline(never)]
    pub fn get_mut(&mut self, connector: u8) -> Option<&mut Session> {
        self.0.get_mut(usize::from(connector))
    }

    /// The transaction of a connector, until it has ended.
    #[inline(never)]
    pub fn running(&self, connector: u8) -> Option<&Transaction> {
        self.get(connector)?.transaction()
    }

    /// The transaction of a connector, until it has ended.
    #[inline(never)]
    pub fn running_mut(&mut self, connector: u8) -> Option<&mut Transaction> {
        self.get_mut(connector)?.transaction_mut()
    }

    /// All transactions that have not ended.
    pub fn all_running(&mut self) -> impl Iterator<Item = &mut Transaction> {
        self.0.iter_mut().filter_map(Session::transaction_mut)
    }

    /// The first connector from `from` on at which a cable or an idTag has waited long enough.
    pub fn next_expired(&self, from: u8, now: u64) -> Option<u8> {
        let is_over = |session: &Session| session.preparing_until.is_some_and(|it| it <= now);
        self.next(from, is_over)
    }

    /// The first connector from `from` on whose contactor may have to be closed or opened.
    pub fn next_contactor(&self, from: u8) -> Option<u8> {
        self.next(from, |session| {
            session.energy_told || session.transaction.is_some()
        })
    }

    fn next(&self, from: u8, wanted: impl Fn(&Session) -> bool) -> Option<u8> {
        let mut sessions = self.0.iter().enumerate().skip(from.into());
        let (number, _) = sessions.find(|(_, session)| wanted(session))?;
        u8::try_from(number).ok()
    }

    /// The first transaction from this connector on of which a sample is due, every `interval`
    /// milliseconds, or the register: whether the first is, and the second.
    pub fn take_due(&mut self, from: u8, now: u64, interval: u64) -> Option<(u8, bool, bool)> {
        let sessions = self.0.iter_mut().enumerate().skip(from.into());
        for (number, session) in sessions {
            if let Some(transaction) = &mut session.transaction {
                let sample = transaction.take_sample(now, interval);
                let check = transaction.take_check(now);
                if sample || check {
                    return Some((u8::try_from(number).ok()?, sample, check));
                }
            }
        }
        None
    }

    /// True when one has not ended.
    pub fn any_runs(&self) -> bool {
        self.0.iter().any(|session| session.transaction.is_some())
    }

    /// True when the start of a transaction with that number has been stored and its end has not.
    pub fn is_recorded(&self, number: u32) -> bool {
        let mut running = self.0.iter().filter_map(Session::transaction);
        running.any(|transaction| transaction.recorded() == Some(number))
    }

    /// True while the end of what power cut off at a connector is not stored.
    pub fn is_cut_off(&self, connector: u8) -> bool {
        self.get(connector).is_some_and(Session::is_cut_off)
    }

    /// At each connector, power may have cut a transaction off.
    pub fn all_cut_off(&mut self) {
        for session in self.0.iter_mut().skip(1) {
            session.cut_off = true;
        }
    }

    /// Slots of the outbox that must stay free: for the StopTransaction of every running transaction
    /// and of what power cut off, and for the StartTransaction of those whose meter is being read.
    pub fn reserved_slots(&self) -> usize {
        let of_each = self.0.iter().map(|session| {
            let running = session.transaction.as_ref();
            usize::from(session.cut_off) + running.map_or(0, |t| 1 + usize::from(t.is_starting()))
        });
        of_each.sum()
    }

    /// When a cable or an idTag has waited long enough at one of them.
    pub fn preparing_deadline(&self) -> Option<u64> {
        let waiting = self.0.iter().filter_map(|session| session.preparing_until);
        waiting.min()
    }

    /// When a sample of a transaction is due, or its register has to be read.
    pub fn sample_deadline(&self) -> Option<u64> {
        let running = self.0.iter().filter_map(Session::transaction);
        let due = running.flat_map(|it| [it.next_sample(), it.next_check()]);
        due.flatten().min()
    }
}
