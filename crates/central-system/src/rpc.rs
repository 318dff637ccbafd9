//! OCPP-J frames: JSON arrays that begin with a message type (OCPP-J 1.6, 4.2).

use serde_json::{Value, json};

/// A CALL of the charge point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub id: String,
    pub action: String,
    pub payload: Value,
}

/// A frame that could be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Call(Call),
    CallResult {
        id: String,
        payload: Value,
    },
    CallError {
        id: String,
        code: String,
        description: String,
        details: Value,
    },
}

/// A frame that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub why: &'static str,
    /// The message id, if this is a CALL and has one: it can then be answered.
    pub call_id: Option<String>,
}

impl Unreadable {
    fn without_id(why: &'static str) -> Self {
        Unreadable { why, call_id: None }
    }
}

/// Reads a frame.
pub(crate) fn parse(text: &str) -> Result<Message, Unreadable> {
    let Ok(Value::Array(elements)) = serde_json::from_str(text) else {
        return Err(Unreadable::without_id("not a JSON array"));
    };
    let mut elements = elements.into_iter();
    let message_type = elements.next().and_then(|v| v.as_u64());
    let Some(Value::String(id)) = elements.next() else {
        return Err(Unreadable::without_id("no message id"));
    };
    let rest = (
        elements.next(),
        elements.next(),
        elements.next(),
        elements.next(),
    );
    match (message_type, rest) {
        (Some(2), (Some(Value::String(action)), Some(payload @ Value::Object(_)), None, _)) => {
            Ok(Message::Call(Call {
                id,
                action,
                payload,
            }))
        }
        (Some(2), _) => Err(Unreadable {
            why: "not a CALL of four elements",
            call_id: Some(id),
        }),
        (Some(3), (Some(payload @ Value::Object(_)), None, ..)) => {
            Ok(Message::CallResult { id, payload })
        }
        (
            Some(4),
            (
                Some(Value::String(code)),
                Some(Value::String(description)),
                Some(details @ Value::Object(_)),
                None,
            ),
        ) => Ok(Message::CallError {
            id,
            code,
            description,
            details,
        }),
        (Some(3 | 4), _) => Err(Unreadable::without_id("a malformed answer")),
        _ => Err(Unreadable::without_id("an unknown message type")),
    }
}

pub(crate) fn call(id: &str, action: &str, payload: &Value) -> String {
    json!([2, id, action, payload]).to_string()
}

pub(crate) fn call_result(id: &str, payload: &Value) -> String {
    json!([3, id, payload]).to_string()
}

pub(crate) fn call_error(id: &str, code: &str, description: &str) -> String {
    json!([4, id, code, description, {}]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let payload = json!({"idTag": "A"});
        assert_eq!(
            parse(&call("1", "Authorize", &payload)),
            Ok(Message::Call(Call {
                id: "1".into(),
                action: "Authorize".into(),
                payload: payload.clone()
            }))
        );
        assert_eq!(
            parse(&call_result("1", &payload)),
            Ok(Message::CallResult {
                id: "1".into(),
                payload
            })
        );
        assert_eq!(
            parse(&call_error("1", "GenericError", "why")),
            Ok(Message::CallError {
                id: "1".into(),
                code: "GenericError".into(),
                description: "why".into(),
                details: json!({})
            })
        );
    }

    #[test]
    fn a_broken_call_keeps_its_id() {
        for text in [
            r#"[2,"9"]"#,
            r#"[2,"9","A"]"#,
            r#"[2,"9","A",[]]"#,
            r#"[2,"9","A",{},1]"#,
        ] {
            assert_eq!(parse(text).unwrap_err().call_id.as_deref(), Some("9"));
        }
        for text in ["", "{}", "[]", "[2]", r#"[2,5,"A",{}]"#, r#"[5,"9"]"#] {
            assert_eq!(parse(text).unwrap_err().call_id, None, "{text}");
        }
    }
}
