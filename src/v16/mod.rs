//! OCPP 1.6: what its messages hold, one file for each feature profile, and what they mean to a
//! station (`src/dialect`). What a station does is in [`crate::station`].

mod answers;
#[cfg(feature = "smart-charging")]
pub(crate) mod charging_profile;
pub mod core_profile;
pub mod deviation;
#[cfg(feature = "firmware-management")]
pub mod firmware_management;
#[cfg(feature = "local-list")]
pub mod local_list;
pub(crate) mod names;
pub mod remote_trigger;
mod requests;
#[cfg(feature = "reservation")]
pub mod reservation;
#[cfg(feature = "security")]
mod secret;
#[cfg(feature = "security")]
pub mod security;
pub mod smart_charging;
pub(crate) mod transactions;

pub(crate) use answers::{
    authorize_answer, boot_answer, confirmation, data_transfer_answer, end_answer,
    heartbeat_answer, start_answer,
};
pub(crate) use core_profile as messages;
pub(crate) use requests::request;
#[cfg(feature = "security")]
pub use secret::secret_in;

use crate::{
    domain::{ChargePointError, Measurand, Status, TxPoint, TxPoints, TxPolicy},
    station::Call,
    wire::ErrorCode,
};

/// The websocket subprotocol (OCPP-J 1.6, 3.1.2).
pub(crate) const SUBPROTOCOL: &str = "ocpp1.6";

/// Silence is no failure to process a message (OCPP-J errata 3.3).
pub(crate) const COUNTS_SILENCE: bool = false;

/// A transaction is told of by its start, readings and its end, and named by the central system.
pub(crate) const TELLS_EVENTS: bool = false;

/// Cable and idTag begin a transaction together, and it ends with either of them (4.8, 4.10).
pub(crate) const TX_POLICY: TxPolicy = TxPolicy {
    begin: TxPoints::of(TxPoint::PowerPathClosed),
    end: TxPoints::of(TxPoint::PowerPathClosed),
};

/// What charges at a connector ends when it is unlocked (5.18).
pub(crate) const UNLOCKS_IDLE_ONLY: bool = false;

/// A cache is cleared also while it is switched off (5.4).
pub(crate) const CLEARS_ENABLED_CACHE_ONLY: bool = false;

/// The central system keeps a local authorization list (3.5.2).
#[cfg(feature = "local-list")]
pub(crate) const HAS_LOCAL_LIST: bool = true;

/// connectorId 0 is the charge point and all connectors (5.2).
pub(crate) const LAYERS_AVAILABILITY: bool = false;

/// 6.3 BootNotification.req has no field for it.
pub(crate) const TELLS_BOOT_REASON: bool = false;

/// SignCertificate is there (security whitepaper, A02).
#[cfg(feature = "security")]
pub(crate) const SIGNS_CERTIFICATES: bool = true;

/// The name of a security event (security whitepaper, appendix).
#[cfg(feature = "security")]
pub(crate) fn security_event(event: crate::domain::SecurityEvent) -> &'static str {
    event.as_str()
}

/// A station that was rejected answers nothing (4.2).
pub(crate) const REJECTED_CODE: Option<ErrorCode> = None;

/// Where a request names a token.
pub(crate) const TOKEN_FIELD: &str = "idTag";

/// 7.28 IdToken
pub(crate) const TOKEN_LENGTH: usize = 20;

/// Everything of every connector is reported (4.9).
pub(crate) fn reported(
    _: u8,
    condition: (Status, ChargePointError),
) -> Option<(Status, ChargePointError)> {
    Some(condition)
}

/// 7.31 Measurand has all.
pub(crate) fn measures(_: Measurand) -> bool {
    true
}

/// The actions of a charge point's CALLs.
pub(crate) fn action(call: &Call) -> &'static str {
    match call {
        Call::Boot => "BootNotification",
        Call::Heartbeat => "Heartbeat",
        Call::Status(_) => "StatusNotification",
        Call::Authorize { .. } => "Authorize",
        Call::DataTransfer => "DataTransfer",
        #[cfg(feature = "security")]
        Call::Firmware { by, .. } if by.is_numbered() => "SignedFirmwareStatusNotification",
        #[cfg(feature = "firmware-management")]
        Call::Firmware { .. } => "FirmwareStatusNotification",
        #[cfg(feature = "security")]
        Call::Log { by, .. } if by.is_numbered() => "LogStatusNotification",
        #[cfg(feature = "firmware-management")]
        Call::Log { .. } => "DiagnosticsStatusNotification",
        #[cfg(feature = "security")]
        Call::SignCertificate => "SignCertificate",
        #[cfg(feature = "security")]
        Call::SecurityEvent { .. } => "SecurityEventNotification",
        Call::MeterValues { .. } | Call::Values { .. } => "MeterValues",
        Call::Start { .. } => "StartTransaction",
        Call::Stop { .. } => "StopTransaction",
        // OCPP 1.6 has no device model: nothing asks for it.
        #[cfg(feature = "v201")]
        Call::Report { .. } => "",
    }
}

/// The name of an error code (OCPP-J 1.6, 4.2.3).
pub(crate) fn error_code(code: ErrorCode) -> &'static str {
    code.as_str()
}
