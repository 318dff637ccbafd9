//! What drivers and weather do at the connectors, done at Zephyr's shell. The C side is
//! `c/shell.c`.

use core::{
    ffi::{c_char, c_int, c_void},
    fmt::{Arguments as Line, Write},
};

use heapless::String;
use ocpp::domain::{ChargePointError, IdToken};
use ocpp_port::{
    charge_point::{self, Error},
    shell::{Arguments, Completions, Shell, completions_length},
};

use crate::connectors::{CONNECTORS, Presented};

static ERRORS: Completions<{ completions_length(ChargePointError::NAMES) }> =
    Completions::sorted(ChargePointError::NAMES);

/// A command that runs: its shell and what stands behind it.
struct Command {
    shell: Shell,
    arguments: Arguments,
}

impl Command {
    /// # Safety
    ///
    /// Zephyr has given all of these to the command that runs.
    unsafe fn new(shell: *const c_void, count: usize, texts: *const *const c_char) -> Self {
        // SAFETY: as the caller promises.
        let (shell, arguments) = unsafe { (Shell::new(shell), Arguments::new(count, texts)) };
        Self { shell, arguments }
    }

    /// The connector that is the first argument, from `first` on.
    fn connector(&self, first: u8) -> Result<u8, Error> {
        let found = self.arguments.connector(1, first);
        found.map_err(|error| {
            let text = self.arguments.get(1).unwrap_or("");
            self.shell.error("there is no connector ");
            self.shell.error(text);
            self.shell.error("\n");
            error
        })
    }

    fn refuse(&self, why: &str) -> Error {
        self.shell.error(why);
        self.shell.error("\n");
        Error::Invalid
    }

    /// Says what was done, or why the charge point does not take it.
    fn told(&self, done: Result<(), Error>, line: Line<'_>) -> Result<(), Error> {
        match done {
            Ok(()) => {
                let mut shell = self.shell;
                let _ = shell.write_fmt(line);
                Ok(())
            }
            Err(error) => {
                self.shell.error("the charge point refuses\n");
                Err(error)
            }
        }
    }

    fn tag(&self) -> Result<(), Error> {
        let connector = self.connector(1)?;
        let id_tag = self.arguments.get(2).unwrap_or("");
        let id_tag = match IdToken::try_from(id_tag) {
            Ok(id_tag) if !id_tag.is_empty() => id_tag,
            _ => return Err(self.refuse("an idTag has 1 to 20 bytes")),
        };
        let reader = CONNECTORS.get(connector).ok_or(Error::Invalid)?;
        match reader.present(id_tag.clone()) {
            Presented::Begins => self.told(
                Ok(()),
                format_args!("connector {connector}: {id_tag} wants to charge\n"),
            ),
            Presented::Ends => self.told(
                Ok(()),
                format_args!("connector {connector}: the session of {id_tag} ends\n"),
            ),
            Presented::InUse(by) => {
                self.shell.error("the connector is in use by ");
                self.shell.error_of_others(&by);
                self.shell.error("\n");
                Err(Error::InUse)
            }
        }
    }

    fn plug(&self, plugged: bool) -> Result<(), Error> {
        let connector = self.connector(1)?;
        let done = charge_point::set_plugged(connector, plugged);
        let how = if plugged { "plugged" } else { "unplugged" };
        self.told(done, format_args!("connector {connector}: {how}\n"))
    }

    fn fault(&self) -> Result<(), Error> {
        let connector = self.connector(0)?;
        let name = self.arguments.get(2).unwrap_or("");
        let Some(error) = ChargePointError::from_name(name) else {
            return Err(self.refuse("OCPP 1.6 has no such error code"));
        };
        let info = self.arguments.get(3).unwrap_or("");
        let Ok(info) = String::try_from(info) else {
            return Err(self.refuse("more than 50 bytes of information"));
        };
        let done = charge_point::set_fault(connector, Some(error), info);
        self.told(done, format_args!("connector {connector}: {name}\n"))
    }

    fn clear(&self) -> Result<(), Error> {
        let connector = self.connector(0)?;
        let done = charge_point::set_fault(connector, None, String::new());
        self.told(done, format_args!("connector {connector}: no fault\n"))
    }
}

/// What a command returns to the shell.
fn returned(done: Result<(), Error>) -> c_int {
    done.map_or_else(Error::number, |()| 0)
}

macro_rules! commands {
    ($( $(#[$doc:meta])* $name:ident: |$command:ident| $does:expr; )+) => {$(
        $(#[$doc])*
        // SAFETY: this name is that of `c/shell.c`, and nothing else has it.
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            shell: *const c_void,
            count: usize,
            texts: *const *const c_char,
        ) -> c_int {
            // SAFETY: Zephyr's shell runs this command with these.
            let $command = unsafe { Command::new(shell, count, texts) };
            returned($does)
        }
    )+};
}

commands! {
    /// `ocpp tag <connector> <idTag>`
    firmware_shell_tag: |command| command.tag();
    /// `ocpp plug <connector>`
    firmware_shell_plug: |command| command.plug(true);
    /// `ocpp unplug <connector>`
    firmware_shell_unplug: |command| command.plug(false);
    /// `ocpp fault <connector> <errorCode> [info]`
    firmware_shell_fault: |command| command.fault();
    /// `ocpp clear <connector>`
    firmware_shell_clear: |command| command.clear();
}

/// Error codes to complete; null behind the last one.
// SAFETY: this name is that of `c/shell.c`, and nothing else has it.
#[unsafe(no_mangle)]
extern "C" fn firmware_shell_error(place: usize) -> *const c_char {
    ERRORS.get(place)
}
