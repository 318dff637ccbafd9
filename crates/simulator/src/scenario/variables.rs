//! Variables: what `${NAME}` stands for.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ocpp::wire::{UnixMillis, timestamp};
use serde_json::{Map, Value};

use super::signing::{Issuing, Signing};

/// A root certificate that is another one each time.
const NEW_ROOT: &str = "new-root";

/// The variables of a running scenario.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, Value>,
    /// What signs for `${NAME|issued}`.
    signing: Option<Arc<Signing>>,
}

impl Variables {
    pub fn new(signing: Arc<Signing>) -> Self {
        Self {
            values: BTreeMap::new(),
            signing: Some(signing),
        }
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.values.insert(name.to_owned(), value);
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A text with its variables put in. The error is for the user.
    pub fn text(&self, template: &str) -> Result<String, String> {
        let mut text = String::new();
        for piece in pieces(template)? {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Variable(name) => text.push_str(&plain(&self.look_up(name)?)),
            }
        }
        Ok(text)
    }

    /// A value with the variables of its texts put in. A text that is one variable and nothing else becomes
    /// its value, with its type.
    pub fn value(&self, template: &Value) -> Result<Value, String> {
        Ok(match template {
            Value::String(text) => match pieces(text)?.as_slice() {
                [Piece::Variable(name)] => self.look_up(name)?,
                _ => Value::String(self.text(text)?),
            },
            Value::Array(values) => {
                let values = values.iter().map(|value| self.value(value));
                Value::Array(values.collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let mut resolved = Map::new();
                for (name, value) in fields {
                    resolved.insert(self.text(name)?, self.value(value)?);
                }
                Value::Object(resolved)
            }
            other => other.clone(),
        })
    }

    fn look_up(&self, name: &str) -> Result<Value, String> {
        if let Some(seconds) = moment(name) {
            return seconds.map(|seconds| Value::String(time_in(seconds)));
        }
        if name == NEW_ROOT {
            return Signing::new_root().map(Value::String);
        }
        let (name, filter) = filtered(name)?;
        let known = self.values.get(name).cloned();
        let value = known.ok_or_else(|| format!("there is no variable {name}"))?;
        match (filter, &self.signing) {
            (None, _) => Ok(value),
            (Some(issuing), Some(signing)) => {
                let issued = signing.issue(&plain(&value), issuing);
                issued.map(Value::String)
            }
            (Some(_), None) => Err(format!("{name}: nothing signs here")),
        }
    }
}

/// A value in the middle of a text.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `now`, `now+SECONDS`, `now-SECONDS`; `None` for another name.
fn moment(name: &str) -> Option<Result<i64, String>> {
    let offset = name.strip_prefix("now")?;
    match offset.bytes().next() {
        None => Some(Ok(0)),
        Some(b'+' | b'-') => {
            let seconds = offset.parse::<i64>().ok();
            // Ten years: a date with more than four digits of the year is none.
            let seconds = seconds.filter(|seconds| seconds.unsigned_abs() < 315_360_000);
            Some(seconds.ok_or_else(|| format!("{name} is not now+SECONDS or now-SECONDS")))
        }
        Some(_) => None,
    }
}

/// The name of a variable, and what is made of its value: `NAME|FILTER`.
fn filtered(name: &str) -> Result<(&str, Option<Issuing>), String> {
    let Some((name, filter)) = name.split_once('|') else {
        return Ok((name, None));
    };
    match Issuing::from_name(filter) {
        Some(issuing) => Ok((name, Some(issuing))),
        None => Err(format!("there is no filter {filter:?}")),
    }
}

/// RFC 3339 in UTC.
fn time_in(seconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or(Duration::ZERO).as_millis();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let time: UnixMillis = now.saturating_add(seconds.saturating_mul(1000));
    String::from_utf8_lossy(&timestamp::format(time)).into_owned()
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
}

/// The variables that a text names. The error is for the user.
pub fn names(text: &str) -> Result<Vec<&str>, String> {
    let pieces = pieces(text)?.into_iter();
    let names = pieces.filter_map(|piece| match piece {
        Piece::Variable(name) if moment(name).is_none() && name != NEW_ROOT => Some(name),
        _ => None,
    });
    names.map(|name| Ok(filtered(name)?.0)).collect()
}

/// `$$` is a dollar sign, `${` begins a variable, and any other `$` is itself.
fn pieces(mut text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    while let Some(at) = text.find('$') {
        let (before, from) = text.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let rest = from.get(1..).unwrap_or_default();
        if let Some(rest) = rest.strip_prefix('$') {
            pieces.push(Piece::Text("$"));
            text = rest;
        } else if let Some(rest) = rest.strip_prefix('{') {
            let Some((name, rest)) = rest.split_once('}') else {
                return Err("${ without }".to_owned());
            };
            if let Some(Err(problem)) = moment(name) {
                return Err(problem);
            }
            if moment(name).is_none() && !is_name(filtered(name)?.0) {
                return Err(format!("{name:?} is no name of a variable"));
            }
            pieces.push(Piece::Variable(name));
            text = rest;
        } else {
            pieces.push(Piece::Text("$"));
            text = rest;
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// A letter, then letters, digits, `_` and `-`.
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_variable_by_itself_keeps_its_type() {
        let mut variables = Variables::default();
        variables.set("id", json!(7));
        variables.set("tag", json!("A"));
        let template = json!({"a": "${id}", "b": "x${id}${tag}", "${tag}": ["${tag}", "$$5", "$"]});
        let expected = json!({"a": 7, "b": "x7A", "A": ["A", "$5", "$"]});
        assert_eq!(variables.value(&template), Ok(expected));
        assert_eq!(
            variables.text("${other}"),
            Err("there is no variable other".to_owned())
        );
    }

    #[test]
    fn now_is_a_time_of_rfc_3339() {
        let variables = Variables::default();
        let now = variables.text("${now}").unwrap();
        let later = variables.text("${now+3600}").unwrap();
        let millis = |text: &str| timestamp::parse(text).unwrap();
        assert!((3_599_000..=3_601_000).contains(&(millis(&later) - millis(&now))));
        assert!(variables.text("${now+x}").is_err());
    }

    #[test]
    fn mistakes_are_found() {
        assert_eq!(names("a ${b} ${now-5} $$ ${c}"), Ok(vec!["b", "c"]));
        assert!(names("${b").is_err());
        assert!(names("${}").is_err());
        assert!(names("${1a}").is_err());
        assert_eq!(names("${new-root} ${csr|issued}"), Ok(vec!["csr"]));
        assert!(names("${csr|signed}").is_err());
    }
}
