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
    /// A thread is starting or stopping it, which no other may do meanwhile.
    is_changing: bool,
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
    /// The opener closes a connection, with a goodbye, before it opens the next.
    pub leaving: bool,
    /// What the opener reports.
    pub opened: Slot<Result<(), NotOpened>>,
    /// Where shells are answered.
    #[cfg(feature = "shell")]
    pub desk: crate::shell::Desk,
}

/// The one there is.
pub static SHARED: Locked<Shared> = Locked::new(Shared {
    phase: Phase::Off,
    is_changing: false,
    connectors: 0,
    reach: Reach::Offline,
    sessions: Sessions::new(),
    requests: Requests::new(),
    callbacks: Callbacks::new(),
    transfer: Slot::Empty,
    time: None,
    leaving: false,
    opened: Slot::Empty,
    #[cfg(feature = "shell")]
    desk: crate::shell::Desk::new(),
});

/// True when the threads have to return.
pub fn is_stopping() -> bool {
    SHARED.with(|shared| shared.phase == Phase::Stopping)
}

/// Begins to start or to stop the charge point: goes from one phase to another. From here to
/// [`end`] the calling thread is the only one that starts and joins threads and writes settings,
/// whatever phase they have reached meanwhile.
///
/// # Errors
///
/// [`Error::Invalid`] in another phase, or while another thread is between these two.
pub fn begin(from: Phase, to: Phase) -> Result<(), Error> {
    SHARED.with(|shared| {
        if shared.is_changing || shared.phase != from {
            return Err(Error::Invalid);
        }
        shared.is_changing = true;
        shared.phase = to;
        Ok(())
    })
}

/// What was begun is done, and this is the phase now.
pub fn end(phase: Phase) {
    SHARED.with(|shared| {
        shared.phase = phase;
        shared.is_changing = false;
    });
}
