//! Decimal numbers as text, in thousandths, without floating point.

use crate::text::CText;

/// Reads `-12.5` times `scale` (1, 10, 100 or 1000), rounded half away from zero; nothing when
/// it is no number, or too large.
pub fn scaled(text: &str, scale: i64) -> Option<i32> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for byte in whole.bytes() {
        value = value.checked_mul(10)?.checked_add(digit(byte)?)?;
    }
    value = value.checked_mul(scale)?;
    let mut worth = scale;
    let mut rounded = false;
    for byte in fraction.bytes() {
        let digit = digit(byte)?;
        if worth >= 10 {
            worth /= 10;
            value = value.checked_add(digit * worth)?;
        } else if !rounded {
            // The first digit that is worth less than one.
            rounded = true;
            value = value.checked_add(i64::from(digit >= 5))?;
        }
    }
    i32::try_from(if negative { -value } else { value }).ok()
}

/// Writes what [`scaled`] reads as `value` again: a sign, ten digits, a point and its decimals.
pub fn text(value: i32, scale: i64) -> CText<16> {
    let mut text = CText::new();
    let magnitude = i64::from(value).abs();
    let mut worth = scale.max(1);
    text.push(if value < 0 { "-" } else { "" });
    text.push_number(magnitude / worth);
    text.push(if worth >= 10 { "." } else { "" });
    while worth >= 10 {
        worth /= 10;
        text.push_number(magnitude / worth % 10);
    }
    text
}

fn digit(byte: u8) -> Option<i64> {
    byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
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

    #[test]
    fn writes_what_it_reads() {
        for (value, scale, expected) in [
            (0, 1, "0"),
            (1234, 1, "1234"),
            (-1234, 1, "-1234"),
            (229_950, 1000, "229.950"),
            (-5, 1000, "-0.005"),
            (i32::MIN, 1000, "-2147483.648"),
        ] {
            assert_eq!(text(value, scale).as_str(), expected);
            assert_eq!(scaled(expected, scale), Some(value));
        }
    }
}
