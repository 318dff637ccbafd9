//! The charge point, for an application in Rust; the C API does the same with pointers.
//!
//! [`start`] connects, and reconnects, on its own from then on. A [`Session`] charges; what the
//! charge point wants of the application, it asks its [`Application`].
//!
//! Everything here takes a lock, and most of it waits for the charge point's thread. So nothing of
//! it works in an interrupt, where it returns [`Error::WouldBlock`], and what waits does not work
//! in [`Application::happened`] and [`Application::reached`], which run on that thread: it returns
//! [`Error::WaitsForItself`] there.

use core::ffi::c_void;

use heapless::String;
use ocpp::{
    station::Suspension,
    domain::{AuthorizationStatus, ChargePointError, IdToken, ResetType, Identity},
    wire::UnixMillis,
};

use crate::{
    api::{
        meter::{ocpp_measured, ocpp_read_meter_t},
        types::{ocpp_event_callback_t, ocpp_user_notify_callback_t},
    },
    application, callbacks, engine,
    kernel::{self, FOREVER, Semaphore, Thread},
    log::line,
    meter::METERS,
    opener,
    requests::{Ask, ask},
    sessions::Handle,
    settings::SETTINGS,
    shared::{self, Phase, SHARED},
    socket,
};
pub use crate::{
    application::Application, errno::Error, server::Server, session::Session,
    sessions::Handle as SessionId, shared::Reach,
};

/// What BootNotification says, and how many connectors there are.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// Model, vendor and numbers; the first two are required.
    pub identity: Identity<'a>,
    /// Connectors, from 1 to [`ocpp::limits::CONNECTORS`].
    pub connectors: u8,
}

/// Starts the charge point.
///
/// # Errors
///
/// [`Error::Invalid`] when something is missing or too long, or it runs already;
/// [`Error::NoRoom`] without a file descriptor to wake it with, or when more than 64 measurands
/// are declared.
pub fn start(
    description: &Description<'_>,
    server: &Server<'_>,
    application: &'static dyn Application,
) -> Result<(), Error> {
    start_once(|| {
        // SAFETY: nobody runs in phase Starting but this thread.
        unsafe { application::set(Some(application)) };
        // SAFETY: as above.
        let meters = unsafe { METERS.edit() };
        meters.declare(application.measurands())?;
        meters.begin();
        // SAFETY: as above.
        let settings = unsafe { SETTINGS.edit() };
        settings.set_event_callback(Some(application::EVENT_CALLBACK), core::ptr::null_mut());
        let callback = Some(application::CALLBACK);
        settings.set(description, server, callback, core::ptr::null_mut())
    })
}

/// As [`start`], for an application in C.
pub(crate) fn start_calling(
    description: &Description<'_>,
    server: &Server<'_>,
    callback: ocpp_user_notify_callback_t,
    user_data: *mut c_void,
) -> Result<(), Error> {
    start_once(|| {
        // SAFETY: nobody runs in phase Starting but this thread.
        unsafe { application::set(None) };
        // SAFETY: as above.
        unsafe { METERS.edit() }.begin();
        // SAFETY: as above.
        let settings = unsafe { SETTINGS.edit() };
        settings.set(description, server, callback, user_data)
    })
}

/// For an application in C, which is called back for events by a function of their own.
pub(crate) fn set_event_callback(
    callback: ocpp_event_callback_t,
    user_data: *mut c_void,
) -> Result<(), Error> {
    shared::begin(Phase::Off, Phase::Starting).map_err(|_| Error::InUse)?;
    // SAFETY: nobody runs in phase Starting but this thread.
    let settings = unsafe { SETTINGS.edit() };
    settings.set_event_callback(callback, user_data);
    shared::end(Phase::Off);
    Ok(())
}

/// What the meters of an application in C measure; it does not run yet.
pub(crate) fn declare_measurands(
    measured: &[ocpp_measured],
    read: ocpp_read_meter_t,
    user_data: *mut c_void,
) -> Result<(), Error> {
    shared::begin(Phase::Off, Phase::Starting)?;
    // SAFETY: nobody runs in phase Starting but this thread.
    let meters = unsafe { METERS.edit() };
    let declared = meters.declare_read(measured, read, user_data);
    shared::end(Phase::Off);
    declared
}

fn start_once(set: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    kernel::may_wait()?;
    shared::begin(Phase::Off, Phase::Starting)?;
    let started = set().and_then(|()| start_threads());
    shared::end(match started {
        Ok(()) => Phase::Running,
        Err(_) => Phase::Off,
    });
    started
}

/// The engine's thread is the last: when it says that the charge point runs, all are there.
fn start_threads() -> Result<(), Error> {
    socket::wake_open().map_err(|_| Error::NoRoom)?;
    line!(Info, "upstream init");
    for semaphore in [Semaphore::Started, Semaphore::Open, Semaphore::Callback] {
        semaphore.reset();
    }
    SHARED.with(|shared| {
        shared.connectors = SETTINGS.get().connectors;
        shared.callbacks.clear();
    });
    for thread in Thread::all() {
        match thread {
            Thread::Engine => {}
            Thread::Opener => thread.start(opener::run),
            Thread::Callback(_) => thread.start(callbacks::run),
        }
    }
    Thread::Engine.start(engine::run);
    Semaphore::Started.take(FOREVER);
    let runs = SHARED.with(|shared| {
        let runs = shared.phase == Phase::Running;
        if !runs {
            shared.phase = Phase::Stopping;
        }
        runs
    });
    if !runs {
        join_threads();
        return Err(Error::Invalid);
    }
    Ok(())
}

fn join_threads() {
    Thread::Engine.join();
    Semaphore::Open.give();
    for _ in Thread::all() {
        Semaphore::Callback.give();
    }
    for thread in Thread::all() {
        thread.join();
    }
}

/// Shuts the charge point down: closes the connection and all sessions, and waits for callbacks
/// to return. A transaction that runs ends at the next start, with the last known register.
///
/// # Errors
///
/// [`Error::Invalid`] when it does not run, or another thread is about to start or stop it;
/// [`Error::WaitsForItself`] in a callback, [`Error::WouldBlock`] in an interrupt.
pub fn stop() -> Result<(), Error> {
    kernel::may_wait()?;
    if kernel::is_own_thread() {
        return Err(Error::WaitsForItself);
    }
    shared::begin(Phase::Running, Phase::Stopping)?;
    socket::wake();
    join_threads();
    shared::end(Phase::Off);
    Ok(())
}

/// How well the central system can be reached now.
///
/// An interrupt is always told [`Reach::Offline`].
pub fn connection() -> Reach {
    match kernel::may_wait() {
        Ok(()) => SHARED.with(|shared| shared.reach),
        Err(_) => Reach::Offline,
    }
}

/// Tells the time, for example from SNTP. Without it, the central system's is used.
///
/// # Errors
///
/// [`Error::Invalid`] when the charge point does not run.
pub fn set_time(utc: UnixMillis) -> Result<(), Error> {
    told(Ask::Time(utc))
}

/// Tells that a cable was plugged into vehicle and connector, or unplugged.
///
/// # Errors
///
/// [`Error::Invalid`] for an unknown connector, or when the charge point does not run.
pub fn set_plugged(connector: u8, plugged: bool) -> Result<(), Error> {
    let connector = known(connector)?;
    told(Ask::Cable { connector, plugged })
}

/// Tells that an idTag was presented at a connector: it starts what it may start and stops what
/// it may stop.
///
/// # Errors
///
/// As [`set_plugged`]; [`Error::Refused`] when the connector is out of service,
/// [`Error::InUse`] when somebody else uses it, [`Error::NotNow`] during a reset.
pub fn present_id_tag(connector: u8, id_tag: IdToken) -> Result<(), Error> {
    let connector = known(connector)?;
    told(Ask::Tag { connector, id_tag })
}

/// Tells that something is broken, or no longer; connector 0 for what all share. A fault stops
/// energy, not the transaction.
///
/// # Errors
///
/// As [`set_plugged`].
pub fn set_fault(
    connector: u8,
    error: Option<ChargePointError>,
    info: String<50>,
) -> Result<(), Error> {
    if connector != 0 {
        known(connector)?;
    }
    told(Ask::Fault {
        connector,
        error,
        info,
    })
}

/// Tells who holds the energy back while a transaction runs.
///
/// # Errors
///
/// As [`set_plugged`], and [`Error::Invalid`] without a transaction.
pub fn set_suspended(connector: u8, by: Option<Suspension>) -> Result<(), Error> {
    let connector = known(connector)?;
    told(Ask::Suspend { connector, by })
}

/// Puts a connector (0: all) into or out of service, as the central system can. It is remembered
/// across boots, and waits for the end of a transaction.
///
/// # Errors
///
/// As [`set_plugged`].
pub fn set_available(connector: u8, available: bool) -> Result<(), Error> {
    if connector != 0 {
        known(connector)?;
    }
    told(Ask::Availability {
        connector,
        available,
    })
}

/// Tells whether the cable of a connector is locked; asked to unlock one that is not, the charge
/// point says so at once. Without this it counts as locked.
///
/// # Errors
///
/// As [`set_plugged`].
pub fn set_locked(connector: u8, locked: bool) -> Result<(), Error> {
    let connector = known(connector)?;
    told(Ask::Lock { connector, locked })
}

/// Restarts the charge point: transactions end with reason `Reboot`, a soft reset delivers what
/// the central system has not heard of, then [`Application::reset`] is called.
///
/// # Errors
///
/// [`Error::Invalid`] when the charge point does not run.
pub fn request_reset(kind: ResetType) -> Result<(), Error> {
    told(Ask::Reset(kind))
}

pub(crate) fn open_session() -> Result<Handle, Error> {
    kernel::may_wait()?;
    SHARED.with(|shared| match shared.phase {
        Phase::Running => shared.sessions.open(),
        _ => Err(Error::Invalid),
    })
}

pub(crate) fn close_session(session: Handle) {
    // Should the charge point be shut down meanwhile, the session is closed as well.
    if is_open(session).is_err() {
        return;
    }
    let asked = ask(Ask::Close { session }, FOREVER);
    if let Err(Error::NoRoom | Error::WaitsForItself) = asked {
        SHARED.with(|shared| shared.sessions.leave(session));
        socket::wake();
    }
}

pub(crate) fn authorize(
    session: Handle,
    id_tag: IdToken,
    timeout_ms: u32,
) -> Result<AuthorizationStatus, Error> {
    is_open(session)?;
    ask(Ask::Authorize { session, id_tag }, timeout_ms)
}

pub(crate) fn start_transaction(
    session: Handle,
    connector: u8,
    register: i32,
    timeout_ms: u32,
) -> Result<(), Error> {
    is_open(session)?;
    let request = Ask::Start {
        session,
        connector: known(connector)?,
        register,
    };
    ask(request, timeout_ms).map(|_| ())
}

pub(crate) fn stop_transaction(
    session: Handle,
    register: i32,
    timeout_ms: u32,
) -> Result<(), Error> {
    is_open(session)?;
    ask(Ask::Stop { session, register }, timeout_ms).map(|_| ())
}

fn is_open(session: Handle) -> Result<(), Error> {
    kernel::may_wait()?;
    let open = SHARED.with(|shared| shared.sessions.get(session).is_some());
    open.then_some(()).ok_or(Error::Invalid)
}

/// A connector that exists, from 1.
fn known(connector: u8) -> Result<u8, Error> {
    kernel::may_wait()?;
    let exists = SHARED.with(|shared| (1..=shared.connectors).contains(&connector));
    exists.then_some(connector).ok_or(Error::Invalid)
}

/// Hands over what is done without waiting for the central system.
fn told(what: Ask) -> Result<(), Error> {
    ask(what, FOREVER).map(|_| ())
}
