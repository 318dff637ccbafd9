//! What makes a struct a message that [`field::read`](super::field::read) can read.

use super::{
    ErrorCode, Field, Json, Kind, Payload, Text, Value,
    field::{Strictness, Violation, read},
    json::Scanner,
};

/// A message or nested object with a table of its fields.
pub trait Message<'a>: Sized {
    /// The fields, in the order in which [`Message::from_values`] takes them.
    const FIELDS: &'static [Field];
    /// Takes the values that were read for [`Message::FIELDS`].
    fn from_values(values: &[Value<'a>]) -> Option<Self>;
}

/// No message that is read as a struct has more fields than this, those of a nested object
/// included.
const MOST_FIELDS: usize = match () {
    () if cfg!(feature = "smart-charging") => 16,
    () if cfg!(feature = "v16") => 14,
    () => 10,
};

/// Reads a request: anything that could mean something else is a violation.
pub fn request<'a, M: Message<'a>>(payload: impl Into<Payload<'a>>) -> Result<M, Violation> {
    message(payload.into(), Strictness::Lenient)
}

/// Reads an answer, forgiving what can be done without.
pub fn answer<'a, M: Message<'a>>(payload: Payload<'a>) -> Result<M, Violation> {
    message(payload, Strictness::Tolerant)
}

fn message<'a, M: Message<'a>>(
    payload: Payload<'a>,
    strictness: Strictness,
) -> Result<M, Violation> {
    const { assert!(width(M::FIELDS) <= MOST_FIELDS) };
    let mut values = [Value::Absent; MOST_FIELDS];
    fill(payload, M::FIELDS, strictness, &mut values)?;
    M::from_values(&values).ok_or(Violation::FORMATION)
}

/// Values that [`read`] finds.
const fn width(mut fields: &[Field]) -> usize {
    let mut width = fields.len();
    while let [field, rest @ ..] = fields {
        if let Kind::Nested(nested) = field.kind {
            width += self::width(nested);
        }
        fields = rest;
    }
    width
}

/// Reads any message by its table: what all of them have in common is there once.
#[inline(never)]
fn fill<'a>(
    payload: Payload<'a>,
    fields: &'static [Field],
    strictness: Strictness,
    values: &mut [Value<'a>; MOST_FIELDS],
) -> Result<(), Violation> {
    let mut scanner = payload.scanner();
    let strictness = match payload.is_exact() {
        true => Strictness::Exact,
        false => strictness,
    };
    read(&mut scanner, fields, values, strictness)?;
    match payload.is_read(scanner) {
        true => Ok(()),
        false => Err(Violation::FORMATION),
    }
}

/// Fields of an object of a [`Kind::Streamed`], at most.
const STREAMED_FIELDS: usize = 4;

/// The objects of a list that [`Kind::Streamed`] has found, read one by one.
#[derive(Clone, Debug)]
pub struct Objects<'a> {
    scanner: Scanner<'a>,
    /// Of the list, for what is wrong with an object as a whole.
    name: &'static str,
    strictness: Strictness,
    is_first: bool,
}

impl<'a> Objects<'a> {
    /// Those of `list`, which stands in a request as the field with that name; to the letter if
    /// `exact`.
    pub fn of(list: Json<'a>, name: &'static str, exact: bool) -> Self {
        let mut scanner = Scanner::new(list.as_str(), 0);
        // The reader of the message has seen that it begins as one.
        let _ = scanner.take(b'[');
        let strictness = match exact {
            true => Strictness::Exact,
            false => Strictness::Lenient,
        };
        Self {
            scanner,
            name,
            strictness,
            is_first: true,
        }
    }

    /// The next one; `None` at the end of the list.
    pub fn read_next<M: Message<'a>>(&mut self) -> Option<Result<M, Violation>> {
        const { assert!(width(M::FIELDS) <= STREAMED_FIELDS) };
        let mut values = [Value::Absent; STREAMED_FIELDS];
        let read = self.read(M::FIELDS, &mut values)?;
        Some(read.and_then(|()| M::from_values(&values).ok_or(Violation::FORMATION)))
    }

    #[inline(never)]
    fn read(
        &mut self,
        fields: &'static [Field],
        values: &mut [Value<'a>],
    ) -> Option<Result<(), Violation>> {
        let next = self.scanner.peek();
        if next == b']' {
            // Where the list seemed to end, it has to end: otherwise it is no JSON.
            let _ = self.scanner.take(b']');
            return (!self.scanner.is_at_end()).then_some(Err(Violation::FORMATION));
        }
        if !self.is_first
            && let Err(unreadable) = self.scanner.take(b',')
        {
            return Some(Err(unreadable.into()));
        }
        self.is_first = false;
        match self.scanner.peek() {
            b'{' => {}
            _ => {
                let json = match self.scanner.value() {
                    Ok(json) => json,
                    Err(unreadable) => return Some(Err(unreadable.into())),
                };
                if !json.is_empty_list() || self.strictness == Strictness::Exact {
                    let code = ErrorCode::TypeConstraintViolation;
                    let field = self.name;
                    return Some(Err(Violation { code, field }));
                }
                let mut nothing = Scanner::new("{}", 0);
                return Some(read(&mut nothing, fields, values, self.strictness));
            }
        }
        Some(read(&mut self.scanner, fields, values, self.strictness))
    }
}

/// How a Rust type is taken out of the [`Value`] that [`read`] found for its field.
pub trait FromValue<'a>: Sized {
    /// False for `Option`.
    const REQUIRED: bool = true;
    /// The value, if it is of this type; `nested` are those of a [`Value::Nested`].
    fn from_value(value: Value<'a>, nested: &[Value<'a>]) -> Option<Self>;
}

impl<'a> FromValue<'a> for Text<'a> {
    fn from_value(value: Value<'a>, _: &[Value<'a>]) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'a> FromValue<'a> for i32 {
    fn from_value(value: Value<'a>, _: &[Value<'a>]) -> Option<Self> {
        match value {
            Value::Integer(integer) => Some(integer),
            _ => None,
        }
    }
}

/// For times ([`UnixMillis`](super::UnixMillis)) and for numbers of 64 bits.
impl<'a> FromValue<'a> for i64 {
    fn from_value(value: Value<'a>, _: &[Value<'a>]) -> Option<Self> {
        match value {
            Value::Time(number) | Value::Long(number) => Some(number),
            _ => None,
        }
    }
}

impl<'a> FromValue<'a> for Json<'a> {
    fn from_value(value: Value<'a>, _: &[Value<'a>]) -> Option<Self> {
        match value {
            Value::Json(json) => Some(json),
            _ => None,
        }
    }
}

/// A field that has to be there, and that a message from which it is missing is read without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispensable<T>(
    /// What it says, if that can be read.
    pub Option<T>,
);

impl<'a, T: FromValue<'a>> FromValue<'a> for Dispensable<T> {
    fn from_value(value: Value<'a>, nested: &[Value<'a>]) -> Option<Self> {
        Some(Self(T::from_value(value, nested)))
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    const REQUIRED: bool = false;
    fn from_value(value: Value<'a>, nested: &[Value<'a>]) -> Option<Self> {
        Some(T::from_value(value, nested))
    }
}

/// Declares a struct together with the table of its fields.
macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        $name:ident $(<$life:lifetime>)? {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $json:literal $kind:expr ),* $(,)?
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name $(<$life>)? { $( $(#[$field_doc])* pub $field: $type ),* }

        impl<'a> $crate::wire::message::Message<'a> for $name $(<$life>)? {
            const FIELDS: &'static [$crate::wire::Field] = &[$(
                $crate::wire::Field {
                    name: $json,
                    kind: $kind,
                    required: <$type as $crate::wire::message::FromValue<'a>>::REQUIRED,
                }
            ),*];

            #[allow(unused_mut, unused_variables)]
            fn from_values(values: &[$crate::wire::Value<'a>]) -> Option<Self> {
                let (own, nested) = values.split_at_checked(Self::FIELDS.len())?;
                let mut own = own.iter();
                Some(Self { $(
                    $field: $crate::wire::message::FromValue::from_value(*own.next()?, nested)?
                ),* })
            }
        }

        // Where it is nested in another one.
        impl<'a> $crate::wire::message::FromValue<'a> for $name $(<$life>)? {
            fn from_value(
                value: $crate::wire::Value<'a>,
                nested: &[$crate::wire::Value<'a>],
            ) -> Option<Self> {
                match value {
                    $crate::wire::Value::Nested => {
                        <Self as $crate::wire::message::Message<'a>>::from_values(nested)
                    }
                    _ => None,
                }
            }
        }
    )+};
}
pub(crate) use messages;
