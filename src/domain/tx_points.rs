//! What the begin and the end of a transaction depend on.

/// What comes to be at a connector, and goes again (2.0.1: TxStartPoint and TxStopPoint).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TxPoint {
    /// A cable is plugged.
    EvConnected = 1,
    /// A driver was accepted, who has not ended it.
    Authorized = 2,
    /// Both, at a connector that is in service.
    PowerPathClosed = 4,
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxPoints(u8);

impl TxPoints {
    /// That one alone.
    pub const fn of(point: TxPoint) -> Self {
        Self(point as u8)
    }

    /// With that one, if it is so.
    pub fn with(self, point: TxPoint, is_so: bool) -> Self {
        match is_so {
            true => Self(self.0 | point as u8),
            false => self,
        }
    }

    /// True when that one is among them.
    pub fn has(self, point: TxPoint) -> bool {
        self.0 & point as u8 != 0
    }

    /// True when both have one.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// When transactions begin and end, as far as neither the application nor the central system says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxPolicy {
    /// The first of them begins one, once a driver was accepted.
    pub begin: TxPoints,
    /// Whichever goes ends it.
    pub end: TxPoints,
}
