//! Keys that sign images of a firmware.

use std::process::Command;

use rcgen::KeyPair;
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};

/// How a signature with RSA is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    Pss,
    Pkcs1,
}

/// A key.
pub struct Signer(KeyPair);

impl Signer {
    /// Made by openssl: ring makes none for RSA.
    pub fn rsa() -> Self {
        let bits = "rsa_keygen_bits:2048";
        let made = Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", bits])
            .output();
        let made = made.unwrap_or_else(|error| panic!("openssl: {error}"));
        let pem = String::from_utf8(made.stdout).unwrap();
        Self(KeyPair::from_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).unwrap())
    }

    pub fn ecdsa() -> Self {
        Self(KeyPair::generate().unwrap())
    }

    pub fn key(&self) -> &KeyPair {
        &self.0
    }

    /// The signature of a file with SHA-256; `padding` counts for RSA.
    pub fn sign(&self, file: &[u8], padding: Padding) -> Vec<u8> {
        let (key, random) = (self.0.serialize_der(), SystemRandom::new());
        if let Ok(key) = RsaKeyPair::from_pkcs8(&key) {
            let mut signature = vec![0; key.public().modulus_len()];
            let signed = match padding {
                Padding::Pss => key.sign(&RSA_PSS_SHA256, &random, file, &mut signature),
                Padding::Pkcs1 => key.sign(&RSA_PKCS1_SHA256, &random, file, &mut signature),
            };
            signed.unwrap();
            return signature;
        }
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random);
        key.unwrap().sign(&random, file).unwrap().as_ref().to_vec()
    }
}
