//! A storage that survives power losses, and can be damaged.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use ocpp::storage::{RecordId, Storage, StorageError};

#[derive(Debug, Default)]
struct State {
    records: BTreeMap<u16, Vec<u8>>,
    /// Writes and erasures that still succeed.
    lasts: Option<u32>,
}

/// Clones share what is stored.
#[derive(Clone, Debug, Default)]
pub struct Disk(Rc<RefCell<State>>);

impl Disk {
    /// Nothing is written any more after so many writes.
    pub fn fail_after(&self, lasts: Option<u32>) {
        self.0.borrow_mut().lasts = lasts;
    }

    /// Puts a record there, whatever the station takes it for.
    pub fn put(&self, id: u16, bytes: &[u8]) {
        self.0.borrow_mut().records.insert(id, bytes.to_vec());
    }

    /// Changes a bit of one of the records.
    pub fn flip(&self, which: usize, bit: usize) {
        let mut state = self.0.borrow_mut();
        let count = state.records.len().max(1);
        if let Some(record) = state.records.values_mut().nth(which % count)
            && let Some(byte) = record.get_mut(bit / 8)
        {
            *byte ^= 1 << (bit % 8);
        }
    }

    fn is_worn_out(&self) -> bool {
        let mut state = self.0.borrow_mut();
        match &mut state.lasts {
            None => false,
            Some(0) => true,
            Some(lasts) => {
                *lasts -= 1;
                false
            }
        }
    }
}

impl Storage for Disk {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let state = self.0.borrow();
        let Some(record) = state.records.get(&id.0) else {
            return Ok(None);
        };
        let room = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        room.copy_from_slice(record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        if self.is_worn_out() {
            return Err(StorageError::Failed);
        }
        self.put(id.0, record);
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        if self.is_worn_out() {
            return Err(StorageError::Failed);
        }
        self.0.borrow_mut().records.remove(&id.0);
        Ok(())
    }
}
