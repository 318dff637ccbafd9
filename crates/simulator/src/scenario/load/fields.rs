//! Values that several parts of a file have.

use std::time::Duration;

use serde_json::Value;

use super::Loader;
use crate::scenario::{
    pattern,
    variables::{self, is_name},
    yaml::{Kind, Node, Problem},
};

/// The longest time: an hour.
const LONGEST_S: f64 = 3600.0;

/// Seconds.
pub fn duration(node: &Node) -> Result<Duration, Problem> {
    let seconds = node.number("a time in seconds")?;
    match (0.0..=LONGEST_S).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err(node.problem("it has to be 0 to 3600 seconds")),
    }
}

pub fn whole(node: &Node, what: &str, lowest: u32, highest: u32) -> Result<u32, Problem> {
    let number = match &node.kind {
        Kind::Scalar(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    let number = number.and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| (lowest..=highest).contains(number));
    number.ok_or_else(|| node.problem(format!("{what} has to be {lowest} to {highest}")))
}

pub fn name(node: &Node, what: &str) -> Result<String, Problem> {
    let name = node.text(what)?;
    match is_name(&name) {
        true => Ok(name),
        false => Err(node.problem(format!(
            "{name:?} is no name: letters, digits, - and _, a letter first"
        ))),
    }
}

impl Loader {
    /// A text whose variables are all known.
    pub fn text(&self, node: &Node, what: &str) -> Result<String, Problem> {
        let text = node.text(what)?;
        self.check_text(node, &text)?;
        Ok(text)
    }

    fn check_text(&self, node: &Node, text: &str) -> Result<(), Problem> {
        let names = variables::names(text).map_err(|problem| node.problem(problem))?;
        self.used
            .borrow_mut()
            .extend(names.iter().map(|name| (*name).to_owned()));
        let mut names = names.iter();
        match names.find(|name| !self.known.contains(**name)) {
            Some(name) => Err(node.problem(format!("there is no variable {name}"))),
            None => Ok(()),
        }
    }

    /// A value whose variables are all known.
    pub fn value(&self, node: &Node) -> Result<Value, Problem> {
        match &node.kind {
            Kind::Scalar(Value::String(text)) => self.check_text(node, text)?,
            Kind::Scalar(_) => {}
            Kind::List(nodes) => {
                for node in nodes {
                    self.value(node)?;
                }
            }
            Kind::Fields(fields) => {
                for (name, node) in fields {
                    self.check_text(node, name)?;
                    self.value(node)?;
                }
            }
        }
        Ok(node.value())
    }

    /// A mapping of values that are what they say.
    pub fn values(&self, node: &Node, what: &str) -> Result<Value, Problem> {
        node.fields(what)?;
        self.value(node)
    }

    /// What a value has to be like; what it binds is known from here on.
    pub fn pattern(&mut self, node: &Node) -> Result<Value, Problem> {
        let value = self.value(node)?;
        let mut bound = Vec::new();
        bindings(node, &mut bound)?;
        self.known.extend(bound);
        Ok(value)
    }

    /// The same for a mapping.
    pub fn patterns(&mut self, node: &Node, what: &str) -> Result<Value, Problem> {
        node.fields(what)?;
        self.pattern(node)
    }

    /// Variables, each known to those behind it.
    pub fn variables(&mut self, node: &Node) -> Result<Vec<(String, Value)>, Problem> {
        let mut variables = Vec::new();
        for (name, node) in node.fields("variables")? {
            if !is_name(name) {
                return Err(node.problem(format!("{name:?} is no name of a variable")));
            }
            variables.push((name.clone(), self.value(node)?));
            self.known.insert(name.clone());
        }
        Ok(variables)
    }
}

fn bindings(node: &Node, bound: &mut Vec<String>) -> Result<(), Problem> {
    match &node.kind {
        Kind::Scalar(Value::String(text)) => {
            // A pattern may have variables in it, which are put in first.
            let checked = pattern::check(text).map_err(|problem| node.problem(problem))?;
            bound.extend(checked.map(str::to_owned));
            Ok(())
        }
        Kind::Scalar(_) => Ok(()),
        Kind::List(nodes) => nodes.iter().try_for_each(|node| bindings(node, bound)),
        Kind::Fields(fields) => fields
            .iter()
            .try_for_each(|(_, node)| bindings(node, bound)),
    }
}
