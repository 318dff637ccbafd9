//! What the central system asks for, and what it is answered.

use super::names::names;

names! {
    /// Answer to ClearCache (7.20 ClearCacheStatus), RemoteStartTransaction, RemoteStopTransaction
    /// (7.39 RemoteStartStopStatus) and Reset (7.41 ResetStatus).
    AcceptedStatus {
        /// Will be done.
        Accepted = 0 "Accepted",
        /// Will not be done.
        Rejected = 1 "Rejected",
        /// Will be done once what is under way has ended (OCPP 2.0.1).
        Scheduled = 2 "Scheduled",
    }

    /// Answer to ChangeConfiguration (7.22).
    ConfigurationStatus {
        /// Set.
        Accepted = 0 "Accepted",
        /// Read-only, or not a value of the key.
        Rejected = 1 "Rejected",
        /// Set; takes effect with the next boot.
        RebootRequired = 2 "RebootRequired",
        /// No such key.
        NotSupported = 3 "NotSupported",
    }

    /// Answer to DataTransfer (7.23).
    DataTransferStatus {
        /// Done.
        Accepted = 0 "Accepted",
        /// Understood, but no.
        Rejected = 1 "Rejected",
        /// The vendor is known, the message is not.
        UnknownMessageId = 2 "UnknownMessageId",
        /// The vendor is not known.
        UnknownVendorId = 3 "UnknownVendorId",
    }

    /// Which message is asked for (7.32).
    MessageTrigger {
        /// BootNotification.
        BootNotification = 0 "BootNotification",
        /// DiagnosticsStatusNotification.
        DiagnosticsStatusNotification = 1 "DiagnosticsStatusNotification",
        /// FirmwareStatusNotification.
        FirmwareStatusNotification = 2 "FirmwareStatusNotification",
        /// Heartbeat.
        Heartbeat = 3 "Heartbeat",
        /// MeterValues.
        MeterValues = 4 "MeterValues",
        /// StatusNotification.
        StatusNotification = 5 "StatusNotification",
        /// TransactionEvent (OCPP 2.0.1).
        TransactionEvent = 6 "TransactionEvent",
        /// SignCertificate, for that of the charge point (security whitepaper).
        SignChargePointCertificate = 7 "SignChargePointCertificate",
    }

    /// Answer to ReserveNow (7.40 ReservationStatus), from the best to the worst.
    ReservationStatus {
        /// It is kept for its driver.
        Accepted = 0 "Accepted",
        /// It is in use, or kept for another one.
        Occupied = 1 "Occupied",
        /// It is out of service.
        Unavailable = 2 "Unavailable",
        /// It is broken.
        Faulted = 3 "Faulted",
        /// There is no such connector, or it would be over already.
        Rejected = 4 "Rejected",
    }

    /// Answer to SendLocalList (7.47 UpdateStatus).
    UpdateStatus {
        /// The list is the new one.
        Accepted = 0 "Accepted",
        /// It is the old one: something of the update is wrong, or could not be stored.
        Failed = 1 "Failed",
        /// There is no list, or it is switched off.
        NotSupported = 2 "NotSupported",
        /// It is the old one, whose version is not lower than that of the update.
        VersionMismatch = 3 "VersionMismatch",
    }

    /// Answer to TriggerMessage (7.44).
    TriggerMessageStatus {
        /// The message follows.
        Accepted = 0 "Accepted",
        /// It does not: no such connector, or nothing to say.
        Rejected = 1 "Rejected",
        /// It does not: there is no such message here.
        NotImplemented = 2 "NotImplemented",
    }
}
