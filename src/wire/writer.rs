//! JSON written straight into a transmit buffer.
//!
//! The writer never stops half way through: what does not fit sets [`Writer::overflowed`], and
//! the caller rewinds to a [`Writer::mark`] or gives the message up.

use super::{Json, UnixMillis, copy, number::Digits, timestamp};

/// Writes ASCII JSON: text leaves with `\uXXXX` for everything else.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
    overflowed: bool,
}

/// A position to which a [`Writer`] can be rewound.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl<'b> Writer<'b> {
    /// Writes from the start of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            buffer,
            length: 0,
            overflowed: false,
        }
    }

    /// Bytes written.
    pub fn len(&self) -> usize {
        self.length
    }

    /// True while nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// True when something did not fit since the last rewind.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Bytes left.
    pub fn room(&self) -> usize {
        self.buffer.len() - self.length
    }

    /// The place to come back to when what follows does not fit.
    pub fn mark(&self) -> Mark {
        Mark(self.length)
    }

    /// Forgets everything written since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.length = mark.0;
        self.overflowed = false;
    }

    /// Writes `text` as it is.
    pub fn raw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes ASCII as it is.
    pub fn ascii(&mut self, text: &[u8]) {
        self.bytes(text);
    }

    /// `{`, with a comma before it inside a list.
    pub fn begin_object(&mut self) {
        self.separate();
        self.byte(b'{');
    }

    /// `}`
    pub fn end_object(&mut self) {
        self.byte(b'}');
    }

    /// `"name":{`
    pub fn begin_object_field(&mut self, name: &str) {
        self.name(name);
        self.byte(b'{');
    }

    /// `"name":[`
    pub fn begin_list(&mut self, name: &str) {
        self.name(name);
        self.byte(b'[');
    }

    /// `]`
    pub fn end_list(&mut self) {
        self.byte(b']');
    }

    /// `"name":"value"`, the value escaped.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value.chars());
    }

    /// [`Writer::text`], when there is a value.
    pub fn optional_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// `"name":"value"` for a value from a table, which needs no escapes.
    pub fn word(&mut self, name: &str, value: &'static str) {
        self.name(name);
        self.byte(b'"');
        self.bytes(value.as_bytes());
        self.byte(b'"');
    }

    /// A string in a list.
    pub fn element(&mut self, characters: impl Iterator<Item = char>) {
        self.separate();
        self.quoted(characters);
    }

    /// `"name":-12`
    pub fn integer(&mut self, name: &str, value: i64) {
        self.name(name);
        self.bytes(Digits::decimal(value, 0).as_bytes());
    }

    /// `"name":"-1.5"`: numbers in `sampledValue` are strings.
    pub fn decimal_text(&mut self, name: &str, value: i64, decimals: u32) {
        self.name(name);
        self.byte(b'"');
        self.bytes(Digits::decimal(value, decimals).as_bytes());
        self.byte(b'"');
    }

    /// `"name":-1.5`
    pub fn decimal(&mut self, name: &str, value: i64, decimals: u32) {
        self.name(name);
        self.bytes(Digits::decimal(value, decimals).as_bytes());
    }

    /// `"name":"value"` for characters that may need escapes.
    pub fn characters(&mut self, name: &str, characters: impl Iterator<Item = char>) {
        self.name(name);
        self.quoted(characters);
    }

    /// `"name":value` for JSON as it arrived.
    pub fn json(&mut self, name: &str, value: Json<'_>) {
        self.name(name);
        self.raw(value.as_str());
    }

    /// `"name":true`
    pub fn boolean(&mut self, name: &str, value: bool) {
        self.name(name);
        self.raw(if value { "true" } else { "false" });
    }

    /// `"name":"2026-01-01T00:00:05.000Z"`
    pub fn time(&mut self, name: &str, value: UnixMillis) {
        self.name(name);
        self.byte(b'"');
        self.bytes(&timestamp::format(value));
        self.byte(b'"');
    }

    /// `2026-01-01T00:00:05.000Z`, in a string that was begun with [`Writer::begin_open_text`].
    pub fn timestamp(&mut self, value: UnixMillis) {
        self.bytes(&timestamp::format(value));
    }

    /// `"name":"`, to be followed by [`Writer::raw`] or [`Writer::escaped`] and [`Writer::end_open_text`].
    pub fn begin_open_text(&mut self, name: &str) {
        self.name(name);
        self.byte(b'"');
    }

    /// `"`
    pub fn end_open_text(&mut self) {
        self.byte(b'"');
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.byte(b'"');
        self.bytes(name.as_bytes());
        self.bytes(b"\":");
    }

    /// A comma, unless this is the first thing in an object, list or frame.
    fn separate(&mut self) {
        let last = self
            .length
            .checked_sub(1)
            .and_then(|at| self.buffer.get(at));
        if !matches!(last, None | Some(b'{' | b'[' | b',' | b':')) {
            self.byte(b',');
        }
    }

    fn quoted(&mut self, characters: impl Iterator<Item = char>) {
        self.byte(b'"');
        self.escaped(characters);
        self.byte(b'"');
    }

    /// Part of a string that was begun with [`Writer::begin_open_text`], escaped.
    pub fn escaped(&mut self, characters: impl Iterator<Item = char>) {
        for c in characters {
            match c {
                '"' => self.bytes(b"\\\""),
                '\\' => self.bytes(b"\\\\"),
                ' '..='~' => self.byte(c as u8),
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.unit(*unit);
                    }
                }
            }
        }
    }

    fn unit(&mut self, unit: u16) {
        let mut escape = *b"\\u0000";
        let mut rest = unit;
        for place in escape.iter_mut().skip(2).rev() {
            let digit = (rest & 0xf) as u8;
            *place = if digit < 10 {
                b'0' + digit
            } else {
                b'a' + digit - 10
            };
            rest >>= 4;
        }
        self.bytes(&escape);
    }

    fn byte(&mut self, byte: u8) {
        match self.buffer.get_mut(self.length) {
            Some(place) => {
                *place = byte;
                self.length += 1;
            }
            None => self.overflowed = true,
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match self
            .buffer
            .get_mut(self.length..)
            .and_then(|rest| rest.get_mut(..bytes.len()))
        {
            Some(place) => {
                copy(place, bytes);
                self.length += bytes.len();
            }
            None => self.overflowed = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(length: usize, write: impl FnOnce(&mut Writer<'_>)) -> (String, bool) {
        let mut buffer = vec![0; length];
        let mut w = Writer::new(&mut buffer);
        write(&mut w);
        let (length, overflowed) = (w.len(), w.overflowed());
        let text = core::str::from_utf8(&buffer[..length]).unwrap();
        (text.to_owned(), overflowed)
    }

    #[test]
    fn puts_commas_where_they_belong() {
        let (text, overflowed) = written(200, |w| {
            w.begin_object();
            w.integer("a", -1);
            w.begin_list("b");
            w.begin_object();
            w.boolean("c", true);
            w.end_object();
            w.begin_object();
            w.end_object();
            w.element("x".chars());
            w.end_list();
            w.decimal_text("d", 1500, 3);
            w.time("e", 0);
            w.end_object();
        });
        let expected =
            r#"{"a":-1,"b":[{"c":true},{},"x"],"d":"1.5","e":"1970-01-01T00:00:00.000Z"}"#;
        assert_eq!((text.as_str(), overflowed), (expected, false));
    }

    #[test]
    fn escapes_text() {
        let (text, _) = written(100, |w| w.text("t", "a\"\\\n\u{7f}é😀"));
        assert_eq!(text, r#""t":"a\"\\\u000a\u007f\u00e9\ud83d\ude00""#);
    }

    #[test]
    fn says_when_something_does_not_fit() {
        let (text, overflowed) = written(8, |w| {
            w.begin_object();
            let mark = w.mark();
            w.text("long", "too long");
            assert!(w.overflowed());
            w.rewind(mark);
            w.integer("a", 1);
            w.end_object();
        });
        assert_eq!((text.as_str(), overflowed), (r#"{"a":1}"#, false));
    }
}
