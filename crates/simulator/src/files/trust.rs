//! Whose certificates are good, for HTTPS and FTPS.

use std::{path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto, pki_types::CertificateDer};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::tls;

/// The certificates that others have to lead to; those that browsers trust without any.
#[derive(Debug, Default)]
pub struct Trust(Vec<CertificateDer<'static>>);

impl Trust {
    /// Those of a file in PEM. The error is for the user.
    pub fn load(path: &Path) -> Result<Self, String> {
        tls::certificates(path).map(Self)
    }

    pub fn https(&self) -> TlsConfig {
        if self.0.is_empty() {
            return TlsConfig::default();
        }
        let roots = self.0.iter();
        let roots: Vec<_> = roots
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .build()
    }

    pub fn ftps(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut roots = RootCertStore::empty();
        if self.0.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for certificate in &self.0 {
            roots.add(certificate.clone())?;
        }
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}
