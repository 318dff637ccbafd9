//! One reader for the payloads of all messages, driven by tables.
//!
//! A message is a table of [`Field`]s; [`read`] checks an object against it and puts what it
//! found into [`Value`]s in the table's order. Adding a message adds a table, not code.

use core::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use super::{ErrorCode, Json, Text, UnixMillis, json::Unreadable};

mod reading;

pub use reading::{is_exact, read};

/// One field of a message, as its JSON schema has it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A string of at most that many characters.
    Text(usize),
    /// A whole number that `i32` holds.
    Integer,
    /// A whole number that `i64` holds.
    Long,
    /// Any number, in tenths: what is below is left out.
    Tenths,
    /// An RFC 3339 date and time.
    Time,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// An object with these fields, which are checked.
    Object(&'static [Field]),
    /// The one object of a message, or of another nested one, whose values are wanted together with
    /// the message's own, behind which they come.
    Nested(&'static [Field]),
    /// A list of objects with these fields.
    Objects(&'static [Field]),
    /// The same, for [`Objects`](super::message::Objects) to read and to check one by one, its JSON as
    /// well: a list that may be long is looked through once less.
    Streamed(&'static [Field]),
    /// A list of strings of at most that many characters.
    Texts(usize),
    /// Any value.
    Any,
}

/// What [`read`] found for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub enum Value<'a> {
    /// The field is not there.
    Absent,
    /// For [`Kind::Text`].
    Text(Text<'a>),
    /// For [`Kind::Integer`].
    Integer(i32),
    /// For [`Kind::Long`].
    Long(i64),
    /// For [`Kind::Time`].
    Time(UnixMillis),
    /// For [`Kind::Choice`]: the place in its table.
    Choice(u8),
    /// For [`Kind::Nested`].
    Nested,
    /// A number, object or list, whose content has been checked as well.
    Json(Json<'a>),
}

/// Why a payload does not have the form of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The code that a CALLERROR says it with.
    pub code: ErrorCode,
    /// The field it was found in; empty for the payload as a whole.
    pub field: &'static str,
}

impl Violation {
    /// A violation of the payload as a whole.
    pub const FORMATION: Self = Self::of(ErrorCode::FormationViolation, "");

    const fn of(code: ErrorCode, field: &'static str) -> Self {
        Self { code, field }
    }
}

impl Display for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.field {
            "" => self.code.fmt(f),
            field => write!(f, "{} in {field}", self.code),
        }
    }
}

impl Error for Violation {}

/// What cannot be read at all has no form either; who reads a frame looks at it again then.
impl From<Unreadable> for Violation {
    fn from(_: Unreadable) -> Self {
        Self::FORMATION
    }
}

/// How forgiving a payload is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// To the letter of its table.
    Exact,
    /// What can mean only one thing is taken for it: `null` for an optional field that is absent,
    /// `[]` for an object without members, `12.0` for 12. For requests, whose sender gets told
    /// what else is wrong.
    Lenient,
    /// In addition, unknown fields are passed over, the last of a repeated one counts, a whole
    /// number may be a text, and what cannot be used reads as absent, required or not: for
    /// answers, which come only once.
    Tolerant,
}
