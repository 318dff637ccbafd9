//! Writing an object piece by piece.

use core::num::NonZeroU16;

use super::{
    check::Check,
    chunk::{self, CHECK, LONGEST, sweep},
    chunks_on,
    head::Head,
    id::{ObjectId, Side},
    settle,
};
use crate::{
    limits::OBJECT_CHUNK,
    storage::{Storage, StorageError},
    wire::copy,
};

/// Bytes in each chunk but the last.
const CHUNK: NonZeroU16 = match NonZeroU16::new(OBJECT_CHUNK as u16) {
    Some(chunk) => chunk,
    None => NonZeroU16::MIN,
};

/// An object being written. Until it is committed there is the one before it, or none.
///
/// An object has one writer at a time: [`Writer::begin`] erases what another one has written of it. A
/// writer that is dropped leaves its chunks to the next one, or to [`clean_up`](super::clean_up).
#[derive(Debug)]
#[must_use = "what is not committed is not stored"]
pub struct Writer {
    id: ObjectId,
    /// The object that is replaced.
    before: Option<Head>,
    /// What this will be.
    head: Head,
    check: Check,
    /// Chunks that are written.
    chunks: u16,
    /// Bytes of the chunk that is not full yet.
    filled: usize,
    failed: Option<StorageError>,
    record: [u8; LONGEST],
}

impl Writer {
    /// Begins an object, after erasing what a power loss or another writer has left of one that was not
    /// committed.
    ///
    /// # Errors
    ///
    /// [`StorageError::Failed`] if that could not be erased, or if the head of the object that would be
    /// replaced is damaged; [`StorageError::Full`] if that is of a later firmware. Nothing has changed
    /// then. [`erase`](super::erase) makes such an object's place free.
    pub fn begin(storage: &mut dyn Storage, id: ObjectId) -> Result<Self, StorageError> {
        let before = settle(storage, id)?;
        let head = Head {
            generation: before.map_or(0, |before| before.generation.wrapping_add(1)),
            length: 0,
            chunk: CHUNK,
            check: 0,
        };
        Ok(Self {
            id,
            before,
            head,
            check: Check::new(),
            chunks: 0,
            filled: 0,
            failed: None,
            record: [0; LONGEST],
        })
    }

    /// Which object it is.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// Bytes so far.
    pub fn length(&self) -> usize {
        self.head.length as usize
    }

    /// Appends bytes, any number of them.
    ///
    /// # Errors
    ///
    /// [`StorageError::Full`] if there is no room for them, or if the object would be longer than
    /// [`Kind::max_length`](super::Kind::max_length); [`StorageError::Failed`] if the medium failed.
    /// What was written is erased at once, so that others have its room, and the writer is of no more
    /// use: it gives the same error again. The object before it is still there.
    pub fn write(&mut self, storage: &mut dyn Storage, bytes: &[u8]) -> Result<(), StorageError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let longest = self.id.kind().max_length();
        if bytes.len() > longest.saturating_sub(self.length()) {
            return Err(self.give_up(storage, StorageError::Full));
        }
        self.check.add(bytes);
        // No more than `longest`, which is far below 4 GiB.
        self.head.length += bytes.len() as u32;
        let mut rest = bytes;
        while !rest.is_empty() {
            let place = self.record.get_mut(CHECK + self.filled..);
            let place = place.unwrap_or_default();
            let fits = place.len().min(rest.len());
            let (Some(place), Some((now, later))) =
                (place.get_mut(..fits), rest.split_at_checked(fits))
            else {
                return Err(self.give_up(storage, StorageError::Failed));
            };
            copy(place, now);
            self.filled += fits;
            rest = later;
            if self.filled == OBJECT_CHUNK {
                self.write_chunk(storage)?;
            }
        }
        Ok(())
    }

    /// Makes this the object, in the place of the one before it.
    ///
    /// # Errors
    ///
    /// Those of [`Writer::write`], with the same consequences.
    pub fn commit(mut self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.filled > 0 {
            self.write_chunk(storage)?;
        }
        self.head.check = self.check.sum();
        if let Err(error) = self.head.write(storage, self.id) {
            // A medium that fails may have written it all the same: then it is what the head says.
            let is_switched = settle(storage, self.id) == Ok(Some(self.head));
            return if is_switched { Ok(()) } else { Err(error) };
        }
        // It is stored, whatever becomes of the old one: what is left is erased later.
        let old = self.other_side();
        let _ = sweep(storage, self.id, old, chunks_on(self.before, old));
        Ok(())
    }

    /// Erases what was written. The object before it stays.
    ///
    /// # Errors
    ///
    /// [`StorageError::Failed`] if that could not be erased; the next [`Writer::begin`] or
    /// [`clean_up`](super::clean_up) tries again.
    pub fn abandon(self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        sweep(storage, self.id, self.head.side(), self.chunks)
    }

    fn other_side(&self) -> Side {
        Side::of(self.head.generation.wrapping_add(1))
    }

    fn write_chunk(&mut self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let record = self.record.get_mut(..CHECK + self.filled);
        let written = match (self.head.chunk_record(self.id, self.chunks), record) {
            (Ok(id), Some(record)) => chunk::write(storage, id, self.head.generation, record),
            _ => Err(StorageError::Full),
        };
        if let Err(error) = written {
            return Err(self.give_up(storage, error));
        }
        self.chunks += 1;
        self.filled = 0;
        Ok(())
    }

    fn give_up(&mut self, storage: &mut dyn Storage, error: StorageError) -> StorageError {
        self.failed = Some(error);
        // If this fails, too, it is tried again by the next writer and at the next boot.
        let _ = sweep(storage, self.id, self.head.side(), self.chunks);
        error
    }
}
