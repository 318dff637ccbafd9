//! Decimal numbers as text, in thousandths, without floating point.

/// Reads `-12.5` times `scale` (1, 10, 100 or 1000), rounded half away from zero; `None` when
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
}
