//! A directory with one file for each record.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use ocpp::storage::{RecordId, Storage, StorageError};

use super::{atomic_file, crc, format};

/// Records in files, each with a check sum behind it. The directory belongs to one process at a
/// time.
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
        let lock = lockable(directory)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::other("another charge point uses it"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        atomic_file::sweep(directory)?;
        format::prepare(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
        })
    }
}

/// What is locked: the directory itself, for a file in it could be removed and made anew while it
/// is locked.
fn lockable(directory: &Path) -> io::Result<File> {
    if cfg!(unix) {
        File::open(directory)
    } else {
        // Elsewhere a directory cannot be opened as a file, and an open file not be removed.
        File::create(directory.join("lock"))
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
        let (record, stored) = record.split_last_chunk().ok_or(StorageError::Failed)?;
        if !crc::is_right(id, record, *stored) {
            return Err(StorageError::Failed);
        }
        let into = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        into.copy_from_slice(record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        let bytes = [record, &crc::of(id, record)].concat();
        atomic_file::replace(&self.directory, &name(id), &bytes).map_err(|error| failure(&error))
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
    fn damage_is_an_error_wherever_it_is() {
        let scratch = Scratch::new("damage");
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        storage.write(RecordId(0x400), b"billing").unwrap();
        let file = scratch.0.join("record-0400");
        let whole = fs::read(&file).unwrap();
        let mut buffer = [0; 16];
        for place in 0..whole.len() {
            // The highest bit of the check sum belongs to flash.
            let mut damaged = whole.clone();
            damaged[place] ^= 0x41;
            fs::write(&file, &damaged).unwrap();
            let read = storage.read(RecordId(0x400), &mut buffer);
            assert_eq!(read, Err(StorageError::Failed), "byte {place}");
            fs::write(&file, &whole[..place]).unwrap();
            let read = storage.read(RecordId(0x400), &mut buffer);
            assert_eq!(read, Err(StorageError::Failed), "{place} bytes");
        }
        // One under another's name.
        fs::write(scratch.0.join("record-0401"), &whole).unwrap();
        let read = storage.read(RecordId(0x401), &mut buffer);
        assert_eq!(read, Err(StorageError::Failed));
        fs::write(&file, &whole).unwrap();
        assert_eq!(read_text(&mut storage, 0x400), "billing");
    }

    fn read_text(storage: &mut FileStorage, id: u16) -> String {
        String::from_utf8(read(storage, id).unwrap()).unwrap()
    }

    #[test]
    fn a_folder_without_check_sums_is_taken_over() {
        let scratch = Scratch::new("old");
        fs::create_dir_all(&scratch.0).unwrap();
        fs::write(scratch.0.join("lock"), b"").unwrap();
        fs::write(scratch.0.join("register-1"), b"5\n").unwrap();
        fs::write(scratch.0.join("record-0300"), b"running").unwrap();
        fs::write(scratch.0.join("record-0400"), b"billing").unwrap();
        // An earlier attempt was cut off behind this one.
        let taken_over = [&b"life"[..], &crc::of(RecordId(0), b"life")].concat();
        fs::write(scratch.0.join("record-0000"), taken_over).unwrap();
        for _ in 0..2 {
            let mut storage = FileStorage::open(&scratch.0).unwrap();
            assert_eq!(read_text(&mut storage, 0), "life");
            assert_eq!(read_text(&mut storage, 0x300), "running");
            assert_eq!(read_text(&mut storage, 0x400), "billing");
        }
        // From then on, what has no check sum is damaged.
        fs::write(scratch.0.join("record-0400"), b"billing").unwrap();
        let mut storage = FileStorage::open(&scratch.0).unwrap();
        let read = storage.read(RecordId(0x400), &mut [0; 16]);
        assert_eq!(read, Err(StorageError::Failed));
        drop(storage);
        fs::write(scratch.0.join("format"), "3\n").unwrap();
        let problem = FileStorage::open(&scratch.0).unwrap_err();
        assert!(problem.to_string().contains("\"3\""), "{problem}");
    }

    #[test]
    fn one_process_at_a_time() {
        let scratch = Scratch::new("lock");
        let storage = FileStorage::open(&scratch.0).unwrap();
        assert!(FileStorage::open(&scratch.0).is_err());
        // Whatever becomes of the files in it.
        for entry in fs::read_dir(&scratch.0).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
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
