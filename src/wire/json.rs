//! Bounded JSON, read where it lies.
//!
//! A [`Scanner`] checks while it reads, so that a message is looked through once. What it gives
//! out as [`Json`] has been checked, without recursion, and everything read of that afterwards
//! (elements, text) trusts it.

mod check;
mod skip;

use core::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use super::Text;
use skip::{flat_list_end, list_end, plain_until, short_integer, skip_space, skip_value};

/// Objects and lists inside each other that are still read; OCPP 1.6 needs seven.
pub const MAX_DEPTH: u32 = 32;

/// Why some bytes are not a JSON value that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub enum Unreadable {
    /// Not JSON (RFC 8259).
    Syntax,
    /// More than [`MAX_DEPTH`] objects and lists inside each other.
    TooDeep,
}

impl Display for Unreadable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => f.write_str("it is not JSON"),
            Self::TooDeep => write!(f, "it is nested deeper than {MAX_DEPTH} values"),
        }
    }
}

impl Error for Unreadable {}

/// One checked JSON value, without white space around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The text of a string value, with its escapes still in it.
    pub fn text(self) -> Option<Text<'a>> {
        let escaped = self.0.strip_suffix('"')?;
        let inner = escaped.strip_prefix('"')?;
        // Of what ends plain text, a string that was checked holds only escapes.
        let plain = plain_until(inner.as_bytes(), 0) == inner.len();
        Some(Text::new(if plain { inner } else { escaped }))
    }

    /// The value as it stands in the frame.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// True for a number.
    pub fn is_number(self) -> bool {
        matches!(self.first(), b'-' | b'0'..=b'9')
    }

    /// True for an object.
    pub fn is_object(self) -> bool {
        self.first() == b'{'
    }

    /// True for a list.
    pub fn is_list(self) -> bool {
        self.first() == b'['
    }

    /// True for a list without elements.
    pub fn is_empty_list(self) -> bool {
        self.is_list() && self.elements().next().is_none()
    }

    /// True for what stands for an object without members: `null`, where a frame has no payload
    /// (OCPP-J 1.6, 4.2.1 and 4.2.2), and `[]`, as PHP writes it.
    pub fn is_void(self) -> bool {
        self.0 == "null" || self.is_empty_list()
    }

    /// Values of a list; nothing for any other value.
    pub fn elements(self) -> Elements<'a> {
        Elements(Walk::new(self))
    }

    fn first(self) -> u8 {
        self.0.as_bytes().first().copied().unwrap_or(0)
    }
}

/// Reads JSON and checks it on the way.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Reads `source` from that byte on.
    pub fn new(source: &'a str, at: usize) -> Self {
        Self { source, at }
    }

    /// How far it has read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Reads again from a position that it has been at.
    pub fn go_back_to(&mut self, position: usize) {
        self.at = position;
    }

    /// True when nothing comes any more but white space.
    pub fn is_at_end(&mut self) -> bool {
        self.at = skip_space(self.source.as_bytes(), self.at);
        self.at == self.source.len()
    }

    /// The first byte of what comes next, behind any white space; 0 at the end.
    pub fn peek(&mut self) -> u8 {
        let next = self.byte();
        // Nearly all frames are without white space.
        if next > b' ' {
            return next;
        }
        self.at = skip_space(self.source.as_bytes(), self.at);
        self.byte()
    }

    fn byte(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Passes over this byte, when it is what comes next.
    pub fn take(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != byte {
            return Err(Unreadable::Syntax);
        }
        self.at += 1;
        Ok(())
    }

    /// A string.
    pub fn text(&mut self) -> Result<Text<'a>, Unreadable> {
        match self.peek() {
            b'"' => self.text_ahead(),
            _ => Err(Unreadable::Syntax),
        }
    }

    /// A string whose quotation mark [`Scanner::peek`] has just seen.
    pub fn text_ahead(&mut self) -> Result<Text<'a>, Unreadable> {
        let (start, end) = (
            self.at + 1,
            plain_until(self.source.as_bytes(), self.at + 1),
        );
        if self.source.as_bytes().get(end) != Some(&b'"') {
            return self.escaped_text(end);
        }
        self.at = end + 1;
        let text = self.source.get(start..end);
        text.map(Text::new).ok_or(Unreadable::Syntax)
    }

    /// A string of which the beginning, up to there, is plain.
    #[cold]
    fn escaped_text(&mut self, plain_end: usize) -> Result<Text<'a>, Unreadable> {
        let start = self.at;
        self.at = check::string(self.source.as_bytes(), plain_end)?;
        let text = self.source.get(start..self.at - 1);
        text.map(Text::new).ok_or(Unreadable::Syntax)
    }

    /// Any value.
    pub fn value(&mut self) -> Result<Json<'a>, Unreadable> {
        let bytes = self.source.as_bytes();
        let start = skip_space(bytes, self.at);
        self.at = match bytes.get(start) {
            Some(b'"') => check::string(bytes, start + 1)?,
            _ => check::value(bytes, start)?,
        };
        let value = self.source.get(start..self.at);
        value.map(Json).ok_or(Unreadable::Syntax)
    }

    /// True where the next member of an object has that name, without escapes and white space: its name is
    /// passed over then.
    pub fn takes_member(&mut self, first: bool, name: &str) -> bool {
        let rest = self.source.as_bytes().get(self.at..).unwrap_or_default();
        let rest = match (first, rest) {
            (true, rest) => Some(rest),
            (false, [b',', rest @ ..]) => Some(rest),
            _ => None,
        };
        let after = rest
            .and_then(|rest| rest.strip_prefix(b"\""))
            .and_then(|rest| rest.strip_prefix(name.as_bytes()))
            .and_then(|rest| rest.strip_prefix(b"\":"));
        if let Some(after) = after {
            self.at = self.source.len() - after.len();
        }
        after.is_some()
    }

    /// A whole number of a few digits, as nearly all are; nothing is read where something else comes.
    pub fn short_integer(&mut self) -> Option<i64> {
        self.peek();
        let bytes = self.source.as_bytes().get(self.at..)?;
        let (value, rest) = short_integer(bytes)?;
        self.end_number(value, rest)
    }

    /// A number of a few digits with at most one of them behind the point, in tenths; nothing is read
    /// where something else comes.
    pub fn short_tenths(&mut self) -> Option<i64> {
        self.peek();
        let bytes = self.source.as_bytes().get(self.at..)?;
        let (value, rest) = short_integer(bytes)?;
        match rest {
            [b'.', tenth @ b'0'..=b'9', rest @ ..] => {
                self.end_number(value * 10 + i64::from(tenth - b'0'), rest)
            }
            rest => self.end_number(value * 10, rest),
        }
    }

    fn end_number(&mut self, value: i64, rest: &[u8]) -> Option<i64> {
        let is_end = matches!(rest, [b',' | b'}' | b']' | b' ', ..]);
        is_end.then(|| {
            self.at = self.source.len() - rest.len();
            value
        })
    }

    /// A list that is read once more, and checked then: up to the bracket that seems to end it.
    pub fn unchecked_list(&mut self) -> Result<Json<'a>, Unreadable> {
        if self.peek() != b'[' {
            return Err(Unreadable::Syntax);
        }
        let (bytes, start) = (self.source.as_bytes(), self.at);
        self.at = flat_list_end(bytes, start).unwrap_or_else(|| list_end(bytes, start));
        let list = self.source.get(start..self.at);
        list.filter(|list| list.ends_with(']'))
            .map(Json)
            .ok_or(Unreadable::Syntax)
    }

    /// The name of the next member of an object, whose `{` has been passed over; nothing, and
    /// its `}` is passed over as well, at its end.
    pub fn member(&mut self, first: bool) -> Result<Option<Text<'a>>, Unreadable> {
        match self.peek() {
            b'}' => {
                self.at += 1;
                return Ok(None);
            }
            b',' if !first => self.at += 1,
            _ if first => {}
            _ => return Err(Unreadable::Syntax),
        }
        let name = self.text()?;
        self.take(b':')?;
        Ok(Some(name))
    }
}

/// Iterator over the elements of a list.
#[derive(Clone, Debug)]
pub struct Elements<'a>(Walk<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.value()
    }
}

/// Position inside a list whose syntax has been checked.
#[derive(Clone, Debug)]
struct Walk<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    fn new(json: Json<'a>) -> Self {
        let source = if json.is_list() { json.0 } else { "" };
        Self { source, at: 1 }
    }

    /// The next value, after any white space and comma.
    fn value(&mut self) -> Option<Json<'a>> {
        let bytes = self.source.as_bytes();
        while matches!(bytes.get(self.at)?, b' ' | b'\t' | b'\n' | b'\r' | b',') {
            self.at += 1;
        }
        let start = self.at;
        self.at = skip_value(bytes, start);
        // The closing bracket of the list itself is no value.
        let value = self.source.get(start..self.at)?;
        if value.is_empty() {
            None
        } else {
            Some(Json(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(source: &str) -> Result<Json<'_>, Unreadable> {
        let mut scanner = Scanner::new(source, 0);
        let value = scanner.value()?;
        scanner
            .is_at_end()
            .then_some(value)
            .ok_or(Unreadable::Syntax)
    }

    #[test]
    fn accepts_what_rfc_8259_allows() {
        for source in [
            "0",
            "-0.5e+10",
            "1E5",
            "true",
            " null ",
            r#""""#,
            r#""\u00e9\"\\\/""#,
            "[]",
            "{}",
            "[ 1 , [ ] , { } ]",
            r#"{"a":{"b":[1,2,{"c":null}]},"d":"x"}"#,
        ] {
            assert!(whole(source).is_ok(), "{source}");
        }
    }

    #[test]
    fn plain_text_ends_at_the_first_byte_that_is_not() {
        for length in 0..20 {
            for end in [b'"', b'\\', 0x1f, 0] {
                let mut bytes = "aé~ \u{7f}\u{80}😀".repeat(4).into_bytes();
                bytes.truncate(length);
                assert_eq!(plain_until(&bytes, 0), length);
                bytes.extend([end, b'a', b'"', b'\\', 0]);
                assert_eq!(plain_until(&bytes, 0), length);
            }
        }
    }

    #[test]
    fn refuses_what_is_not_json() {
        for source in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "tru",
            "nul",
            "'a'",
            "\"a",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[1}",
            "{\"a\":1]",
            "{\"a\":1 \"b\":2}",
            "{1:2}",
            "NaN",
            "[1]]",
        ] {
            assert_eq!(whole(source), Err(Unreadable::Syntax), "{source}");
        }
    }

    #[test]
    fn bounds_the_depth() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(whole(&nested(MAX_DEPTH as usize)).is_ok());
        assert_eq!(
            whole(&nested(MAX_DEPTH as usize + 1)),
            Err(Unreadable::TooDeep)
        );
        assert_eq!(whole(&nested(100_000)), Err(Unreadable::TooDeep));
    }

    #[test]
    fn finds_the_end_of_a_list_before_it_is_checked() {
        for (list, behind) in [
            ("[]", ""),
            ("[ ]", ",1"),
            (r#"[{"a":1},{"b":2.5}]"#, r#","more":[1]}"#),
            (r#"[{"Y_":1} , {"b":[2,[3]]} ]"#, "]"),
            (r#"[{"a":"]"}]"#, "}"),
            (r#"[{"a":"\"]"}]"#, "}"),
            ("[1,2]", "]"),
        ] {
            let source = format!("{list}{behind}");
            let mut scanner = Scanner::new(&source, 0);
            assert_eq!(scanner.unchecked_list(), Ok(Json(list)), "{source}");
            assert_eq!(scanner.position(), list.len());
        }
        for source in ["", "{}", "[", "[1", r#"[{"a":[}"#] {
            let mut scanner = Scanner::new(source, 0);
            assert!(scanner.unchecked_list().is_err(), "{source}");
        }
    }

    #[test]
    fn reads_usual_numbers_and_nothing_else() {
        for (source, integer, tenths) in [
            ("0,", Some(0), Some(0)),
            (" 7]", Some(7), Some(70)),
            ("16.5}", None, Some(165)),
            ("16.0 }", None, Some(160)),
            ("16.55,", None, None),
            ("-1,", None, None),
            ("01,", None, None),
            ("1.,", None, None),
            (".5,", None, None),
            ("1e5,", None, None),
            ("1", None, None),
            ("1x,", None, None),
            (
                "99999999999999999,",
                Some(99_999_999_999_999_999),
                Some(999_999_999_999_999_990),
            ),
            ("100000000000000000,", None, None),
            (r#""1","#, None, None),
        ] {
            let scanner = || Scanner::new(source, 0);
            assert_eq!(scanner().short_integer(), integer, "{source}");
            assert_eq!(scanner().short_tenths(), tenths, "{source}");
        }
    }

    #[test]
    fn walks_members_and_elements() {
        let source = r#" { "a" : [ 1 , "]" , {"x":"}"} ] , "b" : -2.5 } "#;
        let mut scanner = Scanner::new(source, 0);
        scanner.take(b'{').unwrap();
        let mut member = |first| -> Result<_, Unreadable> {
            let name = scanner.member(first)?.and_then(Text::plain);
            name.map(|name| Ok((name, scanner.value()?))).transpose()
        };
        let (name, list) = member(true).unwrap().unwrap();
        assert_eq!((name, list.as_str()), ("a", r#"[ 1 , "]" , {"x":"}"} ]"#));
        let (name, value) = member(false).unwrap().unwrap();
        assert_eq!((name, value.as_str()), ("b", "-2.5"));
        assert_eq!(member(false), Ok(None));
        let elements: Vec<_> = list.elements().map(Json::as_str).collect();
        assert_eq!(elements, ["1", r#""]""#, r#"{"x":"}"}"#]);
        assert_eq!(value.elements().count(), 0);
        assert_eq!(whole("[]").unwrap().elements().count(), 0);
        assert_eq!(whole("[[],[]]").unwrap().elements().count(), 2);
    }

    #[test]
    fn members_that_are_none_are_refused() {
        for source in [
            "",
            ",",
            r#","a":1"#,
            r#""a""#,
            r#""a" 1"#,
            "a:1",
            "1:1",
            r#""a"#,
        ] {
            let mut scanner = Scanner::new(source, 0);
            assert_eq!(scanner.member(true), Err(Unreadable::Syntax), "{source}");
        }
        for source in [r#""a":1"#, ",}", ",1"] {
            let mut scanner = Scanner::new(source, 0);
            assert_eq!(scanner.member(false), Err(Unreadable::Syntax), "{source}");
        }
    }
}
