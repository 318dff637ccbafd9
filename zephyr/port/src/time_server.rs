//! The time from an SNTP server. The C side is `c/sntp.c`.

use ocpp::wire::UnixMillis;

use crate::kernel;

unsafe extern "C" {
    safe fn ocpp_port_sntp() -> i64;
}

/// What a time server said.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// UTC at that moment.
    pub unix_ms: UnixMillis,
    /// That moment, in monotonic milliseconds.
    at: u64,
}

impl Heard {
    /// UTC now.
    pub fn now(self) -> UnixMillis {
        let since = kernel::now().saturating_sub(self.at);
        self.unix_ms
            .saturating_add(i64::try_from(since).unwrap_or(0))
    }
}

/// Asks; nothing when there is no server, or none that answers in time.
pub fn ask() -> Option<Heard> {
    let unix_ms = ocpp_port_sntp();
    (unix_ms > 0).then(|| Heard {
        unix_ms,
        at: kernel::now(),
    })
}
