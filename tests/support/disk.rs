//! A storage that survives its station, may be small, may fail, and can be compared.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use ocpp::storage::{RecordId, Storage, StorageError};

/// Handles share one medium.
#[derive(Clone, Debug)]
pub struct Disk(Rc<RefCell<Medium>>);

#[derive(Clone, Debug)]
struct Medium {
    records: BTreeMap<RecordId, Vec<u8>>,
    /// Bytes of all records that fit.
    capacity: usize,
    /// Writes and erasures until power is lost: what comes later changes nothing.
    writes_left: Option<usize>,
    cut: bool,
    failing: bool,
    writes: usize,
}

impl Default for Disk {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Medium {
            records: BTreeMap::new(),
            capacity: usize::MAX,
            writes_left: None,
            cut: false,
            failing: false,
            writes: 0,
        })))
    }
}

impl Disk {
    /// All records, to be compared with what they are later.
    pub fn snapshot(&self) -> BTreeMap<RecordId, Vec<u8>> {
        self.0.borrow().records.clone()
    }

    /// Makes every write fail, or succeed again.
    pub fn fail(&self, failing: bool) {
        self.0.borrow_mut().failing = failing;
    }

    /// Lets only that many bytes of records fit.
    pub fn limit(&self, capacity: usize) {
        self.0.borrow_mut().capacity = capacity;
    }

    /// Writes and erasures so far.
    pub fn writes(&self) -> usize {
        self.0.borrow().writes
    }

    /// After that many more writes and erasures nothing reaches the medium any more, as if the
    /// power had gone at that moment.
    pub fn cut_after(&self, writes: usize) {
        self.0.borrow_mut().writes_left = Some(writes);
    }

    /// Power has gone at the moment that [`Disk::cut_after`] set.
    pub fn is_cut(&self) -> bool {
        self.0.borrow().cut
    }

    /// Power is back.
    pub fn restore(&self) {
        let mut medium = self.0.borrow_mut();
        medium.writes_left = None;
        medium.cut = false;
    }
}

impl Medium {
    /// True when power was lost before this write.
    fn is_cut(&mut self) -> bool {
        self.writes += 1;
        match &mut self.writes_left {
            Some(0) => {
                self.cut = true;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}

impl Storage for Disk {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Option<usize> {
        let medium = self.0.borrow();
        let record = medium.records.get(&id)?;
        into.get_mut(..record.len())?.copy_from_slice(record);
        Some(record.len())
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        let mut medium = self.0.borrow_mut();
        assert!(
            record.len() <= ocpp::limits::RECORD_LENGTH,
            "{id:?} is longer than a record may be"
        );
        if medium.failing {
            return Err(StorageError::Failed);
        }
        let others = medium.records.iter().filter(|(other, _)| **other != id);
        let used: usize = others.map(|(_, record)| record.len()).sum();
        if used + record.len() > medium.capacity {
            return Err(StorageError::Full);
        }
        if !medium.is_cut() {
            medium.records.insert(id, record.to_vec());
        }
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        let mut medium = self.0.borrow_mut();
        if medium.failing {
            return Err(StorageError::Failed);
        }
        if !medium.is_cut() {
            medium.records.remove(&id);
        }
        Ok(())
    }
}
