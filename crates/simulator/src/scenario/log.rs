//! What a charge point has told while its scenario runs.

use std::{sync::mpsc::RecvTimeoutError, time::Instant};

use serde_json::Value;

use super::step::Side;
use crate::{
    exchange::Direction,
    report::{self, Happening, Observed},
    size,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Milliseconds since the run began.
    pub at_ms: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Call {
        by: Side,
        id: Value,
        action: String,
        payload: Value,
        text: String,
    },
    /// To a CALL of the other side.
    Answer {
        by: Side,
        id: Value,
        result: Result<Value, CallError>,
        text: String,
    },
    /// A frame that is none of OCPP-J.
    Unreadable {
        by: Side,
        text: String,
    },
    Event {
        name: &'static str,
        fields: Value,
    },
    /// A command is carried out.
    Command(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct CallError {
    pub code: String,
    pub description: String,
}

impl What {
    /// What it takes of memory, about.
    fn bytes(&self) -> usize {
        let of = |value| size::of(value, AROUND);
        match self {
            Self::Call {
                id, payload, text, ..
            } => of(id) + of(payload) + text.len(),
            Self::Answer {
                id, result, text, ..
            } => of(id) + result.as_ref().map_or(0, of) + text.len(),
            Self::Unreadable { text, .. } | Self::Command(text) => AROUND + text.len(),
            Self::Event { fields, .. } => of(fields),
        }
    }

    /// The frame that it is, and who sent it.
    pub fn frame(&self) -> Option<(Side, &str)> {
        match self {
            Self::Call { by, text, .. }
            | Self::Answer { by, text, .. }
            | Self::Unreadable { by, text } => Some((*by, text)),
            Self::Event { .. } | Self::Command(_) => None,
        }
    }
}

/// What a scenario keeps of memory at most; 30,000 messages and more.
pub const MOST_BYTES: usize = 64 << 20;
/// What a value takes of it beside its text.
const AROUND: usize = 64;

/// All of it, in its order.
#[derive(Debug)]
pub struct Log {
    happenings: Observed,
    pub entries: Vec<Entry>,
    /// What they take of memory, about.
    bytes: usize,
    /// The charge point has ended.
    pub ended: bool,
}

impl Log {
    pub fn new(happenings: Observed) -> Self {
        Self {
            happenings,
            entries: Vec::new(),
            bytes: 0,
            ended: false,
        }
    }

    /// So much has come that the rest is not kept.
    pub fn is_flooded(&self) -> bool {
        self.bytes > MOST_BYTES || self.happenings.has_lost()
    }

    /// Waits for one more entry until then. False where none came, or too many have.
    pub fn wait(&mut self, until: Instant) -> bool {
        while !self.is_flooded() {
            let left = until.saturating_duration_since(Instant::now());
            match self.happenings.next(left) {
                Ok((at_ms, happening)) => {
                    if let Some(what) = entry(&happening) {
                        self.bytes += what.bytes();
                        self.entries.push(Entry { at_ms, what });
                        return true;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return false,
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return false;
                }
            }
        }
        false
    }

    /// Takes in what is there already.
    pub fn catch_up(&mut self) {
        while self.wait(Instant::now()) {}
    }
}

fn entry(happening: &Happening) -> Option<What> {
    match happening {
        Happening::Command(line) => Some(What::Command(line.clone())),
        Happening::Frame {
            direction, text, ..
        } => {
            let by = match direction {
                Direction::In => Side::CentralSystem,
                Direction::Out => Side::Station,
            };
            let text = text.clone();
            Some(match frame(&text) {
                Some(Frame::Call(id, action, payload)) => What::Call {
                    by,
                    id,
                    action,
                    payload,
                    text,
                },
                Some(Frame::Answer(id, result)) => What::Answer {
                    by,
                    id,
                    result,
                    text,
                },
                None => What::Unreadable { by, text },
            })
        }
        other => {
            let (name, fields) = report::event(other)?;
            Some(What::Event { name, fields })
        }
    }
}

enum Frame {
    Call(Value, String, Value),
    Answer(Value, Result<Value, CallError>),
}

/// OCPP-J 1.6, 4.2.
fn frame(text: &str) -> Option<Frame> {
    let Ok(Value::Array(elements)) = serde_json::from_str(text) else {
        return None;
    };
    let mut elements = elements.into_iter();
    let kind = elements.next()?.as_u64()?;
    let id = elements.next()?;
    let mut text = || Some(elements.next()?.as_str()?.to_owned());
    match kind {
        2 => {
            let action = text()?;
            Some(Frame::Call(id, action, object(elements.next())))
        }
        3 => Some(Frame::Answer(id, Ok(object(elements.next())))),
        4 => {
            let code = text()?;
            let description = text().unwrap_or_default();
            Some(Frame::Answer(id, Err(CallError { code, description })))
        }
        _ => None,
    }
}

/// A payload may be null where there is none (OCPP-J 1.6, 4.2.1).
fn object(payload: Option<Value>) -> Value {
    match payload {
        None | Some(Value::Null) => Value::Object(serde_json::Map::new()),
        Some(payload) => payload,
    }
}
