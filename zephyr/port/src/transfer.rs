//! DataTransfer in both directions.
//!
//! What the application sends stays in its caller's memory. What the central system sends is kept
//! here while the application answers it.

use core::ffi::{CStr, c_char};

use heapless::String;
use ocpp::{
    Station,
    limits::DATA_LENGTH,
    station::{Input, Refused},
};

use crate::{
    errno::Error,
    kernel::{self, Locked, ThreadCell},
    limits::DATA_TRANSFER_VENDOR,
    mailbox::Mailbox,
    text,
};

/// Data transfers arrive only where the application has a vendor.
pub const ARRIVES: bool = !DATA_TRANSFER_VENDOR.is_empty();

/// Bytes of a messageId of 50 characters, each of up to four.
pub const MESSAGE_ID: usize = if ARRIVES { 4 * 50 } else { 0 };

/// Bytes of data, in either direction.
pub const PAYLOAD: usize = if ARRIVES { DATA_LENGTH } else { 0 };

/// For the station: vendors that the application understands.
pub const VENDORS: &[&str] = match ARRIVES {
    true => &[DATA_TRANSFER_VENDOR],
    false => &[],
};

/// Texts of a caller of the API. They are read under the lock only, and the caller takes this away,
/// under the same lock, before it returns.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    vendor_id: *const c_char,
    message_id: *const c_char,
    payload: *const c_char,
    answer: *mut c_char,
    answer_size: usize,
    /// It was sent: an answer is to this one, not to one before it whose caller has timed out.
    sent: bool,
}

/// The data transfer that a caller of the API waits for.
pub static OUTGOING: Locked<Mailbox<Outgoing>> = Locked::new(Mailbox::Empty);

// SAFETY: the texts may be read from any thread, which is what the promise of `new` says.
unsafe impl Send for Outgoing {}

impl Outgoing {
    /// Checks the texts.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a text that is not UTF-8, and for a vendor that is null.
    ///
    /// # Safety
    ///
    /// `vendor_id`, `message_id` and `payload` are null or C strings, `answer` is null or room for
    /// `answer_size` bytes, and they are not written to while this is in use.
    pub unsafe fn new(
        vendor_id: *const c_char,
        message_id: *const c_char,
        payload: *const c_char,
        answer: *mut c_char,
        answer_size: usize,
    ) -> Result<Self, Error> {
        for text in [vendor_id, message_id, payload] {
            // SAFETY: as the caller promises.
            if !text.is_null() && unsafe { CStr::from_ptr(text) }.to_str().is_err() {
                return Err(Error::Invalid);
            }
        }
        if vendor_id.is_null() {
            return Err(Error::Invalid);
        }
        Ok(Self {
            vendor_id,
            message_id,
            payload,
            answer,
            answer_size: if answer.is_null() { 0 } else { answer_size },
            sent: false,
        })
    }

    /// Hands it to the station.
    pub fn send(&mut self, station: &mut Station<'_>) -> Result<(), Refused> {
        // SAFETY: `new` was promised C strings, and their owner is still there.
        let text = |text: *const c_char| unsafe {
            (!text.is_null()).then(|| CStr::from_ptr(text).to_str().unwrap_or(""))
        };
        let transfer = Input::DataTransfer {
            vendor_id: text(self.vendor_id).unwrap_or(""),
            message_id: text(self.message_id),
            payload: text(self.payload),
        };
        station.handle(kernel::now(), transfer)?;
        self.sent = true;
        Ok(())
    }

    /// Copies the data of the central system's answer for the caller, cut off to the room there is.
    pub fn answered(&mut self, answer: &str) {
        if self.sent && self.answer_size > 0 {
            // SAFETY: `new` was promised that room, and its owner is still there.
            let room = unsafe { core::slice::from_raw_parts_mut(self.answer, self.answer_size) };
            text::fill(room, answer);
        }
    }
}

/// Lent to [`Callbacks`](crate::callbacks::Callbacks) by the engine's thread, and taken from there
/// by the thread that calls the application back, which then has it to itself.
pub static INCOMING: ThreadCell<Incoming> = ThreadCell::new(Incoming::new());

/// What the central system sent; later, the application's answer.
#[derive(Debug)]
pub struct Incoming {
    message_id: String<MESSAGE_ID>,
    has_message_id: bool,
    payload: String<PAYLOAD>,
    has_payload: bool,
}

impl Incoming {
    /// Empty.
    pub const fn new() -> Self {
        Self {
            message_id: String::new(),
            has_message_id: false,
            payload: String::new(),
            has_payload: false,
        }
    }

    /// Sets what was received.
    pub fn set(&mut self, message_id: Option<&str>, payload: Option<&str>) {
        self.message_id.clear();
        // The station takes nothing that is longer.
        let _ = self.message_id.push_str(message_id.unwrap_or(""));
        self.has_message_id = message_id.is_some();
        self.set_payload(payload);
    }

    /// Sets the data, received or to be answered.
    pub fn set_payload(&mut self, payload: Option<&str>) {
        self.payload.clear();
        let _ = self.payload.push_str(payload.unwrap_or(""));
        self.has_payload = payload.is_some();
    }

    /// The messageId.
    pub fn message_id(&self) -> Option<&str> {
        self.has_message_id.then_some(&self.message_id)
    }

    /// The data.
    pub fn payload(&self) -> Option<&str> {
        self.has_payload.then_some(&self.payload)
    }
}
