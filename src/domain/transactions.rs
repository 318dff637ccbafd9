//! Transactions: what they are called, and why they end.

use super::names::names;

/// The central system's number for a transaction. The schemas set no limit, and some central
/// systems take milliseconds since 1970: as far as 64 bits go it is repeated exactly.
pub type TransactionId = i64;

names! {
    /// Why a transaction ended (7.36).
    Reason {
        /// The central system refused the idTag after the start.
        DeAuthorized = 0 "DeAuthorized",
        /// Emergency button.
        EmergencyStop = 1 "EmergencyStop",
        /// The cable was unplugged from the vehicle.
        EvDisconnected = 2 "EVDisconnected",
        /// Hard reset.
        HardReset = 3 "HardReset",
        /// At the charge point, by its user.
        Local = 4 "Local",
        /// Anything else.
        Other = 5 "Other",
        /// Power was lost.
        PowerLoss = 6 "PowerLoss",
        /// A reboot that no Reset asked for.
        Reboot = 7 "Reboot",
        /// RemoteStopTransaction.
        Remote = 8 "Remote",
        /// Soft reset.
        SoftReset = 9 "SoftReset",
        /// UnlockConnector.
        UnlockCommand = 10 "UnlockCommand",
    }
}
