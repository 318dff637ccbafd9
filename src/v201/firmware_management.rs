//! Firmware and logs (OCPP 2.0.1, L and N): the words. The messages of these blocks are not carried out
//! yet, and nothing is told of what another version has begun.

use crate::{
    domain::{FirmwareStatus, LogStatus},
    wire::Writer,
};

/// `FirmwareStatusEnumType`
pub fn firmware_status(status: FirmwareStatus) -> &'static str {
    status.as_str()
}

/// Nothing asks for it.
pub fn announces_firmware(_: FirmwareStatus) -> bool {
    false
}

/// `UploadLogStatusEnumType`
pub fn log_status(status: LogStatus) -> &'static str {
    match status {
        LogStatus::UploadFailed => "UploadFailure",
        status => status.as_str(),
    }
}

/// Nothing asks for it.
pub const ANNOUNCES_LOGS: bool = false;

/// The rest of a GetLogResponse is its status.
pub fn log_named(w: &mut Writer<'_>, file_name: Option<&str>) {
    w.begin_object();
    w.word("status", "Accepted");
    w.optional_text("filename", file_name);
    w.end_object();
}
