//! What a connection to the central system is made with (security whitepaper, A00).

use core::fmt::{self, Debug, Formatter};

/// Bytes of the longest AuthorizationKey: as hexadecimal digits at most 20, as text 40.
pub const AUTHORIZATION_KEY_LENGTH: usize = 40;

/// What a connection to the central system is made with.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// 0 for neither TLS nor a password, 1 for a password, 2 for TLS and a password, 3 for TLS with a
    /// certificate of the charge point.
    pub security_profile: u8,
    /// The password of Basic authentication, whose user is the identity of the charge point: bytes, which
    /// need not be text. Empty for none.
    pub authorization_key: &'a [u8],
}

/// Without the key.
impl Debug for Credentials<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("security_profile", &self.security_profile)
            .finish_non_exhaustive()
    }
}
