//! What is in a certificate, and whether it and what it has signed are good: X.509 by x509-parser, signatures
//! by ring. Firmware is signed with RSA-PSS and SHA-256, or with ECDSA; PKCS #1 v1.5 is refused.

use std::fmt::Write;

use data_encoding::BASE64;
use ring::{
    digest::{SHA256, digest},
    signature::{self, UnparsedPublicKey, VerificationAlgorithm},
};
use x509_parser::{
    certificate::X509Certificate, pem::Pem, prelude::FromDer, time::ASN1Time,
    x509::SubjectPublicKeyInfo,
};

const RSA: &str = "1.2.840.113549.1.1.1";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
/// Digits of CertificateHashData's serialNumber; bytes are half as many (RFC 5280, 4.1.2.2).
const LONGEST_SERIAL_NUMBER: usize = 40;

/// What names a certificate: hexadecimal digits.
#[derive(Debug, PartialEq, Eq)]
pub struct Hash {
    pub issuer_name: String,
    pub issuer_key: String,
    pub serial_number: String,
}

/// The DER of each certificate in a PEM text.
fn read(pem: &str) -> Vec<Vec<u8>> {
    let all = Pem::iter_from_buffer(pem.as_bytes());
    let read = all.flatten().filter(|pem| pem.label == "CERTIFICATE");
    read.map(|pem| pem.contents).collect()
}

fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

fn is_valid(certificate: &X509Certificate<'_>, unix_s: i64) -> bool {
    let now = ASN1Time::from_timestamp(unix_s);
    now.is_ok_and(|now| certificate.validity().is_valid_at(now))
}

/// What names a root certificate that is good: valid now, an authority, and signed by itself.
pub fn root(pem: &str, unix_s: i64) -> Option<Hash> {
    let all = read(pem);
    let [der] = all.as_slice() else {
        return None;
    };
    let certificate = parse(der)?;
    let is_good = certificate.is_ca()
        && is_valid(&certificate, unix_s)
        && certificate.verify_signature(None).is_ok();
    name(&certificate, &certificate).filter(|_| is_good)
}

/// What names a root certificate that takes the place of one of these roots: valid now, an authority, and
/// signed by it (security whitepaper, 3, AdditionalRootCertificateCheck).
pub fn next_root(pem: &str, roots: &[String], unix_s: i64) -> Option<Hash> {
    let all = read(pem);
    let [der] = all.as_slice() else {
        return None;
    };
    let hash = issued(pem, roots, unix_s)?;
    parse(der)?.is_ca().then_some(hash)
}

/// What names the certificate of the charge point, at the head of a chain that leads to one of these roots.
pub fn issued(pem: &str, roots: &[String], unix_s: i64) -> Option<Hash> {
    let issuer = issuer(pem, roots, unix_s)?;
    let chain = read(pem);
    name(&parse(chain.first()?)?, &parse(&issuer)?)
}

/// `None` where the serial number is longer than X.509 allows, and CertificateHashData can tell.
fn name(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Option<Hash> {
    let key = &issuer.public_key().subject_public_key.data;
    let hash = Hash {
        issuer_name: hex(digest(&SHA256, certificate.issuer().as_raw()).as_ref()),
        issuer_key: hex(digest(&SHA256, key).as_ref()),
        serial_number: serial_number(certificate),
    };
    (hash.serial_number.len() <= LONGEST_SERIAL_NUMBER).then_some(hash)
}

/// The public key of the first certificate: the DER of SubjectPublicKeyInfo.
pub fn public_key(pem: &str) -> Option<Vec<u8>> {
    let all = read(pem);
    let certificate = parse(all.first()?)?;
    Some(certificate.public_key().raw.to_vec())
}

/// True when a certificate is valid now and leads, by those that follow it in its text, to one of these
/// roots.
pub fn is_signed_by_one_of(pem: &str, roots: &[String], unix_s: i64) -> bool {
    issuer(pem, roots, unix_s).is_some()
}

/// The DER of what has signed the first certificate, where that leads to one of these roots.
fn issuer(pem: &str, roots: &[String], unix_s: i64) -> Option<Vec<u8>> {
    let (chain, roots) = (read(pem), roots.iter().flat_map(|root| read(root)));
    let roots: Vec<_> = roots.collect();
    let signs = |issuer: &[u8], certificate: &X509Certificate<'_>| {
        let issuer = parse(issuer).filter(|issuer| issuer.is_ca() && is_valid(issuer, unix_s));
        issuer.is_some_and(|issuer| {
            issuer.subject() == certificate.issuer()
                && certificate
                    .verify_signature(Some(issuer.public_key()))
                    .is_ok()
        })
    };
    let mut first = None;
    for (place, der) in chain.iter().enumerate() {
        let certificate = parse(der).filter(|it| is_valid(it, unix_s))?;
        let root = roots.iter().find(|root| signs(root, &certificate));
        let next = chain.get(place + 1);
        let issuer = root.or_else(|| next.filter(|next| signs(next, &certificate)))?;
        let first = first.get_or_insert(issuer);
        if root.is_some() {
            return Some(first.to_vec());
        }
    }
    None
}

/// True when a file was signed by the key of the first certificate.
pub fn has_signed(pem: &str, signature: &str, file: &[u8]) -> bool {
    let all = read(pem);
    let certificate = all.first().and_then(|der| parse(der));
    let (Some(certificate), Ok(signature)) = (certificate, BASE64.decode(signature.as_bytes()))
    else {
        return false;
    };
    let key = certificate.public_key();
    algorithm(key).is_some_and(|algorithm| {
        let key = UnparsedPublicKey::new(algorithm, &key.subject_public_key.data);
        key.verify(file, &signature).is_ok()
    })
}

fn algorithm(key: &SubjectPublicKeyInfo<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    if key.algorithm.algorithm.to_id_string() == RSA {
        return Some(&signature::RSA_PSS_2048_8192_SHA256);
    }
    let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
    match curve.to_id_string().as_str() {
        P256 => Some(&signature::ECDSA_P256_SHA256_ASN1),
        P384 => Some(&signature::ECDSA_P384_SHA256_ASN1),
        _ => None,
    }
}

/// Without leading zeros: 4095 is `fff`.
fn serial_number(certificate: &X509Certificate<'_>) -> String {
    let digits = hex(certificate.raw_serial());
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut digits = String::new();
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SerialNumber,
        date_time_ymd,
    };
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
    };

    use super::*;

    /// 2026-03-02
    const NOW: i64 = 1_772_438_400;

    fn params(name: &str, is_ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        params.serial_number = Some(SerialNumber::from(4095_u64));
        if is_ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params
    }

    fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let key = KeyPair::generate().unwrap();
        CertifiedIssuer::self_signed(params(name, true), key).unwrap()
    }

    #[test]
    fn a_root_is_named_by_its_hashes_while_it_is_valid() {
        let root_pem = authority("Root").pem();
        let hash = root(&root_pem, NOW).unwrap();
        assert_eq!(hash.serial_number, "fff");
        assert_eq!((hash.issuer_name.len(), hash.issuer_key.len()), (64, 64));
        assert_eq!(root(&root_pem, NOW + 400 * 86_400), None);
        assert_eq!(root(&root_pem, NOW - 400 * 86_400), None);
        assert_eq!(root("no certificate", NOW), None);
        let key = KeyPair::generate().unwrap();
        for (bytes, is_good) in [(20, true), (21, false)] {
            let mut params = params("Serial", true);
            params.serial_number = Some(SerialNumber::from_slice(&vec![0x7f; bytes]));
            let pem = params.self_signed(&key).unwrap().pem();
            assert_eq!(root(&pem, NOW).is_some(), is_good, "{bytes}");
        }
        let leaf = params("Leaf", false).self_signed(&key).unwrap();
        assert_eq!(root(&leaf.pem(), NOW), None);
    }

    #[test]
    fn a_root_takes_the_place_of_the_one_that_has_signed_it() {
        let (old, other) = (authority("Old"), authority("Other"));
        let key = KeyPair::generate().unwrap();
        let new = params("New", true).signed_by(&key, &old).unwrap().pem();
        let roots = [old.pem()];
        assert_eq!(next_root(&new, &roots, NOW).unwrap().serial_number, "fff");
        assert!(next_root(&new, &[other.pem()], NOW).is_none());
        assert!(next_root(&other.pem(), &roots, NOW).is_none(), "its own");
        assert!(next_root(&new, &roots, NOW + 400 * 86_400).is_none());
        let leaf = params("Leaf", false).signed_by(&key, &old).unwrap();
        assert!(
            next_root(&leaf.pem(), &roots, NOW).is_none(),
            "no authority"
        );
        let chain = format!("{new}{}", old.pem());
        assert!(next_root(&chain, &roots, NOW).is_none(), "two");
        // And the next one the place of that.
        let issuer = rcgen::Issuer::new(params("New", true), &key);
        let next_key = KeyPair::generate().unwrap();
        let next = params("Next", true).signed_by(&next_key, &issuer).unwrap();
        assert!(next_root(&next.pem(), &[new], NOW).is_some());
    }

    #[test]
    fn a_certificate_leads_to_a_root_and_verifies_what_it_has_signed() {
        let (manufacturer, other) = (authority("Manufacturer"), authority("Other"));
        let key = KeyPair::generate().unwrap();
        let leaf = params("Signer", false)
            .signed_by(&key, &manufacturer)
            .unwrap();
        let roots = [manufacturer.pem()];
        assert!(is_signed_by_one_of(&leaf.pem(), &roots, NOW));
        assert!(!is_signed_by_one_of(&leaf.pem(), &[other.pem()], NOW));
        assert!(!is_signed_by_one_of(
            &leaf.pem(),
            &roots,
            NOW + 400 * 86_400
        ));
        assert!(!is_signed_by_one_of(&leaf.pem(), &[], NOW));
        assert!(!is_signed_by_one_of("", &roots, NOW));

        let random = SystemRandom::new();
        let pkcs8 = key.serialize_der();
        let signer =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &random).unwrap();
        let signature = signer.sign(&random, b"an image").unwrap();
        let signature = BASE64.encode(signature.as_ref());
        assert!(has_signed(&leaf.pem(), &signature, b"an image"));
        assert!(!has_signed(&leaf.pem(), &signature, b"another image"));
        assert!(!has_signed(&leaf.pem(), "c2ln", b"an image"));
        assert!(!has_signed(&leaf.pem(), "%", b"an image"));
        assert!(!has_signed(&manufacturer.pem(), &signature, b"an image"));
    }
}
