//! The lines, without what knows when to write them.

use core::fmt::{Arguments, Write};

use heapless::String;
use ocpp::domain::is_invisible;

/// Longest line in bytes, with its end; each of those below is shorter, whatever its numbers are.
const LENGTH: usize = 128;

/// What a terminal needs to begin at the left of the next line.
const END: &str = "\r\n";

/// Longest idTag in characters (`CiString20`).
const ID_TAG: usize = 20;

/// What a host sees first.
pub const BANNER: [&str; 4] = [
    "=== OCPP USB High-Speed Logger ===\r\n",
    "This showcases USB High-Speed (480 Mbps) data transfer\r\n",
    "Logging charging session data in real-time\r\n",
    "\r\n",
];

/// Apart from the sessions, and above the summary.
pub const SUMMARY_TITLE: [&str; 2] = ["\r\n", "=== Session Summary ===\r\n"];

/// The end of the summary.
pub const SUMMARY_END: &str = "USB High-Speed (480 Mbps) enables efficient data logging\r\n";

/// A line with its end.
pub type Line = String<LENGTH>;

pub fn started(connector: u8, id_tag: &str) -> Line {
    // A line stays one line, whatever the idTag is made of.
    let visible = id_tag.chars().take(ID_TAG);
    let visible = visible.map(|c| if is_invisible(c) { '?' } else { c });
    let id_tag: String<{ 4 * ID_TAG }> = visible.collect();
    line(format_args!("[START] Connector {connector}: ID={id_tag}"))
}

pub fn authorized(connector: u8, status: u8) -> Line {
    let verdict = match status {
        crate::ACCEPTED => "Authorized",
        _ => "Refused",
    };
    line(format_args!(
        "[AUTH] Connector {connector}: {verdict} (status={status})"
    ))
}

pub fn not_answered(connector: u8, error: i32) -> Line {
    line(format_args!(
        "[AUTH] Connector {connector}: No answer (error={error})"
    ))
}

pub fn meter(connector: u8, register_wh: i32, reading: u32) -> Line {
    line(format_args!(
        "[METER] Conn{connector}: {register_wh} Wh (reading #{reading})"
    ))
}

pub fn ended(connector: u8) -> Line {
    line(format_args!("[STOP] Connector {connector}: Session ended"))
}

pub fn lost(lines: u32) -> Line {
    line(format_args!("[LOST] Lines not sent: {lines}"))
}

pub fn readings(number: u32) -> Line {
    line(format_args!("Total meter readings: {number}"))
}

pub fn transferred(bytes: u64) -> Line {
    line(format_args!("USB data transferred: {bytes} bytes"))
}

pub fn throughput(bytes_per_second: u64) -> Line {
    line(format_args!(
        "Average throughput: ~{bytes_per_second} bytes/sec"
    ))
}

pub fn not_sent(lines: u32) -> Line {
    line(format_args!("Lines not sent: {lines}"))
}

fn line(text: Arguments<'_>) -> Line {
    let mut line = Line::new();
    // There is room: see LENGTH.
    let _ = line.write_fmt(text).and_then(|()| line.write_str(END));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_lines_fit() {
        let id_tag = "\u{1F50C}".repeat(ID_TAG + 1);
        let lines = [
            started(u8::MAX, &id_tag),
            authorized(u8::MAX, u8::MAX),
            not_answered(u8::MAX, i32::MIN),
            meter(u8::MAX, i32::MIN, u32::MAX),
            ended(u8::MAX),
            lost(u32::MAX),
            readings(u32::MAX),
            transferred(u64::MAX),
            throughput(u64::MAX),
            not_sent(u32::MAX),
        ];
        for line in lines {
            assert!(line.ends_with(END), "{line:?}");
            assert_eq!(line.matches('\n').count(), 1);
        }
    }

    #[test]
    fn an_id_tag_cannot_end_a_line() {
        let line = started(1, "A\r\n[STOP]\0\u{7f}");
        assert_eq!(line, "[START] Connector 1: ID=A??[STOP]??\r\n");
    }
}
