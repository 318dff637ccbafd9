//! Chunks: a check sum, then bytes of the object.

use super::{
    check::Check,
    id::{ObjectId, Side},
};
use crate::{
    limits::OBJECT_CHUNK,
    storage::{RecordId, Storage, StorageError},
};

/// In front of the bytes.
pub(super) const CHECK: usize = size_of::<u32>();
/// The longest chunk with its check sum.
pub(super) const LONGEST: usize = CHECK + OBJECT_CHUNK;

/// Of the record's name and the generation, then of the bytes: a chunk that was written for another
/// object, or for another place in it, is none of this one. Storage may give an older record for one
/// that is damaged. A head has the same behind its bytes.
pub(super) fn check_sum(id: RecordId, generation: u32, bytes: &[u8]) -> [u8; CHECK] {
    let mut check = Check::new();
    check.add(&id.0.to_le_bytes());
    check.add(&generation.to_le_bytes());
    check.add(bytes);
    check.sum().to_le_bytes()
}

/// Writes a chunk, whose bytes stand in `record` behind room for the check sum.
pub(super) fn write(
    storage: &mut dyn Storage,
    id: RecordId,
    generation: u32,
    record: &mut [u8],
) -> Result<(), StorageError> {
    if let Some((check, bytes)) = record.split_first_chunk_mut() {
        *check = check_sum(id, generation, bytes);
    }
    storage.write(id, record)
}

/// Reads a chunk into `record`, which has exactly its length. Anything else is damage.
pub(super) fn read(
    storage: &mut dyn Storage,
    id: RecordId,
    generation: u32,
    record: &mut [u8],
) -> Result<(), StorageError> {
    let length = storage.read(id, record).map_err(|_| StorageError::Failed)?;
    match record.split_first_chunk() {
        Some((check, bytes))
            if length == Some(record.len()) && *check == check_sum(id, generation, bytes) =>
        {
            Ok(())
        }
        _ => Err(StorageError::Failed),
    }
}

/// Erases all chunks on that side, of which `known` are known to be there: those behind them are
/// looked for up to the first that is not there. From the last to the first, and no further than to
/// one that cannot be erased, so that no chunk ever stands behind a gap.
pub(super) fn sweep(
    storage: &mut dyn Storage,
    id: ObjectId,
    side: Side,
    known: u16,
) -> Result<(), StorageError> {
    let mut count = known;
    // A record is there if it is longer than nothing, and also if it is damaged.
    while let Some(chunk) = id.chunk(side, count)
        && storage.read(chunk, &mut []) != Ok(None)
    {
        count += 1;
    }
    for chunk in (0..count).rev() {
        if let Some(chunk) = id.chunk(side, chunk) {
            storage.erase(chunk)?;
        }
    }
    Ok(())
}
