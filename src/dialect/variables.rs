//! Variables of the device model, as a version that has one asks for them.

use crate::{
    station::SettingId,
    wire::{Json, Text, Writer, field::Violation},
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
