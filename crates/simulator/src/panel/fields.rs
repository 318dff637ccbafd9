//! The fields of a request: each is read once, and what is left over is a mistake.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::problem::Problem;

/// Fields that have not been read yet.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Of a body.
    pub fn of(body: Value) -> Result<Self, Problem> {
        match body {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Problem::bad_request("the body is no JSON object")),
        }
    }

    /// Of the query of a URL, where all values are texts.
    pub fn of_query(query: HashMap<String, String>) -> Self {
        let fields = query.into_iter();
        Self(
            fields
                .map(|(name, text)| (name, Value::String(text)))
                .collect(),
        )
    }

    /// `Some(None)` for null.
    pub fn nullable_text(&mut self, name: &str) -> Result<Option<Option<String>>, Problem> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(Problem::bad_request(format!("{name} is no text"))),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.nullable_text(name)? {
            Some(None) => Err(Problem::bad_request(format!("{name} is null"))),
            text => Ok(text.flatten()),
        }
    }

    pub fn needed_text(&mut self, name: &str) -> Result<String, Problem> {
        let text = self.text(name)?;
        text.ok_or_else(|| Problem::bad_request(format!("{name} is missing")))
    }

    /// A whole number, in a query also as a text.
    pub fn number(&mut self, name: &str, most: u64) -> Result<Option<u64>, Problem> {
        let number = match self.0.remove(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64(),
        };
        match number.filter(|number| *number <= most) {
            Some(number) => Ok(Some(number)),
            None => Err(Problem::bad_request(format!("{name}: 0 to {most}"))),
        }
    }

    /// One of these words.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, meant)) => Ok(Some(*meant)),
            None => {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                let words = words.join(", ");
                Err(Problem::bad_request(format!(
                    "{name} is not one of {words}"
                )))
            }
        }
    }

    pub fn object(&mut self, name: &str) -> Result<Option<Map<String, Value>>, Problem> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(Problem::bad_request(format!("{name} is no object"))),
        }
    }

    pub fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(name) => Err(Problem::bad_request(format!("what is {name:?}?"))),
            None => Ok(()),
        }
    }
}
