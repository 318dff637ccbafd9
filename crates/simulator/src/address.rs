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

const DEFAULT_PORT: u16 = 80;
/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In the place of what is secret in a URL.
const REDACTED: &str = "***";

/// The address of a central system for one charge point.
#[derive(Clone)]
pub struct Address {
    uri: Uri,
    host: String,
    port: u16,
    authorization: Option<HeaderValue>,
}

impl Address {
    /// From the URL of the central system and the identity of the charge point. The error is
    /// one line for the user.
    pub fn new(csms: &str, identity: &str, password: Option<&[u8]>) -> Result<Self, String> {
        let shown = redacted(csms);
        let base: Uri = csms
            .parse()
            .map_err(|error| format!("{shown} is not a URL: {error}"))?;
        match base.scheme_str() {
            Some("ws") => {}
            Some("wss") => return Err("wss:// is not supported yet: use ws://".to_owned()),
            _ => return Err(format!("{shown} does not begin with ws://")),
        }
        if identity.is_empty() {
            return Err("the identity is empty".to_owned());
        }
        let authority = base.authority().map(|authority| authority.as_str());
        let authority = authority.ok_or_else(|| format!("{shown} has no host"))?;
        if authority.contains('@') {
            return Err("the URL holds a user: use --password".to_owned());
        }
        if base.port_u16().is_none() && authority != base.host().unwrap_or_default() {
            return Err(format!("{shown} is not a URL: its port is no number"));
        }
        let path = base.path().trim_end_matches('/');
        let segment = utf8_percent_encode(identity, ESCAPED);
        let query = base.query().map(|query| format!("?{query}"));
        let query = query.unwrap_or_default();
        let uri: Uri = format!("ws://{authority}{path}/{segment}{query}")
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
            host,
            port: base.port_u16().unwrap_or(DEFAULT_PORT),
            uri,
            authorization: password
                .map(|password| basic(identity, password))
                .transpose()?,
        })
    }

    /// True when it comes with a password.
    pub fn has_password(&self) -> bool {
        self.authorization.is_some()
    }

    /// The URL for people and logs: what its query says is secret.
    pub fn url(&self) -> String {
        redacted(&self.uri.to_string())
    }

    /// The addresses of the host, asked for anew each time because they may change.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }

    /// The request that opens the websocket and offers that subprotocol.
    pub fn request(&self, subprotocol: &'static str) -> tungstenite::Result<Request> {
        let mut request = self.uri.clone().into_client_request()?;
        let headers = request.headers_mut();
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(subprotocol),
        );
        let agent = concat!("charge-point/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }
}

impl fmt::Debug for Address {
    // By hand: a password does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.url()).finish()
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

    #[test]
    fn the_identity_is_appended_to_the_path() {
        for (csms, identity, url) in [
            ("ws://h:9000", "CP1", "ws://h:9000/CP1"),
            ("ws://h:9000/", "CP1", "ws://h:9000/CP1"),
            ("ws://h/ocpp/1.6", "CP 1/A", "ws://h/ocpp/1.6/CP%201%2FA"),
            ("ws://h/ocpp/?k=v", "é~-._", "ws://h/ocpp/%C3%A9~-._?k=***"),
            ("ws://[::1]:80/x", "a?b#c%", "ws://[::1]:80/x/a%3Fb%23c%25"),
        ] {
            assert_eq!(Address::new(csms, identity, None).unwrap().url(), url);
        }
        let address = Address::new("ws://[::1]/x", "CP1", None).unwrap();
        assert_eq!(address.resolve().unwrap(), ["[::1]:80".parse().unwrap()]);
    }

    #[test]
    fn other_urls_are_refused() {
        for (csms, reason) in [
            ("wss://h", "not supported yet"),
            ("http://h", "ws://"),
            ("h:9000", "ws://"),
            ("ws://", "not a URL"),
            ("", "not a URL"),
            ("ws://user:secret@h", "--password"),
        ] {
            let problem = Address::new(csms, "CP1", None).unwrap_err();
            assert!(problem.contains(reason), "{csms}: {problem}");
        }
        assert!(Address::new("ws://h", "", None).is_err());
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
            ("ws://h/a", "ws://h/a"),
            ("", ""),
        ] {
            assert_eq!(redacted(url), shown);
        }
        let address = Address::new("ws://h/a?token=secret", "CP1", Some(b"secret")).unwrap();
        assert_eq!(address.url(), "ws://h/a/CP1?token=***");
        assert!(!format!("{address:?}").contains("secret"));
        // The central system gets it.
        let request = address.request("ocpp1.6").unwrap();
        assert_eq!(request.uri().query(), Some("token=secret"));
        for bad in [
            "http://h/?token=secret",
            "ws://user:secret@h",
            "ws://user:secret@h:port",
            "ws://h:port/?token=secret",
            "secret@",
        ] {
            let problem = Address::new(bad, "CP1", None).unwrap_err();
            assert!(!problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn the_handshake_asks_for_ocpp_and_authenticates() {
        let password: &[u8] = b"p:\xff";
        let address = Address::new("ws://h", "CP1", Some(password)).unwrap();
        for subprotocol in ["ocpp1.6", "ocpp2.0.1"] {
            let request = address.request(subprotocol).unwrap();
            assert_eq!(request.headers()[SEC_WEBSOCKET_PROTOCOL], subprotocol);
        }
        let request = address.request("ocpp1.6").unwrap();
        let expected = format!("Basic {}", BASE64.encode(b"CP1:p:\xff"));
        assert_eq!(request.headers()[AUTHORIZATION], expected);
        let address = Address::new("ws://h", "CP1", None).unwrap();
        assert!(
            !address
                .request("ocpp1.6")
                .unwrap()
                .headers()
                .contains_key(AUTHORIZATION)
        );
        assert!(Address::new("ws://h", "C:1", Some(password)).is_err());
        assert!(Address::new("ws://h", "C:1", None).is_ok());
    }
}
