//! Where the central system is.

use ocpp::Version;

use crate::{errno::Error, limits::VERSION};

/// Its address, the path of the websocket, and the version of OCPP that is spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server<'a> {
    /// Address or host name.
    pub host: &'a str,
    /// TCP port.
    pub port: u16,
    /// Path, the identity of the charge point as its last segment.
    pub path: &'a str,
    /// Version of OCPP, which the handshake offers and the server has to choose.
    pub version: Version,
    /// The user of HTTP Basic authentication, up to 48 characters without a colon; empty for the
    /// identity.
    pub user: &'a str,
    /// Its password, up to 40 bytes, which need not be text; empty for CONFIG_OCPP_AUTHORIZATION_KEY.
    pub password: &'a [u8],
    /// Connects with TLS (`wss://`).
    #[cfg(feature = "tls")]
    pub uses_tls: bool,
    /// Security tags of Zephyr's TLS credentials, four at most: of the certificates by which that of
    /// the server is verified, and of the charge point's own. A tag with both is passed over once the
    /// central system has issued a certificate.
    #[cfg(feature = "tls")]
    pub security_tags: &'a [core::ffi::c_int],
    /// What the server's certificate has to be for; empty for the host.
    #[cfg(feature = "tls")]
    pub tls_name: &'a str,
    /// Address family as the network stack numbers them; 0 for any.
    pub(crate) family: u16,
}

impl<'a> Server<'a> {
    /// With any address family, and the version of CONFIG_OCPP_DEFAULT_VERSION.
    pub const fn new(host: &'a str, port: u16, path: &'a str) -> Self {
        Self {
            host,
            port,
            path,
            version: VERSION,
            user: "",
            password: &[],
            #[cfg(feature = "tls")]
            uses_tls: false,
            #[cfg(feature = "tls")]
            security_tags: &[],
            #[cfg(feature = "tls")]
            tls_name: "",
            family: 0,
        }
    }

    /// The same, where another version of OCPP is spoken.
    pub const fn speaking(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// From `ws://host:port/path/identity`; the port is 80 when it is left out. With TLS also from
    /// `wss://…`, whose port is 443 then.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is something else.
    pub fn from_url(url: &'a str) -> Result<Self, Error> {
        let (rest, is_secure) = match url.strip_prefix("ws://") {
            Some(rest) => (rest, false),
            None => (url.strip_prefix("wss://").ok_or(Error::Invalid)?, true),
        };
        if is_secure && !cfg!(feature = "tls") {
            return Err(Error::Invalid);
        }
        let slash = rest.find('/').ok_or(Error::Invalid)?;
        let (authority, path) = rest.split_at_checked(slash).ok_or(Error::Invalid)?;
        let (host, port) = match authority.strip_prefix('[') {
            // An IPv6 address has colons of its own.
            Some(address) => {
                let (host, port) = address.split_once(']').ok_or(Error::Invalid)?;
                match port {
                    "" => (host, None),
                    port => (host, Some(port.strip_prefix(':').ok_or(Error::Invalid)?)),
                }
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| Error::Invalid)?,
            None if is_secure => 443,
            None => 80,
        };
        match host.is_empty() || port == 0 {
            true => Err(Error::Invalid),
            false => Ok(Self {
                #[cfg(feature = "tls")]
                uses_tls: is_secure,
                ..Self::new(host, port, path)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_central_systems_are_given_as() {
        for (url, host, port, path) in [
            (
                "ws://127.0.0.1:9000/ocpp/CP1",
                "127.0.0.1",
                9000,
                "/ocpp/CP1",
            ),
            ("ws://csms.example/CP1", "csms.example", 80, "/CP1"),
            ("ws://[::1]:8180/a/b", "::1", 8180, "/a/b"),
            ("ws://[fe80::2]/x", "fe80::2", 80, "/x"),
        ] {
            assert_eq!(Server::from_url(url), Ok(Server::new(host, port, path)));
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn a_secure_url_has_a_port_of_its_own() {
        for (url, port) in [("wss://host/CP1", 443), ("wss://host:9000/CP1", 9000)] {
            let server = Server::from_url(url);
            let expected = Server {
                uses_tls: true,
                ..Server::new("host", port, "/CP1")
            };
            assert_eq!(server, Ok(expected));
        }
    }

    #[test]
    fn refuses_everything_else() {
        for url in [
            "",
            #[cfg(not(feature = "tls"))]
            "wss://host/CP1",
            "http://host/CP1",
            "ws://host:9000",
            "ws://:9000/CP1",
            "ws://host:0/CP1",
            "ws://host:65536/CP1",
            "ws://host:port/CP1",
            "ws://[::1/CP1",
            "ws://[::1]9000/CP1",
        ] {
            assert_eq!(Server::from_url(url), Err(Error::Invalid), "{url}");
        }
    }
}
