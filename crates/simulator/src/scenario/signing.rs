//! What signed firmware needs: a root, a certificate that it has signed, and signatures with its key.

use data_encoding::BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

/// Certificates in PEM, signatures in base64.
#[derive(Clone, Debug)]
pub struct Signing {
    /// A ManufacturerRootCertificate.
    pub root: String,
    /// The certificate of the key that signs.
    pub signer: String,
    /// Of the image.
    pub signature: String,
    /// Of something else.
    pub bad_signature: String,
}

impl Signing {
    /// New keys, and what they sign. The error is for the user.
    pub fn new(image: &[u8]) -> Result<Self, String> {
        Self::make(image).map_err(|error| format!("no certificates: {error}"))
    }

    fn make(image: &[u8]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut parameters = named("Scenarios")?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root = CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let signer = named("Firmware of scenarios")?.signed_by(&key, &root)?;
        Ok(Self {
            root: root.pem(),
            signer: signer.pem(),
            signature: signed(&key, image)?,
            bad_signature: signed(&key, b"something else")?,
        })
    }
}

fn named(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}

fn signed(key: &KeyPair, file: &[u8]) -> Result<String, String> {
    let random = SystemRandom::new();
    let key = key.serialize_der();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random);
    let signature = key.map(|key| key.sign(&random, file));
    match signature {
        Ok(Ok(signature)) => Ok(BASE64.encode(signature.as_ref())),
        _ => Err("the key does not sign".to_owned()),
    }
}
