//! Charging profiles: limits of what may be drawn, over time.

use super::names::names;

names! {
    /// What a charging profile limits (7.10 ChargingProfilePurposeType).
    ChargingProfilePurpose {
        /// The whole charge point.
        StationMax = 0 "ChargingStationMaxProfile",
        /// Any transaction that has no profile of its own.
        TxDefault = 1 "TxDefaultProfile",
        /// One transaction.
        Tx = 2 "TxProfile",
    }

    /// When a charging schedule begins (7.9 ChargingProfileKindType).
    ChargingProfileKind {
        /// At a given time.
        Absolute = 0 "Absolute",
        /// Again and again.
        Recurring = 1 "Recurring",
        /// When the transaction starts.
        Relative = 2 "Relative",
    }

    /// How often a recurring schedule begins again (7.37 RecurrencyKindType).
    RecurrencyKind {
        /// Every day.
        Daily = 0 "Daily",
        /// Every week.
        Weekly = 1 "Weekly",
    }

    /// What a limit is given in (7.12 ChargingRateUnitType).
    ChargingRateUnit {
        /// Watt, of all phases.
        W = 0 "W",
        /// Ampere, a phase.
        A = 1 "A",
    }
}

/// The least that may be offered to a vehicle, in tenths of A a phase (IEC 61851-1): below that it
/// does not charge.
pub const LEAST_CURRENT: u32 = 60;

/// What may be drawn at most: each of the three holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargingLimit {
    /// Current on each phase, in tenths of A.
    pub deciamperes: u32,
    /// Power of all phases, in W.
    pub watts: u32,
    /// Phases that may be used.
    pub phases: u8,
}

impl ChargingLimit {
    /// True where it is so little that no vehicle can charge.
    pub const fn pauses(&self) -> bool {
        self.deciamperes < LEAST_CURRENT
    }
}
