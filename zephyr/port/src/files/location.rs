//! Where a file is: the URL that the central system gives, or a server that redirects.

#[cfg(feature = "tls")]
use core::{ffi::c_void, ptr};

use ocpp::{
    domain::{TransferFailure, TransferProtocol},
    limits::LOCATION_LENGTH,
};

use crate::{limits::HOST_LENGTH, text::CText};
#[cfg(feature = "tls")]
use crate::{
    settings::SETTINGS,
    tls::{OwnTag, Refusal, Tls},
};

/// Bytes of the longest name that a file is delivered under, its slash included.
const FILE_NAME: usize = 33;
/// Bytes of the longest `user:password`.
const USER: usize = 128;

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// The parts of an URL as a request needs them.
#[derive(Debug)]
pub struct Location {
    /// Without the brackets of an address of IPv6.
    pub host: CText<{ HOST_LENGTH + 1 }>,
    /// TCP port.
    pub port: u16,
    /// Path and query.
    pub target: CText<{ LOCATION_LENGTH + FILE_NAME + 1 }>,
    /// User and password with a colon between them, empty where it has none.
    pub user: CText<{ USER + 1 }>,
    /// HTTPS.
    is_secure: bool,
    /// Seconds since 1970, by which certificates are looked at; `None` where the time is not known.
    pub unix_s: Option<i64>,
    #[cfg(feature = "tls")]
    tls: Tls,
}

const BAD: TransferFailure = TransferFailure::NotSupported;

impl Location {
    /// Nowhere.
    pub const fn new() -> Self {
        Self {
            host: CText::new(),
            port: 0,
            target: CText::new(),
            user: CText::new(),
            is_secure: false,
            unix_s: None,
            #[cfg(feature = "tls")]
            tls: Tls::new(),
        }
    }

    /// True where it is reached with TLS.
    #[cfg(feature = "security")]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// What a connection to it is secured with, for C; null without TLS. The certificates are those of
    /// the application, and what is behind another tag.
    #[cfg(feature = "tls")]
    pub fn tls(&mut self, own: OwnTag) -> *mut c_void {
        if !self.is_secure {
            return ptr::null_mut();
        }
        let settings = &SETTINGS.get().tls;
        self.tls.set(settings, self.host.as_ptr(), self.unix_s, own);
        ptr::from_mut(&mut self.tls).cast()
    }

    /// Why there was no connection with TLS, where that is known.
    #[cfg(feature = "tls")]
    pub fn refusal(&self) -> Option<Refusal> {
        self.tls.refusal().filter(|_| self.is_secure)
    }

    /// Takes an URL apart.
    ///
    /// # Errors
    ///
    /// [`TransferFailure::NotSupported`] for what is no URL, another protocol than HTTP or, with TLS,
    /// HTTPS, and a host or a user that is too long.
    pub fn set(&mut self, url: &str) -> Result<(), TransferFailure> {
        self.user.clear();
        // A space or the end of a line would be the end of what they are written into.
        let is_plain = url.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        let (protocol, rest) = TransferProtocol::split(url).ok_or(BAD)?;
        self.is_secure = match protocol {
            TransferProtocol::Http => false,
            TransferProtocol::Https if cfg!(feature = "tls") => true,
            _ => return Err(BAD),
        };
        if !is_plain || url.len() > LOCATION_LENGTH {
            return Err(BAD);
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let end = rest.bytes().position(|byte| byte == b'/' || byte == b'?');
        let (authority, target) = rest
            .split_at_checked(end.unwrap_or(rest.len()))
            .ok_or(BAD)?;
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        self.set_place(place)?;
        self.target
            .set(if target.starts_with('/') { "" } else { "/" });
        self.target.push(target);
        match user {
            Some(user) => self.set_user(user),
            None => Ok(()),
        }
    }

    fn set_place(&mut self, place: &str) -> Result<(), TransferFailure> {
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or(BAD)?,
            None => place
                .split_at_checked(place.find(':').unwrap_or(place.len()))
                .ok_or(BAD)?,
        };
        let usual = match self.is_secure {
            true => HTTPS_PORT,
            false => HTTP_PORT,
        };
        self.port = match port.strip_prefix(':') {
            Some("") => usual,
            Some(port) => port.parse().map_err(|_| BAD)?,
            None if port.is_empty() => usual,
            None => return Err(BAD),
        };
        if host.is_empty() || host.len() > HOST_LENGTH || self.port == 0 {
            return Err(BAD);
        }
        self.host.set(host);
        Ok(())
    }

    /// `user:password`, where %40 stands for an @.
    fn set_user(&mut self, user: &str) -> Result<(), TransferFailure> {
        let mut decoded = heapless::Vec::<u8, USER>::new();
        let mut bytes = user.bytes();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'%' => {
                    let mut digit = || char::from(bytes.next()?).to_digit(16);
                    let (high, low) = (digit().ok_or(BAD)?, digit().ok_or(BAD)?);
                    (high * 16 + low) as u8
                }
                byte => byte,
            };
            decoded.push(byte).map_err(|_| BAD)?;
        }
        let decoded = core::str::from_utf8(&decoded).map_err(|_| BAD)?;
        if decoded.contains('\0') {
            return Err(BAD);
        }
        self.user.set(decoded);
        if !decoded.contains(':') {
            self.user.push(":");
        }
        Ok(())
    }

    /// Goes where a redirection leads (RFC 9110, 10.2.2). User and password stay with their host.
    ///
    /// # Errors
    ///
    /// As [`Self::set`]; [`TransferFailure::NotSupported`] from HTTPS to HTTP, where another file could be
    /// put in its place on the way.
    pub fn redirect(&mut self, to: &str) -> Result<(), TransferFailure> {
        let is_plain = to.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        let to = to.split_once('#').map_or(to, |(to, _)| to);
        let scheme = to.split_once(':').map_or("", |(scheme, _)| scheme);
        let is_absolute =
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_absolute {
            let (host, port) = (self.host.clone(), self.port);
            let user = self.user.clone();
            let was_secure = self.is_secure;
            self.set(to)?;
            if was_secure && !self.is_secure {
                return Err(BAD);
            }
            if self.user.as_str().is_empty()
                && (host.as_str(), port) == (self.host.as_str(), self.port)
            {
                self.user = user;
            }
            return Ok(());
        }
        if let Some(rest) = to.strip_prefix("//") {
            let mut url = heapless::String::<LOCATION_LENGTH>::new();
            let scheme = match self.is_secure {
                true => "https://",
                false => "http://",
            };
            let whole = url.push_str(scheme).and_then(|()| url.push_str(rest));
            whole.map_err(|_| BAD)?;
            return self.redirect(&url);
        }
        if !is_plain || to.len() > LOCATION_LENGTH {
            return Err(BAD);
        }
        if to.starts_with('/') {
            self.target.set(to);
            return Ok(());
        }
        let path = self.target.clone();
        let path = path.as_str();
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.len() + 1 + to.len() > LOCATION_LENGTH {
            return Err(BAD);
        }
        self.target.set(folder);
        self.target.push("/");
        self.target.push(to);
        Ok(())
    }

    /// Goes to the file of that name in this folder.
    pub fn append(&mut self, name: &str) {
        let before = self.target.clone();
        let (path, query) = match before.as_str().find('?') {
            Some(at) => before.as_str().split_at(at),
            None => (before.as_str(), ""),
        };
        self.target.set(path);
        if !path.ends_with('/') {
            self.target.push("/");
        }
        self.target.push(name);
        self.target.push(query);
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::String};

    use super::*;

    fn shown(location: &Location) -> String {
        let (host, port) = (location.host.as_str(), location.port);
        let (target, user) = (location.target.as_str(), location.user.as_str());
        format!("{user} {host} {port} {target}")
    }

    fn parsed(url: &str) -> Result<String, TransferFailure> {
        let mut location = Location::new();
        location.set(url).map(|()| shown(&location))
    }

    #[test]
    fn a_url_is_taken_apart() {
        for (url, parts) in [
            ("http://h", " h 80 /"),
            ("HTTP://h:81/a%20b?c=d#e", " h 81 /a%20b?c=d"),
            ("http://h?c", " h 80 /?c"),
            ("http://u%40x:p%3Aw@[::1]:8080/a", "u@x:p:w ::1 8080 /a"),
            ("http://u@h:/a", "u: h 80 /a"),
        ] {
            assert_eq!(parsed(url).as_deref(), Ok(parts), "{url}");
        }
        let long = format!("http://{}/", "h".repeat(HOST_LENGTH + 1));
        for bad in [
            "",
            "h/a",
            "ftp://h/a",
            #[cfg(not(feature = "tls"))]
            "https://h/a",
            "http:///a",
            "http://:80/a",
            "http://h:x/a",
            "http://h:70000/a",
            "http://h:0/a",
            "http://[::1/a",
            "http://[::1]x/a",
            "http://u%4@h/a",
            "http://u%00@h/a",
            "http://u%ff@h/a",
            "http://h/a b",
            "http://h/a\r\nX: y",
            &long,
        ] {
            assert_eq!(parsed(bad), Err(BAD), "{bad}");
        }
    }

    #[test]
    fn redirections_lead_there() {
        for (to, parts) in [
            ("http://x/y", " x 80 /y"),
            ("//x/y", " x 80 /y"),
            ("/y?z", "u:p h 81 /y?z"),
            ("y", "u:p h 81 /a/y"),
            ("http://h:81/y", "u:p h 81 /y"),
            ("http://h:82/y", " h 82 /y"),
            ("http://o:q@h:81/y", "o:q h 81 /y"),
            ("/y?u=http://x@z", "u:p h 81 /y?u=http://x@z"),
        ] {
            let mut location = Location::new();
            location.set("http://u:p@h:81/a/b?c").unwrap();
            assert_eq!(location.redirect(to), Ok(()), "{to}");
            assert_eq!(shown(&location), parts, "{to}");
        }
        for bad in ["file:///etc/passwd", "/a b", "ftp://h/a"] {
            let mut location = Location::new();
            location.set("http://h/a").unwrap();
            assert_eq!(location.redirect(bad), Err(BAD), "{bad}");
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn https_stays_https() {
        assert_eq!(parsed("https://h/a").as_deref(), Ok(" h 443 /a"));
        let mut location = Location::new();
        location.set("http://u:p@h/a").unwrap();
        assert_eq!(location.redirect("https://h/b"), Ok(()));
        assert_eq!(shown(&location), " h 443 /b");
        assert_eq!(location.redirect("//x/c"), Ok(()));
        assert_eq!(shown(&location), " x 443 /c");
        assert_eq!(location.redirect("http://x/c"), Err(BAD));
    }

    #[test]
    fn a_file_is_appended_to_its_folder() {
        for (folder, file) in [
            ("http://h", " h 80 /f.txt"),
            ("http://h/", " h 80 /f.txt"),
            ("http://h/a", " h 80 /a/f.txt"),
            ("http://h/a/?t=1", " h 80 /a/f.txt?t=1"),
        ] {
            let mut location = Location::new();
            location.set(folder).unwrap();
            location.append("f.txt");
            assert_eq!(shown(&location), file);
        }
    }
}
