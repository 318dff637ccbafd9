//! Where parts of JSON end.

/// Position of the first byte at or after `at` that is not white space.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// End of a value whose syntax has been checked.
pub(super) fn skip_value(bytes: &[u8], mut at: usize) -> usize {
    if bytes.get(at) == Some(&b'"') {
        return skip_string(bytes, at + 1);
    }
    let mut depth = 0u32;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = skip_string(bytes, at + 1),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => at = skip_scalar(bytes, at),
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

/// Digits without a sign and without leading zeros, and what is behind them.
pub(super) fn short_integer(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (mut value, mut rest) = (0i64, bytes);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        rest = after;
    }
    match bytes.len() - rest.len() {
        1 => Some((value, rest)),
        2..=17 if bytes.first() != Some(&b'0') => Some((value, rest)),
        _ => None,
    }
}

/// The end of a list without others in it: its first bracket, behind an object or behind the other
/// bracket. In a text it would be taken for the end as well; what is read of the list then is no JSON.
pub(super) fn flat_list_end(bytes: &[u8], start: usize) -> Option<usize> {
    const ONES: usize = usize::MAX / 0xff;
    let mut rest = bytes.get(start + 1..)?;
    loop {
        // A machine word at a time, as far as it has no bracket: both differ in these two bits only.
        while let Some((word, after)) = rest.split_first_chunk() {
            let other = (usize::from_le_bytes(*word) | (ONES * 0x06)) ^ (ONES * 0x5f);
            if other.wrapping_sub(ONES) & !other & (ONES << 7) != 0 {
                break;
            }
            rest = after;
        }
        // Of that word, or of the end.
        let (first, after) = rest.split_first()?;
        rest = after;
        if matches!(first, b'[' | b']') {
            let end = bytes.len() - after.len();
            let last = bytes.get(..end - 1)?.trim_ascii_end().last();
            let is_end = *first == b']' && matches!(last, Some(b'}' | b'['));
            return is_end.then_some(end);
        }
    }
}

/// End of a list whose syntax has not been checked: only brackets and texts are looked at.
pub(super) fn list_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0u32;
    let mut rest = bytes.get(start..).unwrap_or_default();
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'"' => {
                let end = skip_string(bytes, bytes.len() - rest.len());
                rest = bytes.get(end..).unwrap_or_default();
            }
            b'[' => depth += 1,
            b']' if depth == 1 => break,
            b']' => depth -= 1,
            _ => {}
        }
    }
    bytes.len() - rest.len()
}

fn skip_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = plain_until(bytes, at);
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            // The quotation mark at its end.
            _ => return at + 1,
        }
    }
}

/// Where the plain text from `at` on ends: at a quotation mark, a backslash, a control character
/// or the end. A machine word at a time, because most of a frame is such text.
pub(super) fn plain_until(bytes: &[u8], at: usize) -> usize {
    const ONES: usize = usize::MAX / 0xff;
    let mut rest = bytes.get(at..).unwrap_or_default();
    loop {
        while let Some((word, after)) = rest.split_first_chunk() {
            let word = usize::from_le_bytes(*word);
            // The lowest byte that is marked is marked rightly; a borrow may mark some above it.
            let low = word.wrapping_sub(ONES * 0x23);
            let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
            let marked = (low | backslash) & !word & (ONES << 7);
            if marked != 0 {
                let plain = marked.trailing_zeros() as usize / 8;
                rest = rest.get(plain..).unwrap_or_default();
                break;
            }
            rest = after;
        }
        match rest {
            // A space and an exclamation mark are marked as well.
            [0x20..=0x21 | 0x23..=0x5b | 0x5d.., after @ ..] => rest = after,
            _ => return bytes.len() - rest.len(),
        }
    }
}

fn skip_scalar(bytes: &[u8], mut at: usize) -> usize {
    while !matches!(
        bytes.get(at),
        None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')
    ) {
        at += 1;
    }
    at
}
