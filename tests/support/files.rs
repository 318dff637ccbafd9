//! What the application does with files: downloads and installs firmware, uploads logs.

use std::collections::VecDeque;

use ocpp::{
    domain::{BootReason, TransferFailure},
    station::{Event, FirmwareProgress, LogUpload},
};

use super::{
    bench::{Bench, Setup},
    world::Coming,
};

/// How an installation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installation {
    /// With a restart, behind which the new image runs and says so.
    NewImage,
    /// With a restart, behind which the version of the firmware is another.
    NewVersion,
    /// With a restart, behind which the image is another one of the same version.
    OtherImage,
    /// With a restart, behind which the old image runs.
    OldImage,
    /// Without a restart.
    AtOnce,
    Fails,
    /// The application says nothing.
    Never,
}

/// What becomes of files, and what became of them.
#[derive(Debug)]
pub struct Files {
    /// How the next downloads end; well behind these.
    pub downloads: VecDeque<Result<(), TransferFailure>>,
    /// How the next uploads end; well behind these.
    pub uploads: VecDeque<Result<(), TransferFailure>>,
    /// Milliseconds that a transfer or an installation takes.
    pub takes: u64,
    pub installation: Installation,
    /// Where images were downloaded from.
    pub downloaded: Vec<String>,
    /// What was uploaded: where to, name, from, until.
    pub uploaded: Vec<(String, String, Option<i64>, Option<i64>)>,
    pub installed: u32,
    /// What the application finds of signing certificates; nothing with nothing.
    #[cfg(feature = "security")]
    pub verdict: Option<ocpp::domain::CertificateVerdict>,
    /// Milliseconds that it takes to find that.
    #[cfg(feature = "security")]
    pub verdict_takes: u64,
    /// Signatures are good.
    #[cfg(feature = "security")]
    pub signatures_are_good: bool,
    /// Certificates that it was asked about, and images that it has verified.
    #[cfg(feature = "security")]
    pub certificates: Vec<String>,
    #[cfg(feature = "security")]
    pub verified: Vec<String>,
    /// An image takes effect with the next boot.
    is_in_place: Option<Installation>,
    /// Counts what the application was asked for.
    asked: u32,
    upload: u32,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            downloads: VecDeque::new(),
            uploads: VecDeque::new(),
            takes: 5_000,
            installation: Installation::NewImage,
            downloaded: Vec::new(),
            uploaded: Vec::new(),
            installed: 0,
            #[cfg(feature = "security")]
            verdict: Some(ocpp::domain::CertificateVerdict::Good),
            #[cfg(feature = "security")]
            verdict_takes: 0,
            #[cfg(feature = "security")]
            signatures_are_good: true,
            #[cfg(feature = "security")]
            certificates: Vec::new(),
            #[cfg(feature = "security")]
            verified: Vec::new(),
            is_in_place: None,
            asked: 0,
            upload: 0,
        }
    }
}

impl Files {
    /// What a boot is of.
    pub(super) fn boot(&mut self, setup: &mut Setup) {
        match self.is_in_place.take() {
            Some(Installation::NewImage) => setup.boot_reason = Some(BootReason::FirmwareUpdate),
            Some(Installation::NewVersion) => setup.identity.firmware_version = Some("2.0"),
            Some(Installation::OtherImage) => setup.firmware_mark += 1,
            _ => {}
        }
        self.asked += 1;
        self.upload += 1;
    }

    pub(super) fn is_of_now(&self, number: u32) -> bool {
        self.asked == number
    }

    pub(super) fn is_upload_of_now(&self, number: u32) -> bool {
        self.upload == number
    }
}

impl Bench {
    pub(super) fn transfer_files(&mut self, event: &Event) {
        let at = self.now + self.files.takes;
        match event {
            Event::DownloadFirmware => {
                let download = self.station.firmware_download();
                let location = download.expect("an image to be downloaded").location;
                self.files.downloaded.push(location.to_owned());
                self.files.asked += 1;
                let progress = match self.files.downloads.pop_front().unwrap_or(Ok(())) {
                    Ok(()) => FirmwareProgress::Downloaded,
                    Err(failure) => FirmwareProgress::DownloadFailed(failure),
                };
                self.coming
                    .push((at, Coming::Firmware(self.files.asked, progress)));
            }
            Event::InstallFirmware => {
                self.files.installed += 1;
                self.files.asked += 1;
                let progress = match self.files.installation {
                    Installation::Never => return,
                    Installation::Fails => FirmwareProgress::InstallationFailed,
                    Installation::AtOnce => FirmwareProgress::Installed,
                    _ => FirmwareProgress::RestartNeeded,
                };
                // What is in place is so before the station hears of it.
                self.coming
                    .push((at, Coming::Firmware(self.files.asked, progress)));
            }
            Event::CancelFirmware => self.files.asked += 1,
            Event::UploadLog => {
                let upload = self.station.log_upload().expect("a log to be uploaded");
                let LogUpload {
                    location,
                    file_name,
                    oldest,
                    latest,
                    ..
                } = upload;
                let upload = (location.to_owned(), file_name.to_string(), oldest, latest);
                self.files.uploaded.push(upload);
                self.files.upload += 1;
                let outcome = self.files.uploads.pop_front().unwrap_or(Ok(()));
                self.coming
                    .push((at, Coming::Uploaded(self.files.upload, outcome)));
            }
            Event::CancelLog => self.files.upload += 1,
            #[cfg(feature = "security")]
            Event::CheckCertificate(_) => {
                let mut buffer = vec![0; 10_000];
                let pem = self.station.proposed_certificate(&mut buffer);
                let pem = pem.expect("a certificate").to_owned();
                // Its serial number is its text, if that is hexadecimal.
                let is_good = pem.bytes().all(|c| c.is_ascii_hexdigit());
                let serial = is_good.then(|| pem.chars().take(40).collect());
                self.files.certificates.push(pem);
                if self.files.verdict.is_some() {
                    let at = self.now + self.files.verdict_takes;
                    self.coming.push((at, Coming::Checked(serial)));
                }
            }
            #[cfg(feature = "security")]
            Event::VerifySigningCertificate => {
                let mut buffer = vec![0; 6301];
                let signing = self.station.signing(&mut buffer).expect("a certificate");
                self.files.certificates.push(signing.certificate.to_owned());
                if let Some(verdict) = self.files.verdict {
                    self.coming.push((
                        self.now + self.files.verdict_takes,
                        Coming::Verdict(verdict),
                    ));
                }
            }
            #[cfg(feature = "security")]
            Event::VerifyFirmware => {
                let mut buffer = vec![0; 6301];
                let signing = self.station.signing(&mut buffer).expect("a signature");
                self.files.verified.push(signing.signature.to_owned());
                self.files.asked += 1;
                let progress = match self.files.signatures_are_good {
                    true => FirmwareProgress::SignatureVerified,
                    false => FirmwareProgress::InvalidSignature,
                };
                self.coming
                    .push((at, Coming::Firmware(self.files.asked, progress)));
            }
            _ => {}
        }
    }

    /// An image is in place for the next boot, whether the station has heard of it or not.
    pub fn put_image_in_place(&mut self) {
        self.files.is_in_place = Some(self.files.installation);
    }
}

/// What names a certificate with that serial number.
#[cfg(feature = "security")]
pub fn hash(serial_number: &str) -> ocpp::domain::CertificateHash<'_> {
    ocpp::domain::CertificateHash {
        algorithm: ocpp::domain::HashAlgorithm::Sha256,
        issuer_name: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        issuer_key: "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
        serial_number,
    }
}
