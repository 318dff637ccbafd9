//! What the frames that pass say (OCPP-J 1.6, 4): which action, and whose answer. Only the head
//! of a frame is read: payloads may be long, and most are read by the engine alone.

use std::{collections::HashMap, time::Instant};

use serde_json::Value;

/// When so many answers are awaited, the oldest is forgotten.
const MOST_AWAITED: usize = 64;
/// Longer ids than OCPP-J allows (36 characters) get no answer that bears them.
const LONGEST_ID: usize = 256;
/// Longer payloads are not looked into.
const LONGEST_PAYLOAD: usize = 16 * 1024;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// A CALL.
    Request { action: String },
    /// A CALLRESULT; the action of the CALL, where that is known.
    Confirmation { action: Option<String> },
    /// A CALLERROR.
    Failure {
        action: Option<String>,
        code: String,
        description: String,
    },
    /// No frame of OCPP-J.
    Unreadable,
}

/// A CALL that waits for its answer.
#[derive(Debug)]
struct Awaited {
    action: String,
    since: Instant,
}

impl Exchange {
    /// The action of the CALL that it is or answers, where that is known.
    pub fn action(&self) -> Option<&str> {
        match self {
            Self::Request { action } => Some(action),
            Self::Confirmation { action } | Self::Failure { action, .. } => action.as_deref(),
            Self::Unreadable => None,
        }
    }

    /// The message as the specification calls it: `Reset.req`.
    pub fn name(&self) -> String {
        match self {
            Self::Request { action } => format!("{action}.req"),
            Self::Confirmation { action } => named(action.as_deref(), ".conf"),
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

/// The CALLs that wait for an answer.
#[derive(Debug, Default)]
pub struct Exchanges {
    awaited: HashMap<(Direction, String), Awaited>,
}

impl Exchanges {
    /// Takes note of a frame that passed then. For an answer, also when its CALL did.
    pub fn note(
        &mut self,
        direction: Direction,
        text: &str,
        at: Instant,
    ) -> (Exchange, Option<Instant>) {
        let Some((kind, id, mut rest)) = head(text) else {
            return (Exchange::Unreadable, None);
        };
        match kind {
            2 => {
                let Some(action) = string(&mut rest) else {
                    return (Exchange::Unreadable, None);
                };
                if self.awaited.len() >= MOST_AWAITED {
                    self.awaited.clear();
                }
                if id.len() <= LONGEST_ID && action.len() <= LONGEST_ID {
                    let awaited = Awaited {
                        action: action.clone(),
                        since: at,
                    };
                    self.awaited.insert((direction, id), awaited);
                }
                (Exchange::Request { action }, None)
            }
            3 => {
                let (action, since) = self.answered(direction, id);
                (Exchange::Confirmation { action }, since)
            }
            _ => {
                let Some(code) = string(&mut rest) else {
                    return (Exchange::Unreadable, None);
                };
                let description = comma(&mut rest).and_then(|()| string(&mut rest));
                let (action, since) = self.answered(direction, id);
                let failure = Exchange::Failure {
                    action,
                    code,
                    description: description.unwrap_or_default(),
                };
                (failure, since)
            }
        }
    }

    fn answered(&mut self, direction: Direction, id: String) -> (Option<String>, Option<Instant>) {
        let awaited = self.awaited.remove(&(direction.reversed(), id));
        awaited.map(|a| (a.action, a.since)).unzip()
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

/// The payload of a frame; nothing where it is too long to be looked into, an error where it is
/// not JSON.
pub fn payload(text: &str) -> Result<Option<Value>, ()> {
    if text.len() > LONGEST_PAYLOAD {
        return Ok(None);
    }
    let frame: Value = serde_json::from_str(text).map_err(|_| ())?;
    let place = match frame.get(0).and_then(Value::as_u64) {
        Some(2) => 3,
        _ => 2,
    };
    Ok(Some(frame.get(place).cloned().unwrap_or(Value::Null)))
}

/// Message type and id of a frame, and what follows.
fn head(text: &str) -> Option<(u8, String, &str)> {
    let mut rest = trimmed(text).strip_prefix('[')?;
    let kind = match take(&mut rest, |byte| byte.is_ascii_digit()) {
        "2" => 2,
        "3" => 3,
        "4" => 4,
        _ => return None,
    };
    comma(&mut rest)?;
    rest = trimmed(rest);
    let id = match rest.starts_with('"') {
        true => string(&mut rest)?,
        // Not OCPP-J, but it names a CALL as well.
        false => take(&mut rest, |byte| {
            byte.is_ascii_digit() || b"+-.eE".contains(&byte)
        })
        .to_owned(),
    };
    if id.is_empty() {
        return None;
    }
    comma(&mut rest)?;
    Some((kind, id, rest))
}

/// JSON's white space.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

fn comma(rest: &mut &str) -> Option<()> {
    *rest = trimmed(rest).strip_prefix(',')?;
    Some(())
}

/// The bytes that belong to a token.
fn take<'t>(rest: &mut &'t str, belongs: impl Fn(u8) -> bool) -> &'t str {
    *rest = trimmed(rest);
    let end = rest.bytes().position(|byte| !belongs(byte));
    let (token, left) = rest
        .split_at_checked(end.unwrap_or(rest.len()))
        .unwrap_or_default();
    *rest = left;
    token
}

/// A string with its escapes resolved.
fn string(rest: &mut &str) -> Option<String> {
    *rest = trimmed(rest);
    let mut escaped = false;
    let mut bytes = rest.bytes().enumerate().skip(1);
    let (end, _) = bytes.find(|(_, byte)| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    let (token, left) = rest.split_at_checked(end + 1)?;
    *rest = left;
    serde_json::from_str(token).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn answers_find_their_action_and_the_time_of_their_call() {
        let mut exchanges = Exchanges::default();
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let request = exchanges.note(Direction::Out, r#"[2,"1","Heartbeat",{}]"#, at(0));
        let action = "Heartbeat".to_owned();
        assert_eq!(request, (Exchange::Request { action }, None));
        assert!(exchanges.awaits(Direction::Out) && !exchanges.awaits(Direction::In));
        // The same id in the other direction is another CALL.
        let reset = " [ 2 , \"\\u0031\" , \"Reset\" , {\"type\":\"Soft\"}]";
        exchanges.note(Direction::In, reset, at(1));
        assert_eq!(
            exchanges.note(Direction::In, r#"[3,"1",{"a":1}]"#, at(2)),
            (
                Exchange::Confirmation {
                    action: Some("Heartbeat".into()),
                },
                Some(at(0))
            )
        );
        assert!(!exchanges.awaits(Direction::Out));
        assert_eq!(
            exchanges.note(
                Direction::Out,
                r#"[4,"1","GenericError","a \"no\"",{}]"#,
                at(3)
            ),
            (
                Exchange::Failure {
                    action: Some("Reset".into()),
                    code: "GenericError".into(),
                    description: "a \"no\"".into()
                },
                Some(at(1))
            )
        );
        exchanges.note(Direction::In, r#"[2,12,"Reset",{}]"#, at(4));
        let (_, since) = exchanges.note(Direction::Out, r#"[3,12,{}]"#, at(5));
        assert_eq!(since, Some(at(4)));
    }

    #[test]
    fn a_number_is_an_id_as_well() {
        let mut exchanges = Exchanges::default();
        let now = Instant::now();
        exchanges.note(Direction::In, r#"[2,7,"ClearCache",{}]"#, now);
        let (answer, _) = exchanges.note(Direction::Out, r#"[3,7,{"status":"Accepted"}]"#, now);
        assert_eq!(answer.action(), Some("ClearCache"));
        assert_eq!(answer.name(), "ClearCache.conf");
    }

    #[test]
    fn anything_else_is_unreadable() {
        let mut exchanges = Exchanges::default();
        let now = Instant::now();
        for text in [
            "",
            "{}",
            "[]",
            "[2]",
            r#"[2,"1"]"#,
            r#"[9,"1","A",{}]"#,
            r#"[2,"1","A"#,
            r#"[2,,"A",{}]"#,
            r#"["2","1","A",{}]"#,
        ] {
            assert_eq!(
                exchanges.note(Direction::In, text, now).0,
                Exchange::Unreadable,
                "{text}"
            );
        }
        assert!(!exchanges.awaits(Direction::In));
    }

    #[test]
    fn what_is_never_answered_takes_no_room() {
        let mut exchanges = Exchanges::default();
        let long = "x".repeat(100_000);
        for number in 0..1000 {
            for id in [format!("{number}"), format!("{number}{long}")] {
                let text = format!(r#"[2,"{id}","A",{{}}]"#);
                exchanges.note(Direction::In, &text, Instant::now());
            }
        }
        let ids = exchanges.awaited.keys().map(|(_, id)| id.len());
        assert!(ids.sum::<usize>() <= MOST_AWAITED * LONGEST_ID);
    }

    #[test]
    fn payloads_are_read_where_they_are_short() {
        assert_eq!(payload(r#"[2,"1","A",{"b":1}]"#), Ok(Some(json!({"b": 1}))));
        assert_eq!(payload(r#"[3,"1",{}]"#), Ok(Some(json!({}))));
        assert_eq!(payload(r#"[3,"1"]"#), Ok(Some(Value::Null)));
        assert_eq!(payload(r#"[3,"1",{]"#), Err(()));
        let long = "[".repeat(LONGEST_PAYLOAD + 1);
        assert_eq!(payload(&long), Ok(None));
    }
}
