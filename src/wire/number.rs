//! Whole and decimal numbers without `core::fmt` and without floating point.

use super::text::halves;

/// The whole number of a JSON value, when it is one that `i64` holds.
pub fn long(json: &str) -> Option<i64> {
    let (value, used) = serde_json_core::from_str::<i64>(json).ok()?;
    (used == json.len()).then_some(value)
}

/// The tenths of a JSON number, whatever its form. What lies below a tenth is left out, but for the
/// last bits of a binary fraction: 6.8999999999999995 is 6.9. Beyond 64 bits it is the nearest that
/// there is.
pub fn tenths(json: &str) -> Option<i64> {
    let (is_negative, mut rest) = match json.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if !matches!(rest, [b'0'..=b'9', ..]) {
        return None;
    }
    // In thousandths: the digits, and how often they are multiplied by ten.
    let (mut digits, mut shift) = (0u64, 3i32);
    let mut behind_point = 0;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (*byte, digit(*byte)) {
            // Nothing that is measured has as many digits.
            (_, Some(_)) if digits >= 100_000_000_000_000_000 => shift += 1 - behind_point,
            (_, Some(digit)) => {
                digits = digits * 10 + u64::from(digit);
                shift -= behind_point;
            }
            (b'.', None) => behind_point = 1,
            (b'e' | b'E', None) => {
                shift = shift.saturating_add(exponent(core::str::from_utf8(rest).ok()?)?);
                break;
            }
            _ => return None,
        }
    }
    while shift > 0 && digits > 0 {
        digits = digits.saturating_mul(10);
        shift -= 1;
    }
    while shift < -1 && digits > 0 {
        digits /= 10;
        shift += 1;
    }
    if shift == -1 {
        digits = digits.saturating_add(5) / 10;
    }
    let tenths = i64::try_from(digits / 100).unwrap_or(i64::MAX);
    let rest = i64::from(digits % 100 > 0);
    Some(match is_negative {
        // Downwards as well.
        true => -tenths.saturating_add(rest),
        false => tenths,
    })
}

fn exponent(text: &str) -> Option<i32> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // One that is longer makes no difference any more.
    let mut value = 0i32;
    for byte in digits.bytes() {
        let digit = i32::try_from(digit(byte)?).ok()?;
        value = value.saturating_mul(10).saturating_add(digit).min(10_000);
    }
    Some(if is_negative { -value } else { value })
}

/// True for a JSON value that is a number without fraction and exponent.
pub fn is_whole(json: &str) -> bool {
    let digits = json.strip_prefix('-').unwrap_or(json);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number without the fraction that says nothing: `12` of `12.0`.
pub fn without_zeros(number: &str) -> &str {
    match halves(number, b'.') {
        (whole, Some(zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    }
}

/// A non-negative whole number as a configuration value holds it: digits only.
pub fn unsigned(text: &str) -> Option<u32> {
    let mut digits = text.bytes();
    let mut value = digit(digits.next()?)?;
    for byte in digits {
        value = value.checked_mul(10)?.checked_add(digit(byte)?)?;
    }
    Some(value)
}

/// [`unsigned`] within the range of `i32`, with a minus sign before it where there may be one.
pub fn signed(text: &str, may_be_negative: bool) -> Option<i32> {
    match text.strip_prefix('-') {
        Some(digits) if may_be_negative => 0_i32.checked_sub_unsigned(unsigned(digits)?),
        _ => unsigned(text)?.try_into().ok(),
    }
}

fn digit(byte: u8) -> Option<u32> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(value.into())
}

/// Decimal digits of a number, most significant first.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    bytes: [u8; 24],
    start: usize,
}

impl Digits {
    /// `value` with `decimals` of its digits behind the point and no trailing zeros there.
    pub fn decimal(value: i64, decimals: u32) -> Self {
        let mut digits = Self {
            bytes: [0; 24],
            start: 24,
        };
        let mut rest = value.unsigned_abs();
        let mut fraction = decimals;
        while fraction > 0 && rest.is_multiple_of(10) {
            rest /= 10;
            fraction -= 1;
        }
        if fraction > 0 {
            for _ in 0..fraction {
                digits.push(b'0' + (rest % 10) as u8);
                rest /= 10;
            }
            digits.push(b'.');
        }
        loop {
            digits.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            digits.push(b'-');
        }
        digits
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.start) {
            *place = byte;
        }
    }

    /// The digits as ASCII bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }

    /// The digits as text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or("0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_decimals() {
        let text = |value, decimals| Digits::decimal(value, decimals).as_str().to_owned();
        assert_eq!(text(0, 0), "0");
        assert_eq!(text(0, 3), "0");
        assert_eq!(text(230_100, 3), "230.1");
        assert_eq!(text(-5, 3), "-0.005");
        assert_eq!(text(16_000, 3), "16");
        assert_eq!(text(i64::MIN, 0), "-9223372036854775808");
        assert_eq!(text(i64::MAX, 3), "9223372036854775.807");
    }

    #[test]
    fn reads_integers() {
        assert_eq!(long("9223372036854775807"), Some(i64::MAX));
        assert_eq!(long("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(long("9223372036854775808"), None);
        assert_eq!(long("1.0"), None);
        assert_eq!(long("1e3"), None);
        assert_eq!(long("\"1\""), None);
        assert_eq!(unsigned("007"), Some(7));
        assert_eq!(unsigned("+7"), None);
        assert_eq!(unsigned("4294967296"), None);
        assert_eq!(signed("2147483647", false), Some(i32::MAX));
        assert_eq!(signed("2147483648", true), None);
        assert_eq!(signed("-2147483648", true), Some(i32::MIN));
        for none in ["-2147483649", "-", "--7", "+7", "", " 7"] {
            assert_eq!(signed(none, true), None, "{none}");
        }
        assert_eq!(signed("-7", false), None);
    }

    #[test]
    fn reads_tenths() {
        for (text, expected) in [
            ("16", 160),
            ("16.0", 160),
            ("0", 0),
            ("-0.0", 0),
            ("6.25", 62),
            ("5.99", 59),
            ("6.8999999999999995", 69),
            ("16.000000000000004", 160),
            ("1.6e1", 160),
            ("160E-1", 160),
            ("1.6E+01", 160),
            ("0.04", 0),
            ("-0.04", -1),
            ("-16", -160),
            ("11040.5", 110_405),
            ("429496729.5", 4_294_967_295),
            ("1e-400", 0),
            ("0e400", 0),
        ] {
            assert_eq!(tenths(text), Some(expected), "{text}");
        }
        for large in ["1e400", "99999999999999999999999999", "1e99999999999"] {
            assert!(tenths(large).is_some_and(|it| it > 1 << 53), "{large}");
        }
    }

    #[test]
    fn tells_whole_numbers() {
        for whole in ["0", "-7", "99999999999999999999"] {
            assert!(is_whole(whole), "{whole}");
        }
        for other in ["", "-", "1.0", "1e3", "1E3", "true", "\"1\"", "one", " 1"] {
            assert!(!is_whole(other), "{other}");
        }
        for (number, whole) in [
            ("12.0", "12"),
            ("-12.000", "-12"),
            ("12", "12"),
            ("12.5", "12.5"),
            ("12.05", "12.05"),
            ("1.0e3", "1.0e3"),
        ] {
            assert_eq!(without_zeros(number), whole);
        }
    }
}
