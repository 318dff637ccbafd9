//! OCPP 1.6: what its messages hold, one file for each feature profile, and what they mean to a
//! station ([`crate::dialect`]). What a station does is in [`crate::station`].

mod answers;
pub mod core_profile;
pub mod deviation;
pub mod remote_trigger;
mod requests;
pub mod smart_charging;

pub(crate) use answers::{
    authorize_answer, boot_answer, confirmation, data_transfer_answer, end_answer,
    heartbeat_answer, start_answer,
};
pub(crate) use requests::request;

use crate::{dialect::Subject, wire::ErrorCode};

/// The websocket subprotocol (OCPP-J 1.6, 3.1.2).
pub(crate) const SUBPROTOCOL: &str = "ocpp1.6";

/// Silence is no failure to process a message (OCPP-J errata 3.3).
pub(crate) const COUNTS_SILENCE: bool = false;

/// The actions of a charge point's CALLs.
pub(crate) fn action(subject: Subject) -> &'static str {
    match subject {
        Subject::Boot => "BootNotification",
        Subject::Heartbeat => "Heartbeat",
        Subject::Status => "StatusNotification",
        Subject::Authorize => "Authorize",
        Subject::DataTransfer => "DataTransfer",
        Subject::MeterValues | Subject::TransactionUpdated => "MeterValues",
        Subject::TransactionStarted => "StartTransaction",
        Subject::TransactionEnded => "StopTransaction",
    }
}

/// The name of an error code (OCPP-J 1.6, 4.2.3).
pub(crate) fn error_code(code: ErrorCode) -> &'static str {
    code.as_str()
}
