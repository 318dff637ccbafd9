//! What the frames that pass say (OCPP-J 1.6, 4): which action, and whose answer.

use std::collections::HashMap;

use serde_json::Value;

/// Answers nobody gives are forgotten when so many are awaited.
const MOST_AWAITED: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the charge point.
    In,
    /// From the charge point.
    Out,
}

impl Direction {
    fn reversed(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// The meaning of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Exchange {
    /// A CALL.
    Request { action: String, payload: Value },
    /// A CALLRESULT; the action of the CALL, where that is known.
    Confirmation {
        action: Option<String>,
        payload: Value,
    },
    /// A CALLERROR.
    Failure {
        action: Option<String>,
        code: String,
        description: String,
    },
    /// No frame of OCPP-J.
    Unreadable,
}

impl Exchange {
    /// The action of the CALL that it is or answers, where that is known.
    pub fn action(&self) -> Option<&str> {
        match self {
            Self::Request { action, .. } => Some(action),
            Self::Confirmation { action, .. } | Self::Failure { action, .. } => action.as_deref(),
            Self::Unreadable => None,
        }
    }

    /// The message as the specification calls it: `Reset.req`.
    pub fn name(&self) -> String {
        match self {
            Self::Request { action, .. } => format!("{action}.req"),
            Self::Confirmation { action, .. } => named(action.as_deref(), ".conf"),
            Self::Failure { action, .. } => named(action.as_deref(), " failed"),
            Self::Unreadable => "unreadable frame".to_owned(),
        }
    }
}

fn named(action: Option<&str>, ending: &str) -> String {
    match action {
        Some(action) => format!("{action}{ending}"),
        None => "answer to nothing".to_owned(),
    }
}

/// A message id: a text, or a number as some central systems have it.
fn id_of(id: &Value) -> Option<String> {
    match id {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The CALLs that wait for an answer.
#[derive(Debug, Default)]
pub struct Exchanges {
    awaited: HashMap<(Direction, String), String>,
}

impl Exchanges {
    /// Takes note of a frame.
    pub fn note(&mut self, direction: Direction, text: &str) -> Exchange {
        let Ok(Value::Array(elements)) = serde_json::from_str(text) else {
            return Exchange::Unreadable;
        };
        let word =
            |place: usize| -> Option<String> { elements.get(place)?.as_str().map(str::to_owned) };
        let payload = |place: usize| elements.get(place).cloned().unwrap_or(Value::Null);
        let kind = elements.first().and_then(Value::as_u64);
        match (kind, elements.get(1).and_then(id_of), word(2)) {
            (Some(2), Some(id), Some(action)) => {
                if self.awaited.len() >= MOST_AWAITED {
                    self.awaited.clear();
                }
                self.awaited.insert((direction, id), action.clone());
                Exchange::Request {
                    action,
                    payload: payload(3),
                }
            }
            (Some(3), Some(id), _) => Exchange::Confirmation {
                action: self.awaited.remove(&(direction.reversed(), id)),
                payload: payload(2),
            },
            (Some(4), Some(id), Some(code)) => Exchange::Failure {
                action: self.awaited.remove(&(direction.reversed(), id)),
                code,
                description: word(3).unwrap_or_default(),
            },
            _ => Exchange::Unreadable,
        }
    }

    /// True while a CALL in that direction has no answer.
    pub fn awaits(&self, direction: Direction) -> bool {
        self.awaited.keys().any(|(known, _)| *known == direction)
    }

    /// A connection that is gone brings no answers.
    pub fn forget(&mut self) {
        self.awaited.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_find_their_action() {
        let mut exchanges = Exchanges::default();
        let request = exchanges.note(Direction::Out, r#"[2,"1","Heartbeat",{}]"#);
        assert_eq!(
            request,
            Exchange::Request {
                action: "Heartbeat".into(),
                payload: json!({})
            }
        );
        assert!(exchanges.awaits(Direction::Out) && !exchanges.awaits(Direction::In));
        // The same id in the other direction is another CALL.
        exchanges.note(Direction::In, r#"[2,"1","Reset",{"type":"Soft"}]"#);
        assert_eq!(
            exchanges.note(Direction::In, r#"[3,"1",{"a":1}]"#),
            Exchange::Confirmation {
                action: Some("Heartbeat".into()),
                payload: json!({"a":1})
            }
        );
        assert!(!exchanges.awaits(Direction::Out));
        assert_eq!(
            exchanges.note(Direction::Out, r#"[4,"1","GenericError","no",{}]"#),
            Exchange::Failure {
                action: Some("Reset".into()),
                code: "GenericError".into(),
                description: "no".into()
            }
        );
    }

    #[test]
    fn a_number_is_an_id_as_well() {
        let mut exchanges = Exchanges::default();
        exchanges.note(Direction::In, r#"[2,7,"ClearCache",{}]"#);
        let answer = exchanges.note(Direction::Out, r#"[3,7,{"status":"Accepted"}]"#);
        assert_eq!(answer.action(), Some("ClearCache"));
        assert_eq!(answer.name(), "ClearCache.conf");
    }

    #[test]
    fn anything_else_is_unreadable() {
        let mut exchanges = Exchanges::default();
        for text in ["", "{}", "[]", "[2]", r#"[2,"1"]"#, r#"[9,"1","A",{}]"#] {
            assert_eq!(exchanges.note(Direction::In, text), Exchange::Unreadable);
        }
        assert!(!exchanges.awaits(Direction::In));
    }
}
