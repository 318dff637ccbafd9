//! What a connection with TLS is made with, and why one is refused. The C side is `c/tls.c`.

use core::ffi::{c_char, c_int};

use heapless::Vec;

use crate::{errno::Error, limits::HOST_LENGTH, text::CText};

/// Security tags that an application gives; one more is the charge point's own.
pub const TAGS: usize = 4;
const ALL_TAGS: usize = TAGS + 1;

/// `struct ocpp_port_tls`
#[derive(Debug)]
#[repr(C)]
pub struct Tls {
    tags: [c_int; ALL_TAGS],
    tag_count: u16,
    refuses_wildcards: bool,
    refusal: u8,
    has_begun: bool,
    faults: u32,
    now: i64,
    valid_from: i64,
    valid_until: i64,
    name: *const c_char,
}

// SAFETY: the name is that of the settings, which live on and are read only.
unsafe impl Send for Tls {}

unsafe extern "C" {
    fn ocpp_port_tls_has(tags: *const c_int, tag_count: usize, what: c_int) -> bool;
}

/// The security tag of what the central system has installed and issued.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnTag {
    /// `None` where it has not.
    pub tag: Option<c_int>,
    /// There is a certificate of the charge point, and the application's is not shown.
    pub replaces_own: bool,
    /// There are roots, and the application's do not count.
    pub replaces_roots: bool,
}

/// What credentials are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Credential {
    /// Certificates by which that of a server is verified.
    Roots = 0,
    /// A certificate of the charge point, and its key.
    Own = 1,
}

/// What the application gives for TLS.
#[derive(Debug)]
pub struct TlsSettings {
    /// It connects with TLS at first.
    pub is_wanted: bool,
    tags: Vec<c_int, TAGS>,
    /// Empty where it is the host's.
    name: CText<{ HOST_LENGTH + 1 }>,
}

impl TlsSettings {
    /// None of it.
    pub const fn new() -> Self {
        Self {
            is_wanted: false,
            tags: Vec::new(),
            name: CText::new(),
        }
    }

    /// Copies what the application gives.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for more than [`TAGS`] tags, and a name that is too long.
    pub fn set(&mut self, is_wanted: bool, tags: &[c_int], name: &str) -> Result<(), Error> {
        if name.len() > HOST_LENGTH {
            return Err(Error::Invalid);
        }
        self.is_wanted = is_wanted;
        self.tags.clear();
        self.tags
            .extend_from_slice(tags)
            .map_err(|_| Error::Invalid)?;
        self.name.set(name);
        Ok(())
    }

    /// The tags of the application.
    #[cfg(feature = "security")]
    pub fn tags(&self) -> &[c_int] {
        &self.tags
    }

    /// True when there is such a credential behind one of the tags.
    pub fn has(&self, what: Credential) -> bool {
        is_behind(&self.tags, what)
    }
}

fn is_behind(tags: &[c_int], what: Credential) -> bool {
    // SAFETY: the tags are good for the call.
    unsafe { ocpp_port_tls_has(tags.as_ptr(), tags.len(), what as c_int) }
}

impl Tls {
    /// For no connection.
    pub const fn new() -> Self {
        Self {
            tags: [0; ALL_TAGS],
            tag_count: 0,
            refuses_wildcards: false,
            refusal: 0,
            has_begun: false,
            faults: 0,
            now: 0,
            valid_from: 0,
            valid_until: 0,
            name: core::ptr::null(),
        }
    }

    /// For a connection to that host. Besides the tags of the application there is that of what the central
    /// system has installed and issued, which takes the place of some of them.
    pub fn set(
        &mut self,
        settings: &'static TlsSettings,
        host: *const c_char,
        unix_s: Option<i64>,
        own: OwnTag,
    ) {
        *self = Self {
            refuses_wildcards: REFUSES_WILDCARDS,
            now: unix_s.unwrap_or(0),
            name: match settings.name.as_str() {
                "" => host,
                _ => settings.name.as_ptr(),
            },
            ..Self::new()
        };
        let is_replaced = |tag: c_int| {
            own.replaces_own && is_behind(&[tag], Credential::Own)
                || own.replaces_roots && is_behind(&[tag], Credential::Roots)
        };
        let given = settings.tags.iter().copied();
        let tags = given.filter(|tag| !is_replaced(*tag)).chain(own.tag);
        for (place, tag) in self.tags.iter_mut().zip(tags) {
            *place = tag;
            self.tag_count += 1;
        }
    }

    /// Why the connection was refused, where it was.
    pub fn refusal(&self) -> Option<Refusal> {
        match self.refusal {
            1 => Some(Refusal::Certificate(self.faults)),
            2 => Some(Refusal::Version),
            3 => Some(Refusal::CipherSuite),
            4 => Some(Refusal::Authentication),
            5 => Some(Refusal::Stalled),
            _ => None,
        }
    }

    /// When the certificates of the server are valid; `None` where that was looked at, because the time was
    /// known.
    pub fn unchecked(&self) -> Option<Validity> {
        (self.now == 0).then_some(Validity {
            from: self.valid_from,
            until: self.valid_until,
        })
    }
}

/// In which time all certificates of a server are valid, as seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    from: i64,
    until: i64,
}

impl Validity {
    /// Why they are not good at that time, if they are not.
    pub fn refusal(self, unix_s: i64) -> Option<Refusal> {
        match unix_s {
            now if now > self.until => Some(Refusal::Certificate(EXPIRED)),
            now if now < self.from => Some(Refusal::Certificate(FUTURE)),
            _ => None,
        }
    }
}

/// CONFIG_OCPP_TLS_WILDCARDS=n.
const REFUSES_WILDCARDS: bool = option_env!("OCPP_TLS_WILDCARDS").is_none();

/// Why there is no connection with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The certificate of the server is not good: `MBEDTLS_X509_BADCERT_...` of mbedTLS.
    Certificate(u32),
    /// The server has only versions of TLS that are too old.
    Version,
    /// There is no cipher suite in common.
    CipherSuite,
    /// The server does not take the certificate of the charge point, or wants one.
    Authentication,
    /// The server does not go on with the handshake.
    Stalled,
}

/// MBEDTLS_X509_BADCERT_EXPIRED and MBEDTLS_X509_BADCERT_FUTURE.
const EXPIRED: u32 = 0x01;
const FUTURE: u32 = 0x0200;

/// What is wrong with a certificate, the most telling first.
const FAULTS: [(u32, &str); 6] = [
    (EXPIRED, "it has expired"),
    (FUTURE, "it is not valid yet"),
    (0x04, "it is for another host"),
    (0x08, "no root certificate leads to it"),
    (0x02, "it was revoked"),
    (
        0x4000 | 0x8000 | 0x0001_0000,
        "its signature or key is too weak",
    ),
];

impl Refusal {
    /// What happened.
    pub fn description(self) -> &'static str {
        match self {
            Self::Certificate(_) => "the certificate of the server is refused: ",
            Self::Version => "the server has no version of TLS from 1.2 on",
            Self::CipherSuite => "the server has no cipher suite in common",
            Self::Authentication => "the server does not take the certificate of the charge point",
            Self::Stalled => "the server does not go on with the TLS handshake",
        }
    }

    /// More about it; empty for nothing.
    pub fn fault(self) -> &'static str {
        let Self::Certificate(faults) = self else {
            return "";
        };
        let mut known = FAULTS.iter();
        let known = known.find(|(bits, _)| faults & bits != 0);
        known.map_or("it is not good", |(_, words)| words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_fault_of_a_certificate_is_told() {
        // Who signs for himself is not trusted, and may have expired.
        assert_eq!(Refusal::Certificate(0x09).fault(), "it has expired");
        assert_eq!(Refusal::Certificate(0x0c).fault(), "it is for another host");
        assert_eq!(Refusal::Certificate(0x20).fault(), "it is not good");
        assert_eq!(Refusal::Version.fault(), "");
    }

    #[test]
    fn certificates_are_valid_from_their_first_second_to_their_last() {
        let validity = Validity {
            from: 100,
            until: 200,
        };
        for (now, refusal) in [
            (99, Some(FUTURE)),
            (100, None),
            (200, None),
            (201, Some(EXPIRED)),
        ] {
            assert_eq!(validity.refusal(now), refusal.map(Refusal::Certificate));
        }
    }

    #[test]
    fn more_tags_than_there_is_room_for_are_refused() {
        let mut settings = TlsSettings::new();
        assert_eq!(settings.set(true, &[1, 2, 3, 4], "host"), Ok(()));
        assert_eq!(
            settings.set(true, &[1, 2, 3, 4, 5], "host"),
            Err(Error::Invalid)
        );
        let long = "h".repeat(HOST_LENGTH + 1);
        assert_eq!(settings.set(true, &[1], &long), Err(Error::Invalid));
    }
}
