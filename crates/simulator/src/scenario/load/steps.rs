//! Steps, read from their nodes.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{
    Loader, MOST_INCLUDED,
    fields::{duration, name, whole},
    read,
};
use crate::{
    command::{self, Command, Limits},
    report::EVENTS,
    scenario::{
        step::{Act, Awaited, Deed, Expectation, Order, Outcome, Side, Step},
        yaml::{self, Fields, Kind, Node, Problem},
    },
};

/// What a step is, by the field that it has.
const KINDS: [&str; 15] = [
    "do",
    "wait",
    "sends",
    "receives",
    "event",
    "all",
    "never",
    "trigger",
    "sign",
    "central-system",
    "operator",
    "let",
    "repeat",
    "each",
    "include",
];
/// Most turns of a loop.
const MOST_TURNS: u32 = 1000;

impl Loader {
    pub fn steps(&mut self, node: &Node) -> Result<Vec<Step>, Problem> {
        let nodes = node.list("steps")?.iter();
        nodes.map(|node| self.step(node)).collect()
    }

    fn step(&mut self, node: &Node) -> Result<Step, Problem> {
        let act = match &node.kind {
            Kind::Scalar(_) => Act::Do(self.command(node)?),
            _ => {
                let mut fields = Fields::of(node, "a step")?;
                let act = self.act(node, &mut fields)?;
                fields.finish()?;
                act
            }
        };
        Ok(Step {
            place: node.place.clone(),
            act,
        })
    }

    fn act(&mut self, node: &Node, fields: &mut Fields<'_>) -> Result<Act, Problem> {
        let kind = self.kind(node)?;
        Ok(match kind {
            "do" => Act::Do(self.command(fields.needed("do")?)?),
            "wait" => Act::Wait(duration(fields.needed("wait")?)?),
            "sends" | "receives" | "event" => {
                Act::Expect(vec![self.expectation(node, fields, kind)?])
            }
            "all" => {
                let nodes = fields.needed("all")?.list("all")?;
                Act::Expect(self.expectations(nodes)?)
            }
            "never" => {
                let node = fields.needed("never")?;
                let nodes = match &node.kind {
                    Kind::List(nodes) => nodes.as_slice(),
                    _ => std::slice::from_ref(node),
                };
                let never = self.expectations(nodes)?;
                if let Some(timed) = never.iter().find(|it| it.within.is_some()) {
                    return Err(timed
                        .place
                        .problem("what is in never has no time of its own"));
                }
                let time = fields.take("for");
                let time = time.ok_or_else(|| node.problem("never needs for"))?;
                Act::Never(never, duration(time)?)
            }
            "trigger" => self.trigger(fields)?,
            "sign" => self.sign(fields)?,
            "central-system" => {
                let deed = self.knowledge(fields.needed("central-system")?)?;
                let text = self.optional_text(fields, "operator")?;
                let hook = self.hook_of(fields)?;
                Act::Operator(Order { text, deed, hook })
            }
            "operator" => {
                let text = self.optional_text(fields, "operator")?;
                let hook = self.hook_of(fields)?;
                let deed = Deed::Told;
                Act::Operator(Order { text, deed, hook })
            }
            "let" => Act::Let(self.variables(fields.needed("let")?)?),
            "repeat" => {
                let times = whole(fields.needed("repeat")?, "repeat", 1, MOST_TURNS)?;
                let counter = fields.take("counter");
                let counter = counter.map(|it| name(it, "counter")).transpose()?;
                self.known.extend(counter.clone());
                let steps = self.steps(fields.needed("steps")?)?;
                Act::Repeat {
                    times,
                    counter,
                    steps,
                }
            }
            "each" => {
                let variable = name(fields.needed("each")?, "each")?;
                let values = fields.needed("in")?.list("in")?.iter();
                let values = values
                    .map(|node| self.value(node))
                    .collect::<Result<_, _>>()?;
                self.known.insert(variable.clone());
                let steps = self.steps(fields.needed("steps")?)?;
                Act::Each {
                    variable,
                    values,
                    steps,
                }
            }
            _ => {
                let node = fields.needed("include")?;
                let variables = match fields.take("with") {
                    Some(with) => self.variables(with)?,
                    None => Vec::new(),
                };
                Act::Include(variables, self.include(node)?)
            }
        })
    }

    fn kind(&self, node: &Node) -> Result<&'static str, Problem> {
        let names = node.fields("a step")?;
        let is_there = |kind: &&&str| names.iter().any(|(name, _)| name == **kind);
        // `operator` explains other steps, too.
        let mut kinds = KINDS.iter().filter(|kind| **kind != "operator");
        let kind = kinds.find(is_there).or_else(|| {
            let mut operator = KINDS.iter().filter(|kind| **kind == "operator");
            operator.find(is_there)
        });
        kind.copied()
            .ok_or_else(|| node.problem(format!("a step has one of {}", KINDS.join(", "))))
    }

    fn optional_text(
        &self,
        fields: &mut Fields<'_>,
        name: &'static str,
    ) -> Result<Option<String>, Problem> {
        fields
            .take(name)
            .map(|node| self.text(node, name))
            .transpose()
    }

    /// A command of standard input, which is looked at now where it has no variables.
    fn command(&self, node: &Node) -> Result<String, Problem> {
        let line = self.text(node, "a command")?;
        if line.contains("${") {
            return Ok(line);
        }
        let limits = Limits {
            connectors: self.connectors,
            id_tag: self.longest_id_tag,
        };
        match command::parse(&line, limits) {
            Ok(Some(Command::Quit)) => Err(node.problem("quit: a scenario ends by itself")),
            Ok(Some(_)) => Ok(line.trim().to_owned()),
            Ok(None) => Err(node.problem("the command is empty")),
            Err(problem) => Err(node.problem(problem)),
        }
    }

    fn expectations(&mut self, nodes: &[Node]) -> Result<Vec<Expectation>, Problem> {
        let mut expectations = Vec::new();
        for node in nodes {
            let mut fields = Fields::of(node, "an expectation")?;
            let kind = self.kind(node)?;
            if !matches!(kind, "sends" | "receives" | "event") {
                return Err(node.problem("it has to be sends, receives or event"));
            }
            expectations.push(self.expectation(node, &mut fields, kind)?);
            fields.finish()?;
        }
        Ok(expectations)
    }

    fn expectation(
        &mut self,
        node: &Node,
        fields: &mut Fields<'_>,
        kind: &str,
    ) -> Result<Expectation, Problem> {
        let what = match kind {
            "sends" => {
                let action = self.action(fields.needed("sends")?)?;
                self.call(fields, Side::Station, action)?
            }
            "receives" => {
                let action = self.action(fields.needed("receives")?)?;
                self.call(fields, Side::CentralSystem, action)?
            }
            _ => {
                let node = fields.needed("event")?;
                let name = node.text("event")?;
                if name == "frame" {
                    return Err(node.problem("a frame is what sends or receives"));
                }
                if !EVENTS.contains(&name.as_str()) {
                    return Err(node.problem(format!("there is no event {name:?}")));
                }
                let with = self.with(fields)?;
                Awaited::Event { name, with }
            }
        };
        Ok(Expectation {
            place: node.place.clone(),
            what,
            within: fields.take("within").map(duration).transpose()?,
        })
    }

    /// The name of an action, or a pattern.
    fn action(&mut self, node: &Node) -> Result<String, Problem> {
        let action = self.text(node, "an action")?;
        self.pattern(node)?;
        Ok(action)
    }

    fn call(
        &mut self,
        fields: &mut Fields<'_>,
        by: Side,
        action: String,
    ) -> Result<Awaited, Problem> {
        let with = self.with(fields)?;
        let outcome = self.outcome(fields)?;
        Ok(Awaited::Call {
            by,
            action,
            with,
            outcome,
        })
    }

    fn with(&mut self, fields: &mut Fields<'_>) -> Result<Value, Problem> {
        match fields.take("with") {
            Some(node) => self.patterns(node, "with"),
            None => Ok(Value::Object(Map::new())),
        }
    }

    fn outcome(&mut self, fields: &mut Fields<'_>) -> Result<Outcome, Problem> {
        match (fields.take("answer"), fields.take("error")) {
            (Some(_), Some(error)) => Err(error.problem("answer and error exclude each other")),
            (None, Some(error)) => Ok(Outcome::Error(self.pattern(error)?)),
            (Some(node), None) => match &node.kind {
                Kind::Scalar(Value::String(text)) if text == "ignored" => Ok(Outcome::Ignored),
                _ => Ok(Outcome::Answer(self.patterns(node, "answer")?)),
            },
            (None, None) => Ok(Outcome::Answer(Value::Object(Map::new()))),
        }
    }

    /// A CALL that the central system has to be brought to, and that is awaited then.
    fn trigger(&mut self, fields: &mut Fields<'_>) -> Result<Act, Problem> {
        let action = self.text(fields.needed("trigger")?, "trigger")?;
        let payload = match fields.take("with") {
            Some(with) => self.values(with, "with")?,
            None => Value::Object(Map::new()),
        };
        let outcome = self.outcome(fields)?;
        let like = fields.take("like");
        let like = like.map(|like| self.patterns(like, "like")).transpose()?;
        let within = fields.take("within").map(duration).transpose()?;
        let text = self.optional_text(fields, "operator")?;
        let hook = self.hook_of(fields)?;
        let deed = Deed::Send {
            action,
            payload,
            like,
            outcome,
            within,
        };
        Ok(Act::Operator(Order { text, deed, hook }))
    }

    /// A request for a certificate that the central system has to answer with CertificateSigned.
    fn sign(&mut self, fields: &mut Fields<'_>) -> Result<Act, Problem> {
        let request = self.text(fields.needed("sign")?, "sign")?;
        let outcome = self.outcome(fields)?;
        let like = match fields.take("like") {
            Some(node) => self.patterns(node, "like")?,
            None => Value::Object(Map::new()),
        };
        let within = fields.take("within").map(duration).transpose()?;
        let text = self.optional_text(fields, "operator")?;
        let hook = self.hook_of(fields)?;
        let deed = Deed::Sign {
            request,
            like,
            outcome,
            within,
        };
        Ok(Act::Operator(Order { text, deed, hook }))
    }

    /// The steps of a file beside this one.
    fn include(&mut self, node: &Node) -> Result<Vec<Step>, Problem> {
        let relative = node.text("include")?;
        let folder = node.place.file.parent().unwrap_or(Path::new(""));
        let path = beside(folder, Path::new(&relative));
        if self.including.contains(&path) || self.including.len() >= MOST_INCLUDED {
            return Err(node.problem(format!("{relative} includes itself")));
        }
        let text = read(&path).map_err(|it| node.problem(format!("{relative}: {}", it.text)))?;
        let root = yaml::parse(&Arc::from(path.as_path()), &text)?;
        let mut fields = Fields::of(&root, "an included file")?;
        self.including.push(path);
        let steps = self.steps(fields.needed("steps")?)?;
        self.including.pop();
        fields.finish()?;
        Ok(steps)
    }
}

/// A path that a file in `folder` names, without `..` as far as that can be.
fn beside(folder: &Path, relative: &Path) -> PathBuf {
    let mut path = folder.to_path_buf();
    for part in relative.components() {
        let is_above = part == Component::ParentDir;
        let goes_up =
            is_above && matches!(path.components().next_back(), Some(Component::Normal(_)));
        match goes_up {
            true => {
                path.pop();
            }
            false => path.push(part),
        }
    }
    path
}
