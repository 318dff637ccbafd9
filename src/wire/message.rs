//! What makes a struct a message that [`field::read`](super::field::read) can read.

use super::{
    Field, Kind, Payload, Value,
    field::{Strictness, Violation, read},
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
const MOST_FIELDS: usize = if cfg!(feature = "v201") { 10 } else { 9 };

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
            width += nested.len();
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
                    required: <$type as $crate::wire::field::FromValue<'a>>::REQUIRED,
                }
            ),*];

            #[allow(unused_mut, unused_variables)]
            fn from_values(values: &[$crate::wire::Value<'a>]) -> Option<Self> {
                let (own, nested) = values.split_at_checked(Self::FIELDS.len())?;
                let mut own = own.iter();
                Some(Self { $(
                    $field: $crate::wire::field::FromValue::from_value(*own.next()?, nested)?
                ),* })
            }
        }
    )+};
}
pub(crate) use messages;
