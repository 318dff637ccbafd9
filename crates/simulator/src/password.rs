//! The password of Basic authentication, and where it is given.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt, fs,
    path::Path,
};

/// The environment variable that may hold it.
const VARIABLE: &str = "OCPP_PASSWORD";
/// Of a file no more is read: it is no password file, then.
const LONGEST: usize = 4096;

/// Bytes, which need not be text. It does not show in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Vec<u8>);

impl Password {
    /// `None` where there are no bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self(bytes.to_vec()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the command line says, and else the environment. The error is for the user.
    pub fn find(option: Option<&OsStr>, file: Option<&Path>) -> Result<Option<Self>, String> {
        match (option, file) {
            (Some(text), _) => match Self::new(text.as_encoded_bytes()) {
                Some(password) => Ok(Some(password)),
                None => Err("the password is empty".to_owned()),
            },
            (None, Some(path)) => Self::read(path).map(Some),
            (None, None) => Ok(env::var_os(VARIABLE).and_then(Self::from_variable)),
        }
    }

    fn from_variable(text: OsString) -> Option<Self> {
        Self::new(text.as_encoded_bytes())
    }

    /// What a file holds, without a line break at its end.
    fn read(path: &Path) -> Result<Self, String> {
        let complain = |problem: &dyn fmt::Display| format!("{}: {problem}", path.display());
        let bytes = fs::read(path).map_err(|error| complain(&error))?;
        if bytes.len() > LONGEST {
            return Err(complain(&"too long for a password"));
        }
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let line = match line.len() < bytes.len() {
            true => line.strip_suffix(b"\r").unwrap_or(line),
            false => line,
        };
        Self::new(line).ok_or_else(|| complain(&"there is no password in it"))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_of_a_file_is_not_part_of_it() {
        let name = format!("charge-point-password-{}", std::process::id());
        let path = env::temp_dir().join(name);
        for (content, password) in [
            (&b"secret"[..], Some(&b"secret"[..])),
            (b"secret\n", Some(b"secret")),
            (b"secret\r\n", Some(b"secret")),
            (b"secret\n\n", Some(b"secret\n")),
            (b" secret\r", Some(b" secret\r")),
            (b"\xff\0\n", Some(b"\xff\0")),
            (b"\n", None),
            (b"", None),
            (&[b'x'; LONGEST + 1], None),
        ] {
            fs::write(&path, content).unwrap();
            let found = Password::find(None, Some(&path));
            let found = found.ok().flatten();
            assert_eq!(found.as_ref().map(Password::bytes), password);
        }
        fs::remove_file(&path).unwrap();
        let problem = Password::find(None, Some(&path)).unwrap_err();
        assert!(problem.starts_with(path.to_str().unwrap()), "{problem}");
        assert!(Password::find(Some(OsStr::new("")), None).is_err());
        let password = Password::new(b"secret").unwrap();
        assert!(!format!("{password:?}").contains("secret"));
    }
}
