//! One CALL at a time in each direction (OCPP-J 1.6, 4.1).

use heapless::Vec;

use super::{Output, call::Call};
use crate::{
    dialect::Version,
    wire::{ErrorCode, Text, Writer, frame},
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
    /// `0000c0de-1`, and `0000c0de-1.20` for a part that is not the first, in ASCII.
    fn text(self) -> Vec<u8, 26> {
        let mut text = Vec::new();
        push_hex(&mut text, self.boot, 8);
        // Two numbers of eight digits, one of two and what is between them always fit.
        let _ = text.push(b'-');
        push_hex(&mut text, self.count, 1);
        if self.part > 0 {
            let _ = text.push(b'.');
            push_hex(&mut text, self.part.into(), 1);
        }
        text
    }
}

/// Appends hexadecimal digits, at least `width` of them.
fn push_hex(text: &mut Vec<u8, 26>, value: u32, width: u32) {
    let digits = (32 - value.leading_zeros()).div_ceil(4).max(width);
    for place in (0..digits).rev() {
        let digit = (value >> (4 * place) & 0xf) as u8;
        let _ = text.push(match digit {
            0..=9 => b'0' + digit,
            _ => b'a' + digit - 10,
        });
    }
}

/// CALLs in succession without an answer, and without any other frame of the central system,
/// after which the connection is given up: a websocket that answers pings need not lead anywhere.
const SILENT_CALLS: u8 = 3;

#[derive(Clone, Copy, Debug)]
pub(super) struct Outstanding {
    id: MessageId,
    pub call: Call,
    sent_at: u64,
}

/// The transmit buffer and the CALL that waits for its answer.
#[derive(Debug)]
pub(super) struct Rpc<'a> {
    version: Version,
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
    pub fn new(version: Version, tx: &'a mut [u8], boot: u32) -> Self {
        Self {
            version,
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
        let action = self.version.action(&call);
        frame::begin_call(&mut w, &id.text(), action);
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

    /// Bytes of the longest frame that it can hold.
    #[cfg(feature = "v201")]
    pub fn longest_frame(&self) -> usize {
        self.tx.len()
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
        let code = self.version.error_code(code);
        frame::error(&mut w, raw_id, code, field, description);
        self.unfinished = false;
        self.length = if w.overflowed() { 0 } else { w.len() };
    }

    /// The CALL with that id, which now has its answer; also one that is late, where that counts.
    pub fn answered(&mut self, id: Text<'_>, late_counts: bool) -> Option<Outstanding> {
        let has_id = |waits: &mut Outstanding| id.is_ascii(&waits.id.text());
        self.outstanding
            .take_if(has_id)
            .or_else(|| self.late.take_if(|late| late_counts && has_id(late)))
    }

    /// Something has arrived.
    pub fn heard(&mut self) {
        self.silent_calls = 0;
    }

    /// A CALL failed; one that is sent again with the same id may still be answered.
    pub fn may_be_late(&mut self, failed: Outstanding) {
        self.late = failed.call.slot().map(|_| failed).or(self.late);
    }

    /// When the CALL that waits has waited `timeout` milliseconds.
    pub fn deadline(&self, timeout: u64) -> Option<u64> {
        Some(self.outstanding?.sent_at + timeout)
    }

    /// The CALL that has waited `timeout` milliseconds.
    pub fn expire(&mut self, now: u64, timeout: u64) -> Option<Outstanding> {
        self.deadline(timeout).filter(|&at| at <= now)?;
        self.silent_calls += 1;
        self.outstanding.take()
    }

    /// True when several CALLs in succession had no answer, and nothing else arrived.
    pub fn is_deaf(&self) -> bool {
        self.silent_calls >= SILENT_CALLS
    }

    /// The record of a message is gone: no answer to it is expected any more.
    pub fn forget_late(&mut self, slot: usize) {
        self.late = self.late.filter(|late| late.call.slot() != Some(slot));
    }
}

/// Longest raw id that an answer repeats: 36 characters, each as `\uXXXX`, in quotation marks.
pub(super) const RAW_ID_LENGTH: usize = 6 * frame::ID_LENGTH + 2;

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
        assert_eq!(id.text(), *b"ffffffff-ffffffff.ff");
        assert!(id.text().len() <= frame::ID_LENGTH);
        let id = MessageId {
            boot: 0xc0de,
            count: 0x1f0,
            part: 0,
        };
        assert_eq!(id.text(), *b"0000c0de-1f0");
    }
}
