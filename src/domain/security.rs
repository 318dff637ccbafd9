//! How a charge point is secured (security whitepaper, 3rd edition).

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

/// What the application brings along for secure connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecuritySetup<'a> {
    /// What the charge point was configured with. What the central system has changed counts more.
    pub credentials: Credentials<'a>,
    /// There is a root certificate by which that of a central system is verified.
    pub has_central_system_root: bool,
    /// There is a certificate of the charge point, and its key.
    pub has_charge_point_certificate: bool,
}

/// What becomes of a raise of the security profile (A05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileRaise {
    /// The central system asked for it: the next connection is made with it.
    Begun,
    /// A connection was made with it.
    Done,
    /// No connection could be made with it: the profile before it is used again.
    FellBack,
}
