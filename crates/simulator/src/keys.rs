//! The keys of the charge point's certificates, which are made here and never leave it, and requests for
//! certificates of them (security whitepaper, A02).

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData};

use crate::{certificates, storage::atomic_file};

/// Where they are kept: that of the certificate, and one whose certificate is still asked for.
const FILES: [&str; 2] = ["certificate-key", "certificate-key-next"];

/// The keys of the present certificate and of the next one, in PEM. Both stay until the next certificate is
/// there: a crash before or after leaves the one that belongs to what is stored.
#[derive(Default)]
pub struct Keys {
    /// None where they live as long as the process.
    directory: Option<PathBuf>,
    present: Option<String>,
    next: Option<String>,
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
        let [present, next] = FILES;
        Ok(Self {
            directory: directory.map(Path::to_owned),
            present: read(present)?,
            next: read(next)?,
        })
    }

    /// Makes the next key, and asks for a certificate of it: a request in PEM. The error is for the user.
    pub fn request(&mut self, name: &str, organization: &str) -> Result<String, String> {
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
        let [_, next] = FILES;
        if let Some(directory) = &self.directory {
            atomic_file::replace(directory, next, key.as_bytes())
                .map_err(|error| format!("a key cannot be kept: {error}"))?;
        }
        self.next = Some(key);
        Ok(request)
    }

    /// The one that a certificate is of: that of the first in its text.
    pub fn of(&self, pem: &str) -> Option<&str> {
        let wanted = certificates::public_key(pem)?;
        let is_meant = |key: &&String| {
            let key = KeyPair::from_pem(key);
            key.is_ok_and(|key| key.subject_public_key_info() == wanted)
        };
        let mut keys = [&self.present, &self.next].into_iter().flatten();
        keys.find(is_meant).map(String::as_str)
    }

    /// That certificate is the present one now: where it is of the next key, the other one is not needed
    /// any more. What cannot be kept stays where it was, and is found there.
    pub fn settle(&mut self, pem: &str) -> io::Result<()> {
        let key = self.of(pem).map(str::to_owned);
        if key.is_none() || key != self.next {
            return Ok(());
        }
        if let (Some(directory), Some(key)) = (&self.directory, &key) {
            let [present, next] = FILES;
            atomic_file::replace(directory, present, key.as_bytes())?;
            atomic_file::remove(directory, next)?;
        }
        self.present = self.next.take();
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
    fn a_key_stays_until_the_certificate_of_the_next_one_is_there() {
        let directory = std::env::temp_dir().join(format!("own-keys-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let mut keys = Keys::new(Some(&directory)).unwrap();
        keys.request("CP1", "Operator").unwrap();
        let first = certificate(keys.next.as_ref().unwrap());
        keys.settle(&first).unwrap();
        keys.request("CP1", "Operator").unwrap();
        let second = certificate(keys.next.as_ref().unwrap());
        let mut keys = Keys::new(Some(&directory)).unwrap();
        assert!(keys.of(&first).is_some() && keys.of(&second).is_some());
        assert_ne!(keys.of(&first), keys.of(&second));
        keys.settle(&first).unwrap();
        assert!(keys.of(&second).is_some());
        keys.settle(&second).unwrap();
        assert!(keys.of(&first).is_none() && keys.of("").is_none());
        let keys = Keys::new(Some(&directory)).unwrap();
        assert!(keys.of(&first).is_none() && keys.of(&second).is_some());
        fs::remove_dir_all(&directory).unwrap();
    }
}
