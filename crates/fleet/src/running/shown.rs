//! What a station under power shows: in the table of all, and to who looks at it.

use fleet_engine::station::Event;
use serde_json::{Map, Value, json};

use super::Running;
use crate::{
    state::about,
    station_json,
    table::{Connection, Digest, Spot},
};

impl Running<'_, '_> {
    pub(super) fn digest(&mut self) -> Digest {
        let now = self.common.now();
        let mut spots = [Spot::default(); 2];
        for (number, spot) in (1..=self.common.setup.connectors).zip(&mut spots) {
            let transaction = self.station.transaction(number);
            let start = transaction.map(|transaction| transaction.meter_start);
            let condition = self.station.condition(number);
            spot.status = condition.map(|(status, _)| status.as_str());
            if let Some((bay, _)) = self.bay(number) {
                spot.power = bay.watts() as u32;
                let register = bay.register(now);
                spot.energy = start.map_or(0, |start| register.saturating_sub(start).max(0) as u32);
            }
        }
        Digest {
            connection: self.connection(),
            registration: self.station.registration().map(|status| status.as_str()),
            spots,
            queued: self.station.queued() as u32,
            last_error: self.site.last_error,
        }
    }

    fn connection(&self) -> Connection {
        use crate::link::State;
        match self.site.link.state {
            State::Open if self.station.is_online() => Connection::Online,
            State::Open => Connection::Connected,
            State::Connecting(_) | State::Handshaking(_) => Connection::Connecting,
            State::Closed if self.is_down() => Connection::Down,
            State::Closed => Connection::Waiting,
        }
    }

    /// Tells who looks at it its state; whether there is one.
    pub(super) fn publish(&mut self) -> bool {
        let (common, place) = (self.common, self.site.plan.place);
        if !common.watchers.has(place) {
            return false;
        }
        if self.off_until.is_some() {
            self.site.publish_off(common);
            return true;
        }
        let state = Value::Object(self.shown());
        common
            .watchers
            .tell(place, |watcher| watcher.state(common.now(), state));
        true
    }

    fn shown(&mut self) -> Map<String, Value> {
        let mut state = about(self.common, &self.site.plan, self.site.last_error);
        let queue = self.station.queue();
        let list = self.station.local_list();
        let registration = self.station.registration();
        let connectors = 0..=self.common.setup.connectors;
        let connectors: Vec<Value> = connectors.map(|it| self.connector_shown(it)).collect();
        for (name, value) in [
            ("running", json!(true)),
            ("connection", json!(self.connection().as_str())),
            (
                "registration",
                json!(registration.map(|status| status.as_str())),
            ),
            ("nextAttempt", json!(self.station.next_attempt())),
            ("link", json!(!self.is_down())),
            (
                "queue",
                json!({
                    "messages": queue.messages, "free": queue.free, "attempts": queue.attempts,
                }),
            ),
            (
                "localList",
                json!({ "version": list.version, "entries": list.entries }),
            ),
            ("profiles", json!(self.station.charging_profiles().count())),
            ("connectors", json!(connectors)),
        ] {
            state.insert(name.to_owned(), value);
        }
        state
    }

    fn connector_shown(&mut self, number: u8) -> Value {
        let now = self.common.now();
        let mut shown = station_json::connector(&self.station, number, 0);
        let Some((bay, _)) = self.bay(number) else {
            return Value::Object(shown);
        };
        for (name, value) in [
            ("plugged", json!(bay.is_plugged())),
            ("energized", json!(bay.is_closed())),
            ("power", json!(bay.watts() as u32)),
            ("energy", json!(bay.register(now))),
            ("byHand", json!(bay.is_by_hand())),
        ] {
            shown.insert(name.to_owned(), value);
        }
        Value::Object(shown)
    }

    /// Tells who looks at it that something has happened.
    pub(super) fn tell_event(&self, event: &'static str, fields: impl FnOnce(&Self) -> Value) {
        let common = self.common;
        common.watchers.tell(self.site.plan.place, |watcher| {
            watcher.event(common.now(), event, fields(self));
        });
    }

    /// The same of what the engine says, with the names of the simulator's `--json`.
    pub(super) fn report(&self, event: &Event) {
        let (name, fields) = match event {
            Event::Registered(status) => ("registered", json!({ "status": status.as_str() })),
            Event::Status {
                connector,
                status,
                error,
            } => (
                "status",
                json!({
                    "connector": connector, "status": status.as_str(), "errorCode": error.as_str(),
                }),
            ),
            Event::Authorization {
                connector,
                id_tag,
                status,
            } => (
                "authorization",
                json!({
                    "connector": connector, "idTag": id_tag.as_str(), "status": status.as_str(),
                }),
            ),
            Event::RemoteStart { connector, id_tag } => (
                "remoteStart",
                json!({ "connector": connector, "idTag": id_tag.as_str() }),
            ),
            Event::Transaction {
                connector,
                state,
                transaction_id,
                id_tag,
                reason,
            } => (
                "transaction",
                json!({
                    "connector": connector,
                    "state": station_json::state_name(*state),
                    "transactionId": station_json::transaction_id(*transaction_id),
                    "idTag": id_tag.as_ref().map(|id_tag| id_tag.as_str()),
                    "reason": reason.map(|reason| reason.as_str()),
                }),
            ),
            Event::ConfigurationChanged(key) => (
                "config",
                json!({
                    "key": key.name(), "value": station_json::key_value(&self.station, *key),
                }),
            ),
            Event::Reset(kind) => ("reset", json!({ "type": kind.as_str() })),
            _ => return,
        };
        self.tell_event(name, |_| fields);
    }
}
