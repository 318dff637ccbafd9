//! Certificates and signatures: looked at, and told to the station.

use std::fs;

use ocpp::{
    domain::{CertificateHash, CertificateUse, CertificateVerdict, HashAlgorithm},
    limits::CERTIFICATES,
    station::{Event, FirmwareProgress, Input, Key, Refused},
};

use super::powered::Powered;
use crate::{
    certificates,
    tls::{Issued, TlsFiles},
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
            Event::SigningRequestAnswered(false) => self
                .report
                .error("the central system issues no certificate".to_owned()),
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
        let is_good = certificates::is_signed_by_one_of(&certificate, &roots, self.unix_s());
        self.tell(Input::SigningCertificate(match is_good {
            true => CertificateVerdict::Good,
            false => CertificateVerdict::Invalid,
        }));
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

    /// The certificates that are installed for a use, in PEM.
    fn installed(&mut self, used: CertificateUse) -> Vec<String> {
        let mut buffer = vec![0; LONGEST];
        (0..=CERTIFICATES as u8)
            .filter_map(|place| {
                let installed = self.station.installed_certificate(place, &mut buffer)?;
                (installed.0 == used).then(|| installed.1.to_owned())
            })
            .collect()
    }

    /// Roots are taken where they are good; a certificate of the charge point where it is of a key that was
    /// made here, and leads to `--ca` or to a root that is installed.
    fn look_at_certificate(&mut self, used: CertificateUse) {
        let mut buffer = vec![0; LONGEST];
        let proposed = self.station.proposed_certificate(&mut buffer);
        let pem = proposed.unwrap_or_default().to_owned();
        let hash = match used {
            CertificateUse::ChargePoint => match self.keys.of(&pem) {
                Some(_) => certificates::issued(&pem, &self.roots(), self.unix_s()),
                None => None,
            },
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
        let given = self.settings.tls.roots.as_ref();
        roots.extend(given.and_then(|path| fs::read_to_string(path).ok()));
        roots
    }

    /// What the next connection with TLS is made with.
    pub(super) fn tls_files(&mut self) -> TlsFiles {
        let own = self.installed(CertificateUse::ChargePoint).pop();
        let issued = own.and_then(|chain| {
            let key = self.keys.of(&chain)?.to_owned();
            Some(Issued { chain, key })
        });
        TlsFiles {
            installed_roots: self.installed(CertificateUse::CentralSystemRoot),
            issued,
            ..TlsFiles::clone(&self.settings.tls)
        }
    }

    /// The key of the present certificate is in its place; false where it cannot be.
    fn settle_keys(&mut self) -> bool {
        let own = self.installed(CertificateUse::ChargePoint).pop();
        match self.keys.settle(&own.unwrap_or_default()) {
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
            Ok(request) => self.signing_request = Some(request),
            Err(problem) => self.report.error(problem),
        }
        self.go_on_signing();
    }

    /// Sends a request for a certificate that waits, once no other CALL waits for its answer.
    pub(super) fn go_on_signing(&mut self) {
        let Some(request) = self.signing_request.take() else {
            return;
        };
        match self.ask(Input::SigningRequest(&request)) {
            Ok(()) => {}
            Err(Refused::Busy) => self.signing_request = Some(request),
            Err(refused) => self
                .report
                .error(format!("no request for a certificate: {refused:?}")),
        }
    }
}
