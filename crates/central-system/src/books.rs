//! What the central system knows about its charge points, in a form that a test can read.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::event::Direction;
use crate::rpc::{self, Message};

/// However many frames a test keeps, they are no more than that together.
const FRAME_BYTES: usize = 64 << 20;
/// A charge point that breaks so many rules has been found out.
const FAULTS: usize = 1_000;
/// Of a fault, which may quote a frame.
const FAULT_LENGTH: usize = 1_000;
/// Refused handshakes that are remembered.
const REFUSALS: usize = 1_000;

/// Everything the central system has seen since it was started.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The charge points that ever connected, by identity.
    pub stations: BTreeMap<String, Station>,
    /// The clients that were refused in the handshake, oldest first.
    pub refusals: Vec<Refusal>,
}

/// A handshake that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The identity that was asked for; empty when the path had none.
    pub identity: String,
    /// The HTTP status it was refused with.
    pub status: u16,
}

/// What is known about one charge point.
#[derive(Clone, Debug, Default)]
pub struct Station {
    /// Whether it is connected now.
    pub online: bool,
    /// How many handshakes it finished.
    pub connections: usize,
    /// The payload of its latest BootNotification.
    pub boot: Option<Value>,
    /// The status its latest BootNotification was answered with.
    pub registration: Option<String>,
    /// The connectors it reported, by number; 0 is the charge point itself.
    pub connectors: BTreeMap<u32, Connector>,
    /// Its transactions, in the order in which they were reported.
    pub transactions: Vec<Transaction>,
    /// StopTransaction frames for a transactionId that was never given out.
    pub stray_stops: usize,
    /// Transaction messages that came again with the same message id and payload.
    pub duplicates: usize,
    /// How many CALL frames of each action came, duplicates included.
    pub calls: BTreeMap<String, usize>,
    /// Answers with an id that no CALL was waiting for: they came too late, twice, or to a
    /// frame of [`CentralSystem::send_raw`](crate::CentralSystem::send_raw).
    pub unexpected_answers: usize,
    /// Websocket pings it sent.
    pub pings: usize,
    /// Violations of OCPP-J by the charge point, in words; empty when it behaves.
    pub faults: Vec<String>,
    /// The frames that passed, oldest first; see
    /// [`Behaviour::keep_frames`](crate::Behaviour::keep_frames).
    pub frames: VecDeque<Frame>,
    pub(crate) frame_bytes: usize,
}

/// A text frame that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Milliseconds since the central system was started.
    pub at_ms: u64,
    /// Who sent it.
    pub direction: Direction,
    /// The frame as it is on the wire.
    pub text: String,
}

/// The latest StatusNotification of a connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connector {
    /// ChargePointStatus, in the specification's spelling.
    pub status: String,
    /// ChargePointErrorCode, in the specification's spelling.
    pub error_code: String,
    /// The time the charge point gave, if any.
    pub timestamp: Option<String>,
    /// How many StatusNotification frames came for this connector.
    pub notifications: usize,
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The `transactionId` it was given.
    pub id: i64,
    /// The name that the charge point gave it, with OCPP 2.0.1.
    pub name: Option<String>,
    /// The connector it runs on.
    pub connector_id: u32,
    /// The idTag that started it.
    pub id_tag: String,
    /// The `idTagInfo.status` that StartTransaction was answered with.
    pub id_tag_status: String,
    /// `meterStart`, in Wh.
    pub meter_start: i64,
    /// The time of the start, as the charge point gave it.
    pub started_at: String,
    /// The reservation it used up.
    pub reservation_id: Option<i64>,
    /// How many `meterValue` elements came for it in MeterValues frames.
    pub meter_values: usize,
    /// How many StartTransaction frames came for it; more than one is a resend.
    pub start_frames: usize,
    /// How many StopTransaction frames came for it; more than one is a resend or a mistake.
    pub stop_frames: usize,
    /// The first StopTransaction; `None` while the transaction runs.
    pub stop: Option<Stop>,
}

/// The end of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// `meterStop`, in Wh.
    pub meter_stop: i64,
    /// The time of the stop, as the charge point gave it.
    pub timestamp: String,
    /// As sent; a charge point may leave out `Local`.
    pub reason: Option<String>,
    /// The idTag that stopped it.
    pub id_tag: Option<String>,
    /// How many elements `transactionData` had.
    pub transaction_data: usize,
}

impl Books {
    /// The charge point with this identity, if it ever connected.
    pub fn station(&self, identity: &str) -> Option<&Station> {
        self.stations.get(identity)
    }

    /// Whether a charge point is connected now.
    pub fn is_online(&self, identity: &str) -> bool {
        self.station(identity).is_some_and(|station| station.online)
    }
}

impl Books {
    /// Remembers a handshake that was refused; the oldest is forgotten.
    pub(crate) fn note_refusal(&mut self, refusal: Refusal) {
        if self.refusals.len() >= REFUSALS {
            self.refusals.remove(0);
        }
        self.refusals.push(refusal);
    }
}

impl Station {
    /// Keeps a frame, and so many at most.
    pub(crate) fn note_frame(&mut self, frame: Frame, kept: usize) {
        self.frame_bytes += frame.text.len();
        self.frames.push_back(frame);
        while self.frames.len() > kept || self.frame_bytes > FRAME_BYTES {
            let Some(oldest) = self.frames.pop_front() else {
                return;
            };
            self.frame_bytes -= oldest.text.len();
        }
    }

    /// Enters a violation, as long as there are not too many.
    pub(crate) fn note_fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS {
            self.faults.push(fault.chars().take(FAULT_LENGTH).collect());
        }
    }

    /// How many CALL frames of this action came, duplicates included.
    pub fn calls(&self, action: &str) -> usize {
        self.calls.get(action).copied().unwrap_or(0)
    }

    /// The payloads of the CALLs of this action that the charge point sent, oldest first, as
    /// far as the frames are still kept.
    pub fn payloads(&self, wanted: &str) -> Vec<Value> {
        self.frames
            .iter()
            .filter(|frame| frame.direction == Direction::FromStation)
            .filter_map(|frame| match rpc::parse(&frame.text) {
                Ok(Message::Call(call)) if call.action == wanted => Some(call.payload),
                _ => None,
            })
            .collect()
    }

    /// The status of a connector, if it was reported.
    pub fn status(&self, connector_id: u32) -> Option<&str> {
        let connector = self.connectors.get(&connector_id)?;
        Some(connector.status.as_str())
    }

    /// A transaction by its id.
    pub fn transaction(&self, id: i64) -> Option<&Transaction> {
        self.transactions.iter().find(|t| t.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_flood_leaves_in_the_books_is_bounded() {
        let mut books = Books::default();
        let mut station = Station::default();
        let text = "é".repeat(500_000);
        for _ in 0..2 * FAULTS {
            station.note_fault("é".repeat(2 * FAULT_LENGTH));
            let refusal = Refusal {
                identity: String::new(),
                status: 404,
            };
            books.note_refusal(refusal);
        }
        for at_ms in 0..200 {
            let frame = Frame {
                at_ms,
                direction: Direction::FromStation,
                text: text.clone(),
            };
            station.note_frame(frame, 10_000);
        }
        assert_eq!(station.faults.len(), FAULTS);
        assert_eq!(station.faults[0].chars().count(), FAULT_LENGTH);
        assert_eq!(books.refusals.len(), REFUSALS);
        assert_eq!(station.frames.len(), FRAME_BYTES / text.len());
        assert_eq!(station.frames.back().unwrap().at_ms, 199);
        let bytes: usize = station.frames.iter().map(|frame| frame.text.len()).sum();
        assert_eq!(bytes, station.frame_bytes);
    }
}
