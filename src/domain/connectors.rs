//! Connectors: their status, what is wrong with them, their availability and their locks.

use super::names::names;

names! {
    /// Status of a connector (7.7 ChargePointStatus); connector 0 is only `Available`,
    /// `Unavailable` or `Faulted`.
    Status {
        /// Free.
        Available = 0 "Available",
        /// In use, no transaction yet.
        Preparing = 1 "Preparing",
        /// Energy may flow.
        Charging = 2 "Charging",
        /// The charge point offers no energy.
        SuspendedEvse = 3 "SuspendedEVSE",
        /// The vehicle takes no energy.
        SuspendedEv = 4 "SuspendedEV",
        /// The transaction has ended, the connector is not free yet.
        Finishing = 5 "Finishing",
        /// Reserved for a token.
        Reserved = 6 "Reserved",
        /// Out of service.
        Unavailable = 7 "Unavailable",
        /// Broken.
        Faulted = 8 "Faulted",
    }

    /// What is wrong with a connector (7.6 ChargePointErrorCode).
    ChargePointError {
        /// Locking or unlocking failed.
        ConnectorLockFailure = 0 "ConnectorLockFailure",
        /// Communication with the vehicle failed.
        EvCommunicationError = 1 "EVCommunicationError",
        /// The ground fault circuit interrupter has tripped.
        GroundFailure = 2 "GroundFailure",
        /// Too hot.
        HighTemperature = 3 "HighTemperature",
        /// Hardware or software of the charge point.
        InternalError = 4 "InternalError",
        /// The local list contradicts the central system's answer.
        LocalListConflict = 5 "LocalListConflict",
        /// Nothing.
        NoError = 6 "NoError",
        /// Something else; `info` says what.
        OtherError = 7 "OtherError",
        /// Too much current.
        OverCurrentFailure = 8 "OverCurrentFailure",
        /// Too high voltage.
        OverVoltage = 9 "OverVoltage",
        /// The energy meter cannot be read.
        PowerMeterFailure = 10 "PowerMeterFailure",
        /// The power switch does not obey.
        PowerSwitchFailure = 11 "PowerSwitchFailure",
        /// The idTag reader fails.
        ReaderFailure = 12 "ReaderFailure",
        /// A reset could not be done.
        ResetFailure = 13 "ResetFailure",
        /// Too low voltage.
        UnderVoltage = 14 "UnderVoltage",
        /// The wireless link is weak.
        WeakSignal = 15 "WeakSignal",
    }

    /// In or out of service (7.4).
    AvailabilityType {
        /// Out of service.
        Inoperative = 0 "Inoperative",
        /// In service.
        Operative = 1 "Operative",
    }

    /// Answer to ChangeAvailability (7.3).
    AvailabilityStatus {
        /// Done.
        Accepted = 0 "Accepted",
        /// No such connector.
        Rejected = 1 "Rejected",
        /// Will be done when the transaction has ended.
        Scheduled = 2 "Scheduled",
    }

    /// Answer to UnlockConnector (7.46).
    UnlockStatus {
        /// The cable is free.
        Unlocked = 0 "Unlocked",
        /// The lock did not open.
        UnlockFailed = 1 "UnlockFailed",
        /// No lock, or no such connector.
        NotSupported = 2 "NotSupported",
        /// A driver who was authorized charges (OCPP 2.0.1).
        OngoingAuthorizedTransaction = 3 "OngoingAuthorizedTransaction",
        /// No such connector (OCPP 2.0.1).
        UnknownConnector = 4 "UnknownConnector",
    }
}

/// What a StatusNotification may say of a fault beyond its error code.
#[derive(Clone, Copy, Debug, Default)]
pub struct FaultDetails<'a> {
    /// Free text.
    pub info: Option<&'a str>,
    /// Whose error code follows.
    pub vendor_id: Option<&'a str>,
    /// The vendor's own error code.
    pub vendor_error_code: Option<&'a str>,
}
