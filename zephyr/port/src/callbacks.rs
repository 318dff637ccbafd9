//! The threads that call the application back, and what they have to call it back for.
//!
//! There is no queue that could overflow: each connector has one place for each reason, and
//! what is wanted twice is called for once. Of one reason, one callback runs at a time; another
//! reason does not wait for it as long as there is a thread left.

use core::mem::MaybeUninit;

use heapless::String;
use ocpp::{
    limits::CONNECTORS,
    domain::{DataTransferStatus, IdToken, Measured, UnlockStatus},
};

use crate::{
    api::types::{
        CISTR50, OCPP_NO_LIMIT, ocpp_charging_limit, ocpp_data_transfer, ocpp_event,
        ocpp_event_value, ocpp_io_value, ocpp_meter_val, ocpp_notify_reason as Notify, ocpp_reset,
        ocpp_start_charge, ocpp_stop_charge, ocpp_unlock_con,
    },
    application,
    errno::Error,
    kernel::{self, FOREVER, Semaphore},
    meter::{self, METERS, Readings, Selection},
    sessions::Handle,
    settings::{SETTINGS, Settings},
    shared::{self, SHARED},
    slot::Slot,
    socket, text,
    transfer::{self, Incoming, PAYLOAD},
};

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
}

impl Reason {
    const ALL: [Self; 7] = [
        Self::Energy,
        Self::Stop,
        Self::Unlock,
        Self::Start,
        Self::Meter,
        Self::Transfer,
        Self::Reset,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What a connector is called back for.
#[derive(Debug)]
struct Wanted {
    reasons: u8,
    energy: bool,
    id_tag: IdToken,
    measured: Selection,
    /// The contactor has opened since the reading under way began: it is no last one.
    stale: bool,
    /// The application does not carry out the remote start.
    start_refused: bool,
    /// The application knows of a transaction whose end it does not know. It stays across a
    /// shutdown, which the contactor does as well; after a power loss there is none.
    has_begun: bool,
    /// The session whose transaction is over.
    session: Option<Handle>,
}

/// How far the application has been asked what its meters measure.
#[derive(Debug)]
struct Trial {
    /// The place that is asked for next, and the one behind the last.
    next: usize,
    end: usize,
    measured: Selection,
}

impl Trial {
    const NONE: Self = Self {
        next: 0,
        end: 0,
        measured: Selection::NONE,
    };
}

/// A callback to be made.
#[derive(Debug)]
enum Job {
    Energy {
        connector: u8,
        allowed: bool,
    },
    Stop {
        connector: u8,
        session: Option<Handle>,
    },
    Unlock {
        connector: u8,
    },
    Start {
        connector: u8,
        id_tag: IdToken,
    },
    Meter {
        connector: u8,
        measured: Selection,
    },
    /// Find out whether this, by its place, is measured.
    Try(usize),
    Transfer,
    Reset {
        hard: bool,
    },
}

/// What a callback brought for the engine's thread.
#[derive(Debug)]
pub enum Brought {
    /// The meter of a connector was read.
    Meter { connector: u8, readings: Readings },
    /// What the meters measure.
    Measured(Selection),
    /// Unlocking ended.
    Unlock { connector: u8, status: UnlockStatus },
    /// The application does not let anybody charge there.
    StartRefused { connector: u8 },
    /// A data transfer was answered; the answer's text is in its place.
    Transfer(DataTransferStatus),
    /// The application does not reset the charge point.
    ResetDeclined,
}

/// What is wanted, what runs, and what was brought.
#[derive(Debug)]
pub struct Callbacks {
    wanted: [Wanted; CONNECTORS + 1],
    /// Reasons of which a callback runs, or whose result was not taken.
    busy: u8,
    hard_reset: bool,
    meter: Option<(u8, Readings)>,
    /// How far it has been found out what the meters measure.
    trial: Trial,
    unlock: Slot<(u8, UnlockStatus)>,
    /// What the central system sent, or what the application says in return; empty while the
    /// application is called back for it.
    pub transfer: Slot<&'static mut Incoming>,
    transfer_status: Slot<DataTransferStatus>,
    reset_declined: bool,
}

impl Callbacks {
    /// Nothing is wanted.
    pub const fn new() -> Self {
        Self {
            wanted: [const {
                Wanted {
                    reasons: 0,
                    energy: false,
                    id_tag: String::new(),
                    measured: Selection::NONE,
                    stale: false,
                    start_refused: false,
                    has_begun: false,
                    session: None,
                }
            }; CONNECTORS + 1],
            busy: 0,
            hard_reset: false,
            meter: None,
            trial: Trial::NONE,
            unlock: Slot::Empty,
            transfer: Slot::Empty,
            transfer_status: Slot::Empty,
            reset_declined: false,
        }
    }

    /// Forgets an earlier life.
    pub fn clear(&mut self) {
        for wanted in &mut self.wanted {
            wanted.reasons = 0;
            wanted.stale = false;
            wanted.start_refused = false;
        }
        self.busy = 0;
        self.meter = None;
        self.trial = Trial::NONE;
        self.unlock = Slot::Empty;
        self.transfer = Slot::Empty;
        self.transfer_status = Slot::Empty;
        self.reset_declined = false;
    }

    /// The charge point is shut down: what can be done without is not called for any more.
    pub fn stop(&mut self) {
        for wanted in &mut self.wanted {
            wanted.reasons &= Reason::Energy.bit() | Reason::Stop.bit();
        }
        self.trial = Trial::NONE;
    }

    fn want(&mut self, reason: Reason, connector: u8) -> Option<&mut Wanted> {
        let wanted = self.wanted.get_mut(usize::from(connector))?;
        wanted.reasons |= reason.bit();
        Semaphore::Callback.give();
        Some(wanted)
    }

    /// Measure this at that connector.
    pub fn want_meter(&mut self, connector: u8, measured: Selection) {
        if let Some(wanted) = self.want(Reason::Meter, connector) {
            wanted.measured = measured;
        }
    }

    /// Find out what the meters measure.
    pub fn want_trial(&mut self) {
        self.trial = Trial {
            next: 0,
            end: METERS.get().count(),
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
        self.want(Reason::Transfer, 0);
        true
    }

    /// Somebody wants to charge.
    pub fn want_start(&mut self, connector: u8, id_tag: IdToken) {
        if let Some(wanted) = self.want(Reason::Start, connector) {
            wanted.id_tag = id_tag;
        }
    }

    /// A transaction has begun, which the application is to know. What it has not been told of
    /// the one before is nothing to it any more.
    pub fn begun(&mut self, connector: u8) {
        if let Some(wanted) = self.wanted.get_mut(usize::from(connector)) {
            wanted.reasons &= !Reason::Stop.bit();
            wanted.has_begun = true;
        }
    }

    /// The application has ended the transaction itself, or learns of its end otherwise.
    pub fn end_known(&mut self, connector: u8) {
        if let Some(wanted) = self.wanted.get_mut(usize::from(connector)) {
            wanted.reasons &= !Reason::Stop.bit();
            wanted.has_begun = false;
        }
    }

    /// The transaction, which is that of a session or of none, is over. Wanted once, and only of a
    /// transaction that the application knows of: of one that a power loss cut off it would take
    /// it for the next one.
    pub fn want_stop(&mut self, connector: u8, session: Option<Handle>) {
        let known = self.wanted.get_mut(usize::from(connector));
        if known.is_some_and(|wanted| core::mem::take(&mut wanted.has_begun))
            && let Some(wanted) = self.want(Reason::Stop, connector)
        {
            wanted.session = session;
        }
    }

    /// Unlock this cable.
    pub fn want_unlock(&mut self, connector: u8) {
        self.want(Reason::Unlock, connector);
    }

    /// Energy may flow, or not.
    pub fn want_energy(&mut self, connector: u8, allowed: bool) {
        if let Some(wanted) = self.want(Reason::Energy, connector) {
            wanted.energy = allowed;
            wanted.stale |= !allowed;
        }
        if !allowed && self.meter.take_if(|(of, _)| *of == connector).is_some() {
            self.meter_read(connector, None);
        }
    }

    /// Reset the charge point.
    pub fn want_reset(&mut self, hard: bool) {
        self.hard_reset = hard;
        self.want(Reason::Reset, 0);
    }

    fn next(&mut self) -> Option<Job> {
        for reason in Reason::ALL {
            if self.busy & reason.bit() != 0 {
                continue;
            }
            let mut wanted = self.wanted.iter_mut().zip(0u8..);
            let next = wanted.find(|(wanted, _)| wanted.reasons & reason.bit() != 0);
            let Some((wanted, connector)) = next else {
                continue;
            };
            wanted.reasons &= !reason.bit();
            self.busy |= reason.bit();
            return Some(match reason {
                Reason::Energy => Job::Energy {
                    connector,
                    allowed: wanted.energy,
                },
                Reason::Stop => Job::Stop {
                    connector,
                    session: wanted.session,
                },
                Reason::Unlock => Job::Unlock { connector },
                Reason::Start => Job::Start {
                    connector,
                    id_tag: wanted.id_tag.clone(),
                },
                Reason::Meter => {
                    wanted.stale = false;
                    Job::Meter {
                        connector,
                        measured: wanted.measured,
                    }
                }
                Reason::Transfer => Job::Transfer,
                Reason::Reset => Job::Reset {
                    hard: self.hard_reset,
                },
            });
        }
        // Between two readings that are wanted, because it is the same callback.
        let tries = self.trial.next < self.trial.end && self.busy & Reason::Meter.bit() == 0;
        tries.then(|| {
            self.busy |= Reason::Meter.bit();
            Job::Try(self.trial.next)
        })
    }

    /// That at this place is measured, or not.
    fn tried(&mut self, place: usize, is_measured: bool) {
        // Nothing is tried any more when the charge point is shut down.
        if self.trial.next < self.trial.end {
            self.trial.next += 1;
            if is_measured {
                self.trial.measured.add(place);
            }
        }
        self.done(Reason::Meter);
    }

    /// A reading ended; a stale one, or none, is begun anew.
    fn meter_read(&mut self, connector: u8, readings: Option<Readings>) {
        let wanted = self.wanted.get(usize::from(connector));
        let stale = wanted.is_some_and(|wanted| wanted.stale);
        match readings.filter(|_| !stale) {
            Some(readings) => self.meter = Some((connector, readings)),
            None => {
                self.want(Reason::Meter, connector);
                self.done(Reason::Meter);
            }
        }
    }

    fn start_answered(&mut self, connector: u8, refused: bool) {
        if let Some(wanted) = self.wanted.get_mut(usize::from(connector)) {
            wanted.start_refused = refused;
        }
        self.done(Reason::Start);
    }

    fn done(&mut self, reason: Reason) {
        self.busy &= !reason.bit();
        Semaphore::Callback.give();
    }

    /// What callbacks brought, one after the other.
    pub fn take(&mut self) -> Option<Brought> {
        if let Some((connector, readings)) = self.meter.take() {
            self.done(Reason::Meter);
            return Some(Brought::Meter {
                connector,
                readings,
            });
        }
        if self.trial.end > 0 && self.trial.next >= self.trial.end {
            let trial = core::mem::replace(&mut self.trial, Trial::NONE);
            return Some(Brought::Measured(trial.measured));
        }
        if let Some((connector, status)) = self.unlock.take() {
            self.done(Reason::Unlock);
            return Some(Brought::Unlock { connector, status });
        }
        if let Some(status) = self.transfer_status.take() {
            self.done(Reason::Transfer);
            return Some(Brought::Transfer(status));
        }
        let mut wanted = self.wanted.iter_mut().zip(0u8..);
        if let Some((wanted, connector)) = wanted.find(|(wanted, _)| wanted.start_refused) {
            wanted.start_refused = false;
            return Some(Brought::StartRefused { connector });
        }
        core::mem::take(&mut self.reset_declined).then_some(Brought::ResetDeclined)
    }
}

/// Entry of each callback thread.
pub extern "C" fn run(_: u32) {
    let settings = SETTINGS.get();
    loop {
        Semaphore::Callback.take(FOREVER);
        while let Some(job) = SHARED.with(|shared| shared.callbacks.next()) {
            call(settings, job);
        }
        if shared::is_stopping() {
            return;
        }
    }
}

fn call(settings: &Settings, job: Job) {
    match job {
        Job::Energy { connector, allowed } => {
            let charging_limit = ocpp_charging_limit {
                id_con: connector.into(),
                limit: if allowed { OCPP_NO_LIMIT } else { 0 },
            };
            let value = ocpp_event_value { charging_limit };
            tell(settings, ocpp_event::OCPP_EVENT_CHARGING_LIMIT, value);
            SHARED.with(|shared| shared.callbacks.done(Reason::Energy));
        }
        Job::Stop { connector, session } if application::is_there() => {
            application::tell(|application| application.stop_charging(connector, session));
            SHARED.with(|shared| shared.callbacks.done(Reason::Stop));
        }
        Job::Stop { connector, .. } => {
            let stop_charge = ocpp_stop_charge {
                id_con: connector.into(),
            };
            let mut io = blank();
            io.stop_charge = stop_charge;
            notify(settings, Notify::OCPP_USR_STOP_CHARGING, &mut io);
            SHARED.with(|shared| shared.callbacks.done(Reason::Stop));
        }
        Job::Unlock { connector } => {
            let unlock_con = ocpp_unlock_con {
                id_con: connector.into(),
            };
            let mut io = blank();
            io.unlock_con = unlock_con;
            let status = match notify(settings, Notify::OCPP_USR_UNLOCK_CONNECTOR, &mut io) {
                0 => UnlockStatus::Unlocked,
                error if error == Error::NotSupported.number() => UnlockStatus::NotSupported,
                _ => UnlockStatus::UnlockFailed,
            };
            SHARED.with(|shared| shared.callbacks.unlock.put((connector, status)));
            socket::wake();
        }
        Job::Start { connector, id_tag } => {
            let mut start_charge = ocpp_start_charge {
                idtag: [0; CISTR50],
                id_con: connector.into(),
            };
            text::fill(&mut start_charge.idtag, &id_tag);
            let mut io = blank();
            io.start_charge = start_charge;
            let refused = notify(settings, Notify::OCPP_USR_START_CHARGING, &mut io) != 0;
            SHARED.with(|shared| shared.callbacks.start_answered(connector, refused));
            socket::wake();
        }
        Job::Meter {
            connector,
            measured,
        } => {
            let read = |measured| read_meter(settings, connector, measured);
            let readings = METERS.get().read(measured, read);
            SHARED.with(|shared| shared.callbacks.meter_read(connector, Some(readings)));
            socket::wake();
        }
        Job::Try(place) => {
            let measured = METERS.get().at(place);
            let value = measured.and_then(|measured| read_meter(settings, 1, measured));
            SHARED.with(|shared| shared.callbacks.tried(place, value.is_some()));
            socket::wake();
        }
        Job::Transfer => {
            answer_transfer(settings);
            socket::wake();
        }
        Job::Reset { hard } => {
            let reset = ocpp_reset { hard };
            let value = ocpp_event_value { reset };
            if tell(settings, ocpp_event::OCPP_EVENT_RESET, value) != 0 {
                kernel::reboot();
                SHARED.with(|shared| shared.callbacks.reset_declined = true);
                socket::wake();
            }
            SHARED.with(|shared| shared.callbacks.done(Reason::Reset));
        }
    }
}

/// One value of the meter of a connector.
#[inline(never)]
fn read_meter(settings: &Settings, connector: u8, measured: Measured) -> Option<i32> {
    if let Some(application) = application::get() {
        let Measured { measurand, phase } = measured;
        return match phase {
            None => application.read_meter(connector, measurand),
            Some(phase) => application.read_phase(connector, measurand, phase),
        };
    }
    let reader = METERS.get().reader();
    meter::asked(measured, |mes, val| match reader {
        Some(reader) => reader.read(connector, mes, measured.phase, val),
        None => {
            let mut io = blank();
            io.meter_val = ocpp_meter_val {
                id_con: connector.into(),
                mes,
                val: *val,
            };
            let result = notify(settings, Notify::OCPP_USR_GET_METER_VALUE, &mut io);
            // SAFETY: `meter_val` was written here; any bytes are a value of its `val`.
            *val = unsafe { io.meter_val.val };
            result == 0
        }
    })
}

/// Its answer has a frame of its own on the stack, which no other callback needs.
#[inline(never)]
fn answer_transfer(settings: &Settings) {
    // It is there: it is given back before the next one can be wanted.
    let Some(incoming) = SHARED.with(|shared| shared.callbacks.transfer.take()) else {
        return SHARED.with(|shared| shared.callbacks.done(Reason::Transfer));
    };
    let (message_id, payload) = incoming.as_ptrs();
    let mut answer = [0; PAYLOAD];
    let data_transfer = ocpp_data_transfer {
        vendor_id: transfer::vendor_id(),
        message_id,
        payload,
        answer: answer.as_mut_ptr(),
        answer_size: PAYLOAD,
    };
    let value = ocpp_event_value { data_transfer };
    let status = match tell(settings, ocpp_event::OCPP_EVENT_DATA_TRANSFER, value) {
        0 => DataTransferStatus::Accepted,
        error if error == Error::NotSupported.number() => DataTransferStatus::UnknownMessageId,
        _ => DataTransferStatus::Rejected,
    };
    let answer = text::terminated(&answer).filter(|answer| !answer.is_empty());
    incoming.set_payload(answer);
    SHARED.with(|shared| {
        shared.callbacks.transfer.put(incoming);
        shared.callbacks.transfer_status.put(status);
    });
}

/// Zero behind the member that will be valid, whatever the application looks at.
fn blank() -> ocpp_io_value {
    // SAFETY: zeros are a value of every member.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

fn notify(settings: &Settings, reason: Notify, value: &mut ocpp_io_value) -> i32 {
    let Some(callback) = settings.callback else {
        return Error::NotSupported.number();
    };
    // SAFETY: the application gets the value for the call, with the pointer it gave.
    unsafe { callback(reason, value, settings.user_data.0) }
}

fn tell(settings: &Settings, event: ocpp_event, mut value: ocpp_event_value) -> i32 {
    let (Some(callback), user_data) = settings.event_callback else {
        return Error::NotSupported.number();
    };
    // SAFETY: the application gets the value for the call, with the pointer it gave.
    unsafe { callback(event, &mut value, user_data.0) }
}
