//! How a charge point is secured (security whitepaper, 3rd edition).

use core::fmt::{self, Debug, Formatter};

use super::names::names;

/// Bytes of the longest AuthorizationKey: as hexadecimal digits at most 20, as text 40.
pub const AUTHORIZATION_KEY_LENGTH: usize = 40;

/// What a connection to the central system is made with.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// 0 for neither TLS nor a password, 1 for a password, 2 for TLS and a password, 3 for TLS with a
    /// certificate of the charge point.
    pub security_profile: u8,
    /// The password of Basic authentication, whose user is the identity of the charge point: bytes, which
    /// need not be text. Empty for none.
    pub authorization_key: &'a [u8],
}

/// Without the key.
impl Debug for Credentials<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("security_profile", &self.security_profile)
            .finish_non_exhaustive()
    }
}

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
