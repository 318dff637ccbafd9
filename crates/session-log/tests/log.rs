//! What a reader of the port sees, byte for byte.
#![allow(clippy::restriction)] // What fails here may panic.

use session_log::{ACCEPTED, SessionLog};

const BANNER: &str = "\
=== OCPP USB High-Speed Logger ===\r\n\
This showcases USB High-Speed (480 Mbps) data transfer\r\n\
Logging charging session data in real-time\r\n\
\r\n";

/// A port that takes as much as it is told to, and a reader.
struct Port<const RING: usize> {
    log: SessionLog<RING>,
    read: String,
}

impl<const RING: usize> Port<RING> {
    fn new() -> Self {
        Self {
            log: SessionLog::new(),
            read: String::new(),
        }
    }

    fn open() -> Self {
        let mut port = Self::new();
        port.log.port_opened();
        port.drain();
        assert_eq!(port.take_read(), BANNER);
        port
    }

    /// Takes up to `count` bytes, in pieces of up to 7.
    fn take(&mut self, mut count: usize) {
        while count > 0 {
            let pending = self.log.pending();
            let piece = &pending[..pending.len().min(count).min(7)];
            if piece.is_empty() {
                return;
            }
            let length = piece.len();
            self.read.push_str(std::str::from_utf8(piece).unwrap());
            self.log.taken(length);
            count -= length;
        }
    }

    fn drain(&mut self) {
        self.take(usize::MAX);
    }

    fn take_read(&mut self) -> String {
        std::mem::take(&mut self.read)
    }
}

fn charge<const RING: usize>(log: &mut SessionLog<RING>, now: u64, connector: u8, id_tag: &str) {
    log.session_started(now, connector, id_tag);
    log.authorized(connector, ACCEPTED);
}

#[test]
fn two_sessions_and_their_summary() {
    let mut port = Port::<4096>::open();
    charge(&mut port.log, 10_000, 1, "ZepId00");
    port.log.meter_read(1, 7);
    port.log.meter_read(1, 8);
    charge(&mut port.log, 12_500, 2, "ZepId01");
    port.log.meter_read(2, 9);
    port.log.meter_read(1, 10);
    port.log.session_ended(15_000, 1);
    port.log.meter_read(2, 12);
    port.log.session_ended(18_000, 2);
    port.drain();
    let lines = "\
[START] Connector 1: ID=ZepId00\r\n\
[AUTH] Connector 1: Authorized (status=1)\r\n\
[METER] Conn1: 7 Wh (reading #1)\r\n\
[METER] Conn1: 8 Wh (reading #2)\r\n\
[START] Connector 2: ID=ZepId01\r\n\
[AUTH] Connector 2: Authorized (status=1)\r\n\
[METER] Conn2: 9 Wh (reading #3)\r\n\
[METER] Conn1: 10 Wh (reading #4)\r\n\
[STOP] Connector 1: Session ended\r\n\
[METER] Conn2: 12 Wh (reading #5)\r\n\
[STOP] Connector 2: Session ended\r\n";
    let bytes = lines.len();
    let summary = format!(
        "\r\n\
=== Session Summary ===\r\n\
Total meter readings: 5\r\n\
USB data transferred: {bytes} bytes\r\n\
Average throughput: ~{} bytes/sec\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n",
        bytes / 8
    );
    assert_eq!(port.take_read(), format!("{lines}{summary}"));
}

#[test]
fn counting_starts_anew() {
    let mut port = Port::<1024>::open();
    for now in [0, 7_777_000, u64::from(u32::MAX) * 4] {
        charge(&mut port.log, now, 1, "A");
        port.log.meter_read(1, 1);
        port.log.session_ended(now + 1000, 1);
        port.drain();
        assert_eq!(
            port.take_read(),
            "\
[START] Connector 1: ID=A\r\n\
[AUTH] Connector 1: Authorized (status=1)\r\n\
[METER] Conn1: 1 Wh (reading #1)\r\n\
[STOP] Connector 1: Session ended\r\n\
\r\n\
=== Session Summary ===\r\n\
Total meter readings: 1\r\n\
USB data transferred: 139 bytes\r\n\
Average throughput: ~139 bytes/sec\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n"
        );
    }
}

#[test]
fn an_id_tag_has_no_lines() {
    let mut port = Port::<1024>::open();
    port.log
        .session_started(0, 1, "A\r\n\u{9b}1m\u{202e}B\u{e9}");
    port.drain();
    assert_eq!(
        port.take_read(),
        "[START] Connector 1: ID=A???1m?B\u{e9}\r\n"
    );
}

#[test]
fn refused_and_unanswered() {
    let mut port = Port::<1024>::open();
    port.log.session_started(0, 1, "NOBODY");
    port.log.session_started(0, 2, "SOMEBODY");
    port.log.authorized(1, 2);
    port.log.session_ended(5, 1);
    port.log.not_answered(2, -116);
    port.log.session_ended(5_000, 2);
    port.drain();
    assert_eq!(
        port.take_read(),
        "\
[START] Connector 1: ID=NOBODY\r\n\
[START] Connector 2: ID=SOMEBODY\r\n\
[AUTH] Connector 1: Refused (status=2)\r\n\
[STOP] Connector 1: Session ended\r\n\
[AUTH] Connector 2: No answer (error=-116)\r\n\
[STOP] Connector 2: Session ended\r\n\
\r\n\
=== Session Summary ===\r\n\
Total meter readings: 0\r\n\
USB data transferred: 220 bytes\r\n\
Average throughput: ~44 bytes/sec\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n"
    );
}

#[test]
fn sessions_shorter_than_a_millisecond_have_a_throughput() {
    let mut port = Port::<1024>::open();
    port.log.session_started(9, 1, "A");
    port.log.session_ended(9, 1);
    port.drain();
    let read = port.take_read();
    assert!(
        read.contains("USB data transferred: 62 bytes\r\nAverage throughput: ~62000 bytes/sec\r\n"),
        "{read}"
    );
}

#[test]
fn only_running_sessions_are_metered_and_ended() {
    let mut port = Port::<1024>::open();
    port.log.meter_read(1, 5);
    port.log.session_ended(1, 1);
    port.drain();
    assert_eq!(port.take_read(), "");
    charge(&mut port.log, 0, 250, "A");
    port.log.meter_read(1, 5);
    port.log.session_ended(0, 249);
    port.log.session_ended(1000, 250);
    port.log.meter_read(250, 5);
    port.log.session_ended(1001, 250);
    port.drain();
    let read = port.take_read();
    assert!(read.contains("[STOP] Connector 250: Session ended\r\n\r\n=== Session"));
    assert!(read.contains("Total meter readings: 0\r\n"));
    assert_eq!(read.matches("[STOP]").count(), 1);
}

#[test]
fn lines_without_room_are_dropped_whole_and_told() {
    let mut port = Port::<256>::open();
    charge(&mut port.log, 0, 1, "ZepId00");
    // 76 bytes are there, each of these lines has 36: five fit, and fill the ring.
    for register in 100..110 {
        port.log.meter_read(1, register);
    }
    // Room for one more line alone is none for it with the news of those before it.
    port.take(40);
    port.log.meter_read(1, 110);
    port.take(23);
    port.log.meter_read(1, 111);
    port.log.session_ended(1000, 1);
    port.drain();
    let lines = "\
[START] Connector 1: ID=ZepId00\r\n\
[AUTH] Connector 1: Authorized (status=1)\r\n\
[METER] Conn1: 100 Wh (reading #1)\r\n\
[METER] Conn1: 101 Wh (reading #2)\r\n\
[METER] Conn1: 102 Wh (reading #3)\r\n\
[METER] Conn1: 103 Wh (reading #4)\r\n\
[METER] Conn1: 104 Wh (reading #5)\r\n\
[LOST] Lines not sent: 6\r\n\
[METER] Conn1: 111 Wh (reading #12)\r\n\
[LOST] Lines not sent: 1\r\n";
    let bytes = lines.len();
    let summary = format!(
        "\r\n\
=== Session Summary ===\r\n\
Total meter readings: 12\r\n\
USB data transferred: {bytes} bytes\r\n\
Average throughput: ~{bytes} bytes/sec\r\n\
Lines not sent: 7\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n"
    );
    assert_eq!(port.take_read(), format!("{lines}{summary}"));
}

#[test]
fn without_a_reader_nothing_is_kept() {
    let mut port = Port::<1024>::new();
    charge(&mut port.log, 0, 1, "A");
    port.log.meter_read(1, 1);
    port.drain();
    assert_eq!(port.take_read(), "");
    // The port is opened in the middle of it.
    port.log.port_opened();
    port.log.meter_read(1, 2);
    port.drain();
    assert_eq!(
        port.take_read(),
        format!("{BANNER}[LOST] Lines not sent: 3\r\n[METER] Conn1: 2 Wh (reading #2)\r\n")
    );
    port.log.port_closed();
    port.log.meter_read(1, 3);
    // START, AUTH, two METER, and what is to come: STOP and six lines of a summary.
    port.log.session_ended(1, 1);
    port.drain();
    assert_eq!(port.take_read(), "");
    port.log.port_opened();
    port.drain();
    assert_eq!(
        port.take_read(),
        format!("{BANNER}[LOST] Lines not sent: 9\r\n")
    );
}

#[test]
fn summary_counts_what_the_port_took() {
    let mut port = Port::<1024>::new();
    charge(&mut port.log, 0, 1, "A");
    port.log.port_opened();
    port.log.meter_read(1, 2);
    port.log.session_ended(1000, 1);
    port.drain();
    let read = port.take_read();
    let (lines, summary) = read.split_once("\r\n=== Session Summary").unwrap();
    // The banner is data too: it was sent while the session ran.
    let bytes = format!("USB data transferred: {} bytes\r\n", lines.len());
    assert!(summary.contains(&bytes), "{read}");
    assert!(summary.contains("~") && summary.contains("\r\nLines not sent: 2\r\n"));
}

#[test]
fn a_line_that_has_begun_is_finished_and_the_banner_follows() {
    for taken in 1..100 {
        let mut port = Port::<1024>::open();
        charge(&mut port.log, 0, 1, "ZepId00");
        port.log.meter_read(1, 1);
        port.take(taken);
        port.log.port_closed();
        port.log.port_opened();
        port.drain();
        let read = port.take_read();
        let (before, after) = read.split_once(BANNER).unwrap();
        assert!(before.ends_with("\r\n"), "{taken}: {read}");
        assert!(before.len() >= taken && before.len() < taken + 43);
        let sent = before.lines().count();
        let expected = match 3 - sent {
            0 => String::new(),
            lost => format!("[LOST] Lines not sent: {lost}\r\n"),
        };
        assert_eq!(after, expected, "{taken}");
    }
}

#[test]
fn opening_twice_is_opening_once() {
    let mut port = Port::<1024>::open();
    port.log.port_opened();
    port.drain();
    assert_eq!(port.take_read(), "");
    port.log.port_closed();
    assert!(!port.log.is_open());
    port.log.port_closed();
    port.log.port_opened();
    port.drain();
    assert_eq!(port.take_read(), BANNER);
}

#[test]
fn a_port_that_is_stuck_gets_its_summary_before_the_next_session() {
    let mut port = Port::<512>::open();
    charge(&mut port.log, 0, 1, "A");
    port.log.session_ended(1000, 1);
    let before = "\
[START] Connector 1: ID=A\r\n\
[AUTH] Connector 1: Authorized (status=1)\r\n\
[STOP] Connector 1: Session ended\r\n";
    port.take(50);
    port.log.session_started(9000, 2, "B");
    port.log.session_ended(10_000, 2);
    port.drain();
    let between = "\r\n\
=== Session Summary ===\r\n\
Total meter readings: 0\r\n\
USB data transferred: 50 bytes\r\n\
Average throughput: ~50 bytes/sec\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n";
    let after = "\
[START] Connector 2: ID=B\r\n\
[STOP] Connector 2: Session ended\r\n\
\r\n\
=== Session Summary ===\r\n\
Total meter readings: 0\r\n\
USB data transferred: 62 bytes\r\n\
Average throughput: ~62 bytes/sec\r\n\
USB High-Speed (480 Mbps) enables efficient data logging\r\n";
    assert_eq!(port.take_read(), format!("{before}{between}{after}"));
}

/// Whatever is taken when, no line is lost without a word of it, and none is cut.
#[test]
fn every_line_is_read_or_counted() {
    let mut random = 1u32;
    for round in 0..200 {
        let mut port = Port::<300>::new();
        for step in 0..200u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let connector = (random >> 8) as u8 % 2 + 1;
            match random >> 24 {
                0..40 => charge(&mut port.log, step.into(), connector, "ZepId00"),
                40..140 => port.log.meter_read(connector, step as i32),
                140..180 => port.log.session_ended(step.into(), connector),
                180..190 => port.log.port_opened(),
                190..200 => port.log.port_closed(),
                _ => port.take((random >> 10) as usize % 400),
            }
        }
        port.log.port_closed();
        port.log.port_opened();
        port.drain();
        let read = port.take_read();
        assert!(read.ends_with("\r\n"));
        let known = |line: &&str| {
            let beginnings = [
                "[START] Connector ",
                "[AUTH] Connector ",
                "[METER] Conn",
                "[STOP] Connector ",
                "[LOST] Lines not sent: ",
                "=== ",
                "Total ",
                "USB ",
                "Average ",
                "Lines not sent: ",
                "This ",
                "Logging ",
            ];
            line.is_empty()
                || beginnings
                    .iter()
                    .any(|beginning| line.starts_with(beginning))
        };
        let unknown = read.split("\r\n").find(|line| !known(line));
        assert_eq!(unknown, None, "round {round}");
        // Numbers of readings are without gaps but for those that were told.
        let mut reading = 0;
        let mut lost = 0;
        for line in read.lines() {
            if let Some(lines) = line.strip_prefix("[LOST] Lines not sent: ") {
                lost += lines.parse::<u32>().unwrap();
            } else if let Some((_, number)) = line.split_once("(reading #") {
                let number: u32 = number.trim_end_matches(')').parse().unwrap();
                if number > reading {
                    assert!(number - reading - 1 <= lost, "round {round}: {read}");
                } else {
                    assert!(number - 1 <= lost, "round {round}: {read}");
                }
                reading = number;
                lost = 0;
            } else if line == "=== Session Summary ===" {
                reading = 0;
            }
        }
    }
}
