//! What scenarios sign with: an authority of the run, certificates of it, and signatures of firmware.

use std::sync::Arc;

use data_encoding::BASE64;
use rcgen::KeyPair;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};

use super::authority::{Authority, Pair, Validity};

/// Characters of a chain that is too long for a CertificateSigned.
const TOO_LONG: usize = 10_001;

/// What is made of the request for a certificate that a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuing {
    /// A good certificate.
    Now,
    /// One that is not valid yet.
    Later,
    /// A good one in a chain that is too long.
    TooLong,
}

impl Issuing {
    /// As `${NAME|FILTER}` has it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "issued" => Some(Self::Now),
            "issued-later" => Some(Self::Later),
            "issued-too-long" => Some(Self::TooLong),
            _ => None,
        }
    }
}

/// Certificates in PEM, signatures in base64.
#[derive(Clone)]
pub struct Signing {
    authority: Arc<Authority>,
    /// A ManufacturerRootCertificate, or one for central systems.
    pub root: String,
    /// Another one, which that has signed.
    pub next_root: String,
    /// The certificate of the key that signs.
    pub signer: String,
    /// Of the image.
    pub signature: String,
    /// Of something else.
    pub bad_signature: String,
}

/// Without the key.
impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing").finish_non_exhaustive()
    }
}

impl Signing {
    /// New keys, and what they sign. The error is for the user.
    pub fn new(image: &[u8]) -> Result<Self, String> {
        let authority = Authority::new("Scenarios")?;
        let signer = authority.signs("Firmware of scenarios", &[])?;
        Ok(Self {
            root: authority.root(),
            next_root: authority.signs_authority("Next root of scenarios")?,
            signature: signed(&signer.key, image)?,
            bad_signature: signed(&signer.key, b"something else")?,
            signer: signer.certificate,
            authority: Arc::new(authority),
        })
    }

    /// A certificate of a charge point that no central system knows.
    pub fn stranger(&self) -> Result<Pair, String> {
        self.authority.signs("Stranger", &[])
    }

    /// A root certificate that is another one each time.
    pub fn new_root() -> Result<String, String> {
        Ok(Authority::new("Another root")?.root())
    }

    /// What a request for a certificate is answered with. The error is for the user.
    pub fn issue(&self, request: &str, issuing: Issuing) -> Result<String, String> {
        let validity = match issuing {
            Issuing::Now | Issuing::TooLong => Validity::Now,
            Issuing::Later => Validity::Later,
        };
        let mut chain = self.authority.issues(request, validity)?;
        if issuing == Issuing::TooLong {
            while chain.len() < TOO_LONG {
                chain.push_str(&self.root);
            }
        }
        Ok(chain)
    }
}

fn signed(key: &str, file: &[u8]) -> Result<String, String> {
    let no = |what: &dyn std::fmt::Display| format!("the key does not sign: {what}");
    let random = SystemRandom::new();
    let key = KeyPair::from_pem(key).map_err(|error| no(&error))?;
    let key = key.serialize_der();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random);
    let key = key.map_err(|error| no(&error))?;
    let signature = key.sign(&random, file).map_err(|error| no(&error))?;
    Ok(BASE64.encode(signature.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates;
    use rcgen::CertificateParams;

    #[test]
    fn a_request_is_answered_well_and_badly() {
        let signing = Signing::new(b"an image").unwrap();
        let key = KeyPair::generate().unwrap();
        let request = CertificateParams::default().serialize_request(&key);
        let request = request.unwrap().pem().unwrap();
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let roots = [signing.root.clone()];
        for (issuing, is_good) in [
            (Issuing::Now, true),
            (Issuing::Later, false),
            (Issuing::TooLong, true),
        ] {
            let chain = signing.issue(&request, issuing).unwrap();
            let found = certificates::issued(&chain, &roots, now);
            assert_eq!(found.is_some(), is_good, "{issuing:?}");
            assert_eq!(chain.len() > 10_000, issuing == Issuing::TooLong);
        }
        assert!(signing.issue("no request", Issuing::Now).is_err());
        assert!(certificates::next_root(&signing.next_root, &roots, now).is_some());
        let another = Signing::new_root().unwrap();
        assert!(certificates::root(&another, now).is_some());
        assert_ne!(another, Signing::new_root().unwrap());
        assert!(certificates::next_root(&another, &roots, now).is_none());
    }
}
