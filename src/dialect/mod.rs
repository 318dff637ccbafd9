//! The version of OCPP that a station speaks.
//!
//! Behaviour ([`crate::station`]) does not know versions: what it says and what it is told passes
//! through here, where a version is matched and its dialect ([`crate::v16`]) called. A version that a
//! build leaves out costs nothing: with one left, there is nothing to match.

mod answers;
mod requests;

pub(crate) use answers::{BootAnswer, DataTransferAnswer, StartAnswer, TokenInfo};
pub(crate) use requests::{DataTransfer, RemoteStart, Request, Trigger};

use crate::{
    domain::{
        ChargePointError, Context, DataTransferStatus, FaultDetails, Identity, Measured, Reason,
        Status, TransactionId,
    },
    v16,
    wire::{ErrorCode, Payload, UnixMillis, Writer, field::Violation},
};

/// A version of OCPP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// OCPP 1.6, as JSON.
    #[default]
    V16,
}

/// What a CALL of a station tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Boot,
    Heartbeat,
    Status,
    Authorize,
    DataTransfer,
    /// Readings that belong to no transaction, or are of one but no transaction message.
    MeterValues,
    TransactionStarted,
    TransactionUpdated,
    TransactionEnded,
}

/// A function of the dialect.
macro_rules! dialect {
    ($version:expr, $($function:tt)*) => {
        match $version {
            Version::V16 => v16::$($function)*,
        }
    };
}

/// How it is named.
impl Version {
    /// The websocket subprotocol.
    pub fn subprotocol(self) -> &'static str {
        dialect!(self, SUBPROTOCOL)
    }

    /// The action of a CALL.
    pub(crate) fn action(self, subject: Subject) -> &'static str {
        dialect!(self, action(subject))
    }

    /// The name of an error code.
    pub(crate) fn error_code(self, code: ErrorCode) -> &'static str {
        dialect!(self, error_code(code))
    }

    /// True when a message without an answer counts as one that the central system failed to
    /// process.
    pub(crate) fn counts_silence(self) -> bool {
        dialect!(self, COUNTS_SILENCE)
    }
}

/// What it says.
impl Version {
    pub(crate) fn boot_notification(self, w: &mut Writer<'_>, identity: &Identity<'_>) {
        dialect!(self, core_profile::boot_notification(w, identity));
    }

    pub(crate) fn heartbeat(self, w: &mut Writer<'_>) {
        dialect!(self, core_profile::empty(w));
    }

    pub(crate) fn authorize(self, w: &mut Writer<'_>, id_tag: &str) {
        dialect!(self, core_profile::authorize(w, id_tag));
    }

    pub(crate) fn status_notification(
        self,
        w: &mut Writer<'_>,
        connector: u8,
        (status, error): (Status, ChargePointError),
        details: FaultDetails<'_>,
        timestamp: Option<UnixMillis>,
    ) {
        dialect!(
            self,
            core_profile::status_notification(w, connector, status, error, details, timestamp)
        );
    }

    pub(crate) fn data_transfer(
        self,
        w: &mut Writer<'_>,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) {
        dialect!(
            self,
            core_profile::data_transfer(w, vendor_id, message_id, payload)
        );
    }

    /// The start of a transaction: `meter_start` in Wh.
    pub(crate) fn transaction_started(
        self,
        w: &mut Writer<'_>,
        connector: u8,
        id_tag: &str,
        meter_start: i32,
        timestamp: UnixMillis,
    ) {
        dialect!(
            self,
            core_profile::start_transaction(w, connector, id_tag, meter_start, timestamp)
        );
    }

    /// Begins the end of a transaction; its data and [`Self::end_transaction_ended`] follow.
    pub(crate) fn begin_transaction_ended(
        self,
        w: &mut Writer<'_>,
        transaction_id: TransactionId,
        id_tag: Option<&str>,
        meter_stop: i32,
        reason: Reason,
        timestamp: UnixMillis,
    ) {
        dialect!(
            self,
            core_profile::begin_stop_transaction(
                w,
                transaction_id,
                id_tag,
                meter_stop,
                reason,
                timestamp
            )
        );
    }

    /// Begins the list of what was read during a transaction, in the message of its end.
    pub(crate) fn begin_transaction_data(self, w: &mut Writer<'_>) {
        dialect!(self, core_profile::begin_transaction_data(w));
    }

    /// Begins a list of readings; [`Self::begin_moment`] and [`Self::end_meter_values`] follow.
    pub(crate) fn begin_meter_values(
        self,
        w: &mut Writer<'_>,
        connector: u8,
        transaction_id: Option<TransactionId>,
    ) {
        dialect!(
            self,
            core_profile::begin_meter_values(w, connector, transaction_id)
        );
    }

    pub(crate) fn end_meter_values(self, w: &mut Writer<'_>) {
        dialect!(self, core_profile::end_list_and_object(w));
    }

    /// Begins what was read at one moment; [`Self::reading`]s and [`Self::end_moment`] follow.
    pub(crate) fn begin_moment(self, w: &mut Writer<'_>, timestamp: UnixMillis) {
        dialect!(self, core_profile::begin_meter_value(w, timestamp));
    }

    pub(crate) fn end_moment(self, w: &mut Writer<'_>) {
        dialect!(self, core_profile::end_list_and_object(w));
    }

    /// One reading: `value` in the unit of [`Reading`](crate::station::Reading).
    pub(crate) fn reading(
        self,
        w: &mut Writer<'_>,
        context: Context,
        measured: Measured,
        value: i32,
    ) {
        let Measured { measurand, phase } = measured;
        dialect!(
            self,
            core_profile::sampled_value(w, context, measurand, phase, value)
        );
    }

    /// An answer that holds nothing but a status.
    pub(crate) fn status(self, w: &mut Writer<'_>, status: &'static str) {
        dialect!(self, core_profile::status_answer(w, status));
    }

    pub(crate) fn data_transferred(
        self,
        w: &mut Writer<'_>,
        status: DataTransferStatus,
        payload: Option<&str>,
    ) {
        dialect!(self, core_profile::data_transfer_answer(w, status, payload));
    }
}

/// What it is told.
impl Version {
    #[inline(always)] // see v16::request
    pub(crate) fn request<'a>(
        self,
        action: &str,
        payload: Payload<'a>,
    ) -> Result<Request<'a>, Violation> {
        dialect!(self, request(action, payload))
    }

    pub(crate) fn boot_answer(self, payload: Payload<'_>) -> Result<BootAnswer, Violation> {
        dialect!(self, boot_answer(payload))
    }

    pub(crate) fn heartbeat_answer(self, payload: Payload<'_>) -> Result<UnixMillis, Violation> {
        dialect!(self, heartbeat_answer(payload))
    }

    pub(crate) fn authorize_answer(self, payload: Payload<'_>) -> Result<TokenInfo<'_>, Violation> {
        dialect!(self, authorize_answer(payload))
    }

    pub(crate) fn data_transfer_answer(
        self,
        payload: Payload<'_>,
    ) -> Result<DataTransferAnswer<'_>, Violation> {
        dialect!(self, data_transfer_answer(payload))
    }

    pub(crate) fn start_answer(self, payload: Payload<'_>) -> Result<StartAnswer<'_>, Violation> {
        dialect!(self, start_answer(payload))
    }

    pub(crate) fn end_answer(
        self,
        payload: Payload<'_>,
    ) -> Result<Option<TokenInfo<'_>>, Violation> {
        dialect!(self, end_answer(payload))
    }

    /// An answer that says nothing.
    pub(crate) fn confirmation(self, payload: Payload<'_>) -> Result<(), Violation> {
        dialect!(self, confirmation(payload))
    }
}
