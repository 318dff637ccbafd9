//! A station, a meter, and a central system that accepts everything. Only those calls of the
//! station count whose numbers are given, so that what comes before an operation does not.

use std::ops::Range;

use ocpp::{
    domain::IdToken,
    station::{Event, Input, Output, Reading, Refused, Station},
    storage::Storage,
};

use crate::station::station;

/// The transactionId that the central system gives.
pub const TRANSACTION: i32 = 101;

/// Counts.
#[inline(never)]
fn measured_handle(station: &mut Station<'_>, now: u64, input: Input<'_>) -> Result<(), Refused> {
    station_handle(station, now, input)
}

/// Counts.
#[inline(never)]
fn measured_poll<'s>(station: &'s mut Station<'_>, now: u64) -> Output<'s> {
    station_poll(station, now)
}

// One copy of the engine for what counts and what does not, so that it is inlined the same way:
// Station::handle() and Station::poll() themselves disappear in these two.

#[inline(never)]
fn station_handle(station: &mut Station<'_>, now: u64, input: Input<'_>) -> Result<(), Refused> {
    station.handle(now, input)
}

#[inline(never)]
fn station_poll<'s>(station: &'s mut Station<'_>, now: u64) -> Output<'s> {
    station.poll(now)
}

/// What a call to the station gave, its text copied.
pub enum Next {
    /// A frame to be sent.
    Sent(String),
    /// Nothing until that time.
    Wait(u64),
    /// Something that the bench has taken care of.
    Done,
}

pub struct Bench<'a> {
    station: Station<'a>,
    /// Milliseconds.
    pub now: u64,
    /// Calls of the station so far.
    calls: usize,
    /// Those that count.
    measured: Range<usize>,
    /// What all meters say, in Wh.
    pub register: i32,
    /// The central system cannot be reached.
    pub away: bool,
    /// The CALL that waits for its answer.
    call: Option<String>,
}

impl<'a> Bench<'a> {
    pub fn new(storage: &'a mut dyn Storage, connectors: u8, measured: Range<usize>) -> Self {
        Self {
            station: station(storage, connectors),
            now: 0,
            calls: 0,
            measured,
            register: 12_345,
            away: false,
            call: None,
        }
    }

    /// Number of the next call.
    pub fn at(&self) -> usize {
        self.calls
    }

    pub fn queued(&self) -> usize {
        self.station.queued()
    }

    pub fn handle(&mut self, input: Input<'_>) {
        let counts = self.measured.contains(&self.calls);
        self.calls += 1;
        let handled = match counts {
            true => measured_handle(&mut self.station, self.now, input),
            false => station_handle(&mut self.station, self.now, input),
        };
        assert_eq!(handled, Ok(()), "{input:?}");
    }

    pub fn next(&mut self) -> Next {
        let counts = self.measured.contains(&self.calls);
        self.calls += 1;
        let output = match counts {
            true => measured_poll(&mut self.station, self.now),
            false => station_poll(&mut self.station, self.now),
        };
        match output {
            Output::Send(frame) => {
                let frame = frame.to_owned();
                if frame.starts_with("[2,") {
                    self.call = Some(frame.clone());
                }
                return Next::Sent(frame);
            }
            // No operation has so long an answer.
            Output::SendPart(_) => {}
            Output::Wait(until) => return Next::Wait(until),
            Output::Disconnect => self.handle(Input::Disconnected),
            Output::Connect { .. } if self.away => self.handle(Input::Disconnected),
            Output::Connect { .. } => self.handle(Input::Connected),
            Output::Event(Event::MeterWanted(connector)) => {
                let readings = [Reading::energy(self.register)];
                self.handle(Input::Meter {
                    connector,
                    readings: &readings,
                });
            }
            Output::Event(_) => {}
        }
        Next::Done
    }

    /// Answers the CALL that waits for it.
    pub fn answer(&mut self) {
        if let Some(call) = self.call.take() {
            self.handle(Input::Frame(answer(&call).as_bytes()));
        }
    }

    /// Answers every CALL until the station waits; gives the time until which.
    pub fn settle(&mut self) -> u64 {
        loop {
            self.answer();
            if let Next::Wait(until) = self.next() {
                return until;
            }
        }
    }

    /// As [`Bench::settle`], but where messages of transactions wait, the first of them stays
    /// without an answer, so that they go on waiting.
    pub fn ready(&mut self) {
        loop {
            if self.queued() == 0 || !self.call.as_deref().is_some_and(is_queued) {
                self.answer();
            }
            if let Next::Wait(until) = self.next() {
                if self.station.is_online() {
                    return;
                }
                // It does not try at once to connect again.
                self.now = until;
            }
        }
    }

    /// Goes on, answering every other CALL, until the one with that action comes; gives it and
    /// the number of the call that it came with.
    pub fn until_call(&mut self, action: &str) -> (String, usize) {
        loop {
            self.answer();
            match self.next() {
                Next::Sent(frame) if self::action(&frame) == Some(action) => {
                    return (frame, self.calls - 1);
                }
                Next::Wait(until) => panic!("no {action}, but Wait({until})"),
                Next::Sent(_) | Next::Done => {}
            }
        }
    }

    /// A transaction at a connector, from the idTag to the answer to its start.
    pub fn begin(&mut self, connector: u8) {
        let id_tag = &IdToken::try_from("ZepId00").unwrap();
        self.handle(Input::Tag { connector, id_tag });
        self.settle();
        self.handle(Input::Plugged(connector));
        self.settle();
    }
}

fn action(call: &str) -> Option<&str> {
    call.split('"').nth(3)
}

/// True for a message of a transaction.
fn is_queued(call: &str) -> bool {
    matches!(
        action(call),
        Some("StartTransaction" | "MeterValues" | "StopTransaction")
    )
}

/// Message id of a frame.
pub fn id(frame: &str) -> &str {
    frame.split('"').nth(1).expect("a frame with an id")
}

fn answer(call: &str) -> String {
    let id = id(call);
    let accepted = r#""idTagInfo":{"status":"Accepted"}"#;
    match action(call) {
        Some("BootNotification") => {
            let time = "2026-01-01T00:00:00Z";
            format!(r#"[3,"{id}",{{"currentTime":"{time}","interval":86400,"status":"Accepted"}}]"#)
        }
        Some("Heartbeat") => format!(r#"[3,"{id}",{{"currentTime":"2026-01-01T00:00:00Z"}}]"#),
        Some("Authorize") => format!(r#"[3,"{id}",{{{accepted}}}]"#),
        Some("StartTransaction") => {
            format!(r#"[3,"{id}",{{{accepted},"transactionId":{TRANSACTION}}}]"#)
        }
        _ => format!(r#"[3,"{id}",{{}}]"#),
    }
}
