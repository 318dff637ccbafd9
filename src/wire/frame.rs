//! OCPP-J frames (OCPP-J 1.6, 4): what is a CALL, a CALLRESULT, a CALLERROR.

use core::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use super::{
    Json, Text, Writer,
    json::{Scanner, Unreadable},
    number,
};

/// Longest message id, in characters (OCPP-J 1.6, 4.1.4).
pub const ID_LENGTH: usize = 36;

/// Why a CALL could not be carried out (OCPP-J 1.6, 4.2.3; the spelling is the specification's).
///
/// A word wide, because it travels with words: one with gaps takes more code to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ErrorCode {
    /// The action is not known.
    NotImplemented,
    /// The action is known but not supported.
    NotSupported,
    /// Something went wrong here.
    InternalError,
    /// The payload is incomplete.
    ProtocolError,
    /// A security issue.
    SecurityError,
    /// The payload does not have the structure of the action.
    FormationViolation,
    /// A field has a value out of its range.
    PropertyConstraintViolation,
    /// A list has too few or too many elements.
    OccurenceConstraintViolation,
    /// A field has the wrong data type.
    TypeConstraintViolation,
    /// Anything else.
    GenericError,
}

impl ErrorCode {
    const NAMES: [(Self, &'static str); 10] = [
        (Self::NotImplemented, "NotImplemented"),
        (Self::NotSupported, "NotSupported"),
        (Self::InternalError, "InternalError"),
        (Self::ProtocolError, "ProtocolError"),
        (Self::SecurityError, "SecurityError"),
        (Self::FormationViolation, "FormationViolation"),
        (
            Self::PropertyConstraintViolation,
            "PropertyConstraintViolation",
        ),
        (
            Self::OccurenceConstraintViolation,
            "OccurenceConstraintViolation",
        ),
        (Self::TypeConstraintViolation, "TypeConstraintViolation"),
        (Self::GenericError, "GenericError"),
    ];

    /// The name in a frame.
    pub fn as_str(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(code, _)| *code == self);
        found.map_or("GenericError", |(_, name)| name)
    }

    /// The code a peer named; a name that OCPP 1.6 does not have reads as `GenericError`.
    pub fn from_text(text: Text<'_>) -> Self {
        let found = Self::NAMES.iter().find(|(_, name)| text.is(name));
        found.map_or(Self::GenericError, |(code, _)| *code)
    }
}

impl Display for ErrorCode {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A frame that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// `[2,id,action,payload]`
    Call {
        /// Message id, as [`begin_result`] takes it.
        id: &'a str,
        /// What is asked for.
        action: Text<'a>,
        /// Its arguments.
        payload: Payload<'a>,
    },
    /// `[3,id,payload]`
    Result {
        /// Message id of the CALL it answers.
        id: Text<'a>,
        /// What it says.
        payload: Payload<'a>,
    },
    /// `[4,id,code,description,details]`
    Error {
        /// Message id of the CALL it answers.
        id: Text<'a>,
        /// Why the CALL failed.
        code: ErrorCode,
    },
    /// A CALL whose id can be read but whose rest has not the form of one: answer
    /// `FormationViolation`.
    BadCall {
        /// Message id, as [`error`] takes it.
        id: &'a str,
    },
    /// A CALLRESULT or CALLERROR whose id can be read but whose rest has not the form of one:
    /// what it answers has failed.
    BadAnswer {
        /// Message id of the CALL it answers.
        id: Text<'a>,
    },
}

/// Why a frame gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// Not JSON in UTF-8, or not a list.
    NotJson,
    /// No message type number that OCPP 1.6 knows (OCPP-J 1.6, 4.1.3: ignored).
    UnknownType,
    /// No id that could be answered to.
    NoId,
    /// A CALLRESULT or CALLERROR without the form of one, to no CALL that waits.
    BadAnswer,
    /// A CALLRESULT or CALLERROR with an id that no CALL waits for.
    Unexpected,
    /// A CALL that arrived while the central system has rejected the charge point (4.2).
    Rejected,
}

impl Display for Dropped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "it is no list in JSON",
            Self::UnknownType => "its message type is not known",
            Self::NoId => "it has no message id that can be answered to",
            Self::BadAnswer => "it is not a complete answer, and no CALL has its message id",
            Self::Unexpected => "no CALL waits for this answer",
            Self::Rejected => "the central system has rejected this charge point",
        })
    }
}

impl Error for Dropped {}

/// The object that a CALL or a CALLRESULT carries, which is checked while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// The whole frame, or the object alone.
    source: &'a str,
    at: usize,
    checked: bool,
    exact: bool,
}

impl<'a> Payload<'a> {
    /// The same payload, to be read to the letter of its table if `exact`.
    pub fn exact(self, exact: bool) -> Self {
        Self { exact, ..self }
    }

    /// True when nothing in it is forgiven.
    pub fn is_exact(self) -> bool {
        self.exact
    }

    /// A reader of it.
    pub fn scanner(self) -> Scanner<'a> {
        Scanner::new(self.source, self.at)
    }

    /// True when nothing is left of the frame but its end.
    pub fn is_read(self, mut scanner: Scanner<'a>) -> bool {
        (self.checked || scanner.take(b']').is_ok()) && scanner.is_at_end()
    }

    /// For a payload that could not be read: the frame is sound and the fault is in what it
    /// says, or this is what the frame is instead.
    pub fn check(self) -> Result<(), Result<Frame<'a>, Dropped>> {
        if self.checked {
            return Ok(());
        }
        match Frame::parse_any(self.source) {
            Ok(Frame::Call { .. } | Frame::Result { .. }) => Ok(()),
            other => Err(other),
        }
    }
}

impl<'a> From<Json<'a>> for Payload<'a> {
    fn from(json: Json<'a>) -> Self {
        Self {
            source: json.as_str(),
            at: 0,
            checked: true,
            exact: false,
        }
    }
}

impl<'a> Frame<'a> {
    /// Reads a frame; a [`Payload`] in it has to be looked at to the end as well.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Dropped> {
        let Ok(source) = core::str::from_utf8(bytes) else {
            return Self::parse_broken(bytes);
        };
        match Self::parse_usual(source) {
            Ok(Some(frame)) => Ok(frame),
            _ => Self::parse_any(source),
        }
    }

    /// What is not JSON gets no answer. If it is one, its CALL gets no other.
    #[cold]
    fn parse_broken(bytes: &'a [u8]) -> Result<Self, Dropped> {
        match Self::parse_beginning(bytes) {
            Ok(answer @ Self::BadAnswer { .. }) => Ok(answer),
            _ => Err(Dropped::NotJson),
        }
    }

    /// A CALL or a CALLRESULT up to its payload; nothing for what needs a second look.
    fn parse_usual(source: &'a str) -> Result<Option<Self>, Unreadable> {
        let [b'[', kind @ (b'2' | b'3'), b',', ..] = *source.as_bytes() else {
            return Ok(None);
        };
        let mut scanner = Scanner::new(source, 3);
        if scanner.peek() != b'"' {
            return Ok(None);
        }
        let start = scanner.position();
        let id = scanner.text_ahead()?;
        let raw_id = source.get(start..scanner.position());
        let action = match kind {
            b'2' => {
                scanner.take(b',')?;
                raw_id.zip(Some(scanner.text()?))
            }
            _ => None,
        };
        scanner.take(b',')?;
        if scanner.peek() != b'{' || id.is_longer_than(ID_LENGTH) {
            return Ok(None);
        }
        let payload = Payload {
            source,
            at: scanner.position(),
            checked: false,
            exact: false,
        };
        Ok(Some(match action {
            Some((id, action)) => Self::Call {
                id,
                action,
                payload,
            },
            None => Self::Result { id, payload },
        }))
    }

    /// Reads a whole frame, whatever is wrong with it.
    fn parse_any(source: &'a str) -> Result<Self, Dropped> {
        let mut list = List::open(source).ok_or(Dropped::NotJson)?;
        let mut elements = [None; 5];
        let mut count = 0;
        let ended = loop {
            match list.next() {
                Ok(Some(json)) => {
                    if let Some(place) = elements.get_mut(count) {
                        *place = Some(json);
                    }
                    count += 1;
                }
                Ok(None) => break Ok(()),
                Err(unreadable) => break Err(unreadable),
            }
        };
        if ended == Err(Unreadable::Syntax) {
            return Self::parse_broken(source.as_bytes());
        }
        Self::from_elements(&elements, count, ended.is_ok())
    }

    /// Reads the beginning of a frame that was too long to be received: a CALL gets its answer
    /// even then.
    pub fn parse_beginning(bytes: &'a [u8]) -> Result<Self, Dropped> {
        let source = match core::str::from_utf8(bytes) {
            Ok(source) => source,
            Err(error) => bytes
                .get(..error.valid_up_to())
                .and_then(|valid| core::str::from_utf8(valid).ok())
                .unwrap_or(""),
        };
        let mut list = List::open(source).ok_or(Dropped::NotJson)?;
        let mut elements = [None; 5];
        for place in elements.iter_mut().take(2) {
            *place = list.next().map_err(|_| Dropped::NotJson)?;
        }
        Self::from_elements(&elements, 2, false)
    }

    fn from_elements(
        elements: &[Option<Json<'a>>; 5],
        count: usize,
        complete: bool,
    ) -> Result<Self, Dropped> {
        let [kind, id, third, fourth, _] = *elements;
        let kind = kind.and_then(|kind| number::long(kind.as_str()));
        if !matches!(kind, Some(2..=4)) {
            return Err(Dropped::UnknownType);
        }
        let id = id.ok_or(Dropped::NoId)?;
        if kind == Some(2) {
            let raw_id = raw_id(id).ok_or(Dropped::NoId)?;
            let is_short = id.text().is_none_or(|id| !id.is_longer_than(ID_LENGTH));
            let action = third.and_then(Json::text);
            let payload = fourth.filter(|json| json.is_object() || json.is_void());
            return Ok(match (action, payload) {
                (Some(action), Some(payload)) if complete && count == 4 && is_short => Self::Call {
                    id: raw_id,
                    action,
                    payload: payload.into(),
                },
                _ => Self::BadCall { id: raw_id },
            });
        }
        let id = id.text().ok_or(Dropped::NoId)?;
        let answer = match (kind, third) {
            (Some(3), Some(payload))
                if count == 3 && (payload.is_object() || payload.is_void()) =>
            {
                let payload = payload.into();
                Some(Self::Result { id, payload })
            }
            // Some central systems leave description and details out.
            (Some(4), Some(code)) if count <= 5 => code.text().map(|code| Self::Error {
                id,
                code: ErrorCode::from_text(code),
            }),
            _ => None,
        };
        Ok(answer
            .filter(|_| complete)
            .unwrap_or(Self::BadAnswer { id }))
    }
}

/// The id of a CALL as it stands in the frame: a text, or a number, which the specification does
/// not have (OCPP-J 1.6, 4.1.4) and some send.
fn raw_id(id: Json<'_>) -> Option<&str> {
    let raw = id.as_str();
    let is_number = id.is_number() && raw.len() <= ID_LENGTH;
    (is_number || raw.starts_with('"')).then_some(raw)
}

/// The outermost list of a frame, checked element by element.
struct List<'a> {
    scanner: Scanner<'a>,
    first: bool,
}

impl<'a> List<'a> {
    fn open(source: &'a str) -> Option<Self> {
        let mut scanner = Scanner::new(source, 0);
        scanner.take(b'[').ok()?;
        Some(Self {
            scanner,
            first: true,
        })
    }

    fn next(&mut self) -> Result<Option<Json<'a>>, Unreadable> {
        let first = core::mem::replace(&mut self.first, false);
        match self.scanner.peek() {
            b']' => {
                self.scanner.take(b']')?;
                return match self.scanner.is_at_end() {
                    true => Ok(None),
                    false => Err(Unreadable::Syntax),
                };
            }
            _ if first => {}
            _ => self.scanner.take(b',')?,
        }
        self.scanner.value().map(Some)
    }
}

/// Begins a CALL: `[2,"id","Action",`. The id is in ASCII and needs no escapes.
pub fn begin_call(w: &mut Writer<'_>, id: &(impl AsRef<[u8]> + ?Sized), action: &str) {
    w.raw("[2,\"");
    w.ascii(id.as_ref());
    w.raw("\",\"");
    w.raw(action);
    w.raw("\",");
}

/// Begins a CALLRESULT: `[3,"id",`. The id is written as it came: a text with its escapes and
/// quotation marks, or a number.
pub fn begin_result(w: &mut Writer<'_>, raw_id: &str) {
    w.raw("[3,");
    w.raw(raw_id);
    w.raw(",");
}

/// Ends a CALL or CALLRESULT.
pub fn end(w: &mut Writer<'_>) {
    w.raw("]");
}

/// A whole CALLERROR: `[4,"id","Code","description",{}]`, with the id as in [`begin_result`]; a text
/// that was cut off gets its last quotation mark.
pub fn error(w: &mut Writer<'_>, raw_id: &str, code: &str, field: &str, description: &str) {
    w.raw("[4,");
    w.raw(raw_id);
    let is_cut = raw_id.starts_with('"') && !raw_id.ends_with('"');
    w.raw(if is_cut { "\",\"" } else { ",\"" });
    w.raw(code);
    w.raw("\",\"");
    w.raw(field);
    w.raw(if field.is_empty() { "" } else { ": " });
    w.raw(description);
    w.raw("\",{}]");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a frame turns out to be once its payload could not be read.
    fn parse(bytes: &[u8]) -> Result<Frame<'_>, Dropped> {
        match Frame::parse(bytes)? {
            Frame::Call { payload, .. } | Frame::Result { payload, .. } => {
                payload.check().expect_err("a sound frame")
            }
            frame => Ok(frame),
        }
    }

    #[test]
    fn tells_frames_apart() {
        let call = Frame::parse(br#" [2, "19", "Reset", {"type":"Hard"} ] "#).unwrap();
        assert!(matches!(call, Frame::Call { id, action, payload }
            if id == "\"19\"" && action.is("Reset") && payload.check() == Ok(())));
        let result = Frame::parse(br#"[3,"19",{}]"#).unwrap();
        assert!(matches!(result, Frame::Result { id, .. } if id.is("19")));
        let error = Frame::parse(br#"[4,"19","NotSupported","",{}]"#).unwrap();
        assert!(matches!(
            error,
            Frame::Error {
                code: ErrorCode::NotSupported,
                ..
            }
        ));
        let error = Frame::parse(br#"[4,"19","Whatever"]"#).unwrap();
        assert!(matches!(
            error,
            Frame::Error {
                code: ErrorCode::GenericError,
                ..
            }
        ));
    }

    #[test]
    fn answers_every_call_whose_id_it_can_read() {
        let deep = format!(r#"[2,"7","A",{}{}]"#, "[".repeat(99), "]".repeat(99));
        let long_id = format!(r#"[2,"{}","A",{{}}]"#, "x".repeat(37));
        for bytes in [
            r#"[2,"7"]"#,
            r#"[2,"7","A"]"#,
            r#"[2,"7",5,{}]"#,
            r#"[2,"7","A",[1]]"#,
            r#"[2,"7","A",false]"#,
            r#"[2,"7","A",{},1]"#,
            r#"[2,7,"A"]"#,
            &deep,
            &long_id,
        ] {
            let frame = parse(bytes.as_bytes());
            assert!(matches!(frame, Ok(Frame::BadCall { .. })), "{bytes}");
        }
    }

    #[test]
    fn knows_every_answer_whose_id_it_can_read() {
        let deep = format!(r#"[3,"7",{}{}]"#, "[".repeat(99), "]".repeat(99));
        for bytes in [
            &br#"[3,"7"]"#[..],
            br#"[3,"7",""]"#,
            br#"[3,"7",[1]]"#,
            br#"[3,"7",{},{}]"#,
            br#"[3,"7",{},{},{}]"#,
            deep.as_bytes(),
            br#"[4,"7"]"#,
            br#"[4,"7",5,"",{}]"#,
            br#"[4,"7","InternalError","",{},{}]"#,
            // Not even JSON in UTF-8.
            br#" [3, "7", {"a":}]"#,
            br#"[3,"7",nul]"#,
            br#"[4,"7","InternalError","no"#,
            b"[4,\"7\",\"InternalError\",\"\xfc\",{}]",
        ] {
            let frame = match Frame::parse(bytes) {
                Ok(Frame::Result { .. }) => parse(bytes),
                frame => frame,
            };
            let name = bytes.escape_ascii();
            assert!(
                matches!(frame, Ok(Frame::BadAnswer { id }) if id.is("7")),
                "{name}"
            );
        }
        for payload in ["null", "[]", "[ ]", "{}"] {
            let frame = format!(r#"[3,"7",{payload}]"#);
            let frame = Frame::parse(frame.as_bytes());
            assert!(matches!(frame, Ok(Frame::Result { .. })), "{payload}");
        }
    }

    #[test]
    fn repeats_ids_as_they_came() {
        for id in [
            r#""""#,
            r#""19""#,
            r#""a\"\u00e9é""#,
            "7",
            "-7",
            "7.50",
            "1e3",
            "123456789012345678901234567890123456",
        ] {
            let frame = format!("[2,{id},\"A\",{{}}]");
            let frame = Frame::parse(frame.as_bytes());
            let Ok(Frame::Call { id: raw_id, .. }) = frame else {
                panic!("{frame:?}")
            };
            let mut buffer = [0; 200];
            let mut w = Writer::new(&mut buffer);
            begin_result(&mut w, raw_id);
            w.raw("{}]\n");
            error(&mut w, raw_id, "GenericError", "", "no");
            let length = w.len();
            let expected = format!("[3,{id},{{}}]\n[4,{id},\"GenericError\",\"no\",{{}}]");
            assert_eq!(str::from_utf8(&buffer[..length]), Ok(expected.as_str()));
        }
    }

    #[test]
    fn drops_what_cannot_be_answered() {
        use Dropped::*;
        for (bytes, why) in [
            (&b""[..], NotJson),
            (b"hello", NotJson),
            (b"{}", NotJson),
            (b"[2,\"7\",\"A\",{}", NotJson),
            (b"[2,\"7\",\"A\",{}]x", NotJson),
            (b"[2 \"7\"]", NotJson),
            (b"[,2]", NotJson),
            (b"[2,\"7\xff\",\"A\",{}]", NotJson),
            (b"[]", UnknownType),
            (b"[5,\"7\",{}]", UnknownType),
            (b"[\"2\",\"7\",\"A\",{}]", UnknownType),
            (b"[2]", NoId),
            (b"[2,null,\"A\",{}]", NoId),
            (b"[2,1234567890123456789012345678901234567,\"A\",{}]", NoId),
            (b"[3,7,{}]", NoId),
        ] {
            assert_eq!(parse(bytes), Err(why), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn reads_the_id_of_a_frame_that_was_cut_off() {
        let cut = br#"[2,"7","DataTransfer",{"vendorId":"aaaaaaa"#;
        assert!(matches!(Frame::parse_beginning(cut), Ok(Frame::BadCall { id }) if id == "\"7\""));
        assert!(matches!(
            Frame::parse_beginning(b"[3,\"7\",{\"a"),
            Ok(Frame::BadAnswer { id }) if id.is("7")
        ));
        assert_eq!(Frame::parse_beginning(b"[2,\"7"), Err(Dropped::NotJson));
        assert!(Frame::parse_beginning(b"[2,\"7\",\"\xc3").is_ok());
    }
}
