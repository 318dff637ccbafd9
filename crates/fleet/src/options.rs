//! The command line of `charge-point fleet`.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use fleet_engine::Version;

use crate::{
    model::{self, Model},
    orders::{self, Order},
};

/// Options of a fleet.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Where the central system is (ws://); the identity of each station is appended to the path
    #[arg(long, value_name = "URL")]
    pub csms: String,
    /// How many stations, over all shards
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub stations: u64,
    /// Identities: {} is the number of a station, {:05} its number with five digits
    #[arg(long, value_name = "PATTERN", default_value = "CP{:05}", value_parser = pattern)]
    pub id: String,
    /// Number of the first station
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub first: u64,
    /// Only those stations whose place leaves the remainder I by N: shard 0/3, 1/3 and 2/3 are all of them
    #[arg(long, value_name = "I/N", default_value = "0/1", value_parser = shard)]
    pub shard: (u64, u64),
    /// Versions of OCPP by share: 1.6, or 1.6=80,2.0.1=20
    #[arg(long, value_name = "SHARES", default_value = "1.6", value_parser = versions)]
    pub ocpp: Versions,
    /// Connectors of each station
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub connectors: u8,
    /// The time over which the stations start
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = orders::duration)]
    pub ramp: Duration,
    /// Ends the fleet after that time; without this it ends with `quit`
    #[arg(long = "for", value_name = "DURATION", value_parser = orders::duration)]
    pub time: Option<Duration>,
    /// File with the password of all stations, or with one line `IDENTITY:PASSWORD` for each
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// What happens and when, any number of them: 60s=blackout:30s, 5m=surge:50%
    #[arg(long, value_name = "TIME=EVENT", value_parser = orders::at)]
    pub at: Vec<(Duration, Order)>,
    /// Seconds between the samples of a transaction, 0 for none
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub meter_interval: u32,
    /// Seconds between websocket pings, 0 for none
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub ping_interval: u32,
    /// How many drivers there are, each with an idTag
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub drivers: u32,
    /// Their idTags, as with --id
    #[arg(long, value_name = "PATTERN", default_value = "TAG{:06}", value_parser = pattern)]
    pub tags: String,
    /// When vehicles come and what goes wrong
    #[command(flatten)]
    pub model: Model,
    /// A JSON file with a session model: what it says counts in the place of the options
    #[arg(long = "model", value_name = "FILE")]
    pub model_file: Option<PathBuf>,
    /// The same number makes the same stations do the same
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Threads that stations are spread over; as many as there are processors, but four at most, without
    /// this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub loops: Option<u16>,
    /// Addresses to connect from, with commas between them, where the ports of one are too few. To
    /// 127.0.0.1, more of 127.0.0.x are used by themselves
    #[arg(long, value_name = "ADDRESSES", value_delimiter = ',')]
    pub source: Vec<IpAddr>,
    /// How often a summary is printed
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = orders::duration)]
    pub every: Duration,
    /// Summaries as JSON objects, one a line
    #[arg(long)]
    pub json: bool,
    /// Prometheus metrics under http://ADDRESS/metrics
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Folder for report.html and report.json, written at the end
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Folder for the frames of a sample of stations, a file of JSON lines for each
    #[arg(long, value_name = "DIR")]
    pub frames: Option<PathBuf>,
    /// How many stations are in that sample
    #[arg(long, value_name = "N", default_value_t = 10, requires = "frames")]
    pub sample: u64,
}

/// For `--help`.
pub const AFTER_HELP: &str = orders::HELP;

/// How many of a hundred, or of any sum, speak which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    v16: u64,
    v201: u64,
}

impl Versions {
    /// That of a station: evenly spread, and the same for each shard.
    pub fn of(self, number: u64) -> Version {
        let sum = self.v16 + self.v201;
        // Before it and with it: where that changes, it is one of these.
        let until = |count: u64| count * self.v201 / sum;
        match until(number + 1) > until(number) {
            true => Version::V201,
            false => Version::V16,
        }
    }
}

fn versions(text: &str) -> Result<Versions, String> {
    let mut versions = Versions { v16: 0, v201: 0 };
    for part in text.split(',') {
        let (name, share) = part.split_once('=').unwrap_or((part, "1"));
        let share: u32 = share.parse().map_err(|_| format!("{share}: no number"))?;
        match name.trim() {
            "1.6" => versions.v16 += u64::from(share),
            "2.0.1" => versions.v201 += u64::from(share),
            _ => return Err(format!("{name}: 1.6 or 2.0.1")),
        }
    }
    match versions.v16 + versions.v201 {
        0 => Err("a share that is not 0".to_owned()),
        _ => Ok(versions),
    }
}

fn shard(text: &str) -> Result<(u64, u64), String> {
    let numbers = text
        .split_once('/')
        .and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((i, n)) if i < n => Ok((i, n)),
        _ => Err("I/N, where I is from 0 to N - 1".to_owned()),
    }
}

fn pattern(text: &str) -> Result<String, String> {
    match numbered(text, 1) {
        Some(name) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err("one {} or {:05} in it".to_owned()),
    }
}

/// A pattern with a number in its place.
pub fn numbered(pattern: &str, number: u64) -> Option<String> {
    let (before, rest) = pattern.split_once('{')?;
    let (form, after) = rest.split_once('}')?;
    let width = match form {
        "" => 0,
        form => form
            .strip_prefix(":0")?
            .parse()
            .ok()
            .filter(|width| *width <= 20)?,
    };
    (!after.contains('{')).then(|| format!("{before}{number:0width$}{after}"))
}

impl Options {
    /// Those of the command line, with what a file says.
    pub fn session_model(&self) -> Result<model::Model, String> {
        let model = self.model.clone();
        match &self.model_file {
            Some(path) => model.read(path),
            None => Ok(model),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_follow_a_pattern() {
        assert_eq!(numbered("CP{:05}", 42).as_deref(), Some("CP00042"));
        assert_eq!(numbered("a{}b", 7).as_deref(), Some("a7b"));
        for wrong in ["CP", "{", "{x}", "{}{}", "{:5}"] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_are_spread_by_their_shares() {
        let mixed = versions("1.6=80,2.0.1=20").unwrap();
        let newer = (0..1_000).filter(|n| mixed.of(*n) == Version::V201).count();
        assert_eq!(newer, 200);
        let newer = (0..10).filter(|n| mixed.of(*n) == Version::V201).count();
        assert_eq!(newer, 2);
        assert_eq!(versions("2.0.1").unwrap().of(0), Version::V201);
        assert_eq!(versions("1.6").unwrap().of(9), Version::V16);
        assert!(
            versions("1.5").is_err() && versions("1.6=0").is_err() && versions("1.6=x").is_err()
        );
        assert_eq!(shard("2/3"), Ok((2, 3)));
        assert!(shard("3/3").is_err() && shard("1").is_err());
    }
}
