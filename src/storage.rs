//! What must survive a power loss, and the trait through which it does.
//!
//! The station writes a record before it acts upon it, so that after a cut at any moment the
//! records say what has been promised to the driver and to the central system.
//!
//! [`RecordId`] has a table of them.

pub mod objects;
pub(crate) mod records;

pub use records::RecordId;

use core::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use crate::wire::copy;

/// Why a record could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)] // see ErrorCode
pub enum StorageError {
    /// No room.
    Full,
    /// The medium failed, or what it holds is damaged.
    Failed,
}

impl Display for StorageError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there is no room for it",
            Self::Failed => "the medium failed, or what it holds is damaged",
        })
    }
}

impl Error for StorageError {}

/// A store of small records, at most [`crate::limits::RECORD_LENGTH`] bytes each.
///
/// Its one promise: after a power loss at any moment a record is either the old or the new one.
pub trait Storage {
    /// Copies a record into `into` and gives its length; nothing when there is none.
    ///
    /// An error is one that is longer than `into` ([`StorageError::Full`]) or damaged
    /// ([`StorageError::Failed`]); it stays as it is. The station goes on without it and tells of it
    /// with [`Event::RecordSkipped`](crate::station::Event::RecordSkipped).
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError>;
    /// Writes a record, replacing an older one of the same name.
    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError>;
    /// Erases a record; nothing happens when there is none.
    fn erase(&mut self, id: RecordId) -> Result<(), StorageError>;
}

/// A [`Storage`] in RAM for stations that need none beyond it, and for tests: `BYTES` hold all
/// records, each with four bytes of its own.
#[derive(Clone, Debug)]
pub struct MemoryStorage<const BYTES: usize> {
    bytes: [u8; BYTES],
    used: usize,
    /// Behind the record that was found last: a boot looks names up in about the order in which
    /// they were written.
    next: usize,
}

impl<const BYTES: usize> Default for MemoryStorage<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const BYTES: usize> MemoryStorage<BYTES> {
    const HEADER: usize = 4;

    /// An empty store.
    pub const fn new() -> Self {
        Self {
            bytes: [0; BYTES],
            used: 0,
            next: 0,
        }
    }

    /// Bytes in use, headers included.
    pub fn used(&self) -> usize {
        self.used
    }

    /// Start of a record's header, and the record's length.
    fn find(&mut self, id: RecordId) -> Option<(usize, usize)> {
        let (first, end) = (self.next, self.used);
        let found = self
            .find_within(first, end, id)
            .or_else(|| self.find_within(0, first, id));
        if let Some((at, length)) = found {
            self.next = at + Self::HEADER + length;
        }
        found
    }

    /// Between two places where records begin.
    fn find_within(&self, mut at: usize, end: usize, id: RecordId) -> Option<(usize, usize)> {
        while at < end {
            let header = self.bytes.get(at..at + Self::HEADER)?;
            let [a, b, c, d] = *header.first_chunk::<4>()?;
            let length = usize::from(u16::from_le_bytes([c, d]));
            if u16::from_le_bytes([a, b]) == id.0 {
                return Some((at, length));
            }
            at += Self::HEADER + length;
        }
        None
    }

    fn remove(&mut self, at: usize, length: usize) {
        let end = at + Self::HEADER + length;
        self.bytes.copy_within(end..self.used, at);
        self.used -= Self::HEADER + length;
        self.next = 0;
    }
}

impl<const BYTES: usize> Storage for MemoryStorage<BYTES> {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let Some((at, length)) = self.find(id) else {
            return Ok(None);
        };
        let start = at + Self::HEADER;
        match (
            self.bytes.get(start..start + length),
            into.get_mut(..length),
        ) {
            (Some(record), Some(into)) => copy(into, record),
            _ => return Err(StorageError::Full),
        }
        Ok(Some(length))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        let old = self.find(id);
        let freed = old.map_or(0, |(_, length)| Self::HEADER + length);
        let needed = Self::HEADER + record.len();
        if self.used - freed + needed > BYTES {
            return Err(StorageError::Full);
        }
        let length = u16::try_from(record.len()).map_err(|_| StorageError::Full)?;
        if let Some((at, length)) = old {
            self.remove(at, length);
        }
        let place = self
            .bytes
            .get_mut(self.used..self.used + needed)
            .ok_or(StorageError::Full)?;
        let (header, body) = place
            .split_at_mut_checked(Self::HEADER)
            .ok_or(StorageError::Full)?;
        let (name, size) = header.split_at_mut_checked(2).ok_or(StorageError::Full)?;
        copy(name, &id.0.to_le_bytes());
        copy(size, &length.to_le_bytes());
        copy(body, record);
        self.used += needed;
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        if let Some((at, length)) = self.find(id) {
            self.remove(at, length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_replaces_and_erases_records() {
        let mut storage = MemoryStorage::<32>::new();
        let mut buffer = [0; 16];
        let (a, b) = (RecordId(1), RecordId(2));
        assert_eq!(storage.read(a, &mut buffer), Ok(None));
        storage.write(a, b"one").unwrap();
        storage.write(b, b"two").unwrap();
        storage.write(a, b"three").unwrap();
        assert_eq!(storage.read(a, &mut buffer), Ok(Some(5)));
        assert_eq!(&buffer[..5], b"three");
        assert_eq!(storage.read(b, &mut buffer[..2]), Err(StorageError::Full));
        storage.erase(a).unwrap();
        assert_eq!(storage.read(a, &mut buffer), Ok(None));
        assert_eq!(storage.read(b, &mut buffer), Ok(Some(3)));
    }

    #[test]
    fn finds_records_in_any_order() {
        let mut storage = MemoryStorage::<256>::new();
        let mut buffer = [0; 4];
        for id in 0..20 {
            storage.write(RecordId(id), &[id as u8]).unwrap();
        }
        for id in [19, 0, 7, 8, 7, 3, 19, 18] {
            assert_eq!(storage.read(RecordId(id), &mut buffer), Ok(Some(1)));
            assert_eq!(buffer[0], id as u8);
        }
        storage.erase(RecordId(18)).unwrap();
        assert_eq!(storage.read(RecordId(18), &mut buffer), Ok(None));
        assert_eq!(storage.read(RecordId(19), &mut buffer), Ok(Some(1)));
        assert_eq!(storage.read(RecordId(20), &mut buffer), Ok(None));
    }

    #[test]
    fn a_record_that_does_not_fit_leaves_the_old_one() {
        let mut storage = MemoryStorage::<12>::new();
        let mut buffer = [0; 16];
        storage.write(RecordId(1), b"old").unwrap();
        assert_eq!(storage.write(RecordId(1), &[0; 9]), Err(StorageError::Full));
        assert_eq!(storage.read(RecordId(1), &mut buffer), Ok(Some(3)));
        assert_eq!(storage.write(RecordId(2), b"ab"), Err(StorageError::Full));
    }
}
