//! What the central system asks for: carried out, and answered at once, or later where the application has to say how it went.

#[cfg(feature = "security")]
use crate::domain::TransferAnswer;
use crate::station::{Event, Station, deferred::Waiting};
use crate::{
    dialect::Request,
    domain::{DataTransferStatus, TriggerMessageStatus, UnlockStatus},
    wire::{ErrorCode, Payload, Text, Writer, field::Violation, frame::Dropped},
};

impl Station<'_> {
    pub(in crate::station) fn request_arrived(
        &mut self,
        id: &str,
        action: Text<'_>,
        payload: Payload<'_>,
    ) {
        if self.registration.is_rejected() {
            if let Some(code) = self.cx.version.rejected_code() {
                return self.rpc.error(id, code, "", "rejected");
            }
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
        // No request arrives before an answer is whole, but for one that ended with the connection.
        #[cfg(feature = "smart-charging")]
        self.smart_charging.end_composite();
        // Escapes in the name of an action are unheard of, but allowed.
        let action = action.to_string::<40>().unwrap_or_default();
        let version = self.cx.version;
        let status = match version.request(&action, payload)? {
            Request::ChangeAvailability {
                connector,
                level,
                kind,
            } => self.change_availability(connector, level, kind).as_str(),
            Request::ChangeConfiguration { key, value } => {
                self.change_configuration(key, value).as_str()
            }
            #[cfg(feature = "smart-charging")]
            Request::ClearChargingProfiles(filter) => self.clear_charging_profiles(&filter),
            #[cfg(feature = "reservation")]
            Request::CancelReservation { id } => self.cancel_reservation(id).as_str(),
            Request::ClearCache => self.authorization.clear_cache(&mut self.cx).as_str(),
            Request::DataTransfer(asked) => return self.data_transfer_arrived(id, asked),
            #[cfg(feature = "smart-charging")]
            Request::GetCompositeSchedule(asked) => {
                self.get_composite_schedule(id, asked);
                return Ok(());
            }
            #[cfg(feature = "firmware-management")]
            Request::GetLog(asked) => {
                self.get_log(id, asked);
                return Ok(());
            }
            #[cfg(feature = "firmware-management")]
            Request::UpdateFirmware(asked) => {
                return self.update_firmware(id, asked);
            }
            #[cfg(feature = "security")]
            Request::SignedUpdateFirmware {
                transfer,
                certificate,
                signature,
            } => {
                self.update_signed_firmware(id, transfer, certificate, signature);
                return Ok(());
            }
            Request::GetConfiguration { keys } => return self.get_configuration(id, keys),
            Request::LocalListVersion => {
                let list_version = self.authorization.list().version(&self.cx);
                let write = &mut |w: &mut Writer<'_>| version.local_list_version(w, list_version);
                self.rpc.answer(id, write);
                return Ok(());
            }
            Request::Refused(status) => status,
            Request::RemoteStart(asked) => self.remote_start(asked)?.as_str(),
            Request::RemoteStop { transaction_id } => self.remote_stop(transaction_id).as_str(),
            #[cfg(feature = "reservation")]
            Request::ReserveNow(asked) => self.reserve_now(asked)?.as_str(),
            Request::Reset(kind) => self.reset_requested(kind).as_str(),
            #[cfg(feature = "local-list")]
            Request::SendLocalList(asked) => self.send_local_list(asked)?.as_str(),
            #[cfg(feature = "smart-charging")]
            Request::SetChargingProfile { connector, profile } => {
                self.set_charging_profile(connector, profile)?.as_str()
            }
            #[cfg(feature = "v201")]
            Request::GetVariables(asked) => return self.get_variables(id, asked),
            #[cfg(feature = "v201")]
            Request::Report(asked) => self.reports.begin(&self.cx, asked).as_str(),
            #[cfg(feature = "v201")]
            Request::SetVariables(asked) => return self.set_variables(id, asked),
            Request::Trigger(asked) => match self.trigger(id, asked) {
                Some(status) => status.as_str(),
                None => return Ok(()),
            },
            Request::Unlock { connector } => match self.unlock(id, connector)? {
                Some(status) => version.unlock_status(status),
                None => return Ok(()),
            },
        };
        self.rpc.answer(id, &mut |w| version.status(w, status));
        Ok(())
    }

    /// The application did not say in time how it went.
    pub(in crate::station) fn expire_deferred(&mut self) {
        if self.rpc.has_frame() {
            return;
        }
        let Some((place, waited_for)) = self.deferred.expired(self.cx.now) else {
            return;
        };
        let status = match waited_for {
            Waiting::Nothing => return,
            Waiting::Unlock(_) => UnlockStatus::UnlockFailed.as_str(),
            Waiting::DataTransfer => DataTransferStatus::Rejected.as_str(),
            Waiting::Readings(_) => TriggerMessageStatus::Rejected.as_str(),
            #[cfg(feature = "security")]
            Waiting::SigningCertificate => TransferAnswer::Rejected.as_str(),
        };
        let (id, version) = (self.deferred.take_id(place), self.cx.version);
        self.rpc.answer(id, &mut |w| version.status(w, status));
    }
}
