//! The version of OCPP that a station speaks.
//!
//! Behaviour ([`crate::station`]) does not know versions: what it says and what it is told passes
//! through here, where a version is matched and its dialect ([`crate::v16`]) called. A version that a
//! build leaves out costs nothing: with one left, there is nothing to match.

mod answers;
mod availability;
#[cfg(feature = "smart-charging")]
mod charging;
mod events;
#[cfg(feature = "local-list")]
mod local_list;
mod requests;
#[cfg(feature = "reservation")]
mod reservation;
pub(crate) mod shared;
#[cfg(feature = "v201")]
mod variables;

pub(crate) use answers::{BootAnswer, DataTransferAnswer, StartAnswer, TokenInfo};
pub(crate) use availability::{Asked, Level};
#[cfg(all(feature = "smart-charging", feature = "v16"))]
pub(crate) use charging::ChargingSchedule;
#[cfg(feature = "smart-charging")]
pub(crate) use charging::{
    ChargingPeriod, ChargingPeriods, ChargingProfile, ChargingProfileFilter, CompositeScheduleAsked,
};
pub(crate) use events::{COUNTS_EVENTS, Event, Facts, RemoteStartId, Told};
#[cfg(feature = "local-list")]
pub(crate) use local_list::{ListEntry, ListUpdate};
#[cfg(feature = "security")]
pub(crate) use requests::NamedCertificate;
#[cfg(feature = "firmware-management")]
pub(crate) use requests::Transfer;
pub(crate) use requests::{DataTransfer, RemoteStart, Request, Trigger};
#[cfg(feature = "reservation")]
pub(crate) use reservation::ReserveNow;
#[cfg(feature = "v201")]
pub(crate) use variables::{
    Characteristics, FactVariable, Found, MOST_VARIABLES, Report, ReportBase, ReportedVariable,
    Source, Variable, Variables, availability, begin_report, end_report, reported_variable,
    write_points,
};

#[cfg(feature = "smart-charging")]
use crate::domain::ChargingRateUnit;
#[cfg(feature = "firmware-management")]
use crate::domain::{AskedBy, FirmwareStatus, LogStatus};
#[cfg(feature = "security")]
use crate::domain::{CertificateHash, SecurityEvent, TransferAnswer};
use crate::{
    domain::{
        BootReason, ChargePointError, Context, DataTransferStatus, FaultDetails, IdToken, Identity,
        Measurand, Measured, Reason, Status, TransactionId, TxPolicy, UnlockStatus,
    },
    station::Call,
    wire::{ErrorCode, Payload, UnixMillis, Writer, field::Violation},
};

/// A version of OCPP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// OCPP 1.6, as JSON.
    #[cfg(feature = "v16")]
    #[default]
    V16,
    /// OCPP 2.0.1.
    #[cfg(feature = "v201")]
    #[cfg_attr(not(feature = "v16"), default)]
    V201,
}

/// True in a build with a version that tells why a station has booted.
pub(crate) const TELLS_BOOT_REASON: bool = cfg!(feature = "v201");

/// True in a build with reservations.
pub(crate) const HAS_RESERVATIONS: bool = cfg!(feature = "reservation");

/// A function of the dialect.
macro_rules! dialect {
    ($version:expr, $($function:tt)*) => {
        match $version {
            #[cfg(feature = "v16")]
            Version::V16 => $crate::v16::$($function)*,
            #[cfg(feature = "v201")]
            Version::V201 => $crate::v201::$($function)*,
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
    pub(crate) fn action(self, call: &Call) -> &'static str {
        dialect!(self, action(call))
    }

    /// The name of an error code.
    pub(crate) fn error_code(self, code: ErrorCode) -> &'static str {
        dialect!(self, error_code(code))
    }

    /// True when a transaction is told of as a sequence of events, with a name that the station gave
    /// it.
    pub(crate) fn tells_events(self) -> bool {
        dialect!(self, TELLS_EVENTS)
    }

    /// When transactions begin and end.
    pub(crate) fn tx_policy(self) -> TxPolicy {
        dialect!(self, TX_POLICY)
    }

    /// True when a connector is unlocked only where no driver charges who was authorized. Otherwise
    /// what charges there ends.
    pub(crate) fn unlocks_idle_only(self) -> bool {
        dialect!(self, UNLOCKS_IDLE_ONLY)
    }

    /// True when a cache that is switched off is not cleared.
    pub(crate) fn clears_enabled_cache_only(self) -> bool {
        dialect!(self, CLEARS_ENABLED_CACHE_ONLY)
    }

    /// True when there is a local authorization list: one that the central system cannot replace is not
    /// used.
    #[cfg(feature = "local-list")]
    pub(crate) fn has_local_list(self) -> bool {
        dialect!(self, HAS_LOCAL_LIST)
    }

    /// True when the availability of the whole lies over that of each connector, which it leaves as it
    /// is. Otherwise what is asked for of the whole is asked for of all.
    pub(crate) fn layers_availability(self) -> bool {
        dialect!(self, LAYERS_AVAILABILITY)
    }

    /// True when a station tells why it has booted.
    pub(crate) fn tells_boot_reason(self) -> bool {
        dialect!(self, TELLS_BOOT_REASON)
    }

    /// What a station that was rejected answers to a request, if anything.
    pub(crate) fn rejected_code(self) -> Option<ErrorCode> {
        dialect!(self, REJECTED_CODE)
    }

    /// Characters of a token.
    pub(crate) fn token_length(self) -> usize {
        dialect!(self, TOKEN_LENGTH)
    }

    /// The field of a request that holds a token.
    pub(crate) fn token_field(self) -> &'static str {
        dialect!(self, TOKEN_FIELD)
    }

    /// What is reported of a connector in this condition, the same for those that the version does
    /// not tell apart; `None` where it reports nothing.
    pub(crate) fn reported(
        self,
        connector: u8,
        condition: (Status, ChargePointError),
    ) -> Option<(Status, ChargePointError)> {
        dialect!(self, reported(connector, condition))
    }

    /// True when readings of that measurand can be told.
    pub(crate) fn measures(self, measurand: Measurand) -> bool {
        dialect!(self, measures(measurand))
    }

    /// The name of how an unlock ended.
    pub(crate) fn unlock_status(self, status: UnlockStatus) -> &'static str {
        dialect!(self, names::unlock_status(status))
    }

    /// True when a message without an answer counts as one that the central system failed to
    /// process.
    pub(crate) fn counts_silence(self) -> bool {
        dialect!(self, COUNTS_SILENCE)
    }
}

/// What it says.
impl Version {
    pub(crate) fn boot_notification(
        self,
        w: &mut Writer<'_>,
        identity: &Identity<'_>,
        reason: BootReason,
    ) {
        dialect!(self, messages::boot_notification(w, identity, reason));
    }

    pub(crate) fn heartbeat(self, w: &mut Writer<'_>) {
        shared::empty(w);
    }

    pub(crate) fn authorize(self, w: &mut Writer<'_>, token: &IdToken) {
        dialect!(self, messages::authorize(w, token));
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
            messages::status_notification(w, connector, status, error, details, timestamp)
        );
    }

    pub(crate) fn data_transfer(
        self,
        w: &mut Writer<'_>,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) {
        shared::data_transfer(w, vendor_id, message_id, payload);
    }

    /// The start of a transaction: `meter_start` in Wh; `reservation` is the number of the one that it
    /// uses.
    pub(crate) fn transaction_started(
        self,
        w: &mut Writer<'_>,
        event: &Event,
        token: &IdToken,
        meter_start: i32,
        reservation: Option<i32>,
    ) {
        dialect!(
            self,
            transactions::started(w, event, token, meter_start, reservation)
        );
    }

    /// Begins the end of a transaction: `meter_stop` in Wh. Its data follow, if it `has_readings`, each
    /// as between [`Self::begin_meter_value`] and [`Self::end_meter_value`], then [`Self::end_transaction_ended`].
    pub(crate) fn begin_transaction_ended(
        self,
        w: &mut Writer<'_>,
        event: &Event,
        token: Option<&IdToken>,
        meter_stop: i32,
        reason: Reason,
        has_readings: bool,
    ) {
        dialect!(
            self,
            transactions::begin_ended(w, event, token, meter_stop, reason, has_readings)
        );
    }

    pub(crate) fn end_transaction_ended(
        self,
        w: &mut Writer<'_>,
        event: &Event,
        meter_stop: Option<i32>,
        has_readings: bool,
    ) {
        dialect!(
            self,
            transactions::end_ended(w, event, meter_stop, has_readings)
        );
    }

    /// Begins a message of a running transaction. Its readings follow, if it `has_readings`, between
    /// [`Self::begin_meter_value`] and [`Self::end_meter_value`], then [`Self::end_transaction_updated`].
    pub(crate) fn begin_transaction_updated(
        self,
        w: &mut Writer<'_>,
        event: &Event,
        has_readings: bool,
    ) {
        dialect!(self, transactions::begin_updated(w, event, has_readings));
    }

    pub(crate) fn end_transaction_updated(self, w: &mut Writer<'_>, has_readings: bool) {
        dialect!(self, transactions::end_updated(w, has_readings));
    }

    /// Begins a list of readings; [`Self::begin_meter_value`] and [`Self::end_meter_values`] follow.
    pub(crate) fn begin_meter_values(
        self,
        w: &mut Writer<'_>,
        connector: u8,
        transaction_id: Option<TransactionId>,
    ) {
        dialect!(
            self,
            transactions::begin_meter_values(w, connector, transaction_id)
        );
    }

    pub(crate) fn end_meter_values(self, w: &mut Writer<'_>) {
        shared::end_list_and_object(w);
    }

    /// Begins what was read at one moment; [`Self::reading`]s and [`Self::end_meter_value`] follow.
    pub(crate) fn begin_meter_value(self, w: &mut Writer<'_>, timestamp: UnixMillis) {
        shared::begin_meter_value(w, timestamp);
    }

    pub(crate) fn end_meter_value(self, w: &mut Writer<'_>) {
        shared::end_list_and_object(w);
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
            messages::sampled_value(w, context, measurand, phase, value)
        );
    }

    /// Begins the answer that tells what may be drawn; [`Self::charging_period`]s follow, then
    /// [`Self::end_composite`].
    #[cfg(feature = "smart-charging")]
    pub(crate) fn begin_composite(
        self,
        w: &mut Writer<'_>,
        connector: u8,
        start: UnixMillis,
        unit: ChargingRateUnit,
    ) {
        dialect!(
            self,
            charging_profile::begin_composite(w, connector, start, unit)
        );
    }

    /// One period: `limit` in tenths, 0 `phases` for a number that is not told.
    #[cfg(feature = "smart-charging")]
    pub(crate) fn charging_period(self, w: &mut Writer<'_>, start: u32, limit: u64, phases: u8) {
        shared::charging_period(w, start, limit, phases);
    }

    /// `duration` in seconds.
    #[cfg(feature = "smart-charging")]
    pub(crate) fn end_composite(self, w: &mut Writer<'_>, duration: u32) {
        shared::end_composite(w, duration);
    }

    /// An answer that holds nothing but a status.
    pub(crate) fn status(self, w: &mut Writer<'_>, status: &'static str) {
        shared::status_answer(w, status);
    }

    /// The version of the local authorization list.
    pub(crate) fn local_list_version(self, w: &mut Writer<'_>, version: i32) {
        shared::local_list_version(w, version);
    }

    pub(crate) fn data_transferred(
        self,
        w: &mut Writer<'_>,
        status: DataTransferStatus,
        payload: Option<&str>,
    ) {
        shared::data_transfer_answer(w, status, payload);
    }
}

/// What it says of files that are transferred.
#[cfg(feature = "firmware-management")]
impl Version {
    /// True when a station tells of that status without being asked.
    pub(crate) fn announces_firmware(self, status: FirmwareStatus, by: AskedBy) -> bool {
        match by.is_numbered() {
            true => status != FirmwareStatus::Idle,
            false => dialect!(self, firmware_management::announces_firmware(status)),
        }
    }

    /// True when a station tells of its uploads without being asked.
    pub(crate) fn announces_logs(self, by: AskedBy) -> bool {
        by.is_numbered() || dialect!(self, firmware_management::ANNOUNCES_LOGS)
    }

    pub(crate) fn firmware_status_notification(
        self,
        w: &mut Writer<'_>,
        status: FirmwareStatus,
        by: AskedBy,
    ) {
        if by.is_numbered() {
            return shared::firmware_status(w, status, by);
        }
        let name = dialect!(self, firmware_management::firmware_status(status));
        shared::status_answer(w, name);
    }

    pub(crate) fn log_status_notification(
        self,
        w: &mut Writer<'_>,
        status: LogStatus,
        by: AskedBy,
    ) {
        if by.is_numbered() {
            return shared::log_status(w, status, by);
        }
        let name = dialect!(self, firmware_management::log_status(status));
        shared::status_answer(w, name);
    }

    /// The answer to a request for another firmware.
    pub(crate) fn firmware_update_taken(self, w: &mut Writer<'_>) {
        shared::empty(w);
    }

    /// The answer to a request for a log.
    pub(crate) fn log_named(self, w: &mut Writer<'_>, file_name: Option<&str>) {
        dialect!(self, firmware_management::log_named(w, file_name));
    }
}

/// What it says of security.
#[cfg(feature = "security")]
impl Version {
    /// True when the charge point can ask for certificates.
    pub(crate) fn signs_certificates(self) -> bool {
        dialect!(self, SIGNS_CERTIFICATES)
    }

    pub(crate) fn security_event_notification(
        self,
        w: &mut Writer<'_>,
        event: SecurityEvent,
        timestamp: UnixMillis,
        info: Option<&str>,
    ) {
        let name = dialect!(self, security_event(event));
        shared::security_event_notification(w, name, timestamp, info);
    }

    /// A request for a certificate.
    pub(crate) fn sign_certificate(self, w: &mut Writer<'_>, csr: &str) {
        shared::sign_certificate(w, csr);
    }

    /// True when a certificate follows.
    pub(crate) fn sign_certificate_answer(self, payload: Payload<'_>) -> Result<bool, Violation> {
        shared::sign_certificate_answer(payload)
    }

    /// Begins the answer that tells which certificates there are; [`Self::certificate_hash`]es follow.
    pub(crate) fn begin_certificate_ids(self, w: &mut Writer<'_>) {
        shared::begin_certificate_ids(w);
    }

    pub(crate) fn certificate_hash(self, w: &mut Writer<'_>, hash: &CertificateHash<'_>) {
        shared::certificate_hash(w, hash);
    }

    /// The answer to a request for a log that has a number.
    pub(crate) fn log_answer(
        self,
        w: &mut Writer<'_>,
        status: TransferAnswer,
        file_name: Option<&str>,
    ) {
        shared::log_answer(w, status, file_name);
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
