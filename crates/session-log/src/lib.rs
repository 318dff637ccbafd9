//! The log of charging sessions that a charge point writes to a serial port.
//!
//! What happens goes in as calls, bytes for the port come out: [`SessionLog::pending`] lends them,
//! [`SessionLog::taken`] tells how many of them the port took. Nothing here waits. Lines lie in a
//! ring of `RING` bytes meanwhile; one for which there is no room is dropped as a whole, as are all
//! while the port is not open.
//!
//! ```
//! use session_log::{ACCEPTED, SessionLog};
//!
//! let mut log = SessionLog::<512>::new();
//! log.port_opened();
//! log.session_started(1_000, 1, "ZepId00");
//! log.authorized(1, ACCEPTED);
//! log.meter_read(1, 7);
//! log.session_ended(3_000, 1);
//! let mut port = Vec::new();
//! while let bytes @ [_, ..] = log.pending() {
//!     let count = bytes.len();
//!     port.extend_from_slice(bytes);
//!     log.taken(count);
//! }
//! let lines: Vec<&str> = core::str::from_utf8(&port).unwrap().lines().collect();
//! assert_eq!(lines, [
//!     "=== OCPP USB High-Speed Logger ===",
//!     "This showcases USB High-Speed (480 Mbps) data transfer",
//!     "Logging charging session data in real-time",
//!     "",
//!     "[START] Connector 1: ID=ZepId00",
//!     "[AUTH] Connector 1: Authorized (status=1)",
//!     "[METER] Conn1: 7 Wh (reading #1)",
//!     "[STOP] Connector 1: Session ended",
//!     "",
//!     "=== Session Summary ===",
//!     "Total meter readings: 1",
//!     "USB data transferred: 145 bytes",
//!     "Average throughput: ~72 bytes/sec",
//!     "USB High-Speed (480 Mbps) enables efficient data logging",
//! ]);
//! ```
//!
//! Every line ends with carriage return and line feed, for terminal programs show a serial port as
//! it is. Beside the lines above there are
//!
//! | line | when |
//! | --- | --- |
//! | `[AUTH] Connector 1: Refused (status=2)` | the idTag may not charge; the session ends with this |
//! | `[AUTH] Connector 1: No answer (error=-116)` | the idTag could not be authorized; so does it |
//! | `[LOST] Lines not sent: 12` | where lines were dropped, as soon as there is room again |
//! | `Lines not sent: 12` | in the summary, when some were dropped since the first session began |
//!
//! The summary follows when the last running session has ended and the port has taken all lines
//! before it, so that the bytes it tells are all of these lines, from the first `[START]` to the
//! last `[STOP]`, and no more. A port that does not take them gets it when the next session begins,
//! with the bytes it took until then.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod lines;
mod ring;

use ring::Ring;

/// The status of an idTag that may charge, as the C API of the charge point counts.
pub const ACCEPTED: u8 = 1;

/// The smallest ring: some lines, whatever they are.
pub const RING_MIN: usize = 256;

/// What is counted from the first session after a time without to the end of the last.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// When it began, in milliseconds.
    since: u64,
    /// The place of its first byte among all that the port took.
    first: u64,
    readings: u32,
    dropped: u32,
}

/// The log, with a ring of `RING` bytes, at least [`RING_MIN`].
///
/// Times are milliseconds of a clock that does not go back.
#[derive(Debug)]
pub struct SessionLog<const RING: usize> {
    ring: Ring<RING>,
    is_open: bool,
    /// A bit for each connector.
    running: [u8; 32],
    counts: Counts,
    /// When the last session ended, while its summary is still to be written.
    ended: Option<u64>,
    /// Lines that were dropped and of which the reader does not know.
    lost: u32,
    /// Bytes that the port took.
    taken: u64,
}

impl<const RING: usize> Default for SessionLog<RING> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const RING: usize> SessionLog<RING> {
    /// Nothing has happened, and the port is not open.
    pub const fn new() -> Self {
        const {
            assert!(RING >= RING_MIN, "the ring is too small");
        }
        Self {
            ring: Ring::new(),
            is_open: false,
            running: [0; 32],
            counts: Counts {
                since: 0,
                first: 0,
                readings: 0,
                dropped: 0,
            },
            ended: None,
            lost: 0,
            taken: 0,
        }
    }

    /// An idTag is presented at a connector, or charges there from afar.
    pub fn session_started(&mut self, now: u64, connector: u8, id_tag: &str) {
        if self.is_idle() {
            if let Some(ended) = self.ended.take() {
                self.summarize(ended);
            }
            self.tell_lost(0);
            self.counts = Counts {
                since: now,
                first: self.taken + self.ring.len() as u64,
                readings: 0,
                dropped: 0,
            };
        }
        self.set_running(connector, true);
        self.write(&lines::started(connector, id_tag));
    }

    /// The idTag of the session that has started may charge ([`ACCEPTED`]) or not.
    pub fn authorized(&mut self, connector: u8, status: u8) {
        self.write(&lines::authorized(connector, status));
    }

    /// The idTag could not be authorized; `error` is the charge point's number.
    pub fn not_answered(&mut self, connector: u8, error: i32) {
        self.write(&lines::not_answered(connector, error));
    }

    /// The register of a connector in Wh. Counts where a session is running, and only there.
    pub fn meter_read(&mut self, connector: u8, register_wh: i32) {
        if self.is_running(connector) {
            self.counts.readings = self.counts.readings.saturating_add(1);
            self.write(&lines::meter(connector, register_wh, self.counts.readings));
        }
    }

    /// The session of a connector has ended; nothing for one that has none.
    pub fn session_ended(&mut self, now: u64, connector: u8) {
        if !self.is_running(connector) {
            return;
        }
        self.set_running(connector, false);
        self.write(&lines::ended(connector));
        if self.is_idle() {
            self.ended = Some(now);
            self.summarize_unread();
        }
    }

    /// The port is open from now on.
    pub fn port_opened(&mut self) {
        if !self.is_open {
            self.is_open = true;
            for line in lines::BANNER {
                self.push(line);
            }
        }
    }

    /// The port is no longer open. What it took a part of stays, to be taken as a whole.
    pub fn port_closed(&mut self) {
        if self.is_open {
            self.is_open = false;
            let dropped = self.ring.discard();
            self.count_dropped(dropped);
            self.summarize_unread();
        }
    }

    /// Whether the port is open.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Bytes for the port, as many as lie side by side; none when there is nothing to be said.
    pub fn pending(&mut self) -> &[u8] {
        if self.ring.is_empty() && self.is_open {
            self.tell_lost(0);
            if self.ring.is_empty()
                && let Some(ended) = self.ended.take()
            {
                self.summarize(ended);
            }
        }
        self.ring.front()
    }

    /// The port took the first `count` of the bytes that [`pending`](Self::pending) lent.
    pub fn taken(&mut self, count: usize) {
        let count = count.min(self.ring.front().len());
        self.ring.advance(count);
        self.taken += count as u64;
    }

    /// Without a reader the summary is over, so that the next reader gets none of sessions long
    /// past.
    fn summarize_unread(&mut self) {
        if !self.is_open
            && let Some(ended) = self.ended.take()
        {
            self.summarize(ended);
        }
    }

    fn summarize(&mut self, ended: u64) {
        let counts = self.counts;
        let bytes = self.taken.saturating_sub(counts.first);
        let milliseconds = ended.saturating_sub(counts.since).max(1);
        for line in lines::SUMMARY_TITLE {
            self.write(line);
        }
        self.write(&lines::readings(counts.readings));
        self.write(&lines::transferred(bytes));
        self.write(&lines::throughput(
            bytes.saturating_mul(1000) / milliseconds,
        ));
        if counts.dropped > 0 {
            self.write(&lines::not_sent(counts.dropped));
        }
        self.write(lines::SUMMARY_END);
    }

    /// A line behind the news of those that are missing before it.
    fn write(&mut self, line: &str) {
        if self.tell_lost(line.len()) {
            self.push(line);
        } else {
            self.count_dropped(1);
        }
    }

    /// A line, or its loss.
    fn push(&mut self, line: &str) {
        if !self.is_open || !self.ring.push(line.as_bytes()) {
            self.count_dropped(1);
        }
    }

    /// Tells how many lines are missing here, where there is room for that and for `more` bytes.
    /// False when that is not so.
    fn tell_lost(&mut self, more: usize) -> bool {
        if self.lost == 0 {
            return true;
        }
        let line = lines::lost(self.lost);
        if !self.is_open || self.ring.room() < line.len() + more {
            return false;
        }
        self.lost = 0;
        self.ring.push(line.as_bytes())
    }

    fn count_dropped(&mut self, lines: u32) {
        self.lost = self.lost.saturating_add(lines);
        self.counts.dropped = self.counts.dropped.saturating_add(lines);
    }

    fn is_idle(&self) -> bool {
        self.running == [0; 32]
    }

    fn is_running(&self, connector: u8) -> bool {
        let byte = self.running.get(usize::from(connector / 8));
        byte.is_some_and(|byte| byte & (1 << (connector % 8)) != 0)
    }

    fn set_running(&mut self, connector: u8, running: bool) {
        if let Some(byte) = self.running.get_mut(usize::from(connector / 8)) {
            let bit = 1 << (connector % 8);
            *byte = if running { *byte | bit } else { *byte & !bit };
        }
    }
}
