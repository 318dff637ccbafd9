//! What the panel shows of a station: made here, by the station's thread, whenever it may have changed.

use ocpp::{domain::UnlockStatus, station::Suspension};
use serde_json::{Value, json};

use super::powered::Powered;
use crate::{
    address::redacted,
    panel::Sample,
    station_json::{self, version_name},
};

impl Powered<'_> {
    /// Shows the panel the state of now.
    pub(super) fn publish(&self) {
        if let Some(feed) = self.report.feed() {
            feed.show(self.shown());
        }
    }

    /// Shows the panel what the meters have just said.
    pub(super) fn publish_sample(&self) {
        let Some(feed) = self.report.feed() else {
            return;
        };
        let numbers = self.hardware.numbers();
        let connectors = numbers.iter().filter_map(|&number| {
            let connector = self.hardware.connector(number)?;
            let limit = self.station.charging_limit(number);
            Some(Sample {
                power: connector.meter().power_w(),
                energy: connector.meter().wh(),
                limit: limit.map(|limit| limit.watts),
            })
        });
        feed.sample(self.report.millis(), connectors.collect());
    }

    /// The state of the station, and of what is around it.
    pub(super) fn shown(&self) -> Value {
        let queue = self.station.queue();
        let list = self.station.local_list();
        let registration = self.station.registration();
        json!({
            "running": true,
            "identity": self.settings.identity,
            "version": version_name(self.settings.version),
            "vendor": self.settings.vendor,
            "model": self.settings.model,
            "csms": redacted(self.settings.address.csms()),
            "url": self.settings.address.url(&self.access),
            "connection": self.connection_shown(),
            "registration": registration.map(|status| status.as_str()),
            "nextAttempt": self.station.next_attempt().map(|at| self.told_at(at)),
            "link": self.hardware.network,
            "securityProfile": self.station.credentials().security_profile,
            "hasPassword": !self.station.credentials().authorization_key.is_empty(),
            "firmware": self.station.firmware_status().as_str(),
            "diagnostics": self.station.log_status().as_str(),
            "installs": self.hardware.installs,
            "queue": {
                "messages": queue.messages,
                "free": queue.free,
                "attempts": queue.attempts,
            },
            "localList": { "version": list.version, "entries": list.entries },
            "profiles": self.station.charging_profiles().count(),
            "connectors": self.all_numbers().map(|it| self.connector_shown(it)).collect::<Vec<_>>(),
        })
    }

    fn connection_shown(&self) -> &'static str {
        match () {
            () if self.end.is_some() => "restarting",
            () if !self.hardware.network => "down",
            () if self.station.is_online() => "online",
            () if self.connection.is_some() => "connected",
            () if self.connecting => "connecting",
            () => "waiting",
        }
    }

    fn connector_shown(&self, number: u8) -> Value {
        let mut fields = station_json::connector(&self.station, number, self.booted_at);
        let Some(connector) = self.hardware.connector(number) else {
            return Value::Object(fields);
        };
        for (name, value) in [
            ("plugged", json!(connector.is_plugged())),
            ("energized", json!(connector.energized)),
            ("power", json!(connector.meter().power_w())),
            ("energy", json!(connector.meter().wh())),
            ("soc", json!(connector.state_of_charge())),
            ("draw", json!(connector.draw_w)),
            ("suspended", json!(connector.suspended.map(suspension))),
            ("unlock", json!(lock(connector.lock))),
        ] {
            fields.insert(name.to_owned(), value);
        }
        Value::Object(fields)
    }
}

/// The word of the command.
fn suspension(by: Suspension) -> &'static str {
    match by {
        Suspension::Ev => "ev",
        Suspension::Evse => "evse",
    }
}

/// The word of the command.
fn lock(answer: UnlockStatus) -> &'static str {
    match answer {
        UnlockStatus::Unlocked => "ok",
        UnlockStatus::NotSupported => "unsupported",
        _ => "fail",
    }
}
