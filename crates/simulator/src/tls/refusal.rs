//! Why no connection came to be, in words and as a security event.

use std::time::Duration;

use ocpp::{domain::SecurityEvent, wire::timestamp};
use rustls::{
    AlertDescription, CertificateError, Error, OtherError, PeerIncompatible, PeerMisbehaved,
    pki_types::UnixTime,
};

/// So many names of a certificate are told.
const MOST_NAMES: usize = 5;

/// Why no connection came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// One line.
    pub problem: String,
    pub event: Option<SecurityEvent>,
}

impl<T: Into<String>> From<T> for Refusal {
    fn from(problem: T) -> Self {
        Self {
            problem: problem.into(),
            event: None,
        }
    }
}

/// How far a handshake came before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Both sides have a cipher suite in common.
    pub has_cipher_suite: bool,
    /// The charge point shows a certificate where it is asked for one.
    pub shows_certificate: bool,
}

impl Refusal {
    /// What an error of TLS means.
    pub fn of(error: &Error, progress: Progress) -> Self {
        use SecurityEvent::{
            FailedToAuthenticateAtCentralSystem, InvalidCentralSystemCertificate,
            InvalidTLSCipherSuite, InvalidTLSVersion,
        };
        let (problem, event) = match error {
            Error::InvalidCertificate(error) => (
                format!(
                    "the certificate of the central system is refused: {}",
                    fault(error)
                ),
                Some(InvalidCentralSystemCertificate),
            ),
            Error::InvalidCertRevocationList(error) => (
                format!(
                    "the certificate of the central system is refused: the revocation list of its \
                     authority cannot be used: {error:?}"
                ),
                Some(InvalidCentralSystemCertificate),
            ),
            Error::NoCertificatesPresented => (
                "the central system shows no certificate".to_owned(),
                Some(InvalidCentralSystemCertificate),
            ),
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            )
            | Error::AlertReceived(AlertDescription::ProtocolVersion) => (
                "the central system speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
                Some(InvalidTLSVersion),
            ),
            Error::PeerMisbehaved(
                PeerMisbehaved::SelectedUnofferedCipherSuite
                | PeerMisbehaved::SelectedUnusableCipherSuiteForVersion,
            )
            | Error::AlertReceived(AlertDescription::InsufficientSecurity) => {
                (NO_CIPHER_SUITE.to_owned(), Some(InvalidTLSCipherSuite))
            }
            Error::AlertReceived(AlertDescription::HandshakeFailure)
                if !progress.has_cipher_suite =>
            {
                (NO_CIPHER_SUITE.to_owned(), Some(InvalidTLSCipherSuite))
            }
            Error::AlertReceived(alert) if is_about_certificate(*alert) => (
                match progress.shows_certificate {
                    true => format!(
                        "the central system refuses the charge point's certificate: {alert:?}"
                    ),
                    false => format!(
                        "the central system wants a certificate of the charge point: {alert:?}"
                    ),
                },
                Some(FailedToAuthenticateAtCentralSystem),
            ),
            Error::InvalidMessage(_) if !progress.has_cipher_suite => {
                ("the central system does not speak TLS".to_owned(), None)
            }
            error => (format!("TLS failed: {error}"), None),
        };
        Self { problem, event }
    }
}

const NO_CIPHER_SUITE: &str = "the central system has no cipher suite in common";

/// RFC 8446, 6.2
fn is_about_certificate(alert: AlertDescription) -> bool {
    use AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateRevoked,
        CertificateUnknown, HandshakeFailure, NoCertificate, UnknownCA, UnsupportedCertificate,
    };
    matches!(
        alert,
        AccessDenied
            | BadCertificate
            | CertificateExpired
            | CertificateRequired
            | CertificateRevoked
            | CertificateUnknown
            | HandshakeFailure
            | NoCertificate
            | UnknownCA
            | UnsupportedCertificate
    )
}

/// What is wrong with a certificate.
fn fault(error: &CertificateError) -> String {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("it has expired ({})", utc(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("it is not valid yet (from {})", utc(*not_before))
        }
        CertificateError::UnknownIssuer => {
            "unknown issuer, it leads to none of the trusted roots".to_owned()
        }
        CertificateError::Revoked => {
            "it was revoked, it or one between it and its root is in a revocation list".to_owned()
        }
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => {
            let expected = expected.to_str();
            match presented.as_slice() {
                [] => format!(
                    "wrong host, it has no subject alternative name (a common name does not count) \
                     and this is {expected}"
                ),
                names => {
                    let told: Vec<_> = names.iter().take(MOST_NAMES).map(String::as_str).collect();
                    let more = match names.len() > MOST_NAMES {
                        true => " and more",
                        false => "",
                    };
                    let told = told.join(", ");
                    format!("wrong host, it is for {told}{more} and this is {expected}")
                }
            }
        }
        CertificateError::Other(OtherError(error)) => match error.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "it is that of a certificate authority, not of a central system".to_owned()
            }
            _ => error.to_string(),
        },
        other => other.to_string(),
    }
}

fn utc(time: UnixTime) -> String {
    let millis = Duration::from_secs(time.as_secs()).as_millis();
    let millis = i64::try_from(millis).unwrap_or(timestamp::LAST);
    crate::journal::stamp(millis.clamp(0, timestamp::LAST))
}
