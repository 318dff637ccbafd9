//! The time from an SNTP server. The C side is `c/sntp.c`.

use ocpp::wire::UnixMillis;

use crate::kernel;

unsafe extern "C" {
    safe fn ocpp_port_sntp() -> i64;
}

/// What a time server said.
#[derive(Clone, Copy, Debug)]
pub struct SntpTime {
    /// UTC at that moment.
    pub unix_ms: UnixMillis,
    /// That moment, in monotonic milliseconds.
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

/// Milliseconds after which a server is asked again that has answered, and one that has not.
const ANSWERED_MS: u64 = 60 * 60 * 1000;
const SILENT_MS: u64 = 60 * 1000;

/// When the server is to be asked.
pub struct SntpClient {
    next: u64,
}

impl SntpClient {
    /// Now.
    pub const fn new() -> Self {
        Self { next: 0 }
    }

    /// Asks, unless that was not long ago; nothing when there is no server, or none that answers
    /// in time.
    pub fn query_when_due(&mut self) -> Option<SntpTime> {
        if kernel::now() < self.next {
            return None;
        }
        let unix_ms = ocpp_port_sntp();
        let at = kernel::now();
        let heard = (unix_ms > 0).then_some(SntpTime { unix_ms, at });
        self.next = at
            + if heard.is_some() {
                ANSWERED_MS
            } else {
                SILENT_MS
            };
        heard
    }
}
