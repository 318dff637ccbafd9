//! TriggerMessage (OCPP 1.6, 5.17): the answer first, then the message; also before the central
//! system has accepted the charge point.

use core::ops::Range;

#[cfg(feature = "firmware-management")]
use crate::domain::AskedBy;
use crate::station::{Station, deferred::Waiting, metering::Purpose};
use crate::{
    dialect::Trigger,
    domain::{Context, MessageTrigger, TriggerMessageStatus},
    limits::METER_TIMEOUT_MS,
};

impl Station<'_> {
    /// The answer; `None` if it follows once a meter has been read.
    pub(in crate::station) fn trigger(
        &mut self,
        raw_id: &str,
        asked: Trigger,
    ) -> Option<TriggerMessageStatus> {
        use TriggerMessageStatus::{Accepted, NotImplemented, Rejected};
        let numbers = match asked.connector {
            None => self.all_numbers(),
            Some(number) => match u8::try_from(number) {
                Ok(number) if number <= self.cx.profile.connectors => number..number + 1,
                _ => 0..0,
            },
        };
        Some(match asked.message {
            Some(MessageTrigger::BootNotification) => match self.registration.trigger() {
                true => Accepted,
                false => Rejected,
            },
            // Nothing else goes before BootNotification (4.2).
            Some(
                MessageTrigger::Heartbeat
                | MessageTrigger::StatusNotification
                | MessageTrigger::MeterValues,
            ) if !self.registration.is_answered() => Rejected,
            Some(MessageTrigger::Heartbeat) => {
                self.registration.trigger_heartbeat();
                Accepted
            }
            Some(MessageTrigger::StatusNotification | MessageTrigger::MeterValues)
                if numbers.is_empty() =>
            {
                Rejected
            }
            Some(MessageTrigger::StatusNotification) => {
                for number in numbers {
                    self.status.trigger(number);
                }
                Accepted
            }
            Some(MessageTrigger::TransactionEvent) => self.trigger_events(numbers),
            Some(MessageTrigger::MeterValues) => return self.trigger_readings(raw_id, numbers),
            #[cfg(feature = "firmware-management")]
            Some(
                message @ (MessageTrigger::DiagnosticsStatusNotification
                | MessageTrigger::FirmwareStatusNotification),
            ) => {
                let by = self.asked_in_words_of(&asked, message);
                self.trigger_transfer(message, by)
            }
            // Those of profiles that this build does not have, too.
            _ => NotImplemented,
        })
    }

    /// Accepted where a transaction runs that can be told of.
    fn trigger_events(&mut self, numbers: Range<u8>) -> TriggerMessageStatus {
        let mut status = TriggerMessageStatus::Rejected;
        for number in numbers {
            let running = self.transactions.running(number);
            let running = running.filter(|transaction| transaction.is_running());
            if let Some(transaction) = running.and_then(|it| it.recorded()) {
                self.store_triggered(number, transaction);
                status = TriggerMessageStatus::Accepted;
            }
        }
        status
    }

    /// Accepted where something follows: readings that the configuration asks for, of a time that
    /// is known. Where none is known yet, the meters are asked before the answer.
    fn trigger_readings(
        &mut self,
        raw_id: &str,
        numbers: Range<u8>,
    ) -> Option<TriggerMessageStatus> {
        let known = self.metering.has_readings(&self.cx, numbers.clone());
        if self.cx.utc().is_none() || (!known && !self.deferred.has_room()) {
            return Some(TriggerMessageStatus::Rejected);
        }
        for number in numbers.clone() {
            self.want(number, Purpose::Trigger);
        }
        if known {
            return Some(TriggerMessageStatus::Accepted);
        }
        let until = self.cx.now + METER_TIMEOUT_MS;
        self.deferred.add(raw_id, Waiting::Readings(numbers), until);
        None
    }

    /// Answers the TriggerMessage that waits for readings when there are some.
    pub(in crate::station) fn answer_trigger(&mut self) {
        if self.rpc.has_frame() {
            return;
        }
        let (metering, cx) = (&self.metering, &self.cx);
        let are_there = |waiting: &Waiting| match waiting {
            Waiting::Readings(numbers) => metering.has_readings(cx, numbers.clone()),
            _ => false,
        };
        let Some(place) = self.deferred.find(are_there) else {
            return;
        };
        let status = TriggerMessageStatus::Accepted.as_str();
        let (id, version) = (self.deferred.take_id(place), self.cx.version);
        self.rpc.answer(id, &mut |w| version.status(w, status));
    }

    /// Sends what was asked for.
    pub(in crate::station) fn call_triggered(&mut self) -> bool {
        self.registration
            .call_triggered_heartbeat(&self.cx, &mut self.rpc)
            || self.call_triggered_status()
            || self.call_sample(Context::Trigger)
    }

    /// The request in whose words a status is told: that of the transfer where an ExtendedTriggerMessage
    /// asks for it.
    #[cfg(feature = "security")]
    fn asked_in_words_of(&self, asked: &Trigger, message: MessageTrigger) -> AskedBy {
        let by = match message {
            _ if !asked.is_extended => return AskedBy::NONE,
            MessageTrigger::FirmwareStatusNotification => self.firmware.by(),
            _ => self.logs.by(),
        };
        match by.is_numbered() {
            true => by,
            // Nothing is under way that it has words for.
            false => AskedBy::numbered(0),
        }
    }

    /// There is one way to ask.
    #[cfg(all(feature = "firmware-management", not(feature = "security")))]
    fn asked_in_words_of(&self, _: &Trigger, _: MessageTrigger) -> AskedBy {
        AskedBy::NONE
    }
}
