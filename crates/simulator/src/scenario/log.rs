//! What a charge point has told while its scenario runs.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Instant,
};

use serde_json::Value;

use super::step::Side;
use crate::{
    exchange::Direction,
    report::{self, Happening},
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

/// All of it, in its order.
#[derive(Debug)]
pub struct Log {
    happenings: Receiver<(u64, Happening)>,
    pub entries: Vec<Entry>,
    /// The charge point has ended.
    pub ended: bool,
}

impl Log {
    pub fn new(happenings: Receiver<(u64, Happening)>) -> Self {
        Self {
            happenings,
            entries: Vec::new(),
            ended: false,
        }
    }

    /// Waits for one more entry until then. False where none came.
    pub fn wait(&mut self, until: Instant) -> bool {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.happenings.recv_timeout(left) {
                Ok((at_ms, happening)) => {
                    if let Some(what) = entry(&happening) {
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
