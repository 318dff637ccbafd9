//! The commands of the feature profiles: local list, reservations, charging profiles and certificates. Each asks for
//! one line after the other, so that the buffer of the answer does not grow with them.

#![allow(
    clippy::missing_safety_doc,
    reason = "Zephyr's shell calls all of these, with a shell that runs and its arguments"
)]

use core::ffi::{c_char, c_int, c_void};

use super::{Shell, query::Query};
#[cfg(any(feature = "reservation", feature = "smart-charging"))]
use crate::lifecycle;

impl Shell {
    /// Asks until nothing is said any more, or for all; how many said something.
    ///
    /// # Errors
    ///
    /// What the command returns.
    fn ask_all<N>(
        &self,
        numbers: impl Iterator<Item = N>,
        query: fn(N) -> Query,
        ends: bool,
    ) -> Result<usize, c_int> {
        let mut said = 0;
        for number in numbers {
            match self.ask(query(number), "")? {
                true => said += 1,
                false if ends => break,
                false => {}
            }
        }
        Ok(said)
    }
}

fn returned(result: Result<(), c_int>) -> c_int {
    result.err().unwrap_or(0)
}

/// `ocpp certificates`
#[cfg(feature = "security")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_certificates(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    let shell = unsafe { Shell::new(shell) };
    let places = 0..ocpp::limits::CERTIFICATE_PLACES as u8;
    let said = shell.ask_all(places, Query::Certificate, false);
    returned(said.map(|said| {
        if said == 0 {
            shell.print("no certificates\n");
        }
    }))
}

/// `ocpp list`
#[cfg(feature = "local-list")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_list(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    let shell = unsafe { Shell::new(shell) };
    let head = shell.ask(Query::List, "");
    returned(head.and_then(|_| {
        shell.ask_all(0..u16::MAX, Query::Listed, true)?;
        Ok(())
    }))
}

/// `ocpp reservations`
#[cfg(feature = "reservation")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_reservations(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    let shell = unsafe { Shell::new(shell) };
    let connectors = 0..=lifecycle::connectors();
    let said = shell.ask_all(connectors, Query::Reservation, false);
    returned(said.map(|said| {
        if said == 0 {
            shell.print("no reservations\n");
        }
    }))
}

/// `ocpp profiles`
#[cfg(feature = "smart-charging")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_port_shell_profiles(
    shell: *const c_void,
    _: usize,
    _: *const *const c_char,
) -> c_int {
    // SAFETY: the shell runs this command.
    let shell = unsafe { Shell::new(shell) };
    let said = shell.ask_all(0..u8::MAX, Query::ChargingProfile, true);
    returned(said.and_then(|said| {
        if said == 0 {
            shell.print("no charging profiles\n");
        }
        shell.ask_all(0..=lifecycle::connectors(), Query::Limit, false)?;
        Ok(())
    }))
}
