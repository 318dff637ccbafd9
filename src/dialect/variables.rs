//! Variables of the device model, as a version that has one asks for them.

use crate::{
    domain::{Status, TxPoints},
    station::{Mutability, SettingId},
    v201::{
        self,
        facts::{FACTS, POINTS, Place, Row},
    },
    wire::{Json, Text, UnixMillis, Writer, field::Violation},
};

pub(crate) use crate::v201::facts::Source;

/// A list of variables in a request, each read when its turn has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variables<'a> {
    pub list: Json<'a>,
    pub read: fn(Json<'a>) -> Result<Variable<'a>, Violation>,
}

/// Variables that one message may ask for or set.
pub(crate) const MOST_VARIABLES: usize = 16;

impl<'a> Variables<'a> {
    pub fn count(&self) -> usize {
        self.list.elements().count()
    }

    pub fn all(self) -> impl Iterator<Item = Result<Variable<'a>, Violation>> {
        self.list.elements().map(self.read)
    }
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    /// A setting.
    Setting {
        id: SettingId,
        /// No message sets it, whatever else does.
        is_read_only: bool,
    },
    /// A setting of the application's own, if it has one of that name.
    Named(Text<'a>),
    /// Something that a station tells of itself.
    Fact(FactVariable),
}

/// A fact, and of what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactVariable {
    row: &'static Row,
    /// The connector; 0 for the whole charge point.
    pub number: u8,
}

impl FactVariable {
    pub fn new(row: &'static Row, number: u8) -> Self {
        Self { row, number }
    }

    /// The one with that index, of all that a station with so many connectors has.
    pub fn at(mut index: usize, connectors: u8) -> Option<Self> {
        for row in FACTS {
            let (first, count) = match row.place {
                Place::Station => (0, 1),
                Place::Evse | Place::Connector => (1, connectors.into()),
            };
            if index < count {
                let number = u8::try_from(first + index).ok()?;
                return Some(Self { row, number });
            }
            index -= count;
        }
        None
    }

    /// Where its value comes from.
    pub fn source(&self) -> Source {
        self.row.source
    }

    /// How a report describes it; `max` where the station knows the highest value.
    fn described(&self, max: Option<u32>) -> ReportedVariable<'static> {
        let row = self.row;
        ReportedVariable {
            component: row.component,
            name: row.name,
            instance: row.instance,
            evse: match row.place {
                Place::Station => None,
                Place::Evse => Some((self.number, None)),
                Place::Connector => Some((self.number, Some(1))),
            },
            mutability: Mutability::ReadOnly,
            is_persistent: false,
            is_constant: row.is_constant(),
            unit: row.unit,
            characteristics: Characteristics {
                data_type: row.data_type,
                min: None,
                max: max.or(row.max).map(Into::into),
            },
        }
    }

    /// Writes it as `ReportDataType`.
    pub fn write(
        &self,
        w: &mut Writer<'_>,
        max: Option<u32>,
        value: Option<&dyn Fn(&mut Writer<'_>)>,
        with_values: bool,
    ) {
        let values = self.row.values.filter(|_| with_values);
        let list = |w: &mut Writer<'_>| w.raw(values.unwrap_or(""));
        let values: Option<&dyn Fn(&mut Writer<'_>)> = match values {
            Some(_) => Some(&list),
            None => None,
        };
        self.described(max).write(w, value, values);
    }
}

/// A variable that is asked for, or set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable<'a> {
    /// How the request names it, which the answer repeats.
    component: Json<'a>,
    variable: Json<'a>,
    attribute: Option<Text<'a>>,
    /// What it is set to.
    pub value: Option<Text<'a>>,
    /// What it stands for, or the status that says that there is no such variable.
    pub found: Result<Found<'a>, &'static str>,
}

impl<'a> Variable<'a> {
    pub fn new(
        (component, variable): (Json<'a>, Json<'a>),
        attribute: Option<Text<'a>>,
        value: Option<Text<'a>>,
        found: Result<Found<'a>, &'static str>,
    ) -> Self {
        Self {
            component,
            variable,
            attribute,
            value,
            found,
        }
    }

    /// Writes what became of it, with its value if it was asked for one.
    pub fn write(
        &self,
        w: &mut Writer<'_>,
        status: &'static str,
        value: Option<&dyn Fn(&mut Writer<'_>)>,
    ) {
        w.begin_object();
        w.word("attributeStatus", status);
        if let Some(attribute) = self.attribute {
            w.characters("attributeType", attribute.chars());
        }
        if let Some(value) = value {
            w.begin_open_text("attributeValue");
            value(w);
            w.end_open_text();
        }
        w.json("component", self.component);
        w.json("variable", self.variable);
        w.end_object();
    }
}

/// A report of variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// What the request called it, and all parts do.
    pub request_id: i32,
    pub base: ReportBase,
}

/// Which variables a report tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportBase {
    /// All.
    All,
    /// Only what the operator can set.
    Settable,
    /// Only what can be used, and what is broken.
    Summary,
}

impl ReportBase {
    /// True when a report tells of a setting.
    pub fn has_setting(self, mutability: Mutability) -> bool {
        match self {
            Self::All => true,
            Self::Settable => mutability != Mutability::ReadOnly,
            Self::Summary => false,
        }
    }

    /// True when it tells of a fact.
    pub fn has_fact(self, fact: &FactVariable) -> bool {
        match self {
            Self::All => true,
            Self::Settable => false,
            Self::Summary => fact.row.is_of_summary(),
        }
    }
}

/// What values a variable takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Characteristics {
    /// `DataEnumType`
    pub data_type: &'static str,
    pub min: Option<i64>,
    pub max: Option<i64>,
}

/// What a report says of a variable besides its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportedVariable<'a> {
    component: &'static str,
    name: &'a str,
    instance: Option<&'static str>,
    /// The EVSE, and its connector.
    evse: Option<(u8, Option<u8>)>,
    pub mutability: Mutability,
    is_persistent: bool,
    is_constant: bool,
    unit: Option<&'static str>,
    characteristics: Characteristics,
}

impl ReportedVariable<'_> {
    /// Writes it as `ReportDataType`; what is write-only, or has no value, is told without. `values`
    /// writes what it can be.
    pub fn write(
        &self,
        w: &mut Writer<'_>,
        value: Option<&dyn Fn(&mut Writer<'_>)>,
        values: Option<&dyn Fn(&mut Writer<'_>)>,
    ) {
        w.begin_object();
        w.begin_object_field("component");
        w.text("name", self.component);
        if let Some((evse, connector)) = self.evse {
            w.begin_object_field("evse");
            w.integer("id", evse.into());
            if let Some(connector) = connector {
                w.integer("connectorId", connector.into());
            }
            w.end_object();
        }
        w.end_object();
        w.begin_object_field("variable");
        w.text("name", self.name);
        w.optional_text("instance", self.instance);
        w.end_object();
        w.begin_list("variableAttribute");
        w.begin_object();
        if let Some(value) = value.filter(|_| self.mutability != Mutability::WriteOnly) {
            w.begin_open_text("value");
            value(w);
            w.end_open_text();
        }
        w.word(
            "mutability",
            match self.mutability {
                Mutability::ReadOnly => "ReadOnly",
                Mutability::WriteOnly => "WriteOnly",
                Mutability::ReadWrite => "ReadWrite",
            },
        );
        w.boolean("persistent", self.is_persistent);
        if self.is_constant {
            w.boolean("constant", true);
        }
        w.end_object();
        w.end_list();
        w.begin_object_field("variableCharacteristics");
        if let Some(unit) = self.unit {
            w.word("unit", unit);
        }
        w.word("dataType", self.characteristics.data_type);
        for (name, limit) in [
            ("minLimit", self.characteristics.min),
            ("maxLimit", self.characteristics.max),
        ] {
            if let Some(limit) = limit {
                w.integer(name, limit);
            }
        }
        if let Some(values) = values {
            w.begin_open_text("valuesList");
            values(w);
            w.end_open_text();
        }
        w.boolean("supportsMonitoring", false);
        w.end_object();
        w.end_object();
    }
}

/// What a setting is as a variable, if it is one. One of the application's own has its `name`.
pub(crate) fn reported_variable(
    id: SettingId,
    name: &str,
    mutability: Mutability,
    characteristics: Characteristics,
) -> Option<ReportedVariable<'_>> {
    let SettingId::Key(key) = id else {
        return Some(ReportedVariable {
            component: v201::variables::APPLICATION,
            name,
            instance: None,
            evse: None,
            mutability,
            is_persistent: true,
            is_constant: false,
            unit: None,
            characteristics,
        });
    };
    let variable = v201::variables::Variable::of(key)?;
    let is_value = variable.part == v201::variables::Part::Actual;
    is_value.then_some(ReportedVariable {
        component: variable.component,
        name: variable.name,
        instance: variable.instance,
        evse: None,
        mutability: match variable.is_read_only {
            true => Mutability::ReadOnly,
            false => mutability,
        },
        is_persistent: true,
        is_constant: false,
        unit: variable.unit,
        characteristics,
    })
}

/// Writes a list of points of a transaction.
pub(crate) fn write_points(w: &mut Writer<'_>, points: TxPoints) {
    let named = POINTS.iter().filter(|(point, _)| points.has(*point));
    for (place, (_, name)) in named.enumerate() {
        w.raw(if place > 0 { "," } else { "" });
        w.raw(name);
    }
}

/// Whether a connector, or the whole, can be used, as a value.
pub(crate) fn availability(status: Status) -> &'static str {
    v201::names::status(status)
}

/// Begins NotifyReportRequest; [`ReportedVariable`]s and [`end_report`] follow.
pub(crate) fn begin_report(w: &mut Writer<'_>, report: Report, generated: UnixMillis, part: u32) {
    w.begin_object();
    w.integer("requestId", report.request_id.into());
    w.time("generatedAt", generated);
    w.integer("seqNo", part.into());
    w.begin_list("reportData");
}

/// Ends it: the last part, or not.
pub(crate) fn end_report(w: &mut Writer<'_>, is_last: bool) {
    w.end_list();
    w.boolean("tbc", !is_last);
    w.end_object();
}
