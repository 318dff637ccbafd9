//! The identity in the path of the handshake, and the password that goes with it.

use data_encoding::BASE64;

/// The path in front of the identity.
pub(crate) const PATH: &str = "/ocpp";

/// The identity of a path `/ocpp/<percent-encoded identity>`.
pub(crate) fn from_path(path: &str) -> Option<String> {
    let segment = path.strip_prefix(PATH)?.strip_prefix('/')?;
    if segment.is_empty() || segment.contains('/') {
        return None;
    }
    percent_decode(segment)
}

/// RFC 3986, 2.1. `None` if an escape is cut off or the result is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

/// Whether an Authorization header is HTTP Basic (RFC 7617) for this identity and password.
pub(crate) fn authorizes(header: &[u8], identity: &str, password: &[u8]) -> bool {
    let Some((scheme, credentials)) = header.split_at_checked(b"Basic ".len()) else {
        return false;
    };
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return false;
    }
    // Compared as a whole: the password is raw bytes and may contain a colon.
    let expected = [identity.as_bytes(), b":", password].concat();
    BASE64
        .decode(credentials.trim_ascii())
        .is_ok_and(|given| given == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_percent_decoded() {
        for (path, identity) in [
            ("/ocpp/CP1", Some("CP1")),
            ("/ocpp/CP%201%2fA", Some("CP 1/A")),
            ("/ocpp/%C3%A9", Some("é")),
            ("/ocpp/%C3", None),
            ("/ocpp/CP%2", None),
            ("/ocpp/CP%+1", None),
            ("/ocpp/A/B", None),
            ("/ocpp/", None),
            ("/ocpp", None),
            ("/other/CP1", None),
        ] {
            assert_eq!(from_path(path).as_deref(), identity, "{path}");
        }
    }

    #[test]
    fn passwords_are_raw_bytes() {
        let header = format!("basic {}", BASE64.encode(b"CP1:a:\xFF"));
        assert!(authorizes(header.as_bytes(), "CP1", b"a:\xFF"));
        assert!(!authorizes(header.as_bytes(), "CP1", b"a:"));
        assert!(!authorizes(header.as_bytes(), "CP2", b"a:\xFF"));
        assert!(!authorizes(b"Bearer x", "CP1", b""));
        assert!(!authorizes(b"", "CP1", b""));
    }
}
