//! Where the station's records are: in flash, or in RAM where there is none to write to. This is
//! the one place that says so.

use ocpp::storage::{MemoryStorage, RecordId, Storage, StorageError};

use crate::{
    kernel::ThreadCell,
    limits::{STORAGE_IN_FLASH, STORAGE_SIZE},
};

mod capacity;
mod flash;
use flash::{Flash, Nvs};

/// What the engine's thread stores in.
pub type Records = <In<STORAGE_IN_FLASH> as Place>::Records;

/// Belongs to the engine's thread. What is in RAM outlives a shutdown there, so that the next
/// start finds what was not delivered.
pub static RECORDS: ThreadCell<Records> = ThreadCell::new(RECORDS_AT_FIRST);

/// What they are before the first start.
pub const RECORDS_AT_FIRST: Records = <In<STORAGE_IN_FLASH> as Place>::EMPTY;

/// In flash or not, which Kconfig says.
pub struct In<const FLASH: bool>;

/// Has the records.
pub trait Place {
    /// The store.
    type Records: Storage;
    /// It, before the first start.
    const EMPTY: Self::Records;
}

impl Place for In<true> {
    type Records = Flash<Nvs>;
    const EMPTY: Self::Records = Flash::new(Nvs);
}

impl Place for In<false> {
    type Records = Memory;
    const EMPTY: Self::Records = Memory(MemoryStorage::new());
}

/// Records in RAM.
pub struct Memory(MemoryStorage<STORAGE_SIZE>);

#[allow(dead_code, reason = "a build keeps its records in one place")]
impl Memory {
    /// There is nothing to be opened.
    pub fn open(&mut self) -> &mut Self {
        self
    }
}

impl Storage for Memory {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        self.0.read(id, into)
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        self.0.write(id, record)
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        self.0.erase(id)
    }
}
