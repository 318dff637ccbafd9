//! Reading an object, from the beginning on or anywhere in it.

use core::num::NonZeroUsize;

use super::{
    check::Check,
    chunk::{self, CHECK, LONGEST},
    head::Head,
    id::ObjectId,
};
use crate::{
    limits::OBJECT_CHUNK,
    storage::{Storage, StorageError},
};

/// An object that is read. It holds one chunk: reads of one place after the other look each chunk up
/// once.
///
/// It reads the object that it was opened for. If that has been replaced or erased meanwhile, reading
/// gives [`StorageError::Failed`], as for one that is damaged. The one case that only
/// [`Reader::verify`] notices is an object that was erased and then written anew.
#[derive(Debug)]
pub struct Reader {
    id: ObjectId,
    head: Head,
    position: usize,
    /// Which chunk `record` holds.
    held: Option<u16>,
    record: [u8; LONGEST],
}

impl Reader {
    /// Looks an object up; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError::Failed`] if its head is damaged, [`StorageError::Full`] if its chunks are longer
    /// than those of this build ([`OBJECT_CHUNK`]), or its head is of a later firmware.
    pub fn open(storage: &mut dyn Storage, id: ObjectId) -> Result<Option<Self>, StorageError> {
        let Some(head) = Head::read(storage, id)? else {
            return Ok(None);
        };
        if usize::from(head.chunk.get()) > OBJECT_CHUNK {
            return Err(StorageError::Full);
        }
        Ok(Some(Self {
            id,
            head,
            position: 0,
            held: None,
            record: [0; LONGEST],
        }))
    }

    /// Which object it is.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// Bytes of the object.
    pub fn length(&self) -> usize {
        self.head.length as usize
    }

    /// The offset of what [`Reader::read`] and [`Reader::next_piece`] give next.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Goes on from there. Behind the end there is nothing to be read.
    pub fn seek(&mut self, offset: usize) {
        self.position = offset;
    }

    /// Copies bytes from that offset on, which leaves the position as it is. Gives how many: fewer than
    /// `into` has room for only at the end of the object.
    ///
    /// # Errors
    ///
    /// [`StorageError::Failed`] if a chunk that has some of them is damaged or cannot be read; the other
    /// chunks can.
    pub fn read_at(
        &mut self,
        storage: &mut dyn Storage,
        offset: usize,
        into: &mut [u8],
    ) -> Result<usize, StorageError> {
        let mut read = 0;
        while let Some(place) = into.get_mut(read..)
            && !place.is_empty()
        {
            let piece = self.piece(storage, offset.saturating_add(read))?;
            if piece.is_empty() {
                break;
            }
            let copied = place.iter_mut().zip(piece);
            read += copied.map(|(to, from)| *to = *from).count();
        }
        Ok(read)
    }

    /// [`Reader::read_at`] the position, which moves on by what was read.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::read_at`]; the position stays.
    pub fn read(
        &mut self,
        storage: &mut dyn Storage,
        into: &mut [u8],
    ) -> Result<usize, StorageError> {
        let read = self.read_at(storage, self.position, into)?;
        self.position += read;
        Ok(read)
    }

    /// Lends what follows at the position, to the end of its chunk, and moves on behind it. Nothing is
    /// copied. Empty at the end of the object, and only there.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::read_at`]; the position stays.
    pub fn next_piece(&mut self, storage: &mut dyn Storage) -> Result<&[u8], StorageError> {
        let length = self.piece(storage, self.position)?.len();
        let position = self.position;
        self.position += length;
        self.piece(storage, position)
    }

    /// Reads all of it and compares its check sum. The position stays.
    ///
    /// # Errors
    ///
    /// [`StorageError::Failed`] if any of it is damaged or cannot be read.
    pub fn verify(&mut self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let (mut check, mut offset) = (Check::new(), 0);
        while offset < self.length() {
            let piece = self.piece(storage, offset)?;
            check.add(piece);
            offset += piece.len();
        }
        if check.sum() == self.head.check {
            Ok(())
        } else {
            Err(StorageError::Failed)
        }
    }

    /// From that offset to the end of its chunk; empty at the end of the object.
    fn piece(&mut self, storage: &mut dyn Storage, offset: usize) -> Result<&[u8], StorageError> {
        if offset >= self.length() {
            return Ok(&[]);
        }
        let size = NonZeroUsize::from(self.head.chunk);
        let chunk = u16::try_from(offset / size).map_err(|_| StorageError::Failed)?;
        let end = CHECK + self.head.chunk_length(chunk);
        let record = self.record.get_mut(..end).ok_or(StorageError::Failed)?;
        if self.held != Some(chunk) {
            self.held = None;
            let id = self.head.chunk_record(self.id, chunk)?;
            chunk::read(storage, id, self.head.generation, record)?;
            self.held = Some(chunk);
        }
        record
            .get(CHECK + offset % size..)
            .ok_or(StorageError::Failed)
    }
}
