//! What the panel asks of a running station, and changes.

use ocpp::{
    domain::ChargingRateUnit,
    station::{Key, SettingId},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Elsewhere, obeying::Objection, powered::Powered};
use crate::{command::Command, own_setting::text_of, station_json};

/// A question, and where its answer goes.
#[derive(Debug)]
pub struct Question {
    pub asked: Asked,
    /// One that is not waited for any more is no loss.
    pub answer: oneshot::Sender<Answer>,
}

pub type Answer = Result<Value, Unanswered>;

/// Why there is no answer: a line for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It cannot be meant.
    NotUnderstood(String),
    /// It cannot be done now.
    Refused(String),
    /// There is no such thing.
    Unknown(String),
}

/// What can be asked.
#[derive(Debug)]
pub enum Asked {
    /// A command, as standard input has it; answered with nothing, when the state after it is shown.
    Obey(String),
    /// All configuration keys.
    Keys,
    /// A configuration key is changed.
    Configure {
        key: String,
        value: String,
    },
    /// Messages that wait for the central system.
    Queue,
    Reservations,
    LocalList,
    /// Charging profiles.
    Profiles,
    Schedule {
        connector: u8,
        /// Seconds.
        duration: u32,
        unit: ChargingRateUnit,
    },
    Elsewhere(Elsewhere),
}

impl Powered<'_> {
    pub(super) fn answer(&mut self, question: Question) {
        let answer = match self.leaving.is_some() || self.end.is_some() {
            true => Err(Unanswered::Refused("it is about to end".to_owned())),
            false => self.answer_to(question.asked),
        };
        // What is asked next is not answered with the state before.
        self.publish();
        let _ = question.answer.send(answer);
    }

    fn answer_to(&mut self, asked: Asked) -> Answer {
        match asked {
            Asked::Obey(line) => self.obey_panel(&line),
            Asked::Keys => Ok(self.keys_shown()),
            Asked::Configure { key, value } => self.configure_by_name(&key, &value),
            Asked::Queue => Ok(station_json::queue(&self.station, |at| self.told_at(at))),
            Asked::Reservations => Ok(station_json::reservations(
                &self.station,
                self.settings.connectors,
            )),
            Asked::LocalList => {
                station_json::local_list(&mut self.station).map_err(Unanswered::Refused)
            }
            Asked::Profiles => Ok(station_json::profiles(&self.station, self.settings.version)),
            Asked::Schedule {
                connector,
                duration,
                unit,
            } => self.schedule_shown(connector, duration, unit),
            Asked::Elsewhere(elsewhere) => self.go_elsewhere(&elsewhere),
        }
    }

    fn obey_panel(&mut self, line: &str) -> Answer {
        let command = match self.understand(line) {
            Ok(Some(Command::WaitMillis(_))) => Err("wait: only standard input waits".to_owned()),
            Ok(Some(command)) => Ok(command),
            Ok(None) => Err("there is no command".to_owned()),
            Err(problem) => Err(problem),
        };
        let outcome = self.obey_command(line, command.map_err(Unanswered::NotUnderstood)?);
        self.settle();
        match outcome {
            Ok(()) => Ok(Value::Null),
            Err(Objection::Problem(problem)) => Err(Unanswered::Refused(problem)),
            Err(Objection::NotYet) => Err(Unanswered::Refused(
                "another DataTransfer waits for its answer".to_owned(),
            )),
        }
    }

    fn keys_shown(&self) -> Value {
        let own = station_json::keys(&self.station).into_iter();
        let numbers = 0..=u8::MAX;
        let declared = numbers.zip(&self.settings.own).map(|(number, own)| {
            let value = self.station.setting(number).map(text_of);
            let mutability = own.declared(number).mutability;
            station_json::key_shown(own.name(), mutability, value.unwrap_or_default())
        });
        own.chain(declared).collect()
    }

    fn configure_by_name(&mut self, name: &str, value: &str) -> Answer {
        let mut own = (0..=u8::MAX).zip(&self.settings.own);
        let own = own.find(|(_, own)| own.name().eq_ignore_ascii_case(name));
        let setting = match (Key::from_name(name), own) {
            (Some(key), _) => SettingId::from(key),
            (None, Some((number, _))) => SettingId::Application(number),
            (None, None) => return Err(Unanswered::Unknown("there is no such key".to_owned())),
        };
        let status = self.station.configure(self.now(), setting, value);
        self.settle();
        Ok(json!({ "status": status.as_str() }))
    }

    fn schedule_shown(&mut self, connector: u8, duration: u32, unit: ChargingRateUnit) -> Answer {
        if !self.all_numbers().any(|number| number == connector) {
            return Err(Unanswered::Unknown("there is no such connector".to_owned()));
        }
        let told = station_json::schedule(&mut self.station, connector, duration, unit);
        told.ok_or_else(|| Unanswered::Refused(station_json::NO_SCHEDULE.to_owned()))
    }

    /// The numbers of all connectors and, as 0, of the whole charge point.
    pub(super) fn all_numbers(&self) -> impl Iterator<Item = u8> + use<> {
        0..=self.settings.connectors
    }
}
