//! TriggerMessage (OCPP 1.6, 5.17): the answer first, then the message; also before the central
//! system has accepted the charge point.

use super::{Station, metering::Purpose};
use crate::v16::{
    Context,
    trigger::{MessageTrigger, TriggerMessage, TriggerMessageStatus},
};

impl Station<'_> {
    pub(super) fn trigger(&mut self, asked: TriggerMessage) -> TriggerMessageStatus {
        let numbers = match asked.connector_id {
            None => self.all_numbers(),
            Some(number) => match u8::try_from(number) {
                Ok(number) if number <= self.profile.connectors => number..number + 1,
                _ => return TriggerMessageStatus::Rejected,
            },
        };
        if !self.registration.is_answered()
            && asked.requested_message != MessageTrigger::BootNotification
        {
            // Nothing goes before BootNotification (4.2).
            return TriggerMessageStatus::Rejected;
        }
        match asked.requested_message {
            MessageTrigger::BootNotification => self.registration.trigger(),
            MessageTrigger::Heartbeat => self.heartbeat_triggered = true,
            MessageTrigger::StatusNotification => {
                for number in numbers {
                    if let Ok(connector) = self.any_connector_mut(number) {
                        connector.reported.trigger();
                    }
                }
            }
            MessageTrigger::MeterValues => {
                for number in numbers {
                    self.want(number, Purpose::Trigger);
                }
            }
            MessageTrigger::DiagnosticsStatusNotification
            | MessageTrigger::FirmwareStatusNotification => {
                return TriggerMessageStatus::NotImplemented;
            }
        }
        TriggerMessageStatus::Accepted
    }

    /// Sends what was asked for.
    pub(super) fn call_triggered(&mut self) -> bool {
        (self.heartbeat_triggered && self.call_heartbeat())
            || self.call_triggered_status()
            || self.call_moment(Context::Trigger)
    }
}
