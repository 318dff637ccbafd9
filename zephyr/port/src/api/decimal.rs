//! Decimal numbers as text, in thousandths, without floating point.

/// Reads `-12.5` times `scale` (1, 10, 100 or 1000), rounded half away from zero; `None` when
/// it is no number, or too large.
pub fn scaled(text: &str, scale: i32) -> Option<i32> {
    let (is_negative, digits) = match text.trim_ascii().as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if matches!(digits, [] | [b'.']) {
        return None;
    }
    let mut value: i64 = 0;
    // What a digit behind the point is worth; `None` before the point.
    let mut worth: Option<i32> = None;
    for &byte in digits {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        match worth {
            None if byte == b'.' => {
                value *= i64::from(scale);
                worth = Some(scale);
            }
            _ if digit > 9 => return None,
            None => value = value * 10 + digit,
            Some(before @ 10..) => {
                let now = before / 10;
                value += digit * i64::from(now);
                worth = Some(now);
            }
            Some(1) => {
                // The first digit that is worth less than one.
                value += i64::from(digit >= 5);
                worth = Some(0);
            }
            Some(_) => {}
        }
        // So that nothing can overflow.
        if value > i64::from(i32::MAX) * 1000 {
            return None;
        }
    }
    if worth.is_none() {
        value *= i64::from(scale);
    }
    i32::try_from(if is_negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimal_numbers() {
        for (text, scale, expected) in [
            ("0", 1, Some(0)),
            ("1234", 1, Some(1234)),
            (" 12.5\n", 1000, Some(12_500)),
            ("12.3456", 1000, Some(12_346)),
            ("-0.0005", 1000, Some(-1)),
            ("-12.4", 1, Some(-12)),
            ("12.5", 1, Some(13)),
            (".5", 1000, Some(500)),
            ("+5.", 1, Some(5)),
            ("2147483647", 1, Some(i32::MAX)),
            ("2147483648", 1, None),
            ("99999999999999999999", 1, None),
            ("", 1, None),
            (".", 1, None),
            ("-", 1, None),
            ("1e3", 1, None),
            ("1.2.3", 1000, None),
            ("--1", 1, None),
        ] {
            assert_eq!(scaled(text, scale), expected, "{text:?}");
        }
    }
}
