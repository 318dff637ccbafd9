//! What a connection is made with, copied: the engine's thread knows it, the connect thread uses it.

use heapless::Vec;
use ocpp::domain::{self, AUTHORIZATION_KEY_LENGTH};

#[cfg(feature = "tls")]
use crate::tls::OwnTag;
#[cfg(feature = "security")]
use crate::{
    certificates::{Buffer, Credentials, Installed},
    limits::{ADDITIONAL_ROOT_CHECK, TLS_TAG},
    mailbox::Mailbox,
};

/// A copy of [`domain::Credentials`], and what else is known at the time.
pub struct Login {
    security_profile: u8,
    authorization_key: Vec<u8, { AUTHORIZATION_KEY_LENGTH }>,
    /// Seconds since 1970, by which certificates are looked at; `None` where the time is not known.
    pub unix_s: Option<i64>,
    /// What the central system has installed and issued, where it has.
    #[cfg(feature = "security")]
    pub installed: Mailbox<Installed>,
    #[cfg(feature = "security")]
    added: Mailbox<Credentials>,
}

/// Without the key.
impl core::fmt::Debug for Login {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Login")
            .field("security_profile", &self.security_profile)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Without anything.
    pub const fn new() -> Self {
        Self {
            security_profile: 0,
            authorization_key: Vec::new(),
            unix_s: None,
            #[cfg(feature = "security")]
            installed: Mailbox::Empty,
            #[cfg(feature = "security")]
            added: Mailbox::Empty,
        }
    }

    /// For the next connection.
    pub fn set(&mut self, credentials: &domain::Credentials<'_>, unix_s: Option<i64>) {
        self.security_profile = credentials.security_profile;
        self.authorization_key.clear();
        for byte in credentials.authorization_key {
            // No key is longer.
            let _ = self.authorization_key.push(*byte);
        }
        self.unix_s = unix_s;
    }

    /// True where the connection is made with TLS.
    #[cfg(feature = "tls")]
    pub fn uses_tls(&self) -> bool {
        self.security_profile >= 2
    }

    /// The security tag of what the central system has installed and issued.
    #[cfg(feature = "tls")]
    pub fn own_tag(&self) -> OwnTag {
        #[cfg(feature = "security")]
        if let Mailbox::Full(added) = &self.added {
            return OwnTag {
                tag: added.has_any().then_some(TLS_TAG),
                replaces_own: added.has_own(),
                replaces_roots: ADDITIONAL_ROOT_CHECK && added.has_roots(),
            };
        }
        OwnTag::default()
    }

    /// Hands what is installed to Zephyr, until [`Self::take_back`].
    #[cfg(feature = "security")]
    pub fn hand_over(&mut self) {
        self.added = match self.installed.take() {
            Some(installed) => Mailbox::Full(Credentials::add(installed)),
            None => Mailbox::Empty,
        };
    }

    /// What was handed over, and the number of the key that the chain of the charge point is of.
    #[cfg(feature = "security")]
    pub fn take_back(&mut self) -> Option<(&'static mut Buffer, Option<usize>)> {
        self.added.take().map(Credentials::remove)
    }

    /// The password of Basic authentication: with profiles 1 and 2, empty for none.
    pub fn password(&self) -> &[u8] {
        match self.security_profile {
            1 | 2 => &self.authorization_key,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_sent_with_profiles_1_and_2_alone() {
        let mut login = Login::new();
        for (security_profile, sent) in [(0, 0), (1, 16), (2, 16), (3, 0)] {
            let credentials = domain::Credentials {
                security_profile,
                authorization_key: b"0123456789abcdef",
            };
            login.set(&credentials, None);
            assert_eq!(login.password().len(), sent);
        }
        assert!(!std::format!("{login:?}").contains("48"));
    }
}
