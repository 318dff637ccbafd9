//! Files that a charge point downloads and uploads: firmware, diagnostics.

use super::names::names;

names! {
    /// How far an update of the firmware is (7.25 FirmwareStatus), also where OCPP 1.6 has no word for
    /// it.
    FirmwareStatus {
        /// The image is there.
        Downloaded = 0 "Downloaded",
        /// It could not be downloaded.
        DownloadFailed = 1 "DownloadFailed",
        /// It is being downloaded.
        Downloading = 2 "Downloading",
        /// There is no update under way.
        Idle = 3 "Idle",
        /// It could not be installed: the firmware is what it was.
        InstallationFailed = 4 "InstallationFailed",
        /// It is being installed.
        Installing = 5 "Installing",
        /// The new firmware runs.
        Installed = 6 "Installed",
        /// The download waits for its time (OCPP 2.0.1).
        DownloadScheduled = 7 "DownloadScheduled",
        /// The download goes on later (OCPP 2.0.1).
        DownloadPaused = 8 "DownloadPaused",
        /// The charge point is about to restart with it (OCPP 2.0.1).
        InstallRebooting = 9 "InstallRebooting",
        /// The installation waits for its time (OCPP 2.0.1).
        InstallScheduled = 10 "InstallScheduled",
        /// The image is not what it should be (OCPP 2.0.1).
        InstallVerificationFailed = 11 "InstallVerificationFailed",
        /// Its signature is not good (OCPP 2.0.1).
        InvalidSignature = 12 "InvalidSignature",
        /// Its signature is good (OCPP 2.0.1).
        SignatureVerified = 13 "SignatureVerified",
    }

    /// How far the upload of a log is (7.24 DiagnosticsStatus).
    LogStatus {
        /// There is no upload under way.
        Idle = 0 "Idle",
        /// It is with the central system.
        Uploaded = 1 "Uploaded",
        /// It could not be uploaded.
        UploadFailed = 2 "UploadFailed",
        /// It is being uploaded.
        Uploading = 3 "Uploading",
        /// The charge point cannot upload it there (OCPP 2.0.1).
        NotSupportedOperation = 4 "NotSupportedOperation",
        /// The server refuses it (OCPP 2.0.1).
        PermissionDenied = 5 "PermissionDenied",
    }

    /// How files are transferred (SupportedFileTransferProtocols), in the order of the names.
    TransferProtocol {
        /// File Transfer Protocol.
        Ftp = 0 "FTP",
        /// The same over TLS.
        Ftps = 1 "FTPS",
        /// Hypertext Transfer Protocol.
        Http = 2 "HTTP",
        /// The same over TLS.
        Https = 3 "HTTPS",
    }

    /// Why a file could not be transferred, as the application found.
    TransferFailure {
        /// The server cannot be reached, or the transfer broke off.
        Interrupted = 0 "Interrupted",
        /// The server refuses: there is no such file, or the user may not.
        Refused = 1 "Refused",
        /// The file is empty.
        Empty = 2 "Empty",
        /// There is no room for it. It is not tried again.
        TooLarge = 3 "TooLarge",
        /// The charge point cannot do that. It is not tried again.
        NotSupported = 4 "NotSupported",
    }
}

impl TransferProtocol {
    /// The protocol of a location.
    pub fn of(location: &str) -> Option<Self> {
        Self::split(location).map(|(protocol, _)| protocol)
    }

    /// The protocol of a location, and what follows `://`, which is not empty.
    // A search for `://` as a text takes 900 bytes more on Cortex-M.
    pub fn split(location: &str) -> Option<(Self, &str)> {
        Self::ALL.iter().find_map(|protocol| {
            let name = protocol.as_str();
            let (scheme, rest) = location.split_at_checked(name.len())?;
            let rest = rest.strip_prefix("://")?;
            (scheme.eq_ignore_ascii_case(name) && !rest.is_empty()).then_some((*protocol, rest))
        })
    }
}

impl TransferFailure {
    /// True when another attempt would fail in the same way.
    pub fn is_final(self) -> bool {
        matches!(self, Self::TooLarge | Self::NotSupported)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_tells_its_protocol() {
        for (location, protocol) in [
            ("ftp://host/file", Some(TransferProtocol::Ftp)),
            ("FTPS://user:password@host", Some(TransferProtocol::Ftps)),
            ("http://host", Some(TransferProtocol::Http)),
            ("hTTps://host/a?b=c", Some(TransferProtocol::Https)),
            ("sftp://host/file", None),
            ("http:/host", None),
            ("http://", None),
            ("host/file", None),
            ("", None),
        ] {
            assert_eq!(TransferProtocol::of(location), protocol, "{location}");
        }
    }
}
