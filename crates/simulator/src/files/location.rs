//! Where a file is: the URL that the central system gives.

use ocpp::domain::{TransferFailure, TransferProtocol};
use percent_encoding::percent_decode_str;
use ureq::http::Uri;

use super::Failure;

/// An URL of one of the four protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub protocol: TransferProtocol,
    /// Without the brackets of an address of IPv6.
    pub host: String,
    pub port: Option<u16>,
    /// User and password, if it has them.
    pub user: Option<(String, String)>,
    /// As it stands in the URL, with its first slash.
    pub path: String,
    query: Option<String>,
}

impl Location {
    /// # Errors
    ///
    /// What is no URL, or of another protocol, is not supported.
    pub fn parse(url: &str) -> Result<Self, Failure> {
        let bad = |why: &str| Failure::new(TransferFailure::NotSupported, why);
        let url = url.split_once('#').map_or(url, |(url, _)| url);
        let protocol = TransferProtocol::of(url).ok_or_else(|| bad("an unknown protocol"))?;
        let uri: Uri = url.parse().map_err(|_| bad("not a URL"))?;
        let authority = uri.authority().ok_or_else(|| bad("no host"))?.as_str();
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad("no host"));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = authority.rsplit_once('@').map(|(user, _)| {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            (decoded(user), decoded(password))
        });
        Ok(Self {
            protocol,
            host: host.to_owned(),
            port: uri.port_u16(),
            user,
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        })
    }

    /// The file of that name in this folder.
    pub fn file(mut self, name: &str) -> Self {
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        self.path.push_str(name);
        self
    }

    /// The URL without user and password.
    pub fn url(&self) -> String {
        let scheme = self.protocol.as_str().to_ascii_lowercase();
        let query = self.query.as_ref().map(|query| format!("?{query}"));
        let query = query.unwrap_or_default();
        format!("{scheme}://{}{}{query}", self.authority(), self.path)
    }

    fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Where a redirection leads (RFC 9110, 10.2.2). User and password stay with their host.
    pub fn redirected(&self, to: &str) -> Result<Self, Failure> {
        let scheme = self.protocol.as_str().to_ascii_lowercase();
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let url = match to {
            _ if to.contains("://") => to.to_owned(),
            _ if to.starts_with("//") => format!("{scheme}:{to}"),
            _ if to.starts_with('/') => format!("{scheme}://{}{to}", self.authority()),
            _ => format!("{scheme}://{}{folder}/{to}", self.authority()),
        };
        let mut next = Self::parse(&url)?;
        let is_same =
            (&next.host, next.port, next.protocol) == (&self.host, self.port, self.protocol);
        if next.user.is_none() && is_same {
            next.user.clone_from(&self.user);
        }
        Ok(next)
    }

    /// The path as a server of files has it: below the folder that a user comes into (RFC 1738, 3.2.2).
    pub fn decoded_path(&self) -> Result<String, Failure> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
        match path.contains(char::is_control) {
            // The end of a line would be the end of a command.
            true => Err(Failure::new(
                TransferFailure::NotSupported,
                "a control character in the path",
            )),
            false => Ok(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let location = Location::parse("FTP://u%40x:p%3Aw@[::1]:2121/a%20b/c?d#e").unwrap();
        assert_eq!(location.protocol, TransferProtocol::Ftp);
        assert_eq!((location.host.as_str(), location.port), ("::1", Some(2121)));
        assert_eq!(location.user, Some(("u@x".to_owned(), "p:w".to_owned())));
        assert_eq!(location.decoded_path().unwrap(), "a b/c");
        assert_eq!(location.url(), "ftp://[::1]:2121/a%20b/c?d");
        for bad in [
            "",
            "file:///etc/passwd",
            "http:///x",
            "http://a b/c",
            "sftp://h/x",
        ] {
            let failure = Location::parse(bad).unwrap_err();
            assert_eq!(failure.kind, TransferFailure::NotSupported, "{bad}");
        }
        let injected = Location::parse("ftp://h/a%0d%0aDELE%20b").unwrap();
        assert!(injected.decoded_path().is_err());
    }

    #[test]
    fn a_file_is_appended_to_its_folder() {
        for (folder, file) in [
            ("http://h", "http://h/f.txt"),
            ("http://h/", "http://h/f.txt"),
            ("http://h/a", "http://h/a/f.txt"),
            ("http://h/a/?token=1", "http://h/a/f.txt?token=1"),
        ] {
            let location = Location::parse(folder).unwrap().file("f.txt");
            assert_eq!(location.url(), file);
        }
    }

    #[test]
    fn redirections_lead_there() {
        let from = Location::parse("http://u:p@h:81/a/b?c").unwrap();
        for (to, url, is_known) in [
            ("https://x/y", "https://x/y", false),
            ("//x/y", "http://x/y", false),
            ("/y?z", "http://h:81/y?z", true),
            ("y", "http://h:81/a/y", true),
            ("http://h:81/y", "http://h:81/y", true),
            ("http://h:82/y", "http://h:82/y", false),
        ] {
            let next = from.redirected(to).unwrap();
            assert_eq!(next.url(), url);
            assert_eq!(next.user.is_some(), is_known, "{to}");
        }
        assert!(from.redirected("file:///etc/passwd").is_err());
    }
}
