//! DataTransfer in both directions (OCPP 1.6, 4.3 and 5.6).

use heapless::String;

use super::{
    CallFailure, Event, Refused,
    call::Call,
    context::Context,
    deferred::{Deferred, Waiting},
    rpc::Rpc,
};
use crate::{
    dialect,
    domain::DataTransferStatus,
    limits::{CALL_TIMEOUT_MS, DATA_LENGTH},
    wire::{ErrorCode, Payload, field::Violation, text::is_longer},
};

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

/// The DataTransfer that waits for the application, and the last answer to one of its own.
#[derive(Debug)]
pub(super) struct DataTransfer {
    /// Place in `Profile::vendors` of the one that waits.
    vendor: usize,
    message_id: Option<String<50>>,
    payload: Option<String<DATA_LENGTH>>,
    answer: Option<String<DATA_LENGTH>>,
}

impl DataTransfer {
    pub const fn new() -> Self {
        Self {
            vendor: 0,
            message_id: None,
            payload: None,
            answer: None,
        }
    }

    pub fn clear(&mut self) {
        self.answer = None;
    }

    /// What arrived last.
    pub fn received<'s>(&'s self, cx: &'s Context<'_>) -> Option<ReceivedDataTransfer<'s>> {
        Some(ReceivedDataTransfer {
            vendor_id: cx.profile.vendors.get(self.vendor).copied()?,
            message_id: self.message_id.as_deref(),
            payload: self.payload.as_deref(),
        })
    }

    /// What the last answer said.
    pub fn answer(&self) -> Option<&str> {
        self.answer.as_deref()
    }

    /// Takes a DataTransfer.req, or answers it at once.
    #[inline(never)]
    pub fn arrived(
        &mut self,
        cx: &mut Context<'_>,
        rpc: &mut Rpc<'_>,
        deferred: &mut Deferred,
        raw_id: &str,
        asked: dialect::DataTransfer<'_>,
    ) -> Result<(), Violation> {
        let version = cx.version;
        let mut refuse = |status: DataTransferStatus| {
            rpc.answer(raw_id, &mut |w| version.status(w, status.as_str()));
            Ok(())
        };
        let mut vendors = cx.profile.vendors.iter();
        let Some(vendor) = vendors.position(|vendor| asked.vendor_id.is_ci(vendor)) else {
            return refuse(DataTransferStatus::UnknownVendorId);
        };
        // There is one place for what it says.
        if deferred.has(&Waiting::DataTransfer) || !deferred.has_room() {
            return Err(Violation {
                code: ErrorCode::GenericError,
                field: "",
            });
        }
        // What is no text, and texts longer than this station can hold, are understood, but not taken.
        let message_id = asked.message_id.map(|text| text.to_string());
        let payload = asked.payload.map(|text| text.to_string());
        if message_id == Some(None) || payload == Some(None) || asked.has_other_payload {
            return refuse(DataTransferStatus::Rejected);
        }
        self.vendor = vendor;
        self.message_id = message_id.flatten();
        self.payload = payload.flatten();
        let until = cx.now + CALL_TIMEOUT_MS / 2;
        deferred.add(raw_id, Waiting::DataTransfer, until);
        cx.emit(Event::DataTransferReceived);
        Ok(())
    }

    /// Sends a DataTransfer of the application, which knows that the charge point is online.
    pub fn call(
        &mut self,
        cx: &Context<'_>,
        rpc: &mut Rpc<'_>,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        if rpc.has_frame() || !rpc.is_idle() {
            return Err(Refused::Busy);
        }
        self.answer = None;
        let id = rpc.next_id();
        let sent = rpc.call(cx.now, id, Call::DataTransfer, &mut |w| {
            cx.version.data_transfer(w, vendor_id, message_id, payload);
        });
        sent.then_some(()).ok_or(Refused::BadLength)
    }

    /// The central system has answered.
    pub fn answered(
        &mut self,
        cx: &mut Context<'_>,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answered = cx.version.data_transfer_answer(payload)?;
        self.answer = answered.payload.and_then(|text| text.to_string());
        cx.emit(Event::DataTransferAnswered(Some(answered.status)));
        if answered.payload.is_some() && self.answer.is_none() {
            let action = cx.version.action(&Call::DataTransfer);
            let failure = CallFailure::AnswerTooLong;
            cx.emit(Event::CallFailed { action, failure });
        }
        Ok(())
    }
}

/// True when the texts of a DataTransfer are not longer than OCPP 1.6 allows (6.15 DataTransfer.req).
pub(super) fn is_sendable(vendor_id: &str, message_id: Option<&str>) -> bool {
    !is_longer(vendor_id, 255) && message_id.is_none_or(|text| !is_longer(text, 50))
}
