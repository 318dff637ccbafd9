//! What the central system has sent of certificates, made into what TLS is configured with.

use std::fmt::{self, Display};

use rustls::{
    RootCertStore, crypto,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

/// The chain that the central system has issued, and its key: PEM.
#[derive(Clone)]
pub struct Issued {
    pub chain: String,
    pub key: String,
}

/// Without the key.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

impl Issued {
    /// What is shown to the central system. The error is one line.
    pub fn certified_key(&self) -> Result<CertifiedKey, String> {
        let complain = |error: &dyn Display| format!("the certificate cannot be used: {error}");
        let chain = CertificateDer::pem_slice_iter(self.chain.as_bytes());
        let chain: Result<Vec<_>, _> = chain.collect();
        let chain = chain.map_err(|error| complain(&error))?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes());
        let key = key.map_err(|error| complain(&error))?;
        CertifiedKey::from_der(chain, key, &crypto::ring::default_provider())
            .map_err(|error| complain(&error))
    }
}

/// Central systems are verified by these certificates as well, in PEM.
pub fn trust(roots: &mut RootCertStore, pem: &str) {
    let installed = CertificateDer::pem_slice_iter(pem.as_bytes());
    roots.add_parsable_certificates(installed.flatten());
}
