//! The table of all stations: found, sorted and shown as they are now.

use fleet_engine::Version;
use serde_json::{Value, json};

use crate::{station::Plan, station_json::version_name, trouble::Trouble};

/// How a station is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Connection {
    /// It has no power, or has not started yet.
    #[default]
    Off,
    /// There is no network for some time.
    Down,
    /// It waits for its next attempt.
    Waiting,
    /// An attempt is under way.
    Connecting,
    /// It is not accepted yet.
    Connected,
    /// It is connected and accepted.
    Online,
}

impl Connection {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Off,
        Self::Down,
        Self::Waiting,
        Self::Connecting,
        Self::Connected,
        Self::Online,
    ];

    /// As JSON has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Down => "down",
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Online => "online",
        }
    }
}

/// What a row says of a connector.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    pub status: Option<&'static str>,
    /// W.
    pub power: u32,
    /// Wh of the transaction that runs.
    pub energy: u32,
}

/// What a row says of a station, as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Digest {
    pub connection: Connection,
    pub registration: Option<&'static str>,
    pub spots: [Spot; 2],
    /// Transaction messages that wait.
    pub queued: u32,
    /// When, in milliseconds since the fleet began, and what.
    pub last_error: Option<(u64, Trouble)>,
}

impl Digest {
    fn power(&self) -> u32 {
        self.spots.iter().map(|spot| spot.power).sum()
    }

    fn energy(&self) -> u32 {
        self.spots.iter().map(|spot| spot.energy).sum()
    }
}

/// What a table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The number of the station.
    #[default]
    Id,
    /// 1.6 before 2.0.1.
    Version,
    /// From none to online.
    Connection,
    /// Of all connectors together.
    Power,
    /// Of the transactions that run.
    Energy,
    /// Transaction messages that wait.
    Queued,
    /// When it went wrong.
    LastError,
}

/// Which stations are meant; `None` for whatever they are.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Somewhere in the identity, in lower case.
    pub text: Option<String>,
    /// It speaks OCPP 2.0.1, or 1.6.
    pub is_201: Option<bool>,
    /// Its connection.
    pub connection: Option<Connection>,
    /// What the central system answered to BootNotification.
    pub registration: Option<String>,
    /// Of one connector at least.
    pub status: Option<String>,
    /// Messages wait, or none.
    pub is_queued: Option<bool>,
    /// Something went wrong since the fleet began, or nothing.
    pub has_error: Option<bool>,
    /// What they are sorted by.
    pub sort: Sort,
}

/// A station that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is sorted by.
    pub key: u64,
    /// Its number.
    pub id: u64,
}

impl Filter {
    /// Whether it is needed what a station does just now.
    pub(crate) fn needs_digest(&self) -> bool {
        let is_static = self.connection.is_none()
            && self.registration.is_none()
            && self.status.is_none()
            && self.is_queued.is_none()
            && self.has_error.is_none()
            && matches!(self.sort, Sort::Id | Sort::Version);
        !is_static
    }

    /// What does not change: version and identity.
    pub(crate) fn takes_plan(&self, version: Version, identity: impl FnOnce() -> Box<str>) -> bool {
        self.is_201
            .is_none_or(|wanted| wanted == (version == Version::V201))
            && self
                .text
                .as_ref()
                .is_none_or(|text| identity().to_lowercase().contains(text))
    }

    /// What does.
    pub(crate) fn takes(&self, digest: &Digest, connectors: u8) -> bool {
        let mut spots = digest.spots.iter().take(connectors.into());
        self.connection.is_none_or(|it| it == digest.connection)
            && self
                .registration
                .as_ref()
                .is_none_or(|it| Some(it.as_str()) == digest.registration)
            && self
                .status
                .as_ref()
                .is_none_or(|it| spots.any(|spot| spot.status == Some(it.as_str())))
            && self.is_queued.is_none_or(|it| it == (digest.queued > 0))
            && self
                .has_error
                .is_none_or(|it| it == digest.last_error.is_some())
    }

    pub(crate) fn key(&self, id: u64, version: Version, digest: &Digest) -> u64 {
        match self.sort {
            Sort::Id => id,
            Sort::Version => u64::from(version != Version::V16),
            Sort::Connection => digest.connection as u64,
            Sort::Power => digest.power().into(),
            Sort::Energy => digest.energy().into(),
            Sort::Queued => digest.queued.into(),
            Sort::LastError => digest.last_error.map_or(0, |(at, _)| at + 1),
        }
    }
}

/// A station as a row.
pub fn row(id: u64, identity: &str, plan: &Plan, digest: &Digest, connectors: u8) -> Value {
    let spots = (1..=connectors).zip(&digest.spots).map(|(number, spot)| {
        json!({
            "connector": number, "status": spot.status, "power": spot.power, "energy": spot.energy,
        })
    });
    let error = digest
        .last_error
        .map(|(at, trouble)| json!({ "t": at, "error": trouble.shown() }));
    json!({
        "id": id,
        "identity": identity,
        "version": version_name(plan.version),
        "connection": digest.connection.as_str(),
        "registration": digest.registration,
        "connectors": spots.collect::<Vec<_>>(),
        "power": digest.power(),
        "energy": digest.energy(),
        "queued": digest.queued,
        "lastError": error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_what_it_names_and_nothing_else() {
        let mut digest = Digest {
            connection: Connection::Online,
            registration: Some("Accepted"),
            queued: 2,
            ..Digest::default()
        };
        digest.spots[1].status = Some("Charging");
        let none = Filter::default();
        assert!(none.takes(&digest, 2) && !none.needs_digest());
        let mut filters = Vec::new();
        for is_right in [true, false] {
            let word = |right: &str| Some(if is_right { right } else { "Other" }.to_owned());
            filters.push((
                is_right,
                Filter {
                    status: word("Charging"),
                    ..Filter::default()
                },
            ));
            filters.push((
                is_right,
                Filter {
                    registration: word("Accepted"),
                    ..Filter::default()
                },
            ));
            filters.push((
                is_right,
                Filter {
                    is_queued: Some(is_right),
                    ..Filter::default()
                },
            ));
            filters.push((
                is_right,
                Filter {
                    has_error: Some(!is_right),
                    ..Filter::default()
                },
            ));
        }
        for (is_right, filter) in filters {
            assert_eq!(filter.takes(&digest, 2), is_right, "{filter:?}");
            assert!(filter.needs_digest());
        }
        // The second place is none of a station with one connector.
        let charging = Filter {
            status: Some("Charging".to_owned()),
            ..Filter::default()
        };
        assert!(!charging.takes(&digest, 1));
        let named = Filter {
            text: Some("p00".to_owned()),
            is_201: Some(false),
            ..Filter::default()
        };
        assert!(named.takes_plan(Version::V16, || "CP001".into()));
        assert!(!named.takes_plan(Version::V16, || "CP101".into()));
        assert!(!named.takes_plan(Version::V201, || "CP001".into()));
    }
}
