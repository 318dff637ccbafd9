//! Variables of the device model, as a version that has one asks for them.

use crate::{
    station::{Mutability, SettingId},
    v201,
    wire::{Json, Text, UnixMillis, Writer, field::Violation},
};

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

/// A variable that is asked for, or set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable<'a> {
    /// How the request names it, which the answer repeats.
    component: Json<'a>,
    variable: Json<'a>,
    attribute: Option<Text<'a>>,
    /// What it is set to.
    pub value: Option<Text<'a>>,
    /// The setting that is its value, or the status that says why there is none.
    pub setting: Result<SettingId, &'static str>,
}

impl<'a> Variable<'a> {
    pub fn new(
        (component, variable): (Json<'a>, Json<'a>),
        attribute: Option<Text<'a>>,
        value: Option<Text<'a>>,
        setting: Result<SettingId, &'static str>,
    ) -> Self {
        Self {
            component,
            variable,
            attribute,
            value,
            setting,
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

/// A report of all variables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// What the request called it, and all parts do.
    pub request_id: i32,
    /// Only what the operator can set.
    pub only_writable: bool,
}

/// What values a variable takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Characteristics {
    /// `DataEnumType`
    pub data_type: &'static str,
    pub min: Option<i32>,
    pub max: Option<i32>,
}

/// A setting as a variable of a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReportedVariable {
    pub component: &'static str,
    pub name: &'static str,
    pub instance: Option<&'static str>,
}

impl ReportedVariable {
    /// Writes it as `ReportDataType`; what is write-only has no value.
    pub fn write(
        &self,
        w: &mut Writer<'_>,
        mutability: Mutability,
        value: &dyn Fn(&mut Writer<'_>),
        characteristics: Characteristics,
    ) {
        w.begin_object();
        w.begin_object_field("component");
        w.text("name", self.component);
        w.end_object();
        w.begin_object_field("variable");
        w.text("name", self.name);
        w.optional_text("instance", self.instance);
        w.end_object();
        w.begin_list("variableAttribute");
        w.begin_object();
        if mutability != Mutability::WriteOnly {
            w.begin_open_text("value");
            value(w);
            w.end_open_text();
        }
        w.word(
            "mutability",
            match mutability {
                Mutability::ReadOnly => "ReadOnly",
                Mutability::WriteOnly => "WriteOnly",
                Mutability::ReadWrite => "ReadWrite",
            },
        );
        w.boolean("persistent", true);
        w.end_object();
        w.end_list();
        w.begin_object_field("variableCharacteristics");
        w.word("dataType", characteristics.data_type);
        for (name, limit) in [
            ("minLimit", characteristics.min),
            ("maxLimit", characteristics.max),
        ] {
            if let Some(limit) = limit {
                w.integer(name, limit.into());
            }
        }
        w.boolean("supportsMonitoring", false);
        w.end_object();
        w.end_object();
    }
}

/// What a setting is as a variable, if it is one.
pub(crate) fn reported_variable(id: SettingId) -> Option<ReportedVariable> {
    let SettingId::Key(key) = id else {
        return None;
    };
    let variable = v201::variables::Variable::of(key)?;
    let is_value = variable.part == v201::variables::Part::Actual;
    is_value.then_some(ReportedVariable {
        component: variable.component,
        name: variable.name,
        instance: variable.instance,
    })
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
