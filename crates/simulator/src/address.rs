//! Where the central system is, and what is said to come in (OCPP-J 1.6, 3.1).

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
};

use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tungstenite::{
    client::IntoClientRequest,
    handshake::client::Request,
    http::{
        HeaderValue, Uri,
        header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, USER_AGENT},
    },
};

use crate::password::Password;

/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In the place of what is secret in a URL.
const REDACTED: &str = "***";

/// How the connection to the central system is secured (security whitepaper, 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// 0 for neither TLS nor a password, 1 for a password, 2 for TLS and a password, 3 for TLS with a
    /// certificate of the charge point.
    pub security_profile: u8,
    pub password: Option<Password>,
}

impl Access {
    /// What the first connection is made with, of a central system with TLS or without, by a charge point
    /// that has a certificate or none.
    pub fn first(is_secure: bool, password: Option<Password>, has_certificate: bool) -> Self {
        let security_profile = match (is_secure, &password) {
            (false, None) => 0,
            (false, Some(_)) => 1,
            (true, _) if has_certificate => 3,
            (true, _) => 2,
        };
        Self {
            security_profile,
            password,
        }
    }

    pub fn uses_tls(&self) -> bool {
        self.security_profile >= 2
    }

    pub fn shows_certificate(&self) -> bool {
        self.security_profile >= 3
    }

    /// The password that is sent: the profile without one and that with a certificate send none.
    fn told_password(&self) -> Option<&Password> {
        let is_told = matches!(self.security_profile, 1 | 2);
        self.password.as_ref().filter(|_| is_told)
    }

    fn scheme(&self) -> &'static str {
        match self.uses_tls() {
            true => "wss",
            false => "ws",
        }
    }

    fn default_port(&self) -> u16 {
        match self.uses_tls() {
            true => 443,
            false => 80,
        }
    }
}

/// The address of a central system for one charge point. The scheme is that of the security profile with
/// which it is connected to.
#[derive(Clone)]
pub struct Address {
    /// What was given began with `wss://`.
    pub is_secure: bool,
    identity: String,
    /// The URL without the identity.
    csms: String,
    host: String,
    /// Where one was given.
    port: Option<u16>,
    /// All of the URL behind its scheme.
    rest: String,
}

impl Address {
    /// From the URL of the central system and the identity of the charge point. The error is
    /// one line for the user.
    pub fn new(csms: &str, identity: &str) -> Result<Self, String> {
        let shown = redacted(csms);
        let base: Uri = csms
            .parse()
            .map_err(|error| format!("{shown} is not a URL: {error}"))?;
        let is_secure = match base.scheme_str() {
            Some("ws") => false,
            Some("wss") => true,
            _ => return Err(format!("{shown} does not begin with ws:// or wss://")),
        };
        if identity.is_empty() {
            return Err("the identity is empty".to_owned());
        }
        let authority = base.authority().map(|authority| authority.as_str());
        let authority = authority.ok_or_else(|| format!("{shown} has no host"))?;
        if authority.contains('@') {
            return Err("the URL holds a user: use --password-file".to_owned());
        }
        if base.port_u16().is_none() && authority != base.host().unwrap_or_default() {
            return Err(format!("{shown} is not a URL: its port is no number"));
        }
        let path = base.path().trim_end_matches('/');
        let segment = utf8_percent_encode(identity, ESCAPED);
        let query = base.query().map(|query| format!("?{query}"));
        let query = query.unwrap_or_default();
        let rest = format!("{authority}{path}/{segment}{query}");
        let _: Uri = format!("ws://{rest}")
            .parse()
            .map_err(|error| format!("{shown} is not a URL: {error}"))?;
        let host = base.host().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err(format!("{shown} has no host"));
        }
        Ok(Self {
            is_secure,
            identity: identity.to_owned(),
            csms: csms.to_owned(),
            host,
            port: base.port_u16(),
            rest,
        })
    }

    /// The URL that it was made of. What its query says is secret: [`redacted`].
    pub fn csms(&self) -> &str {
        &self.csms
    }

    /// The name or address by which the central system is known, and its certificate verified.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL for people and logs: what its query says is secret.
    pub fn url(&self, access: &Access) -> String {
        redacted(&self.whole(access))
    }

    fn whole(&self, access: &Access) -> String {
        format!("{}://{}", access.scheme(), self.rest)
    }

    /// The addresses of the host, asked for anew each time because they may change.
    pub fn resolve(&self, access: &Access) -> io::Result<Vec<SocketAddr>> {
        let port = self.port.unwrap_or(access.default_port());
        Ok((self.host.as_str(), port).to_socket_addrs()?.collect())
    }

    /// The request that opens the websocket and offers that subprotocol. The error is one line.
    pub fn request(&self, access: &Access, subprotocol: &'static str) -> Result<Request, String> {
        let request = self.whole(access).into_client_request();
        let mut request = request.map_err(|error| error.to_string())?;
        let headers = request.headers_mut();
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(subprotocol),
        );
        let agent = concat!("charge-point/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(password) = access.told_password() {
            headers.insert(AUTHORIZATION, basic(&self.identity, password.bytes())?);
        }
        Ok(request)
    }

    /// Whether a password can be sent at all; the error is one line for the user.
    pub fn takes_password(&self) -> Result<(), String> {
        basic(&self.identity, b"").map(drop)
    }
}

impl fmt::Debug for Address {
    // By hand: what its query says does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address")
            .field(&redacted(&self.rest))
            .finish()
    }
}

/// A URL, or what was given as one, without user, password, and values of the query.
pub fn redacted(url: &str) -> String {
    let (base, query) = match url.split_once(['?', '#']) {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let (scheme, rest) = match base.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), base),
    };
    if query.is_some_and(|query| query.contains('@')) && !begins_with_host(rest) {
        return format!("{scheme}{REDACTED}");
    }
    // A password may hold what ends an authority: the last @ counts, and none is in a path of ours.
    let mut shown = match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{REDACTED}@{host}"),
        None => format!("{scheme}{rest}"),
    };
    for (place, parameter) in query.into_iter().flat_map(|q| q.split('&')).enumerate() {
        shown.push(if place == 0 { '?' } else { '&' });
        if let Some((name, _)) = parameter.split_once('=') {
            shown.push_str(name);
            shown.push('=');
        }
        shown.push_str(REDACTED);
    }
    shown
}

/// Whether a text, up to a `?` or `#`, begins with a host and perhaps a port. Otherwise, and where nothing
/// follows the one or the other, what is there may be the user of a URL whose password holds that character.
fn begins_with_host(rest: &str) -> bool {
    let Some((authority, _)) = rest.split_once('/') else {
        return false;
    };
    let port = match authority.rsplit_once(']') {
        Some((_, port)) => port,
        None => authority
            .find(':')
            .map_or("", |at| authority.get(at..).unwrap_or_default()),
    };
    port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok())
}

/// RFC 7617; the password as the bytes it is made of (security whitepaper, A00.FR.205).
fn basic(identity: &str, password: &[u8]) -> Result<HeaderValue, String> {
    if identity.contains(':') {
        return Err("an identity with a colon cannot have a password (RFC 7617)".to_owned());
    }
    let credentials = [identity.as_bytes(), b":", password].concat();
    let text = format!("Basic {}", BASE64.encode(&credentials));
    let mut value = HeaderValue::try_from(text).map_err(|error| error.to_string())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(security_profile: u8, password: &[u8]) -> Access {
        Access {
            security_profile,
            password: Password::new(password),
        }
    }

    #[test]
    fn the_identity_is_appended_to_the_path() {
        for (csms, identity, url) in [
            ("ws://h:9000", "CP1", "ws://h:9000/CP1"),
            ("ws://h:9000/", "CP1", "ws://h:9000/CP1"),
            ("ws://h/ocpp/1.6", "CP 1/A", "ws://h/ocpp/1.6/CP%201%2FA"),
            ("ws://h/ocpp/?k=v", "é~-._", "ws://h/ocpp/%C3%A9~-._?k=***"),
            ("ws://[::1]:80/x", "a?b#c%", "ws://[::1]:80/x/a%3Fb%23c%25"),
        ] {
            let address = Address::new(csms, identity).unwrap();
            assert_eq!(address.url(&access(0, b"")), url);
        }
    }

    #[test]
    fn the_security_profile_chooses_the_scheme_and_the_usual_port() {
        for (csms, ports) in [
            ("ws://[::1]/x", [80, 80, 443, 443]),
            ("wss://[::1]/x", [80, 80, 443, 443]),
            ("ws://[::1]:9000/x", [9000; 4]),
        ] {
            let address = Address::new(csms, "CP1").unwrap();
            assert_eq!(address.is_secure, csms.starts_with("wss"));
            assert_eq!(address.host(), "::1");
            for (profile, port) in (0..).zip(ports) {
                let access = access(profile, b"secret");
                let scheme = if profile < 2 { "ws://" } else { "wss://" };
                assert!(address.url(&access).starts_with(scheme));
                assert_eq!(address.resolve(&access).unwrap()[0].port(), port);
                let request = address.request(&access, "ocpp1.6").unwrap();
                let is_told = request.headers().contains_key(AUTHORIZATION);
                assert_eq!(is_told, matches!(profile, 1 | 2), "{profile}");
            }
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for (csms, reason) in [
            ("http://h", "ws://"),
            ("h:9000", "ws://"),
            ("ws://", "not a URL"),
            ("", "not a URL"),
            ("ws://user:secret@h", "--password"),
        ] {
            let problem = Address::new(csms, "CP1").unwrap_err();
            assert!(problem.contains(reason), "{csms}: {problem}");
        }
        assert!(Address::new("ws://h", "").is_err());
    }

    #[test]
    fn what_is_secret_in_a_url_is_not_shown() {
        for (url, shown) in [
            ("ws://h:1/a?token=secret", "ws://h:1/a?token=***"),
            ("ws://h/?secret", "ws://h/?***"),
            ("ws://h/?a=secret&secret&b=", "ws://h/?a=***&***&b=***"),
            ("ws://h/#secret", "ws://h/?***"),
            ("ws://user:secret@h/a", "ws://***@h/a"),
            ("user:se/cr@et@h", "***@h"),
            ("ws://user:se?cret@h/a", "ws://***"),
            ("ws://user:se#cret@h", "ws://***"),
            ("ws://secret#secret@h/a?b=c", "ws://***"),
            ("ws://user:secret/secret?c@h", "ws://***"),
            ("ws://h:9000/a?mail=secret@h", "ws://h:9000/a?mail=***"),
            ("ws://[::1]/?mail=secret@h", "ws://[::1]/?mail=***"),
            ("ws://h/a", "ws://h/a"),
            ("", ""),
        ] {
            assert_eq!(redacted(url), shown);
        }
        let address = Address::new("ws://h/a?token=secret", "CP1").unwrap();
        let access = access(1, b"secret");
        assert_eq!(address.url(&access), "ws://h/a/CP1?token=***");
        assert!(!format!("{address:?} {access:?}").contains("secret"));
        // The central system gets it.
        let request = address.request(&access, "ocpp1.6").unwrap();
        assert_eq!(request.uri().query(), Some("token=secret"));
        for bad in [
            "http://h/?token=secret",
            "ws://user:secret@h",
            "ws://user:secret@h:port",
            "ws://h:port/?token=secret",
            "secret@",
        ] {
            let problem = Address::new(bad, "CP1").unwrap_err();
            assert!(!problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn the_handshake_asks_for_ocpp_and_authenticates() {
        let address = Address::new("ws://h", "CP1").unwrap();
        let with_password = access(1, b"p:\xff");
        for subprotocol in ["ocpp1.6", "ocpp2.0.1"] {
            let request = address.request(&with_password, subprotocol).unwrap();
            assert_eq!(request.headers()[SEC_WEBSOCKET_PROTOCOL], subprotocol);
        }
        let request = address.request(&with_password, "ocpp1.6").unwrap();
        let expected = format!("Basic {}", BASE64.encode(b"CP1:p:\xff"));
        assert_eq!(request.headers()[AUTHORIZATION], expected);
        let address = Address::new("ws://h", "C:1").unwrap();
        assert!(address.takes_password().is_err());
        assert!(address.request(&with_password, "ocpp1.6").is_err());
        assert!(address.request(&access(0, b"p"), "ocpp1.6").is_ok());
    }
}
