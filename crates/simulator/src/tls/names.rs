//! Whether a central system's certificate bears its name.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use webpki::EndEntityCert;

/// Verifies as browsers do: chain, validity, subject alternative names; and, where that is asked for, that a
/// name is there in full.
#[derive(Debug)]
pub struct Verifier {
    usual: Arc<WebPkiServerVerifier>,
    takes_wildcards: bool,
}

impl Verifier {
    pub fn new(usual: Arc<WebPkiServerVerifier>, takes_wildcards: bool) -> Self {
        Self {
            usual,
            takes_wildcards,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.usual
                .verify_server_cert(certificate, intermediates, name, ocsp_response, now)?;
        match self.takes_wildcards || is_named_in_full(certificate, name) {
            true => Ok(verified),
            false => Err(CertificateError::Other(OtherError(Arc::new(Wildcard))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// Whether a certificate that is valid for that name bears it without a wildcard. Addresses have none.
fn is_named_in_full(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> bool {
    let ServerName::DnsName(name) = name else {
        return true;
    };
    let name = name.as_ref().trim_end_matches('.');
    EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
        let mut names = certificate.valid_dns_names();
        names.any(|valid| valid.eq_ignore_ascii_case(name))
    })
}

/// Why a certificate is refused that would do for others.
#[derive(Debug)]
pub struct Wildcard;

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it bears the name only as a wildcard")
    }
}

impl std::error::Error for Wildcard {}
