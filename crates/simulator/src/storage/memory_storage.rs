//! Records that live as long as the process: they survive reboots, as flash would.

use std::collections::HashMap;

use ocpp::storage::{RecordId, Storage, StorageError};

/// Records in RAM.
#[derive(Debug, Default)]
pub struct MemoryStorage(HashMap<RecordId, Vec<u8>>);

impl Storage for MemoryStorage {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let Some(record) = self.0.get(&id) else {
            return Ok(None);
        };
        let into = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        into.copy_from_slice(record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        self.0.insert(id, record.to_vec());
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        self.0.remove(&id);
        Ok(())
    }
}
