//! What of a frame is not to be shown or logged.

use core::ops::Range;

use crate::wire::json::{Scanner, Unreadable};

/// The setting whose value is a secret.
const SECRET: &str = "AuthorizationKey";

/// Where in a frame of OCPP 1.6 the value of an AuthorizationKey stands, as a ChangeConfiguration sets
/// it: what shows or logs frames leaves that out. Of a frame that cannot be read it is all that is behind
/// the name of the key.
pub fn secret_in(frame: &str) -> Option<Range<usize>> {
    match find(frame) {
        Ok(found) => found,
        Err(_) => {
            let mut windows = frame.as_bytes().windows(SECRET.len());
            let at = windows.position(|it| it.eq_ignore_ascii_case(SECRET.as_bytes()))?;
            Some(at + SECRET.len()..frame.len())
        }
    }
}

fn find(frame: &str) -> Result<Option<Range<usize>>, Unreadable> {
    let mut scanner = Scanner::new(frame, 0);
    scanner.take(b'[')?;
    // Message type and id.
    for _ in 0..2 {
        scanner.value()?;
        if scanner.peek() == b']' {
            return Ok(None);
        }
        scanner.take(b',')?;
    }
    let action = scanner.value()?.text();
    if !action.is_some_and(|action| action.is_ci("ChangeConfiguration")) {
        return Ok(None);
    }
    scanner.take(b',')?;
    scanner.take(b'{')?;
    let (mut is_secret, mut secret, mut first) = (false, None, true);
    while let Some(name) = scanner.member(first)? {
        let value = scanner.value()?;
        if name.is_ci("key") {
            is_secret |= value.text().is_some_and(|key| key.is_ci(SECRET));
        }
        if name.is_ci("value") {
            let end = scanner.position();
            secret = Some(end - value.as_str().len()..end);
        }
        first = false;
    }
    Ok(secret.filter(|_| is_secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_authorization_key_is_found() {
        for (frame, secret) in [
            (
                r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"secret"}]"#,
                Some(r#""secret""#),
            ),
            (
                r#" [2, "1", "changeconfiguration", {"value": "se\"cret", "key": "authorizationkey" } ]"#,
                Some(r#""se\"cret""#),
            ),
            (
                r#"[2,"1","ChangeConfiguration",{"key":"Auth\u006frizationKey","value":12}]"#,
                Some("12"),
            ),
            (
                r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"secr"#,
                Some(r#"","value":"secr"#),
            ),
            (
                r#"[2,"1","ChangeConfiguration",{"key":"CpoName","value":"AuthorizationKey"}]"#,
                None,
            ),
            (r#"[3,"1",{"status":"Accepted"}]"#, None),
            (r#"[3,"1"]"#, None),
            ("", None),
        ] {
            let found = secret_in(frame).map(|range| &frame[range]);
            assert_eq!(found, secret, "{frame}");
        }
    }
}
