//! Certificates and signatures: looked at, and told to the station.

use std::{fs, path::PathBuf};

use ocpp::{
    domain::{CertificateHash, CertificateUse, CertificateVerdict, HashAlgorithm},
    limits::CERTIFICATE_PLACES,
    station::{Event, FirmwareProgress, Input, Key, Refused},
};

use super::powered::Powered;
use crate::{
    certificates,
    tls::{Issued, RevocationLists, TlsFiles},
};

/// Bytes of the longest certificate, chain, or certificate with a signature.
const LONGEST: usize = 16_384;

impl Powered<'_> {
    /// Does what an event about certificates and signatures asks for; false if it is about something else.
    pub(super) fn react_to_security(&mut self, event: &Event) -> bool {
        match event {
            Event::VerifySigningCertificate => self.look_at_signing_certificate(),
            Event::VerifyFirmware => self.verify_firmware(),
            Event::CheckCertificate(used) => self.look_at_certificate(*used),
            Event::SecurityProfile { profile, .. } => {
                let setup = self.settings.security(*profile);
                self.station.declare_security(setup);
            }
            Event::CertificatesChanged(CertificateUse::ChargePoint) => {
                self.settle_keys();
            }
            Event::SigningRequestWanted => self.make_signing_request(),
            Event::SigningRequestAnswered(is_taken) => self.request_answered(*is_taken),
            _ => return false,
        }
        true
    }

    /// Seconds of the station's clock, or of this machine's.
    fn unix_s(&self) -> i64 {
        let known = self.station.utc().map(|millis| millis / 1000);
        known.unwrap_or_else(|| {
            let now = std::time::UNIX_EPOCH.elapsed();
            now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
        })
    }

    fn look_at_signing_certificate(&mut self) {
        let mut buffer = vec![0; LONGEST];
        let signing = self.station.signing(&mut buffer);
        let certificate = signing.map_or(String::new(), |signing| signing.certificate.to_owned());
        let roots = self.installed(CertificateUse::ManufacturerRoot);
        let unix_s = self.unix_s();
        let verdict = match certificates::is_signed_by_one_of(&certificate, &roots, unix_s) {
            true => self.revocation(&certificate, &roots, unix_s),
            false => CertificateVerdict::Invalid,
        };
        self.tell(Input::SigningCertificate(verdict));
    }

    /// What `--crl` says of a chain. Lists that cannot be read meanwhile let none pass.
    fn revocation(&mut self, chain: &str, roots: &[String], unix_s: i64) -> CertificateVerdict {
        match RevocationLists::load(&self.settings.tls.crls) {
            Ok(lists) => lists.verdict(chain, roots, unix_s),
            Err(problem) => {
                self.report.error(problem);
                CertificateVerdict::Invalid
            }
        }
    }

    fn verify_firmware(&mut self) {
        let mut buffer = vec![0; LONGEST];
        let image = self.images.target().and_then(fs::read);
        let signing = self.station.signing(&mut buffer);
        let is_good = match (signing, image) {
            (Some(signing), Ok(image)) => {
                certificates::has_signed(signing.certificate, signing.signature, &image)
            }
            _ => false,
        };
        if !is_good {
            self.images.discard();
        }
        self.tell(Input::Firmware(match is_good {
            true => FirmwareProgress::SignatureVerified,
            false => FirmwareProgress::InvalidSignature,
        }));
    }

    /// The certificates that are installed for a use, in PEM, each with whether the next connection counts on
    /// it.
    fn all_installed(&mut self, used: CertificateUse) -> Vec<(String, bool)> {
        let mut buffer = vec![0; LONGEST];
        (0..CERTIFICATE_PLACES as u8)
            .filter_map(|place| {
                let counts = self.station.counts_certificate(place);
                let installed = self.station.installed_certificate(place, &mut buffer)?;
                (installed.0 == used).then(|| (installed.1.to_owned(), counts))
            })
            .collect()
    }

    fn installed(&mut self, used: CertificateUse) -> Vec<String> {
        let all = self.all_installed(used).into_iter();
        all.map(|(pem, _)| pem).collect()
    }

    /// Those that the next connection counts on.
    fn counting(&mut self, used: CertificateUse) -> Vec<String> {
        let all = self.all_installed(used).into_iter();
        let counting = all.filter(|(_, counts)| *counts);
        counting.map(|(pem, _)| pem).collect()
    }

    /// Roots are taken where they are good, and with `--additional-root-check` where the present one has
    /// signed them; a certificate of the charge point where it is of a key that was made here, and leads to
    /// `--ca` or to a root that is installed.
    fn look_at_certificate(&mut self, used: CertificateUse) {
        let mut buffer = vec![0; LONGEST];
        let proposed = self.station.proposed_certificate(&mut buffer);
        let pem = proposed.unwrap_or_default().to_owned();
        let hash = match used {
            CertificateUse::ChargePoint => match self.keys.of(&pem) {
                Some(_) => certificates::issued(&pem, &self.roots(), self.unix_s()),
                None => None,
            },
            CertificateUse::CentralSystemRoot if self.settings.checks_additional_root => {
                match self.roots() {
                    none if none.is_empty() => certificates::root(&pem, self.unix_s()),
                    roots => certificates::next_root(&pem, &roots, self.unix_s()),
                }
            }
            _ => certificates::root(&pem, self.unix_s()),
        };
        let hash = hash.as_ref().map(|hash| CertificateHash {
            algorithm: HashAlgorithm::Sha256,
            issuer_name: &hash.issuer_name,
            issuer_key: &hash.issuer_key,
            serial_number: &hash.serial_number,
        });
        self.tell(Input::CertificateChecked(hash));
    }

    /// Those by which central systems are verified, but for the operating system's.
    fn roots(&mut self) -> Vec<String> {
        let mut roots = self.installed(CertificateUse::CentralSystemRoot);
        let given = self.given_roots(&roots);
        roots.extend(given.and_then(|path| fs::read_to_string(path).ok()));
        roots
    }

    /// `--ca`, unless another root has taken its place.
    fn given_roots(&self, installed: &[String]) -> Option<PathBuf> {
        let is_replaced = self.settings.checks_additional_root && !installed.is_empty();
        self.settings.tls.roots.clone().filter(|_| !is_replaced)
    }

    /// What the next connection with TLS is made with.
    pub(super) fn tls_files(&mut self) -> TlsFiles {
        let own = self.counting(CertificateUse::ChargePoint).pop();
        let issued = own.and_then(|chain| {
            let key = self.keys.of(&chain)?.to_owned();
            Some(Issued { chain, key })
        });
        let installed_roots = self.counting(CertificateUse::CentralSystemRoot);
        let is_replaced = self.settings.checks_additional_root && !installed_roots.is_empty();
        let given = &self.settings.tls;
        TlsFiles {
            roots: self.given_roots(&installed_roots),
            prefers_system_roots: given.prefers_system_roots && !is_replaced,
            installed_roots,
            issued,
            ..TlsFiles::clone(given)
        }
    }

    /// The keys of the certificates are in their places; false where they cannot be.
    fn settle_keys(&mut self) -> bool {
        let own = self.installed(CertificateUse::ChargePoint);
        match self.keys.settle(&own) {
            Ok(()) => true,
            Err(error) => {
                self.report.error(format!("a key cannot be kept: {error}"));
                false
            }
        }
    }

    fn make_signing_request(&mut self) {
        // A crash may have been between the certificate and its key, and a new key takes its place.
        if !self.settle_keys() {
            return;
        }
        let operator = self.changed_value(Key::CpoName);
        match self.keys.request(self.settings.serial_number(), &operator) {
            Ok(()) => self.is_request_sent = false,
            Err(problem) => self.report.error(problem),
        }
        self.go_on_signing();
    }

    /// True while a request for a certificate waits until it can be sent, over reboots as well.
    pub(super) fn wants_to_sign(&self) -> bool {
        !self.is_request_sent && self.keys.waiting().is_some() && self.station.is_online()
    }

    /// Sends a request for a certificate that waits, once no other CALL waits for its answer.
    pub(super) fn go_on_signing(&mut self) {
        let Some(request) = self.keys.waiting().filter(|_| self.wants_to_sign()) else {
            return;
        };
        let request = request.to_owned();
        match self.ask(Input::SigningRequest(&request)) {
            Ok(()) => self.is_request_sent = true,
            Err(Refused::Busy | Refused::Offline) => {}
            Err(refused) => {
                self.report
                    .error(format!("no request for a certificate: {refused:?}"));
                self.forget_request();
            }
        }
    }

    /// What was not answered because the connection was lost is sent again.
    fn request_answered(&mut self, is_taken: bool) {
        self.is_request_sent = false;
        if !is_taken && !self.station.is_online() {
            return;
        }
        self.forget_request();
        if !is_taken {
            self.report
                .error("the central system issues no certificate".to_owned());
        }
    }

    fn forget_request(&mut self) {
        if let Err(error) = self.keys.answered() {
            self.report.error(format!("a request is kept: {error}"));
        }
    }
}
