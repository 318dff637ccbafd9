//! The time by SNTP. The C side is `c/clock.c`.

use core::ffi::{c_char, c_int};

use ocpp_port::charge_point;
use zephyr::sys::uptime_get;

use crate::{log::line, settings, text};

unsafe extern "C" {
    fn firmware_sntp(server: *const c_char, unix_ms: *mut i64) -> c_int;
}

/// Longest name of a server, with a port and the zero behind it.
const SERVER: usize = 254 + 6;

/// What time it was at a time after boot.
pub struct Time {
    unix_ms: i64,
    uptime_ms: i64,
}

/// Asks the SNTP server. Without an answer the central system's time will be taken.
pub fn ask() -> Option<Time> {
    let server = text::for_c::<SERVER>(settings::SNTP_SERVER)?;
    let mut unix_ms = 0;
    // SAFETY: the name ends with a zero; there is room for the time.
    let error = unsafe { firmware_sntp(server.as_ptr(), &raw mut unix_ms) };
    if error != 0 {
        line!(Warning, "sntp failed {error}");
        return None;
    }
    line!(Info, "sntp succ since Epoch: {}", unix_ms / 1000);
    Some(Time {
        unix_ms,
        uptime_ms: uptime_get(),
    })
}

/// Tells the charge point what time it is by now.
pub fn tell(time: &Time) {
    let now = time.unix_ms + (uptime_get() - time.uptime_ms);
    if let Err(error) = charge_point::set_time(now) {
        line!(Warning, "ocpp time {}", error.number());
    }
}
