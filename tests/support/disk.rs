//! A storage that survives its station, may be small, fail or be damaged, can be compared, and
//! loses power at any byte.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use ocpp::storage::{RecordId, Storage, StorageError};

use super::flash::{Flash, HEADER, Records};

/// Where power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// In the write or erasure with that number, after so many bytes of it. None of it is just
    /// before, all of it just after.
    Inside { write: usize, bytes: usize },
    /// That write is acknowledged and reaches the medium only after the next action of the
    /// station: power goes between the two. No storage may be like that.
    Late { write: usize },
}

/// A write or an erasure.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: RecordId,
    /// Nothing for an erasure.
    pub record: Option<Vec<u8>>,
    /// Bytes that it took on the medium.
    pub bytes: usize,
}

/// Handles share one medium.
#[derive(Clone, Debug, Default)]
pub struct Disk(Rc<RefCell<Medium>>);

#[derive(Debug)]
struct Medium {
    flash: Flash,
    /// What the station reads.
    records: Records,
    damaged: BTreeSet<RecordId>,
    /// Something was written since power is back.
    is_touched: bool,
    /// What was read after that.
    read_late: BTreeSet<RecordId>,
    /// How often something was.
    reads: usize,
    /// Bytes of all records that fit.
    capacity: usize,
    /// The old record goes only when the new one is there.
    is_log: bool,
    /// Writes and erasures until the medium fails.
    lasts: usize,
    /// Erasures fail, writes do not.
    keeps_all: bool,
    written: Vec<Written>,
    cut: Option<Cut>,
    /// A late write waits for an action.
    is_late: bool,
    power_lost: bool,
}

impl Default for Medium {
    fn default() -> Self {
        Self {
            flash: Flash::default(),
            records: Records::new(),
            damaged: BTreeSet::new(),
            is_touched: false,
            read_late: BTreeSet::new(),
            reads: 0,
            capacity: usize::MAX,
            is_log: false,
            lasts: usize::MAX,
            keeps_all: false,
            written: Vec::new(),
            cut: None,
            is_late: false,
            power_lost: false,
        }
    }
}

impl Disk {
    /// All records, to be compared with what they are later.
    pub fn snapshot(&self) -> Records {
        self.0.borrow().records.clone()
    }

    /// Puts a record there, as another firmware may have left it.
    pub fn put(&self, id: RecordId, record: &[u8]) {
        self.0.borrow_mut().append(id, Some(record));
    }

    /// A record can no longer be read.
    pub fn damage(&self, id: RecordId) {
        self.0.borrow_mut().damaged.insert(id);
    }

    /// All that could not be read can be again.
    pub fn heal(&self) {
        self.0.borrow_mut().damaged.clear();
    }

    /// A record is gone.
    pub fn remove(&self, id: RecordId) {
        self.0.borrow_mut().append(id, None);
    }

    /// Makes every write and erasure fail, or succeed again.
    pub fn fail(&self, failing: bool) {
        self.fail_after(if failing { 0 } else { usize::MAX });
    }

    /// Makes writes and erasures fail after so many more.
    pub fn fail_after(&self, lasts: usize) {
        self.0.borrow_mut().lasts = lasts;
    }

    /// Makes erasures fail, or succeed again.
    pub fn keep_all(&self, keeps_all: bool) {
        self.0.borrow_mut().keeps_all = keeps_all;
    }

    /// Lets only that many bytes of records fit.
    pub fn limit(&self, capacity: usize) {
        self.0.borrow_mut().capacity = capacity;
    }

    /// Lets no more fit than there is.
    pub fn fill_up(&self) {
        self.leave(0);
    }

    /// Lets only so many bytes more fit.
    pub fn leave(&self, bytes: usize) {
        let used = self.0.borrow().used();
        self.limit(used + bytes);
    }

    /// From now on, a record that replaces another one finds room beside it, or none.
    pub fn become_log(&self) {
        self.0.borrow_mut().is_log = true;
    }

    /// Writes and erasures so far.
    pub fn writes(&self) -> usize {
        self.0.borrow().written.len()
    }

    /// All writes and erasures so far.
    pub fn written(&self) -> Vec<Written> {
        self.0.borrow().written.clone()
    }

    /// Lets power go there.
    pub fn cut(&self, cut: Cut) {
        self.0.borrow_mut().cut = Some(cut);
    }

    /// [`Disk::cut`], with the number of the write counted from now on.
    pub fn cut_from_here(&self, cut: Cut) {
        let before = self.writes();
        self.cut(match cut {
            Cut::Inside { write, bytes } => Cut::Inside {
                write: before + write,
                bytes,
            },
            Cut::Late { write } => Cut::Late {
                write: before + write,
            },
        });
    }

    /// Power goes no more.
    pub fn spare(&self) {
        self.0.borrow_mut().cut = None;
    }

    /// How often a record was asked for so far.
    pub fn reads(&self) -> usize {
        self.0.borrow().reads
    }

    /// What was read after the first write since power is back.
    pub fn read_late(&self) -> Vec<RecordId> {
        self.0.borrow().read_late.iter().copied().collect()
    }

    /// The station has done something that the world sees.
    pub fn acted(&self) {
        let mut medium = self.0.borrow_mut();
        medium.power_lost |= medium.is_late;
    }

    /// Power has gone where [`Disk::cut`] wanted it to.
    pub fn is_cut(&self) -> bool {
        self.0.borrow().power_lost
    }

    /// Power is back: what is there is what the medium holds.
    pub fn restore(&self) {
        let mut medium = self.0.borrow_mut();
        if medium.power_lost {
            medium.cut = None;
        }
        medium.power_lost = false;
        medium.is_late = false;
        medium.is_touched = false;
        medium.read_late.clear();
        medium.records = medium.flash.replay();
    }
}

impl Medium {
    fn used(&self) -> usize {
        self.records.values().map(Vec::len).sum()
    }

    /// False when the medium has failed.
    fn wear(&mut self) -> bool {
        let healthy = self.lasts > 0;
        self.lasts -= usize::from(healthy && self.lasts < usize::MAX);
        healthy
    }

    fn append(&mut self, id: RecordId, record: Option<&[u8]>) {
        if self.power_lost {
            return;
        }
        self.is_touched = true;
        let length = HEADER + record.map_or(0, <[u8]>::len);
        let number = self.written.len();
        self.written.push(Written {
            id,
            record: record.map(<[u8]>::to_vec),
            bytes: length,
        });
        match self.cut {
            Some(Cut::Inside { write, bytes }) if write == number => {
                self.flash.append(id, record, bytes);
                self.power_lost = true;
            }
            Some(Cut::Late { write }) if write == number => self.is_late = true,
            _ => self.flash.append(id, record, length),
        }
        self.damaged.remove(&id);
        match record {
            Some(record) => self.records.insert(id, record.to_vec()),
            None => self.records.remove(&id),
        };
    }
}

impl Storage for Disk {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let mut medium = self.0.borrow_mut();
        medium.reads += 1;
        if medium.is_touched {
            medium.read_late.insert(id);
        }
        let Some(record) = medium.records.get(&id) else {
            return Ok(None);
        };
        if medium.damaged.contains(&id) {
            return Err(StorageError::Failed);
        }
        let into = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        into.copy_from_slice(record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        let mut medium = self.0.borrow_mut();
        assert!(
            record.len() <= ocpp::limits::RECORD_LENGTH,
            "{id:?} is longer than a record may be"
        );
        if !medium.wear() {
            return Err(StorageError::Failed);
        }
        let old = match medium.is_log {
            true => 0,
            false => medium.records.get(&id).map_or(0, Vec::len),
        };
        if medium.capacity < usize::MAX && medium.used() - old + record.len() > medium.capacity {
            return Err(StorageError::Full);
        }
        medium.append(id, Some(record));
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        let mut medium = self.0.borrow_mut();
        if !medium.wear() || medium.keeps_all {
            return Err(StorageError::Failed);
        }
        if medium.records.contains_key(&id) {
            medium.append(id, None);
        }
        Ok(())
    }
}
