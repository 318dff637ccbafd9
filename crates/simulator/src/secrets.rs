//! Frames without the secrets that a central system sends: the passwords of Basic authentication, and those of
//! the servers that files are fetched from and delivered to.

use std::borrow::Cow;

use serde_json::Value;

use crate::address::redacted;

/// What may be set but not told: a key of OCPP 1.6 and a variable of OCPP 2.0.1.
const SECRET: [&str; 2] = ["AuthorizationKey", "BasicAuthPassword"];
/// What sets it.
const SETTING: [&str; 2] = ["ChangeConfiguration", "SetVariables"];
/// What says where a file is.
const LOCATING: [&str; 4] = [
    "GetDiagnostics",
    "GetLog",
    "SignedUpdateFirmware",
    "UpdateFirmware",
];
/// The fields that say it.
const LOCATION: [&str; 2] = ["location", "remoteLocation"];
/// In the place of a secret.
const HIDDEN: &str = "***";

/// A frame for people and logs: [`without_password`] and [`without_location`].
pub fn hidden(frame: &str) -> Cow<'_, str> {
    match without_location(frame) {
        Cow::Borrowed(frame) => without_password(frame),
        // No frame has both.
        written => written,
    }
}

/// A frame that says where a file is, with its URL as [`redacted`] has it, or hidden as a whole where it cannot be
/// read.
pub fn without_location(frame: &str) -> Cow<'_, str> {
    let locates = may_locate(frame);
    if !locates && !frame.contains("\\u") {
        return Cow::Borrowed(frame);
    }
    let Ok(mut message) = serde_json::from_str::<Value>(frame) else {
        return Cow::Borrowed(if locates { HIDDEN } else { frame });
    };
    if !is_one_of(&message, &LOCATING) {
        return Cow::Borrowed(frame);
    }
    let is_redacted = message.get_mut(3).is_some_and(redact);
    // The text as well: of a field that is there twice only the last is in the message.
    match is_redacted || locates {
        true => Cow::Owned(message.to_string()),
        false => Cow::Borrowed(frame),
    }
}

/// A frame that sets a password, written anew with `***` in its place; one that cannot be read but names such a
/// key is hidden as a whole.
pub fn without_password(frame: &str) -> Cow<'_, str> {
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
    // The text as well: of a field that is there twice only the last is in the message.
    let names = names_secret(&message.to_string()) || names_secret(frame);
    if !names || !is_one_of(&message, &SETTING) {
        return Cow::Borrowed(frame);
    }
    match message.get_mut(3).is_some_and(hide) {
        true => Cow::Owned(message.to_string()),
        // It is named where it should not be.
        false => Cow::Borrowed(HIDDEN),
    }
}

fn is_one_of(message: &Value, actions: &[&str]) -> bool {
    let action = message.get(2).and_then(Value::as_str);
    let mut actions = actions.iter();
    action.is_some_and(|action| actions.any(|name| name.eq_ignore_ascii_case(action)))
}

/// Whether a text may be a frame with a URL in which something is secret.
fn may_locate(frame: &str) -> bool {
    if !frame.contains(['@', '?', '#']) {
        return false;
    }
    let text = frame.to_ascii_lowercase();
    let mut names = LOCATING.iter();
    names.any(|name| text.contains(&name.to_ascii_lowercase()))
}

/// Redacts the URLs of files; false where there is nothing secret in any.
fn redact(value: &mut Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter_mut().fold(false, |any, e| redact(e) | any),
        Value::Object(fields) => fields.iter_mut().fold(false, |any, (name, value)| {
            let mut names = LOCATION.iter();
            let is_location = names.any(|it| it.eq_ignore_ascii_case(name));
            let shown = value.as_str().filter(|_| is_location).map(redacted);
            let is_secret = match (shown, &mut *value) {
                (Some(shown), Value::String(url)) if *url != shown => {
                    *url = shown;
                    true
                }
                (Some(_), _) => false,
                (None, value) => redact(value),
            };
            is_secret | any
        }),
        _ => false,
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
    fn what_is_secret_in_the_url_of_a_file_is_not_told() {
        for frame in [
            r#"[2,"1","UpdateFirmware",{"location":"ftp://user:s3cret@h/a","retrieveDate":"x"}]"#,
            r#"[2,"1","updateFirmware",{"location":"ftp:\/\/user:s3cret\u0040h\/a"}]"#,
            r#"[2,"1","GetDiagnostics",{"location":"http://h/a?token=s3cret"}]"#,
            r#"[2,"1","GetDiagnostics",{"location":"http://h/a?token=s3cret","location":"http://h"}]"#,
            r#"[2,"1","GetLog",{"log":{"remoteLocation":"http://h/a?token=s3cret"}}]"#,
            r#"[2,"1","SignedUpdateFirmware",{"firmware":{"location":"http://s3cret@h/a"}}]"#,
            r#"[2,"1","UpdateFirmware",{"location":"ftp://user:s3cret@h/a"#,
        ] {
            let shown = hidden(frame);
            assert!(!shown.contains("s3cret"), "{shown}");
            assert!(
                shown.contains("***") || shown.contains("http://h"),
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
            r#"[2, "1", "UpdateFirmware", {"location":"http://h/a", "retrieveDate":"\u0041"}]"#,
            r#"[2, "1", "DataTransfer", {"vendorId":"a?b@c", "data":"location"}]"#,
            "not JSON \\u2028",
            "",
        ] {
            assert_eq!(hidden(frame), frame);
        }
    }
}
