//! Texts of others, made harmless: a terminal acts upon control characters, and shows what
//! stands behind a bidirectional override in another order.

use std::borrow::Cow;

use ocpp::domain::is_invisible;

/// For people: `\n`, `\u{1b}`.
pub fn text(text: &str) -> Cow<'_, str> {
    replaced(text, |c, escaped| match c {
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        c => escaped.extend(c.escape_unicode()),
    })
}

/// A line of JSON: the same strings, in other characters.
pub fn json(line: &str) -> Cow<'_, str> {
    replaced(line, |c, escaped| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

fn replaced(text: &str, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_invisible(c) {
            true => escape(c, &mut escaped),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: [char; 12] = [
        '\u{0}',
        '\u{7}',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{200b}',
        '\u{2028}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{e0041}',
    ];

    #[test]
    fn what_a_terminal_acts_upon_is_shown() {
        assert_eq!(
            text("a\r\n\t\u{1b}[2K\u{202e}b"),
            "a\\r\\n\\t\\u{1b}[2K\\u{202e}b"
        );
        for bad in BAD {
            assert!(!text(&format!("x{bad}y")).contains(bad), "{bad:?}");
        }
        let good = "Zürich — 東京 \\u{1b} 🚗 'quoted'";
        assert!(matches!(text(good), Cow::Borrowed(same) if same == good));
    }

    #[test]
    fn json_says_the_same_in_other_characters() {
        for bad in BAD {
            let said = format!("x{bad}y");
            let line = serde_json::json!({ "a": said }).to_string();
            let escaped = json(&line);
            assert!(!escaped.contains(bad), "{bad:?}");
            let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
            assert_eq!(read["a"], said);
        }
    }
}
