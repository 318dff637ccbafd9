//! Remote Trigger profile (OCPP 1.6, 5.17).

use super::{message::messages, types::names};
use crate::wire::{Kind, Text};

names! {
    /// Which message is asked for (7.32).
    MessageTrigger {
        /// BootNotification.
        BootNotification = "BootNotification",
        /// DiagnosticsStatusNotification.
        DiagnosticsStatusNotification = "DiagnosticsStatusNotification",
        /// FirmwareStatusNotification.
        FirmwareStatusNotification = "FirmwareStatusNotification",
        /// Heartbeat.
        Heartbeat = "Heartbeat",
        /// MeterValues.
        MeterValues = "MeterValues",
        /// StatusNotification.
        StatusNotification = "StatusNotification",
    }

    /// Answer to TriggerMessage (7.44).
    TriggerMessageStatus {
        /// The message follows.
        Accepted = "Accepted",
        /// It does not: no such connector, or nothing to say.
        Rejected = "Rejected",
        /// It does not: there is no such message here.
        NotImplemented = "NotImplemented",
    }
}

messages! {
    /// 6.51 TriggerMessage.req
    TriggerMessage<'a> {
        /// What to send: the name of a [`MessageTrigger`], or of a message that is not known here,
        /// which has an answer of its own (5.17).
        requested_message: Text<'a> = "requestedMessage" Kind::Text(usize::MAX),
        /// Of which connector; all where absent.
        connector_id: Option<i32> = "connectorId" Kind::Integer,
    }
}
