//! The rules every outgoing frame has to keep, whatever the test is about (OCPP-J 1.6, 4).

use std::collections::HashMap;

use ocpp::limits::CALL_TIMEOUT_MS;
use serde_json::Value;

use super::{
    heard::{self, Heard},
    schemas::{self, Half},
};

/// The ten codes of OCPP 1.6, in its spelling.
const ERROR_CODES: [&str; 10] = [
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
];

/// Those of OCPP 2.0.1 that a station has reason for, in the spelling of that.
const ERROR_CODES_201: [&str; 10] = [
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormatViolation",
    "PropertyConstraintViolation",
    "OccurrenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
];

/// A CALL of the station.
#[derive(Clone, Debug)]
pub struct Sent {
    pub action: String,
    pub payload: Value,
    pub id: String,
    /// Virtual time in milliseconds.
    pub at: u64,
    /// The central system has done what it says.
    pub is_processed: bool,
}

/// What the station answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Result(Value),
    Error { code: String, description: String },
}

/// A frame of the station that has been checked.
#[derive(Debug)]
pub enum Outgoing {
    Call(Sent),
    Answer { id: String, answer: Answer },
}

/// What has been said on the wire so far, as far as the rules depend on it.
#[derive(Debug, Default)]
pub struct Wire {
    /// Whose rules apply.
    subprotocol: &'static str,
    /// Text of every CALL, by id.
    said: HashMap<String, String>,
    /// Id of the CALL that has not been answered, and when it was sent.
    outstanding: Option<(String, u64)>,
    /// CALLs of the central system that have not been answered, with their action.
    asked: Vec<(String, Option<String>)>,
    /// The station has sent a CALL since it booted.
    has_booted: bool,
    /// What `MessageTimeout` was changed to, in milliseconds.
    pub call_timeout: Option<u64>,
}

impl Wire {
    /// With the rules of a version.
    pub fn of(subprotocol: &'static str) -> Self {
        Self {
            subprotocol,
            ..Self::default()
        }
    }

    pub fn speak(&mut self, subprotocol: &'static str) {
        self.subprotocol = subprotocol;
    }

    pub fn rebooted(&mut self) {
        self.has_booted = false;
        self.closed();
    }

    pub fn closed(&mut self) {
        self.outstanding = None;
        self.asked.clear();
    }

    /// The central system sends `frame`.
    pub fn incoming(&mut self, frame: &[u8]) {
        let Ok(Value::Array(frame)) = serde_json::from_slice(frame) else {
            return self.broken_incoming(frame);
        };
        let Some(id) = frame.get(1).and_then(id_of) else {
            return;
        };
        if frame.first().and_then(Value::as_i64) == Some(2) {
            let action = frame.get(2).and_then(Value::as_str);
            self.asked.push((id, action.map(str::to_owned)));
        } else if self.outstanding.as_ref().is_some_and(|waits| waits.0 == id) {
            self.outstanding = None;
            let is_result = frame.first().and_then(Value::as_i64) == Some(3);
            let call = self.said.get(&id).filter(|_| is_result);
            let call = call.and_then(|text| serde_json::from_str::<Value>(text).ok());
            if let Some(action) = call.as_ref().and_then(|call| call[2].as_str()) {
                heard::note(self.subprotocol, Heard::StationAnswer, action);
            }
        }
    }

    /// What is no JSON is an answer all the same where it begins like one.
    fn broken_incoming(&mut self, frame: &[u8]) {
        let text = String::from_utf8_lossy(frame);
        self.outstanding.take_if(|(id, _)| {
            let answer = |kind| text.starts_with(&format!(r#"[{kind},"{id}""#));
            answer(3) || answer(4)
        });
    }

    /// The central system sends what it should not: an answer to `id` is allowed.
    pub fn odd_incoming(&mut self, frame: &[u8], id: &str) {
        self.asked.clear();
        self.incoming(frame);
        if self.asked.is_empty() {
            // Lone surrogates are more than the reader of the bench can take.
            let text = String::from_utf8_lossy(frame).replace("\\u", "\\\\u");
            self.incoming(text.as_bytes());
        }
        if self.asked.is_empty() {
            self.asked.push((id.to_owned(), None));
        }
    }

    /// No answer is allowed any more.
    pub fn forget_asked(&mut self) {
        self.asked.clear();
    }

    /// Checks a frame that the station sends.
    pub fn outgoing(&mut self, text: &str, now: u64) -> Outgoing {
        let frame: Value = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("the station sends what is not JSON: {error}\n{text}"));
        let elements: &[Value] = frame.as_array().map_or(&[], Vec::as_slice);
        match elements {
            [
                Value::Number(kind),
                Value::String(id),
                Value::String(action),
                payload,
            ] if kind.as_i64() == Some(2) && payload.is_object() => {
                assert!(text.is_ascii(), "not ASCII: {text}");
                self.check_call(id, action, payload, text, now);
                Outgoing::Call(Sent {
                    action: action.clone(),
                    payload: payload.clone(),
                    id: id.clone(),
                    at: now,
                    is_processed: true,
                })
            }
            [Value::Number(kind), id, payload]
                if kind.as_i64() == Some(3) && payload.is_object() =>
            {
                let id = id_of(id).unwrap_or_else(|| panic!("no message id: {text}"));
                let action = self.take_asked(&id, text);
                let action = action.unwrap_or_else(|| panic!("a result for no action: {text}"));
                schemas::check_in(self.subprotocol, &action, Half::Answer, payload);
                heard::note(self.subprotocol, Heard::CentralAnswer, &action);
                Outgoing::Answer {
                    id,
                    answer: Answer::Result(payload.clone()),
                }
            }
            [
                Value::Number(kind),
                id,
                Value::String(code),
                Value::String(description),
                details,
            ] if kind.as_i64() == Some(4) && details.is_object() => {
                let id = id_of(id).unwrap_or_else(|| panic!("no message id: {text}"));
                self.take_asked(&id, text);
                let codes = match self.subprotocol {
                    "ocpp1.6" => &ERROR_CODES,
                    _ => &ERROR_CODES_201,
                };
                assert!(codes.contains(&code.as_str()), "unknown code: {text}");
                assert!(description.chars().count() <= 255, "too long: {text}");
                Outgoing::Answer {
                    id,
                    answer: Answer::Error {
                        code: code.clone(),
                        description: description.clone(),
                    },
                }
            }
            _ => panic!("the station sends what is no frame: {text}"),
        }
    }

    fn check_call(&mut self, id: &str, action: &str, payload: &Value, text: &str, now: u64) {
        assert!(
            (1..=36).contains(&id.chars().count()),
            "no message id: {text}"
        );
        match self.said.get(id) {
            Some(before) => assert_eq!(before, text, "another message with the same id"),
            None => {
                self.said.insert(id.to_owned(), text.to_owned());
            }
        }
        if let Some((waits, since)) = &self.outstanding {
            assert!(
                now >= since + self.call_timeout.unwrap_or(CALL_TIMEOUT_MS),
                "a second CALL while {waits} has no answer: {text}"
            );
        }
        self.outstanding = Some((id.to_owned(), now));
        assert!(
            self.has_booted || action == "BootNotification",
            "the first CALL after a boot is {text}"
        );
        self.has_booted = true;
        schemas::check_in(self.subprotocol, action, Half::Request, payload);
        heard::note(self.subprotocol, Heard::StationRequest, action);
    }

    fn take_asked(&mut self, id: &str, text: &str) -> Option<String> {
        // An id that is too long may come back cut off.
        let asked = self.asked.iter();
        let place = asked.clone().position(|(asked, _)| asked == id);
        let place = place.or_else(|| {
            asked
                .clone()
                .position(|(asked, _)| asked.chars().count() > 36 && asked.starts_with(id))
        });
        match place {
            Some(place) => self.asked.remove(place).1,
            None => panic!("an answer to no CALL: {text}"),
        }
    }
}

/// A message id; a number, which some central systems send, with `#` before it.
fn id_of(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("#{number}")),
        _ => None,
    }
}
