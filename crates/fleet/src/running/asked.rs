//! What is asked of a station under power by the panel.

use std::convert;

use fleet_engine::station::{Key, SettingId};
use serde_json::{Value, json};

use super::Running;
use crate::{
    control::{Answer, Asked, Refusal},
    station_json,
};

impl Running<'_, '_> {
    pub(super) fn answer(&mut self, asked: Asked) -> Answer {
        let connectors = self.common.setup.connectors;
        match asked {
            Asked::Obey(command) => self.carry_out(command).map(|()| Value::Null),
            Asked::Keys => Ok(Value::Array(station_json::keys(&self.station))),
            Asked::Configure { key, value } => self.configure_by_name(&key, &value),
            Asked::Queue => Ok(station_json::queue(&self.station, convert::identity)),
            Asked::Reservations => Ok(station_json::reservations(&self.station, connectors)),
            Asked::LocalList => {
                station_json::local_list(&mut self.station).map_err(Refusal::NotNow)
            }
            Asked::Profiles => Ok(station_json::profiles(
                &self.station,
                self.site.plan.version,
            )),
            Asked::Schedule { connector, .. } if connector > connectors => {
                Err(Refusal::Unknown("there is no such connector".to_owned()))
            }
            Asked::Schedule {
                connector,
                duration,
                is_in_watts,
            } => {
                let unit = Asked::unit(is_in_watts);
                station_json::schedule(&mut self.station, connector, duration, unit)
                    .ok_or_else(|| Refusal::NotNow(station_json::NO_SCHEDULE.to_owned()))
            }
            // The loop's.
            Asked::Watch(_) | Asked::Unwatch => Ok(Value::Null),
        }
    }

    fn configure_by_name(&mut self, name: &str, value: &str) -> Answer {
        let key = Key::from_name(name)
            .ok_or_else(|| Refusal::Unknown("there is no such key".to_owned()))?;
        let now = self.common.now();
        let status = self.station.configure(now, SettingId::from(key), value);
        self.drain();
        Ok(json!({ "status": status.as_str() }))
    }
}
