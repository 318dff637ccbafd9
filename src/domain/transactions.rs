//! Transactions: what they are called, and why they end.

#[cfg(feature = "v201")]
use core::fmt::Write;
use core::fmt::{self, Display, Formatter};

use super::{Status, names::names};

/// How a transaction is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionId {
    /// By the central system, with a number (OCPP 1.6). The schemas set no limit, and some central
    /// systems take milliseconds since 1970: as far as 64 bits go it is repeated exactly.
    Number(i64),
    /// By the station (OCPP 2.0.1), with a text that it never uses again: of a boot, and counted
    /// within it.
    Own {
        /// The boot in which it began.
        boot: u32,
        /// Counts within a boot.
        count: u32,
    },
}

impl TransactionId {
    /// The number that the central system gave it.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Own { .. } => None,
        }
    }

    /// The transaction that a station calls like that.
    #[cfg(feature = "v201")]
    pub(crate) fn from_own(text: &str) -> Option<Self> {
        let (boot, count) = text.split_once('-')?;
        let number = |text: &str| u32::from_str_radix(text, 16).ok();
        let id = Self::Own {
            boot: number(boot)?,
            count: number(count)?,
        };
        // Only to the letter: `+1` and `01` are numbers, too.
        let mut own = heapless::String::<20>::new();
        write!(own, "{id}").ok()?;
        (own == text).then_some(id)
    }
}

impl From<i64> for TransactionId {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl Display for TransactionId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Own { boot, count } => write!(f, "{boot:08x}-{count:x}"),
        }
    }
}

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
        /// The energy that was wanted has been delivered (OCPP 2.0.1, as all that follow).
        EnergyLimitReached = 11 "EnergyLimitReached",
        /// The ground fault circuit interrupter has tripped.
        GroundFault = 12 "GroundFault",
        /// The credit is used up.
        LocalOutOfCredit = 13 "LocalOutOfCredit",
        /// With a token of the operator's staff.
        MasterPass = 14 "MasterPass",
        /// Too much current.
        OvercurrentFault = 15 "OvercurrentFault",
        /// The grid is not good enough.
        PowerQuality = 16 "PowerQuality",
        /// The vehicle is as full as was wanted.
        SocLimitReached = 17 "SOCLimitReached",
        /// By the vehicle.
        StoppedByEv = 18 "StoppedByEV",
        /// The time that was wanted is over.
        TimeLimitReached = 19 "TimeLimitReached",
        /// The vehicle or its cable did not come.
        Timeout = 20 "Timeout",
    }

    /// What makes a message of a transaction (`TriggerReasonEnumType` of OCPP 2.0.1).
    TriggerReason {
        /// A driver was accepted.
        Authorized = 0 "Authorized",
        /// A cable was plugged.
        CablePluggedIn = 1 "CablePluggedIn",
        /// The limit has changed.
        ChargingRateChanged = 2 "ChargingRateChanged",
        /// Energy flows, or no longer.
        ChargingStateChanged = 3 "ChargingStateChanged",
        /// The central system refused the token.
        Deauthorized = 4 "Deauthorized",
        /// The energy that was wanted has been delivered.
        EnergyLimitReached = 5 "EnergyLimitReached",
        /// The cable was unplugged.
        EvCommunicationLost = 6 "EVCommunicationLost",
        /// No vehicle came in time.
        EvConnectTimeout = 7 "EVConnectTimeout",
        /// Readings of the clock.
        MeterValueClock = 8 "MeterValueClock",
        /// Readings at an interval.
        MeterValuePeriodic = 9 "MeterValuePeriodic",
        /// The time that was wanted is over.
        TimeLimitReached = 10 "TimeLimitReached",
        /// TriggerMessage.
        Trigger = 11 "Trigger",
        /// UnlockConnector.
        UnlockCommand = 12 "UnlockCommand",
        /// A driver ended it.
        StopAuthorized = 13 "StopAuthorized",
        /// The vehicle has left.
        EvDeparted = 14 "EVDeparted",
        /// A vehicle has come.
        EvDetected = 15 "EVDetected",
        /// The central system ended it.
        RemoteStop = 16 "RemoteStop",
        /// The central system began it.
        RemoteStart = 17 "RemoteStart",
        /// Something went wrong.
        AbnormalCondition = 18 "AbnormalCondition",
        /// Signed readings.
        SignedDataReceived = 19 "SignedDataReceived",
        /// Reset.
        ResetCommand = 20 "ResetCommand",
    }

    /// Whether energy flows (`ChargingStateEnumType` of OCPP 2.0.1).
    ChargingState {
        /// It may.
        Charging = 0 "Charging",
        /// A vehicle is connected.
        EvConnected = 1 "EVConnected",
        /// The vehicle takes none.
        SuspendedEv = 2 "SuspendedEV",
        /// The charge point offers none.
        SuspendedEvse = 3 "SuspendedEVSE",
        /// No vehicle is connected.
        Idle = 4 "Idle",
    }
}

impl ChargingState {
    /// While a connector with a transaction has this status.
    pub fn of(status: Status, plugged: bool) -> Self {
        match status {
            Status::Charging => Self::Charging,
            Status::SuspendedEv => Self::SuspendedEv,
            Status::SuspendedEvse => Self::SuspendedEvse,
            _ if plugged => Self::EvConnected,
            _ => Self::Idle,
        }
    }
}
