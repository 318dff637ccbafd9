//! RFC 3339 time stamps, as OCPP 1.6 writes them (3.14 and 3.15): UTC with a `Z`, to the
//! millisecond.

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type UnixMillis = i64;

const DAY_S: u32 = 86_400;
/// 9999-12-31T23:59:59.999Z, the last moment that [`format`] can write.
pub const LAST: UnixMillis = 253_402_300_799_999;

/// Reads `2026-01-01T00:00:05Z`, with any fraction and any offset, also written `+02` or `+0200`
/// and with a comma before the fraction, as ISO 8601 has them (OCPP 1.6, 3.15).
///
/// Some central systems leave the offset out; such a time is taken as UTC.
pub fn parse(text: &str) -> Option<UnixMillis> {
    let (head, mut rest) = text.as_bytes().split_first_chunk::<19>()?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        separator,
        clock @ ..,
    ] = *head
    else {
        return None;
    };
    let (b'T' | b't' | b' ', [h0, h1, b':', n0, n1, b':', s0, s1]) = (separator, clock) else {
        return None;
    };
    let (century, year_of_century) = (number(y0, y1), number(y2, y3));
    let year = century * 100 + year_of_century;
    let (month, day) = (number(m0, m1), number(d0, d1));
    let (hour, minute, second) = (number(h0, h1), number(n0, n1), number(s0, s1));
    let mut millis = 0;
    if let [b'.' | b',', fraction @ ..] = rest {
        rest = fraction;
        let mut weight = 100;
        while let [first, after @ ..] = rest
            && let Some(digit) = digit(*first)
        {
            millis += i32::from(digit) * weight;
            weight /= 10;
            rest = after;
        }
        if rest.len() == fraction.len() {
            return None;
        }
    }
    let (sign, hours, minutes) = match *rest {
        [] | [b'Z' | b'z'] => (b'+', 0, 0),
        [sign, h0, h1] => (sign, number(h0, h1), 0),
        [sign, h0, h1, m0, m1] | [sign, h0, h1, b':', m0, m1] => {
            (sign, number(h0, h1), number(m0, m1))
        }
        _ => return None,
    };
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let is_date = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    let is_clock = hour <= 23 && minute <= 59 && second <= 60;
    let is_year = century < NO_NUMBER && year_of_century < NO_NUMBER;
    if !(is_year && is_date && is_clock && hours <= 23 && minutes <= 59) {
        return None;
    }
    let offset_minutes = sign * (hours * 60 + minutes);
    // Days, and seconds of one day, in 32 bits: their division takes a library in 64.
    let days = days_from_civil(year, month, day);
    let seconds = hour * 3600 + (minute - offset_minutes) * 60 + second;
    let seconds = i64::from(days) * i64::from(DAY_S) + i64::from(seconds);
    Some(seconds * 1000 + i64::from(millis))
}

/// More than two digits can say, so that no field may have it.
const NO_NUMBER: i32 = 100;

/// What two digits say.
#[inline(never)] // a dozen times in `parse`
fn number(tens: u8, ones: u8) -> i32 {
    match (digit(tens), digit(ones)) {
        (Some(tens), Some(ones)) => i32::from(tens) * 10 + i32::from(ones),
        _ => NO_NUMBER,
    }
}

fn digit(byte: u8) -> Option<u8> {
    let digit = byte.wrapping_sub(b'0');
    (digit < 10).then_some(digit)
}

/// Writes a time as `2026-01-01T00:00:05.250Z`; times out of four-digit years are clamped.
///
/// The milliseconds are always there: a central system may order messages by them, and tells a
/// repeated StartTransaction from the next one.
pub fn format(time: UnixMillis) -> [u8; 24] {
    let time = time.clamp(0, LAST).unsigned_abs();
    let days = (time / (u64::from(DAY_S) * 1000)) as u32;
    let millis = (time % 1000) as u32;
    let of_day = (time / 1000 - u64::from(days) * u64::from(DAY_S)) as u32;
    let (year, month, day) = civil_from_days(days);
    let ([y0, y1], [y2, y3]) = (digits(year / 100), digits(year % 100));
    let ([m0, m1], [d0, d1]) = (digits(month), digits(day));
    let ([h0, h1], [n0, n1]) = (digits(of_day / 3600), digits(of_day / 60 % 60));
    let ([s0, s1], [t0, t1]) = (digits(of_day % 60), digits(millis / 10));
    let [_, t2] = digits(millis % 10);
    [
        y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, b'.',
        t0, t1, t2, b'Z',
    ]
}

/// A number below 100.
fn digits(value: u32) -> [u8; 2] {
    [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, years beginning in March; of years
/// not before 0.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    // An era of 400 years more keeps everything positive, which makes division cheap.
    let year = (year + 400 - i32::from(month <= 2)).unsigned_abs();
    let month = (month + 9).unsigned_abs() % 12;
    let day_of_year = (153 * month + 2) / 5 + day.unsigned_abs() - 1;
    let era = year / 400;
    let year_of_era = year % 400;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era) as i32 - (719_468 + 146_097)
}

/// Of days not before 1970.
fn civil_from_days(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u32::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(time: UnixMillis) -> String {
        String::from_utf8(format(time).to_vec()).unwrap()
    }

    #[test]
    fn reads_every_form() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-01T00:00:05Z", 1_767_225_605_000),
            ("2026-01-01T00:00:05.25Z", 1_767_225_605_250),
            ("2026-01-01T00:00:05.123456789Z", 1_767_225_605_123),
            ("2026-01-01T01:00:05+01:00", 1_767_225_605_000),
            ("2025-12-31T18:30:05-05:30", 1_767_225_605_000),
            ("2026-01-01T00:00:05,25Z", 1_767_225_605_250),
            ("2026-01-01T00:00:05+00", 1_767_225_605_000),
            ("2026-01-01T00:00:05+0000", 1_767_225_605_000),
            ("2026-01-01T02:00:05+02", 1_767_225_605_000),
            ("2026-01-01T02:00:05.25+0200", 1_767_225_605_250),
            ("2025-12-31T18:30:05-0530", 1_767_225_605_000),
            ("2026-01-01T00:00:05", 1_767_225_605_000),
            ("2024-02-29T12:00:00z", 1_709_208_000_000),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00+",
            "2026-01-01T00:00:00+2",
            "2026-01-01T00:00:00+020",
            "2026-01-01T00:00:00+02:",
            "2026-01-01T00:00:00+24",
            "2026-01-01T00:00:00+0260",
            "2026-01-01T00:00:00 02",
            "2026-01-01T00:00:00Z0200",
            "2026-01-01T00:00:00+0x00",
            "2026-01-01T00:00:00Zx",
            "2026-1-1T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for day in (0..80_000).step_by(13) {
            let time = (day * i64::from(DAY_S) + 86_399) * 1000 + day % 1000;
            assert_eq!(parse(&formatted(time)), Some(time));
        }
        assert_eq!(formatted(1_767_225_605_007), "2026-01-01T00:00:05.007Z");
        assert_eq!(formatted(-5), "1970-01-01T00:00:00.000Z");
        assert_eq!(formatted(i64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
