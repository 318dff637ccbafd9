//! Reading by a table: what is there, and what is wrong with it.

use super::{Field, Kind, Strictness, Value, Violation};
use crate::wire::{
    ErrorCode, Json, Text, UnixMillis,
    json::{Scanner, Unreadable},
    number, timestamp,
};

/// Reads an object by the table `fields`; every value is [`Value::Absent`] before, and there is
/// room for those of a [`Kind::Nested`] behind those of `fields`.
pub fn read<'a>(
    scanner: &mut Scanner<'a>,
    fields: &'static [Field],
    values: &mut [Value<'a>],
    strictness: Strictness,
) -> Result<(), Violation> {
    let (values, nested) = values
        .split_at_mut_checked(fields.len())
        .ok_or(Violation::of(ErrorCode::InternalError, ""))?;
    let mut first = true;
    let is_object = scanner.take(b'{').is_ok();
    if !is_object {
        take_void(scanner, strictness)?;
    }
    let mut next = 0;
    while is_object && let Some(place) = next_member(scanner, fields, first, next)? {
        first = false;
        next = place.map_or(next, |place| place + 1);
        match place.and_then(|place| fields.get(place).zip(values.get_mut(place))) {
            Some((field, value)) => {
                if !matches!(value, Value::Absent) && strictness != Strictness::Tolerant {
                    return Err(Violation::of(ErrorCode::FormationViolation, field.name));
                }
                let start = scanner.position();
                if let Err(refusal) = read_value(scanner, &field.kind, value, nested, strictness) {
                    scanner.go_back_to(start);
                    let is_absent = match strictness {
                        Strictness::Exact => false,
                        Strictness::Lenient => !field.required && scanner.peek() == b'n',
                        Strictness::Tolerant => true,
                    };
                    if !is_absent {
                        return Err(match refusal {
                            Refusal::Here(code) => Violation::of(code, field.name),
                            Refusal::Inside(violation) => violation,
                        });
                    }
                    scanner.value()?;
                }
            }
            None if strictness == Strictness::Tolerant => {
                scanner.value()?;
            }
            None => return Err(Violation::FORMATION),
        }
    }
    // Whether an answer can do without a field is for its type to say.
    if strictness == Strictness::Tolerant {
        return Ok(());
    }
    match fields
        .iter()
        .zip(values.iter())
        .find(|(field, value)| field.required && matches!(value, Value::Absent))
    {
        Some((field, _)) => Err(Violation::of(ErrorCode::ProtocolError, field.name)),
        None => Ok(()),
    }
}

/// The place in the table of the next member, `Some(None)` for one that is not in it; `None` at the end of
/// the object. Most senders keep the order of the table: the field at `expected` is compared first.
#[inline(always)] // into `read`, where it takes fewer instructions
fn next_member(
    scanner: &mut Scanner<'_>,
    fields: &'static [Field],
    first: bool,
    expected: usize,
) -> Result<Option<Option<usize>>, Unreadable> {
    if let Some(field) = fields.get(expected)
        && scanner.takes_member(first, field.name)
    {
        return Ok(Some(Some(expected)));
    }
    let name = scanner.member(first)?;
    Ok(name.map(|name| name.place_in(fields.iter().map(|field| field.name))))
}

/// Passes over what stands for an object without members: `[]`, and `null`, which only the payload
/// can be here (OCPP-J 1.6, 4.2.1 and 4.2.2).
#[cold]
fn take_void(scanner: &mut Scanner<'_>, strictness: Strictness) -> Result<(), Unreadable> {
    let is_list = scanner.peek() == b'[';
    let json = scanner.value()?;
    match json.is_void() && !(is_list && strictness == Strictness::Exact) {
        true => Ok(()),
        false => Err(Unreadable::Syntax),
    }
}

/// True when a value is to the letter what a field holds.
pub fn is_exact(json: Json<'_>, kind: &Kind) -> bool {
    let mut values = [Value::Absent; NESTED_FIELDS];
    let mut value = Value::Absent;
    let mut scanner = Scanner::new(json.as_str(), 0);
    let read = read_value(
        &mut scanner,
        kind,
        &mut value,
        &mut values,
        Strictness::Exact,
    );
    read.is_ok()
}

enum Refusal {
    Here(ErrorCode),
    Inside(Violation),
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::Here(code)
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Self::Inside(unreadable.into())
    }
}

const TYPE: ErrorCode = ErrorCode::TypeConstraintViolation;
const PROPERTY: ErrorCode = ErrorCode::PropertyConstraintViolation;

/// Reads what comes next into `value`, and no further than to what is wrong with it.
#[inline(always)] // into `read`, where it takes fewer instructions
fn read_value<'a>(
    scanner: &mut Scanner<'a>,
    kind: &Kind,
    value: &mut Value<'a>,
    nested: &mut [Value<'a>],
    strictness: Strictness,
) -> Result<(), Refusal> {
    let expected = match *kind {
        Kind::Text(_) | Kind::Time | Kind::Choice(_) => b'"',
        Kind::Object(_) | Kind::Nested(_) => b'{',
        Kind::Objects(_) | Kind::Streamed(_) | Kind::Texts(_) => b'[',
        Kind::Integer | Kind::Long | Kind::Tenths | Kind::Any => 0,
    };
    if expected != 0 && scanner.peek() != expected {
        let maybe_void = expected == b'{' && scanner.peek() == b'[';
        if !maybe_void || strictness == Strictness::Exact {
            return Err(TYPE.into());
        }
    }
    *value = match *kind {
        Kind::Text(limit) => {
            let text = scanner.text_ahead()?;
            if text.is_longer_than(limit) {
                return Err(PROPERTY.into());
            }
            Value::Text(text)
        }
        Kind::Time => {
            let text = scanner.text_ahead()?;
            let time = match text.plain() {
                Some(plain) => timestamp::parse(plain),
                None => parse_escaped_time(text),
            };
            Value::Time(time.ok_or(PROPERTY)?)
        }
        Kind::Choice(names) => {
            let text = scanner.text_ahead()?;
            let place = text.place_in(names.iter().copied());
            let place = place.and_then(|place| u8::try_from(place).ok());
            Value::Choice(place.ok_or(PROPERTY)?)
        }
        Kind::Nested(fields) => {
            if scanner.peek() == b'[' {
                read_void(scanner)?;
                let mut void = Scanner::new("{}", 0);
                read(&mut void, fields, nested, strictness)?;
            } else {
                read(scanner, fields, nested, strictness)?;
            }
            Value::Nested
        }
        Kind::Integer | Kind::Long => {
            let long = match scanner.short_integer() {
                Some(short) => short,
                None => long(scanner.value()?, strictness)?,
            };
            match *kind {
                Kind::Long => Value::Long(long),
                _ => Value::Integer(i32::try_from(long).map_err(|_| PROPERTY)?),
            }
        }
        Kind::Tenths => Value::Long(match scanner.short_tenths() {
            Some(short) => short,
            None => number::tenths(scanner.value()?.as_str()).ok_or(TYPE)?,
        }),
        Kind::Any => Value::Json(scanner.value()?),
        Kind::Streamed(_) => Value::Json(scanner.unchecked_list()?),
        Kind::Object(fields) => {
            let json = scanner.value()?;
            check_object(json, fields, strictness)?;
            Value::Json(json)
        }
        Kind::Objects(fields) => {
            let json = scanner.value()?;
            for element in json.elements() {
                check_object(element, fields, strictness)?;
            }
            Value::Json(json)
        }
        Kind::Texts(limit) => {
            let json = scanner.value()?;
            for element in json.elements() {
                let text = element.text().ok_or(TYPE)?;
                if text.is_longer_than(limit) {
                    return Err(PROPERTY.into());
                }
            }
            Value::Json(json)
        }
    };
    Ok(())
}

/// A whole number that is long, or of another form.
#[cold]
fn long(json: Json<'_>, strictness: Strictness) -> Result<i64, ErrorCode> {
    let mut number = json.as_str();
    if !number::is_whole(number) {
        number = whole_number(json, strictness).ok_or(TYPE)?;
    }
    number::long(number).ok_or(PROPERTY)
}

/// Passes over the list that stands for an object without members.
#[cold]
fn read_void(scanner: &mut Scanner<'_>) -> Result<(), Refusal> {
    match scanner.value()?.is_void() {
        true => Ok(()),
        false => Err(TYPE.into()),
    }
}

/// The whole number that another value stands for.
#[cold]
fn whole_number(json: Json<'_>, strictness: Strictness) -> Option<&str> {
    let mut number = json.as_str();
    match strictness {
        Strictness::Exact => return None,
        Strictness::Lenient => {}
        Strictness::Tolerant => number = json.text().and_then(Text::plain).unwrap_or(number),
    }
    Some(number::without_zeros(number)).filter(|number| number::is_whole(number))
}

/// Some JSON libraries escape the `+` of an offset.
#[cold]
fn parse_escaped_time(text: Text<'_>) -> Option<UnixMillis> {
    timestamp::parse(&text.to_string::<40>()?)
}

/// No object that another one holds has more fields than this, those nested in it included.
const NESTED_FIELDS: usize = 14;

fn check_object(
    json: Json<'_>,
    fields: &'static [Field],
    strictness: Strictness,
) -> Result<(), Refusal> {
    if !json.is_object() && (strictness == Strictness::Exact || !json.is_empty_list()) {
        return Err(TYPE.into());
    }
    let mut values = [Value::Absent; NESTED_FIELDS];
    let mut scanner = Scanner::new(json.as_str(), 0);
    Ok(read(&mut scanner, fields, &mut values, strictness)?)
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self::Inside(violation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, kind: Kind, required: bool) -> Field {
        Field {
            name,
            kind,
            required,
        }
    }

    const INNER: &[Field] = &[field("n", Kind::Integer, true)];
    const FIELDS: &[Field] = &[
        field("key", Kind::Text(3), true),
        field("when", Kind::Time, false),
        field("type", Kind::Choice(&["Hard", "Soft"]), false),
        field("in", Kind::Objects(INNER), false),
        field("one", Kind::Nested(INNER), false),
    ];

    fn parse(source: &str, strictness: Strictness) -> Result<[Value<'_>; 6], Violation> {
        let mut values = [Value::Absent; 6];
        read(
            &mut Scanner::new(source, 0),
            FIELDS,
            &mut values,
            strictness,
        )
        .map(|()| values)
    }

    #[test]
    fn puts_values_in_the_tables_order() {
        let source = r#"{"type":"Soft","in":[{"n":1},{"n":-2}],"key":"abc"}"#;
        let [key, when, kind, inner, one, _] = parse(source, Strictness::Exact).unwrap();
        assert!(matches!(key, Value::Text(text) if text.is("abc")));
        assert_eq!(when, Value::Absent);
        assert_eq!(kind, Value::Choice(1));
        assert!(matches!(inner, Value::Json(json) if json.elements().count() == 2));
        assert_eq!(one, Value::Absent);
    }

    #[test]
    fn puts_the_values_of_a_nested_object_behind_the_others() {
        let source = r#"{"one":{"n":7},"key":"abc"}"#;
        let [key, .., one, n] = parse(source, Strictness::Exact).unwrap();
        assert!(matches!(key, Value::Text(text) if text.is("abc")));
        assert_eq!((one, n), (Value::Nested, Value::Integer(7)));
    }

    #[test]
    fn reads_a_time_with_escapes() {
        let source = r#"{"key":"a","when":"1970-01-01T01:00:01\u002B01:00"}"#;
        let [_, when, ..] = parse(source, Strictness::Exact).unwrap();
        assert_eq!(when, Value::Time(1_000));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        use ErrorCode::*;
        for (source, code, field) in [
            (r#"[]"#, FormationViolation, ""),
            (r#"{"key":"a","more":1}"#, FormationViolation, ""),
            (r#"{"key":"a","key":"b"}"#, FormationViolation, "key"),
            (r#"{"when":"2026-01-01T00:00:00Z"}"#, ProtocolError, "key"),
            (r#"{"key":1}"#, TypeConstraintViolation, "key"),
            (r#"{"key":null}"#, TypeConstraintViolation, "key"),
            (r#"{"key":"abcd"}"#, PropertyConstraintViolation, "key"),
            (
                r#"{"key":"a","when":"soon"}"#,
                PropertyConstraintViolation,
                "when",
            ),
            (
                r#"{"key":"a","type":"soft"}"#,
                PropertyConstraintViolation,
                "type",
            ),
            (r#"{"key":"a","in":{}}"#, TypeConstraintViolation, "in"),
            (r#"{"key":"a","in":[1]}"#, TypeConstraintViolation, "in"),
            (r#"{"key":"a","in":[{}]}"#, ProtocolError, "n"),
            (r#"{"key":"a","one":[]}"#, TypeConstraintViolation, "one"),
            (r#"{"key":"a","one":{}}"#, ProtocolError, "n"),
            (
                r#"{"key":"a","in":[{"n":1.5}]}"#,
                TypeConstraintViolation,
                "n",
            ),
            (
                r#"{"key":"a","in":[{"n":3000000000}]}"#,
                PropertyConstraintViolation,
                "n",
            ),
        ] {
            let refused = parse(source, Strictness::Exact);
            assert_eq!(refused, Err(Violation { code, field }), "{source}");
        }
    }

    #[test]
    fn takes_in_requests_what_can_mean_only_one_thing() {
        let source = r#"{"when": null,"key":"a","in":[{"n":12.0}],"type":null,"one":null}"#;
        let [key, when, kind, inner, one, _] = parse(source, Strictness::Lenient).unwrap();
        assert!(matches!(key, Value::Text(text) if text.is("a")));
        assert!(matches!(inner, Value::Json(_)));
        assert_eq!([when, kind, one], [Value::Absent; 3]);
        let source = r#"{"key":"a","one":{"n":-0.00}}"#;
        let [.., n] = parse(source, Strictness::Lenient).unwrap();
        assert_eq!(n, Value::Integer(0));
        use ErrorCode::*;
        for (source, code, field) in [
            ("null", ProtocolError, "key"),
            ("[ ]", ProtocolError, "key"),
            ("[{}]", FormationViolation, ""),
            ("nul", FormationViolation, ""),
            (r#"{"key":null}"#, TypeConstraintViolation, "key"),
            (r#"{"key":"a","when":nul}"#, FormationViolation, ""),
            (r#"{"key":"a","in":[[]]}"#, ProtocolError, "n"),
            (r#"{"key":"a","in":[null]}"#, TypeConstraintViolation, "in"),
            (r#"{"key":"a","in":[[1]]}"#, TypeConstraintViolation, "in"),
            (r#"{"key":"a","one":[]}"#, ProtocolError, "n"),
            (
                r#"{"key":"a","one":{"n":"7"}}"#,
                TypeConstraintViolation,
                "n",
            ),
            (
                r#"{"key":"a","one":{"n":7.5}}"#,
                TypeConstraintViolation,
                "n",
            ),
            (r#"{"key":"a","more":null}"#, FormationViolation, ""),
        ] {
            let refused = parse(source, Strictness::Lenient);
            assert_eq!(refused, Err(Violation { code, field }), "{source}");
            assert!(parse(source, Strictness::Exact).is_err(), "{source}");
        }
    }

    #[test]
    fn takes_in_answers_what_can_be_read() {
        for (source, expected) in [
            (r#""7""#, 7),
            (r#""-7.0""#, -7),
            ("7.0", 7),
            ("2147483647.000", i32::MAX),
        ] {
            let source = format!(r#"{{"key":"a","one":{{"n":{source}}}}}"#);
            let [.., n] = parse(&source, Strictness::Tolerant).unwrap();
            assert_eq!(n, Value::Integer(expected), "{source}");
        }
        for source in [
            r#""""#,
            r#""7 ""#,
            r#""seven""#,
            "7.5",
            "1e99",
            "2147483648",
            "[]",
        ] {
            let source = format!(r#"{{"key":"a","one":{{"n":{source}}}}}"#);
            let [key, .., n] = parse(&source, Strictness::Tolerant).unwrap();
            assert!(matches!(key, Value::Text(_)), "{source}");
            assert_eq!(n, Value::Absent, "{source}");
        }
        let twice = r#"{"key":"a","one":{"n":1},"one":{"n":2},"key":"b","key":5}"#;
        let [key, .., n] = parse(twice, Strictness::Tolerant).unwrap();
        assert!(matches!(key, Value::Text(text) if text.is("b")));
        assert_eq!(n, Value::Integer(2));
    }

    #[test]
    fn forgives_in_answers_what_it_can_do_without() {
        let source = r#"{"key":"a","when":"","type":null,"more":{}}"#;
        let [_, when, kind, ..] = parse(source, Strictness::Tolerant).unwrap();
        assert_eq!((when, kind), (Value::Absent, Value::Absent));
        let source = r#"{"one":{"n":"x","more":[1]},"key":"a"}"#;
        let [key, .., one, _] = parse(source, Strictness::Tolerant).unwrap();
        assert!(matches!(key, Value::Text(text) if text.is("a")));
        assert_eq!(one, Value::Nested);
        for source in [r#"{"key":null}"#, r#"{"key":5}"#, "{}", "null", "[]"] {
            let [key, ..] = parse(source, Strictness::Tolerant).unwrap();
            assert_eq!(key, Value::Absent, "{source}");
        }
        for source in ["5", "[1]", r#"{"key":}"#, r#"{"key":"a""#] {
            assert!(parse(source, Strictness::Tolerant).is_err(), "{source}");
        }
    }
}
