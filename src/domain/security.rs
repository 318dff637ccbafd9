//! How a charge point is secured (security whitepaper, 3rd edition).

use super::{Credentials, names::names};

/// What the application brings along for secure connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecuritySetup<'a> {
    /// What the charge point was configured with. What the central system has changed counts more.
    pub credentials: Credentials<'a>,
    /// There is a root certificate by which that of a central system is verified.
    pub has_central_system_root: bool,
    /// There is a certificate of the charge point, and its key.
    pub has_charge_point_certificate: bool,
    /// The central system is told of security events. One without the security extension answers each with
    /// an error.
    pub tells_events: bool,
    /// Firmware is updated by SignedUpdateFirmware only: UpdateFirmware is answered with NotSupported
    /// (L01.FR.20).
    pub signed_firmware_only: bool,
    /// `AdditionalRootCertificateCheck`: there is one root for central systems at a time, and the application
    /// takes another one only where it is signed by that. The one before stays until a connection was made
    /// with the new one.
    pub checks_additional_root: bool,
}

/// What becomes of a raise of the security profile (A05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileRaise {
    /// The central system asked for it: the next connection is made with it.
    Begun,
    /// A connection was made with it.
    Done,
    /// No connection could be made with it: the profile before it is used again.
    FellBack,
}

/// Bytes of what is said about a security event; more is cut off.
pub const TECH_INFO_LENGTH: usize = 40;

names! {
    /// What a charge point has seen that its security depends on (security whitepaper, appendix; OCPP
    /// 2.0.1, appendix 1).
    SecurityEvent {
        /// The firmware was updated.
        FirmwareUpdated = 0 "FirmwareUpdated",
        /// The central system refused the credentials of the charge point.
        FailedToAuthenticateAtCentralSystem = 1 "FailedToAuthenticateAtCentralSystem",
        /// The central system could not authenticate itself.
        CentralSystemFailedToAuthenticate = 2 "CentralSystemFailedToAuthenticate",
        /// The clock was set to another time.
        SettingSystemTime = 3 "SettingSystemTime",
        /// The charge point has booted.
        StartupOfTheDevice = 4 "StartupOfTheDevice",
        /// It is about to restart.
        ResetOrReboot = 5 "ResetOrReboot",
        /// The security log was cleared.
        SecurityLogWasCleared = 6 "SecurityLogWasCleared",
        /// Security profile, AuthorizationKey or certificates were changed.
        ReconfigurationOfSecurityParameters = 7 "ReconfigurationOfSecurityParameters",
        /// There is no room any more, in flash or in RAM.
        MemoryExhaustion = 8 "MemoryExhaustion",
        /// The central system sends what is no message.
        InvalidMessages = 9 "InvalidMessages",
        /// Messages were sent once more by an attacker.
        AttemptedReplayAttacks = 10 "AttemptedReplayAttacks",
        /// The charge point was tampered with.
        TamperDetectionActivated = 11 "TamperDetectionActivated",
        /// The signature of a firmware is not good.
        InvalidFirmwareSignature = 12 "InvalidFirmwareSignature",
        /// The certificate by which a firmware was signed is not good.
        InvalidFirmwareSigningCertificate = 13 "InvalidFirmwareSigningCertificate",
        /// The certificate of the central system is not good.
        InvalidCentralSystemCertificate = 14 "InvalidCentralSystemCertificate",
        /// A certificate for the charge point is not good.
        InvalidChargePointCertificate = 15 "InvalidChargePointCertificate",
        /// The central system offers only versions of TLS that are not allowed.
        InvalidTLSVersion = 16 "InvalidTLSVersion",
        /// The central system offers only cipher suites that are not allowed.
        InvalidTLSCipherSuite = 17 "InvalidTLSCipherSuite",
    }
}

names! {
    /// Answer to a request for a file: GetLog, SignedUpdateFirmware.
    TransferAnswer {
        /// It follows.
        Accepted = 0 "Accepted",
        /// It does not.
        Rejected = 1 "Rejected",
        /// It follows, in the place of the one that was under way.
        AcceptedCanceled = 2 "AcceptedCanceled",
        /// The certificate by which the firmware was signed is not good.
        InvalidCertificate = 3 "InvalidCertificate",
        /// It was revoked.
        RevokedCertificate = 4 "RevokedCertificate",
    }

    /// What a certificate is for.
    CertificateUse {
        /// The certificates of central systems are verified by it.
        CentralSystemRoot = 0 "CentralSystemRootCertificate",
        /// Those by which firmware is signed are.
        ManufacturerRoot = 1 "ManufacturerRootCertificate",
        /// It is that of the charge point, with its chain.
        ChargePoint = 2 "ChargePointCertificate",
    }

    /// By which a certificate is named.
    HashAlgorithm {
        /// SHA-256
        Sha256 = 0 "SHA256",
        /// SHA-384
        Sha384 = 1 "SHA384",
        /// SHA-512
        Sha512 = 2 "SHA512",
    }

    /// Answer to what is asked of certificates.
    CertificateStatus {
        /// Done.
        Accepted = 0 "Accepted",
        /// It is not good, or there is no room for it.
        Rejected = 1 "Rejected",
        /// It could not be done.
        Failed = 2 "Failed",
        /// There is none.
        NotFound = 3 "NotFound",
    }

    /// What an application finds of a certificate.
    CertificateVerdict {
        /// It is good.
        Good = 0 "Good",
        /// It is not: malformed, expired, of an unknown issuer.
        Invalid = 1 "Invalid",
        /// It was revoked.
        Revoked = 2 "Revoked",
    }
}

impl SecurityEvent {
    /// True for what has to reach the central system (security whitepaper, appendix).
    pub fn is_critical(self) -> bool {
        use SecurityEvent as E;
        matches!(
            self,
            E::FirmwareUpdated
                | E::SettingSystemTime
                | E::StartupOfTheDevice
                | E::ResetOrReboot
                | E::SecurityLogWasCleared
                | E::MemoryExhaustion
                | E::TamperDetectionActivated
        )
    }

    /// True for what the central system is told: what is critical, and what A00 and L01 want to be told
    /// as well. The rest is in the security log only.
    pub fn is_told(self) -> bool {
        self.is_critical() || self >= Self::InvalidFirmwareSignature
    }
}

/// What names a certificate: hashes in hexadecimal digits, compared without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateHash<'a> {
    /// Of both hashes.
    pub algorithm: HashAlgorithm,
    /// Of the DER of its issuer's name, up to 128 digits.
    pub issuer_name: &'a str,
    /// Of the bits of its issuer's public key, up to 128 digits.
    pub issuer_key: &'a str,
    /// Its serial number in up to 40 digits, without leading zeros.
    pub serial_number: &'a str,
}

impl CertificateHash<'_> {
    /// True when it can be told.
    pub(crate) fn is_sendable(&self) -> bool {
        let is_hex = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let texts = [
            (self.issuer_name, 128),
            (self.issuer_key, 128),
            (self.serial_number, 40),
        ];
        texts
            .into_iter()
            .all(|(text, most)| (1..=most).contains(&text.len()) && is_hex(text))
    }
}
