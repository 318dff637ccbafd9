//! A transaction message as a record.

use super::{Entry, Kind, Outbox, SEQUENCES};
use crate::{
    limits::RECORD_LENGTH,
    station::{
        clock::{Clock, Stamp},
        record::{Decoder, Encoder},
        rpc::MessageId,
    },
    storage::{RecordId, Storage, StorageError},
};

/// Version of the record's form. A later one reads this one too: what waits in it is billing.
const FORM: u8 = 1;

/// Where the stamp stands in a record, up to its body.
const STAMP_AT: usize = 19;

/// A record that was read.
#[derive(Debug)]
pub struct Stored {
    pub id: MessageId,
    pub stamp: Stamp,
    bytes: [u8; RECORD_LENGTH],
    body: usize,
    length: usize,
}

impl Stored {
    /// What follows the part that all records have.
    pub fn body(&self) -> Decoder<'_> {
        Decoder(self.bytes.get(self.body..self.length).unwrap_or(&[]))
    }
}

/// Begins a record; its body follows.
pub fn begin(entry: Entry, id: MessageId, stamp: Stamp) -> Encoder {
    let mut record = Encoder::default();
    record.u8(FORM);
    record.u8(entry.kind as u8);
    record.u8(entry.connector);
    record.u32(entry.sequence);
    record.u32(entry.transaction);
    record.u32(id.boot);
    record.u32(id.count);
    stamp.encode(&mut record);
    record
}

/// A record with what the index needs of it.
pub fn read(slot: usize, storage: &mut dyn Storage) -> Option<(Entry, Stored)> {
    look_up(slot, storage).ok().flatten()
}

/// [`read`], which tells a free slot from an unreadable record.
pub fn look_up(
    slot: usize,
    storage: &mut dyn Storage,
) -> Result<Option<(Entry, Stored)>, StorageError> {
    let mut bytes = [0; RECORD_LENGTH];
    let Some(length) = storage.read(RecordId::journal(slot), &mut bytes)? else {
        return Ok(None);
    };
    let record = decode(bytes, length);
    record.map(Some).ok_or(StorageError::Failed)
}

fn decode(bytes: [u8; RECORD_LENGTH], length: usize) -> Option<(Entry, Stored)> {
    let mut record = Decoder(bytes.get(..length)?);
    if record.u8()? != FORM {
        return None;
    }
    let entry = Entry {
        kind: Kind::from_byte(record.u8()?)?,
        // The whole charge point has no transactions.
        connector: record.u8().filter(|connector| *connector > 0)?,
        sequence: record
            .u32()
            .filter(|sequence| SEQUENCES.contains(sequence))?,
        transaction: record.u32()?,
    };
    let id = MessageId {
        boot: record.u32()?,
        count: record.u32()?,
        part: 0,
    };
    let stamp = Stamp::decode(&mut record)?;
    let body = length - record.rest().len();
    let stored = Stored {
        id,
        stamp,
        bytes,
        body,
        length,
    };
    Some((entry, stored))
}

impl Outbox {
    /// Gives records that were stored before the time was known their time, once and for all:
    /// a later boot could not. In their order, so that a power loss in between leaves the
    /// later ones to be told later.
    pub fn settle_stamps(
        &self,
        storage: &mut dyn Storage,
        clock: &Clock,
    ) -> Result<(), StorageError> {
        let mut after = 0;
        while let Some((slot, entry)) = self.following(after, |_| true) {
            after = entry.sequence;
            let Some((_, mut stored)) = read(slot, storage) else {
                continue;
            };
            if let (Stamp::Uptime { .. }, Some(utc)) = (stored.stamp, clock.resolve(stored.stamp)) {
                let mut stamp = Encoder::default();
                Stamp::Utc(utc).encode(&mut stamp);
                let place = stored.bytes.get_mut(STAMP_AT..stored.body);
                if let (Some(place), Some(stamp)) = (place, stamp.bytes()) {
                    place.copy_from_slice(stamp);
                    let record = stored.bytes.get(..stored.length).unwrap_or(&[]);
                    storage.write(RecordId::journal(slot), record)?;
                }
            }
        }
        Ok(())
    }
}
