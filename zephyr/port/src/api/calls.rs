//! The part of the API that Zephyr documents for its own OCPP library, and what begins and ends
//! it.

use core::ffi::{c_char, c_int, c_void};

use ocpp::v16::AuthorizationStatus;

use super::types::{
    ocpp_auth_status, ocpp_connection_state, ocpp_cp_info, ocpp_cs_info, ocpp_session_handle_t,
    ocpp_user_notify_callback_t,
};
use crate::{
    callbacks, engine,
    errno::{Error, returned},
    kernel::{self, FOREVER, Semaphore, Thread},
    log::line,
    opener,
    requests::{Ask, ask},
    sessions::Handle,
    settings::SETTINGS,
    shared::{Phase, Reach, SHARED, change_phase},
    socket, text,
};

/// Starts the charge point: it connects, and reconnects, on its own from now on.
///
/// @param cpi the charge point
/// @param csi the central system
/// @param cb called back when the charge point wants something
/// @param user_data handed to cb
///
/// @retval 0 on success; the connection is made later
/// @retval -EINVAL if something required is missing, a text is too long, there is no memory for
///         so many connectors, or the charge point runs already
/// @retval -ENOMEM if there is no file descriptor left to wake the charge point with
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_init(
    cpi: *mut ocpp_cp_info,
    csi: *mut ocpp_cs_info,
    cb: ocpp_user_notify_callback_t,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the caller gives null, or a structure.
    let (Some(cpi), Some(csi)) = (unsafe { cpi.as_ref() }, unsafe { csi.as_ref() }) else {
        return Error::Invalid.number();
    };
    returned(change_phase(Phase::Off, Phase::Starting).and_then(|()| {
        // SAFETY: nobody runs in phase Starting but this thread; the texts are null or C strings.
        let set = unsafe { SETTINGS.edit().set(cpi, csi, cb, user_data) };
        let started = set.and_then(|()| start());
        // The engine's thread has gone on to the next phase, or there is none.
        let _ = change_phase(Phase::Starting, Phase::Off);
        started
    }))
}

fn start() -> Result<(), Error> {
    socket::wake_open().map_err(|_| Error::NoRoom)?;
    line!(Info, "upstream init");
    for semaphore in [Semaphore::Started, Semaphore::Open, Semaphore::Callback] {
        semaphore.reset();
    }
    Thread::Engine.start(engine::run);
    Semaphore::Started.take(FOREVER);
    if SHARED.with(|shared| shared.phase == Phase::Starting) {
        Thread::Engine.join();
        return Err(Error::Invalid);
    }
    for thread in Thread::all() {
        match thread {
            Thread::Engine => {}
            Thread::Opener => thread.start(opener::run),
            Thread::Callback(_) => thread.start(callbacks::run),
        }
    }
    Ok(())
}

/// Shuts the charge point down: closes the connection and all sessions, and waits for callbacks
/// to return. Calls under way return -ENOTCONN. A transaction that runs ends when ocpp_init() is
/// called again, with the last known register.
///
/// @retval 0 on success
/// @retval -EINVAL if it does not run
/// @retval -EDEADLK if called from a callback
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_deinit() -> c_int {
    if kernel::is_own_thread() {
        return Error::WaitsForItself.number();
    }
    returned(
        change_phase(Phase::Running, Phase::Stopping).and_then(|()| {
            socket::wake();
            Thread::Engine.join();
            Semaphore::Open.give();
            for _ in Thread::all() {
                Semaphore::Callback.give();
            }
            for thread in Thread::all() {
                thread.join();
            }
            change_phase(Phase::Stopping, Phase::Off)
        }),
    )
}

/// Opens a session, which ties an idTag to a transaction.
///
/// @param hndl where the handle goes
///
/// @retval 0 on success
/// @retval -EINVAL if hndl is null or the charge point does not run
/// @retval -ENOMEM if CONFIG_OCPP_SESSIONS are open
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_session_open(hndl: *mut ocpp_session_handle_t) -> c_int {
    // SAFETY: the caller gives null, or room for a handle.
    let Some(hndl) = (unsafe { hndl.as_mut() }) else {
        return Error::Invalid.number();
    };
    let opened = SHARED.with(|shared| match shared.phase {
        Phase::Running => shared.sessions.open(),
        _ => Err(Error::Invalid),
    });
    returned(opened.map(|handle| *hndl = handle.to_pointer()))
}

/// Closes a session. A transaction of it that still runs is stopped.
///
/// @param hndl the session; anything else is passed over
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_session_close(hndl: ocpp_session_handle_t) {
    if let Ok(session) = session(hndl) {
        // The charge point was shut down meanwhile: then it is closed as well.
        let _ = ask(Ask::Close { session }, FOREVER);
    }
}

/// Asks whether an idTag may charge. A session remembers the idTag that was accepted last.
///
/// @param hndl session
/// @param idtag idTag, 1 to 20 characters
/// @param status where the answer goes, when 0 is returned
/// @param timeout_ms milliseconds to wait for it
///
/// @retval 0 if there is an answer
/// @retval -EINVAL if an argument is null, the session is not open, or the idTag is too long
/// @retval -EAGAIN if the central system cannot be reached, or has not accepted the charge point
///         yet, and nothing is known of this idTag
/// @retval -ETIMEDOUT if there was no answer in time
/// @retval -ENOMEM if CONFIG_OCPP_INTERNAL_MSGQ_CNT calls are under way
/// @retval -ENOTCONN if the charge point was shut down meanwhile
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_authorize(
    hndl: ocpp_session_handle_t,
    idtag: *mut c_char,
    status: *mut ocpp_auth_status,
    timeout_ms: u32,
) -> c_int {
    if status.is_null() {
        return Error::Invalid.number();
    }
    // SAFETY: the caller gives null, or a C string.
    let id_tag = unsafe { text::copied(idtag) };
    let answer = session(hndl).and_then(|session| {
        let id_tag = id_tag?;
        ask(Ask::Authorize { session, id_tag }, timeout_ms)
    });
    returned(answer.map(|said| {
        let said = match said {
            AuthorizationStatus::Accepted => ocpp_auth_status::OCPP_AUTH_ACCEPTED,
            AuthorizationStatus::Blocked => ocpp_auth_status::OCPP_AUTH_BLOCKED,
            AuthorizationStatus::Expired => ocpp_auth_status::OCPP_AUTH_EXPIRED,
            AuthorizationStatus::Invalid => ocpp_auth_status::OCPP_AUTH_INVALID,
            AuthorizationStatus::ConcurrentTx => ocpp_auth_status::OCPP_AUTH_CONCURRENT_TX,
        };
        // SAFETY: not null, so the caller gives room for a status; it may hold anything yet.
        unsafe { status.write(said) };
    }))
}

/// Starts a transaction with the idTag that ocpp_authorize() accepted. It is told to the central
/// system as soon as that can be reached.
///
/// @param hndl session
/// @param meter_val register of the connector in Wh
/// @param conn_id connector, from 1
/// @param timeout_ms milliseconds to wait for the central system to accept it
///
/// @retval 0 if it runs: the central system has accepted it, or will hear of it later
/// @retval -EINVAL if the session is not open or the connector does not exist
/// @retval -EACCES if the central system refuses the idTag, no idTag was accepted before, or the
///         connector is out of service
/// @retval -EBUSY if the connector, or the session, has a transaction
/// @retval -EAGAIN if a reset is under way
/// @retval -ENOMEM if there is no room to store it
/// @retval -ETIMEDOUT if there was no answer in time; it runs until ocpp_stop_transaction()
/// @retval -ENOTCONN if the charge point was shut down meanwhile
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_start_transaction(
    hndl: ocpp_session_handle_t,
    meter_val: c_int,
    conn_id: u8,
    timeout_ms: u32,
) -> c_int {
    let answer = session(hndl).and_then(|session| {
        let request = Ask::Start {
            session,
            connector: connector(conn_id.into())?,
            register: meter_val,
        };
        ask(request, timeout_ms)
    });
    returned(answer.map(|_| ()))
}

/// Stops the transaction of a session. It is told to the central system as soon as that can be
/// reached. Also to be called when OCPP_USR_STOP_CHARGING told of its end.
///
/// @param hndl session
/// @param meter_val register of the connector in Wh
/// @param timeout_ms milliseconds to wait for the central system to know
///
/// @retval 0 if it has ended: the central system knows, or will hear of it later
/// @retval -EINVAL if the session is not open or has no transaction
/// @retval -ETIMEDOUT if there was no answer in time; it has ended and is told later
/// @retval -ENOTCONN if the charge point was shut down meanwhile
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_stop_transaction(
    hndl: ocpp_session_handle_t,
    meter_val: c_int,
    timeout_ms: u32,
) -> c_int {
    let answer = session(hndl).and_then(|session| {
        let register = meter_val;
        ask(Ask::Stop { session, register }, timeout_ms)
    });
    returned(answer.map(|_| ()))
}

/// Tells whether the central system can be talked to.
///
/// @return the state now
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_connection_state() -> ocpp_connection_state {
    match SHARED.with(|shared| shared.reach) {
        Reach::Offline => ocpp_connection_state::OCPP_CONNECTION_OFFLINE,
        Reach::Pending => ocpp_connection_state::OCPP_CONNECTION_PENDING,
        Reach::Online => ocpp_connection_state::OCPP_CONNECTION_ONLINE,
    }
}

/// Tells the version of this library.
///
/// @return major, minor and patch version as text
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The session of a handle, if it is open.
fn session(pointer: ocpp_session_handle_t) -> Result<Handle, Error> {
    let handle = Handle::from_pointer(pointer).ok_or(Error::Invalid)?;
    let open = SHARED.with(|shared| shared.sessions.get(handle).is_some());
    open.then_some(handle).ok_or(Error::Invalid)
}

/// A connector that exists, from 1.
pub(super) fn connector(number: c_int) -> Result<u8, Error> {
    let connectors = SETTINGS.get().connectors;
    match u8::try_from(number) {
        Ok(number) if (1..=connectors).contains(&number) => Ok(number),
        _ => Err(Error::Invalid),
    }
}
