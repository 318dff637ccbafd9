//! OCPP-J frames (OCPP-J 1.6, section 4): what is a CALL, a CALLRESULT, a CALLERROR.

use super::{
    Json, Text, Writer,
    json::{Unreadable, skip_space},
    number,
};

/// Longest message id, in characters (OCPP-J 1.6, 4.1.4).
pub const ID_LENGTH: usize = 36;

/// Why a CALL could not be carried out (OCPP-J 1.6, 4.2.3; the spelling is the specification's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A frame that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// `[2,id,action,payload]`
    Call {
        /// Message id.
        id: Text<'a>,
        /// What is asked for.
        action: Text<'a>,
        /// Its arguments: an object, not checked further.
        payload: Json<'a>,
    },
    /// `[3,id,payload]`
    Result {
        /// Message id of the CALL it answers.
        id: Text<'a>,
        /// An object, not checked further.
        payload: Json<'a>,
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
        /// Message id.
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
    /// A CALLRESULT or CALLERROR without the form of one.
    BadAnswer,
    /// A CALLRESULT or CALLERROR with an id that no CALL waits for.
    NotAsked,
    /// A CALL that arrived while the central system has rejected the charge point (4.2).
    Rejected,
}

impl<'a> Frame<'a> {
    /// Reads a whole frame.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Dropped> {
        let source = core::str::from_utf8(bytes).map_err(|_| Dropped::NotJson)?;
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
            return Err(Dropped::NotJson);
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
        let kind = kind.and_then(number::integer);
        if !matches!(kind, Some(2..=4)) {
            return Err(Dropped::UnknownType);
        }
        let id = id.and_then(Json::text).ok_or(Dropped::NoId)?;
        let object = |json: Option<Json<'a>>| json.filter(|json| json.is_object());
        match kind {
            Some(2) => {
                let action = third.and_then(Json::text);
                let payload = object(fourth);
                match (action, payload) {
                    (Some(action), Some(payload))
                        if complete && count == 4 && !id.is_longer_than(ID_LENGTH) =>
                    {
                        Ok(Self::Call {
                            id,
                            action,
                            payload,
                        })
                    }
                    _ => Ok(Self::BadCall { id }),
                }
            }
            Some(3) if complete && count == 3 => {
                let payload = object(third).ok_or(Dropped::BadAnswer)?;
                Ok(Self::Result { id, payload })
            }
            // Some central systems leave description and details out.
            Some(4) if complete && (3..=5).contains(&count) => {
                let code = third.and_then(Json::text).ok_or(Dropped::BadAnswer)?;
                Ok(Self::Error {
                    id,
                    code: ErrorCode::from_text(code),
                })
            }
            _ => Err(Dropped::BadAnswer),
        }
    }
}

/// The outermost list of a frame, checked element by element.
struct List<'a> {
    source: &'a str,
    at: usize,
    first: bool,
}

impl<'a> List<'a> {
    fn open(source: &'a str) -> Option<Self> {
        let at = skip_space(source.as_bytes(), 0);
        (source.as_bytes().get(at) == Some(&b'[')).then_some(Self {
            source,
            at: at + 1,
            first: true,
        })
    }

    fn next(&mut self) -> Result<Option<Json<'a>>, Unreadable> {
        let bytes = self.source.as_bytes();
        self.at = skip_space(bytes, self.at);
        match bytes.get(self.at) {
            Some(b']') => {
                let end = skip_space(bytes, self.at + 1);
                return if end == bytes.len() {
                    Ok(None)
                } else {
                    Err(Unreadable::Syntax)
                };
            }
            Some(b',') if !self.first => self.at += 1,
            _ if self.first => {}
            _ => return Err(Unreadable::Syntax),
        }
        self.first = false;
        let (json, end) = Json::check(self.source, self.at)?;
        self.at = end;
        Ok(Some(json))
    }
}

/// Begins a CALL: `[2,"id","Action",`.
pub fn begin_call(w: &mut Writer<'_>, id: &str, action: &str) {
    w.raw("[2,\"");
    w.raw(id);
    w.raw("\",\"");
    w.raw(action);
    w.raw("\",");
}

/// Begins a CALLRESULT: `[3,"id",`. The id is written as it came, escapes included.
pub fn begin_result(w: &mut Writer<'_>, raw_id: &str) {
    w.raw("[3,\"");
    w.raw(raw_id);
    w.raw("\",");
}

/// Ends a CALL or CALLRESULT.
pub fn end(w: &mut Writer<'_>) {
    w.raw("]");
}

/// A whole CALLERROR: `[4,"id","Code","description",{}]`.
pub fn error(w: &mut Writer<'_>, raw_id: &str, code: ErrorCode, field: &str, description: &str) {
    w.raw("[4,\"");
    w.raw(raw_id);
    w.raw("\",\"");
    w.raw(code.as_str());
    w.raw("\",\"");
    w.raw(field);
    w.raw(if field.is_empty() { "" } else { ": " });
    w.raw(description);
    w.raw("\",{}]");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_frames_apart() {
        let call = Frame::parse(br#" [2, "19", "Reset", {"type":"Hard"} ] "#).unwrap();
        assert!(matches!(call, Frame::Call { id, action, payload }
            if id.is("19") && action.is("Reset") && payload.as_str() == r#"{"type":"Hard"}"#));
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
            r#"[2,"7","A",[]]"#,
            r#"[2,"7","A",null]"#,
            r#"[2,"7","A",{},1]"#,
            &deep,
            &long_id,
        ] {
            let frame = Frame::parse(bytes.as_bytes());
            assert!(matches!(frame, Ok(Frame::BadCall { .. })), "{bytes}");
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
            (b"[2,7,\"A\",{}]", NoId),
            (b"[3,\"7\"]", BadAnswer),
            (b"[3,\"7\",[]]", BadAnswer),
            (b"[4,\"7\"]", BadAnswer),
        ] {
            assert_eq!(Frame::parse(bytes), Err(why), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn reads_the_id_of_a_frame_that_was_cut_off() {
        let cut = br#"[2,"7","DataTransfer",{"vendorId":"aaaaaaa"#;
        assert!(matches!(Frame::parse_beginning(cut), Ok(Frame::BadCall { id }) if id.is("7")));
        assert_eq!(
            Frame::parse_beginning(b"[3,\"7\",{\"a"),
            Err(Dropped::BadAnswer)
        );
        assert_eq!(Frame::parse_beginning(b"[2,\"7"), Err(Dropped::NotJson));
        assert!(Frame::parse_beginning(b"[2,\"7\",\"\xc3").is_ok());
    }
}
