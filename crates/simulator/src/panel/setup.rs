//! Where the panel is, and who may use it.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use data_encoding::HEXLOWER;

/// The environment variable that may hold the token.
const VARIABLE: &str = "OCPP_PANEL_TOKEN";
/// Bytes of a token that is made up.
const TOKEN: usize = 16;
/// Bytes that a token has at most.
const LONGEST: usize = 256;

/// What the command line says of the panel.
#[derive(Clone, Debug)]
pub struct Setup {
    pub address: SocketAddr,
    pub token_file: Option<PathBuf>,
    /// Names by which browsers may reach it, beside addresses and `localhost`.
    pub hosts: Vec<String>,
}

impl Setup {
    /// At any free port, for this machine alone.
    pub fn local() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token_file: None,
            hosts: Vec::new(),
        }
    }

    /// The token that is asked for, and whether it was made up here. The error is for the user.
    pub fn token(&self) -> Result<(Option<String>, bool), String> {
        let given = match &self.token_file {
            Some(path) => {
                let read = fs::read_to_string(path);
                Some(read.map_err(|error| format!("{}: {error}", path.display()))?)
            }
            None => env::var(VARIABLE).ok(),
        };
        if let Some(given) = given {
            let token = given.trim().to_owned();
            // What a cookie and a URL can hold as it is.
            let is_good = (1..=LONGEST).contains(&token.len())
                && token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
            return match is_good {
                true => Ok((Some(token), false)),
                false => Err(format!(
                    "the token of the panel: 1 to {LONGEST} letters, digits, or -._~"
                )),
            };
        }
        if self.address.ip().is_loopback() {
            return Ok((None, false));
        }
        let mut bytes = [0; TOKEN];
        getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
        Ok((Some(HEXLOWER.encode(&bytes)), true))
    }
}
