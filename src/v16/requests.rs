//! Requests of the central system: found by their action, read by their table.

#[cfg(feature = "local-list")]
use super::local_list::SendLocalList;
#[cfg(feature = "reservation")]
use super::reservation::{CancelReservation, ReserveNow};
use super::{
    core_profile::{
        ChangeAvailability, ChangeConfiguration, DataTransfer as Transferred, Empty,
        GetConfiguration, RemoteStartTransaction, RemoteStopTransaction, Reset, UnlockConnector,
    },
    names,
    remote_trigger::TriggerMessage,
    smart_charging::{ChargingProfile, ProfilePurpose},
};
use crate::{
    dialect::{DataTransfer, Level, RemoteStart, Request, Trigger},
    domain::{MessageTrigger, TokenKind},
    wire::{ErrorCode, Payload, field::Violation, message::request as read},
};

/// Actions of OCPP 1.6 and its security whitepaper that a station does not carry out, or that one
/// without their feature profile does not: and those that only a central system carries out.
const NOT_SUPPORTED: [&str; 28] = [
    "Authorize",
    "BootNotification",
    "CancelReservation",
    "CertificateSigned",
    "ClearChargingProfile",
    "DeleteCertificate",
    "DiagnosticsStatusNotification",
    "ExtendedTriggerMessage",
    "FirmwareStatusNotification",
    "GetCompositeSchedule",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    "GetLog",
    "Heartbeat",
    "InstallCertificate",
    "LogStatusNotification",
    "MeterValues",
    "ReserveNow",
    "SecurityEventNotification",
    "SendLocalList",
    "SetChargingProfile",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    "SignedUpdateFirmware",
    "StartTransaction",
    "StatusNotification",
    "StopTransaction",
    "UpdateFirmware",
];

/// The request with that action.
#[inline(always)] // into what carries it out: the same tables, read once
pub(crate) fn request<'a>(action: &str, payload: Payload<'a>) -> Result<Request<'a>, Violation> {
    Ok(match action {
        "ChangeAvailability" => {
            let asked: ChangeAvailability = read(payload)?;
            Request::ChangeAvailability {
                connector: asked.connector_id,
                level: Level::Evse,
                kind: asked.kind,
            }
        }
        "ChangeConfiguration" => {
            let ChangeConfiguration { key, value } = read(payload)?;
            Request::ChangeConfiguration { key, value }
        }
        #[cfg(feature = "reservation")]
        "CancelReservation" => {
            let CancelReservation { reservation_id } = read(payload)?;
            Request::CancelReservation { id: reservation_id }
        }
        "ClearCache" => {
            let _: Empty = read(payload)?;
            Request::ClearCache
        }
        "DataTransfer" => {
            let asked: Transferred<'_> = read(payload)?;
            Request::DataTransfer(DataTransfer {
                vendor_id: asked.vendor_id,
                message_id: asked.message_id,
                payload: asked.payload,
                has_other_payload: false,
            })
        }
        "GetConfiguration" => {
            let GetConfiguration { keys } = read(payload)?;
            Request::GetConfiguration { keys }
        }
        "GetLocalListVersion" => {
            let _: Empty = read(payload)?;
            Request::LocalListVersion
        }
        "RemoteStartTransaction" => Request::RemoteStart(remote_start(read(payload)?)?),
        "RemoteStopTransaction" => {
            let asked: RemoteStopTransaction = read(payload)?;
            Request::RemoteStop {
                transaction_id: Some(asked.transaction_id.into()),
            }
        }
        #[cfg(feature = "reservation")]
        "ReserveNow" => {
            let asked: ReserveNow<'_> = read(payload)?;
            Request::ReserveNow(asked.into())
        }
        "Reset" => {
            let asked: Reset = read(payload)?;
            Request::Reset(asked.kind)
        }
        #[cfg(feature = "local-list")]
        "SendLocalList" => {
            let asked: SendLocalList<'_> = read(payload)?;
            Request::SendLocalList(asked.into())
        }
        "TriggerMessage" => {
            let asked: TriggerMessage<'_> = read(payload)?;
            let names = names::MESSAGE_TRIGGER.iter().copied();
            let place = asked.requested_message.place_in(names);
            Request::Trigger(Trigger {
                message: place.and_then(|place| MessageTrigger::ALL.get(place).copied()),
                connector: asked.connector_id,
            })
        }
        "UnlockConnector" => {
            let asked: UnlockConnector = read(payload)?;
            Request::Unlock {
                connector: asked.connector_id,
            }
        }
        other => {
            let code = match NOT_SUPPORTED.contains(&other) {
                true => ErrorCode::NotSupported,
                false => ErrorCode::NotImplemented,
            };
            return Err(Violation { code, field: "" });
        }
    })
}

fn remote_start(asked: RemoteStartTransaction<'_>) -> Result<RemoteStart<'_>, Violation> {
    let has_other_profile = match asked.charging_profile {
        // 5.11: a charge point without Smart Charging ignores the profile.
        Some(profile) => {
            let profile: ChargingProfile<'_> = read(profile)?;
            profile.purpose != ProfilePurpose::Tx
        }
        None => false,
    };
    Ok(RemoteStart {
        connector: asked.connector_id,
        token: asked.id_tag,
        kind: TokenKind::Iso14443,
        id: Default::default(),
        has_other_profile,
    })
}
