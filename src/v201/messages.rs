//! What a station writes, but for transactions.

use crate::{
    domain::{
        BootReason, ChargePointError, Context, FaultDetails, IdToken, Identity, Measurand, Phase,
        Status,
    },
    wire::{UnixMillis, Writer},
};

use super::names;

/// BootNotificationRequest
pub fn boot_notification(w: &mut Writer<'_>, identity: &Identity<'_>, reason: BootReason) {
    w.begin_object();
    w.word("reason", reason.as_str());
    w.begin_object_field("chargingStation");
    w.text("model", identity.model);
    w.text("vendorName", identity.vendor);
    w.optional_text("serialNumber", identity.serial_number);
    w.optional_text("firmwareVersion", identity.firmware_version);
    if identity.iccid.is_some() || identity.imsi.is_some() {
        w.begin_object_field("modem");
        w.optional_text("iccid", identity.iccid);
        w.optional_text("imsi", identity.imsi);
        w.end_object();
    }
    w.end_object();
    w.end_object();
}

/// AuthorizeRequest
pub fn authorize(w: &mut Writer<'_>, token: &IdToken) {
    w.begin_object();
    id_token(w, token);
    w.end_object();
}

/// `IdTokenType`
pub fn id_token(w: &mut Writer<'_>, token: &IdToken) {
    w.begin_object_field("idToken");
    w.text("idToken", token);
    w.word("type", token.kind().as_str());
    w.end_object();
}

/// StatusNotificationRequest
pub fn status_notification(
    w: &mut Writer<'_>,
    connector: u8,
    status: Status,
    _: ChargePointError,
    _: FaultDetails<'_>,
    timestamp: Option<UnixMillis>,
) {
    w.begin_object();
    // It is known: the central system told it when it accepted the station.
    w.time("timestamp", timestamp.unwrap_or(0));
    w.word("connectorStatus", names::status(status));
    w.integer("evseId", connector.into());
    w.integer("connectorId", 1);
    w.end_object();
}

/// `SampledValueType`; `value` in the unit of a reading of that measurand.
pub fn sampled_value(
    w: &mut Writer<'_>,
    context: Context,
    measurand: Measurand,
    phase: Option<Phase>,
    value: i32,
) {
    w.begin_object();
    w.decimal("value", value.into(), measurand.decimals());
    w.word("context", context.as_str());
    w.word("measurand", measurand.as_str());
    if let Some(phase) = phase {
        w.word("phase", phase.as_str());
    }
    if let Some(unit) = names::unit(measurand) {
        w.begin_object_field("unitOfMeasure");
        w.word("unit", unit);
        w.end_object();
    }
    w.end_object();
}
