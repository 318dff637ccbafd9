//! Objects on a medium, what is done with them, and what has to be there.

use std::collections::BTreeMap;

use ocpp::{
    limits::OBJECT_CHUNK,
    storage::{
        RecordId, Storage, StorageError,
        objects::{self, Kind, ObjectId, Reader, Writer},
    },
};

use crate::support::Disk;

/// All objects that there are.
pub type Objects = BTreeMap<ObjectId, Vec<u8>>;

/// Something that is done with an object.
#[derive(Clone, Debug)]
pub enum Act {
    /// Written in pieces of that length.
    Put(ObjectId, Vec<u8>, usize),
    /// Written, but not committed.
    Abandon(ObjectId, Vec<u8>),
    /// The same, and the writer is lost.
    Drop(ObjectId, Vec<u8>),
    /// Written while the one before it is read: every tenth byte is left out.
    Rewrite(ObjectId),
    Erase(ObjectId),
}

impl Act {
    pub fn perform(&self, disk: &mut Disk) -> Result<(), StorageError> {
        match self {
            Self::Put(id, object, piece) => {
                let mut writer = Writer::begin(disk, *id)?;
                for piece in object.chunks(*piece) {
                    writer.write(disk, piece)?;
                }
                writer.commit(disk)
            }
            Self::Abandon(id, object) => {
                let mut writer = Writer::begin(disk, *id)?;
                writer.write(disk, object)?;
                writer.abandon(disk)
            }
            Self::Drop(id, object) => {
                let mut writer = Writer::begin(disk, *id)?;
                writer.write(disk, object)
            }
            Self::Rewrite(id) => {
                let mut writer = Writer::begin(disk, *id)?;
                if let Some(mut reader) = Reader::open(disk, *id)? {
                    let mut bytes = [0; 10];
                    loop {
                        let read = reader.read(disk, &mut bytes)?;
                        if read == 0 {
                            break;
                        }
                        writer.write(disk, &bytes[..read.min(9)])?;
                    }
                }
                writer.commit(disk)
            }
            Self::Erase(id) => objects::erase(disk, *id),
        }
    }

    /// What it makes of the objects that there are.
    pub fn change(&self, objects: &mut Objects) {
        match self {
            Self::Put(id, object, _) => {
                objects.insert(*id, object.clone());
            }
            Self::Abandon(..) | Self::Drop(..) => {}
            Self::Rewrite(id) => {
                let old = objects.remove(id).unwrap_or_default();
                let kept = old.chunks(10).map(|bytes| &bytes[..bytes.len().min(9)]);
                objects.insert(*id, kept.collect::<Vec<_>>().concat());
            }
            Self::Erase(id) => {
                objects.remove(id);
            }
        }
    }
}

/// Every object that there can be.
pub fn every() -> impl Iterator<Item = ObjectId> {
    Kind::ALL.iter().flat_map(|kind| kind.objects())
}

/// What a boot does.
pub fn clean_up(disk: &mut Disk) -> Result<(), StorageError> {
    every().try_for_each(|id| objects::clean_up(disk, id))
}

/// An object, every byte of it.
pub fn read(disk: &mut Disk, id: ObjectId) -> Result<Option<Vec<u8>>, StorageError> {
    let Some(mut reader) = Reader::open(disk, id)? else {
        return Ok(None);
    };
    reader.verify(disk)?;
    let mut object = Vec::new();
    loop {
        let piece = reader.next_piece(disk)?;
        if piece.is_empty() {
            return Ok(Some(object));
        }
        object.extend_from_slice(piece);
    }
}

/// All objects; an error names one that is damaged.
pub fn read_all(disk: &mut Disk) -> Result<Objects, String> {
    let mut objects = Objects::new();
    for id in every() {
        match read(disk, id) {
            Ok(Some(object)) => {
                objects.insert(id, object);
            }
            Ok(None) => {}
            Err(error) => return Err(format!("{id:?}: {error}")),
        }
    }
    Ok(objects)
}

/// Records that are no objects, which stay as they are.
pub fn put_records(disk: &mut Disk) {
    for id in [
        0, 0x05ff, 0x0640, 0x0700, 0x2000, 0x2fff, 0x4000, 0x7fff, 0xf000,
    ] {
        disk.write(RecordId(id), &id.to_le_bytes()).unwrap();
    }
}

/// That there is nothing but these objects, each in the records that docs/storage.md says, and the
/// records of [`put_records`].
pub fn check_records(disk: &Disk, objects: &Objects) -> Result<(), String> {
    let mut records = disk.snapshot();
    records.retain(|id, record| record[..] != id.0.to_le_bytes());
    for (id, object) in objects {
        let Some(head) = records.remove(&id.head()) else {
            return Err(format!("{id:?} has no head"));
        };
        let (first, count) = match id.kind() {
            Kind::ChargingProfile => (0x8000 + 0x100 * u16::from(id.number()), 0x80),
            Kind::Certificate => (0xc000 + 0x100 * u16::from(id.number()), 0x80),
            Kind::LocalList => (0x3000, 0x800),
            Kind::Transfer => (0x5000 + 0x40 * u16::from(id.number()), 0x20),
            _ => (0xe000 + 0x80 * u16::from(id.number()), 0x40),
        };
        let side = u16::from(head[1] & 1);
        for (chunk, bytes) in object.chunks(OBJECT_CHUNK).enumerate() {
            let record = RecordId(first + side * count + chunk as u16);
            let found = records.remove(&record);
            if found.as_ref().map(|record| &record[4..]) != Some(bytes) {
                return Err(format!("{record:?} of {id:?} is {found:?}"));
            }
        }
    }
    match records.keys().next() {
        Some(id) => Err(format!("{id:?} was left behind")),
        None => Ok(()),
    }
}

/// Bytes of which no two pieces are the same.
pub fn bytes(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}
