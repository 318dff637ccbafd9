//! Requests of the central system: found by their action, read by their table.

#[cfg(feature = "firmware-management")]
use super::firmware_management::{GetDiagnostics, UpdateFirmware};
#[cfg(feature = "local-list")]
use super::local_list::SendLocalList;
#[cfg(feature = "reservation")]
use super::reservation::{CancelReservation, ReserveNow};
#[cfg(feature = "security")]
use super::security::{self, GetLog, SignedUpdateFirmware};
#[cfg(feature = "smart-charging")]
use super::{
    charging_profile::profile,
    smart_charging::{ClearChargingProfile, GetCompositeSchedule, SetChargingProfile},
};
use super::{
    core_profile::{
        ChangeAvailability, ChangeConfiguration, DataTransfer as Transferred, Empty,
        GetConfiguration, RemoteStartTransaction, RemoteStopTransaction, Reset, UnlockConnector,
    },
    names,
    remote_trigger::TriggerMessage,
    smart_charging::{ChargingProfile, ChargingSchedulePeriod, PERIODS},
};
#[cfg(feature = "smart-charging")]
use crate::dialect::{ChargingProfileFilter, CompositeScheduleAsked};
#[cfg(feature = "firmware-management")]
use crate::{dialect::Transfer, domain::AskedBy};
use crate::{
    dialect::{DataTransfer, Level, RemoteStart, Request, Trigger},
    domain::{ChargingProfilePurpose, MessageTrigger, TokenKind},
    wire::{
        ErrorCode, Payload,
        field::Violation,
        message::{Objects, request as read},
    },
};

/// Actions of OCPP 1.6 and its security whitepaper that a station does not carry out, or that one
/// without their feature profile does not: and those that only a central system carries out.
const NOT_SUPPORTED: &[&str] = &[
    "Authorize",
    "BootNotification",
    "CancelReservation",
    "CertificateSigned",
    #[cfg(not(feature = "smart-charging"))]
    "ClearChargingProfile",
    "DeleteCertificate",
    "DiagnosticsStatusNotification",
    #[cfg(not(feature = "security"))]
    "ExtendedTriggerMessage",
    "FirmwareStatusNotification",
    #[cfg(not(feature = "smart-charging"))]
    "GetCompositeSchedule",
    "GetDiagnostics",
    "GetInstalledCertificateIds",
    #[cfg(not(feature = "security"))]
    "GetLog",
    "Heartbeat",
    "InstallCertificate",
    "LogStatusNotification",
    "MeterValues",
    "ReserveNow",
    "SecurityEventNotification",
    "SendLocalList",
    #[cfg(not(feature = "smart-charging"))]
    "SetChargingProfile",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
    #[cfg(not(feature = "security"))]
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
        #[cfg(feature = "smart-charging")]
        "ClearChargingProfile" => {
            let asked: ClearChargingProfile = read(payload)?;
            Request::ClearChargingProfiles(ChargingProfileFilter {
                id: asked.id,
                connector: asked.connector_id,
                purpose: asked.purpose,
                stack_level: asked.stack_level,
            })
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
        #[cfg(feature = "smart-charging")]
        "GetCompositeSchedule" => {
            let asked: GetCompositeSchedule = read(payload)?;
            Request::GetCompositeSchedule(CompositeScheduleAsked {
                connector: asked.connector_id,
                duration: asked.duration,
                unit: asked.unit,
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
                by: AskedBy::NONE,
                from: asked.start_time,
                until: asked.stop_time,
            })
        }
        "GetLocalListVersion" => {
            let _: Empty = read(payload)?;
            Request::LocalListVersion
        }
        "RemoteStartTransaction" => {
            Request::RemoteStart(remote_start(read(payload)?, payload.is_exact())?)
        }
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
        #[cfg(feature = "smart-charging")]
        "SetChargingProfile" => {
            let asked: SetChargingProfile<'_> = read(payload)?;
            Request::SetChargingProfile {
                connector: asked.connector_id,
                profile: profile(asked.profile, payload.is_exact()),
            }
        }
        "TriggerMessage" => {
            let asked: TriggerMessage<'_> = read(payload)?;
            let names = names::MESSAGE_TRIGGER.iter().copied();
            let place = asked.requested_message.place_in(names);
            Request::Trigger(Trigger {
                message: place.and_then(|place| MessageTrigger::ALL.get(place).copied()),
                connector: asked.connector_id,
                #[cfg(feature = "security")]
                is_extended: false,
            })
        }
        #[cfg(feature = "security")]
        "ExtendedTriggerMessage" => Request::Trigger(security::trigger(read(payload)?)),
        #[cfg(feature = "security")]
        "GetLog" => {
            let asked: GetLog<'_> = read(payload)?;
            Request::GetLog(asked.into())
        }
        #[cfg(feature = "security")]
        "SignedUpdateFirmware" => {
            let asked: SignedUpdateFirmware<'_> = read(payload)?;
            Request::SignedUpdateFirmware {
                transfer: asked.into(),
                certificate: asked.firmware.signing_certificate,
                signature: asked.firmware.signature,
            }
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
                by: AskedBy::NONE,
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

fn remote_start(
    asked: RemoteStartTransaction<'_>,
    exact: bool,
) -> Result<RemoteStart<'_>, Violation> {
    let asked_profile: Option<ChargingProfile<'_>> =
        asked.charging_profile.map(read).transpose()?;
    if let Some(profile) = asked_profile {
        let mut periods = Objects::of(profile.schedule.periods, PERIODS, exact);
        while let Some(period) = periods.read_next::<ChargingSchedulePeriod>() {
            period?;
        }
    }
    let is_other = |profile: ChargingProfile<'_>| profile.purpose != ChargingProfilePurpose::Tx;
    Ok(RemoteStart {
        connector: asked.connector_id,
        token: asked.id_tag,
        kind: TokenKind::Iso14443,
        id: Default::default(),
        has_other_profile: asked_profile.is_some_and(is_other),
        // 5.11: a charge point without Smart Charging ignores the profile.
        #[cfg(feature = "smart-charging")]
        profile: asked_profile.map(|asked| profile(asked, exact)),
    })
}
