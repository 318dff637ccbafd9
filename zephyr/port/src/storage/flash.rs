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
mod tests;
