//! One CALL at a time in each direction (OCPP-J 1.6, 4.1).

use heapless::String;

use super::{CallFailure, Event, Output, Station, clock::Stamp, status::StatusReport};
use crate::{
    v16::{Context, core::Empty, message::answer},
    wire::{ErrorCode, Frame, Payload, Text, Writer, frame},
};

/// A message id: unique among the station's CALLs, the same when a message is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MessageId {
    /// The boot it is of.
    pub boot: u32,
    /// Counts within a boot.
    pub count: u32,
    /// Tells the parts of a message that had to be split.
    pub part: u8,
}

impl MessageId {
    /// `0000c0de-1`, and `0000c0de-1.20` for a part that is not the first.
    fn text(self) -> String<26> {
        let mut text = String::new();
        push_hex(&mut text, self.boot, 8);
        // Two numbers of eight digits, one of two and what is between them always fit.
        let _ = text.push('-');
        push_hex(&mut text, self.count, 1);
        if self.part > 0 {
            let _ = text.push('.');
            push_hex(&mut text, self.part.into(), 1);
        }
        text
    }
}

/// Appends hexadecimal digits, at least `width` of them.
fn push_hex(text: &mut String<26>, value: u32, width: u32) {
    let digits = (32 - value.leading_zeros()).div_ceil(4).max(width);
    for place in (0..digits).rev() {
        let digit = char::from_digit(value >> (4 * place) & 0xf, 16);
        let _ = text.push(digit.unwrap_or('0'));
    }
}

/// What a CALL of the station was about, for when its answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub(super) enum Call {
    Boot,
    Heartbeat,
    Status(StatusReport),
    Authorize {
        connector: u8,
    },
    DataTransfer,
    /// Readings of now, up to that place of the list.
    Moment {
        connector: u8,
        context: Context,
        stamp: Stamp,
        until: usize,
    },
    Start {
        slot: usize,
    },
    /// Stored readings, up to that place of the record.
    Values {
        slot: usize,
        until: usize,
    },
    Stop {
        slot: usize,
    },
}

impl Call {
    pub fn action(self) -> &'static str {
        match self {
            Self::Boot => "BootNotification",
            Self::Heartbeat => "Heartbeat",
            Self::Status(_) => "StatusNotification",
            Self::Authorize { .. } => "Authorize",
            Self::DataTransfer => "DataTransfer",
            Self::Moment { .. } | Self::Values { .. } => "MeterValues",
            Self::Start { .. } => "StartTransaction",
            Self::Stop { .. } => "StopTransaction",
        }
    }

    /// The record of the journal that it delivers.
    pub fn slot(self) -> Option<usize> {
        match self {
            Self::Start { slot } | Self::Values { slot, .. } | Self::Stop { slot } => Some(slot),
            _ => None,
        }
    }
}

/// CALLs in succession without an answer, and without any other frame of the central system,
/// after which the connection is given up: a websocket that answers pings need not lead anywhere.
const SILENT_CALLS: u8 = 3;

#[derive(Clone, Copy, Debug)]
struct Outstanding {
    id: MessageId,
    call: Call,
    sent_at: u64,
}

/// The transmit buffer and the CALL that waits for its answer.
#[derive(Debug)]
pub(super) struct Rpc<'a> {
    tx: &'a mut [u8],
    /// Bytes in the buffer that have not been sent yet.
    length: usize,
    /// They are not the end of their frame.
    unfinished: bool,
    outstanding: Option<Outstanding>,
    /// A transaction message that will be sent again with the same id: its answer may still come.
    late: Option<Outstanding>,
    /// CALLs in succession that had no answer, since anything arrived.
    silent_calls: u8,
    boot: u32,
    count: u32,
    last_sent: u64,
}

impl<'a> Rpc<'a> {
    pub fn new(tx: &'a mut [u8], boot: u32) -> Self {
        Self {
            tx,
            length: 0,
            unfinished: false,
            outstanding: None,
            late: None,
            silent_calls: 0,
            boot,
            count: 0,
            last_sent: 0,
        }
    }

    pub fn opened(&mut self, now: u64) {
        self.last_sent = now;
        self.silent_calls = 0;
    }

    /// The connection is gone, and with it the frame in the buffer; gives the CALL that will
    /// not be answered any more.
    pub fn closed(&mut self) -> Option<Call> {
        self.length = 0;
        self.unfinished = false;
        self.late = None;
        self.outstanding.take().map(|outstanding| outstanding.call)
    }

    pub fn next_id(&mut self) -> MessageId {
        self.count = self.count.wrapping_add(1);
        MessageId {
            boot: self.boot,
            count: self.count,
            part: 0,
        }
    }

    pub fn is_idle(&self) -> bool {
        self.outstanding.is_none()
    }

    pub fn last_sent(&self) -> u64 {
        self.last_sent
    }

    pub fn has_frame(&self) -> bool {
        self.length > 0 || self.unfinished
    }

    /// True when the next part of a frame has to be put into the buffer.
    pub fn wants_next_part(&self) -> bool {
        self.length == 0 && self.unfinished
    }

    /// What is in the buffer, to be sent now.
    pub fn take_frame(&mut self, now: u64) -> Output<'_> {
        self.last_sent = now;
        let length = ::core::mem::take(&mut self.length);
        let bytes = self.tx.get(..length).unwrap_or(&[]);
        // The writer writes ASCII, and ids that arrived as UTF-8.
        let text = ::core::str::from_utf8(bytes).unwrap_or("[]");
        match self.unfinished {
            true => Output::SendPart(text),
            false => Output::Send(text),
        }
    }

    /// Puts a CALL into the buffer; false, and nothing happened, when it does not fit.
    pub fn call(
        &mut self,
        now: u64,
        id: MessageId,
        call: Call,
        payload: &mut dyn FnMut(&mut Writer<'_>),
    ) -> bool {
        let mut w = Writer::new(self.tx);
        frame::begin_call(&mut w, &id.text(), call.action());
        payload(&mut w);
        frame::end(&mut w);
        if w.overflowed() {
            return false;
        }
        self.length = w.len();
        if call.slot().is_some() {
            self.late = None;
        }
        self.outstanding = Some(Outstanding {
            id,
            call,
            sent_at: now,
        });
        true
    }

    /// Says more exactly what the CALL is about that was just put into the buffer.
    pub fn is_about(&mut self, call: Call) {
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.call = call;
        }
    }

    /// Puts the answer to a CALL into the buffer; an error in its place when it does not fit.
    pub fn answer(&mut self, raw_id: &str, payload: &mut dyn FnMut(&mut Writer<'_>)) {
        self.answer_in_parts(raw_id, &mut |w| {
            payload(w);
            true
        });
    }

    /// The same for a payload that may end before its end: it says false then, and goes on in
    /// [`Rpc::next_part`].
    pub fn answer_in_parts(
        &mut self,
        raw_id: &str,
        payload: &mut dyn FnMut(&mut Writer<'_>) -> bool,
    ) {
        if !self.put_part(Some(raw_id), payload) {
            self.error(raw_id, ErrorCode::InternalError, "", "answer too long");
        }
    }

    /// Puts the next part of an answer into the buffer.
    pub fn next_part(&mut self, payload: &mut dyn FnMut(&mut Writer<'_>) -> bool) {
        self.put_part(None, payload);
    }

    /// The first part begins with an id. False when it does not fit.
    fn put_part(
        &mut self,
        raw_id: Option<&str>,
        payload: &mut dyn FnMut(&mut Writer<'_>) -> bool,
    ) -> bool {
        let mut w = Writer::new(self.tx);
        if let Some(raw_id) = raw_id {
            frame::begin_result(&mut w, raw_id);
        }
        self.unfinished = !payload(&mut w);
        if !self.unfinished {
            frame::end(&mut w);
        }
        self.length = w.len();
        !w.overflowed()
    }

    /// Puts a CALLERROR into the buffer.
    pub fn error(&mut self, raw_id: &str, code: ErrorCode, field: &str, description: &str) {
        let mut w = Writer::new(self.tx);
        frame::error(&mut w, raw_id, code, field, description);
        self.unfinished = false;
        self.length = if w.overflowed() { 0 } else { w.len() };
    }

    /// The CALL with that id, which now has its answer; also one that is late, where that counts.
    fn answered(&mut self, id: Text<'_>, late_counts: bool) -> Option<Outstanding> {
        let has_id = |waits: &mut Outstanding| id.is(&waits.id.text());
        self.outstanding
            .take_if(has_id)
            .or_else(|| self.late.take_if(|late| late_counts && has_id(late)))
    }

    /// The record of a message is gone: no answer to it is expected any more.
    pub fn forget_late(&mut self, slot: usize) {
        self.late = self.late.filter(|late| late.call.slot() != Some(slot));
    }
}

impl Station<'_> {
    pub(super) fn frame_arrived(&mut self, bytes: &[u8]) {
        self.frame(Frame::parse(bytes), "");
    }

    pub(super) fn long_frame_arrived(&mut self, beginning: &[u8]) {
        self.frame(Frame::parse_beginning(beginning), "frame too long");
    }

    pub(super) fn frame(&mut self, frame: Result<Frame<'_>, frame::Dropped>, why: &str) {
        self.rpc.silent_calls = 0;
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
                self.failure_arrived(id, CallFailure::Error(code), frame::Dropped::NotAsked);
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
    pub(super) fn next_call(&mut self) {
        if !self.connection.is_up()
            || !self.rpc.is_idle()
            || self.registration.call(&self.cx, &mut self.rpc)
        {
            return;
        }
        if !self.registration.is_answered() || self.call_triggered() || !self.is_online() {
            return;
        }
        let _ = self.authorization.call(&self.cx, &mut self.rpc)
            || self.call_status_or_message()
            || self.call_moment(Context::SampleClock)
            || self.call_heartbeat();
    }

    fn result_arrived(&mut self, id: Text<'_>, payload: Payload<'_>) {
        let Some(waited) = self.rpc.answered(id, true) else {
            let why = match payload.check() {
                Ok(()) => frame::Dropped::NotAsked,
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
        self.rpc.late = waited.call.slot().map(|_| waited).or(self.rpc.late);
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
            Call::Status(report) => {
                confirmed(payload)?;
                self.status.answered(report);
                Ok(())
            }
            Call::Moment {
                connector,
                context,
                stamp,
                until,
            } => {
                confirmed(payload)?;
                self.metering.moment_sent(connector, context, stamp, until);
                Ok(())
            }
            Call::Values { slot, until } => {
                confirmed(payload)?;
                self.outbox
                    .values_answered(&mut self.cx, &mut self.rpc, slot, until);
                Ok(())
            }
        }
    }

    /// The central system does not answer, or not usefully.
    pub(super) fn call_failed(&mut self, call: Call, failure: CallFailure) {
        let action = call.action();
        self.cx.emit(Event::CallFailed { action, failure });
        match call {
            Call::Boot => self.registration.failed(&self.cx),
            Call::Heartbeat => self.cx.clock.set_at = self.cx.now,
            Call::Authorize { connector } => self.authorize_failed(connector, failure),
            Call::DataTransfer => self.cx.emit(Event::DataTransferAnswered(None)),
            Call::Status(report) => self.status.failed(report),
            Call::Moment {
                connector,
                context,
                stamp,
                ..
            } => self.metering.moment_failed(connector, context, stamp),
            Call::Start { slot } | Call::Values { slot, .. } | Call::Stop { slot } => match failure
            {
                CallFailure::Timeout => self.message_unanswered(slot),
                _ => self.message_failed(slot),
            },
        }
    }

    /// The connection was lost before the answer came: that is no failure of the message.
    pub(super) fn call_interrupted(&mut self, call: Call) {
        match call {
            Call::DataTransfer => self.cx.emit(Event::DataTransferAnswered(None)),
            Call::Authorize { connector } => self.authorize_failed(connector, CallFailure::Timeout),
            Call::Status(report) => self.status.failed(report),
            _ => {}
        }
    }

    fn authorize_failed(&mut self, connector: u8, failure: CallFailure) {
        let decided = self.authorization.failed(&self.cx, connector, failure);
        self.pending_decided(connector, decided);
    }

    pub(super) fn expire_call(&mut self) {
        let expires_at = self.call_deadline().filter(|&at| at <= self.cx.now);
        let Some(expired) = expires_at.and_then(|_| self.rpc.outstanding.take()) else {
            return;
        };
        if expired.call.slot().is_none() {
            self.outbox.others_answered(false);
        }
        self.rpc.silent_calls += 1;
        let is_deaf = self.rpc.silent_calls >= SILENT_CALLS;
        self.call_unprocessed(expired, CallFailure::Timeout);
        if is_deaf {
            self.give_connection_up();
        }
    }

    pub(super) fn call_deadline(&self) -> Option<u64> {
        let waits = self.rpc.outstanding?;
        Some(waits.sent_at + self.cx.settings.message_timeout())
    }
}

/// An answer that says nothing.
fn confirmed(payload: Payload<'_>) -> Result<(), CallFailure> {
    let read: Result<Empty, _> = answer(payload);
    read.map(|_| ()).map_err(|_| CallFailure::BadAnswer)
}

/// Longest raw id that an answer repeats: 36 characters, each as `\uXXXX`, in quotation marks.
pub(super) const RAW_ID_LENGTH: usize = 6 * frame::ID_LENGTH + 2;

/// The id for an answer. One that is longer than any id may be is cut off: its sender cannot
/// expect it back.
fn echoed(raw_id: &str) -> &str {
    if raw_id.len() <= RAW_ID_LENGTH {
        return raw_id;
    }
    let cut = raw_id.get(..=frame::ID_LENGTH);
    cut.filter(|cut| !cut.contains('\\')).unwrap_or("\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_enough() {
        let id = MessageId {
            boot: u32::MAX,
            count: u32::MAX,
            part: u8::MAX,
        };
        assert_eq!(id.text().as_str(), "ffffffff-ffffffff.ff");
        assert!(id.text().len() <= frame::ID_LENGTH);
        let id = MessageId {
            boot: 0xc0de,
            count: 0x1f0,
            part: 0,
        };
        assert_eq!(id.text().as_str(), "0000c0de-1f0");
    }
}
