//! OCPP 2.0.1: what its messages hold and how they are written, for what a station has to say and is
//! asked (`src/dialect`). What a station does is in [`crate::station`].

pub mod answers;
#[cfg(feature = "smart-charging")]
pub(crate) mod charging_profile;
pub(crate) mod facts;
#[cfg(feature = "firmware-management")]
pub(crate) mod firmware_management;
pub(crate) mod messages;
pub(crate) mod names;
pub mod requests;
pub(crate) mod transactions;
pub mod variables;

pub(crate) use answers::{
    authorize_answer, boot_answer, confirmation, data_transfer_answer, end_answer,
    heartbeat_answer, start_answer,
};
#[cfg(feature = "security")]
pub(crate) use names::security_event;
pub(crate) use names::{error_code, measures};
pub(crate) use requests::request;

use crate::{
    domain::{ChargePointError, Status, TxPoint, TxPoints, TxPolicy},
    station::Call,
    wire::ErrorCode,
};

/// The websocket subprotocol (OCPP 2.0.1 part 4, 3.1.2).
pub(crate) const SUBPROTOCOL: &str = "ocpp2.0.1";

/// A message without an answer is one attempt (E13.FR.02).
pub(crate) const COUNTS_SILENCE: bool = true;

/// SignCertificate (A02) is not there yet.
#[cfg(feature = "security")]
pub(crate) const SIGNS_CERTIFICATES: bool = false;

/// A transaction is told of as events, and named by the station (E01).
pub(crate) const TELLS_EVENTS: bool = true;

/// TxStartPoint and TxStopPoint: a transaction begins when energy may flow, and ends with the cable or
/// the driver's authorization (E01, E06).
pub(crate) const TX_POLICY: TxPolicy = TxPolicy {
    begin: TxPoints::of(TxPoint::PowerPathClosed),
    end: TxPoints::of(TxPoint::PowerPathClosed),
};

/// A connector with a transaction stays locked (F05.FR.02).
pub(crate) const UNLOCKS_IDLE_ONLY: bool = true;

/// A cache that is switched off is not cleared (C11).
pub(crate) const CLEARS_ENABLED_CACHE_ONLY: bool = true;

/// None of its messages (D01, D02) is there.
#[cfg(feature = "local-list")]
pub(crate) const HAS_LOCAL_LIST: bool = false;

/// What comes back into service is again as it was by itself (G03.FR.06, G04.FR.07).
pub(crate) const LAYERS_AVAILABILITY: bool = true;

/// BootNotification says why (B01).
pub(crate) const TELLS_BOOT_REASON: bool = true;

/// What a station that was rejected answers (B03.FR.08).
pub(crate) const REJECTED_CODE: Option<ErrorCode> = Some(ErrorCode::SecurityError);

/// Where a request names a token.
pub(crate) const TOKEN_FIELD: &str = "idToken";

/// `IdTokenType.idToken`
pub(crate) const TOKEN_LENGTH: usize = 36;

/// The charge point as a whole has no status, a connector in use is occupied whatever happens there,
/// and what is wrong is not said (G01).
pub(crate) fn reported(
    connector: u8,
    (status, _): (Status, ChargePointError),
) -> Option<(Status, ChargePointError)> {
    if connector == 0 {
        return None;
    }
    let status = match status {
        Status::Available | Status::Reserved | Status::Unavailable | Status::Faulted => status,
        _ => names::OCCUPIED,
    };
    Some((status, ChargePointError::NoError))
}

/// The actions of a station's CALLs.
pub(crate) fn action(call: &Call) -> &'static str {
    match call {
        Call::Boot => "BootNotification",
        Call::Heartbeat => "Heartbeat",
        Call::Status(_) => "StatusNotification",
        Call::Authorize { .. } => "Authorize",
        Call::DataTransfer => "DataTransfer",
        #[cfg(feature = "firmware-management")]
        Call::Firmware { .. } => "FirmwareStatusNotification",
        #[cfg(feature = "firmware-management")]
        Call::Log { .. } => "LogStatusNotification",
        #[cfg(feature = "security")]
        Call::SignCertificate => "SignCertificate",
        #[cfg(feature = "security")]
        Call::SecurityEvent { .. } => "SecurityEventNotification",
        Call::MeterValues { .. } => "MeterValues",
        Call::Report { .. } => "NotifyReport",
        Call::Start { .. } | Call::Values { .. } | Call::Stop { .. } => "TransactionEvent",
    }
}
