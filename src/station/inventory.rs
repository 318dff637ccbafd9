//! What a station is (OCPP 2.0.1, B06 and B07): facts that are told as variables, looked up in the parts
//! that know them. What it can be told to do otherwise is in the table of settings.

use super::{
    connectors::Connectors,
    context::Context,
    settings::{Mutability, Row},
    status,
    transactions::Transactions,
};
use crate::{
    dialect::{self, FactVariable, Found, Source},
    domain::{ConnectorType, Fact, Measurand, Measured, Status},
    wire::{UnixMillis, Writer, number::Digits},
};

/// The status of a component that the station does not have (B06.FR.06).
pub(super) const UNKNOWN_COMPONENT: &str = "UnknownComponent";
/// The status of a variable that it does not have (B06.FR.07).
pub(super) const UNKNOWN_VARIABLE: &str = "UnknownVariable";

/// Where facts are looked up.
pub(super) struct Inventory<'s, 'a> {
    cx: &'s Context<'a>,
    connectors: &'s Connectors,
    transactions: &'s Transactions,
    /// Bytes of the longest frame that the station can write.
    longest_frame: usize,
}

/// The value of a fact.
enum Value<'v> {
    Text(&'v str),
    Number(u32),
    Flag(bool),
    Time(UnixMillis),
}

impl<'s, 'a> Inventory<'s, 'a> {
    pub fn new(
        cx: &'s Context<'a>,
        connectors: &'s Connectors,
        transactions: &'s Transactions,
        longest_frame: usize,
    ) -> Self {
        Self {
            cx,
            connectors,
            transactions,
            longest_frame,
        }
    }

    pub fn context(&self) -> &'s Context<'a> {
        self.cx
    }

    /// True where that variable can be read; the status to answer with where there is none.
    pub fn is_readable(&self, found: &Found<'_>) -> Result<bool, &'static str> {
        match found {
            Found::Fact(fact) if fact.number > self.cx.profile.connectors => Err(UNKNOWN_COMPONENT),
            Found::Fact(_) => Ok(true),
            Found::Setting { .. } | Found::Named(_) => {
                let row = self.row(found).ok_or(UNKNOWN_VARIABLE)?;
                Ok(row.mutability != Mutability::WriteOnly)
            }
        }
    }

    /// The setting that a variable is.
    fn row(&self, found: &Found<'_>) -> Option<Row<'a>> {
        let table = self.cx.table();
        let place = match found {
            Found::Setting { id, .. } => table.place(*id),
            Found::Named(name) => table.find_own(*name).and_then(|id| table.place(id)),
            Found::Fact(_) => None,
        };
        place.and_then(|place| table.row(place))
    }

    /// Writes the value of a variable that can be read; nothing for one that has none.
    pub fn write(&self, w: &mut Writer<'_>, found: &Found<'_>) {
        match found {
            Found::Fact(fact) => self.write_fact(w, fact),
            Found::Setting { .. } | Found::Named(_) => {
                if let Some(row) = self.row(found) {
                    self.cx.settings.write_value(w, &row);
                }
            }
        }
    }

    /// Writes the value of a fact.
    pub fn write_fact(&self, w: &mut Writer<'_>, fact: &FactVariable) {
        match fact.source() {
            Source::Constant(value) => w.raw(value),
            Source::Number(value) => write(w, Value::Number(value)),
            Source::Points(points) => dialect::write_points(w, points),
            Source::Setting(key) => self.cx.settings.write_value(w, &key.row()),
            Source::Fact(of) => {
                if let Some(value) = self.value(of, fact.number) {
                    write(w, value);
                }
            }
        }
    }

    /// Writes what lists of measurands may name, each without its phases.
    pub fn write_measured(&self, w: &mut Writer<'_>) {
        let (version, declared) = (self.cx.version, &self.cx.settings.declared);
        let all = Measurand::ALL.iter().copied();
        let named = all.filter(|&it| version.measures(it) && declared.allows(Measured::of(it)));
        for (place, measurand) in named.enumerate() {
            w.raw(if place > 0 { "," } else { "" });
            w.raw(measurand.as_str());
        }
    }

    /// True when a fact has a value.
    pub fn has_value(&self, fact: &FactVariable) -> bool {
        match fact.source() {
            Source::Fact(of) => self.value(of, fact.number).is_some(),
            _ => true,
        }
    }

    /// The highest value of a fact, where that depends on the station.
    pub fn max(&self, fact: &FactVariable) -> Option<u32> {
        let evse = self.cx.profile.equipment.evse(fact.number)?;
        (fact.source() == Source::Fact(Fact::Power)).then_some(evse.power)
    }

    /// What is known of a connector, or of the whole as 0.
    fn value(&self, fact: Fact, number: u8) -> Option<Value<'a>> {
        let identity = &self.cx.profile.identity;
        let equipment = &self.cx.profile.equipment;
        let evse = equipment.evse(number);
        Some(match fact {
            Fact::Availability => Value::Text(dialect::availability(self.status(number)?)),
            Fact::Problem => Value::Flag(self.status(number)? == Status::Faulted),
            Fact::SupplyPhases => Value::Number(match number {
                0 => equipment.supply_phases()?.into(),
                _ => evse?.supply_phases.into(),
            }),
            Fact::Power => return None,
            Fact::ConnectorType => {
                let kind = evse.map_or(ConnectorType::Unknown, |evse| evse.connector);
                Value::Text(kind.as_str())
            }
            Fact::Vendor => Value::Text(identity.vendor),
            Fact::Model => Value::Text(identity.model),
            Fact::SerialNumber => Value::Text(identity.serial_number?),
            Fact::FirmwareVersion => Value::Text(identity.firmware_version?),
            Fact::Time => Value::Time(self.cx.utc()?),
            Fact::LongestFrame => {
                let own = u32::try_from(self.longest_frame).unwrap_or(u32::MAX);
                Value::Number(
                    equipment
                        .longest_frame()
                        .map_or(own, |bytes| bytes.min(own)),
                )
            }
            Fact::SecurityProfile => Value::Number(equipment.security()?.into()),
        })
    }

    fn status(&self, number: u8) -> Option<Status> {
        let version = self.cx.version;
        let session = self.transactions.get(number)?;
        let condition = status::condition(version, self.connectors.facts(number), session);
        // The whole is free, out of service or broken, whether or not it has a report of its own.
        let reported = version.reported(number, condition).unwrap_or(condition);
        Some(reported.0)
    }
}

fn write(w: &mut Writer<'_>, value: Value<'_>) {
    match value {
        Value::Text(text) => w.escaped(text.chars()),
        Value::Number(number) => w.raw(Digits::decimal(number.into(), 0).as_str()),
        Value::Flag(flag) => w.raw(if flag { "true" } else { "false" }),
        Value::Time(utc) => w.timestamp(utc),
    }
}
