//! The commands, as `c/shell.c` names them.

#![allow(
    clippy::missing_safety_doc,
    reason = "Zephyr's shell calls all of these, with a shell that runs and its arguments"
)]

use core::ffi::{c_char, c_int, c_void};

use ocpp::{limits::CONNECTORS, station::Key};

use super::{
    Arguments, PIECE, Shell, VALUE, c,
    completion::{Completions, completions_length},
    query::{Query, QueryGuard},
};
#[cfg(feature = "firmware-management")]
use crate::diagnostics::Export;
use crate::{errno::Error, lifecycle, log::Piece};

static KEYS: Completions<{ completions_length(Key::NAMES) }> = Completions::sorted(Key::NAMES);
static NUMBERS: Completions<{ 4 * CONNECTORS }> = Completions::numbers(CONNECTORS);

/// Names of log levels, by their numbers.
const LEVELS: [&str; 5] = ["off", "err", "wrn", "inf", "dbg"];
/// No level: only tells which it is.
const NO_LEVEL: u32 = u32::MAX;

impl Shell {
    /// Asks the engine's thread and prints what it says.
    fn query(&self, query: Query, value: &str) -> c_int {
        self.ask(query, value)
            .map_or_else(|returned| returned, |_| 0)
    }

    /// Does the same; true where it says anything.
    ///
    /// # Errors
    ///
    /// What the command returns.
    #[inline(never)]
    pub(super) fn ask(&self, query: Query, value: &str) -> Result<bool, c_int> {
        let answered = QueryGuard::acquire().and_then(|guard| {
            let answered = guard.submit(query, value);
            if matches!(answered, Ok(()) | Err(Error::Refused | Error::NotSupported)) {
                let says = self.print_answer(&guard, answered.is_err());
                return Ok(answered.map(|()| says).map_err(Error::number));
            }
            answered.map(|()| Ok(false))
        });
        match answered {
            Ok(returned) => returned,
            Err(error) => {
                let why = match error {
                    Error::InUse => "another shell is asking",
                    Error::TimedOut => "no answer yet: the charge point is busy",
                    Error::NoMemory => "too many calls are under way",
                    _ => "the charge point does not run",
                };
                Err(self.fails(error, &[Piece::Text(why)]))
            }
        }
    }

    /// True where there is anything to print.
    #[inline(never)]
    fn print_answer(&self, guard: &QueryGuard, is_error: bool) -> bool {
        let (mut at, mut piece) = (0, [0; PIECE - 1]);
        loop {
            let length = guard.copy_from(at, &mut piece);
            if length == 0 {
                return at > 0;
            }
            self.print_bytes(is_error, piece.get(..length).unwrap_or(&[]));
            at += length;
        }
    }

    fn fails_without_key(&self, name: &str) -> c_int {
        let pieces = [Piece::Text("NotSupported: there is no key "), name.into()];
        self.fails(Error::NotSupported, &pieces)
    }
}

/// `ocpp status`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_status(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    unsafe { Shell::new(shell) }.query(Query::Status, "")
}

/// `ocpp connectors [connector]`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_connectors(
    shell: *const c_void,
    count: usize,
    texts: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command with these arguments.
    let (shell, arguments) = unsafe { (Shell::new(shell), Arguments::new(count, texts)) };
    let mut wanted = match lifecycle::is_running() {
        true => 0..=lifecycle::connectors(),
        false => 0..=0,
    };
    if let Some(text) = arguments.get(1) {
        match arguments.connector(1, 0) {
            Ok(connector) => wanted = connector..=connector,
            Err(error) => {
                return shell.fails(error, &[Piece::Text("there is no connector "), text.into()]);
            }
        }
    }
    for connector in wanted {
        let returned = shell.query(Query::Connector(connector), "");
        if returned != 0 {
            return returned;
        }
    }
    0
}

/// `ocpp queue`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_queue(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    unsafe { Shell::new(shell) }.query(Query::Queue, "")
}

/// `ocpp diagnostics`: what GetDiagnostics would have uploaded.
#[cfg(feature = "firmware-management")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_diagnostics(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    let shell = unsafe { Shell::new(shell) };
    let mut file = Export::begin(None, None);
    let mut piece = [0; PIECE - 1];
    loop {
        let length = file.read(&mut piece);
        if length == 0 {
            return 0;
        }
        shell.print_bytes(false, piece.get(..length).unwrap_or(&[]));
    }
}

/// `ocpp config get [key...]`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_config_get(
    shell: *const c_void,
    count: usize,
    texts: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command with these arguments.
    let (shell, arguments) = unsafe { (Shell::new(shell), Arguments::new(count, texts)) };
    if count < 2 {
        for &key in Key::ALL {
            let returned = shell.query(Query::Value(key), "");
            if returned != 0 {
                return returned;
            }
        }
        return 0;
    }
    let mut failed = 0;
    for name in arguments.all() {
        let returned = match Key::from_name(name) {
            Some(key) => shell.query(Query::Value(key), ""),
            None => shell.fails_without_key(name),
        };
        if returned != 0 {
            failed = returned;
        }
    }
    failed
}

/// `ocpp config set <key> <value>`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_config_set(
    shell: *const c_void,
    count: usize,
    texts: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command with these arguments.
    let (shell, arguments) = unsafe { (Shell::new(shell), Arguments::new(count, texts)) };
    let name = arguments.get(1).unwrap_or("");
    let Some(key) = Key::from_name(name) else {
        return shell.fails_without_key(name);
    };
    match arguments.get(2).filter(|value| value.len() <= VALUE) {
        Some(value) => shell.query(Query::Configure(key), value),
        None => shell.fails(
            Error::Invalid,
            &[Piece::Text("the value is too long, or no UTF-8")],
        ),
    }
}

/// `ocpp reconnect`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_reconnect(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    unsafe { Shell::new(shell) }.query(Query::Reconnect, "")
}

/// `ocpp log level [level]`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_log_level(
    shell: *const c_void,
    count: usize,
    texts: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command with these arguments.
    let (shell, arguments) = unsafe { (Shell::new(shell), Arguments::new(count, texts)) };
    let wanted = match arguments.get(1) {
        None => NO_LEVEL,
        Some(name) => match LEVELS.iter().position(|level| *level == name) {
            Some(level) => level as u32,
            None => {
                let pieces = [
                    name.into(),
                    Piece::Text(" is no level: off, err, wrn, inf, dbg"),
                ];
                return shell.fails(Error::Invalid, &pieces);
            }
        },
    };
    let level = c::ocpp_port_log_level(wanted);
    shell.print("ocpp: ");
    shell.print(LEVELS.get(level as usize).unwrap_or(&"?"));
    if wanted != NO_LEVEL && level != wanted {
        shell.print(" (the image has no more: CONFIG_OCPP_LOG_LEVEL)");
    }
    shell.print("\n");
    0
}

/// Keys to complete; null behind the last one.
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_port_shell_key(place: usize) -> *const c_char {
    KEYS.get(place)
}

/// Numbers of connectors to complete; null behind the last one.
#[unsafe(no_mangle)]
pub extern "C" fn ocpp_port_shell_connector(place: usize) -> *const c_char {
    let count = lifecycle::connectors();
    match place < usize::from(count) {
        true => NUMBERS.get(place),
        false => core::ptr::null(),
    }
}
