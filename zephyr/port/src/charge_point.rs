//! The charge point, for an application in Rust. The C API is a layer above it.
//!
//! [`start`] connects, and reconnects, on its own from then on. A [`Session`] charges; what the
//! charge point wants of the application, it asks its [`Application`].
//!
//! Everything here takes a lock, and most of it waits for the charge point's thread. So nothing of
//! it works in an interrupt, where it returns [`Error::WouldBlock`], and what waits does not work
//! in [`Application::happened`] and [`Application::reached`], which run on that thread: it returns
//! [`Error::WaitsForItself`] there.

use heapless::String;
#[cfg(feature = "security")]
use ocpp::{domain::SecurityEvent, station::TechInfo};
use ocpp::{
    domain::{
        AuthorizationStatus, ChargePointError, DataTransferStatus, IdToken, Identity, ResetType,
        TransactionId,
    },
    station::Suspension,
    wire::UnixMillis,
};

pub use ocpp::Version;

#[cfg(feature = "settings")]
pub use crate::application_settings::SettingValue;
#[cfg(any(feature = "settings", feature = "reservation"))]
use crate::place::Place;
#[cfg(feature = "reservation")]
pub use crate::reservations::Reservation;
pub use crate::{
    application::Application, errno::Error, reach::Reach, server::Server, session::Session,
    sessions::Handle as SessionId,
};
use crate::{
    calls::{Call, Reply, submit},
    kernel::{self, FOREVER},
    lifecycle,
    mailbox::Mailbox,
    reach,
    sessions::{Handle, SESSIONS},
    socket,
    transfer::{OUTGOING, Outgoing},
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
/// [`Error::NoMemory`] without a file descriptor to wake it with, or when more than 64 measurands
/// are declared.
pub fn start(
    description: &Description<'_>,
    server: &Server<'_>,
    application: &'static dyn Application,
) -> Result<(), Error> {
    start_with(description, server, || Ok(application))
}

/// As [`start`], with the application that `prepare` gives, which runs while nothing else does.
pub(crate) fn start_with(
    description: &Description<'_>,
    server: &Server<'_>,
    prepare: impl FnOnce() -> Result<&'static dyn Application, Error>,
) -> Result<(), Error> {
    lifecycle::start(prepare, |settings, application| {
        settings.set(description, server, application)
    })
}

/// Shuts the charge point down: closes the connection and all sessions, and waits for callbacks
/// to return. A transaction that runs ends at the next start, with the last known register.
///
/// # Errors
///
/// [`Error::Invalid`] when it does not run, or another thread is about to start or stop it;
/// [`Error::WaitsForItself`] in a callback, [`Error::WouldBlock`] in an interrupt.
pub fn stop() -> Result<(), Error> {
    lifecycle::stop()
}

/// How well the central system can be reached now; in an interrupt always [`Reach::Offline`].
pub fn connection() -> Reach {
    match kernel::may_wait() {
        Ok(()) => reach::get(),
        Err(_) => Reach::Offline,
    }
}

/// Tells the time, for example from SNTP. Without it, the central system's is used.
///
/// # Errors
///
/// [`Error::Invalid`] when the charge point does not run.
pub fn set_time(utc: UnixMillis) -> Result<(), Error> {
    submit_local(Call::SetTime(utc))
}

/// Tells that a cable was plugged into vehicle and connector, or unplugged.
///
/// # Errors
///
/// [`Error::Invalid`] for an unknown connector, or when the charge point does not run.
pub fn set_plugged(connector: u8, plugged: bool) -> Result<(), Error> {
    let connector = known(connector)?;
    submit_local(Call::SetPlugged { connector, plugged })
}

/// Tells that an idTag was presented at a connector: it starts what it may start and stops what
/// it may stop.
///
/// # Errors
///
/// As [`set_plugged`]; [`Error::Refused`] when the connector is out of service,
/// [`Error::InUse`] when another driver uses it, [`Error::NotNow`] during a reset.
pub fn present_id_tag(connector: u8, id_tag: IdToken) -> Result<(), Error> {
    let connector = known(connector)?;
    submit_local(Call::PresentIdTag { connector, id_tag })
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
    submit_local(Call::SetFault {
        connector,
        error,
        info,
    })
}

/// Tells whether vehicle or charge point holds the energy back while a transaction runs.
///
/// # Errors
///
/// As [`set_plugged`], and [`Error::Invalid`] without a transaction.
pub fn set_suspended(connector: u8, by: Option<Suspension>) -> Result<(), Error> {
    let connector = known(connector)?;
    submit_local(Call::SetSuspended { connector, by })
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
    submit_local(Call::SetAvailable {
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
    submit_local(Call::SetLocked { connector, locked })
}

/// Restarts the charge point: transactions end with reason `Reboot`, a soft reset delivers what
/// the central system has not heard of, then [`Application::reset`] is called.
///
/// # Errors
///
/// [`Error::Invalid`] when the charge point does not run.
pub fn request_reset(kind: ResetType) -> Result<(), Error> {
    submit_local(Call::Reset(kind))
}

/// Installs the firmware that [`Application::install_firmware`] has put off.
///
/// # Errors
///
/// [`Error::Invalid`] when none waits for this, or the charge point does not run.
#[cfg(feature = "firmware-management")]
pub fn install_firmware() -> Result<(), Error> {
    submit_local(Call::InstallFirmware)
}

/// Reports something that security depends on, such as an enclosure that was opened: for the security log
/// and, where the whitepaper has it told, the central system. The first
/// [`TECH_INFO_LENGTH`](ocpp::domain::TECH_INFO_LENGTH) bytes of `info` are kept.
///
/// # Errors
///
/// [`Error::Invalid`] when the charge point does not run.
#[cfg(feature = "security")]
pub fn report_security_event(event: SecurityEvent, info: &str) -> Result<(), Error> {
    let mut kept = TechInfo::new();
    for c in info.chars() {
        if kept.push(c).is_err() {
            break;
        }
    }
    submit_local(Call::SecurityEvent { event, info: kept })
}

/// Asks the central system for a new certificate of the charge point (SignCertificate), also over a
/// restart, until it has answered.
///
/// # Errors
///
/// [`Error::NotNow`] while the central system has not set CpoName; [`Error::NotSupported`] with OCPP 2.0.1;
/// [`Error::Invalid`] when the charge point does not run.
#[cfg(feature = "security")]
pub fn request_certificate() -> Result<(), Error> {
    submit_local(Call::RequestCertificate)
}

/// The value of the setting of the application's own with that number.
///
/// # Errors
///
/// [`Error::Invalid`] where [`Application::settings`] has no such number, and when the charge point
/// does not run.
#[cfg(feature = "settings")]
pub fn setting(number: u8) -> Result<SettingValue, Error> {
    let mut value = None;
    let into = Place::new(&mut value);
    // It waits for ever: nothing is put there after this.
    submit_local(Call::ReadSetting { number, into })?;
    value.ok_or(Error::Invalid)
}

/// The reservation of a connector; that of connector 0 is one of any of them. `None` where there is none.
///
/// # Errors
///
/// [`Error::Invalid`] for an unknown connector, and when the charge point does not run.
#[cfg(feature = "reservation")]
pub fn reservation(connector: u8) -> Result<Option<Reservation>, Error> {
    if connector != 0 {
        known(connector)?;
    }
    let mut value = None;
    let into = Place::new(&mut value);
    // It waits for ever: nothing is put there after this.
    submit_local(Call::ReadReservation { connector, into })?;
    Ok(value)
}

/// How the transaction of a connector is called: with OCPP 1.6 as the central system has answered, with
/// 2.0.1 as the charge point has named it.
///
/// # Errors
///
/// [`Error::NotNow`] while the central system has not given it a number; [`Error::Invalid`] for an
/// unknown connector, without a transaction, and when the charge point does not run.
pub fn transaction_id(connector: u8) -> Result<TransactionId, Error> {
    let connector = known(connector)?;
    match submit(Call::TransactionId { connector }, FOREVER)? {
        Reply::TransactionId(id) => Ok(id),
        // There is no other reply to it.
        _ => Err(Error::Failed),
    }
}

pub(crate) fn open_session() -> Result<Handle, Error> {
    kernel::may_wait()?;
    SESSIONS.with(|sessions| sessions.open())
}

pub(crate) fn close_session(session: Handle) {
    // If the charge point was shut down meanwhile, the session is closed already.
    if is_open(session).is_err() {
        return;
    }
    let closed = submit(Call::CloseSession { session }, FOREVER);
    if let Err(Error::NoMemory | Error::WaitsForItself) = closed {
        SESSIONS.with(|sessions| sessions.abandon(session));
        socket::wake();
    }
}

pub(crate) fn authorize(
    session: Handle,
    id_tag: IdToken,
    timeout_ms: u32,
) -> Result<AuthorizationStatus, Error> {
    is_open(session)?;
    match submit(Call::Authorize { session, id_tag }, timeout_ms)? {
        Reply::Authorization(status) => Ok(status),
        // There is no other reply to it.
        _ => Err(Error::Failed),
    }
}

pub(crate) fn start_transaction(
    session: Handle,
    connector: u8,
    register: i32,
    timeout_ms: u32,
) -> Result<(), Error> {
    is_open(session)?;
    let call = Call::StartTransaction {
        session,
        connector: known(connector)?,
        register,
    };
    submit(call, timeout_ms).map(|_| ())
}

pub(crate) fn stop_transaction(
    session: Handle,
    register: i32,
    timeout_ms: u32,
) -> Result<(), Error> {
    is_open(session)?;
    submit(Call::StopTransaction { session, register }, timeout_ms).map(|_| ())
}

/// Sends a data transfer and waits for the central system's answer. The texts are the caller's until
/// this returns.
pub(crate) fn send_data_transfer(
    outgoing: Outgoing,
    timeout_ms: u32,
) -> Result<DataTransferStatus, Error> {
    kernel::may_wait()?;
    OUTGOING.with(|place| match place {
        Mailbox::Full(_) => Err(Error::InUse),
        Mailbox::Empty => {
            place.put(outgoing);
            Ok(())
        }
    })?;
    let reply = submit(Call::DataTransfer, timeout_ms);
    OUTGOING.with(Mailbox::take);
    match reply? {
        Reply::DataTransfer(status) => Ok(status),
        // There is no other reply to it.
        _ => Err(Error::Failed),
    }
}

fn is_open(session: Handle) -> Result<(), Error> {
    kernel::may_wait()?;
    let open = SESSIONS.with(|sessions| sessions.get(session).is_some());
    open.then_some(()).ok_or(Error::Invalid)
}

/// A connector that exists, from 1.
fn known(connector: u8) -> Result<u8, Error> {
    kernel::may_wait()?;
    let exists = (1..=lifecycle::connectors()).contains(&connector);
    exists.then_some(connector).ok_or(Error::Invalid)
}

/// For a call that does not wait for the central system.
fn submit_local(call: Call) -> Result<(), Error> {
    submit(call, FOREVER).map(|_| ())
}
