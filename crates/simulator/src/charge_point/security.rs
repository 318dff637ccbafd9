//! Certificates and signatures: looked at, and told to the station.

use std::fs;

use ocpp::{
    domain::{CertificateHash, CertificateUse, CertificateVerdict, HashAlgorithm},
    limits::CERTIFICATES,
    station::{Event, FirmwareProgress, Input},
};

use super::powered::Powered;
use crate::certificates;

/// Bytes of the longest certificate, chain, or certificate with a signature.
const LONGEST: usize = 16_384;

impl Powered<'_> {
    /// Does what an event about certificates and signatures asks for; false if it is about something else.
    pub(super) fn react_to_security(&mut self, event: &Event) -> bool {
        match event {
            Event::VerifySigningCertificate => self.look_at_signing_certificate(),
            Event::VerifyFirmware => self.verify_firmware(),
            Event::CheckCertificate(used) => self.look_at_certificate(*used),
            Event::SigningRequestWanted => self
                .report
                .error("a request for a certificate cannot be made yet".to_owned()),
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
        let roots: Vec<String> = (0..CERTIFICATES as u8)
            .filter_map(|place| {
                let installed = self.station.installed_certificate(place, &mut buffer)?;
                let is_meant = installed.0 == CertificateUse::ManufacturerRoot;
                is_meant.then(|| installed.1.to_owned())
            })
            .collect();
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

    /// Roots are taken where they are good. A key of the charge point's own is not made here yet, so that
    /// no certificate can be of it.
    fn look_at_certificate(&mut self, used: CertificateUse) {
        let mut buffer = vec![0; LONGEST];
        let proposed = self.station.proposed_certificate(&mut buffer);
        let pem = proposed.unwrap_or_default().to_owned();
        let hash = match used {
            CertificateUse::ChargePoint => None,
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
}
