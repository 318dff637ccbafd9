//! What the threads share.

use crate::{
    callbacks::Callbacks, errno::Error, kernel::Locked, requests::Requests, sessions::Sessions,
    slot::Slot, socket::NotOpened, time_server::Heard, transfer::Outgoing,
};

/// Where the charge point is between `ocpp_init` and `ocpp_deinit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not there.
    Off,
    /// Its threads are being started.
    Starting,
    /// There.
    Running,
    /// Its threads are to return.
    Stopping,
}

/// How well the central system can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// No connection.
    Offline,
    /// Connected, not accepted.
    Pending,
    /// Accepted.
    Online,
}

/// What is behind the lock. At first it is all zeros, so that it takes no room in flash.
#[derive(Debug)]
pub struct Shared {
    /// Between init and deinit.
    pub phase: Phase,
    /// How many the charge point has.
    pub connectors: u8,
    /// For whoever asks.
    pub reach: Reach,
    /// Sessions.
    pub sessions: Sessions,
    /// API calls under way.
    pub requests: Requests,
    /// What the application is to be called back for.
    pub callbacks: Callbacks,
    /// A data transfer that a caller waits for.
    pub transfer: Slot<Outgoing>,
    /// What the time server said.
    pub time: Option<Heard>,
    /// What the opener reports.
    pub opened: Slot<Result<(), NotOpened>>,
    /// Where shells are answered.
    #[cfg(feature = "shell")]
    pub desk: crate::shell::Desk,
}

/// The one there is.
pub static SHARED: Locked<Shared> = Locked::new(Shared {
    phase: Phase::Off,
    connectors: 0,
    reach: Reach::Offline,
    sessions: Sessions::new(),
    requests: Requests::new(),
    callbacks: Callbacks::new(),
    transfer: Slot::Empty,
    time: None,
    opened: Slot::Empty,
    #[cfg(feature = "shell")]
    desk: crate::shell::Desk::new(),
});

/// True when the threads have to return.
pub fn is_stopping() -> bool {
    SHARED.with(|shared| shared.phase == Phase::Stopping)
}

/// Goes from one phase to another, if it is there.
pub fn change_phase(from: Phase, to: Phase) -> Result<(), Error> {
    SHARED.with(|shared| {
        if shared.phase != from {
            return Err(Error::Invalid);
        }
        shared.phase = to;
        Ok(())
    })
}
