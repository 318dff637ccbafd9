//! What the central system asks for: found by its action, read by its table, answered at once,
//! or later where the application has to say how it went.

use crate::station::{Event, Station, deferred::Waiting};
use crate::{
    v16::{
        DataTransferStatus, UnlockStatus,
        core::{
            self, ChangeAvailability, ChangeConfiguration, DataTransfer, Empty,
            RemoteStartTransaction, RemoteStopTransaction, Reset, UnlockConnector,
        },
        message::request,
        trigger::{TriggerMessage, TriggerMessageStatus},
    },
    wire::{ErrorCode, Payload, Text, field::Violation, frame::Dropped},
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

impl Station<'_> {
    pub(in crate::station) fn request_arrived(
        &mut self,
        id: &str,
        action: Text<'_>,
        payload: Payload<'_>,
    ) {
        if self.registration.is_rejected() {
            let why = match payload.check() {
                Err(Err(why)) => why,
                _ => Dropped::Rejected,
            };
            self.cx.emit(Event::FrameDropped(why));
            return;
        }
        if let Err(Violation { code, field }) = self.carry_out(id, action, payload) {
            if let Err(frame) = payload.check() {
                return self.frame(frame, "");
            }
            let description = match code {
                ErrorCode::NotImplemented => "unknown action",
                ErrorCode::NotSupported => "not supported",
                ErrorCode::GenericError => "busy with another request",
                ErrorCode::ProtocolError => "missing",
                ErrorCode::TypeConstraintViolation => "wrong type",
                ErrorCode::PropertyConstraintViolation => "invalid value",
                ErrorCode::OccurenceConstraintViolation => "too many elements",
                _ => "not the structure of the action",
            };
            self.rpc.error(id, code, field, description);
        }
    }

    #[inline(never)]
    fn carry_out(
        &mut self,
        id: &str,
        action: Text<'_>,
        payload: Payload<'_>,
    ) -> Result<(), Violation> {
        // Escapes in the name of an action are unheard of, but allowed.
        let action = action.to_string::<40>().unwrap_or_default();
        let status = match action.as_str() {
            "ChangeAvailability" => {
                let asked: ChangeAvailability = request(payload)?;
                self.change_availability(asked.connector_id, asked.kind)
                    .as_str()
            }
            "ChangeConfiguration" => {
                let asked: ChangeConfiguration<'_> = request(payload)?;
                self.change_configuration(asked.key, asked.value).as_str()
            }
            "ClearCache" => {
                let _: Empty = request(payload)?;
                self.authorization.clear_cache(&mut self.cx).as_str()
            }
            "DataTransfer" => {
                let asked: DataTransfer<'_> = request(payload)?;
                return self.data_transfer_arrived(id, asked);
            }
            "GetConfiguration" => return self.get_configuration(id, request(payload)?),
            "RemoteStartTransaction" => {
                let asked: RemoteStartTransaction<'_> = request(payload)?;
                self.remote_start(asked)?.as_str()
            }
            "RemoteStopTransaction" => {
                let asked: RemoteStopTransaction = request(payload)?;
                self.remote_stop(asked.transaction_id).as_str()
            }
            "Reset" => {
                let asked: Reset = request(payload)?;
                self.reset_requested(asked.kind).as_str()
            }
            "TriggerMessage" => {
                let asked: TriggerMessage<'_> = request(payload)?;
                match self.trigger(id, asked) {
                    Some(status) => status.as_str(),
                    None => return Ok(()),
                }
            }
            "UnlockConnector" => {
                let asked: UnlockConnector = request(payload)?;
                match self.unlock(id, asked.connector_id)? {
                    Some(status) => status.as_str(),
                    None => return Ok(()),
                }
            }
            other => {
                let code = match NOT_SUPPORTED.contains(&other) {
                    true => ErrorCode::NotSupported,
                    false => ErrorCode::NotImplemented,
                };
                return Err(Violation { code, field: "" });
            }
        };
        self.rpc.answer(id, &mut |w| core::status_answer(w, status));
        Ok(())
    }

    /// The application did not say in time how it went.
    pub(in crate::station) fn expire_deferred(&mut self) {
        let deadline = self.deferred.deadline();
        if deadline.is_none_or(|until| until > self.cx.now) || self.rpc.has_frame() {
            return;
        }
        let status = match self.deferred.waiting() {
            Waiting::Nothing => return,
            Waiting::Unlock(_) => UnlockStatus::UnlockFailed.as_str(),
            Waiting::DataTransfer => DataTransferStatus::Rejected.as_str(),
            Waiting::Readings(_) => TriggerMessageStatus::Rejected.as_str(),
        };
        let id = self.deferred.take_id();
        self.rpc.answer(id, &mut |w| core::status_answer(w, status));
    }
}
