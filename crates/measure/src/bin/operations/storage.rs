//! A storage whose time does not depend on what is in it, so that what is measured is the engine.

use ocpp::{
    limits::RECORD_LENGTH,
    storage::{RecordId, Storage, StorageError},
};

/// One place for every possible record.
pub struct Indexed {
    records: Vec<Option<(u16, [u8; RECORD_LENGTH])>>,
}

impl Indexed {
    pub fn new() -> Self {
        let records = vec![None; 0x3000];
        Self { records }
    }

    /// Bytes of the records alone.
    pub fn used(&self) -> usize {
        let lengths = self.records.iter().flatten();
        lengths.map(|(length, _)| usize::from(*length)).sum()
    }
}

impl Storage for Indexed {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let Some(Some((length, bytes))) = self.records.get(usize::from(id.0)) else {
            return Ok(None);
        };
        let length = usize::from(*length);
        let into = into.get_mut(..length).ok_or(StorageError::Full)?;
        into.copy_from_slice(&bytes[..length]);
        Ok(Some(length))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        let place = self.records.get_mut(usize::from(id.0));
        let place = place.ok_or(StorageError::Full)?;
        let mut bytes = [0; RECORD_LENGTH];
        bytes[..record.len()].copy_from_slice(record);
        *place = Some((record.len() as u16, bytes));
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        if let Some(place) = self.records.get_mut(usize::from(id.0)) {
            *place = None;
        }
        Ok(())
    }
}
