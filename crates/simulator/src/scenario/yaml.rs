//! YAML with the line of each value, so that a mistake can be pointed at.
//!
//! Of YAML 1.2 a scenario needs mappings, lists and scalars of the core schema; anchors, tags and several
//! documents are refused, and so is a key that is there twice.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

/// Values in values: more is a mistake, and the parser's own stack is finite.
const DEEPEST: usize = 32;

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<Path>,
    /// From 1.
    pub line: usize,
}

impl Place {
    pub fn problem(&self, text: impl Into<String>) -> Problem {
        Problem {
            file: self.file.to_path_buf(),
            line: Some(self.line),
            text: text.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// A mistake in a file, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    pub line: Option<usize>,
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.text)
    }
}

/// A value and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    List(Vec<Node>),
    /// In the order of the file.
    Fields(Vec<(String, Node)>),
}

impl Node {
    /// The value as JSON.
    pub fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(nodes) => nodes.iter().map(Node::value).collect(),
            Kind::Fields(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(name, node)| (name.clone(), node.value()));
                Value::Object(fields.collect::<Map<_, _>>())
            }
        }
    }

    pub fn problem(&self, text: impl Into<String>) -> Problem {
        self.place.problem(text)
    }

    /// A text; a number is one as well where a text is wanted.
    pub fn text(&self, what: &str) -> Result<String, Problem> {
        match &self.kind {
            Kind::Scalar(Value::String(text)) => Ok(text.clone()),
            Kind::Scalar(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(self.problem(format!("{what} has to be a text"))),
        }
    }

    pub fn boolean(&self, what: &str) -> Result<bool, Problem> {
        match &self.kind {
            Kind::Scalar(Value::Bool(value)) => Ok(*value),
            _ => Err(self.problem(format!("{what} has to be true or false"))),
        }
    }

    pub fn number(&self, what: &str) -> Result<f64, Problem> {
        match &self.kind {
            Kind::Scalar(Value::Number(number)) => number.as_f64(),
            _ => None,
        }
        .ok_or_else(|| self.problem(format!("{what} has to be a number")))
    }

    pub fn list(&self, what: &str) -> Result<&[Node], Problem> {
        match &self.kind {
            Kind::List(nodes) => Ok(nodes),
            _ => Err(self.problem(format!("{what} has to be a list"))),
        }
    }

    pub fn fields(&self, what: &str) -> Result<&[(String, Node)], Problem> {
        match &self.kind {
            Kind::Fields(fields) => Ok(fields),
            _ => Err(self.problem(format!("{what} has to be a mapping"))),
        }
    }
}

/// The one document of a file.
pub fn parse(file: &Arc<Path>, text: &str) -> Result<Node, Problem> {
    let mut composer = Composer {
        file,
        parser: Parser::new_from_str(text),
    };
    composer.document()
}

struct Composer<'a> {
    file: &'a Arc<Path>,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Composer<'a> {
    fn document(&mut self) -> Result<Node, Problem> {
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd => return Err(place.problem("the file is empty")),
                event => {
                    let node = self.node(event, place, 0)?;
                    return self.end().map(|()| node);
                }
            }
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::DocumentEnd | Event::Nothing => {}
                Event::StreamEnd => return Ok(()),
                _ => return Err(place.problem("a file has one document")),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Place), Problem> {
        match self.parser.next() {
            Some(Ok((event, span))) => Ok((event, self.place(&span))),
            Some(Err(error)) => {
                let place = Place {
                    file: Arc::clone(self.file),
                    line: error.marker().line(),
                };
                Err(place.problem(format!("this is not YAML: {}", error.info())))
            }
            None => Ok((
                Event::StreamEnd,
                Place {
                    file: Arc::clone(self.file),
                    line: 1,
                },
            )),
        }
    }

    fn place(&self, span: &Span) -> Place {
        Place {
            file: Arc::clone(self.file),
            line: span.start.line(),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, Problem> {
        if depth > DEEPEST {
            return Err(place.problem("values are nested too deeply"));
        }
        let kind = match event {
            Event::Scalar(text, style, 0, None) => Kind::Scalar(scalar(&text, style)),
            Event::SequenceStart(0, None) => {
                let mut nodes = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Kind::List(nodes),
                        (event, place) => nodes.push(self.node(event, place, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(0, None) => self.mapping(depth)?,
            Event::Alias(_) => return Err(place.problem("aliases are not taken")),
            _ => return Err(place.problem("anchors and tags are not taken")),
        };
        Ok(Node { place, kind })
    }

    fn mapping(&mut self, depth: usize) -> Result<Kind, Problem> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            let name = match event {
                Event::MappingEnd => return Ok(Kind::Fields(fields)),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(place.problem("a key has to be a text")),
            };
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(place.problem(format!("{name} is there twice")));
            }
            let (event, place) = self.next()?;
            fields.push((name, self.node(event, place, depth + 1)?));
        }
    }
}

/// YAML 1.2, 10.3: the core schema, without octal and hexadecimal numbers.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Value::from(integer);
    }
    // Rust takes inf and nan as well.
    let is_decimal = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number = text.parse::<f64>().ok().filter(|_| is_decimal);
    match number.and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => Value::String(text.to_owned()),
    }
}

/// The fields of a mapping, of which each is asked for once.
pub struct Fields<'n> {
    what: &'static str,
    place: &'n Place,
    left: Vec<&'n (String, Node)>,
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub fn of(node: &'n Node, what: &'static str) -> Result<Self, Problem> {
        Ok(Self {
            what,
            place: &node.place,
            left: node.fields(what)?.iter().collect(),
            known: Vec::new(),
        })
    }

    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.known.push(name);
        let at = self.left.iter().position(|(known, _)| known == name)?;
        Some(&self.left.remove(at).1)
    }

    pub fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        self.take(name).map(|node| node.boolean(name)).transpose()
    }

    pub fn needed(&mut self, name: &'static str) -> Result<&'n Node, Problem> {
        let problem = self.place.problem(format!("{} needs {name}", self.what));
        self.take(name).ok_or(problem)
    }

    /// What is left over is a mistake.
    pub fn finish(self) -> Result<(), Problem> {
        match self.left.first() {
            None => Ok(()),
            Some((name, node)) => {
                let known = self.known.join(", ");
                let what = self.what;
                Err(node.problem(format!("{what} has no {name:?}; it has {known}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Node, Problem> {
        parse(&Arc::from(Path::new("a.yaml")), text)
    }

    #[test]
    fn values_have_the_types_of_the_core_schema() {
        let text =
            "a: 1\nb: 1.5\nc: 04A1\nd: 'yes'\ne: true\nf: yes\ng: [~, -3, \"2\"]\nh: {i: x}\n";
        let expected = json!({"a": 1, "b": 1.5, "c": "04A1", "d": "yes", "e": true, "f": "yes",
                              "g": [null, -3, "2"], "h": {"i": "x"}});
        assert_eq!(read(text).unwrap().value(), expected);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let node = read("a: 1\nb:\n  - x\n  - y\n").unwrap();
        let fields = node.fields("").unwrap();
        assert_eq!(fields[1].1.list("").unwrap()[1].place.line, 4);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line, said) in [
            ("a: 1\na: 2\n", 2, "a is there twice"),
            ("a: &x 1\n", 1, "anchors"),
            ("a: !t 1\n", 1, "tags"),
            ("a: 1\n---\nb: 2\n", 2, "one document"),
            ("a: [1\n", 2, "not YAML"),
            ("", 1, "empty"),
            ("? [a]\n: 1\n", 1, "key"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.text.contains(said), "{text:?}: {problem}");
            assert_eq!(problem.line, Some(line), "{text:?}: {problem}");
            assert!(!problem.to_string().contains('\n'), "{problem}");
        }
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(read(&deep).unwrap_err().text.contains("deeply"));
    }
}
