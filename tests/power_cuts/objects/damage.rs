//! Damage of any single record of an object is noticed, and stays with that object.

use ocpp::{
    limits::OBJECT_CHUNK,
    storage::{
        RecordId,
        objects::{self, Kind, ObjectId, Reader},
    },
};

use super::world::{
    Act, Objects, bytes, check_records, clean_up, every, put_records, read, read_all,
};
use crate::support::Disk;

fn begin() -> (Disk, Objects) {
    let (mut disk, mut objects) = (Disk::default(), Objects::new());
    put_records(&mut disk);
    for (seed, kind) in Kind::ALL.iter().enumerate() {
        for number in 0..2 {
            // The list has no second one.
            let Some(id) = kind.object(number) else {
                continue;
            };
            for length in [700, 400] {
                let object = bytes(seed as u32, length + seed);
                let act = Act::Put(id, object, 64);
                act.perform(&mut disk).unwrap();
                act.change(&mut objects);
            }
        }
    }
    (disk, objects)
}

/// The records of an object: those without which it is not what it was.
fn records(id: ObjectId) -> Vec<RecordId> {
    let (mut disk, _) = begin();
    let all = disk.snapshot();
    objects::erase(&mut disk, id).unwrap();
    let rest = disk.snapshot();
    let of_object = all.into_keys().filter(|record| !rest.contains_key(record));
    of_object.collect()
}

/// That nothing but this object is damaged, and what of it can be read. Then it is replaced.
fn check(id: ObjectId, damaged: RecordId, disk: &mut Disk, objects: &Objects) {
    for other in every().filter(|other| *other != id) {
        assert_eq!(read(disk, other).unwrap().as_ref(), objects.get(&other));
    }
    if damaged == id.head() {
        assert_ne!(read(disk, id).ok().flatten().as_ref(), objects.get(&id));
        let _ = objects::erase(disk, id);
    } else {
        read(disk, id).unwrap_err();
        // What is in the other chunks is still there.
        let mut reader = Reader::open(disk, id).unwrap().unwrap();
        let mut into = [0; OBJECT_CHUNK];
        let mut lost = 0;
        for (chunk, expected) in objects[&id].chunks(OBJECT_CHUNK).enumerate() {
            match reader.read_at(disk, chunk * OBJECT_CHUNK, &mut into[..expected.len()]) {
                Ok(_) => assert_eq!(into[..expected.len()], *expected),
                Err(_) => lost += 1,
            }
        }
        assert_eq!(lost, 1, "{id:?} without {damaged:?}");
    }
    let mut objects = objects.clone();
    let act = Act::Put(id, bytes(99, 333), 100);
    act.perform(disk).unwrap();
    act.change(&mut objects);
    clean_up(disk).unwrap();
    assert_eq!(read_all(disk), Ok(objects.clone()));
    assert_eq!(check_records(disk, &objects), Ok(()));
}

#[test]
fn a_record_that_is_damaged_or_gone_is_noticed() {
    let mut count = 0;
    for &kind in Kind::ALL {
        let id = kind.object(0).unwrap();
        for record in records(id) {
            let (mut disk, objects) = begin();
            disk.damage(record);
            check(id, record, &mut disk, &objects);
            let (mut disk, objects) = begin();
            disk.remove(record);
            check(id, record, &mut disk, &objects);
            count += 1;
        }
    }
    assert_eq!(count, Kind::ALL.len() * (1 + 4));
}

#[test]
fn a_record_with_another_bit_is_noticed() {
    for &kind in Kind::ALL {
        let id = kind.object(0).unwrap();
        for record in records(id)
            .into_iter()
            .filter(|record| *record != id.head())
        {
            let (mut disk, _) = begin();
            let good = disk.snapshot()[&record].clone();
            for bit in 0..8 * good.len() {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                disk.put(record, &bad);
                read(&mut disk, id).unwrap_err();
                if bit % 64 == 0 {
                    let (mut disk, objects) = begin();
                    disk.put(record, &bad);
                    check(id, record, &mut disk, &objects);
                }
            }
            disk.put(record, &good);
            assert!(read(&mut disk, id).unwrap().is_some());
        }
    }
}
