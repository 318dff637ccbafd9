//! Requests of the central system: found by their action, read by their table.

#[cfg(feature = "firmware-management")]
use super::firmware_management::{GetDiagnostics, UpdateFirmware};
use super::{
    core_profile::{
        ChangeAvailability, ChangeConfiguration, DataTransfer as Transferred, Empty,
        GetConfiguration, RemoteStartTransaction, RemoteStopTransaction, Reset, UnlockConnector,
    },
    names,
    remote_trigger::TriggerMessage,
    smart_charging::{ChargingProfile, ProfilePurpose},
};
#[cfg(feature = "firmware-management")]
use crate::dialect::Transfer;
use crate::{
    dialect::{DataTransfer, Level, RemoteStart, Request, Trigger},
    domain::{MessageTrigger, TokenKind},
    wire::{ErrorCode, Payload, field::Violation, message::request as read},
};

/// Actions of OCPP 1.6 and its security whitepaper that this station does not carry out: those
/// of feature profiles it does not have, and those that only a central system carries out.
const NOT_SUPPORTED: [&str; 29] = [
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
    "GetLocalListVersion",
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
        #[cfg(feature = "firmware-management")]
        "GetDiagnostics" => {
            let asked: GetDiagnostics<'_> = read(payload)?;
            Request::GetLog(Transfer {
                location: asked.location,
                retries: asked.retries,
                retry_interval: asked.retry_interval,
                from: asked.start_time,
                until: asked.stop_time,
            })
        }
        "RemoteStartTransaction" => Request::RemoteStart(remote_start(read(payload)?)?),
        "RemoteStopTransaction" => {
            let asked: RemoteStopTransaction = read(payload)?;
            Request::RemoteStop {
                transaction_id: Some(asked.transaction_id.into()),
            }
        }
        "Reset" => {
            let asked: Reset = read(payload)?;
            Request::Reset(asked.kind)
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
        #[cfg(feature = "firmware-management")]
        "UpdateFirmware" => {
            let asked: UpdateFirmware<'_> = read(payload)?;
            Request::UpdateFirmware(Transfer {
                location: asked.location,
                retries: asked.retries,
                retry_interval: asked.retry_interval,
                from: Some(asked.retrieve_date),
                until: None,
            })
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
