//! Core profile (OCPP 1.6, 4.1 to 4.10 and 5.2 to 5.18).

use super::{names, smart_charging::CHARGING_PROFILE};
use crate::{
    domain::{
        AuthorizationStatus, AvailabilityType, BootReason, ChargePointError, Context,
        DataTransferStatus, FaultDetails, Identity, Measurand, Phase, Reason, RegistrationStatus,
        ResetType, Status, TransactionId,
    },
    wire::{
        Json, Kind, Text, UnixMillis, Writer,
        message::{Dispensable, Message, messages},
    },
};

pub use crate::dialect::shared::{
    begin_meter_value, data_transfer, data_transfer_answer, empty, end_list_and_object,
    status_answer,
};

messages! {
    /// 6.7 ChangeAvailability.req
    ChangeAvailability {
        /// 0 for the whole charge point.
        connector_id: i32 = "connectorId" Kind::Integer,
        /// In or out of service.
        kind: AvailabilityType = "type" Kind::Choice(AvailabilityType::NAMES),
    }

    /// 6.9 ChangeConfiguration.req
    ChangeConfiguration<'a> {
        /// Name of the key.
        key: Text<'a> = "key" Kind::Text(50),
        /// New value.
        value: Text<'a> = "value" Kind::Text(500),
    }

    /// 6.11 ClearCache.req, and every other message without fields.
    Empty {}

    /// 6.15 DataTransfer.req
    DataTransfer<'a> {
        /// Whose message.
        vendor_id: Text<'a> = "vendorId" Kind::Text(255),
        /// Which message.
        message_id: Option<Text<'a>> = "messageId" Kind::Text(50),
        /// What it says.
        payload: Option<Text<'a>> = "data" Kind::Text(usize::MAX),
    }

    /// 6.23 GetConfiguration.req
    GetConfiguration<'a> {
        /// Names of keys; all where absent or empty.
        keys: Option<Json<'a>> = "key" Kind::Texts(50),
    }

    /// 6.33 RemoteStartTransaction.req
    RemoteStartTransaction<'a> {
        /// Which connector; the charge point chooses where absent.
        connector_id: Option<i32> = "connectorId" Kind::Integer,
        /// Who charges.
        id_tag: Text<'a> = "idTag" Kind::Text(20),
        /// Limits for the transaction.
        charging_profile: Option<Json<'a>> = "chargingProfile" CHARGING_PROFILE,
    }

    /// 6.35 RemoteStopTransaction.req
    RemoteStopTransaction {
        /// Which transaction.
        transaction_id: i64 = "transactionId" Kind::Long,
    }

    /// 6.39 Reset.req
    Reset {
        /// How.
        kind: ResetType = "type" Kind::Choice(names::RESET_TYPE),
    }

    /// 6.53 UnlockConnector.req
    UnlockConnector {
        /// Which connector.
        connector_id: i32 = "connectorId" Kind::Integer,
    }

    /// 6.2 Authorize.conf
    AuthorizeAnswer<'a> {
        /// What the central system says of the idTag.
        id_tag_info: IdTagInfo<'a> = "idTagInfo" ID_TAG_INFO,
    }

    /// 7.27 IdTagInfo
    IdTagInfo<'a> {
        /// May it charge?
        status: AuthorizationStatus = "status" Kind::Choice(names::AUTHORIZATION_STATUS),
        /// Until when the charge point may remember that.
        expiry_date: Option<UnixMillis> = "expiryDate" Kind::Time,
        /// Its group.
        parent_id_tag: Option<Text<'a>> = "parentIdTag" Kind::Text(20),
    }

    /// 6.4 BootNotification.conf
    BootNotificationAnswer {
        /// The central system's clock.
        current_time: Dispensable<UnixMillis> = "currentTime" Kind::Time,
        /// Seconds: heartbeat, or until the next try.
        interval: Dispensable<i32> = "interval" Kind::Integer,
        /// May the charge point work?
        status: RegistrationStatus = "status" Kind::Choice(RegistrationStatus::NAMES),
    }

    /// 6.16 DataTransfer.conf
    DataTransferAnswer<'a> {
        /// What became of it.
        status: DataTransferStatus = "status" Kind::Choice(DataTransferStatus::NAMES),
        /// What the central system says to it.
        payload: Option<Text<'a>> = "data" Kind::Text(usize::MAX),
    }

    /// 6.30 Heartbeat.conf
    HeartbeatAnswer {
        /// The central system's clock.
        current_time: UnixMillis = "currentTime" Kind::Time,
    }

    /// 6.46 StartTransaction.conf
    StartTransactionAnswer<'a> {
        /// The transactionId counts whatever it says.
        id_tag_info: Dispensable<IdTagInfo<'a>> = "idTagInfo" ID_TAG_INFO,
        /// The central system's number for the transaction.
        transaction_id: i64 = "transactionId" Kind::Long,
    }

    /// 6.50 StopTransaction.conf
    StopTransactionAnswer<'a> {
        /// What the central system says of the idTag that stopped it.
        id_tag_info: Option<IdTagInfo<'a>> = "idTagInfo" ID_TAG_INFO,
    }
}

const ID_TAG_INFO: Kind = Kind::Nested(<IdTagInfo<'static> as Message<'static>>::FIELDS);

/// 6.3 BootNotification.req
pub fn boot_notification(w: &mut Writer<'_>, identity: &Identity<'_>, _: BootReason) {
    w.begin_object();
    w.text("chargePointVendor", identity.vendor);
    w.text("chargePointModel", identity.model);
    for (name, value) in [
        ("chargePointSerialNumber", identity.serial_number),
        ("chargeBoxSerialNumber", identity.box_serial_number),
        ("firmwareVersion", identity.firmware_version),
        ("iccid", identity.iccid),
        ("imsi", identity.imsi),
        ("meterSerialNumber", identity.meter_serial_number),
        ("meterType", identity.meter_type),
    ] {
        w.optional_text(name, value);
    }
    w.end_object();
}

/// 6.1 Authorize.req
pub fn authorize(w: &mut Writer<'_>, id_tag: &str) {
    w.begin_object();
    w.text("idTag", id_tag);
    w.end_object();
}

/// 6.45 StartTransaction.req: `meter_start` in Wh.
pub fn start_transaction(
    w: &mut Writer<'_>,
    connector: u8,
    id_tag: &str,
    meter_start: i32,
    reservation: Option<i32>,
    timestamp: UnixMillis,
) {
    w.begin_object();
    w.integer("connectorId", connector.into());
    w.text("idTag", id_tag);
    w.integer("meterStart", meter_start.into());
    if let Some(reservation) = reservation {
        w.integer("reservationId", reservation.into());
    }
    w.time("timestamp", timestamp);
    w.end_object();
}

/// What OCPP 1.6 has no word for: the transactionId of a transaction that the central system gave
/// none, because it never managed to process the start, or was told of it in another version.
pub const NO_TRANSACTION_ID: i64 = -1;

/// What the messages of a transaction call it.
pub(super) fn number(id: Option<TransactionId>) -> i64 {
    id.and_then(TransactionId::number)
        .unwrap_or(NO_TRANSACTION_ID)
}

/// Begins 6.49 StopTransaction.req; `transactionData` and the end of the object follow.
pub fn begin_stop_transaction(
    w: &mut Writer<'_>,
    transaction_id: i64,
    id_tag: Option<&str>,
    meter_stop: i32,
    reason: Reason,
    timestamp: UnixMillis,
) {
    w.begin_object();
    w.optional_text("idTag", id_tag);
    w.integer("meterStop", meter_stop.into());
    w.time("timestamp", timestamp);
    w.integer("transactionId", transaction_id);
    // `Local` is what an absent reason means; saying it helps people who read frames.
    w.word("reason", names::reason(reason));
}

/// Begins `transactionData` of 6.49 StopTransaction.req; its elements and the end of the list follow.
pub fn begin_transaction_data(w: &mut Writer<'_>) {
    w.begin_list("transactionData");
}

/// Begins 6.31 MeterValues.req; `meterValue` elements and the two ends follow.
pub fn begin_meter_values(w: &mut Writer<'_>, connector: u8, transaction_id: Option<i64>) {
    w.begin_object();
    w.integer("connectorId", connector.into());
    if let Some(id) = transaction_id {
        w.integer("transactionId", id);
    }
    w.begin_list("meterValue");
}

/// 7.43 SampledValue; `value` in the unit of a reading of that measurand.
pub fn sampled_value(
    w: &mut Writer<'_>,
    context: Context,
    measurand: Measurand,
    phase: Option<Phase>,
    value: i32,
) {
    w.begin_object();
    w.decimal_text("value", value.into(), measurand.decimals());
    w.word("context", context.as_str());
    w.word("measurand", measurand.as_str());
    if let Some(phase) = phase {
        w.word("phase", phase.as_str());
    }
    if let Some(unit) = measurand.unit() {
        w.word("unit", unit);
    }
    w.end_object();
}

/// 6.47 StatusNotification.req
pub fn status_notification(
    w: &mut Writer<'_>,
    connector: u8,
    status: Status,
    error: ChargePointError,
    details: FaultDetails<'_>,
    timestamp: Option<UnixMillis>,
) {
    w.begin_object();
    w.integer("connectorId", connector.into());
    w.word("errorCode", error.as_str());
    w.word("status", status.as_str());
    w.optional_text("info", details.info);
    if let Some(timestamp) = timestamp {
        w.time("timestamp", timestamp);
    }
    w.optional_text("vendorId", details.vendor_id);
    w.optional_text("vendorErrorCode", details.vendor_error_code);
    w.end_object();
}
