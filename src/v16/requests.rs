//! Requests of the central system: found by their action, read by their table.

#[cfg(feature = "firmware-management")]
use super::firmware_management::{GetDiagnostics, UpdateFirmware};
#[cfg(feature = "local-list")]
use super::local_list::SendLocalList;
#[cfg(feature = "reservation")]
use super::reservation::{CancelReservation, ReserveNow};
#[cfg(feature = "security")]
use super::security::{
    self, CertificateSigned, DeleteCertificate, GetInstalledCertificateIds, GetLog,
    InstallCertificate, SignedUpdateFirmware,
};
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
#[cfg(feature = "security")]
use crate::domain::CertificateUse;
#[cfg(feature = "firmware-management")]
use crate::{dialect::Transfer, domain::AskedBy};
use crate::{
    dialect::{DataTransfer, Level, RemoteStart, Request, Trigger},
    domain::{ChargingProfilePurpose, MessageTrigger, TokenKind},
    wire::{
        ErrorCode, Payload,
        field::Violation,
        message::{Message, Objects, request as read},
    },
};

/// What a request is read from: its payload. [`deviation`](super::deviation) has another, to find out by
/// which table that is done.
pub(crate) trait Source<'a> {
    fn read<M: Message<'a>>(&mut self) -> Result<M, Violation>;
    /// True when only what is to the letter is read.
    fn is_exact(&self) -> bool;
}

impl<'a> Source<'a> for Payload<'a> {
    fn read<M: Message<'a>>(&mut self) -> Result<M, Violation> {
        read(*self)
    }

    fn is_exact(&self) -> bool {
        Payload::is_exact(*self)
    }
}

/// Actions of OCPP 1.6 and its security whitepaper that a station does not carry out, or that one
/// without their feature profile does not: and those that only a central system carries out.
const NOT_SUPPORTED: &[&str] = &[
    "Authorize",
    "BootNotification",
    "CancelReservation",
    #[cfg(not(feature = "security"))]
    "CertificateSigned",
    #[cfg(not(feature = "smart-charging"))]
    "ClearChargingProfile",
    #[cfg(not(feature = "security"))]
    "DeleteCertificate",
    "DiagnosticsStatusNotification",
    #[cfg(not(feature = "security"))]
    "ExtendedTriggerMessage",
    "FirmwareStatusNotification",
    #[cfg(not(feature = "smart-charging"))]
    "GetCompositeSchedule",
    "GetDiagnostics",
    #[cfg(not(feature = "security"))]
    "GetInstalledCertificateIds",
    #[cfg(not(feature = "security"))]
    "GetLog",
    "Heartbeat",
    #[cfg(not(feature = "security"))]
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
pub(crate) fn request<'a>(
    action: &str,
    mut payload: impl Source<'a>,
) -> Result<Request<'a>, Violation> {
    Ok(match action {
        "ChangeAvailability" => {
            let asked: ChangeAvailability = payload.read()?;
            Request::ChangeAvailability {
                connector: asked.connector_id,
                level: Level::Evse,
                kind: asked.kind,
            }
        }
        "ChangeConfiguration" => {
            let ChangeConfiguration { key, value } = payload.read()?;
            Request::ChangeConfiguration { key, value }
        }
        #[cfg(feature = "reservation")]
        "CancelReservation" => {
            let CancelReservation { reservation_id } = payload.read()?;
            Request::CancelReservation { id: reservation_id }
        }
        "ClearCache" => {
            let _: Empty = payload.read()?;
            Request::ClearCache
        }
        #[cfg(feature = "smart-charging")]
        "ClearChargingProfile" => {
            let asked: ClearChargingProfile = payload.read()?;
            Request::ClearChargingProfiles(ChargingProfileFilter {
                id: asked.id,
                connector: asked.connector_id,
                purpose: asked.purpose,
                stack_level: asked.stack_level,
            })
        }
        "DataTransfer" => {
            let asked: Transferred<'_> = payload.read()?;
            Request::DataTransfer(DataTransfer {
                vendor_id: asked.vendor_id,
                message_id: asked.message_id,
                payload: asked.payload,
                has_other_payload: false,
            })
        }
        #[cfg(feature = "smart-charging")]
        "GetCompositeSchedule" => {
            let asked: GetCompositeSchedule = payload.read()?;
            Request::GetCompositeSchedule(CompositeScheduleAsked {
                connector: asked.connector_id,
                duration: asked.duration,
                unit: asked.unit,
            })
        }
        "GetConfiguration" => {
            let GetConfiguration { keys } = payload.read()?;
            Request::GetConfiguration { keys }
        }
        #[cfg(feature = "firmware-management")]
        "GetDiagnostics" => {
            let asked: GetDiagnostics<'_> = payload.read()?;
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
            let _: Empty = payload.read()?;
            Request::LocalListVersion
        }
        "RemoteStartTransaction" => {
            Request::RemoteStart(remote_start(payload.read()?, payload.is_exact())?)
        }
        "RemoteStopTransaction" => {
            let asked: RemoteStopTransaction = payload.read()?;
            Request::RemoteStop {
                transaction_id: Some(asked.transaction_id.into()),
            }
        }
        #[cfg(feature = "reservation")]
        "ReserveNow" => {
            let asked: ReserveNow<'_> = payload.read()?;
            Request::ReserveNow(asked.into())
        }
        "Reset" => {
            let asked: Reset = payload.read()?;
            Request::Reset(asked.kind)
        }
        #[cfg(feature = "local-list")]
        "SendLocalList" => {
            let asked: SendLocalList<'_> = payload.read()?;
            Request::SendLocalList(asked.into())
        }
        #[cfg(feature = "smart-charging")]
        "SetChargingProfile" => {
            let asked: SetChargingProfile<'_> = payload.read()?;
            Request::SetChargingProfile {
                connector: asked.connector_id,
                profile: profile(asked.profile, payload.is_exact()),
            }
        }
        "TriggerMessage" => {
            let asked: TriggerMessage<'_> = payload.read()?;
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
        "CertificateSigned" => {
            let asked: CertificateSigned<'_> = payload.read()?;
            Request::Certificate {
                used: CertificateUse::ChargePoint,
                certificate: asked.chain,
            }
        }
        #[cfg(feature = "security")]
        "DeleteCertificate" => {
            let asked: DeleteCertificate<'_> = payload.read()?;
            Request::DeleteCertificate(security::named(asked.hash))
        }
        #[cfg(feature = "security")]
        "GetInstalledCertificateIds" => {
            let asked: GetInstalledCertificateIds = payload.read()?;
            Request::GetCertificateIds(asked.used)
        }
        #[cfg(feature = "security")]
        "InstallCertificate" => {
            let asked: InstallCertificate<'_> = payload.read()?;
            Request::Certificate {
                used: asked.used,
                certificate: asked.certificate,
            }
        }
        #[cfg(feature = "security")]
        "ExtendedTriggerMessage" => Request::Trigger(security::trigger(payload.read()?)),
        #[cfg(feature = "security")]
        "GetLog" => {
            let asked: GetLog<'_> = payload.read()?;
            Request::GetLog(asked.into())
        }
        #[cfg(feature = "security")]
        "SignedUpdateFirmware" => {
            let asked: SignedUpdateFirmware<'_> = payload.read()?;
            Request::SignedUpdateFirmware {
                transfer: asked.into(),
                certificate: asked.firmware.signing_certificate,
                signature: asked.firmware.signature,
            }
        }
        "UnlockConnector" => {
            let asked: UnlockConnector = payload.read()?;
            Request::Unlock {
                connector: asked.connector_id,
            }
        }
        #[cfg(feature = "firmware-management")]
        "UpdateFirmware" => {
            let asked: UpdateFirmware<'_> = payload.read()?;
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
