//! The log of charging sessions on a UART, by default that of USB. The C sides are
//! `c/session_log.c` and `c/usb.c`; [`session_log`](::session_log) has the lines.
//!
//! Everybody tells what happens and goes on: a line waits in the log until the UART's interrupt
//! asks for it, or is dropped. Without `CONFIG_CHARGE_POINT_SESSION_LOG` nothing of it is there.

use ::session_log::SessionLog;

/// A driver presented an idTag.
pub fn session_started(connector: u8, id_tag: &str) {
    tell(|log, now| log.session_started(now, connector, id_tag));
}

/// The idTag may charge or not; the status as the C API counts.
pub fn authorized(connector: u8, status: u8) {
    tell(|log, _| log.authorized(connector, status));
}

/// The idTag could not be authorized.
pub fn not_answered(connector: u8, error: i32) {
    tell(|log, _| log.not_answered(connector, error));
}

/// The register in Wh, as it is now.
pub fn meter_read(connector: u8, register: i32) {
    tell(|log, _| log.meter_read(connector, register));
}

/// The driver left.
pub fn session_ended(connector: u8) {
    tell(|log, now| log.session_ended(now, connector));
}

#[cfg(CONFIG_CHARGE_POINT_SESSION_LOG)]
mod port {
    use core::ffi::c_int;

    use zephyr::{sync::SpinMutex, sys::uptime_get};

    use super::SessionLog;
    use crate::{log::line, settings};

    unsafe extern "C" {
        safe fn firmware_session_log_start() -> c_int;
        safe fn firmware_session_log_is_open() -> bool;
        safe fn firmware_session_log_wake();
        safe fn firmware_session_log_sleep();
        fn firmware_session_log_send(bytes: *const u8, size: usize) -> usize;
    }

    pub type Log = SessionLog<{ settings::SESSION_LOG_SIZE }>;

    /// Interrupts use it, too.
    static LOG: SpinMutex<Log> = SpinMutex::new(Log::new());

    /// Begins to write, as soon as the port is open.
    pub fn start() {
        let error = firmware_session_log_start();
        match error {
            0 => look(),
            error => line!(Error, "session log failed {error}"),
        }
    }

    /// Writes down what happens.
    pub fn tell(happened: impl FnOnce(&mut Log, u64)) {
        let now = u64::try_from(uptime_get()).unwrap_or(0);
        with(|log| happened(log, now));
        firmware_session_log_wake();
    }

    /// Looks whether the port is open.
    pub fn look() {
        let is_open = firmware_session_log_is_open();
        tell(|log, _| match is_open {
            true => log.port_opened(),
            false => log.port_closed(),
        });
    }

    fn with<R>(action: impl FnOnce(&mut Log) -> R) -> R {
        let Ok(mut log) = LOG.lock();
        action(&mut log)
    }

    /// The UART can take something.
    // SAFETY: nothing else here has this name.
    #[unsafe(no_mangle)]
    extern "C" fn firmware_session_log_fill() {
        with(|log| {
            let bytes = log.pending();
            if bytes.is_empty() {
                // Under the lock: who adds a line wakes the UART after this.
                return firmware_session_log_sleep();
            }
            // SAFETY: so many bytes are there, and the lock keeps them there.
            let count = unsafe { firmware_session_log_send(bytes.as_ptr(), bytes.len()) };
            log.taken(count);
        });
    }

    /// The host has opened or closed the port, maybe.
    // SAFETY: nothing else here has this name.
    #[unsafe(no_mangle)]
    extern "C" fn firmware_session_log_look() {
        look();
    }
}

#[cfg(not(CONFIG_CHARGE_POINT_SESSION_LOG))]
mod port {
    pub type Log = super::SessionLog<{ ::session_log::RING_MIN }>;

    pub fn start() {}
    pub fn look() {}
    pub fn tell(_: impl FnOnce(&mut Log, u64)) {}
}

use port::tell;
pub use port::{look, start};
