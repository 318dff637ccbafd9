//! What all versions write alike.

#[cfg(feature = "firmware-management")]
use crate::domain::{AskedBy, FirmwareStatus, LogStatus};
use crate::{
    domain::DataTransferStatus,
    wire::{UnixMillis, Writer},
};
#[cfg(feature = "security")]
use crate::{
    domain::{AcceptedStatus, CertificateHash, TransferAnswer},
    wire::{
        Kind, Payload,
        field::Violation,
        message::{answer, messages},
    },
};

/// 6.29 Heartbeat.req, and every other message without fields.
pub fn empty(w: &mut Writer<'_>) {
    w.begin_object();
    w.end_object();
}

/// Begins 7.33 MeterValue; sampled values and the two ends follow.
pub fn begin_meter_value(w: &mut Writer<'_>, timestamp: UnixMillis) {
    w.begin_object();
    w.time("timestamp", timestamp);
    w.begin_list("sampledValue");
}

#[cfg(feature = "security")]
/// SecurityEventNotification.req (security whitepaper)
pub fn security_event_notification(
    w: &mut Writer<'_>,
    name: &'static str,
    timestamp: UnixMillis,
    info: Option<&str>,
) {
    w.begin_object();
    w.word("type", name);
    w.time("timestamp", timestamp);
    w.optional_text("techInfo", info);
    w.end_object();
}

/// SignedFirmwareStatusNotification.req: without a number where it tells that there is no request.
#[cfg(feature = "firmware-management")]
pub fn firmware_status(w: &mut Writer<'_>, status: FirmwareStatus, by: AskedBy) {
    numbered_status(w, status.as_str(), by, status != FirmwareStatus::Idle);
}

/// LogStatusNotification.req
#[cfg(feature = "firmware-management")]
pub fn log_status(w: &mut Writer<'_>, status: LogStatus, by: AskedBy) {
    let name = match status {
        LogStatus::UploadFailed => "UploadFailure",
        status => status.as_str(),
    };
    numbered_status(w, name, by, status != LogStatus::Idle);
}

#[cfg(feature = "firmware-management")]
fn numbered_status(w: &mut Writer<'_>, status: &'static str, by: AskedBy, is_of_request: bool) {
    w.begin_object();
    w.word("status", status);
    if let Some(id) = by.request_id().filter(|_| is_of_request) {
        w.integer("requestId", id.into());
    }
    w.end_object();
}

/// GetLog.conf
#[cfg(feature = "security")]
pub fn log_answer(w: &mut Writer<'_>, status: TransferAnswer, file_name: Option<&str>) {
    w.begin_object();
    w.word("status", status.as_str());
    w.optional_text("filename", file_name);
    w.end_object();
}

/// SignCertificate.req
#[cfg(feature = "security")]
pub fn sign_certificate(w: &mut Writer<'_>, csr: &str) {
    w.begin_object();
    w.text("csr", csr);
    w.end_object();
}

#[cfg(feature = "security")]
messages! {
    /// SignCertificate.conf
    SignCertificateAnswer {
        /// Whether a certificate follows.
        status: AcceptedStatus = "status" Kind::Choice(AcceptedStatus::NAMES),
    }
}

/// Reads SignCertificate.conf.
#[cfg(feature = "security")]
pub fn sign_certificate_answer(payload: Payload<'_>) -> Result<bool, Violation> {
    let answer: SignCertificateAnswer = answer(payload)?;
    Ok(answer.status == AcceptedStatus::Accepted)
}

/// Begins GetInstalledCertificateIds.conf.
#[cfg(feature = "security")]
pub fn begin_certificate_ids(w: &mut Writer<'_>) {
    w.begin_object();
    w.word("status", "Accepted");
    w.begin_list("certificateHashData");
}

/// CertificateHashDataType
#[cfg(feature = "security")]
pub fn certificate_hash(w: &mut Writer<'_>, hash: &CertificateHash<'_>) {
    w.begin_object();
    w.word("hashAlgorithm", hash.algorithm.as_str());
    w.text("issuerNameHash", hash.issuer_name);
    w.text("issuerKeyHash", hash.issuer_key);
    w.text("serialNumber", hash.serial_number);
    w.end_object();
}

/// Ends a list and the object it is in.
pub fn end_list_and_object(w: &mut Writer<'_>) {
    w.end_list();
    w.end_object();
}

/// 6.15 DataTransfer.req
pub fn data_transfer(
    w: &mut Writer<'_>,
    vendor_id: &str,
    message_id: Option<&str>,
    payload: Option<&str>,
) {
    w.begin_object();
    w.text("vendorId", vendor_id);
    w.optional_text("messageId", message_id);
    w.optional_text("data", payload);
    w.end_object();
}

/// 7.14 ChargingSchedulePeriod: `limit` in tenths, 0 `phases` for a number that is not told.
#[cfg(feature = "smart-charging")]
pub fn charging_period(w: &mut Writer<'_>, start: u32, limit: u64, phases: u8) {
    w.begin_object();
    w.integer("startPeriod", start.into());
    w.decimal("limit", i64::try_from(limit).unwrap_or(i64::MAX), 1);
    if phases > 0 {
        w.integer("numberPhases", phases.into());
    }
    w.end_object();
}

/// Ends what a composite schedule tells: `duration` in seconds.
#[cfg(feature = "smart-charging")]
pub fn end_composite(w: &mut Writer<'_>, duration: u32) {
    w.end_list();
    w.integer("duration", duration.into());
    w.end_object();
    w.end_object();
}

/// Any answer that holds nothing but a status.
pub fn status_answer(w: &mut Writer<'_>, status: &'static str) {
    w.begin_object();
    w.word("status", status);
    w.end_object();
}

/// 6.28 GetLocalListVersion.conf
pub fn local_list_version(w: &mut Writer<'_>, version: i32) {
    w.begin_object();
    w.integer("listVersion", version.into());
    w.end_object();
}

/// 6.16 DataTransfer.conf
pub fn data_transfer_answer(w: &mut Writer<'_>, status: DataTransferStatus, payload: Option<&str>) {
    w.begin_object();
    w.word("status", status.as_str());
    w.optional_text("data", payload);
    w.end_object();
}
