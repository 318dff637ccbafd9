//! What this library adds: messages of a vendor's own.

use core::ffi::{c_char, c_int};

use ocpp::domain::DataTransferStatus;

use super::types::ocpp_data_transfer_status;
use crate::{
    charge_point,
    errno::{Error, returned},
    transfer::Outgoing,
};

/// Sends something of the vendor's own to the central system (DataTransfer) and waits for the
/// answer. What the central system sends comes as OCPP_EVENT_DATA_TRANSFER.
///
/// @param vendor_id whose message, up to 255 characters
/// @param message_id which message, up to 50 characters, or null
/// @param payload what it says, or null
/// @param status where the answer goes, when 0 is returned
/// @param reply where the text goes that came with it, cut off where there is no more room; or
///        null
/// @param reply_size bytes there are for it, a zero at its end included
/// @param timeout_ms milliseconds to wait for the answer
///
/// @retval 0 if there is an answer
/// @retval -EINVAL if vendor_id or status is null, a text is too long or no UTF-8, the message
///         does not fit into CONFIG_OCPP_SEND_BUFFER_SIZE, or the charge point does not run
/// @retval -ENOTCONN if the central system cannot be reached, has not accepted the charge point
///         yet, or is lost before it answers
/// @retval -EIO if it answers with an error, or not within CONFIG_OCPP_CALL_TIMEOUT_MS
/// @retval -ETIMEDOUT if there was no answer within timeout_ms
/// @retval -EBUSY if another data transfer waits for its answer
/// @retval -ENOMEM if CONFIG_OCPP_INTERNAL_MSGQ_CNT calls are under way
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ocpp_data_transfer(
    vendor_id: *const c_char,
    message_id: *const c_char,
    payload: *const c_char,
    status: *mut ocpp_data_transfer_status,
    reply: *mut c_char,
    reply_size: usize,
    timeout_ms: u32,
) -> c_int {
    if status.is_null() {
        return Error::Invalid.number();
    }
    // SAFETY: the caller gives null or C strings, and room for `reply_size` bytes; this function
    // does not return before it is taken away again.
    let outgoing = unsafe { Outgoing::new(vendor_id, message_id, payload, reply, reply_size) };
    returned(outgoing.and_then(|outgoing| {
        let answered = charge_point::send_data_transfer(outgoing, timeout_ms)?;
        // SAFETY: it is not null, so the caller has given room for a status.
        unsafe { status.write(status_of(answered)) };
        Ok(())
    }))
}

fn status_of(status: DataTransferStatus) -> ocpp_data_transfer_status {
    use ocpp_data_transfer_status::*;
    match status {
        DataTransferStatus::Accepted => OCPP_DATA_TRANSFER_ACCEPTED,
        DataTransferStatus::Rejected => OCPP_DATA_TRANSFER_REJECTED,
        DataTransferStatus::UnknownMessageId => OCPP_DATA_TRANSFER_UNKNOWN_MESSAGE_ID,
        DataTransferStatus::UnknownVendorId => OCPP_DATA_TRANSFER_UNKNOWN_VENDOR_ID,
    }
}
