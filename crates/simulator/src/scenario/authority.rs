//! Certificate authorities of a run: their roots, and what they sign.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer,
    DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    Now,
    /// From a time on that is far off.
    Later,
}

/// An authority. Its errors are for the user.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Result<Self, String> {
        let make = || {
            let parameters = authority(name)?;
            CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)
        };
        Ok(Self(make().map_err(complaint)?))
    }

    /// Its own certificate, in PEM.
    pub fn root(&self) -> String {
        self.0.pem()
    }

    /// The certificate of another authority, in PEM.
    pub fn signs_authority(&self, name: &str) -> Result<String, String> {
        let make = || {
            let key = KeyPair::generate()?;
            let made = authority(name)?.signed_by(&key, &self.0)?;
            Ok(made.pem())
        };
        make().map_err(complaint)
    }

    /// A certificate with these subject alternative names.
    pub fn signs(&self, common_name: &str, names: &[&str]) -> Result<Pair, String> {
        let make = || {
            let key = KeyPair::generate()?;
            let certificate = named(common_name, names)?.signed_by(&key, &self.0)?;
            Ok(Pair {
                certificate: certificate.pem(),
                key: key.serialize_pem(),
            })
        };
        make().map_err(complaint)
    }

    /// The certificate that a request (PKCS #10, PEM) asks for.
    pub fn issues(&self, request: &str, validity: Validity) -> Result<String, String> {
        let make = || {
            let mut request = CertificateSigningRequestParams::from_pem(request)?;
            let (from, to) = match validity {
                Validity::Now => (2020, 2120),
                Validity::Later => (2110, 2120),
            };
            request.params.not_before = date_time_ymd(from, 1, 1);
            request.params.not_after = date_time_ymd(to, 1, 1);
            Ok(request.signed_by(&self.0)?.pem())
        };
        make().map_err(|error: rcgen::Error| format!("it is no request for a certificate: {error}"))
    }
}

fn complaint(error: rcgen::Error) -> String {
    format!("no certificates: {error}")
}

fn authority(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = named(name, &[])?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(parameters)
}

fn named(common_name: &str, names: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, common_name);
    Ok(parameters)
}
