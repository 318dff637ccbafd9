//! Lines for Zephyr's log module `ocpp`; its macros are in `c/log.c`.
//!
//! Lines are put together without `core::fmt`, which would take more flash than all messages.

use core::ffi::c_char;

use ocpp::domain::TransactionId;

#[cfg(feature = "firmware-management")]
use crate::diagnostics;
use crate::{limits::LOG_LEVEL, text::CText};

unsafe extern "C" {
    fn ocpp_port_log(level: u32, line: *const c_char);
}

/// Longest line, with the zero behind it.
pub const LINE: usize = 112;

/// A piece of a line.
#[derive(Clone, Copy)]
pub enum Piece<'a> {
    /// Text.
    Text(&'a str),
    /// A number.
    Number(i64),
    /// A transaction that the station has named.
    #[cfg(feature = "v201")]
    Transaction {
        /// The boot in which it began.
        boot: u32,
        /// Counts within a boot.
        count: u32,
    },
}

impl<'a> From<&'a str> for Piece<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

macro_rules! numbers {
    ($($kind:ty),+) => {$(
        impl From<$kind> for Piece<'_> {
            fn from(number: $kind) -> Self {
                Self::Number(number.into())
            }
        }
    )+};
}
numbers!(i32, u32, u16, u8, i64);

impl From<TransactionId> for Piece<'_> {
    fn from(id: TransactionId) -> Self {
        match id {
            TransactionId::Number(number) => Self::Number(number),
            #[cfg(feature = "v201")]
            TransactionId::Own { boot, count } => Self::Transaction { boot, count },
            // Only OCPP 2.0.1 has such names.
            #[cfg(not(feature = "v201"))]
            TransactionId::Own { count, .. } => Self::Number(count.into()),
        }
    }
}

/// How important a line is, as Zephyr counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Level {
    /// Something does not work.
    Error = 1,
    /// Something may not work.
    Warning = 2,
    /// What a charge point does.
    Info = 3,
    /// More of it.
    Debug = 4,
}

/// Writes a line, its pieces without anything between them. Some of them came from elsewhere, like
/// idTags and frames: none may move a terminal's cursor or begin a line of its own.
pub fn write(level: Level, pieces: &[Piece<'_>]) {
    // What the log leaves out may be kept for diagnostics.
    let is_logged = level as usize <= LOG_LEVEL;
    let is_kept = cfg!(feature = "firmware-management") && level < Level::Debug;
    if !is_logged && !is_kept {
        return;
    }
    let mut line = CText::<LINE>::new();
    for piece in pieces {
        match piece {
            Piece::Text(piece) => line.push_foreign(piece),
            Piece::Number(number) => line.push_number(*number),
            #[cfg(feature = "v201")]
            Piece::Transaction { boot, count } => line.push_transaction(*boot, *count),
        }
    }
    #[cfg(feature = "firmware-management")]
    diagnostics::keep(level, line.as_str());
    if is_logged {
        tell(level, &line);
    }
}

fn tell(level: Level, line: &CText<LINE>) {
    // SAFETY: the line ends with a zero, and the log copies it.
    unsafe { ocpp_port_log(level as u32, line.as_ptr()) };
}

/// Adds pieces to a text of several lines, none of which came from elsewhere.
#[cfg(feature = "shell")]
pub fn put<const N: usize>(text: &mut CText<N>, pieces: &[Piece<'_>]) {
    for piece in pieces {
        match piece {
            Piece::Text(piece) => text.push(piece),
            Piece::Number(number) => text.push_number(*number),
            #[cfg(feature = "v201")]
            Piece::Transaction { boot, count } => text.push_transaction(*boot, *count),
        }
    }
}

/// Writes a line of several pieces.
macro_rules! line {
    ($level:ident, $($piece:expr),+ $(,)?) => {
        $crate::log::write($crate::log::Level::$level, &[$($crate::log::Piece::from($piece)),+])
    };
}
pub(crate) use line;

/// An error that needs no details, from where no lock may be taken.
#[cfg(all(feature = "image", not(test)))]
pub fn error(text: &str) {
    let mut line = CText::new();
    line.push(text);
    tell(Level::Error, &line);
}
