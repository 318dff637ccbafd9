//! What an observer hears while it happens.

/// Who sent a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The charge point.
    FromStation,
    /// The central system.
    ToStation,
}

/// Something that happened, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Milliseconds since the central system was started.
    pub at_ms: u64,
    /// The charge point it concerns; empty when a refused client did not tell.
    pub identity: String,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A charge point finished its handshake.
    Connected,
    /// A client was refused in the handshake with this HTTP status.
    Refused(u16),
    /// A text frame passed.
    Frame {
        /// Who sent it.
        direction: Direction,
        /// The frame as it is on the wire.
        text: String,
    },
    /// A connection is over, for whatever reason.
    Disconnected,
}
