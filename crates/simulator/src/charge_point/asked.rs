//! What the panel asks of a running station, and changes.

use ocpp::{
    Version,
    domain::{ChargingProfilePurpose, ChargingRateUnit},
    limits::{JOURNAL_SLOTS, LOCAL_LIST_ENTRIES},
    station::{Key, Mutability, QueuedKind, QueuedMessage, SettingId},
    wire::{UnixMillis, timestamp},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Elsewhere, obeying::Objection, powered::Powered};
use crate::{command::Command, own_setting::text_of};

/// Bytes of the longest composite schedule: see [`ocpp::station::Station::composite_schedule`].
const LONGEST_SCHEDULE: usize = 64 * 1024;

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
            Asked::Queue => Ok(self.queue_shown()),
            Asked::Reservations => Ok(self.reservations_shown()),
            Asked::LocalList => self.list_shown(),
            Asked::Profiles => Ok(self.profiles_shown()),
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
        let own = Key::ALL.iter().map(|&key| {
            let mutability = key.mutability();
            key_shown(key.name(), mutability, self.changed_value(key))
        });
        let numbers = 0..=u8::MAX;
        let declared = numbers.zip(&self.settings.own).map(|(number, own)| {
            let value = self.station.setting(number).map(text_of);
            let mutability = own.declared(number).mutability;
            key_shown(own.name(), mutability, value.unwrap_or_default())
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

    fn queue_shown(&self) -> Value {
        let (mut messages, mut last) = (Vec::new(), 0);
        while let Some(message) = self.station.queued_after(last) {
            last = message.sequence;
            messages.push(message_shown(&message));
        }
        let queue = self.station.queue();
        json!({
            "messages": messages,
            "waiting": queue.messages,
            "free": queue.free,
            "capacity": JOURNAL_SLOTS,
            "attempts": queue.attempts,
            "retryAt": queue.retry_at.map(|at| self.told_at(at)),
        })
    }

    fn reservations_shown(&self) -> Value {
        let all = self.all_numbers().filter_map(|connector| {
            let reserved = self.station.reservation(connector)?;
            Some(json!({
                "connector": connector,
                "reservationId": reserved.id,
                "idTag": reserved.id_tag,
                "parentIdTag": reserved.parent,
                "expiryDate": time(reserved.expires),
            }))
        });
        all.collect()
    }

    fn list_shown(&mut self) -> Answer {
        let list = self.station.local_list();
        let (mut entries, mut place) = (Vec::new(), 0);
        while let Some(listed) = self
            .station
            .listed(place)
            .map_err(|error| Unanswered::Refused(format!("the list cannot be read: {error}")))?
        {
            entries.push(json!({
                "idTag": listed.id_tag.as_str(),
                "status": listed.status.as_str(),
                "expiryDate": listed.expires.map(time),
                "parentIdTag": listed.parent.as_ref().map(|parent| parent.as_str()),
            }));
            place += 1;
        }
        Ok(json!({
            "version": list.version,
            "entries": entries,
            "capacity": LOCAL_LIST_ENTRIES,
        }))
    }

    fn profiles_shown(&self) -> Value {
        let profiles = self.station.charging_profiles().map(|profile| {
            json!({
                "chargingProfileId": profile.id,
                "connector": profile.connector,
                "purpose": purpose_name(profile.purpose, self.settings.version),
                "stackLevel": profile.stack_level,
            })
        });
        profiles.collect()
    }

    /// The schedule in one form for both versions of OCPP, as 1.6 has it.
    fn schedule_shown(&mut self, connector: u8, duration: u32, unit: ChargingRateUnit) -> Answer {
        if !self.all_numbers().any(|number| number == connector) {
            return Err(Unanswered::Unknown("there is no such connector".to_owned()));
        }
        let mut buffer = vec![0; LONGEST_SCHEDULE];
        let schedule = self
            .station
            .composite_schedule(connector, unit, duration, &mut buffer);
        let told: Option<Value> = schedule.and_then(|text| serde_json::from_str(text).ok());
        let Some(mut told) = told else {
            return Err(Unanswered::Refused(
                "no schedule can be told before the central system has told the time".to_owned(),
            ));
        };
        let part = ["chargingSchedule", "schedule"]
            .into_iter()
            .find_map(|name| told.get_mut(name).map(Value::take))
            .unwrap_or_default();
        let start = part.get("startSchedule").or(part.get("scheduleStart"));
        Ok(json!({
            "connector": connector,
            "start": start,
            "duration": part.get("duration"),
            "unit": unit.as_str(),
            "periods": part.get("chargingSchedulePeriod"),
        }))
    }

    /// The numbers of all connectors and, as 0, of the whole charge point.
    pub(super) fn all_numbers(&self) -> impl Iterator<Item = u8> + use<> {
        0..=self.settings.connectors
    }
}

fn key_shown(name: &str, mutability: Mutability, value: String) -> Value {
    let is_secret = mutability == Mutability::WriteOnly;
    json!({
        "key": name,
        "value": (!is_secret).then_some(value),
        "readonly": mutability == Mutability::ReadOnly,
    })
}

fn message_shown(message: &QueuedMessage) -> Value {
    let kind = match message.kind {
        QueuedKind::Start => "start",
        QueuedKind::Values => "values",
        QueuedKind::StopValues => "stopValues",
        QueuedKind::Stop => "stop",
    };
    json!({
        "sequence": message.sequence,
        "kind": kind,
        "connector": message.connector,
        "transaction": message.transaction,
    })
}

/// As the version calls it (OCPP 1.6, 7.10 ChargingProfilePurposeType).
fn purpose_name(purpose: ChargingProfilePurpose, version: Version) -> &'static str {
    match (purpose, version) {
        (ChargingProfilePurpose::StationMax, Version::V16) => "ChargePointMaxProfile",
        _ => purpose.as_str(),
    }
}

fn time(utc: UnixMillis) -> String {
    String::from_utf8_lossy(&timestamp::format(utc)).into_owned()
}
