//! How well the central system can be reached.

use crate::kernel::Locked;

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

/// Written by the engine's thread.
static REACH: Locked<Reach> = Locked::new(Reach::Offline);

/// What it is now.
pub fn get() -> Reach {
    REACH.with(|reach| *reach)
}

/// What it is from now on; returns what it was.
pub fn replace(with: Reach) -> Reach {
    REACH.with(|reach| core::mem::replace(reach, with))
}
