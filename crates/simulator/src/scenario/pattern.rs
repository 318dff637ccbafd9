//! What a value has to be like.
//!
//! A mapping asks for its fields and allows others; a list asks for its elements in order, or with `<more>`
//! among them for each in any place. A text in angle brackets stands for many values:
//!
//! | text | matches |
//! |---|---|
//! | `<any>` | any value that is there |
//! | `<absent>` | a field that is not there |
//! | `<int>` `<number>` `<text>` `<bool>` `<list>` `<object>` | a value of that type |
//! | `<time>` | a time of RFC 3339 |
//! | `<1..60>` `<1..>` `<..60>` | a number in that range |
//! | `<A\|B>` | one of these texts |
//! | `<like A*>` | a text with anything in the place of each `*` |
//! | `<not A>` | anything but this text |
//!
//! `as NAME` before the closing bracket keeps the value in a variable. `\<` begins a text with a bracket.

use std::collections::BTreeMap;

use ocpp::wire::timestamp;
use serde_json::Value;

use super::variables::is_name;

/// In a list: other elements are allowed.
const MORE: &str = "<more>";

/// Variables that a match has bound.
pub type Bound = BTreeMap<String, Value>;

/// What is wrong with a value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// `idTagInfo.status`; empty for the whole.
    place: String,
    problem: String,
    /// How many fields had been as wanted before this one: of several candidates the nearest one is told.
    pub near: usize,
}

impl Mismatch {
    pub fn text(&self, whole: &str) -> String {
        match self.place.as_str() {
            "" => format!("{whole} {}", self.problem),
            place => format!("{place} {}", self.problem),
        }
    }
}

/// Compares a value with a pattern whose variables have been put in.
pub fn matches(pattern: &Value, value: &Value) -> Result<Bound, Mismatch> {
    let mut comparison = Comparison::default();
    match comparison.compare("", pattern, Some(value)) {
        Ok(()) => Ok(comparison.bound),
        Err((place, problem)) => Err(Mismatch {
            place,
            problem,
            near: comparison.matched,
        }),
    }
}

#[derive(Debug, Default)]
struct Comparison {
    bound: Bound,
    matched: usize,
}

type Difference = (String, String);

impl Comparison {
    fn compare(
        &mut self,
        place: &str,
        pattern: &Value,
        value: Option<&Value>,
    ) -> Result<(), Difference> {
        let wrong = |problem: String| Err((place.to_owned(), problem));
        let special = match pattern {
            Value::String(text) => Special::parse(text).unwrap_or(None),
            _ => None,
        };
        if let Some(special) = special {
            if !special.kind.allows(value) {
                return wrong(format!("is {}, not {}", shown(value), special.kind.name()));
            }
            if let (Some(name), Some(value)) = (special.name, value) {
                self.bound.insert(name.to_owned(), value.clone());
            }
            self.matched += 1;
            return Ok(());
        }
        let Some(value) = value else {
            return wrong(format!("is absent, not {}", shown(Some(pattern))));
        };
        match (pattern, value) {
            (Value::Object(wanted), Value::Object(fields)) => {
                wanted.iter().try_for_each(|(name, pattern)| {
                    let place = match place {
                        "" => name.clone(),
                        place => format!("{place}.{name}"),
                    };
                    self.compare(&place, pattern, fields.get(name))
                })
            }
            (Value::Array(wanted), Value::Array(elements)) => {
                self.compare_list(place, wanted, elements)
            }
            (pattern, value) if equals(pattern, value) => {
                self.matched += 1;
                Ok(())
            }
            _ => wrong(format!(
                "is {}, not {}",
                shown(Some(value)),
                shown(Some(pattern))
            )),
        }
    }

    fn compare_list(
        &mut self,
        place: &str,
        wanted: &[Value],
        elements: &[Value],
    ) -> Result<(), Difference> {
        if wanted.iter().any(|wanted| wanted == MORE) {
            let mut wanted = wanted.iter().filter(|wanted| *wanted != MORE);
            return wanted.try_for_each(|wanted| {
                let mut elements = elements.iter();
                let found = elements.find_map(|element| matches(wanted, element).ok());
                match found {
                    Some(bound) => {
                        self.bound.extend(bound);
                        self.matched += 1;
                        Ok(())
                    }
                    None => {
                        let wanted = shown(Some(wanted));
                        Err((place.to_owned(), format!("has no element {wanted}")))
                    }
                }
            });
        }
        if wanted.len() != elements.len() {
            let (wanted, has) = (wanted.len(), elements.len());
            let problem = format!("has {has} elements, not {wanted}");
            return Err((place.to_owned(), problem));
        }
        let pairs = wanted.iter().zip(elements).enumerate();
        for (n, (wanted, element)) in pairs {
            self.compare(&format!("{place}[{n}]"), wanted, Some(element))?;
        }
        Ok(())
    }
}

fn equals(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        // 5 and 5.0 are one number.
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => a.strip_prefix('\\').unwrap_or(a) == b,
        (pattern, value) => pattern == value,
    }
}

/// A value in a message, not longer than a line.
fn shown(value: Option<&Value>) -> String {
    const LONGEST: usize = 160;
    let Some(value) = value else {
        return "absent".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What stands in angle brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Special<'p> {
    kind: Wanted<'p>,
    name: Option<&'p str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wanted<'p> {
    Any,
    Absent,
    Int,
    Number,
    Text,
    Bool,
    List,
    Object,
    Time,
    Range(f64, f64, &'p str),
    OneOf(&'p str),
    Like(&'p str),
    Not(&'p str),
}

impl<'p> Special<'p> {
    /// `Ok(None)` for a text that stands for itself.
    fn parse(text: &'p str) -> Result<Option<Self>, String> {
        let inner = text.strip_prefix('<').and_then(|it| it.strip_suffix('>'));
        let Some(inner) = inner else {
            return match text.starts_with('<') {
                true => Err(format!(
                    "{text:?} has no >; \\< for a text that begins with <"
                )),
                false => Ok(None),
            };
        };
        let (kind, name) = match inner.rsplit_once(" as ") {
            Some((kind, name)) if is_name(name.trim()) => (kind, Some(name.trim())),
            Some((_, name)) => return Err(format!("{name:?} is no name of a variable")),
            None => (inner, None),
        };
        let kind = match kind.trim() {
            "any" => Wanted::Any,
            "absent" if name.is_none() => Wanted::Absent,
            "int" => Wanted::Int,
            "number" => Wanted::Number,
            "text" => Wanted::Text,
            "bool" => Wanted::Bool,
            "list" => Wanted::List,
            "object" => Wanted::Object,
            "time" => Wanted::Time,
            other => match Wanted::with_argument(other) {
                Some(kind) => kind,
                None => return Err(format!("{text} is no pattern")),
            },
        };
        Ok(Some(Self { kind, name }))
    }
}

impl<'p> Wanted<'p> {
    fn with_argument(text: &'p str) -> Option<Self> {
        if let Some(glob) = text.strip_prefix("like ") {
            return Some(Self::Like(glob));
        }
        if let Some(other) = text.strip_prefix("not ") {
            return Some(Self::Not(other));
        }
        if text.contains('|') {
            return Some(Self::OneOf(text));
        }
        let (low, high) = text.split_once("..")?;
        let bound = |text: &str, open: f64| match text {
            "" => Some(open),
            text => text.parse().ok().filter(|bound: &f64| bound.is_finite()),
        };
        let low = bound(low, f64::NEG_INFINITY)?;
        let high = bound(high, f64::INFINITY)?;
        Some(Self::Range(low, high, text))
    }

    fn allows(self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return self == Self::Absent;
        };
        match self {
            Self::Any => true,
            Self::Absent => false,
            Self::Int => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::Time => value
                .as_str()
                .is_some_and(|it| timestamp::parse(it).is_some()),
            Self::Range(low, high, _) => {
                value.as_f64().is_some_and(|it| (low..=high).contains(&it))
            }
            Self::OneOf(texts) => texts.split('|').any(|text| value == text.trim()),
            Self::Like(glob) => value.as_str().is_some_and(|it| is_like(glob, it)),
            Self::Not(other) => value != other,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Any => "there".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Int => "an integer".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Time => "a time of RFC 3339".to_owned(),
            Self::Range(_, _, text) => format!("a number of {text}"),
            Self::OneOf(texts) => format!("one of {}", texts.replace('|', ", ")),
            Self::Like(glob) => format!("like {glob}"),
            Self::Not(other) => format!("anything but {other}"),
        }
    }
}

/// With anything in the place of each `*`.
fn is_like(glob: &str, text: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return glob == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.into_iter()
        .any(|at| is_like(rest, text.get(at..).unwrap_or_default()))
}

/// The variables that a pattern binds. The error is for the user.
pub fn check(pattern: &str) -> Result<Option<&str>, String> {
    match pattern {
        MORE => Ok(None),
        pattern => Ok(Special::parse(pattern)?.and_then(|special| special.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problem(pattern: Value, value: Value) -> String {
        matches(&pattern, &value).unwrap_err().text("the answer")
    }

    #[test]
    fn fields_that_are_not_asked_for_are_free() {
        let value = json!({"transactionId": 7, "idTagInfo": {"status": "Accepted", "x": 1}});
        let pattern = json!({"idTagInfo": {"status": "Accepted"}, "transactionId": "<int as id>"});
        let bound = matches(&pattern, &value).unwrap();
        assert_eq!(bound, Bound::from([("id".to_owned(), json!(7))]));
    }

    #[test]
    fn each_pattern_matches_what_it_says_and_nothing_else() {
        for (pattern, good, bad) in [
            ("<any>", vec![json!(null), json!(1)], vec![]),
            (
                "<int>",
                vec![json!(-1)],
                vec![json!(1.5), json!("1"), json!(null)],
            ),
            ("<number>", vec![json!(1.5)], vec![json!("1.5")]),
            ("<text>", vec![json!("")], vec![json!(1)]),
            ("<bool>", vec![json!(false)], vec![json!("false"), json!(0)]),
            ("<list>", vec![json!([])], vec![json!({})]),
            ("<object>", vec![json!({})], vec![json!([])]),
            (
                "<time>",
                vec![
                    json!("2024-01-01T00:00:00Z"),
                    json!("2024-01-01T00:00:00.5+01:00"),
                ],
                vec![json!("2024-01-01"), json!("now"), json!(0)],
            ),
            (
                "<1..60>",
                vec![json!(1), json!(60.0)],
                vec![json!(0), json!(60.5), json!("5")],
            ),
            ("<1..>", vec![json!(1_000_000)], vec![json!(0)]),
            ("<..-1>", vec![json!(-1)], vec![json!(0)]),
            (
                "<A|B C>",
                vec![json!("A"), json!("B C")],
                vec![json!("B"), json!("A|B C")],
            ),
            (
                "<like A*c*>",
                vec![json!("Ac"), json!("A1c2")],
                vec![json!("A"), json!("bAc")],
            ),
            ("<not A>", vec![json!("B"), json!(1)], vec![json!("A")]),
            ("\\<int>", vec![json!("<int>")], vec![json!(1)]),
            ("plain", vec![json!("plain")], vec![json!("Plain")]),
        ] {
            for value in good {
                assert!(
                    matches(&json!(pattern), &value).is_ok(),
                    "{pattern} {value}"
                );
            }
            for value in bad {
                assert!(
                    matches(&json!(pattern), &value).is_err(),
                    "{pattern} {value}"
                );
            }
        }
        assert!(matches(&json!({"a": "<absent>"}), &json!({})).is_ok());
        assert!(matches(&json!({"a": "<absent>"}), &json!({"a": null})).is_err());
        assert!(matches(&json!({"a": "<any>"}), &json!({})).is_err());
    }

    #[test]
    fn lists_are_in_order_or_have_more() {
        let list = json!([{"key": "A", "value": "1"}, {"key": "B"}]);
        assert!(matches(&json!([{"key": "A"}, {"key": "B"}]), &list).is_ok());
        assert!(matches(&json!([{"key": "B"}, {"key": "A"}]), &list).is_err());
        assert!(matches(&json!([{"key": "A"}]), &list).is_err());
        assert!(matches(&json!(["<more>", {"key": "B"}]), &list).is_ok());
        assert!(matches(&json!([{"key": "C"}, "<more>"]), &list).is_err());
        let bound = matches(
            &json!([{"key": "A", "value": "<text as v>"}, "<more>"]),
            &list,
        );
        assert_eq!(bound.unwrap().get("v"), Some(&json!("1")));
    }

    #[test]
    fn a_mismatch_says_where_and_what() {
        assert_eq!(
            problem(
                json!({"idTagInfo": {"status": "Accepted"}}),
                json!({"idTagInfo": {"status": "Invalid"}})
            ),
            "idTagInfo.status is \"Invalid\", not \"Accepted\""
        );
        assert_eq!(
            problem(json!({"a": "<int>"}), json!({})),
            "a is absent, not an integer"
        );
        assert_eq!(problem(json!({}), json!([])), "the answer is [], not {}");
        assert_eq!(
            problem(json!({"a": [1]}), json!({"a": []})),
            "a has 0 elements, not 1"
        );
        assert_eq!(
            problem(json!({"a": [{"b": 1}]}), json!({"a": [{"b": 2}]})),
            "a[0].b is 2, not 1"
        );
    }

    #[test]
    fn bad_patterns_are_found() {
        for bad in ["<whole>", "<int", "<int as 5>", "<a..b>", "<absent as x>"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check("<int as x>"), Ok(Some("x")));
        assert_eq!(check("<A|B as x>"), Ok(Some("x")));
        assert_eq!(check("<more>"), Ok(None));
        assert_eq!(check("text"), Ok(None));
    }
}
