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
            family: 0,
        }
    }

    /// The same, where another version of OCPP is spoken.
    pub const fn speaking(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// From `ws://host:port/path/identity`; the port is 80 when it is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is something else.
    pub fn from_url(url: &'a str) -> Result<Self, Error> {
        let rest = url.strip_prefix("ws://").ok_or(Error::Invalid)?;
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
            None => 80,
        };
        match host.is_empty() || port == 0 {
            true => Err(Error::Invalid),
            false => Ok(Self::new(host, port, path)),
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

    #[test]
    fn refuses_everything_else() {
        for url in [
            "",
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
