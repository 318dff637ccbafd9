//! Numbered requests for files (security whitepaper): SignedUpdateFirmware (L01), whose certificate the
//! application looks at before the answer, and GetLog (N01).

use crate::{
    dialect::Transfer,
    domain::{CertificateVerdict, FirmwareStatus, SecurityEvent, TransferAnswer, TransferProtocol},
    limits::LOCATION_LENGTH,
    station::{Event, Refused, Signing, Station, deferred::Waiting, signing},
    wire::{ErrorCode, Text, field::Violation},
};

/// How long the application may look at a certificate, in milliseconds.
const VERDICT_TIMEOUT_MS: u64 = 20_000;

impl Station<'_> {
    /// What [`Event::VerifySigningCertificate`] and [`Event::VerifyFirmware`] are about, copied into
    /// `buffer`: at most 6,301 bytes. `None` where there is nothing, or `buffer` is too short.
    pub fn signing<'b>(&mut self, buffer: &'b mut [u8]) -> Option<Signing<'b>> {
        let is_asked = self.deferred.has(&Waiting::SigningCertificate);
        let place = self.firmware.by().place ^ u8::from(is_asked);
        signing::signing(self.cx.storage, place, buffer)
    }

    /// L01.FR.20: a charge point for signed firmware takes no other.
    pub(super) fn check_unsigned_firmware(&self) -> Result<(), Violation> {
        match self.security_setup.signed_firmware_only {
            true => Err(Violation {
                code: ErrorCode::NotSupported,
                field: "",
            }),
            false => Ok(()),
        }
    }

    /// L01: SignedUpdateFirmware. Its answer follows once the application has looked at the certificate.
    pub(super) fn update_signed_firmware(
        &mut self,
        raw_id: &str,
        asked: Transfer<'_>,
        certificate: Text<'_>,
        signature: Text<'_>,
    ) {
        let waits = self.deferred.has(&Waiting::SigningCertificate);
        let can_be = !waits
            && self.deferred.has_room()
            && !self.firmware.is_installing()
            && self.can_be_fetched(asked.location);
        let place = self.firmware.by().place ^ 1;
        if !can_be || !signing::keep(&mut self.cx, place, &asked, certificate, signature) {
            return self.answer_transfer(raw_id, TransferAnswer::Rejected);
        }
        let until = self.cx.now + VERDICT_TIMEOUT_MS;
        self.deferred
            .add(raw_id, Waiting::SigningCertificate, until);
        self.cx.emit(Event::VerifySigningCertificate);
    }

    fn can_be_fetched(&self, location: Text<'_>) -> bool {
        let location = location.to_string::<LOCATION_LENGTH>();
        let protocol = location.as_deref().and_then(TransferProtocol::of);
        protocol.is_some_and(|protocol| self.cx.profile.transfer_protocols.contains(&protocol))
    }

    fn answer_transfer(&mut self, raw_id: &str, answer: TransferAnswer) {
        let version = self.cx.version;
        let status = answer.as_str();
        self.rpc.answer(raw_id, &mut |w| version.status(w, status));
    }

    /// The application has looked at the certificate.
    pub(in crate::station) fn signing_certificate_found(
        &mut self,
        verdict: CertificateVerdict,
    ) -> Result<(), Refused> {
        let is_meant = |waiting: &Waiting| *waiting == Waiting::SigningCertificate;
        let waits = self.deferred.find(is_meant).ok_or(Refused::Unexpected)?;
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        let answer = match verdict {
            CertificateVerdict::Good => self.begin_signed_update(),
            CertificateVerdict::Invalid => TransferAnswer::InvalidCertificate,
            CertificateVerdict::Revoked => TransferAnswer::RevokedCertificate,
        };
        if verdict != CertificateVerdict::Good {
            // L01.FR.02
            self.note_security(SecurityEvent::InvalidFirmwareSigningCertificate, "");
        }
        let (version, status) = (self.cx.version, answer.as_str());
        let id = self.deferred.take_id(waits);
        self.rpc.answer(id, &mut |w| version.status(w, status));
        Ok(())
    }

    fn begin_signed_update(&mut self) -> TransferAnswer {
        let kept = signing::kept(self.cx.storage, self.firmware.by().place ^ 1);
        let Some(transfer) = kept.as_ref().and_then(|kept| kept.transfer()) else {
            return TransferAnswer::Rejected;
        };
        if self.firmware.is_installing() {
            return TransferAnswer::Rejected;
        }
        let answer = match self.firmware.is_under_way() {
            true => TransferAnswer::AcceptedCanceled,
            false => TransferAnswer::Accepted,
        };
        self.firmware.ask(&mut self.cx, &transfer);
        self.hold_connectors();
        answer
    }

    /// N01: GetLog.
    pub(super) fn get_numbered_log(&mut self, raw_id: &str, asked: Transfer<'_>) {
        let was_under_way = self.logs.is_under_way();
        let file_name = self.logs.ask(&mut self.cx, &asked);
        let answer = match &file_name {
            None => TransferAnswer::Rejected,
            Some(_) if was_under_way => TransferAnswer::AcceptedCanceled,
            Some(_) => TransferAnswer::Accepted,
        };
        let version = self.cx.version;
        self.rpc.answer(raw_id, &mut |w| {
            version.log_answer(w, answer, file_name.as_deref());
        });
    }

    /// Tells how an update of the firmware has ended, if one `was_under_way`.
    pub(super) fn note_firmware(&mut self, was_under_way: bool) {
        let event = match self.firmware.status() {
            FirmwareStatus::Installed => SecurityEvent::FirmwareUpdated,
            FirmwareStatus::InvalidSignature => SecurityEvent::InvalidFirmwareSignature,
            _ => return,
        };
        if was_under_way {
            self.note_security(event, "");
        }
    }
}
