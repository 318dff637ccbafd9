//! What is longer than a record: charging profiles, certificates, the local authorization list.
//!
//! An object is a layer above [`Storage`]: its bytes are in numbered chunks, each a record, and one
//! record more, the head, says which chunks they are. A new object is written beside the old one, on
//! the other of two sides; the head that names it is written last. **That one write is the switch**:
//! a power loss at any moment leaves the whole old object or the whole new one. Then the old chunks
//! are erased.
//!
//! | step | records | a power loss behind it leaves |
//! | --- | --- | --- |
//! | [`Writer::begin`] | chunks of the other side are erased, if there are any | the old object |
//! | [`Writer::write`] | chunks 0, 1, 2, … of the other side | the old object, and chunks for [`clean_up`] |
//! | [`Writer::commit`] | the head | the new object, and the old chunks for [`clean_up`] |
//! | | the old chunks, the last one first | the new object, and fewer of them |
//! | [`erase`] | the head, then the chunks, the last one first | no object, and chunks for [`clean_up`] |
//!
//! Chunks are written from the first to the last and erased from the last to the first, so that a side
//! without chunk 0 has none: looking for what a power loss left takes two or three look-ups for each
//! object. A chunk has a check sum with the number of its object's generation in it, so that an older
//! chunk in its place is noticed, also where only a part of the object is read.
//!
//! Nothing here needs more memory than a chunk ([`OBJECT_CHUNK`] bytes): a [`Writer`] takes bytes
//! piece by piece, a [`Reader`] gives them at any offset, or lends one piece after the other. Both hold
//! no storage, it is given to each call, so that the station can do other things in between, and so
//! that an object can be written while its predecessor is read.
//!
//! ```
//! use ocpp::storage::{MemoryStorage, objects::{Kind, Reader, Writer}};
//!
//! let mut storage = MemoryStorage::<4096>::new();
//! let id = Kind::Certificate.object(0).ok_or("no such object")?;
//!
//! let mut writer = Writer::begin(&mut storage, id)?;
//! writer.write(&mut storage, b"-----BEGIN ")?;
//! writer.write(&mut storage, b"CERTIFICATE-----")?;
//! writer.commit(&mut storage)?;
//!
//! let mut reader = Reader::open(&mut storage, id)?.ok_or("it is there now")?;
//! let mut word = [0; 11];
//! assert_eq!(reader.length(), 27);
//! assert_eq!(reader.read_at(&mut storage, 11, &mut word)?, 11);
//! assert_eq!(&word, b"CERTIFICATE");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/storage.md` has the bytes of the records, and how much room they take.
//!
//! [`OBJECT_CHUNK`]: crate::limits::OBJECT_CHUNK

mod check;
mod chunk;
mod head;
mod id;
mod reader;
mod writer;

pub use id::{Kind, ObjectId};
pub use reader::Reader;
pub use writer::Writer;

use super::{Storage, StorageError};
use chunk::sweep;
use head::Head;
use id::Side;

/// Erases an object; nothing happens if there is none. It is gone with the first of its records; what a
/// power loss leaves of the others is erased by the next [`clean_up`] or [`Writer::begin`].
///
/// This is also the way to get rid of an object whose head is damaged, which cannot be replaced.
///
/// # Errors
///
/// [`StorageError::Failed`] if a record could not be erased. The object may be gone even so.
pub fn erase(storage: &mut dyn Storage, id: ObjectId) -> Result<(), StorageError> {
    let head = Head::read(storage, id).unwrap_or(None);
    storage.erase(id.head())?;
    for side in Side::BOTH {
        sweep(storage, id, side, chunks_on(head, side))?;
    }
    Ok(())
}

/// Erases what a power loss has left of an object that was being written, replaced or erased. The
/// object itself stays as it is. To be called at boot for each object, while none is being written
/// ([`Kind::objects`] has those of a kind).
///
/// It takes two or three look-ups where nothing was left, and otherwise at most two for each chunk
/// that an object can have. If power is lost again, the next one does the rest.
///
/// # Errors
///
/// If the head is damaged, or of a later firmware, or if a record could not be erased. Nothing that may
/// be of use is erased then. The object can be read as far as it could before.
pub fn clean_up(storage: &mut dyn Storage, id: ObjectId) -> Result<(), StorageError> {
    settle(storage, id).map(drop)
}

/// Erases all chunks that do not belong to the object, and gives its head.
fn settle(storage: &mut dyn Storage, id: ObjectId) -> Result<Option<Head>, StorageError> {
    let head = Head::read(storage, id)?;
    for side in Side::BOTH {
        if head.is_none_or(|head| head.side() != side) {
            sweep(storage, id, side, 0)?;
        }
    }
    Ok(head)
}

/// How many chunks on that side are known to belong to the object.
fn chunks_on(head: Option<Head>, side: Side) -> u16 {
    let on_side = head.filter(|head| head.side() == side);
    on_side.map_or(0, |head| head.chunks() as u16)
}

#[cfg(test)]
mod tests;
