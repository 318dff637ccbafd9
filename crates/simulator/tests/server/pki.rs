//! Certificate authorities and certificates, good and bad, made by a test for itself.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams,
    CertificateSigningRequestParams, CertifiedIssuer, DistinguishedName, DnType, DnValue, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion, crypto,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version::{TLS12, TLS13},
};

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Certificate {
    pub pem: String,
    pub key_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

/// When a certificate is valid.
#[derive(Clone, Copy)]
pub enum Validity {
    Now,
    Past,
    Future,
}

impl Validity {
    fn years(self) -> (i32, i32) {
        match self {
            Self::Now => (2020, 2120),
            Self::Past => (2020, 2021),
            Self::Future => (2110, 2120),
        }
    }
}

/// Common name and organization that a request is for.
pub fn asked_for(request: &str) -> [String; 2] {
    let request = CertificateSigningRequestParams::from_pem(request).unwrap();
    let name = request.params.distinguished_name;
    [DnType::CommonName, DnType::OrganizationName].map(|field| match name.get(&field) {
        Some(DnValue::Utf8String(text)) => text.clone(),
        other => panic!("{other:?}"),
    })
}

/// What a certificate for these names says; without names it has a common name alone.
fn parameters(names: &[&str], common_name: &str, validity: Validity) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.distinguished_name = DistinguishedName::new();
    let name = &mut parameters.distinguished_name;
    name.push(DnType::CommonName, common_name);
    let (from, to) = validity.years();
    parameters.not_before = date_time_ymd(from, 1, 1);
    parameters.not_after = date_time_ymd(to, 1, 1);
    parameters
}

fn authority(name: &str) -> CertificateParams {
    let mut parameters = parameters(&[], name, Validity::Now);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

fn certificate(made: &rcgen::Certificate, key: &KeyPair) -> Certificate {
    Certificate {
        pem: made.pem(),
        key_pem: key.serialize_pem(),
        chain: vec![made.der().clone()],
        key: key.serialize_der(),
    }
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(authority(name), key).unwrap())
    }

    /// One that this authority has signed.
    pub fn signs_authority(&self, name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::signed_by(authority(name), key, &self.0).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate of this authority.
    pub fn signs(&self, names: &[&str], validity: Validity) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let made = parameters(names, "localhost", validity).signed_by(&key, &self.0);
        certificate(&made.unwrap(), &key)
    }

    /// A certificate of this authority for a key that is there: PEM.
    pub fn signs_key(&self, key: &KeyPair, validity: Validity) -> String {
        let made = parameters(&[], "Signer", validity).signed_by(key, &self.0);
        made.unwrap().pem()
    }

    /// The certificate that a request asks for.
    pub fn issues(&self, request: &str, validity: Validity) -> String {
        let mut request = CertificateSigningRequestParams::from_pem(request).unwrap();
        let (from, to) = validity.years();
        request.params.not_before = date_time_ymd(from, 1, 1);
        request.params.not_after = date_time_ymd(to, 1, 1);
        request.signed_by(&self.0).unwrap().pem()
    }

    /// A revocation list of this authority with these certificates (PEM): PEM. It was made in that year,
    /// and is for one year.
    pub fn revokes(&self, certificates: &[&str], made: i32) -> String {
        let revoked = certificates.iter().map(|pem| {
            let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).unwrap();
            RevokedCertParams {
                serial_number: SerialNumber::from_slice(pem.parse_x509().unwrap().raw_serial()),
                revocation_time: date_time_ymd(made, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(made, 1, 1),
            next_update: date_time_ymd(made + 1, 1, 1),
            crl_number: SerialNumber::from(u64::try_from(made).unwrap()),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0).unwrap().pem().unwrap()
    }

    /// Takes only clients with a certificate of this authority.
    pub fn wants_certificates(&self) -> Arc<dyn ClientCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .unwrap()
    }
}

impl Certificate {
    /// One that no authority has signed.
    pub fn self_signed(names: &[&str]) -> Self {
        let key = KeyPair::generate().unwrap();
        let made = parameters(names, "localhost", Validity::Now).self_signed(&key);
        certificate(&made.unwrap(), &key)
    }

    /// The same with the certificate of that authority behind it.
    pub fn followed_by(mut self, authority: &Authority) -> Self {
        self.chain.push(authority.0.der().clone());
        self
    }

    /// The same with itself behind it, so many times in all.
    pub fn repeated(mut self, times: usize) -> Self {
        self.chain = vec![self.chain[0].clone(); times];
        self
    }

    /// What a server with this certificate is started with.
    pub fn server(&self) -> ServerConfig {
        self.server_with(&[&TLS13, &TLS12], WebPkiClientVerifier::no_client_auth())
    }

    pub fn server_with(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        clients: Arc<dyn ClientCertVerifier>,
    ) -> ServerConfig {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.clone()));
        let provider = Arc::new(crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(self.chain.clone(), key)
            .unwrap()
    }

    /// Options with which the charge point shows it, from files in that folder.
    pub fn options(&self, folder: &Path) -> [String; 4] {
        let certificate = file(folder, "own.pem", &self.pem);
        let key = file(folder, "own.key", &self.key_pem);
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        [
            "--cert".into(),
            text(certificate),
            "--key".into(),
            text(key),
        ]
    }
}

/// Writes a file, and its folder where there is none.
pub fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}
