//! Remote Trigger profile (OCPP 1.6, 5.17).

use crate::wire::{Kind, Text, message::messages};

messages! {
    /// 6.51 TriggerMessage.req
    TriggerMessage<'a> {
        /// What to send: the name of a [`MessageTrigger`](crate::domain::MessageTrigger), or of a message that is not known here,
        /// which has an answer of its own (5.17).
        requested_message: Text<'a> = "requestedMessage" Kind::Text(usize::MAX),
        /// Of which connector; all where absent.
        connector_id: Option<i32> = "connectorId" Kind::Integer,
    }
}
