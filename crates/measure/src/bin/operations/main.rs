//! Does one operation of the engine, so that callgrind can count its instructions.
//!
//! ```text
//! operations F5                                  on a station of two connectors
//! operations F5 --connectors 2 --tags 100 --messages 0 --storage indexed
//! operations sizes                               bytes of RAM, for the capacities of this build
//! ```
//!
//! Everything is done twice: once to find which calls of the station the operation is, and again
//! with these calls counted, which are those that go through `measured_handle` and
//! `measured_poll`. `boot` is the making of a station from what storage holds, through
//! `measured_station`.
#![allow(clippy::restriction)] // What fails here may panic.

mod bench;
mod filling;
mod operation;
mod station;
mod storage;

use std::{ops::Range, process::ExitCode};

use bench::Bench;
use ocpp::{
    limits::{CACHE_ENTRIES, CONNECTORS, JOURNAL_SLOTS},
    storage::{MemoryStorage, Storage},
};
use operation::{OPERATIONS, Operation};
use storage::Indexed;

/// Bytes for records that the Zephyr module has by default.
const RECORDS: usize = 6144;
/// Bytes for 1000 tags and 1000 messages.
const MANY_RECORDS: usize = 256 * 1024;

#[derive(Clone, Copy)]
enum Kind {
    /// The Zephyr module's.
    Memory,
    /// The same, with room for more.
    LargeMemory,
    Indexed,
}

struct Setup {
    connectors: u8,
    tags: usize,
    messages: usize,
    storage: Kind,
}

fn setup(mut words: impl Iterator<Item = String>) -> Option<Setup> {
    let mut setup = Setup {
        connectors: 2,
        tags: 0,
        messages: 0,
        storage: Kind::Memory,
    };
    while let Some(name) = words.next() {
        let value = words.next()?;
        match name.as_str() {
            "--connectors" => setup.connectors = value.parse().ok()?,
            "--tags" => setup.tags = value.parse().ok()?,
            "--messages" => setup.messages = value.parse().ok()?,
            "--storage" => {
                setup.storage = match value.as_str() {
                    "memory" => Kind::Memory,
                    "large-memory" => Kind::LargeMemory,
                    "indexed" => Kind::Indexed,
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    Some(setup)
}

/// Runs something with a new storage; gives the bytes that its records take in the end.
fn with_storage(kind: Kind, run: &mut dyn FnMut(&mut dyn Storage)) -> usize {
    match kind {
        Kind::Memory => {
            let mut storage = MemoryStorage::<RECORDS>::new();
            run(&mut storage);
            storage.used()
        }
        Kind::LargeMemory => {
            let mut storage = MemoryStorage::<MANY_RECORDS>::new();
            run(&mut storage);
            storage.used()
        }
        Kind::Indexed => {
            let mut storage = Indexed::new();
            run(&mut storage);
            storage.used()
        }
    }
}

fn fill<'a>(storage: &'a mut dyn Storage, setup: &Setup, measured: Range<usize>) -> Bench<'a> {
    let mut bench = Bench::new(storage, setup.connectors, measured);
    filling::tags(&mut bench, setup.tags);
    filling::messages(&mut bench, setup.messages);
    bench
}

fn operate(run: operation::Run, setup: &Setup) {
    let mut measured = 0..0;
    for _ in 0..2 {
        let used = with_storage(setup.storage, &mut |storage| {
            let mut bench = fill(storage, setup, measured.clone());
            let Operation { calls, frame } = run(&mut bench);
            println!("calls {} to {} {frame}", calls.start, calls.end);
            measured = calls;
        });
        println!("{used} bytes of records");
    }
}

fn boot(setup: &Setup) {
    let used = with_storage(setup.storage, &mut |storage| {
        drop(fill(storage, setup, 0..0));
        let _ = station::measured_station(storage, setup.connectors);
    });
    println!("records {used}");
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let run = OPERATIONS.iter().find(|(known, _)| *known == name);
    match (setup(words), run, name.as_str()) {
        (Some(setup), Some((_, run)), _) => operate(*run, &setup),
        (Some(setup), None, "boot") => boot(&setup),
        (Some(_), None, "sizes") => {
            println!("connectors {CONNECTORS}");
            println!("tags {CACHE_ENTRIES}");
            println!("messages {JOURNAL_SLOTS}");
            println!("station {}", station::bytes());
        }
        _ => {
            eprintln!("usage: operations <operation>|boot|sizes [--connectors N] [--tags N]");
            eprintln!("       [--messages N] [--storage memory|large-memory|indexed]");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str) -> String {
        let (_, run) = OPERATIONS.iter().find(|(known, _)| *known == name).unwrap();
        let mut storage = MemoryStorage::<RECORDS>::new();
        run(&mut Bench::new(&mut storage, 2, 0..0)).frame
    }

    /// The frame with the station's own message id replaced.
    fn with_id(name: &str) -> String {
        let frame = frame(name);
        frame.replacen(bench::id(&frame), "id", 1)
    }

    #[test]
    fn the_frames_are_those_of_the_comparison() {
        assert_eq!(with_id("F1"), r#"[2,"id","Authorize",{"idTag":"ZepId00"}]"#);
        assert_eq!(
            with_id("F2"),
            r#"[2,"id","MeterValues",{"connectorId":1,"transactionId":101,"meterValue":[{"timestamp":"2026-01-01T00:01:00.000Z","sampledValue":[{"value":"1234567","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]"#
        );
        assert_eq!(
            with_id("F3"),
            r#"[3,"id",{"idTagInfo":{"status":"Accepted"}}]"#
        );
        assert_eq!(
            with_id("F4"),
            r#"[3,"id",{"idTagInfo":{"status":"Accepted","expiryDate":"2026-12-31T23:59:59Z","parentIdTag":"PARENT01"}}]"#
        );
        assert_eq!(
            frame("F5"),
            r#"[3,"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4",{"status":"Accepted"}]"#
        );
        assert_eq!(
            with_id("F7"),
            r#"[2,"id","StartTransaction",{"connectorId":1,"idTag":"ZepId00","meterStart":12345,"timestamp":"2026-01-01T00:00:05.000Z"}]"#
        );
    }

    #[test]
    fn a_session_delivers_everything() {
        assert_eq!(frame("session"), "0 messages left");
    }

    #[test]
    fn a_filled_station_does_what_is_measured_of_it() {
        let setup = Setup {
            connectors: 2,
            tags: 5,
            messages: 6,
            storage: Kind::Indexed,
        };
        for name in ["F1", "F3", "F5", "idle", "sent", "delivered"] {
            let (_, run) = OPERATIONS.iter().find(|(known, _)| *known == name).unwrap();
            operate(*run, &setup);
        }
        boot(&setup);
    }
}
