//! What all stations of a fleet have in common, checked before the first of them starts.

use std::{
    collections::HashMap,
    fs::{self, File},
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use data_encoding::BASE64;
use fleet_engine::{domain::IdToken, station::Key};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tungstenite::http::Uri;

use crate::{
    model::Model,
    options::{Options, Versions, numbered},
};

/// All but the unreserved characters of RFC 3986, 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Connections from one address to one port: fewer than there are ports by default (32768 to 60999).
const PORTS: u64 = 25_000;

pub struct Setup {
    pub address: SocketAddr,
    authority: String,
    path: String,
    query: String,
    id: String,
    first: u64,
    tags: String,
    pub drivers: u32,
    pub connectors: u8,
    pub seed: u64,
    pub model: Model,
    pub settings: Vec<(Key, String)>,
    pub stations: u64,
    pub shard: (u64, u64),
    pub versions: Versions,
    pub ramp: Duration,
    passwords: Passwords,
    sources: Vec<IpAddr>,
    frames: Option<PathBuf>,
    sample: u64,
    /// Of the day, when the fleet began.
    began_ms: u64,
}

enum Passwords {
    None,
    Same(Vec<u8>),
    Each(HashMap<String, Vec<u8>>),
}

impl Setup {
    /// The error is one line for the user.
    pub fn new(options: &Options) -> Result<Self, String> {
        let shown = shown(&options.csms);
        let uri: Uri = options
            .csms
            .parse()
            .map_err(|e| format!("{shown} is not a URL: {e}"))?;
        match uri.scheme_str() {
            Some("ws") => {}
            Some("wss") => {
                return Err(
                    "a fleet has no TLS of its own: give it a ws:// URL of a TLS proxy".to_owned(),
                );
            }
            _ => return Err(format!("{shown} does not begin with ws://")),
        }
        let authority = uri.authority().map(|a| a.as_str()).unwrap_or_default();
        if authority.contains('@') {
            return Err("the URL holds a user: use --password-file".to_owned());
        }
        let host = uri
            .host()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let unknown = |why: String| format!("{host}: {why}");
        let mut addresses = (host, uri.port_u16().unwrap_or(80))
            .to_socket_addrs()
            .map_err(|error| unknown(error.to_string()))?;
        let address = addresses
            .next()
            .ok_or_else(|| unknown("no address".to_owned()))?;
        let last = options.first + options.stations;
        let tag = numbered(&options.tags, u64::from(options.drivers)).unwrap_or_default();
        if !(1..=20).contains(&tag.len()) || IdToken::try_from(&*tag).is_err() {
            return Err(format!("{tag}: an idTag has 1 to 20 characters"));
        }
        let identity = numbered(&options.id, last).unwrap_or_default();
        if identity.len() > 255 {
            return Err("identities have 255 characters at most".to_owned());
        }
        if let Some(folder) = &options.frames {
            fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        Ok(Self {
            address,
            authority: authority.to_owned(),
            path: uri.path().trim_end_matches('/').to_owned(),
            query: uri
                .query()
                .map(|query| format!("?{query}"))
                .unwrap_or_default(),
            id: options.id.clone(),
            first: options.first,
            tags: options.tags.clone(),
            drivers: options.drivers,
            connectors: options.connectors,
            seed: options.seed,
            model: options.session_model()?,
            settings: vec![
                (
                    Key::MeterValueSampleInterval,
                    options.meter_interval.to_string(),
                ),
                (
                    Key::WebSocketPingInterval,
                    options.ping_interval.to_string(),
                ),
                (Key::MeterValuesSampledData, MEASURANDS.to_owned()),
            ],
            stations: options.stations,
            shard: options.shard,
            versions: options.ocpp,
            ramp: options.ramp,
            passwords: Passwords::read(options)?,
            sources: sources(options, address)?,
            frames: options.frames.clone(),
            sample: options.sample,
            began_ms: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as u64),
        })
    }

    /// The numbers of the stations of this shard.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        let (shard, shards) = self.shard;
        (shard..self.stations).step_by(usize::try_from(shards).unwrap_or(usize::MAX))
    }

    /// The number in the identity of a station, by which the panel knows it.
    pub fn id(&self, number: u64) -> u64 {
        self.first + number
    }

    /// The number of the first one.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The place of a station among those of this shard; `None` where it is none of them.
    pub fn position(&self, id: u64) -> Option<u64> {
        let (shard, shards) = self.shard;
        let number = id.checked_sub(self.first)?;
        let behind = number.checked_sub(shard)?;
        (number < self.stations && behind % shards == 0).then_some(behind / shards)
    }

    /// The URL that identities are appended to, without its query.
    pub fn url(&self) -> String {
        format!("ws://{}{}", self.authority, self.path)
    }

    /// The same of a station.
    pub fn url_of(&self, number: u64) -> String {
        let segment = utf8_percent_encode(&self.identity(number), ESCAPED).to_string();
        format!("{}/{segment}", self.url())
    }

    /// Milliseconds after the beginning at which a station starts: over the whole fleet, so that all
    /// shards together have the ramp.
    pub fn starts_at(&self, number: u64) -> u64 {
        let ramp = self.ramp.as_millis() as u64;
        (u128::from(ramp) * u128::from(number) / u128::from(self.stations)) as u64
    }

    pub fn identity(&self, number: u64) -> Box<str> {
        numbered(&self.id, self.first + number)
            .unwrap_or_default()
            .into()
    }

    pub fn id_tag(&self, driver: u32) -> String {
        numbered(&self.tags, u64::from(driver) + 1).unwrap_or_default()
    }

    /// The hour of the day (UTC).
    pub fn hour(&self, now: u64) -> usize {
        ((self.began_ms + now) / 3_600_000 % 24) as usize
    }

    /// Where a station connects from; any address where that is not given.
    pub fn source(&self, number: u64) -> Option<IpAddr> {
        let place = number / self.shard.1 / PORTS;
        self.sources.get(usize::try_from(place).ok()?).copied()
    }

    /// The request that opens a websocket (RFC 6455, 4.1).
    pub fn request(&self, identity: &str, key: &str, subprotocol: &str) -> String {
        let Self {
            authority,
            path,
            query,
            ..
        } = self;
        let segment = utf8_percent_encode(identity, ESCAPED);
        let password = match &self.passwords {
            Passwords::None => None,
            Passwords::Same(password) => Some(password),
            Passwords::Each(all) => all.get(identity),
        };
        let authorization = password.map(|password| {
            let both = [identity.as_bytes(), b":", password].concat();
            format!("Authorization: Basic {}\r\n", BASE64.encode(&both))
        });
        let authorization = authorization.unwrap_or_default();
        format!(
            "GET {path}/{segment}{query} HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Protocol: {subprotocol}\r\nUser-Agent: charge-point-fleet/{}\r\n\
             {authorization}\r\n",
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// Where the frames of a station are written, if it is one of the sample.
    pub fn frames_of(&self, number: u64, identity: &str, is_16: bool) -> Option<File> {
        let folder = self.frames.as_ref().filter(|_| number < self.sample)?;
        let version = if is_16 { "1.6" } else { "2.0.1" };
        // What cannot be written shows in the check of the frames, which are not there.
        File::create(folder.join(format!("{identity}-{version}.jsonl"))).ok()
    }
}

/// What each sample tells.
const MEASURANDS: &str = "Energy.Active.Import.Register,Power.Active.Import,Current.Import";

impl Passwords {
    fn read(options: &Options) -> Result<Self, String> {
        let Some(path) = &options.password_file else {
            return Ok(Self::None);
        };
        let shown = path.display();
        let bytes = fs::read(path).map_err(|error| format!("{shown}: {error}"))?;
        let lines: Vec<&[u8]> = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .collect();
        let each = |line: &&[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (identity, password) = line.split_at_checked(colon)?;
            let identity = str::from_utf8(identity).ok()?.to_owned();
            Some((identity, password.get(1..)?.to_vec()))
        };
        match (
            lines.as_slice(),
            lines.iter().map(each).collect::<Option<HashMap<_, _>>>(),
        ) {
            ([], _) => Err(format!("{shown}: no password in it")),
            // A single line of one station that is meant by it.
            ([_], Some(all)) if all.keys().any(|id| numbered_id(options, id)) => {
                Ok(Self::Each(all))
            }
            ([line], _) => Ok(Self::Same(line.to_vec())),
            (_, Some(all)) => Ok(Self::Each(all)),
            (_, None) => Err(format!("{shown}: a line without IDENTITY:")),
        }
    }
}

/// Whether that is the identity of the first station, which a password may begin with only by chance.
fn numbered_id(options: &Options, identity: &str) -> bool {
    numbered(&options.id, options.first).as_deref() == Some(identity)
}

fn sources(options: &Options, address: SocketAddr) -> Result<Vec<IpAddr>, String> {
    let own = options.stations.div_ceil(options.shard.1);
    let needed = own.div_ceil(PORTS);
    if !options.source.is_empty() {
        let given = options.source.len() as u64;
        return match given >= needed {
            true => Ok(options.source.clone()),
            false => Err(format!(
                "{own} stations need {needed} source addresses; --source has {given}"
            )),
        };
    }
    match address.ip() {
        _ if needed <= 1 => Ok(Vec::new()),
        IpAddr::V4(ip) if ip.is_loopback() && needed <= 250 => Ok((1..=needed as u8)
            .map(|last| Ipv4Addr::new(127, 0, 0, last).into())
            .collect()),
        _ => Err(format!(
            "{own} stations to one address need the ports of {needed} addresses: --source, or more --shard"
        )),
    }
}

/// A URL, or what was given as one, without what may be secret in it: its query, and a user.
pub fn shown(url: &str) -> &str {
    match url.contains('@') {
        // Where its password ends is not certain in one that cannot be read.
        true => "what was given",
        false => url.split(['?', '#']).next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_a_url_is_not_shown() {
        for (url, wanted) in [
            ("ws://h:1/a?token=secret", "ws://h:1/a"),
            ("ws://h/#secret", "ws://h/"),
            ("ws://us er:secret@h", "what was given"),
            ("ws://user:se?cret@h", "what was given"),
            ("ws://h/a", "ws://h/a"),
        ] {
            assert_eq!(shown(url), wanted);
        }
    }
}
