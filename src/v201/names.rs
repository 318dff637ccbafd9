//! Names of OCPP 2.0.1, where the domain calls it otherwise.

#[cfg(feature = "security")]
use crate::domain::SecurityEvent;
use crate::{
    domain::{Measurand, MessageTrigger, Reason, ResetType, Status, TriggerReason, UnlockStatus},
    wire::ErrorCode,
};

/// What stands for every status of a connector that is in use.
pub const OCCUPIED: Status = Status::Preparing;

/// `OperationalStatusEnumType`, in the order of `AvailabilityType`.
pub const OPERATIONAL_STATUS: &[&str] = &["Inoperative", "Operative"];

/// `ResetEnumType`
pub const RESET_TYPE: &[(&str, ResetType)] = &[
    ("Immediate", ResetType::Hard),
    ("OnIdle", ResetType::OnIdle),
];

/// `MessageTriggerEnumType`, as far as there are such messages here.
pub const MESSAGE_TRIGGER: &[(&str, MessageTrigger)] = &[
    ("BootNotification", MessageTrigger::BootNotification),
    ("Heartbeat", MessageTrigger::Heartbeat),
    ("MeterValues", MessageTrigger::MeterValues),
    ("StatusNotification", MessageTrigger::StatusNotification),
    ("TransactionEvent", MessageTrigger::TransactionEvent),
];

/// `ConnectorStatusEnumType`
pub fn status(status: Status) -> &'static str {
    match status {
        OCCUPIED => "Occupied",
        status => status.as_str(),
    }
}

/// `ReasonEnumType`
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::HardReset | Reason::SoftReset => "ImmediateReset",
        Reason::UnlockCommand => "Other",
        reason => reason.as_str(),
    }
}

/// What makes the end of a transaction with that reason.
pub fn end_trigger(reason: Reason) -> TriggerReason {
    match reason {
        Reason::DeAuthorized => TriggerReason::Deauthorized,
        Reason::EvDisconnected | Reason::StoppedByEv => TriggerReason::EvCommunicationLost,
        Reason::HardReset | Reason::SoftReset | Reason::Reboot => TriggerReason::ResetCommand,
        Reason::Local | Reason::MasterPass => TriggerReason::StopAuthorized,
        Reason::Remote => TriggerReason::RemoteStop,
        Reason::UnlockCommand => TriggerReason::UnlockCommand,
        Reason::EnergyLimitReached => TriggerReason::EnergyLimitReached,
        Reason::SocLimitReached => TriggerReason::ChargingStateChanged,
        Reason::TimeLimitReached => TriggerReason::TimeLimitReached,
        Reason::Timeout => TriggerReason::EvConnectTimeout,
        Reason::EmergencyStop
        | Reason::Other
        | Reason::PowerLoss
        | Reason::GroundFault
        | Reason::LocalOutOfCredit
        | Reason::OvercurrentFault
        | Reason::PowerQuality => TriggerReason::AbnormalCondition,
    }
}

/// `UnlockStatusEnumType`
pub fn unlock_status(status: UnlockStatus) -> &'static str {
    match status {
        UnlockStatus::NotSupported => UnlockStatus::UnlockFailed.as_str(),
        status => status.as_str(),
    }
}

/// `UnitOfMeasureType.unit`; none for a ratio, and for Wh, which an absent one means.
pub fn unit(measurand: Measurand) -> Option<&'static str> {
    match measurand {
        Measurand::Frequency => Some("Hz"),
        measurand => measurand.unit().filter(|unit| *unit != "Wh"),
    }
}

/// True for what `MeasurandEnumType` has.
pub(crate) fn measures(measurand: Measurand) -> bool {
    !matches!(measurand, Measurand::Temperature | Measurand::Rpm)
}

/// The name of a security event (OCPP 2.0.1 part 2, appendix 1).
#[cfg(feature = "security")]
pub(crate) fn security_event(event: SecurityEvent) -> &'static str {
    match event {
        SecurityEvent::FailedToAuthenticateAtCentralSystem => "FailedToAuthenticateAtCsms",
        SecurityEvent::CentralSystemFailedToAuthenticate => "CsmsFailedToAuthenticate",
        SecurityEvent::InvalidCentralSystemCertificate => "InvalidCsmsCertificate",
        SecurityEvent::InvalidChargePointCertificate => "InvalidChargingStationCertificate",
        event => event.as_str(),
    }
}

/// The name of an error code (OCPP 2.0.1 part 4, 4.3).
pub(crate) fn error_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::FormationViolation => "FormatViolation",
        ErrorCode::OccurenceConstraintViolation => "OccurrenceConstraintViolation",
        code => code.as_str(),
    }
}
