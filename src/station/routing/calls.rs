//! Frames that arrive, and the CALLs of the station: whose answers they are, and whose turn it is.

use crate::{
    domain::Context,
    station::{
        CallFailure, Event, Station,
        call::Call,
        rpc::{Outstanding, RAW_ID_LENGTH},
    },
    wire::{ErrorCode, Frame, Payload, Text, frame},
};

impl Station<'_> {
    pub(in crate::station) fn frame_arrived(&mut self, bytes: &[u8]) {
        self.frame(Frame::parse(bytes), "");
    }

    pub(in crate::station) fn long_frame_arrived(&mut self, beginning: &[u8]) {
        self.frame(Frame::parse_beginning(beginning), "frame too long");
    }

    pub(in crate::station) fn frame(
        &mut self,
        frame: Result<Frame<'_>, frame::Dropped>,
        why: &str,
    ) {
        self.rpc.heard();
        #[cfg(feature = "security")]
        if matches!(
            frame,
            Ok(Frame::BadCall { .. } | Frame::BadAnswer { .. }) | Err(_)
        ) {
            self.note_invalid_message();
        }
        match frame {
            Ok(Frame::Call { id, .. } | Frame::BadCall { id })
                if self.strict && !id.starts_with('"') =>
            {
                self.cx.emit(Event::FrameDropped(frame::Dropped::NoId));
            }
            Ok(Frame::Call {
                id,
                action,
                payload,
            }) => self.request_arrived(id, action, payload.exact(self.strict)),
            Ok(Frame::BadCall { id }) if !self.registration.is_rejected() => {
                let code = ErrorCode::FormationViolation;
                self.rpc.error(echoed(id), code, "", why);
            }
            Ok(Frame::BadCall { .. }) => {
                self.cx.emit(Event::FrameDropped(frame::Dropped::Rejected));
            }
            Ok(Frame::Result { id, payload }) => {
                self.result_arrived(id, payload.exact(self.strict));
            }
            Ok(Frame::Error { id, code }) => {
                self.failure_arrived(id, CallFailure::Error(code), frame::Dropped::Unexpected);
            }
            Ok(Frame::BadAnswer { id }) => {
                self.failure_arrived(id, CallFailure::BadAnswer, frame::Dropped::BadAnswer);
            }
            Err(why) => self.cx.emit(Event::FrameDropped(why)),
        }
    }

    /// The answer to a CALL says that it failed, or nothing; `otherwise` where no CALL has that id.
    fn failure_arrived(&mut self, id: Text<'_>, failure: CallFailure, otherwise: frame::Dropped) {
        // One attempt fails once: it is late only where there was no answer before.
        let is_first = self.outbox.met_silence();
        match self.rpc.answered(id, is_first) {
            Some(waited) => {
                self.note_answer(waited.call);
                self.call_unprocessed(waited, failure);
            }
            None => self.cx.emit(Event::FrameDropped(otherwise)),
        }
    }

    /// Starts the next CALL of the station, if one is due and none is outstanding.
    pub(in crate::station) fn next_call(&mut self) {
        if !self.connection.is_up()
            || !self.may_call()
            || self.registration.call(&self.cx, &mut self.rpc)
        {
            return;
        }
        if !self.registration.is_answered() || self.call_triggered() {
            return;
        }
        #[cfg(feature = "firmware-management")]
        if self.call_triggered_transfer() {
            return;
        }
        let is_online = self.is_online();
        let sent = is_online
            && (self.authorization.call(&self.cx, &mut self.rpc)
                || self.call_status_or_message()
                || self.call_sample(Context::SampleClock));
        #[cfg(feature = "firmware-management")]
        let sent = sent || (is_online && self.call_transfer());
        #[cfg(feature = "security")]
        let sent = sent || (is_online && self.call_security_event());
        // Also before the station is accepted (B02.FR.02).
        #[cfg(feature = "v201")]
        let sent = sent || self.call_report();
        #[cfg(feature = "local-list")]
        let sent = sent || (is_online && self.call_list_conflict());
        let _ = sent || (is_online && self.call_heartbeat());
    }

    fn result_arrived(&mut self, id: Text<'_>, payload: Payload<'_>) {
        let Some(waited) = self.rpc.answered(id, true) else {
            let why = match payload.check() {
                Ok(()) => frame::Dropped::Unexpected,
                Err(Err(why)) => why,
                Err(Ok(_)) => frame::Dropped::BadAnswer,
            };
            return self.cx.emit(Event::FrameDropped(why));
        };
        let accepted = self.registration.is_accepted();
        let read = self.call_answered(waited.call, payload);
        if accepted {
            self.connection.succeeded();
        }
        self.note_answer(waited.call);
        if let Err(failure) = read {
            self.call_unprocessed(waited, failure);
        }
    }

    /// The central system answers, if not what was asked last.
    fn note_answer(&mut self, call: Call) {
        if call.slot().is_none() {
            self.outbox.others_answered(true);
        }
    }

    /// A CALL failed; one that is sent again with the same id may still be answered.
    fn call_unprocessed(&mut self, waited: Outstanding, failure: CallFailure) {
        self.rpc.may_be_late(waited);
        self.call_failed(waited.call, failure);
    }

    #[inline(never)]
    fn call_answered(&mut self, call: Call, payload: Payload<'_>) -> Result<(), CallFailure> {
        match call {
            Call::Boot => self.boot_answered(payload),
            Call::Heartbeat => self.heartbeat_answered(payload),
            Call::Authorize { connector } => {
                let decided = self
                    .authorization
                    .answered(&mut self.cx, connector, payload)?;
                self.pending_decided(connector, decided);
                Ok(())
            }
            Call::DataTransfer => self.data_transfer.answered(&mut self.cx, payload),
            Call::Start { slot } => self.start_answered(slot, payload),
            Call::Stop { slot } => self.stop_answered(slot, payload),
            Call::Values { slot, until } => {
                self.cx.version.confirmation(payload)?;
                self.outbox
                    .values_answered(&mut self.cx, &mut self.rpc, slot, until);
                Ok(())
            }
            #[cfg(feature = "security")]
            Call::SignCertificate => self.signing_request_answered(payload),
            told => {
                self.cx.version.confirmation(payload)?;
                self.told(told, None);
                Ok(())
            }
        }
    }

    /// The central system does not answer, or not usefully.
    pub(in crate::station) fn call_failed(&mut self, call: Call, failure: CallFailure) {
        let action = self.cx.version.action(&call);
        self.cx.emit(Event::CallFailed { action, failure });
        match call {
            Call::Boot => self.registration.failed(&self.cx),
            Call::Heartbeat => self.cx.clock.give_up_setting(self.cx.now),
            Call::Authorize { connector } => self.authorize_failed(connector, failure),
            Call::DataTransfer => self.cx.emit(Event::DataTransferAnswered(None)),
            Call::Start { slot } | Call::Values { slot, .. } | Call::Stop { slot } => match failure
            {
                CallFailure::Timeout if !self.cx.version.counts_silence() => {
                    self.message_unanswered(slot);
                }
                _ => self.message_failed(slot),
            },
            #[cfg(feature = "security")]
            Call::SignCertificate => self.cx.emit(Event::SigningRequestAnswered(false)),
            told => self.told(told, Some(failure)),
        }
    }

    /// A CALL that only tells, and whose answer says nothing, was answered, or failed.
    fn told(&mut self, call: Call, failure: Option<CallFailure>) {
        match call {
            #[cfg(feature = "v201")]
            Call::Report { until } => match failure {
                None => self.reports.answered(until),
                Some(_) => self.reports.failed(until),
            },
            Call::Status(report) => match failure {
                Some(failure) => self.status_failed(report, failure == CallFailure::Timeout),
                None if report.is_of_event() => {}
                None => self.status.answered(report),
            },
            #[cfg(feature = "firmware-management")]
            Call::Firmware {
                status, triggered, ..
            } => self.firmware_told(status, triggered, failure),
            #[cfg(feature = "firmware-management")]
            Call::Log {
                status, triggered, ..
            } => self.log_told(status, triggered, failure),
            #[cfg(feature = "security")]
            Call::SecurityEvent { slot } => self.security_event_told(slot, failure),
            Call::MeterValues {
                connector,
                context,
                stamp,
                until,
            } => match failure {
                None => self.metering.sample_sent(connector, context, stamp, until),
                Some(_) => self.metering.sample_failed(connector, context, stamp),
            },
            // What they are answered with is read where that arrives.
            Call::Boot
            | Call::Heartbeat
            | Call::Authorize { .. }
            | Call::DataTransfer
            | Call::Start { .. }
            | Call::Values { .. }
            | Call::Stop { .. } => {}
            #[cfg(feature = "security")]
            Call::SignCertificate => {}
        }
    }

    /// The connection was lost before the answer came: that is no failure of the message.
    pub(in crate::station) fn call_interrupted(&mut self, call: Call) {
        match call {
            Call::DataTransfer => self.cx.emit(Event::DataTransferAnswered(None)),
            #[cfg(feature = "security")]
            Call::SignCertificate => self.cx.emit(Event::SigningRequestAnswered(false)),
            Call::Authorize { connector } => self.authorize_failed(connector, CallFailure::Timeout),
            Call::Status(report) => self.status_failed(report, true),
            _ => {}
        }
    }

    fn authorize_failed(&mut self, connector: u8, failure: CallFailure) {
        let decided = self.authorization.failed(&mut self.cx, connector, failure);
        self.pending_decided(connector, decided);
    }

    pub(in crate::station) fn expire_call(&mut self) {
        let timeout = self.cx.settings.message_timeout();
        let Some(expired) = self.rpc.expire(self.cx.now, timeout) else {
            return;
        };
        if expired.call.slot().is_none() {
            self.outbox.others_answered(false);
        }
        let is_deaf = self.rpc.is_deaf();
        self.call_unprocessed(expired, CallFailure::Timeout);
        if is_deaf {
            self.give_connection_up();
        }
    }
}

/// The id for an answer. One that is longer than any id may be is cut off: its sender cannot
/// expect it back.
fn echoed(raw_id: &str) -> &str {
    if raw_id.len() <= RAW_ID_LENGTH {
        return raw_id;
    }
    let cut = raw_id.get(..=frame::ID_LENGTH);
    cut.filter(|cut| !cut.contains('\\')).unwrap_or("\"\"")
}
