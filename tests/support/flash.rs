//! A medium of bytes that are only appended: a record reaches it byte by byte, and power may go
//! between any two of them. What is not whole does not count, which gives the promise of
//! [`ocpp::storage::Storage`].

use std::collections::BTreeMap;

use ocpp::storage::RecordId;

/// Records as they are read back.
pub type Records = BTreeMap<RecordId, Vec<u8>>;

/// Name, length and checksum before the bytes of a record.
pub const HEADER: usize = 8;
/// In place of the length: the record is erased.
const ERASED: u16 = u16::MAX;

#[derive(Clone, Debug, Default)]
pub struct Flash(Vec<u8>);

impl Flash {
    /// Appends a record, or that it is erased: only the first bytes of that where power goes.
    pub fn append(&mut self, id: RecordId, record: Option<&[u8]>, bytes: usize) {
        let length = record.map_or(ERASED, |record| u16::try_from(record.len()).unwrap());
        let mut entry = Vec::new();
        entry.extend(id.0.to_le_bytes());
        entry.extend(length.to_le_bytes());
        let record = record.unwrap_or(&[]);
        entry.extend(checksum(&entry, record).to_le_bytes());
        entry.extend(record);
        entry.truncate(bytes);
        self.0.extend(entry);
    }

    /// What is there after the power is back. A torn end is cut off, so that what comes next can
    /// be read.
    pub fn replay(&mut self) -> Records {
        let mut records = Records::new();
        let mut whole = 0;
        while let Some((id, record, length)) = entry(&self.0[whole..]) {
            match record {
                Some(record) => records.insert(id, record.to_vec()),
                None => records.remove(&id),
            };
            whole += length;
        }
        self.0.truncate(whole);
        records
    }
}

/// The first entry, if it is whole: name, bytes, and its length.
fn entry(bytes: &[u8]) -> Option<(RecordId, Option<&[u8]>, usize)> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let (name, sum) = header.split_at(4);
    let word = |at: usize| u16::from_le_bytes([name[at], name[at + 1]]);
    let (id, length) = (RecordId(word(0)), word(2));
    let length = if length == ERASED { 0 } else { length.into() };
    let record = rest.get(..length)?;
    if checksum(name, record).to_le_bytes() != sum {
        return None;
    }
    let found = (word(2) != ERASED).then_some(record);
    Some((id, found, HEADER + length))
}

/// FNV-1a: good enough for what a power loss leaves.
fn checksum(name: &[u8], record: &[u8]) -> u32 {
    let all = name.iter().chain(record);
    all.fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
