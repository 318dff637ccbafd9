//! The time from an SNTP server. The C side is `c/sntp.c`.

use ocpp::wire::UnixMillis;

use crate::kernel;

unsafe extern "C" {
    safe fn ocpp_port_sntp() -> i64;
}

/// The time that the server gave.
#[derive(Clone, Copy, Debug)]
pub struct SntpTime {
    /// UTC when the answer arrived.
    pub unix_ms: UnixMillis,
    /// When that was, in monotonic milliseconds.
    at: u64,
}

impl SntpTime {
    /// UTC now.
    pub fn now(self) -> UnixMillis {
        let since = kernel::now().saturating_sub(self.at);
        self.unix_ms
            .saturating_add(i64::try_from(since).unwrap_or(0))
    }
}

/// Time until the next query, in milliseconds: after an answer, and without one.
const ANSWERED_MS: u64 = 60 * 60 * 1000;
const SILENT_MS: u64 = 60 * 1000;

/// Decides when the server is asked.
pub struct SntpClient {
    next: u64,
}

impl SntpClient {
    /// The first query is due at once.
    pub const fn new() -> Self {
        Self { next: 0 }
    }

    /// Asks the server if the next query is due. Returns `None` if it is not, if there is no
    /// server, and without an answer in time.
    pub fn query_when_due(&mut self) -> Option<SntpTime> {
        if kernel::now() < self.next {
            return None;
        }
        let unix_ms = ocpp_port_sntp();
        let at = kernel::now();
        let time = (unix_ms > 0).then_some(SntpTime { unix_ms, at });
        self.next = at
            + if time.is_some() {
                ANSWERED_MS
            } else {
                SILENT_MS
            };
        time
    }
}
