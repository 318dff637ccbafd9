//! Records in flash.
//!
//! Flash is NVS of Zephyr, see `c/storage.c`. It writes a record before the entry that makes it
//! valid, and never over another one, so that a power loss leaves the older record. It does not
//! notice an entry that was written in part if the entry's check sum of eight bits happens to be
//! right. The CRC-32 behind each record does, and tells two cases apart: an entry that is longer
//! than what was written is torn, and the record before it, if there is one, is still valid.
//! Anything else is damage, and must not be taken for an absent record.
#![cfg_attr(
    not(test),
    allow(dead_code, reason = "a build keeps its records in one place")
)]

use ocpp::{
    limits::RECORD_LENGTH,
    storage::{RecordId, Storage, StorageError},
    wire::copy,
};

use crate::log::line;

mod c {
    use core::ffi::c_int;

    unsafe extern "C" {
        pub fn ocpp_port_storage_open() -> c_int;
        pub fn ocpp_port_storage_read(id: u16, age: u16, into: *mut u8, room: usize) -> c_int;
        pub fn ocpp_port_storage_write(id: u16, record: *mut u8, length: usize) -> c_int;
        pub fn ocpp_port_storage_erase(id: u16) -> c_int;
    }
}

// What the functions above say, as `c/port.h` has it.
const NONE: i32 = -1;
const TOO_LONG: i32 = -2;
const DAMAGED: i32 = -3;
const TORN: i32 = -4;
const FULL: i32 = -6;

/// Behind each record.
const CRC: usize = 4;
/// How far back a record is looked for that can be read. A power loss damages one of them.
const OLDEST: u16 = 2;

/// Why a record could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// There is none.
    None,
    /// A power loss came before it was there.
    Torn,
    /// It is not what was written.
    Damaged,
    /// There is more of it than room.
    TooLong,
    /// The flash cannot be read now.
    Failed,
}

/// A log of records: what is written is found beside what was there before.
pub trait Log {
    /// Makes it ready; false when it fails.
    fn open(&mut self) -> bool;
    /// The record that was written `age` times before the last one, and its length.
    fn read(&mut self, id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread>;
    /// Writes the first `length` bytes; those behind are room for a check sum.
    fn write(&mut self, id: u16, record: &mut [u8], length: usize) -> Result<(), StorageError>;
    /// Erases a record.
    fn erase(&mut self, id: u16) -> Result<(), StorageError>;
}

/// Records in a [`Log`].
pub struct Flash<L> {
    log: L,
    is_open: bool,
    /// Length of the shortest record that did not fit. NVS erases every page before it reports
    /// that, so it is not tried again; a shorter record may fit. 0 if all did, so that all of this
    /// is zeros at first and takes no room in flash.
    too_long: usize,
    /// A record with its check sum.
    bytes: [u8; RECORD_LENGTH + CRC],
}

impl<L: Log> Flash<L> {
    /// Before it is opened.
    pub const fn new(log: L) -> Self {
        Self {
            log,
            is_open: false,
            too_long: 0,
            bytes: [0; RECORD_LENGTH + CRC],
        }
    }

    /// Makes it ready. Without that, there are no records and none can be written.
    pub fn open(&mut self) -> &mut Self {
        self.is_open = self.log.open();
        self
    }
}

impl<L: Log> Storage for Flash<L> {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        if !self.is_open {
            return Ok(None);
        }
        let mut is_damaged = false;
        for age in 0..=OLDEST {
            match self.log.read(id.0, age, &mut self.bytes) {
                Ok(length) => {
                    match (into.get_mut(..length), self.bytes.get(..length)) {
                        (Some(into), Some(record)) => copy(into, record),
                        _ => return Err(StorageError::Full),
                    }
                    if age > 0 {
                        line!(Warning, "storage: record ", id.0, " is an older one");
                        // Room is made by keeping the last of each name.
                        let _ = self.log.write(id.0, &mut self.bytes, length);
                    }
                    return Ok(Some(length));
                }
                Err(Unread::None) if is_damaged => break,
                Err(Unread::None) => return Ok(None),
                Err(Unread::Torn) => line!(Warning, "storage: record ", id.0, " is torn"),
                Err(Unread::Damaged) => {
                    line!(Error, "storage: record ", id.0, " is damaged");
                    is_damaged = true;
                }
                Err(Unread::TooLong) => {
                    line!(Error, "storage: record ", id.0, " is too long");
                    return Err(StorageError::Full);
                }
                Err(Unread::Failed) => break,
            }
        }
        Err(StorageError::Failed)
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        if !self.is_open {
            return Err(StorageError::Failed);
        }
        let is_refused = self.too_long > 0 && record.len() >= self.too_long;
        if is_refused || record.len() > RECORD_LENGTH {
            return Err(StorageError::Full);
        }
        let place = self.bytes.get_mut(..record.len());
        copy(place.ok_or(StorageError::Full)?, record);
        let written = self.log.write(id.0, &mut self.bytes, record.len());
        if written == Err(StorageError::Full) {
            let length = record.len() as u32;
            line!(Error, "storage: no room for ", length, " bytes");
            self.too_long = record.len();
        }
        written
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        if !self.is_open {
            return Err(StorageError::Failed);
        }
        self.log.erase(id.0)?;
        self.too_long = 0;
        Ok(())
    }
}

/// Zephyr's NVS.
pub struct Nvs;

impl Nvs {
    fn done(result: i32) -> Result<(), StorageError> {
        match result {
            0 => Ok(()),
            FULL => Err(StorageError::Full),
            _ => Err(StorageError::Failed),
        }
    }
}

impl Log for Nvs {
    fn open(&mut self) -> bool {
        // SAFETY: only the engine's thread has this value, and no other code calls C here.
        unsafe { c::ocpp_port_storage_open() == 0 }
    }

    fn read(&mut self, id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
        // SAFETY: as in `open`, which was called before; no more than `room` is written.
        let result = unsafe { c::ocpp_port_storage_read(id, age, into.as_mut_ptr(), into.len()) };
        usize::try_from(result).map_err(|_| match result {
            NONE => Unread::None,
            TOO_LONG => Unread::TooLong,
            DAMAGED => Unread::Damaged,
            TORN => Unread::Torn,
            _ => Unread::Failed,
        })
    }

    fn write(&mut self, id: u16, record: &mut [u8], length: usize) -> Result<(), StorageError> {
        if record.len() < length + CRC {
            return Err(StorageError::Full);
        }
        // SAFETY: as in `open`, which was called before; there is room for the CRC.
        Self::done(unsafe { c::ocpp_port_storage_write(id, record.as_mut_ptr(), length) })
    }

    fn erase(&mut self, id: u16) -> Result<(), StorageError> {
        // SAFETY: as in `open`, which was called before.
        Self::done(unsafe { c::ocpp_port_storage_erase(id) })
    }
}

#[cfg(test)]
mod objects;

#[cfg(test)]
mod tests {
    use super::*;

    const A: RecordId = RecordId(1);

    /// The name of a record, and what it is.
    pub type Line = (u16, Result<Vec<u8>, Unread>);

    /// Reads the record of that name and age from lines of which the newest is the first.
    pub fn read_line(lines: &[Line], id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
        let mut ours = lines.iter().filter(|(other, _)| *other == id);
        let (_, record) = ours.nth(age.into()).ok_or(Unread::None)?;
        let record = record.as_ref().map_err(|unread| *unread)?;
        into[..record.len()].copy_from_slice(record);
        Ok(record.len())
    }

    /// Every record that was ever written, the newest first; [`Unread::None`] stands for an erased
    /// one, [`Unread::Damaged`] for one that cannot be read.
    #[derive(Default)]
    struct Paper {
        lines: Vec<Line>,
        room: usize,
        attempts: usize,
        fails_to_open: bool,
    }

    impl Paper {
        fn leave(&mut self, id: RecordId, unread: Unread) {
            self.lines.insert(0, (id.0, Err(unread)));
        }
    }

    impl Log for Paper {
        fn open(&mut self) -> bool {
            !self.fails_to_open
        }

        fn read(&mut self, id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
            read_line(&self.lines, id, age, into)
        }

        fn write(&mut self, id: u16, record: &mut [u8], length: usize) -> Result<(), StorageError> {
            self.attempts += 1;
            if length > self.room {
                return Err(StorageError::Full);
            }
            record[length..length + CRC].fill(0xee);
            self.lines.insert(0, (id, Ok(record[..length].to_vec())));
            Ok(())
        }

        fn erase(&mut self, id: u16) -> Result<(), StorageError> {
            self.lines.insert(0, (id, Err(Unread::None)));
            Ok(())
        }
    }

    fn store() -> Flash<Paper> {
        let mut store = Flash::new(Paper {
            room: RECORD_LENGTH,
            ..Paper::default()
        });
        store.open();
        store
    }

    fn read(store: &mut Flash<Paper>, id: RecordId) -> Option<Vec<u8>> {
        let mut into = [0; RECORD_LENGTH];
        let length = store.read(id, &mut into).unwrap()?;
        Some(into[..length].to_vec())
    }

    fn attempt(store: &mut Flash<Paper>) -> Result<Option<usize>, StorageError> {
        store.read(A, &mut [0; RECORD_LENGTH])
    }

    #[test]
    fn keeps_replaces_and_erases_records() {
        let mut store = store();
        assert_eq!(read(&mut store, A), None);
        store.write(A, b"old").unwrap();
        store.write(A, b"newer").unwrap();
        assert_eq!(read(&mut store, A).unwrap(), b"newer");
        assert_eq!(store.read(A, &mut [0; 4]), Err(StorageError::Full));
        store.write(RecordId(2), &[7; RECORD_LENGTH]).unwrap();
        assert_eq!(read(&mut store, RecordId(2)).unwrap(), [7; RECORD_LENGTH]);
        store.erase(A).unwrap();
        assert_eq!(read(&mut store, A), None);
    }

    #[test]
    fn takes_the_record_before_a_damaged_one_and_keeps_it() {
        let mut store = store();
        store.write(A, b"old").unwrap();
        store.log.leave(A, Unread::Damaged);
        assert_eq!(read(&mut store, A).unwrap(), b"old");
        assert_eq!(store.log.lines[0], (A.0, Ok(b"old".to_vec())));
    }

    #[test]
    fn damage_without_a_record_before_it_is_an_error() {
        let mut store = store();
        store.log.leave(A, Unread::Damaged);
        assert_eq!(attempt(&mut store), Err(StorageError::Failed));
        // One that was erased before is none to fall back to.
        store.write(A, b"old").unwrap();
        store.erase(A).unwrap();
        store.log.leave(A, Unread::Damaged);
        let lines = store.log.lines.clone();
        assert_eq!(attempt(&mut store), Err(StorageError::Failed));
        assert_eq!(store.log.lines, lines);
    }

    #[test]
    fn what_a_power_loss_tore_was_never_there() {
        let mut store = store();
        store.log.leave(A, Unread::Torn);
        assert_eq!(attempt(&mut store), Ok(None));
        store.write(A, b"old").unwrap();
        store.log.leave(A, Unread::Torn);
        assert_eq!(read(&mut store, A).unwrap(), b"old");
        store.erase(A).unwrap();
        store.log.leave(A, Unread::Torn);
        assert_eq!(attempt(&mut store), Ok(None));
        store.log.leave(A, Unread::Damaged);
        store.log.leave(A, Unread::Torn);
        assert_eq!(attempt(&mut store), Err(StorageError::Failed));
    }

    #[test]
    fn what_is_too_long_is_an_error_and_stays_though_there_is_an_older_one() {
        let mut store = store();
        store.write(A, b"old").unwrap();
        store.log.leave(A, Unread::TooLong);
        let lines = store.log.lines.clone();
        assert_eq!(attempt(&mut store), Err(StorageError::Full));
        assert_eq!(store.log.lines, lines);
    }

    #[test]
    fn what_cannot_be_read_now_is_an_error_and_stays() {
        let mut store = store();
        store.write(A, b"old").unwrap();
        store.log.leave(A, Unread::Failed);
        let lines = store.log.lines.clone();
        assert_eq!(attempt(&mut store), Err(StorageError::Failed));
        assert_eq!(store.log.lines, lines);
    }

    #[test]
    fn gives_a_record_up_that_was_damaged_again_and_again() {
        let mut store = store();
        store.write(A, b"old").unwrap();
        for _ in 0..=OLDEST {
            store.log.leave(A, Unread::Damaged);
        }
        assert_eq!(attempt(&mut store), Err(StorageError::Failed));
        store.write(A, b"new").unwrap();
        assert_eq!(read(&mut store, A).unwrap(), b"new");
    }

    #[test]
    fn does_not_try_again_what_had_no_room_until_something_is_erased() {
        let mut store = store();
        store.log.room = 4;
        store.write(A, b"old").unwrap();
        assert_eq!(store.write(A, b"longer"), Err(StorageError::Full));
        assert_eq!(store.write(A, b"longer"), Err(StorageError::Full));
        assert_eq!(store.log.attempts, 2);
        assert_eq!(read(&mut store, A).unwrap(), b"old");
        store.write(A, b"tiny").unwrap();
        store.log.room = 6;
        store.erase(RecordId(2)).unwrap();
        store.write(A, b"longer").unwrap();
        assert_eq!(read(&mut store, A).unwrap(), b"longer");
    }

    #[test]
    fn refuses_records_that_are_too_long_or_go_nowhere() {
        let mut store = store();
        let long = [0; RECORD_LENGTH + 1];
        assert_eq!(store.write(A, &long), Err(StorageError::Full));
        store.log.fails_to_open = true;
        store.open();
        assert_eq!(store.write(A, b"x"), Err(StorageError::Failed));
        assert_eq!(store.erase(A), Err(StorageError::Failed));
        assert_eq!(read(&mut store, A), None);
    }
}
