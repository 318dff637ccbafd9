//! A directory with one file for each record.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use ocpp::storage::{RecordId, Storage, StorageError};

use super::atomic_file;

/// Records in files. The directory belongs to one process at a time.
#[derive(Debug)]
pub struct FileStorage {
    directory: PathBuf,
    /// Locked as long as this lives.
    _lock: File,
}

impl FileStorage {
    /// Opens a directory, which is created where it is missing.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = File::create(directory.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another charge point uses it"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        atomic_file::sweep(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
        })
    }
}

fn name(id: RecordId) -> String {
    format!("record-{:04x}", id.0)
}

fn failure(error: &io::Error) -> StorageError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StorageError::Full,
        _ => StorageError::Failed,
    }
}

impl Storage for FileStorage {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let record = match fs::read(self.directory.join(name(id))) {
            Ok(record) => record,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure(&error)),
        };
        let into = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        into.copy_from_slice(&record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        atomic_file::replace(&self.directory, &name(id), record).map_err(|error| failure(&error))
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        atomic_file::remove(&self.directory, &name(id)).map_err(|error| failure(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own, gone at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(test: &str) -> Self {
            let name = format!("simulator-{test}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn read(storage: &mut FileStorage, id: u16) -> Option<Vec<u8>> {
        let mut buffer = [0; 8];
        let length = storage.read(RecordId(id), &mut buffer).ok()??;
        Some(buffer[..length].to_vec())
    }

    #[test]
    fn keeps_replaces_and_erases_records_over_reopening() {
        let scratch = Scratch::new("reopen");
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        assert_eq!(read(&mut storage, 1), None);
        storage.write(RecordId(1), b"one").unwrap();
        storage.write(RecordId(2), b"two").unwrap();
        storage.write(RecordId(1), b"three").unwrap();
        storage.write(RecordId(3), b"").unwrap();
        storage.erase(RecordId(2)).unwrap();
        storage.erase(RecordId(2)).unwrap();
        drop(storage);
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        assert_eq!(read(&mut storage, 1).as_deref(), Some(&b"three"[..]));
        assert_eq!(read(&mut storage, 2), None);
        assert_eq!(read(&mut storage, 3).as_deref(), Some(&b""[..]));
    }

    #[test]
    fn a_record_that_does_not_fit_is_an_error() {
        let scratch = Scratch::new("fit");
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        storage.write(RecordId(1), b"123456789").unwrap();
        let read = storage.read(RecordId(1), &mut [0; 8]);
        assert_eq!(read, Err(StorageError::Full));
    }

    #[test]
    fn a_half_written_file_is_not_a_record() {
        let scratch = Scratch::new("half");
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        storage.write(RecordId(0x300), b"old").unwrap();
        let unfinished = scratch.0.join("record-0300.tmp");
        fs::write(&unfinished, b"ne").unwrap();
        assert_eq!(read(&mut storage, 0x300).as_deref(), Some(&b"old"[..]));
        drop(storage);
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        assert!(!unfinished.exists());
        assert_eq!(read(&mut storage, 0x300).as_deref(), Some(&b"old"[..]));
        storage.write(RecordId(0x300), b"new").unwrap();
        assert_eq!(read(&mut storage, 0x300).as_deref(), Some(&b"new"[..]));
        assert!(!unfinished.exists());
    }

    #[test]
    fn one_process_at_a_time() {
        let scratch = Scratch::new("lock");
        let storage = FileStorage::open(&scratch.0).unwrap();
        assert!(FileStorage::open(&scratch.0).is_err());
        drop(storage);
        assert!(FileStorage::open(&scratch.0).is_ok());
    }

    #[test]
    fn a_medium_that_fails_says_so() {
        let scratch = Scratch::new("fails");
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        fs::remove_dir_all(&scratch.0).unwrap();
        assert_eq!(storage.write(RecordId(1), b"x"), Err(StorageError::Failed));
    }
}
