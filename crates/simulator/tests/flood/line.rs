//! The central system's end of a connection while it floods: answers to the charge point go out between
//! the bytes of the flood, and what arrives is counted.

use std::{
    io::{ErrorKind, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::peer::{Peer, frame};

/// How long a read or write waits before it is looked whether there is still a reason to.
const STEP: Duration = Duration::from_millis(200);

/// A MeterValues that has arrived.
pub struct Sample {
    pub arrived: Instant,
    /// Milliseconds of the charge point's clock.
    pub taken: i64,
}

/// What has arrived, over all connections of a charge point.
#[derive(Default)]
pub struct Seen {
    /// Frames that are still to be written.
    replies: Vec<u8>,
    pub samples: Vec<Sample>,
    /// CALLRESULT and CALLERROR.
    pub answers: usize,
    pub pongs: usize,
    /// The status of the charge point's close frame.
    pub close: Option<u16>,
}

pub struct Line {
    pub stream: TcpStream,
    seen: Arc<Mutex<Seen>>,
    reads: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    answers: bool,
    /// What is left of what was to be written.
    left: Vec<u8>,
}

impl Line {
    pub fn new(mut peer: Peer, seen: &Arc<Mutex<Seen>>) -> Self {
        let stream = peer.stream.try_clone().unwrap();
        stream.set_read_timeout(None).unwrap();
        stream.set_write_timeout(Some(STEP)).unwrap();
        seen.lock().unwrap().replies.clear();
        let reads = Arc::new(AtomicBool::new(true));
        let is_over = Arc::new(AtomicBool::new(false));
        let (theirs, may_read, ended) =
            (Arc::clone(seen), Arc::clone(&reads), Arc::clone(&is_over));
        thread::spawn(move || {
            while may_read.load(Ordering::SeqCst) {
                let arrived = peer.frame();
                let mut seen = theirs.lock().unwrap();
                match arrived {
                    Ok((1, text)) => seen.take(&text),
                    Ok((8, payload)) => {
                        seen.close = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    }
                    Ok((9, payload)) => seen.replies.extend(frame(0x8a, &payload)),
                    Ok(_) => seen.pongs += 1,
                    Err(_) => return ended.store(true, Ordering::SeqCst),
                }
            }
        });
        Self {
            stream,
            seen: Arc::clone(seen),
            reads,
            is_over,
            answers: true,
            left: Vec::new(),
        }
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// From now on nothing is read, but for the frame that arrives next.
    pub fn stop_reading(&self) {
        self.reads.store(false, Ordering::SeqCst);
    }

    /// From now on nothing is answered.
    pub fn stop_answering(&mut self) {
        self.answers = false;
    }

    /// Answers, and writes what `flood` gives, until then or until `is_enough`: false where the connection ended
    /// before.
    pub fn pump(
        &mut self,
        until: Instant,
        mut flood: impl FnMut() -> Vec<u8>,
        mut is_enough: impl FnMut(&Seen) -> bool,
    ) -> bool {
        while Instant::now() < until {
            if self.is_over.load(Ordering::SeqCst) {
                return false;
            }
            {
                let mut seen = self.seen.lock().unwrap();
                if is_enough(&seen) {
                    return true;
                }
                if self.left.is_empty() && self.answers {
                    self.left = std::mem::take(&mut seen.replies);
                }
            }
            if self.left.is_empty() {
                self.left = flood();
            }
            if self.left.is_empty() {
                thread::sleep(Duration::from_millis(2));
                continue;
            }
            match self.stream.write(&self.left) {
                Ok(written) => drop(self.left.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// Answers, and writes nothing else.
    pub fn answer(&mut self, patience: Duration, is_enough: impl FnMut(&Seen) -> bool) -> bool {
        self.pump(Instant::now() + patience, Vec::new, is_enough)
    }

    pub fn send(&mut self, text: &str) {
        self.left.extend(frame(0x81, text.as_bytes()));
    }
}

impl Seen {
    fn take(&mut self, text: &[u8]) {
        if text.starts_with(b"[3") || text.starts_with(b"[4") {
            self.answers += 1;
            return;
        }
        let call: Value = serde_json::from_slice(text).unwrap();
        let answer = match call[2].as_str().unwrap() {
            "Authorize" => json!({"idTagInfo": {"status": "Accepted"}}),
            "StartTransaction" => json!({"transactionId": 7, "idTagInfo": {"status": "Accepted"}}),
            "MeterValues" => {
                let taken = call[3]["meterValue"][0]["timestamp"].as_str().unwrap();
                self.samples.push(Sample {
                    arrived: Instant::now(),
                    taken: ocpp::wire::timestamp::parse(taken).unwrap(),
                });
                json!({})
            }
            _ => json!({}),
        };
        let answer = json!([3, call[1], answer]).to_string();
        self.replies.extend(frame(0x81, answer.as_bytes()));
    }
}
