//! The messages of the security whitepaper (3rd edition).

use crate::{
    dialect::{Transfer, Trigger},
    domain::{AskedBy, MessageTrigger},
    wire::{
        Kind, Text, UnixMillis,
        message::{Message, messages},
    },
};

messages! {
    /// ExtendedTriggerMessage.req
    ExtendedTriggerMessage<'a> {
        /// What to send: one of [`TRIGGERS`], or what is not known here, which has an answer of its own.
        requested_message: Text<'a> = "requestedMessage" Kind::Text(usize::MAX),
        /// Of which connector; all where absent.
        connector_id: Option<i32> = "connectorId" Kind::Integer,
    }

    /// GetLog.req
    GetLog<'a> {
        /// Which log.
        log_type: LogType = "logType" Kind::Choice(LogType::NAMES),
        /// The number of the request.
        request_id: i32 = "requestId" Kind::Integer,
        /// Further attempts.
        retries: Option<i32> = "retries" Kind::Integer,
        /// Seconds between two attempts.
        retry_interval: Option<i32> = "retryInterval" Kind::Integer,
        /// What of it, and where to.
        log: LogParameters<'a> = "log" Kind::Nested(<LogParameters<'a> as Message<'a>>::FIELDS),
    }

    /// LogParametersType
    LogParameters<'a> {
        /// URL of the folder that the file is uploaded to.
        remote_location: Text<'a> = "remoteLocation" Kind::Text(512),
        /// Entries from this time on.
        oldest: Option<UnixMillis> = "oldestTimestamp" Kind::Time,
        /// Entries up to this time.
        latest: Option<UnixMillis> = "latestTimestamp" Kind::Time,
    }

    /// SignedUpdateFirmware.req
    SignedUpdateFirmware<'a> {
        /// Further attempts.
        retries: Option<i32> = "retries" Kind::Integer,
        /// Seconds between two attempts.
        retry_interval: Option<i32> = "retryInterval" Kind::Integer,
        /// The number of the request.
        request_id: i32 = "requestId" Kind::Integer,
        /// The image.
        firmware: SignedFirmware<'a> = "firmware" Kind::Nested(<SignedFirmware<'a> as Message<'a>>::FIELDS),
    }

    /// FirmwareType
    SignedFirmware<'a> {
        /// URL of the image.
        location: Text<'a> = "location" Kind::Text(512),
        /// It is not downloaded before.
        retrieve_at: UnixMillis = "retrieveDateTime" Kind::Time,
        /// It is not installed before.
        install_at: Option<UnixMillis> = "installDateTime" Kind::Time,
        /// PEM.
        signing_certificate: Text<'a> = "signingCertificate" Kind::Text(5500),
        /// Base64, of the whole file.
        signature: Text<'a> = "signature" Kind::Text(800),
    }
}

crate::domain::names::names! {
    /// LogEnumType
    LogType {
        /// What GetDiagnostics asks for.
        Diagnostics = 0 "DiagnosticsLog",
        /// Security events.
        Security = 1 "SecurityLog",
    }
}

/// MessageTriggerEnumType
pub const TRIGGERS: &[(&str, MessageTrigger)] = &[
    ("BootNotification", MessageTrigger::BootNotification),
    (
        "LogStatusNotification",
        MessageTrigger::DiagnosticsStatusNotification,
    ),
    (
        "FirmwareStatusNotification",
        MessageTrigger::FirmwareStatusNotification,
    ),
    ("Heartbeat", MessageTrigger::Heartbeat),
    ("MeterValues", MessageTrigger::MeterValues),
    ("StatusNotification", MessageTrigger::StatusNotification),
];

/// What ExtendedTriggerMessage asks for.
pub(crate) fn trigger(asked: ExtendedTriggerMessage<'_>) -> Trigger {
    let mut known = TRIGGERS.iter();
    let found = known.find(|(name, _)| asked.requested_message.is(name));
    Trigger {
        message: found.map(|(_, message)| *message),
        connector: asked.connector_id,
        is_extended: true,
    }
}

impl<'a> From<GetLog<'a>> for Transfer<'a> {
    fn from(asked: GetLog<'a>) -> Self {
        Self {
            location: asked.log.remote_location,
            retries: asked.retries,
            retry_interval: asked.retry_interval,
            by: AskedBy {
                is_security_log: asked.log_type == LogType::Security,
                ..AskedBy::numbered(asked.request_id)
            },
            from: asked.log.oldest,
            until: asked.log.latest,
        }
    }
}

impl<'a> From<SignedUpdateFirmware<'a>> for Transfer<'a> {
    fn from(asked: SignedUpdateFirmware<'a>) -> Self {
        Self {
            location: asked.firmware.location,
            retries: asked.retries,
            retry_interval: asked.retry_interval,
            by: AskedBy::numbered(asked.request_id),
            from: Some(asked.firmware.retrieve_at),
            until: asked.firmware.install_at,
        }
    }
}
