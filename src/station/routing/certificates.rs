//! Certificates (security whitepaper, A02 and M): installed, deleted and told of; those of the charge
//! point itself are asked for and taken. What is in one, the application says.

use crate::{
    dialect::NamedCertificate,
    domain::{
        CertificateHash, CertificateStatus, CertificateUse, SecurityEvent, TriggerMessageStatus,
    },
    limits::CERTIFICATE_CHAIN_LENGTH,
    station::{
        CallFailure, Event, Refused, Station,
        call::Call,
        certificates::{Certificates, Installed, InstalledCertificate, Kept},
        deferred::Waiting,
    },
    wire::{Payload, Text, text::is_longer},
};

/// How long the application may look at a certificate, in milliseconds.
const VERDICT_TIMEOUT_MS: u64 = 20_000;
/// Characters of the longest request for a certificate.
const REQUEST_LENGTH: usize = 5500;

impl Station<'_> {
    /// The certificate, or the chain, that [`Event::CheckCertificate`] is about, copied into `buffer`: PEM.
    /// `None` where there is none, or `buffer` is too short.
    pub fn proposed_certificate<'b>(&mut self, buffer: &'b mut [u8]) -> Option<&'b str> {
        Certificates::candidate(self.cx.storage, buffer)
    }

    /// The certificate at a place below [`CERTIFICATE_PLACES`](crate::limits::CERTIFICATE_PLACES), copied into
    /// `buffer`: PEM, and its use. First come the roots; at [`CERTIFICATES`](crate::limits::CERTIFICATES) is
    /// the chain that the charge point shows in the next connection, behind it a root that no connection was
    /// made with yet, and then the other chain, where there is one that is not shown now.
    pub fn installed_certificate<'b>(
        &mut self,
        place: u8,
        buffer: &'b mut [u8],
    ) -> Option<(CertificateUse, &'b str)> {
        self.certificates.get(self.cx.storage, place, buffer)
    }

    /// What names the certificate at a place of [`Self::installed_certificate`].
    pub fn installed_certificate_id(&mut self, place: u8) -> Option<InstalledCertificate> {
        self.certificates.id(self.cx.storage, place)
    }

    /// True where the next connection is to count on the certificate at a place: with
    /// `AdditionalRootCertificateCheck` a new root and the one that it replaces are tried in turns. A chain
    /// that is not shown does not count either.
    pub fn counts_certificate(&self, place: u8) -> bool {
        self.certificates.counts(place)
    }

    /// M05 InstallCertificate, A02 CertificateSigned: answered once the application has looked at it.
    pub(super) fn certificate_arrived(
        &mut self,
        raw_id: &str,
        used: CertificateUse,
        certificate: Text<'_>,
    ) {
        let is_meant = |waiting: &Waiting| matches!(waiting, Waiting::Certificate(_));
        let waits = self.deferred.find(is_meant).is_some() || !self.deferred.has_room();
        if waits || certificate.chars().count() > CERTIFICATE_CHAIN_LENGTH {
            return self.answer_certificate(raw_id, CertificateStatus::Rejected);
        }
        if !self.certificates.propose(&mut self.cx, certificate) {
            let status = match used {
                CertificateUse::ChargePoint => CertificateStatus::Rejected,
                _ => CertificateStatus::Failed,
            };
            return self.answer_certificate(raw_id, status);
        }
        let until = self.cx.now + VERDICT_TIMEOUT_MS;
        self.deferred.add(raw_id, Waiting::Certificate(used), until);
        self.cx.emit(Event::CheckCertificate(used));
    }

    /// The application has looked at it: `None` for one that is not good.
    pub(in crate::station) fn certificate_checked(
        &mut self,
        hash: Option<CertificateHash<'_>>,
    ) -> Result<(), Refused> {
        let uses = [
            CertificateUse::CentralSystemRoot,
            CertificateUse::ManufacturerRoot,
            CertificateUse::ChargePoint,
        ];
        let waits = |used: &CertificateUse| self.deferred.has(&Waiting::Certificate(*used));
        let used = uses.into_iter().find(waits).ok_or(Refused::Unexpected)?;
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        if hash.is_some_and(|hash| !hash.is_sendable()) {
            return Err(Refused::BadLength);
        }
        let installed = match &hash {
            Some(hash) => {
                let replaces_root = self.security_setup.checks_additional_root
                    && (self.security_setup.has_central_system_root
                        || self.certificates.has_central_system_root());
                self.certificates
                    .install(&mut self.cx, used, hash, replaces_root)
            }
            None => {
                self.certificates.discard(&mut self.cx);
                Installed::Full
            }
        };
        let status = match installed {
            Installed::Done => CertificateStatus::Accepted,
            Installed::Failed if used != CertificateUse::ChargePoint => CertificateStatus::Failed,
            _ => CertificateStatus::Rejected,
        };
        match (hash, used) {
            (None, CertificateUse::ChargePoint) => {
                self.note_security(SecurityEvent::InvalidChargePointCertificate, "");
            }
            (None, CertificateUse::CentralSystemRoot) => {
                self.note_security(SecurityEvent::InvalidCentralSystemCertificate, "");
            }
            _ if installed == Installed::Done => self.certificates_changed(used),
            _ => {}
        }
        let place = self
            .deferred
            .find(|waiting| *waiting == Waiting::Certificate(used));
        let version = self.cx.version;
        if let Some(place) = place {
            let id = self.deferred.take_id(place);
            self.rpc
                .answer(id, &mut |w| version.status(w, status.as_str()));
        }
        Ok(())
    }

    fn certificates_changed(&mut self, used: CertificateUse) {
        self.note_security(SecurityEvent::ReconfigurationOfSecurityParameters, "");
        self.cx.emit(Event::CertificatesChanged(used));
        if used == CertificateUse::ChargePoint && self.credentials().security_profile == 3 {
            self.access.renew(&self.cx);
        }
    }

    fn answer_certificate(&mut self, raw_id: &str, status: CertificateStatus) {
        let version = self.cx.version;
        self.rpc
            .answer(raw_id, &mut |w| version.status(w, status.as_str()));
    }

    /// M04 DeleteCertificate. That of the charge point itself is not found by its hashes; the last root for
    /// central systems is not deleted while connections need one, nor that which a new one falls back to.
    pub(super) fn delete_certificate(&mut self, named: &NamedCertificate<'_>) -> CertificateStatus {
        let is_meant = |kept: &Kept| kept.is_named(named);
        let Some(place) = self.certificates.find(self.cx.storage, &is_meant) else {
            return CertificateStatus::NotFound;
        };
        let root = CertificateUse::CentralSystemRoot;
        let Some(used) = self.certificates.used(place) else {
            return CertificateStatus::NotFound;
        };
        let is_last =
            !self.security_setup.has_central_system_root && self.certificates.count(root) == 1;
        let is_fallback =
            self.certificates.has_next_root() && !self.certificates.is_next_root(place);
        let is_needed =
            used == root && self.credentials().security_profile >= 2 && (is_last || is_fallback);
        if is_needed || !self.certificates.delete(&mut self.cx, place) {
            return CertificateStatus::Failed;
        }
        self.certificates_changed(used);
        CertificateStatus::Accepted
    }

    /// M03 GetInstalledCertificateIds.
    pub(super) fn get_certificate_ids(&mut self, raw_id: &str, used: CertificateUse) {
        let version = self.cx.version;
        if self.certificates.count(used) == 0 {
            return self.answer_certificate(raw_id, CertificateStatus::NotFound);
        }
        self.certificates.begin_telling(used);
        let (part, storage) = (&mut self.certificates, &mut *self.cx.storage);
        self.rpc.answer_in_parts(raw_id, &mut |w| {
            version.begin_certificate_ids(w);
            part.tell(version, w, storage, true)
        });
    }

    /// Goes on with an answer that did not fit into the transmit buffer.
    pub(in crate::station) fn go_on_with_certificate_ids(&mut self) {
        if self.rpc.wants_next_part() && self.certificates.tells() {
            let version = self.cx.version;
            let (part, storage) = (&mut self.certificates, &mut *self.cx.storage);
            self.rpc
                .next_part(&mut |w| part.tell(version, w, storage, false));
        }
    }

    /// The central system wants the charge point to ask for a certificate (A02). Without a name of its
    /// operator there is nothing to ask for.
    pub(super) fn trigger_signing_request(&mut self) -> TriggerMessageStatus {
        if self.cx.settings.cpo_name().is_empty() {
            return TriggerMessageStatus::Rejected;
        }
        self.cx.emit(Event::SigningRequestWanted);
        TriggerMessageStatus::Accepted
    }

    /// Asks for a certificate with what the application has made (A02).
    pub(in crate::station) fn send_signing_request(&mut self, csr: &str) -> Result<(), Refused> {
        if is_longer(csr, REQUEST_LENGTH) || csr.is_empty() {
            return Err(Refused::BadLength);
        }
        if !self.is_online() || !self.cx.version.signs_certificates() {
            return Err(Refused::Offline);
        }
        if self.rpc.has_frame() || !self.may_call() {
            return Err(Refused::Busy);
        }
        let version = self.cx.version;
        let id = self.rpc.next_id();
        let sent = self
            .rpc
            .call(self.cx.now, id, Call::SignCertificate, &mut |w| {
                version.sign_certificate(w, csr);
            });
        sent.then_some(()).ok_or(Refused::BadLength)
    }

    /// The central system has answered.
    pub(super) fn signing_request_answered(
        &mut self,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let is_taken = self.cx.version.sign_certificate_answer(payload)?;
        self.cx.emit(Event::SigningRequestAnswered(is_taken));
        Ok(())
    }
}
