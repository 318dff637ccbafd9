//! The one websocket there is, and waiting for it. The C side is `c/websocket.c` and `c/wake.c`.

use core::{
    ffi::{c_char, c_int, c_void},
    ptr,
};

use crate::{credentials::Login, settings::Settings};
#[cfg(feature = "tls")]
use crate::{
    kernel::ThreadCell,
    tls::{Refusal, Tls, Validity},
};

/// `struct ocpp_port_server`
#[repr(C)]
pub struct Server {
    host: *const c_char,
    path: *const c_char,
    /// Without a zero at its end.
    pub subprotocol: *const u8,
    user: *const c_char,
    password: *const u8,
    tls: *mut c_void,
    pub subprotocol_length: u16,
    password_length: u16,
    port: u16,
    family: u16,
}

/// Of the connection that there is: C looks at it as long as that is open.
#[cfg(feature = "tls")]
static TLS: ThreadCell<Tls> = ThreadCell::new(Tls::new());

unsafe extern "C" {
    safe fn ocpp_port_wake_open() -> c_int;
    safe fn ocpp_port_wake();
    safe fn ocpp_port_wait(socket: c_int, is_writing: bool, timeout_ms: i32) -> u32;
    safe fn ocpp_port_ws_socket() -> c_int;
    safe fn ocpp_port_ws_close(lost: bool);
    fn ocpp_port_ws_open(server: *const Server, http_status: *mut u16, step: *mut u8) -> c_int;
    fn ocpp_port_ws_write(bytes: *const u8, length: usize) -> c_int;
    fn ocpp_port_ws_receive(
        into: *mut u8,
        room: usize,
        kind: *mut u32,
        remaining: *mut u64,
        is_readable: bool,
    ) -> c_int;
}

const READABLE: u32 = 1;
const BROKEN: u32 = 2;
const WRITABLE: u32 = 4;

/// What a websocket frame carries (RFC 6455, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// What follows in the same message.
    Continuation = 0,
    /// A text message.
    Text = 1,
    /// The end of the connection.
    Close = 8,
    /// Asks for a pong.
    Ping = 9,
    /// Answers a ping.
    Pong = 10,
}

/// What ended the wait of the engine's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The timeout, or [`wake`] of another thread.
    Called,
    /// Something can be read.
    Readable,
    /// More of a frame can be written.
    Writable,
    /// The connection is gone.
    Broken,
}

/// Makes [`wake`] possible.
///
/// # Errors
///
/// A negative error number if there is no file descriptor left.
pub fn wake_open() -> Result<(), i32> {
    match ocpp_port_wake_open() {
        error if error < 0 => Err(error),
        _ => Ok(()),
    }
}

/// Ends the [`wait`] of the engine's thread, or the next one.
pub fn wake() {
    ocpp_port_wake();
}

/// Waits for [`wake`], for at most that many milliseconds; while connected also for data or, if
/// there is something to write, until the socket accepts it.
pub fn wait(connected: bool, is_writing: bool, timeout_ms: u64) -> Woken {
    let socket = if connected { ocpp_port_ws_socket() } else { -1 };
    match ocpp_port_wait(socket, is_writing, poll_timeout(timeout_ms)) {
        found if found & READABLE != 0 => Woken::Readable,
        found if found & BROKEN != 0 => Woken::Broken,
        found if found & WRITABLE != 0 => Woken::Writable,
        _ => Woken::Called,
    }
}

/// Milliseconds for poll(), which takes at most 24.8 days; a later deadline takes another wait.
/// A negative number would wait for ever.
fn poll_timeout(timeout_ms: u64) -> i32 {
    i32::try_from(timeout_ms).unwrap_or(i32::MAX)
}

/// Why a connection could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectError {
    /// A negative error number.
    pub error: i32,
    /// The server's HTTP status; 0 without an answer in HTTP.
    pub http_status: u16,
    /// The step that failed.
    pub step: Step,
    /// What was offered.
    pub subprotocol: &'static str,
    /// Why TLS fails, where that is known.
    #[cfg(feature = "tls")]
    pub refusal: Option<Refusal>,
}

/// What was done to open a connection when it failed; in the order of `enum ocpp_port_step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking for the server's address.
    Name,
    /// Connecting over TCP.
    Tcp,
    /// Securing the connection with TLS.
    Tls,
    /// Asking for a websocket.
    Request,
    /// Waiting for the answer in HTTP.
    Answer,
    /// It was no `101 Switching Protocols`.
    Refused,
    /// It had no `Sec-WebSocket-Accept`, or a wrong one (RFC 6455, 4.1).
    Accept,
    /// It did not choose the subprotocol that was offered (OCPP-J 1.6, 3.1.2).
    Subprotocol,
    /// It did not say that the connection is a websocket (RFC 6455, 4.1).
    Upgrade,
    /// It chose an extension, of which none was offered (RFC 6455, 4.1).
    Extension,
}

impl Step {
    const ALL: [Self; 10] = [
        Self::Name,
        Self::Tcp,
        Self::Tls,
        Self::Request,
        Self::Answer,
        Self::Refused,
        Self::Accept,
        Self::Subprotocol,
        Self::Upgrade,
        Self::Extension,
    ];
}

impl ConnectError {
    /// What happened, for the log and the shell; [`Self::name`] is written behind it.
    pub fn description(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if let Some(refusal) = self.refusal {
            return refusal.description();
        }
        match self.step {
            Step::Name => "the server's address is not found",
            Step::Tcp => "no TCP connection to the server",
            Step::Tls => "TLS fails",
            Step::Request => "the websocket could not be asked for",
            Step::Answer => "no answer in HTTP",
            Step::Refused => "the server refuses a websocket",
            Step::Accept => "the answer has no valid Sec-WebSocket-Accept",
            Step::Subprotocol => "the server does not choose the subprotocol ",
            Step::Upgrade => "the answer does not upgrade to a websocket",
            Step::Extension => "the answer has an extension that was not asked for",
        }
    }

    /// What the description ends with; empty where it needs nothing.
    pub fn name(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if let Some(refusal) = self.refusal {
            return refusal.fault();
        }
        match self.step {
            Step::Subprotocol => self.subprotocol,
            _ => "",
        }
    }
}

/// A connection that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// When the certificates of the server are valid, where the time was not known.
    #[cfg(feature = "tls")]
    pub unchecked: Option<Validity>,
}

/// Opens a websocket for that subprotocol; takes as long as the network does.
///
/// # Safety
///
/// Only the connect thread may call this, and only while no connection is open.
pub unsafe fn open(
    settings: &'static Settings,
    login: &Login,
    subprotocol: &'static str,
) -> Result<Opened, ConnectError> {
    // SAFETY: as the caller promises.
    #[cfg(feature = "tls")]
    let tls = login.uses_tls().then(|| unsafe {
        let tls = TLS.take();
        let host = settings.host.as_ptr();
        tls.set(&settings.tls, host, login.unix_s, login.own_tag());
        tls
    });
    #[cfg(feature = "tls")]
    let tls = tls.map_or(ptr::null_mut(), ptr::from_mut);
    #[cfg(not(feature = "tls"))]
    let tls = ptr::null_mut::<c_void>();
    let password = login.password();
    let server = Server {
        host: settings.host.as_ptr(),
        path: settings.path.as_ptr(),
        subprotocol: subprotocol.as_ptr(),
        user: match password {
            [] => ptr::null(),
            _ => settings.user.as_ptr(),
        },
        password: password.as_ptr(),
        tls: tls.cast(),
        subprotocol_length: subprotocol.len() as u16,
        password_length: password.len() as u16,
        port: settings.port,
        family: settings.family,
    };
    let (mut http_status, mut step) = (0, 0);
    // SAFETY: the pointers are good for the call, and that of TLS for as long as the connection is
    // open; the texts end with a zero, but for the subprotocol and the password, whose lengths go with
    // them.
    let opened = unsafe { ocpp_port_ws_open(&server, &mut http_status, &mut step) };
    if opened < 0 {
        return Err(ConnectError {
            error: opened,
            http_status,
            step: *Step::ALL.get(usize::from(step)).unwrap_or(&Step::Tcp),
            subprotocol,
            // SAFETY: C has written it in the call, which is over.
            #[cfg(feature = "tls")]
            refusal: unsafe { tls.as_ref() }.and_then(Tls::refusal),
        });
    }
    Ok(Opened {
        // SAFETY: as above; from now on C only reads the name in it.
        #[cfg(feature = "tls")]
        unchecked: unsafe { tls.as_ref() }.and_then(Tls::unchecked),
    })
}

/// Writes as many bytes as the connection takes now: how many, or a negative error number. Never
/// waits.
pub fn write(bytes: &[u8]) -> Result<usize, i32> {
    // SAFETY: the slice is good for the call, which copies from it.
    let written = unsafe { ocpp_port_ws_write(bytes.as_ptr(), bytes.len()) };
    usize::try_from(written).map_err(|_| written)
}

/// A piece of a frame that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes written.
    pub length: usize,
    /// Zephyr's flags of the frame and the bytes of it still to come; `None` if the rest of the
    /// frame has not arrived, in which case Zephyr does not tell what it is.
    pub known: Option<(u32, u64)>,
}

/// Takes what has arrived of one frame, `None` if nothing has. `is_readable` says that [`wait`] has
/// returned [`Woken::Readable`]; otherwise only what came together with the last frame is taken.
///
/// # Errors
///
/// A negative error number if the connection is gone.
pub fn receive(into: &mut [u8], is_readable: bool) -> Result<Option<Piece>, i32> {
    const UNKNOWN: u32 = u32::MAX;
    let (mut kind, mut remaining) = (UNKNOWN, 0);
    // SAFETY: the pointers are good for the call, `into` for its length.
    let received = unsafe {
        ocpp_port_ws_receive(
            into.as_mut_ptr(),
            into.len(),
            &mut kind,
            &mut remaining,
            is_readable,
        )
    };
    match usize::try_from(received) {
        Ok(length) => Ok(Some(Piece {
            length,
            known: (kind != UNKNOWN).then_some((kind, remaining)),
        })),
        Err(_) if received == crate::errno::Error::NotNow.number() => Ok(None),
        Err(_) => Err(received),
    }
}

/// Closes the connection, with a closing handshake unless it is lost; that one may take a second.
pub fn close(lost: bool) {
    ocpp_port_ws_close(lost);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_beyond_what_poll_counts_is_not_for_ever() {
        const DAY_MS: u64 = 24 * 60 * 60 * 1000;
        assert_eq!(poll_timeout(0), 0);
        assert_eq!(poll_timeout(DAY_MS), 86_400_000);
        for far in [i32::MAX as u64, 25 * DAY_MS, 50 * DAY_MS, u64::MAX] {
            assert_eq!(poll_timeout(far), i32::MAX);
        }
    }
}
