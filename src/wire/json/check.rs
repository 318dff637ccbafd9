//! Syntax of RFC 8259, checked without recursion.

use super::{
    MAX_DEPTH, Unreadable,
    skip::{plain_until, skip_space},
};

/// What may come next while a value is checked.
enum Expect {
    Value,
    FirstName,
    Name,
    FirstElement,
    CommaOrEnd,
}

/// Checks one value from `at` on and gives the position behind it.
pub fn value(bytes: &[u8], mut at: usize) -> Result<usize, Unreadable> {
    use Unreadable::{Syntax, TooDeep};
    // One bit for each open bracket, the innermost lowest: set for an object.
    let mut open = 0u32;
    let mut depth = 0u32;
    let mut expect = Expect::Value;
    loop {
        at = skip_space(bytes, at);
        let &byte = bytes.get(at).ok_or(Syntax)?;
        match (&expect, byte) {
            (Expect::FirstName, b'}') | (Expect::FirstElement, b']') => {
                at += 1;
                depth -= 1;
                open >>= 1;
                expect = Expect::CommaOrEnd;
            }
            (Expect::FirstName | Expect::Name, b'"') => {
                at = skip_space(bytes, string(bytes, at + 1)?);
                if bytes.get(at) != Some(&b':') {
                    return Err(Syntax);
                }
                at += 1;
                expect = Expect::Value;
            }
            (Expect::CommaOrEnd, b',') => {
                at += 1;
                expect = if open & 1 == 1 {
                    Expect::Name
                } else {
                    Expect::Value
                };
            }
            (Expect::CommaOrEnd, b'}' | b']') => {
                if (byte == b'}') != (open & 1 == 1) {
                    return Err(Syntax);
                }
                at += 1;
                depth -= 1;
                open >>= 1;
            }
            (Expect::Value | Expect::FirstElement, b'{' | b'[') => {
                if depth == MAX_DEPTH {
                    return Err(TooDeep);
                }
                let object = byte == b'{';
                open = (open << 1) | u32::from(object);
                depth += 1;
                at += 1;
                expect = if object {
                    Expect::FirstName
                } else {
                    Expect::FirstElement
                };
            }
            (Expect::Value | Expect::FirstElement, _) => {
                at = match byte {
                    b'"' => string(bytes, at + 1)?,
                    b't' => word(bytes, at, b"true")?,
                    b'f' => word(bytes, at, b"false")?,
                    b'n' => word(bytes, at, b"null")?,
                    _ => number(bytes, at)?,
                };
                expect = Expect::CommaOrEnd;
            }
            _ => return Err(Syntax),
        }
        if depth == 0 && matches!(expect, Expect::CommaOrEnd) {
            return Ok(at);
        }
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Unreadable> {
    let end = at + word.len();
    if bytes.get(at..end) == Some(word) {
        Ok(end)
    } else {
        Err(Unreadable::Syntax)
    }
}

pub fn string(bytes: &[u8], mut at: usize) -> Result<usize, Unreadable> {
    loop {
        at = plain_until(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                Some(b'u') => {
                    let digits = bytes.get(at + 2..at + 6).ok_or(Unreadable::Syntax)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return Err(Unreadable::Syntax);
                    }
                    at += 6;
                }
                _ => return Err(Unreadable::Syntax),
            },
            _ => return Err(Unreadable::Syntax),
        }
    }
}

fn number(bytes: &[u8], mut at: usize) -> Result<usize, Unreadable> {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits(bytes, at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Ok(at)
}

/// At least one digit.
fn digits(bytes: &[u8], from: usize) -> Result<usize, Unreadable> {
    let mut at = from;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    if at == from {
        Err(Unreadable::Syntax)
    } else {
        Ok(at)
    }
}
