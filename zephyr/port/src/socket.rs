//! The one websocket there is, and waiting for it. The C side is `c/websocket.c` and `c/wake.c`.

use core::ffi::{c_char, c_int};

use crate::settings::Settings;

#[repr(C)]
struct Server {
    host: *const c_char,
    path: *const c_char,
    identity: *const c_char,
    port: u16,
    family: u16,
}

unsafe extern "C" {
    safe fn ocpp_port_wake_open() -> c_int;
    safe fn ocpp_port_wake();
    safe fn ocpp_port_wait(socket: c_int, timeout_ms: i32) -> u32;
    safe fn ocpp_port_ws_socket() -> c_int;
    safe fn ocpp_port_ws_close(lost: bool);
    fn ocpp_port_ws_open(server: *const Server, http_status: *mut u16) -> c_int;
    fn ocpp_port_ws_send(opcode: u8, payload: *const u8, length: usize, is_final: bool) -> c_int;
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

/// What a websocket frame carries (RFC 6455, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// What follows in the same message.
    Continuation = 0,
    /// A text message.
    Text = 1,
    /// Are you there?
    Ping = 9,
    /// Yes.
    Pong = 10,
}

/// What the engine's thread was woken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The time is over, or another thread called.
    Called,
    /// Something can be read.
    Readable,
    /// The connection is gone.
    Broken,
}

/// Makes [`wake`] possible; a negative error number when there is no file descriptor left.
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

/// Waits for another thread, or at most so many milliseconds; and for data while connected.
pub fn wait(connected: bool, timeout_ms: u64) -> Woken {
    let socket = if connected { ocpp_port_ws_socket() } else { -1 };
    let timeout = i32::try_from(timeout_ms).unwrap_or(-1);
    match ocpp_port_wait(socket, timeout) {
        found if found & READABLE != 0 => Woken::Readable,
        found if found & BROKEN != 0 => Woken::Broken,
        _ => Woken::Called,
    }
}

/// Why a connection could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOpened {
    /// A negative error number.
    pub error: i32,
    /// What the server said in HTTP; 0 when it did not come to that.
    pub http_status: u16,
}

/// Opens a websocket; takes as long as the network does.
pub fn open(settings: &Settings) -> Result<(), NotOpened> {
    let server = Server {
        host: settings.host.as_ptr(),
        path: settings.path.as_ptr(),
        identity: settings.identity.as_ptr(),
        port: settings.port,
        family: settings.family,
    };
    let mut http_status = 0;
    // SAFETY: both pointers are good for the call; the texts end with a zero and live on.
    let opened = unsafe { ocpp_port_ws_open(&server, &mut http_status) };
    if opened < 0 {
        return Err(NotOpened {
            error: opened,
            http_status,
        });
    }
    Ok(())
}

/// Sends a frame, or fails with a negative error number. A message of several frames ends with
/// one that `is_final`.
pub fn send(opcode: Opcode, payload: &[u8], is_final: bool) -> Result<(), i32> {
    let (start, length) = (payload.as_ptr(), payload.len());
    // SAFETY: the slice is good for the call, which copies from it.
    match unsafe { ocpp_port_ws_send(opcode as u8, start, length, is_final) } {
        error if error < 0 => Err(error),
        _ => Ok(()),
    }
}

/// A piece of a frame that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes written.
    pub length: usize,
    /// Zephyr's flags of the frame and the bytes of it still to come; nothing when the rest of
    /// the frame has not arrived, in which case Zephyr does not tell what it is.
    pub known: Option<(u32, u64)>,
}

/// Takes what has arrived of one frame; nothing when nothing has. A negative error number when
/// the connection is gone. `is_readable` says that [`wait`] has said so; otherwise only what
/// came together with the last frame is taken.
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

/// Closes the connection, with a closing handshake unless it is lost.
pub fn close(lost: bool) {
    ocpp_port_ws_close(lost);
}
