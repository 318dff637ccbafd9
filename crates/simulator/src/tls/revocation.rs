//! Certificate revocation lists (`--crl`), read and checked by rustls-webpki.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use ocpp::domain::CertificateVerdict;
use rustls::{
    client::ServerCertVerifierBuilder,
    crypto,
    pki_types::{
        CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime, pem::PemObject,
    },
};
use webpki::{
    CertRevocationList, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter,
    OwnedCertRevocationList, RevocationOptionsBuilder, UnknownStatusPolicy,
    anchor_from_trusted_cert,
};
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList};

use super::complaint;

/// The lists of some files, the latest first: of two of one authority webpki takes the first.
///
/// A certificate whose authority has no list is taken, and a list counts beyond its nextUpdate.
#[derive(Debug)]
pub struct RevocationLists(Vec<CertificateRevocationListDer<'static>>);

impl RevocationLists {
    /// The lists of these files, one at least in each. The error is one line for the user.
    pub fn load(paths: &[PathBuf]) -> Result<Self, String> {
        let mut dated = Vec::new();
        for path in paths {
            for list in lists(path)? {
                dated.push((this_update(path, &list)?, list));
            }
        }
        dated.sort_by_key(|(this_update, _)| std::cmp::Reverse(*this_update));
        Ok(Self(dated.into_iter().map(|(_, list)| list).collect()))
    }

    /// A verifier that refuses what is in them.
    pub fn given_to(self, verifier: ServerCertVerifierBuilder) -> ServerCertVerifierBuilder {
        verifier.with_crls(self.0).allow_unknown_revocation_status()
    }

    /// What they say of the first certificate of a chain in PEM, whose issuers behind it lead to one of these
    /// roots. A chain that webpki does not verify is invalid, where there is a list.
    pub fn verdict(&self, chain: &str, roots: &[String], unix_s: i64) -> CertificateVerdict {
        if self.0.is_empty() {
            return CertificateVerdict::Good;
        }
        match self.verify(&certificates(chain), roots, unix_s) {
            Ok(()) => CertificateVerdict::Good,
            Err(webpki::Error::CertRevoked) => CertificateVerdict::Revoked,
            Err(_) => CertificateVerdict::Invalid,
        }
    }

    fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        roots: &[String],
        unix_s: i64,
    ) -> Result<(), webpki::Error> {
        let (first, issuers) = chain.split_first().ok_or(webpki::Error::BadDer)?;
        let roots: Vec<_> = roots.iter().flat_map(|root| certificates(root)).collect();
        let anchors = roots.iter().map(anchor_from_trusted_cert);
        let anchors: Vec<TrustAnchor<'_>> = anchors.flatten().collect();
        let lists = self.0.iter().map(|list| parse(list));
        let lists: Vec<_> = lists.collect::<Result<_, _>>()?;
        let lists: Vec<_> = lists.iter().collect();
        let options = RevocationOptionsBuilder::new(&lists)
            .map_err(|_| webpki::Error::UnknownRevocationStatus)?
            .with_status_policy(UnknownStatusPolicy::Allow)
            .build();
        let seconds = Duration::from_secs(u64::try_from(unix_s).unwrap_or(0));
        EndEntityCert::try_from(first)?
            .verify_for_usage(
                crypto::ring::default_provider()
                    .signature_verification_algorithms
                    .all,
                &anchors,
                issuers,
                UnixTime::since_unix_epoch(seconds),
                AnyUsage,
                Some(options),
                None,
            )
            .map(drop)
    }
}

/// OCPP says nothing of the extended key usage of a signing certificate.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

fn certificates(pem: &str) -> Vec<CertificateDer<'static>> {
    let all = CertificateDer::pem_slice_iter(pem.as_bytes());
    all.flatten().collect()
}

/// Those of a file in PEM, or the one of a file in DER.
fn lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, String> {
    let content = fs::read(path).map_err(|error| complaint(path, &error))?;
    let found: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(&content).collect();
    let found = found.map_err(|error| complaint(path, &error))?;
    if !found.is_empty() {
        return Ok(found);
    }
    match CertificateRevocationList::from_der(&content) {
        Ok(_) => Ok(vec![CertificateRevocationListDer::from(content)]),
        Err(_) => Err(complaint(path, &"there is no revocation list in it")),
    }
}

fn parse(
    list: &CertificateRevocationListDer<'_>,
) -> Result<CertRevocationList<'static>, webpki::Error> {
    OwnedCertRevocationList::from_der(list).map(CertRevocationList::from)
}

/// Seconds since 1970; an error where the list cannot be used.
fn this_update(path: &Path, list: &CertificateRevocationListDer<'_>) -> Result<i64, String> {
    let no = |why: String| complaint(path, &format!("a revocation list cannot be used: {why}"));
    parse(list).map_err(|error| no(error.to_string()))?;
    let (_, dated) =
        CertificateRevocationList::from_der(list).map_err(|error| no(error.to_string()))?;
    Ok(dated.last_update().timestamp())
}
