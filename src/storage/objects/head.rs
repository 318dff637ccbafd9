//! The record that makes chunks an object.

use core::num::{NonZeroU16, NonZeroU32};

use super::{
    chunk::{CHECK, check_sum},
    id::{ObjectId, Side},
};
use crate::{
    storage::{RecordId, Storage, StorageError},
    wire::copy,
};

/// Version of the record's form. One of another form is left alone.
const FORM: u8 = 1;
/// Bytes of what it says; a check sum of them follows.
const SAID: usize = 15;
const LENGTH: usize = SAID + CHECK;

/// What the head says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// One more with each object of this name that replaces another. Says on which side it is.
    pub generation: u32,
    /// Bytes of the object.
    pub length: u32,
    /// Bytes in each chunk but the last: those of the firmware that wrote it.
    pub chunk: NonZeroU16,
    /// The check sum of all its bytes.
    pub check: u32,
}

impl Head {
    /// # Errors
    ///
    /// [`StorageError::Full`] for one of a later firmware, [`StorageError::Failed`] for one that is
    /// damaged.
    pub fn read(storage: &mut dyn Storage, id: ObjectId) -> Result<Option<Self>, StorageError> {
        let mut record = [0; LENGTH];
        let Some(length) = storage.read(id.head(), &mut record)? else {
            return Ok(None);
        };
        let head = (length == LENGTH).then(|| Self::decode(id, &record));
        let head = head.flatten();
        let head = head.filter(|head| head.chunks() <= id.side_length().into());
        head.map(Some).ok_or(StorageError::Failed)
    }

    /// The switch.
    pub fn write(self, storage: &mut dyn Storage, id: ObjectId) -> Result<(), StorageError> {
        let said = self.encode();
        let mut record = [0; LENGTH];
        if let Some((place, check)) = record.split_first_chunk_mut() {
            *place = said;
            copy(check, &check_sum(id.head(), self.generation, &said));
        }
        storage.write(id.head(), &record)
    }

    pub fn side(self) -> Side {
        Side::of(self.generation)
    }

    /// How many chunks it has. Those of a head that was read are no more than its kind can have.
    pub fn chunks(self) -> u32 {
        let size = NonZeroU32::from(self.chunk);
        self.length / size + u32::from(self.length % size != 0)
    }

    /// Bytes in a chunk; 0 beyond the last.
    pub fn chunk_length(self, chunk: u16) -> usize {
        let size = u32::from(self.chunk.get());
        let rest = self.length.saturating_sub(u32::from(chunk) * size);
        rest.min(size) as usize
    }

    /// The record of a chunk.
    pub fn chunk_record(self, id: ObjectId, chunk: u16) -> Result<RecordId, StorageError> {
        // What is longer than its kind can be is refused before.
        id.chunk(self.side(), chunk).ok_or(StorageError::Full)
    }

    fn encode(self) -> [u8; SAID] {
        let [g0, g1, g2, g3] = self.generation.to_le_bytes();
        let [l0, l1, l2, l3] = self.length.to_le_bytes();
        let [c0, c1] = self.chunk.get().to_le_bytes();
        let [s0, s1, s2, s3] = self.check.to_le_bytes();
        [FORM, g0, g1, g2, g3, l0, l1, l2, l3, c0, c1, s0, s1, s2, s3]
    }

    fn decode(id: ObjectId, record: &[u8; LENGTH]) -> Option<Self> {
        let (said, check) = record.split_first_chunk::<SAID>()?;
        let [form, g0, g1, g2, g3, l0, l1, l2, l3, c0, c1, s0, s1, s2, s3] = *said;
        let head = Self {
            generation: u32::from_le_bytes([g0, g1, g2, g3]),
            length: u32::from_le_bytes([l0, l1, l2, l3]),
            chunk: NonZeroU16::new(u16::from_le_bytes([c0, c1]))?,
            check: u32::from_le_bytes([s0, s1, s2, s3]),
        };
        let is_right = check == check_sum(id.head(), head.generation, said);
        (form == FORM && is_right).then_some(head)
    }
}
