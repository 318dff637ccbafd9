//! The keys of the charge point's certificates, which are made here and never leave it, and requests for
//! certificates of them (security whitepaper, A02).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData};

use crate::{certificates, storage::atomic_file};

/// Where they are kept: that of the certificate, that of another one with which no connection was made yet,
/// and one whose certificate is still asked for; and the request for that until it has an answer.
const PRESENT: &str = "certificate-key";
const NEXT: &str = "certificate-key-next";
const ASKED: &str = "certificate-key-asked";
const REQUEST: &str = "certificate-request";

/// The keys of certificates, in PEM. Each stays until it is of no certificate any more: a crash leaves those
/// that belong to what is stored.
#[derive(Default)]
pub struct Keys {
    /// None where they live as long as the process.
    directory: Option<PathBuf>,
    present: Option<String>,
    next: Option<String>,
    asked: Option<String>,
    request: Option<String>,
}

/// Without the keys.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// Those that are kept there. The error is for the user.
    pub fn new(directory: Option<&Path>) -> Result<Self, String> {
        let read = |name: &str| {
            let Some(path) = directory.map(|directory| directory.join(name)) else {
                return Ok(None);
            };
            match fs::read_to_string(&path) {
                Ok(key) => Ok(Some(key)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(format!("{}: {error}", path.display())),
            }
        };
        Ok(Self {
            directory: directory.map(Path::to_owned),
            present: read(PRESENT)?,
            next: read(NEXT)?,
            asked: read(ASKED)?,
            request: read(REQUEST)?,
        })
    }

    /// Makes the next key, and a request for a certificate of it. The error is for the user.
    pub fn request(&mut self, name: &str, organization: &str) -> Result<(), String> {
        let complain = |error: rcgen::Error| format!("no request for a certificate: {error}");
        let key = KeyPair::generate().map_err(complain)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .distinguished_name
            .push(DnType::OrganizationName, organization);
        let request = params.serialize_request(&key).and_then(|it| it.pem());
        let request = request.map_err(complain)?;
        let key = key.serialize_pem();
        // A request is never there before its key.
        for (file, content) in [(ASKED, &key), (REQUEST, &request)] {
            self.keep(file, content)
                .map_err(|error| format!("a key cannot be kept: {error}"))?;
        }
        (self.asked, self.request) = (Some(key), Some(request));
        Ok(())
    }

    /// The request that has no answer yet.
    pub fn waiting(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// It has one.
    pub fn answered(&mut self) -> io::Result<()> {
        self.request = None;
        self.remove(REQUEST)
    }

    fn keep(&self, file: &str, content: &str) -> io::Result<()> {
        self.directory.as_ref().map_or(Ok(()), |directory| {
            atomic_file::replace(directory, file, content.as_bytes())
        })
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        let directory = self.directory.as_ref();
        directory.map_or(Ok(()), |directory| atomic_file::remove(directory, file))
    }

    /// The one that a certificate is of: that of the first in its text.
    pub fn of(&self, pem: &str) -> Option<&str> {
        let wanted = certificates::public_key(pem)?;
        let is_meant = |key: &&String| {
            let key = KeyPair::from_pem(key);
            key.is_ok_and(|key| key.subject_public_key_info() == wanted)
        };
        let keys = [&self.present, &self.next, &self.asked];
        keys.into_iter()
            .flatten()
            .find(is_meant)
            .map(String::as_str)
    }

    /// These are the certificates that there are now: the present one, or two while no connection was made with
    /// the newer one. What cannot be kept stays where it was, and is found there.
    pub fn settle(&mut self, certificates: &[String]) -> io::Result<()> {
        let is_needed = |key: &Option<String>| {
            let is_of_it = |pem: &String| self.of(pem) == key.as_deref();
            key.is_some() && certificates.iter().any(is_of_it)
        };
        let (is_issued, is_next) = (is_needed(&self.asked), is_needed(&self.next));
        if is_issued && let Some(key) = &self.asked {
            self.keep(NEXT, key)?;
            self.remove(ASKED)?;
            self.next = self.asked.take();
        }
        if certificates.len() == 1
            && (is_issued || is_next)
            && let Some(key) = &self.next
        {
            self.keep(PRESENT, key)?;
            self.remove(NEXT)?;
            self.present = self.next.take();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(key: &str) -> String {
        let key = KeyPair::from_pem(key).unwrap();
        let made = CertificateParams::default().self_signed(&key);
        made.unwrap().pem()
    }

    #[test]
    fn a_key_stays_until_no_certificate_is_of_it() {
        let directory = std::env::temp_dir().join(format!("own-keys-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut keys = Keys::new(Some(&directory)).unwrap();
        keys.request("CP1", "Operator").unwrap();
        let first = certificate(keys.asked.as_ref().unwrap());
        keys.settle(std::slice::from_ref(&first)).unwrap();
        assert!(keys.present.is_some());
        // The next is issued, and another one is asked for before a connection was made with it.
        keys.request("CP1", "Operator").unwrap();
        let second = certificate(keys.asked.as_ref().unwrap());
        keys.settle(&[second.clone(), first.clone()]).unwrap();
        keys.request("CP1", "Operator").unwrap();
        let third = certificate(keys.asked.as_ref().unwrap());
        let mut keys = Keys::new(Some(&directory)).unwrap();
        for pem in [&first, &second, &third] {
            assert!(keys.of(pem).is_some());
        }
        assert_ne!(keys.of(&first), keys.of(&second));
        keys.settle(std::slice::from_ref(&second)).unwrap();
        assert!(keys.of(&first).is_none() && keys.of("").is_none());
        let keys = Keys::new(Some(&directory)).unwrap();
        assert!(keys.of(&first).is_none());
        assert!(keys.of(&second).is_some() && keys.of(&third).is_some());
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_request_waits_for_its_answer_over_a_restart() {
        let directory = std::env::temp_dir().join(format!("own-request-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut keys = Keys::new(Some(&directory)).unwrap();
        assert_eq!(keys.waiting(), None);
        keys.request("CP1", "Operator").unwrap();
        let request = keys.waiting().unwrap().to_owned();
        let mut keys = Keys::new(Some(&directory)).unwrap();
        assert_eq!(keys.waiting(), Some(&*request));
        keys.answered().unwrap();
        assert_eq!(Keys::new(Some(&directory)).unwrap().waiting(), None);
        assert!(keys.asked.is_some());
        fs::remove_dir_all(&directory).unwrap();
    }
}
