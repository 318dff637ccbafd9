//! What a station stores, for as long as the process lives: it survives reboots, as flash would.

use fleet_engine::storage::{RecordId, Storage, StorageError};

/// Records by number. There are few of each station: those of what was changed, what runs, and what waits.
#[derive(Debug, Default)]
pub struct Records(Vec<(RecordId, Box<[u8]>)>);

impl Records {
    fn place(&self, id: RecordId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(known, _)| *known)
    }
}

impl Storage for Records {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        let found = self.place(id).ok().and_then(|place| self.0.get(place));
        let Some((_, record)) = found else {
            return Ok(None);
        };
        let into = into.get_mut(..record.len()).ok_or(StorageError::Full)?;
        into.copy_from_slice(record);
        Ok(Some(record.len()))
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        match self.place(id) {
            Ok(place) => {
                if let Some((_, old)) = self.0.get_mut(place) {
                    match old.len() == record.len() {
                        true => old.copy_from_slice(record),
                        false => *old = record.into(),
                    }
                }
            }
            Err(place) => {
                // One at a time: twice the room would be for nothing.
                self.0.reserve_exact(1);
                self.0.insert(place, (id, record.into()));
            }
        }
        Ok(())
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        if let Ok(place) = self.place(id) {
            self.0.remove(place);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_replaced_and_erased() {
        let mut records = Records::default();
        let mut buffer = [0; 4];
        for id in [3, 1, 2] {
            records.write(RecordId(id), &[id as u8]).unwrap();
        }
        records.write(RecordId(2), b"new").unwrap();
        assert_eq!(records.read(RecordId(2), &mut buffer), Ok(Some(3)));
        assert_eq!(&buffer[..3], b"new");
        let full = records.read(RecordId(2), &mut buffer[..2]);
        assert_eq!(full, Err(StorageError::Full));
        records.erase(RecordId(2)).unwrap();
        assert_eq!(records.read(RecordId(2), &mut buffer), Ok(None));
        assert_eq!(records.read(RecordId(3), &mut buffer), Ok(Some(1)));
    }
}
