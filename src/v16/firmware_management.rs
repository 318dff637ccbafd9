//! Firmware Management profile (OCPP 1.6, 4.4, 4.5, 5.9 and 5.19).

use crate::{
    domain::{FirmwareStatus, LogStatus},
    wire::{Kind, Text, UnixMillis, Writer, message::messages},
};

messages! {
    /// 6.55 UpdateFirmware.req
    UpdateFirmware<'a> {
        /// URL of the image.
        location: Text<'a> = "location" Kind::Text(usize::MAX),
        /// Further attempts.
        retries: Option<i32> = "retries" Kind::Integer,
        /// It is not downloaded before.
        retrieve_date: UnixMillis = "retrieveDate" Kind::Time,
        /// Seconds between two attempts.
        retry_interval: Option<i32> = "retryInterval" Kind::Integer,
    }

    /// 6.25 GetDiagnostics.req
    GetDiagnostics<'a> {
        /// URL of the folder that the file is uploaded to.
        location: Text<'a> = "location" Kind::Text(usize::MAX),
        /// Further attempts.
        retries: Option<i32> = "retries" Kind::Integer,
        /// Seconds between two attempts.
        retry_interval: Option<i32> = "retryInterval" Kind::Integer,
        /// Entries from this time on.
        start_time: Option<UnixMillis> = "startTime" Kind::Time,
        /// Entries up to this time.
        stop_time: Option<UnixMillis> = "stopTime" Kind::Time,
    }
}

/// 6.26 GetDiagnostics.conf: no name where there is nothing to upload.
pub fn log_named(w: &mut Writer<'_>, file_name: Option<&str>) {
    w.begin_object();
    w.optional_text("fileName", file_name);
    w.end_object();
}

/// 7.25 FirmwareStatus: what it does not have is the next that it has.
pub fn firmware_status(status: FirmwareStatus) -> &'static str {
    use FirmwareStatus as S;
    let status = match status {
        S::DownloadScheduled => S::Idle,
        S::DownloadPaused => S::Downloading,
        S::InstallScheduled | S::SignatureVerified => S::Downloaded,
        S::InstallRebooting => S::Installing,
        S::InstallVerificationFailed | S::InvalidSignature => S::InstallationFailed,
        status => status,
    };
    status.as_str()
}

/// True for what is told without being asked for: Idle only is when it is (7.25 FirmwareStatus).
pub fn announces_firmware(status: FirmwareStatus) -> bool {
    status as u8 <= FirmwareStatus::Installed as u8 && status != FirmwareStatus::Idle
}

/// 7.24 DiagnosticsStatus
pub fn log_status(status: LogStatus) -> &'static str {
    match status {
        LogStatus::NotSupportedOperation | LogStatus::PermissionDenied => LogStatus::UploadFailed,
        status => status,
    }
    .as_str()
}

/// Uploads are told of (4.4).
pub const ANNOUNCES_LOGS: bool = true;
