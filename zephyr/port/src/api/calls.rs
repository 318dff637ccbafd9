//! The part of the API that Zephyr documents for its own OCPP library, and what begins and ends
//! it.

use core::ffi::{c_char, c_int, c_void};

use ocpp::domain::{AuthorizationStatus, IdToken, Identity};

use super::{
    application, protocol,
    types::{
        ocpp_auth_status, ocpp_connection_state, ocpp_cp_info, ocpp_cs_info, ocpp_event_callback_t,
        ocpp_session_handle_t, ocpp_user_notify_callback_t,
    },
};
use crate::{
    charge_point::{self, Description, Reach, Server},
    errno::{Error, returned},
    limits::{HOST_LENGTH, PATH_LENGTH},
    sessions::Handle,
    text::{self, borrowed},
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
    // SAFETY: the caller gives structures whose texts are null or C strings.
    let told = unsafe { description(cpi) }.and_then(|description| {
        // SAFETY: as above.
        let server = unsafe { server(csi) }?;
        Ok((description, server))
    });
    returned(told.and_then(|(description, server)| {
        // SAFETY: it is called by the start, on this thread.
        let prepare = || unsafe { application::set_notify(cb, user_data) };
        charge_point::start_with(&description, &server, prepare)
    }))
}

/// # Safety
///
/// The texts are null or C strings; they live as long as the result.
unsafe fn description<'a>(cpi: &ocpp_cp_info) -> Result<Description<'a>, Error> {
    // SAFETY: the caller promises C strings.
    unsafe {
        Ok(Description {
            identity: Identity {
                model: borrowed(cpi.model, 20)?.ok_or(Error::Invalid)?,
                vendor: borrowed(cpi.vendor, 20)?.ok_or(Error::Invalid)?,
                serial_number: borrowed(cpi.sl_no, 25)?,
                box_serial_number: borrowed(cpi.box_sl_no, 25)?,
                firmware_version: borrowed(cpi.fw_ver, 50)?,
                iccid: borrowed(cpi.iccid, 20)?,
                imsi: borrowed(cpi.imsi, 20)?,
                meter_serial_number: borrowed(cpi.meter_sl_no, 25)?,
                meter_type: borrowed(cpi.meter_type, 25)?,
            },
            connectors: u8::try_from(cpi.num_of_con).map_err(|_| Error::Invalid)?,
        })
    }
}

/// # Safety
///
/// As [`description`].
unsafe fn server<'a>(csi: &ocpp_cs_info) -> Result<Server<'a>, Error> {
    // SAFETY: the caller promises C strings.
    let (host, path) = unsafe {
        (
            borrowed(csi.cs_ip, HOST_LENGTH)?.ok_or(Error::Invalid)?,
            borrowed(csi.ws_url, PATH_LENGTH)?.ok_or(Error::Invalid)?,
        )
    };
    let port = u16::try_from(csi.port).map_err(|_| Error::Invalid)?;
    let server = Server {
        family: csi.sa_family,
        version: protocol::chosen(),
        ..Server::new(host, port, path)
    };
    // SAFETY: as above.
    #[cfg(feature = "tls")]
    let server = unsafe { secured(server, &csi.creds) }?;
    // SAFETY: as above.
    #[cfg(feature = "basic-auth")]
    let server = unsafe { authenticated(server, &csi.basic_auth) }?;
    Ok(server)
}

/// # Safety
///
/// The list is null or has that size, the name is null or a C string; both live as long as the result.
#[cfg(feature = "tls")]
unsafe fn secured<'a>(
    server: Server<'a>,
    credentials: &super::types::ocpp_tls_credentials,
) -> Result<Server<'a>, Error> {
    const TAG: usize = size_of::<c_int>();
    let size = credentials.sec_tag_list_size;
    if credentials.sec_tag_list.is_null() || size == 0 {
        return Ok(server);
    }
    if !size.is_multiple_of(TAG) {
        return Err(Error::Invalid);
    }
    // SAFETY: as the caller promises.
    let (security_tags, name) = unsafe {
        (
            core::slice::from_raw_parts(credentials.sec_tag_list, size / TAG),
            borrowed(credentials.tls_hostname, HOST_LENGTH)?,
        )
    };
    Ok(Server {
        uses_tls: true,
        security_tags,
        tls_name: name.unwrap_or(""),
        ..server
    })
}

/// # Safety
///
/// The user is null or a C string, the password null or so long; both live as long as the result.
#[cfg(feature = "basic-auth")]
unsafe fn authenticated<'a>(
    server: Server<'a>,
    auth: &super::types::ocpp_basic_auth,
) -> Result<Server<'a>, Error> {
    const LENGTHS: core::ops::RangeInclusive<usize> =
        super::types::OCPP_BASIC_AUTH_PASSWORD_MIN_LEN..=40;
    if auth.username.is_null() {
        return Ok(server);
    }
    if auth.password.is_null() || !LENGTHS.contains(&auth.password_len) {
        return Err(Error::Invalid);
    }
    // SAFETY: as the caller promises.
    let (user, password) = unsafe {
        (
            borrowed(auth.username, HOST_LENGTH)?.unwrap_or(""),
            core::slice::from_raw_parts(auth.password, auth.password_len),
        )
    };
    Ok(Server {
        user,
        password,
        ..server
    })
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
    returned(charge_point::stop())
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
    let opened = charge_point::open_session();
    returned(opened.map(|handle| *hndl = handle.to_pointer()))
}

/// Closes a session. A transaction of it that still runs is stopped.
///
/// @param hndl the session; anything else is passed over
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_session_close(hndl: ocpp_session_handle_t) {
    if let Ok(session) = session(hndl) {
        charge_point::close_session(session);
    }
}

/// Asks whether an idTag may charge. A session remembers the idTag that was accepted last.
///
/// @param hndl session
/// @param idtag idTag, 1 to 20 characters; up to 36 with OCPP 2.0.1
/// @param status where the answer goes, when 0 is returned
/// @param timeout_ms milliseconds to wait for it
///
/// @retval 0 if there is an answer
/// @retval -EINVAL if an argument is null, the session is not open, or the idTag is too long
/// @retval -EAGAIN if the central system cannot be reached, or has not accepted the charge point
///         yet, and nothing good is known of this idTag
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
    // SAFETY: the caller gives null or a C string, and null or room for a status.
    unsafe {
        let id_tag = text::copied(idtag).map(IdToken::from);
        authorize(session(hndl), id_tag, status, timeout_ms)
    }
}

/// Authorizes a token of any kind.
///
/// # Safety
///
/// `status` is null, or there is room for a status.
pub(super) unsafe fn authorize(
    session: Result<Handle, Error>,
    id_tag: Result<IdToken, Error>,
    status: *mut ocpp_auth_status,
    timeout_ms: u32,
) -> c_int {
    if status.is_null() {
        return Error::Invalid.number();
    }
    let answer = session.and_then(|session| charge_point::authorize(session, id_tag?, timeout_ms));
    returned(answer.map(|said| {
        let said = match said {
            AuthorizationStatus::Accepted => ocpp_auth_status::OCPP_AUTH_ACCEPTED,
            AuthorizationStatus::Blocked => ocpp_auth_status::OCPP_AUTH_BLOCKED,
            AuthorizationStatus::Expired => ocpp_auth_status::OCPP_AUTH_EXPIRED,
            AuthorizationStatus::Invalid => ocpp_auth_status::OCPP_AUTH_INVALID,
            AuthorizationStatus::ConcurrentTx => ocpp_auth_status::OCPP_AUTH_CONCURRENT_TX,
            // What OCPP 2.0.1 tells apart beyond that.
            AuthorizationStatus::NoCredit
            | AuthorizationStatus::NotAllowedTypeEvse
            | AuthorizationStatus::NotAtThisLocation
            | AuthorizationStatus::NotAtThisTime => ocpp_auth_status::OCPP_AUTH_BLOCKED,
            AuthorizationStatus::Unknown => ocpp_auth_status::OCPP_AUTH_INVALID,
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
    let started = session(hndl).and_then(|session| {
        charge_point::start_transaction(session, conn_id, meter_val, timeout_ms)
    });
    returned(started)
}

/// Stops the transaction of a session. It is told to the central system as soon as that can be
/// reached. Also to be called when OCPP_USR_STOP_CHARGING told of its end.
///
/// @param hndl session
/// @param meter_val register of the connector in Wh. A transaction never ends below what the
///        central system was told of it before: with a lower register, the last known one is told
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
    let stopped = session(hndl)
        .and_then(|session| charge_point::stop_transaction(session, meter_val, timeout_ms));
    returned(stopped)
}

/// Registers what is called for events that Zephyr's own library has no reason for: charging
/// limits, resets, data transfers and changed settings of the application's own. Without it, CONFIG_OCPP_REBOOT decides on resets, data
/// transfers are answered with UnknownMessageId, and OCPP_USR_STOP_CHARGING is all that tells of
/// the end of energy. It stays registered after ocpp_deinit().
///
/// @param cb called back; null for nothing
/// @param user_data handed to cb
///
/// @retval 0 on success
/// @retval -EBUSY if the charge point runs: this is to be called before ocpp_init()
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_set_event_callback(
    cb: ocpp_event_callback_t,
    user_data: *mut c_void,
) -> c_int {
    returned(application::set_event(cb, user_data))
}

/// Tells whether the central system can be talked to.
///
/// @return the state now
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_connection_state() -> ocpp_connection_state {
    match charge_point::connection() {
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

/// What a pointer stands for; whether that session is open is found out later.
pub(super) fn session(pointer: ocpp_session_handle_t) -> Result<Handle, Error> {
    Handle::from_pointer(pointer).ok_or(Error::Invalid)
}
