//! The threads that call the application back, the callbacks that are due, and their results.
//!
//! There is no queue that could overflow: each connector has one place for each reason, and
//! what is wanted twice is called for once. Of one reason, one callback runs at a time; another
//! reason does not wait for it as long as there is a thread left.

mod job;

use ocpp::{
    domain::{DataTransferStatus, IdToken, UnlockStatus},
    limits::CONNECTORS,
};

#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;

#[cfg(feature = "settings")]
use crate::application_settings::Changed;
use crate::{
    kernel::{FOREVER, Locked, Semaphore},
    lifecycle,
    mailbox::Mailbox,
    meter::{Readings, Selection},
    sessions::Handle,
    settings::SETTINGS,
    transfer::Incoming,
};

use job::{Job, call};

/// Why the application is called back; the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Reason {
    Energy,
    Stop,
    Unlock,
    Start,
    Meter,
    Transfer,
    Reset,
    #[cfg(feature = "settings")]
    Setting,
    #[cfg(feature = "firmware-management")]
    Install,
    #[cfg(feature = "reservation")]
    Reservation,
}

/// How many there are.
const REASONS: usize = 7
    + cfg!(feature = "settings") as usize
    + cfg!(feature = "firmware-management") as usize
    + cfg!(feature = "reservation") as usize;

impl Reason {
    const ALL: [Self; REASONS] = [
        Self::Energy,
        Self::Stop,
        Self::Unlock,
        Self::Start,
        Self::Meter,
        Self::Transfer,
        Self::Reset,
        #[cfg(feature = "settings")]
        Self::Setting,
        #[cfg(feature = "firmware-management")]
        Self::Install,
        #[cfg(feature = "reservation")]
        Self::Reservation,
    ];

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// The callbacks that are due for a connector.
#[derive(Debug)]
struct Due {
    reasons: u16,
    energy: bool,
    /// Tenths of A on each phase while it is; `None` for no limit.
    limit: Option<u16>,
    id_tag: IdToken,
    measured: Selection,
    /// The contactor has opened since the reading under way began, so that it is not the last one.
    stale: bool,
    /// The application does not carry out the remote start.
    start_refused: bool,
    /// The application knows that a transaction has begun, and not yet that it has ended. It is
    /// kept across a shutdown, as the state of the contactor is, and lost with power, as that is.
    has_begun: bool,
    /// The session whose transaction is over.
    session: Option<Handle>,
    /// What happened last to a reservation, and its number.
    #[cfg(feature = "reservation")]
    reservation: Option<(i32, ReservationState)>,
}

/// The search for what the meters of an application measure that does not declare it.
#[derive(Debug)]
struct Probe {
    /// The place that is asked for next, and the one behind the last.
    next: usize,
    end: usize,
    measured: Selection,
}

impl Probe {
    const NONE: Self = Self {
        next: 0,
        end: 0,
        measured: Selection::NONE,
    };
}

/// The result of a callback, for the engine's thread.
#[derive(Debug)]
pub enum CallbackResult {
    /// The meter of a connector was read.
    Meter { connector: u8, readings: Readings },
    /// What the meters measure.
    Measured(Selection),
    /// Unlocking ended.
    Unlock { connector: u8, status: UnlockStatus },
    /// The application does not start charging there.
    StartRefused { connector: u8 },
    /// A data transfer was answered; the answer's text is in its place.
    Transfer(DataTransferStatus),
    /// The application does not reset the charge point.
    ResetDeclined,
    /// Firmware may be installed now, or later.
    #[cfg(feature = "firmware-management")]
    Install { now: bool },
}

/// The callbacks that are due, those that run, and their results.
#[derive(Debug)]
pub struct Callbacks {
    due: [Due; CONNECTORS + 1],
    /// Reasons of which a callback runs, or whose result was not taken.
    busy: u16,
    hard_reset: bool,
    meter: Option<(u8, Readings)>,
    /// The search for what the meters measure.
    probe: Probe,
    unlock: Mailbox<(u8, UnlockStatus)>,
    /// What the central system sent, or what the application says in return; empty while the
    /// application is called back for it.
    pub transfer: Mailbox<&'static mut Incoming>,
    transfer_status: Mailbox<DataTransferStatus>,
    reset_declined: bool,
    #[cfg(feature = "settings")]
    changed: Changed,
    #[cfg(feature = "firmware-management")]
    install: Mailbox<bool>,
}

/// All zeros at first, so that it takes no room in flash.
pub static CALLBACKS: Locked<Callbacks> = Locked::new(Callbacks::new());

impl Callbacks {
    /// No callback is due.
    pub const fn new() -> Self {
        Self {
            due: [const {
                Due {
                    reasons: 0,
                    energy: false,
                    limit: None,
                    id_tag: IdToken::new(),
                    measured: Selection::NONE,
                    stale: false,
                    start_refused: false,
                    has_begun: false,
                    session: None,
                    #[cfg(feature = "reservation")]
                    reservation: None,
                }
            }; CONNECTORS + 1],
            busy: 0,
            hard_reset: false,
            meter: None,
            probe: Probe::NONE,
            unlock: Mailbox::Empty,
            transfer: Mailbox::Empty,
            transfer_status: Mailbox::Empty,
            reset_declined: false,
            #[cfg(feature = "settings")]
            changed: Changed::NONE,
            #[cfg(feature = "firmware-management")]
            install: Mailbox::Empty,
        }
    }

    /// Forgets what the last run has left.
    pub fn clear(&mut self) {
        for due in &mut self.due {
            due.reasons = 0;
            due.stale = false;
            due.start_refused = false;
            due.limit = None;
        }
        self.busy = 0;
        self.meter = None;
        self.probe = Probe::NONE;
        self.unlock = Mailbox::Empty;
        self.transfer = Mailbox::Empty;
        self.transfer_status = Mailbox::Empty;
        self.reset_declined = false;
        #[cfg(feature = "settings")]
        {
            self.changed = Changed::NONE;
        }
        #[cfg(feature = "firmware-management")]
        {
            self.install = Mailbox::Empty;
        }
    }

    /// The charge point is shut down: only callbacks that open contactors are still made.
    pub fn stop(&mut self) {
        for due in &mut self.due {
            due.reasons &= Reason::Energy.bit() | Reason::Stop.bit();
        }
        self.probe = Probe::NONE;
    }

    fn request(&mut self, reason: Reason, connector: u8) -> Option<&mut Due> {
        let due = self.due.get_mut(usize::from(connector))?;
        due.reasons |= reason.bit();
        Semaphore::Callback.give();
        Some(due)
    }

    /// Measure this at that connector.
    pub fn want_meter(&mut self, connector: u8, measured: Selection) {
        if let Some(due) = self.request(Reason::Meter, connector) {
            due.measured = measured;
        }
    }

    /// Find out what the meters measure, of so many measurands.
    pub fn want_probe(&mut self, count: usize) {
        self.probe = Probe {
            next: 0,
            end: count,
            measured: Selection::NONE,
        };
        Semaphore::Callback.give();
    }

    /// Answer this data transfer; false when the last one is still being answered.
    pub fn want_transfer(&mut self, message_id: Option<&str>, payload: Option<&str>) -> bool {
        if self.busy & Reason::Transfer.bit() != 0 {
            return false;
        }
        let Some(incoming) = self.transfer.get_mut() else {
            return false;
        };
        incoming.set(message_id, payload);
        self.request(Reason::Transfer, 0);
        true
    }

    /// Start charging with that idTag.
    pub fn want_start(&mut self, connector: u8, id_tag: IdToken) {
        if let Some(due) = self.request(Reason::Start, connector) {
            due.id_tag = id_tag;
        }
    }

    /// A transaction has begun that the application knows of. A stop of the one before it that it
    /// was not told yet is dropped.
    pub fn begun(&mut self, connector: u8) {
        if let Some(due) = self.due.get_mut(usize::from(connector)) {
            due.reasons &= !Reason::Stop.bit();
            due.has_begun = true;
        }
    }

    /// The application has ended the transaction itself, or learns of its end otherwise.
    pub fn end_known(&mut self, connector: u8) {
        if let Some(due) = self.due.get_mut(usize::from(connector)) {
            due.reasons &= !Reason::Stop.bit();
            due.has_begun = false;
        }
    }

    /// The transaction of a session, or of none, is over. Told once, and only for a transaction
    /// that the application knows of: it would take the stop of one that a power loss cut off for
    /// that of the next one.
    pub fn want_stop(&mut self, connector: u8, session: Option<Handle>) {
        let known = self.due.get_mut(usize::from(connector));
        if known.is_some_and(|due| core::mem::take(&mut due.has_begun))
            && let Some(due) = self.request(Reason::Stop, connector)
        {
            due.session = session;
        }
    }

    /// Unlock this cable.
    pub fn want_unlock(&mut self, connector: u8) {
        self.request(Reason::Unlock, connector);
    }

    /// Energy may flow, or not.
    pub fn want_energy(&mut self, connector: u8, allowed: bool) {
        if let Some(due) = self.request(Reason::Energy, connector) {
            due.energy = allowed;
            due.stale |= !allowed;
        }
        if !allowed && self.meter.take_if(|(of, _)| *of == connector).is_some() {
            self.meter_read(connector, None);
        }
    }

    /// A charging profile limits what flows, in tenths of A on each phase, or no longer.
    #[cfg(feature = "smart-charging")]
    pub fn want_limit(&mut self, connector: u8, limit: Option<u16>) {
        let Some(due) = self.due.get_mut(usize::from(connector)) else {
            return;
        };
        due.limit = limit;
        if due.energy {
            self.request(Reason::Energy, connector);
        }
    }

    /// Reset the charge point.
    pub fn want_reset(&mut self, hard: bool) {
        self.hard_reset = hard;
        self.request(Reason::Reset, 0);
    }

    /// A setting of the application's own has a new value.
    #[cfg(feature = "settings")]
    pub fn want_setting(&mut self, number: u8) {
        self.changed.add(number);
        self.request(Reason::Setting, 0);
    }

    /// May firmware be installed?
    #[cfg(feature = "firmware-management")]
    pub fn want_install(&mut self) {
        self.request(Reason::Install, 0);
    }

    /// Something happened to the reservation of a connector.
    #[cfg(feature = "reservation")]
    pub fn want_reservation(&mut self, connector: u8, id: i32, state: ReservationState) {
        if let Some(due) = self.request(Reason::Reservation, connector) {
            due.reservation = Some((id, state));
        }
    }

    fn next(&mut self) -> Option<Job> {
        for reason in Reason::ALL {
            if self.busy & reason.bit() != 0 {
                continue;
            }
            let mut due = self.due.iter_mut().zip(0u8..);
            let next = due.find(|(due, _)| due.reasons & reason.bit() != 0);
            let Some((due, connector)) = next else {
                continue;
            };
            due.reasons &= !reason.bit();
            self.busy |= reason.bit();
            return Some(match reason {
                Reason::Energy => Job::Energy {
                    connector,
                    limit: match due.energy {
                        true => due.limit,
                        false => Some(0),
                    },
                },
                Reason::Stop => Job::Stop {
                    connector,
                    session: due.session,
                },
                Reason::Unlock => Job::Unlock { connector },
                Reason::Start => Job::Start {
                    connector,
                    id_tag: due.id_tag.clone(),
                },
                Reason::Meter => {
                    due.stale = false;
                    Job::Meter {
                        connector,
                        measured: due.measured,
                    }
                }
                Reason::Transfer => Job::Transfer,
                Reason::Reset => Job::Reset {
                    hard: self.hard_reset,
                },
                #[cfg(feature = "settings")]
                Reason::Setting => {
                    let number = self.changed.take().unwrap_or(0);
                    if !self.changed.is_empty() {
                        due.reasons |= reason.bit();
                    }
                    Job::Setting { number }
                }
                #[cfg(feature = "firmware-management")]
                Reason::Install => Job::Install,
                #[cfg(feature = "reservation")]
                Reason::Reservation => Job::Reservation {
                    connector,
                    change: due.reservation.take(),
                },
            });
        }
        // Between two readings that are wanted, because it is the same callback.
        let tries = self.probe.next < self.probe.end && self.busy & Reason::Meter.bit() == 0;
        tries.then(|| {
            self.busy |= Reason::Meter.bit();
            Job::Probe(self.probe.next)
        })
    }

    /// That at this place is measured, or not.
    fn probed(&mut self, place: usize, is_measured: bool) {
        // The search ends when the charge point is shut down.
        if self.probe.next < self.probe.end {
            self.probe.next += 1;
            if is_measured {
                self.probe.measured.add(place);
            }
        }
        self.done(Reason::Meter);
    }

    /// A reading is done. It is repeated if it is stale, or if it was dropped.
    fn meter_read(&mut self, connector: u8, readings: Option<Readings>) {
        let due = self.due.get(usize::from(connector));
        let stale = due.is_some_and(|due| due.stale);
        match readings.filter(|_| !stale) {
            Some(readings) => self.meter = Some((connector, readings)),
            None => {
                self.request(Reason::Meter, connector);
                self.done(Reason::Meter);
            }
        }
    }

    fn start_answered(&mut self, connector: u8, refused: bool) {
        if let Some(due) = self.due.get_mut(usize::from(connector)) {
            due.start_refused = refused;
        }
        self.done(Reason::Start);
    }

    fn done(&mut self, reason: Reason) {
        self.busy &= !reason.bit();
        Semaphore::Callback.give();
    }

    /// The results of callbacks, one after the other.
    pub fn take_result(&mut self) -> Option<CallbackResult> {
        if let Some((connector, readings)) = self.meter.take() {
            self.done(Reason::Meter);
            return Some(CallbackResult::Meter {
                connector,
                readings,
            });
        }
        if self.probe.end > 0 && self.probe.next >= self.probe.end {
            let probe = core::mem::replace(&mut self.probe, Probe::NONE);
            return Some(CallbackResult::Measured(probe.measured));
        }
        if let Some((connector, status)) = self.unlock.take() {
            self.done(Reason::Unlock);
            return Some(CallbackResult::Unlock { connector, status });
        }
        if let Some(status) = self.transfer_status.take() {
            self.done(Reason::Transfer);
            return Some(CallbackResult::Transfer(status));
        }
        let mut due = self.due.iter_mut().zip(0u8..);
        if let Some((due, connector)) = due.find(|(due, _)| due.start_refused) {
            due.start_refused = false;
            return Some(CallbackResult::StartRefused { connector });
        }
        #[cfg(feature = "firmware-management")]
        if let Some(now) = self.install.take() {
            return Some(CallbackResult::Install { now });
        }
        core::mem::take(&mut self.reset_declined).then_some(CallbackResult::ResetDeclined)
    }
}

/// Entry of each callback thread.
pub extern "C" fn run(_: u32) {
    let settings = SETTINGS.get();
    // Always there: a start has set it.
    let Some(application) = settings.application else {
        return;
    };
    loop {
        Semaphore::Callback.take(FOREVER);
        while let Some(job) = CALLBACKS.with(|callbacks| callbacks.next()) {
            call(application, settings.meters, job);
        }
        if lifecycle::is_stopping() {
            return;
        }
    }
}
