//! TLS to the central system: which certificates are trusted, which is shown, and what a refusal means.

mod issued;
mod names;
mod refusal;
mod revocation;

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    client::{Resumption, WebPkiServerVerifier},
    crypto,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};

pub use issued::Issued;
use names::Verifier;
pub use refusal::{Progress, Refusal};
pub use revocation::RevocationLists;

/// What the command line names and what the central system has installed, in PEM. Files are read for each
/// connection, so that one that is replaced counts from the next one on.
#[derive(Clone, Debug, Default)]
pub struct TlsFiles {
    /// Root certificates in place of the system's.
    pub roots: Option<PathBuf>,
    /// Certificate revocation lists.
    pub crls: Vec<PathBuf>,
    /// The charge point's certificate, behind it those that lead to its root; and its key.
    pub own: Option<(PathBuf, PathBuf)>,
    /// Without `roots` the system's count, also beside those that are installed.
    pub prefers_system_roots: bool,
    /// Root certificates that the central system has installed.
    pub installed_roots: Vec<String>,
    /// It comes before `own`.
    pub issued: Option<Issued>,
    /// A certificate for `*.example.com` is one for `csms.example.com`.
    pub takes_wildcards: bool,
}

impl TlsFiles {
    /// Whether all of them can be used. The error is one line for the user.
    pub fn check(&self) -> Result<(), String> {
        if let Some(path) = &self.roots {
            trusted(path)?;
        }
        RevocationLists::load(&self.crls)?;
        if let Some((certificate, key)) = &self.own {
            certified_key(certificate, key)?;
        }
        Ok(())
    }

    /// What a connection is made with, by a charge point that shows its certificate or does not. The error
    /// is one line.
    pub fn client_config(&self, shows_certificate: bool) -> Result<ClientConfig, String> {
        let complain = |error: rustls::Error| format!("TLS cannot be used: {error}");
        let roots = self.all_roots()?;
        let provider = Arc::new(crypto::ring::default_provider());
        let usual =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let usual = RevocationLists::load(&self.crls)?
            .given_to(usual)
            .build()
            .map_err(|error| format!("TLS cannot be used: {error}"))?;
        let config = ClientConfig::builder_with_provider(provider)
            // Security whitepaper, 2.4: TLS 1.2 at least.
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(complain)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier::new(usual, self.takes_wildcards)));
        let own = match (&self.issued, &self.own) {
            _ if !shows_certificate => None,
            (Some(issued), _) => Some(issued.certified_key()?),
            (None, Some((certificate, key))) => Some(certified_key(certificate, key)?),
            (None, None) => None,
        };
        let mut config = match own {
            Some(own) => config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own))),
            None => config.with_no_client_auth(),
        };
        // A session that is taken up again shows no certificate, and one that has expired meanwhile would
        // be taken.
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    fn all_roots(&self) -> Result<RootCertStore, String> {
        let mut roots = match &self.roots {
            Some(path) => trusted(path)?,
            None if self.prefers_system_roots || self.installed_roots.is_empty() => of_the_system(),
            None => RootCertStore::empty(),
        };
        for pem in &self.installed_roots {
            issued::trust(&mut roots, pem);
        }
        match roots.is_empty() {
            true => Err("the system has no root certificates: use --ca".to_owned()),
            false => Ok(roots),
        }
    }
}

/// The certificate of a charge point with its key, which belong together.
fn certified_key(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => complaint(key, &"there is no key in it"),
        error => complaint(key, &error),
    })?;
    let provider = crypto::ring::default_provider();
    CertifiedKey::from_der(chain, private, &provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            let certificate = certificate.display();
            complaint(key, &format!("it is not the key of {certificate}"))
        }
        rustls::Error::InvalidCertificate(error) => complaint(certificate, &error),
        error => complaint(key, &error),
    })
}

/// The root certificates of a file in PEM.
fn trusted(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        let added = roots.add(certificate);
        added.map_err(|error| complaint(path, &error))?;
    }
    Ok(roots)
}

/// Those that come with the operating system.
fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// The certificates of a file in PEM, one at least. The error is one line for the user.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(path).map_err(|error| complaint(path, &error))?;
    let found: Result<Vec<_>, _> = found.collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(complaint(path, &"there is no certificate in it")),
        Err(error) => Err(complaint(path, &error)),
    }
}

fn complaint(path: &Path, problem: &dyn Display) -> String {
    format!("{}: {problem}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::{ClientConnection, ServerConfig, ServerConnection, pki_types::ServerName};

    /// What a charge point says to a certificate with that name, when it looks for `csms.example.com`.
    fn verdict(name: &str, takes_wildcards: bool) -> Result<(), String> {
        let parameters = |names: Vec<String>| CertificateParams::new(names).unwrap();
        let mut root = parameters(Vec::new());
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let shown = parameters(vec![name.to_owned()]).signed_by(&key, &root);
        let provider = Arc::new(crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![shown.unwrap().der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            );
        let file = format!("charge-point-root-{}-{name}", std::process::id());
        let file = std::env::temp_dir().join(file.replace('*', "any"));
        std::fs::write(&file, root.pem()).unwrap();
        let files = TlsFiles {
            roots: Some(file.clone()),
            takes_wildcards,
            ..TlsFiles::default()
        };
        let config = files.client_config(false).unwrap();
        std::fs::remove_file(&file).unwrap();
        let host = ServerName::try_from("csms.example.com").unwrap();
        let mut client = ClientConnection::new(Arc::new(config), host).unwrap();
        let mut server = ServerConnection::new(Arc::new(server.unwrap())).unwrap();
        while client.is_handshaking() {
            let mut wire = Vec::new();
            client.write_tls(&mut wire).unwrap();
            server.read_tls(&mut wire.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            wire.clear();
            while server.wants_write() {
                server.write_tls(&mut wire).unwrap();
            }
            client.read_tls(&mut wire.as_slice()).unwrap();
            let progress = Progress {
                has_cipher_suite: false,
                shows_certificate: false,
            };
            client
                .process_new_packets()
                .map_err(|error| Refusal::of(&error, progress).problem)?;
        }
        Ok(())
    }

    #[test]
    fn a_wildcard_is_taken_where_it_may_be() {
        for (name, takes_wildcards, reason) in [
            ("csms.example.com", false, None),
            ("CSMS.Example.com", false, None),
            ("*.example.com", true, None),
            ("*.example.com", false, Some("only as a wildcard")),
            ("*.com", true, Some("wrong host")),
            ("*.csms.example.com", true, Some("wrong host")),
            ("c*.example.com", true, Some("wrong host")),
        ] {
            let verdict = verdict(name, takes_wildcards);
            match (&verdict, reason) {
                (Ok(()), None) => {}
                (Err(problem), Some(reason)) => assert!(problem.contains(reason), "{problem}"),
                _ => panic!("{name} {takes_wildcards}: {verdict:?}"),
            }
        }
    }
}
