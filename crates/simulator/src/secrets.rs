//! Frames without the secrets that a central system sends: the passwords of Basic authentication.

use std::borrow::Cow;

use serde_json::Value;

/// What may be set but not told: a key of OCPP 1.6 and a variable of OCPP 2.0.1.
const SECRET: [&str; 2] = ["AuthorizationKey", "BasicAuthPassword"];
/// What sets it.
const SETTING: [&str; 2] = ["ChangeConfiguration", "SetVariables"];
/// In the place of a secret.
const HIDDEN: &str = "***";

/// A frame for people and logs. One that sets a password is written anew with `***` in its place; one that
/// cannot be read but names such a key is hidden as a whole.
pub fn hidden(frame: &str) -> Cow<'_, str> {
    if !names_secret(frame) && !frame.contains("\\u") {
        return Cow::Borrowed(frame);
    }
    let Ok(mut message) = serde_json::from_str::<Value>(frame) else {
        // An escape may be one of a letter of the name.
        return match frame.contains("\\u00") || names_secret(frame) {
            true => Cow::Borrowed(HIDDEN),
            false => Cow::Borrowed(frame),
        };
    };
    let action = message.get(2).and_then(Value::as_str);
    let sets = action.is_some_and(|action| {
        let mut setting = SETTING.iter();
        setting.any(|name| name.eq_ignore_ascii_case(action))
    });
    // The text as well: of a field that is there twice only the last is in the message.
    if !sets || !(names_secret(&message.to_string()) || names_secret(frame)) {
        return Cow::Borrowed(frame);
    }
    match message.get_mut(3).is_some_and(hide) {
        true => Cow::Owned(message.to_string()),
        // It is named where it should not be.
        false => Cow::Borrowed(HIDDEN),
    }
}

fn names_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut names = SECRET.iter();
    names.any(|name| text.contains(&name.to_ascii_lowercase()))
}

/// Hides what is beside a name of a secret; false where there is none.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter_mut().fold(false, |any, e| hide(e) | any),
        Value::Object(fields) => {
            let named = fields.get("key").or(fields.get("variable"));
            if named.is_some_and(|name| names_secret(&name.to_string())) {
                for (name, value) in fields {
                    if matches!(name.as_str(), "value" | "attributeValue") {
                        *value = HIDDEN.into();
                    }
                }
                return true;
            }
            fields.values_mut().fold(false, |any, v| hide(v) | any)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_set_are_not_told() {
        for frame in [
            r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret"}]"#,
            r#"[2,"1","ChangeConfiguration",{"value":"s3cret","key":"authorizationkey"}]"#,
            r#"[2,"1","ChangeConfiguration",{"key":"Authorization\u004bey","value":"s3cret"}]"#,
            r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","key":"X","value":"s3cret"}]"#,
            r#"[2,"1","ChangeConfiguration",{"value":"s3cret","key":"AuthorizationKey","value":"x"}]"#,
            r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret""#,
            r#"[2,"1","ChangeConfiguration",{"key":"Authorization\u004bey","value":"s3cret""#,
            r#"[2,"1","ChangeConfiguration",["AuthorizationKey","s3cret"]]"#,
            r#"[2,"1","SetVariables",{"setVariableData":[{"attributeValue":"1","component":{"name":"A"},
                "variable":{"name":"B"}},{"attributeValue":"s3cret",
                "component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]"#,
        ] {
            let shown = hidden(frame);
            assert!(
                !shown.contains("s3cret") && shown.contains("***"),
                "{shown}"
            );
        }
    }

    #[test]
    fn all_else_is_told_as_it_came() {
        for frame in [
            r#"[2, "1", "ChangeConfiguration", {"value":"5", "key":"HeartbeatInterval"}]"#,
            r#"[2, "1", "GetConfiguration", {"key":["AuthorizationKey"]}]"#,
            r#"[3, "1", {"unknownKey":["AuthorizationKey"]}]"#,
            r#"[3, "1", {"data":"\u0041"}]"#,
            "not JSON \\u2028",
            "",
        ] {
            assert_eq!(hidden(frame), frame);
        }
    }
}
