//! Why a call of the API failed, as an error number of the C library at hand.

use core::{
    ffi::c_int,
    fmt::{self, Display, Formatter},
};

use ocpp::station::Refused;

/// How many there are.
pub const ERRORS: usize = 11;

// Miri has no static of C.
#[cfg(any(test, feature = "host"))]
use crate::host::ocpp_port_errors;

#[cfg(not(any(test, feature = "host")))]
unsafe extern "C" {
    safe static ocpp_port_errors: [i32; ERRORS];
}

/// Why a call failed; the order is that of `ocpp_port_errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Error {
    /// `EACCES`: refused.
    Refused,
    /// `EAGAIN`: not now.
    NotNow,
    /// `ENOMEM`: no room.
    NoMemory,
    /// `EBUSY`: in use.
    InUse,
    /// `EINVAL`: an invalid argument, or the charge point does not run.
    Invalid,
    /// `EDEADLK`: would wait for itself.
    WaitsForItself,
    /// `ENOTCONN`: not connected, or shut down meanwhile.
    NotConnected,
    /// `ETIMEDOUT`: no answer in time.
    TimedOut,
    /// `ENOTSUP`: not supported.
    NotSupported,
    /// `EIO`: the other side failed.
    Failed,
    /// `EWOULDBLOCK`: called from an interrupt.
    WouldBlock,
}

impl Error {
    /// The number as Zephyr's functions return it: negative.
    pub fn number(self) -> c_int {
        ocpp_port_errors
            .get(self as usize)
            .map_or(-1, |number| -*number)
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::NotNow => "not now",
            Self::NoMemory => "no room",
            Self::InUse => "in use",
            Self::Invalid => "not a sensible argument",
            Self::WaitsForItself => "would wait for itself",
            Self::NotConnected => "not connected",
            Self::TimedOut => "no answer in time",
            Self::NotSupported => "not supported",
            Self::Failed => "the other side failed",
            Self::WouldBlock => "called from an interrupt",
        })
    }
}

impl core::error::Error for Error {}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UnknownConnector
            | Refused::BadLength
            | Refused::NoTransaction
            | Refused::Unexpected => Self::Invalid,
            Refused::OutOfService => Self::Refused,
            Refused::Occupied | Refused::Busy => Self::InUse,
            Refused::Offline => Self::NotConnected,
            Refused::Full => Self::NoMemory,
            Refused::Resetting => Self::NotNow,
        }
    }
}

/// What a function of the API returns.
pub fn returned(result: Result<(), Error>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => error.number(),
    }
}
