//! Commands of Zephyr's shell: `CONFIG_OCPP_SHELL`. The C side, which is their macros, is
//! `c/shell.c`.
//!
//! A command runs on the shell's thread. It asks the engine's thread for what it shows ([`query`]),
//! as every API call does, and prints the answer. So the state does not change while it is read,
//! and a slow terminal delays only its own shell.

use core::ffi::{c_char, c_int, c_void};

use crate::{
    errno::Error,
    lifecycle,
    log::Piece,
    text::{self, CText},
};

mod commands;
mod completion;
#[cfg(any(
    feature = "local-list",
    feature = "reservation",
    feature = "security",
    feature = "smart-charging"
))]
mod profiles;
mod query;

pub use completion::{Completions, completions_length};
pub(crate) use query::{PendingQuery, QUERY_BUFFER, Query, Text, VALUE};

#[cfg(test)]
pub(crate) use commands::ocpp_port_shell_connectors;
#[cfg(all(test, feature = "security"))]
pub(crate) use commands::ocpp_port_shell_status;
#[cfg(all(test, feature = "security"))]
pub(crate) use profiles::ocpp_port_shell_certificates;
#[cfg(all(
    test,
    feature = "local-list",
    feature = "reservation",
    feature = "smart-charging"
))]
pub(crate) use profiles::{
    ocpp_port_shell_list, ocpp_port_shell_profiles, ocpp_port_shell_reservations,
};

mod c {
    use core::ffi::{c_char, c_void};

    unsafe extern "C" {
        pub fn ocpp_port_shell_print(shell: *const c_void, is_error: bool, text: *const c_char);
        pub safe fn ocpp_port_log_level(wanted: u32) -> u32;
    }
}

/// Bytes that are printed at once, with the zero behind them.
const PIECE: usize = 64;

/// Longest argument that is looked at, in bytes.
const ARGUMENT: usize = 255;

/// The shell that runs a command.
#[derive(Clone, Copy, Debug)]
pub struct Shell(*const c_void);

impl Shell {
    /// # Safety
    ///
    /// Zephyr has given it to the command that runs.
    pub unsafe fn new(shell: *const c_void) -> Self {
        Self(shell)
    }

    /// Prints text.
    pub fn print(&self, text: &str) {
        self.print_bytes(false, text.as_bytes());
    }

    /// Prints what went wrong.
    pub fn error(&self, text: &str) {
        self.print_bytes(true, text.as_bytes());
    }

    /// Prints a text that came from elsewhere as part of what went wrong, with `?` for control
    /// characters.
    pub fn error_of_others(&self, text: &str) {
        let mut line = CText::<{ 2 * PIECE }>::new();
        line.push_foreign(text);
        self.error(line.as_str());
    }

    fn print_bytes(&self, is_error: bool, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (first, rest) = bytes.split_at_checked(PIECE - 1).unwrap_or((bytes, &[]));
            let mut piece = [0u8; PIECE];
            for (place, byte) in piece.iter_mut().zip(first) {
                *place = *byte;
            }
            // SAFETY: the shell is that of a command that runs; the text ends with a zero.
            unsafe { c::ocpp_port_shell_print(self.0, is_error, piece.as_ptr().cast()) };
            bytes = rest;
        }
    }

    /// Prints a line that says what went wrong; returns what the command returns.
    fn fails(&self, why: Error, pieces: &[Piece<'_>]) -> c_int {
        let mut line = CText::<{ 2 * PIECE }>::new();
        for piece in pieces {
            match piece {
                // What was typed may have been pasted.
                Piece::Text(piece) => line.push_foreign(piece),
                Piece::Number(number) => line.push_number(*number),
                #[cfg(feature = "v201")]
                Piece::Transaction { boot, count } => line.push_transaction(*boot, *count),
            }
        }
        self.error(line.as_str());
        self.error("\n");
        why.number()
    }
}

/// With `write!`, which may take more of the stack than the commands here.
impl core::fmt::Write for Shell {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.print(text);
        Ok(())
    }
}

/// What stands behind a command.
#[derive(Debug)]
pub struct Arguments {
    count: usize,
    texts: *const *const c_char,
}

impl Arguments {
    /// # Safety
    ///
    /// Zephyr has given both to the command that runs.
    pub unsafe fn new(count: usize, texts: *const *const c_char) -> Self {
        Self { count, texts }
    }

    /// The argument with that number; the command itself is number 0. Returns `None` if there is no
    /// such argument, or if it is too long or not UTF-8.
    pub fn get(&self, number: usize) -> Option<&str> {
        if number >= self.count {
            return None;
        }
        // SAFETY: Zephyr gives so many, which end with a zero and stay as they are meanwhile.
        let text = unsafe { text::borrowed(*self.texts.add(number), ARGUMENT) };
        text.ok().flatten()
    }

    /// All behind the command itself.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        (1..self.count).map(|number| self.get(number).unwrap_or("?"))
    }

    /// The argument as the number of a connector that the charge point has, from `first` on.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for anything else.
    pub fn connector(&self, number: usize, first: u8) -> Result<u8, Error> {
        let text = self.get(number).unwrap_or("");
        let last = lifecycle::connectors();
        let number = text.parse().ok();
        let known = number.filter(|number| (first..=last).contains(number));
        known.ok_or(Error::Invalid)
    }
}
