//! Where the central system is, and what is said to come in (OCPP-J 1.6, 3.1).

use std::{
    io,
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

pub const SUBPROTOCOL: &str = "ocpp1.6";
const DEFAULT_PORT: u16 = 80;
/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The address of a central system for one charge point.
#[derive(Clone, Debug)]
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
        let base: Uri = csms
            .parse()
            .map_err(|error| format!("{csms} is not a URL: {error}"))?;
        match base.scheme_str() {
            Some("ws") => {}
            Some("wss") => return Err("wss:// is not supported yet: use ws://".to_owned()),
            _ => return Err(format!("{csms} does not begin with ws://")),
        }
        if identity.is_empty() {
            return Err("the identity is empty".to_owned());
        }
        let authority = base.authority().map(|authority| authority.as_str());
        let authority = authority.ok_or_else(|| format!("{csms} has no host"))?;
        if authority.contains('@') {
            return Err("the URL holds a user: use --password".to_owned());
        }
        let path = base.path().trim_end_matches('/');
        let segment = utf8_percent_encode(identity, ESCAPED);
        let query = base.query().map(|query| format!("?{query}"));
        let query = query.unwrap_or_default();
        let uri: Uri = format!("ws://{authority}{path}/{segment}{query}")
            .parse()
            .map_err(|error| format!("{csms} is not a URL: {error}"))?;
        let host = base.host().unwrap_or_default();
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err(format!("{csms} has no host"));
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

    /// The whole URL.
    pub fn url(&self) -> String {
        self.uri.to_string()
    }

    /// The addresses of the host, asked for anew each time because they may change.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        Ok((self.host.as_str(), self.port).to_socket_addrs()?.collect())
    }

    /// The request that opens the websocket.
    pub fn request(&self) -> tungstenite::Result<Request> {
        let mut request = self.uri.clone().into_client_request()?;
        let headers = request.headers_mut();
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
        let agent = concat!("charge-point/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }
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
            ("ws://h/ocpp/?k=v", "é~-._", "ws://h/ocpp/%C3%A9~-._?k=v"),
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
    fn the_handshake_asks_for_ocpp_and_authenticates() {
        let password: &[u8] = b"p:\xff";
        let address = Address::new("ws://h", "CP1", Some(password)).unwrap();
        let request = address.request().unwrap();
        assert_eq!(request.headers()[SEC_WEBSOCKET_PROTOCOL], "ocpp1.6");
        let expected = format!("Basic {}", BASE64.encode(b"CP1:p:\xff"));
        assert_eq!(request.headers()[AUTHORIZATION], expected);
        let address = Address::new("ws://h", "CP1", None).unwrap();
        assert!(
            !address
                .request()
                .unwrap()
                .headers()
                .contains_key(AUTHORIZATION)
        );
        assert!(Address::new("ws://h", "C:1", Some(password)).is_err());
        assert!(Address::new("ws://h", "C:1", None).is_ok());
    }
}
