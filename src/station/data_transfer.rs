//! DataTransfer in both directions (OCPP 1.6, 4.3 and 5.6).

use heapless::String;

use super::{CallFailure, Event, Refused, Station, requests::Waiting, rpc::Call};
use crate::{
    limits::{CALL_TIMEOUT_MS, DATA_LENGTH},
    v16::{
        DataTransferStatus,
        core::{self, DataTransfer, DataTransferAnswer},
        message::answer,
    },
    wire::{ErrorCode, Payload, field::Violation},
};

/// A DataTransfer of a known vendor, until the application has answered it.
#[derive(Debug)]
pub(super) struct Received {
    /// Place in `Profile::vendors`.
    vendor: usize,
    message_id: Option<String<50>>,
    payload: Option<String<DATA_LENGTH>>,
}

/// What the central system transferred (6.15 DataTransfer.req).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceivedDataTransfer<'s> {
    /// One of `Profile::vendors`.
    pub vendor_id: &'s str,
    /// Which message.
    pub message_id: Option<&'s str>,
    /// What it says.
    pub payload: Option<&'s str>,
}

impl Station<'_> {
    /// The DataTransfer that waits for [`Input::DataTransferAnswer`](super::Input).
    pub fn received_data_transfer(&self) -> Option<ReceivedDataTransfer<'_>> {
        match self.deferred.waiting() {
            Waiting::DataTransfer(received) => Some(ReceivedDataTransfer {
                vendor_id: self.cx.profile.vendors.get(received.vendor).copied()?,
                message_id: received.message_id.as_deref(),
                payload: received.payload.as_deref(),
            }),
            Waiting::Nobody | Waiting::Unlock(_) | Waiting::Readings(_) => None,
        }
    }

    /// What the central system said in its answer to the last
    /// [`Input::DataTransfer`](super::Input), until the next one is sent.
    pub fn data_transfer_answer(&self) -> Option<&str> {
        self.transfer_answer.as_deref()
    }

    #[inline(never)]
    pub(super) fn data_transfer_arrived(
        &mut self,
        raw_id: &str,
        asked: DataTransfer<'_>,
    ) -> Result<(), Violation> {
        let vendors = self.cx.profile.vendors.iter();
        let vendor = vendors
            .enumerate()
            .find(|(_, vendor)| asked.vendor_id.is_ci(vendor));
        let Some((vendor, _)) = vendor else {
            self.refuse_data_transfer(raw_id, DataTransferStatus::UnknownVendorId);
            return Ok(());
        };
        if self.deferred.is_busy() {
            return Err(Violation {
                code: ErrorCode::GenericError,
                field: "",
            });
        }
        // Texts longer than this station can hold are understood, but not taken.
        let message_id = asked.message_id.map(|text| text.to_string());
        let payload = asked.payload.map(|text| text.to_string());
        if message_id == Some(None) || payload == Some(None) {
            self.refuse_data_transfer(raw_id, DataTransferStatus::Rejected);
            return Ok(());
        }
        let received = Received {
            vendor,
            message_id: message_id.flatten(),
            payload: payload.flatten(),
        };
        let until = self.cx.now + CALL_TIMEOUT_MS / 2;
        self.deferred
            .set(raw_id, Waiting::DataTransfer(received), until);
        self.cx.emit(Event::DataTransferReceived);
        Ok(())
    }

    fn refuse_data_transfer(&mut self, raw_id: &str, status: DataTransferStatus) {
        let status = status.as_str();
        self.rpc
            .answer(raw_id, &mut |w| core::status_answer(w, status));
    }

    pub(super) fn answer_data_transfer(
        &mut self,
        status: DataTransferStatus,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        if !matches!(self.deferred.waiting(), Waiting::DataTransfer(_)) {
            return Err(Refused::NotAsked);
        }
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        let id = self.deferred.take_id();
        self.rpc.answer(id, &mut |w| {
            core::data_transfer_answer(w, status, payload);
        });
        Ok(())
    }

    pub(super) fn send_data_transfer(
        &mut self,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        let too_long = |text: &str, limit| text.chars().nth(limit).is_some();
        if too_long(vendor_id, 255) || message_id.is_some_and(|text| too_long(text, 50)) {
            return Err(Refused::BadLength);
        }
        if !self.is_online() {
            return Err(Refused::Offline);
        }
        if self.rpc.has_frame() || !self.rpc.is_idle() {
            return Err(Refused::Busy);
        }
        *self.transfer_answer = None;
        let id = self.rpc.next_id();
        let sent = self
            .rpc
            .call(self.cx.now, id, Call::DataTransfer, &mut |w| {
                core::data_transfer(w, vendor_id, message_id, payload);
            });
        if sent {
            Ok(())
        } else {
            Err(Refused::BadLength)
        }
    }

    pub(super) fn data_transfer_answered(
        &mut self,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered: DataTransferAnswer<'_> =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        *self.transfer_answer = answered.payload.and_then(|text| text.to_string());
        self.cx
            .emit(Event::DataTransferAnswered(Some(answered.status)));
        if answered.payload.is_some() && self.transfer_answer.is_none() {
            let action = Call::DataTransfer.action();
            let failure = CallFailure::AnswerTooLong;
            self.cx.emit(Event::CallFailed { action, failure });
        }
        Ok(())
    }
}
