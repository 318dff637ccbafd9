use std::{num::NonZeroU16, vec, vec::Vec};

use super::{chunk::CHECK, *};
use crate::{
    limits::OBJECT_CHUNK,
    storage::{MemoryStorage, RecordId},
};

/// What [`MemoryStorage`] adds to a record.
const AROUND: usize = 4;
/// Bytes of a head.
const HEAD: usize = 19;

type Store = MemoryStorage<40_000>;

fn profile(number: u8) -> ObjectId {
    Kind::ChargingProfile.object(number).unwrap()
}

/// Bytes of which no two pieces are the same.
fn bytes(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn put(storage: &mut dyn Storage, id: ObjectId, object: &[u8]) -> Result<(), StorageError> {
    let mut writer = Writer::begin(storage, id)?;
    writer.write(storage, object)?;
    writer.commit(storage)
}

fn get(storage: &mut dyn Storage, id: ObjectId) -> Result<Option<Vec<u8>>, StorageError> {
    let Some(mut reader) = Reader::open(storage, id)? else {
        return Ok(None);
    };
    reader.verify(storage)?;
    let mut object = vec![0; reader.length()];
    assert_eq!(reader.read(storage, &mut object)?, object.len());
    Ok(Some(object))
}

/// Bytes that an object takes in [`MemoryStorage`].
fn room(length: usize) -> usize {
    let chunks = length.div_ceil(OBJECT_CHUNK);
    AROUND + HEAD + length + chunks * (AROUND + CHECK)
}

/// The record of a chunk of a charging profile.
fn record(number: u16, side: u16, chunk: u16) -> RecordId {
    RecordId(0x8000 + 0x100 * number + 0x80 * side + chunk)
}

/// As if chunks of that length were there.
fn put_head(storage: &mut dyn Storage, id: ObjectId, generation: u32, length: u32, chunk: u16) {
    let head = Head {
        generation,
        length,
        chunk: NonZeroU16::new(chunk).unwrap(),
        check: 0,
    };
    head.write(storage, id).unwrap();
}

#[test]
fn what_is_written_in_pieces_is_read_at_any_offset() {
    for length in [
        0,
        1,
        OBJECT_CHUNK - 1,
        OBJECT_CHUNK,
        OBJECT_CHUNK + 1,
        3 * OBJECT_CHUNK,
        1_000,
    ] {
        let object = bytes(1, length);
        for piece in [1, 7, OBJECT_CHUNK, 2_000] {
            let mut storage = Store::new();
            let id = profile(3);
            let mut writer = Writer::begin(&mut storage, id).unwrap();
            for piece in object.chunks(piece) {
                writer.write(&mut storage, piece).unwrap();
            }
            assert_eq!((writer.id(), writer.length()), (id, length));
            writer.commit(&mut storage).unwrap();
            assert_eq!(storage.used(), room(length));

            let mut reader = Reader::open(&mut storage, id).unwrap().unwrap();
            assert_eq!((reader.id(), reader.length()), (id, length));
            reader.verify(&mut storage).unwrap();
            for offset in (0..length + 3).step_by(5) {
                let mut into = vec![0; 2 * piece];
                let read = reader.read_at(&mut storage, offset, &mut into).unwrap();
                let expected = object.get(offset..).unwrap_or(&[]);
                let expected = &expected[..expected.len().min(into.len())];
                assert_eq!(&into[..read], expected, "{length} bytes at {offset}");
            }
            let beyond = reader.read_at(&mut storage, usize::MAX, &mut [0; 4]);
            assert_eq!(beyond, Ok(0));
            assert_eq!(reader.position(), 0);
        }
    }
}

#[test]
fn pieces_are_lent_one_after_the_other() {
    let mut storage = Store::new();
    let object = bytes(2, 10_000);
    put(&mut storage, profile(0), &object).unwrap();
    let mut reader = Reader::open(&mut storage, profile(0)).unwrap().unwrap();
    reader.seek(9);
    let mut start = [0; 3];
    assert_eq!(reader.read(&mut storage, &mut start), Ok(3));
    assert_eq!(start, object[9..12]);
    let mut found = Vec::new();
    loop {
        assert_eq!(reader.position(), 12 + found.len());
        let piece = reader.next_piece(&mut storage).unwrap();
        if piece.is_empty() {
            break;
        }
        assert!(piece.len() <= OBJECT_CHUNK);
        found.extend_from_slice(piece);
    }
    assert_eq!(found, object[12..]);
    assert_eq!(reader.read(&mut storage, &mut start), Ok(0));
}

#[test]
fn a_new_object_leaves_nothing_of_the_old_one_and_nothing_to_others() {
    let mut storage = Store::new();
    put(&mut storage, profile(1), b"before").unwrap();
    put(&mut storage, profile(3), b"behind").unwrap();
    let around = storage.used();
    for (turn, length) in [700, 5, 0, 1_300, 1_300].into_iter().enumerate() {
        let object = bytes(turn as u32, length);
        put(&mut storage, profile(2), &object).unwrap();
        assert_eq!(storage.used(), around + room(length));
        assert_eq!(get(&mut storage, profile(2)), Ok(Some(object)));
    }
    erase(&mut storage, profile(2)).unwrap();
    erase(&mut storage, profile(2)).unwrap();
    assert_eq!(storage.used(), around);
    assert_eq!(get(&mut storage, profile(2)), Ok(None));
    let neighbours = [profile(1), profile(3)].map(|id| get(&mut storage, id).unwrap().unwrap());
    assert_eq!(neighbours, [b"before", b"behind"]);
}

#[test]
fn what_is_not_committed_was_never_there() {
    let mut storage = Store::new();
    let (id, object) = (profile(0), bytes(3, 400));
    put(&mut storage, id, &object).unwrap();
    let whole = storage.used();
    let mut writer = Writer::begin(&mut storage, id).unwrap();
    writer.write(&mut storage, &bytes(4, 600)).unwrap();
    assert_eq!(get(&mut storage, id).as_ref(), Ok(&Some(object.clone())));
    writer.abandon(&mut storage).unwrap();
    assert_eq!(storage.used(), whole);
    // One that is dropped leaves its chunks to the next boot, or to the next writer.
    for is_boot in [true, false] {
        let mut writer = Writer::begin(&mut storage, id).unwrap();
        writer.write(&mut storage, &bytes(5, 600)).unwrap();
        drop(writer);
        assert!(storage.used() > whole);
        if is_boot {
            clean_up(&mut storage, id).unwrap();
        } else {
            let next = Writer::begin(&mut storage, id).unwrap();
            next.abandon(&mut storage).unwrap();
        }
        assert_eq!(storage.used(), whole);
        assert_eq!(get(&mut storage, id).as_ref(), Ok(&Some(object.clone())));
    }
}

#[test]
fn an_object_that_does_not_fit_leaves_the_old_one_and_gives_its_room_back() {
    let mut storage = MemoryStorage::<{ 7 * (AROUND + CHECK + OBJECT_CHUNK) }>::new();
    let (id, object) = (profile(0), bytes(6, 3 * OBJECT_CHUNK));
    put(&mut storage, id, &object).unwrap();
    let whole = storage.used();
    let mut writer = Writer::begin(&mut storage, id).unwrap();
    let mut write = |bytes: &[u8]| writer.write(&mut storage, bytes);
    assert_eq!(write(&[1; OBJECT_CHUNK]), Ok(()));
    assert_eq!(write(&[2; 5 * OBJECT_CHUNK]), Err(StorageError::Full));
    assert_eq!(write(&[3; 1]), Err(StorageError::Full));
    assert_eq!(storage.used(), whole);
    assert_eq!(writer.commit(&mut storage), Err(StorageError::Full));
    assert_eq!(get(&mut storage, id), Ok(Some(object)));
    // Without the old one there is room for it.
    erase(&mut storage, id).unwrap();
    put(&mut storage, id, &bytes(7, 4 * OBJECT_CHUNK)).unwrap();
}

#[test]
fn an_object_is_no_longer_than_its_kind_can_be() {
    let mut storage = Store::new();
    let longest = Kind::ChargingProfile.max_length();
    let object = bytes(8, longest);
    put(&mut storage, profile(0), &object).unwrap();
    assert_eq!(get(&mut storage, profile(0)), Ok(Some(object)));
    let whole = storage.used();
    let mut writer = Writer::begin(&mut storage, profile(0)).unwrap();
    writer.write(&mut storage, &[0; 1_000]).unwrap();
    let beyond = bytes(9, longest - 999);
    let written = writer.write(&mut storage, &beyond);
    assert_eq!(written, Err(StorageError::Full));
    assert_eq!(storage.used(), whole);
}

#[test]
fn damage_of_a_chunk_is_noticed_where_it_is_read() {
    let (id, object) = (profile(5), bytes(10, 3 * OBJECT_CHUNK + 10));
    let mut whole = Store::new();
    // The generation before it was on the other side, the one before that on this one.
    put(&mut whole, id, &bytes(11, 900)).unwrap();
    let mut oldest = whole.clone();
    put(&mut whole, id, &bytes(12, 900)).unwrap();
    put(&mut whole, id, &object).unwrap();
    for chunk in 0..4 {
        let at = record(5, 0, chunk);
        let mut good = [0; 256];
        let length = whole.read(at, &mut good).unwrap().unwrap();
        let mut older = [0; 256];
        let old_length = oldest.read(at, &mut older).unwrap().unwrap();
        let mut other = [0; 256];
        let other_length = whole.read(record(5, 0, (chunk + 1) % 3), &mut other);
        let other_length = other_length.unwrap().unwrap();

        let mut records: Vec<Option<Vec<u8>>> = vec![None, Some(vec![])];
        for byte in 0..length {
            let mut flipped = good[..length].to_vec();
            flipped[byte] ^= 0x10;
            records.push(Some(flipped));
        }
        records.push(Some(good[..length - 1].to_vec()));
        records.push(Some(good[..length + 1].to_vec()));
        records.push(Some(older[..old_length].to_vec()));
        records.push(Some(other[..other_length].to_vec()));
        for damaged in records {
            let mut storage = whole.clone();
            match &damaged {
                Some(record) => storage.write(at, record).unwrap(),
                None => storage.erase(at).unwrap(),
            }
            let mut reader = Reader::open(&mut storage, id).unwrap().unwrap();
            for looked_at in 0..4 {
                let offset = usize::from(looked_at) * OBJECT_CHUNK + 3;
                let mut into = [0; 5];
                let read = reader.read_at(&mut storage, offset, &mut into);
                if looked_at == chunk {
                    assert_eq!(read, Err(StorageError::Failed), "{damaged:?}");
                } else {
                    assert_eq!(read, Ok(5));
                    assert_eq!(into, object[offset..offset + 5]);
                }
            }
            assert_eq!(reader.verify(&mut storage), Err(StorageError::Failed));
            // A new object takes its place, and nothing of it stays.
            put(&mut storage, id, b"new").unwrap();
            assert_eq!(storage.used(), room(3));
        }
    }
}

#[test]
fn an_object_without_a_good_head_is_left_alone_until_it_is_erased() {
    let (id, object) = (profile(0), bytes(13, 500));
    let mut whole = Store::new();
    put(&mut whole, id, &object).unwrap();
    let mut good = [0; HEAD];
    assert_eq!(whole.read(id.head(), &mut good), Ok(Some(HEAD)));
    let mut damaged: Vec<_> = (0..8 * HEAD)
        .map(|bit| {
            let mut head = good.to_vec();
            head[bit / 8] ^= 1 << (bit % 8);
            (head, StorageError::Failed)
        })
        .collect();
    damaged.push((good[..HEAD - 1].to_vec(), StorageError::Failed));
    damaged.push((vec![], StorageError::Failed));
    // One of a later firmware, and one that is longer than an object can be.
    damaged.push(([&good[..], &[0]].concat(), StorageError::Full));
    put_head(&mut whole, id, 0, 1 << 24, 128);
    let mut beyond = [0; HEAD];
    whole.read(id.head(), &mut beyond).unwrap();
    damaged.push((beyond.to_vec(), StorageError::Failed));
    for (head, error) in damaged {
        let mut storage = whole.clone();
        storage.write(id.head(), &head).unwrap();
        let used = storage.used();
        assert_eq!(Reader::open(&mut storage, id).unwrap_err(), error);
        assert_eq!(Writer::begin(&mut storage, id).unwrap_err(), error);
        assert_eq!(clean_up(&mut storage, id), Err(error));
        assert_eq!(storage.used(), used);
        erase(&mut storage, id).unwrap();
        assert_eq!(storage.used(), 0);
        put(&mut storage, id, &object).unwrap();
        assert_eq!(get(&mut storage, id).as_ref(), Ok(&Some(object.clone())));
    }
}

#[test]
fn an_object_is_written_while_the_one_before_it_is_read() {
    let (id, object) = (Kind::LocalList.object(0).unwrap(), bytes(14, 2_000));
    let mut storage = Store::new();
    put(&mut storage, id, &object).unwrap();
    let mut reader = Reader::open(&mut storage, id).unwrap().unwrap();
    let mut writer = Writer::begin(&mut storage, id).unwrap();
    let mut entry = [0; 20];
    while reader.read(&mut storage, &mut entry).unwrap() > 0 {
        writer.write(&mut storage, &entry).unwrap();
        writer.write(&mut storage, b"+").unwrap();
    }
    writer.commit(&mut storage).unwrap();
    let expected: Vec<_> = object
        .chunks(20)
        .map(|entry| [entry, b"+"].concat())
        .collect();
    assert_eq!(get(&mut storage, id), Ok(Some(expected.concat())));
    // The reader is of the old one, and of no other.
    let read = reader.read_at(&mut storage, 300, &mut entry);
    assert_eq!(read, Err(StorageError::Failed));
    put(&mut storage, id, &bytes(15, 2_000)).unwrap();
    let read = reader.read_at(&mut storage, 300, &mut entry);
    assert_eq!(read, Err(StorageError::Failed));
}

/// The form of the first firmware that had objects: these bytes never change.
#[test]
fn what_the_first_firmware_left_is_read_and_replaced() {
    let mut storage = Store::new();
    let id = profile(1);
    for (record, bytes) in [
        (
            0x0601,
            &b"\x01\x07\0\0\0\x0c\0\0\0\x05\0\x58\xcd\xc9\xa8\x1d5\xff\xd3"[..],
        ),
        (0x8180, b"\xbc\x0cFj01234"),
        (0x8181, b"(\x03qe56789"),
        (0x8182, b"\xc8\xd2\xe86AB"),
    ] {
        storage.write(RecordId(record), bytes).unwrap();
    }
    clean_up(&mut storage, id).unwrap();
    assert_eq!(get(&mut storage, id).unwrap().unwrap(), b"0123456789AB");
    // Its chunks may be longer or shorter than those of this build.
    let object = bytes(16, 700);
    put(&mut storage, id, &object).unwrap();
    assert_eq!(get(&mut storage, id), Ok(Some(object)));
    assert_eq!(storage.used(), room(700));
}

#[test]
fn chunks_that_are_longer_than_those_of_this_build_are_not_read() {
    let mut storage = Store::new();
    let id = profile(0);
    put_head(&mut storage, id, 0, 9, OBJECT_CHUNK as u16 + 1);
    storage.write(record(0, 0, 0), &[0; 13]).unwrap();
    let opened = Reader::open(&mut storage, id);
    assert_eq!(opened.unwrap_err(), StorageError::Full);
    put(&mut storage, id, b"new").unwrap();
    assert_eq!(get(&mut storage, id).unwrap().unwrap(), b"new");
    assert_eq!(storage.used(), room(3));
}

#[test]
fn generations_go_round() {
    let mut storage = Store::new();
    let id = profile(0);
    put_head(&mut storage, id, u32::MAX, 0, 5);
    for length in [300, 0, 200] {
        let object = bytes(17, length);
        put(&mut storage, id, &object).unwrap();
        assert_eq!(get(&mut storage, id), Ok(Some(object)));
        assert_eq!(storage.used(), room(length));
    }
}
