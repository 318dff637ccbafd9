//! Objects over the flash store: what it gives for a torn or damaged record, which may be an older one,
//! is never taken for a part of an object.

use ocpp::storage::objects::{self, Kind, ObjectId, Reader, Writer};

use super::{super::*, Line, read_line};

/// How power is lost in a write or an erasure.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Before,
    /// Its entry is torn, and NVS takes it.
    Torn,
    Behind,
}

/// A log, the newest line first; [`Unread::None`] stands for an erased record.
#[derive(Clone, Default)]
struct Paper {
    lines: Vec<Line>,
    /// Bytes of the last line of each name that fit; `None` for any number.
    room: Option<usize>,
    written: usize,
    loss: Option<(usize, Loss)>,
    is_off: bool,
}

impl Paper {
    fn add(&mut self, id: u16, line: Result<Vec<u8>, Unread>) {
        let loss = self.loss.filter(|(number, _)| *number == self.written);
        self.written += 1;
        if self.is_off {
            return;
        }
        self.is_off = loss.is_some();
        match loss {
            Some((_, Loss::Before)) => {}
            Some((_, Loss::Torn)) => self.lines.insert(0, (id, Err(Unread::Torn))),
            Some((_, Loss::Behind)) | None => self.lines.insert(0, (id, line)),
        }
    }

    /// What makes room keeps the last of each name.
    fn make_room(&mut self) {
        let mut seen = Vec::new();
        self.lines.retain(|(id, line)| {
            let is_first = !seen.contains(id);
            seen.push(*id);
            is_first && !matches!(line, Err(Unread::None))
        });
    }

    fn used(&self) -> usize {
        let mut paper = self.clone();
        paper.make_room();
        let lines = paper.lines.iter();
        lines
            .filter_map(|(_, line)| line.as_ref().ok())
            .map(Vec::len)
            .sum()
    }
}

impl Log for Paper {
    fn open(&mut self) -> bool {
        true
    }

    fn read(&mut self, id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
        read_line(&self.lines, id, age, into)
    }

    fn write(&mut self, id: u16, record: &mut [u8], length: usize) -> Result<(), StorageError> {
        if self.room.is_some_and(|room| self.used() + length > room) {
            return Err(StorageError::Full);
        }
        self.add(id, Ok(record[..length].to_vec()));
        Ok(())
    }

    fn erase(&mut self, id: u16) -> Result<(), StorageError> {
        let last = self.lines.iter().find(|(other, _)| *other == id);
        if !matches!(last, None | Some((_, Err(Unread::None)))) {
            self.add(id, Err(Unread::None));
        }
        Ok(())
    }
}

type Store = Flash<Paper>;

fn id() -> ObjectId {
    Kind::ChargingProfile.object(1).unwrap()
}

fn neighbour() -> ObjectId {
    Kind::ChargingProfile.object(2).unwrap()
}

fn put(store: &mut Store, id: ObjectId, object: &[u8]) -> Result<(), StorageError> {
    let mut writer = Writer::begin(store, id)?;
    writer.write(store, object)?;
    writer.commit(store)
}

fn get(store: &mut Store, id: ObjectId) -> Result<Option<Vec<u8>>, StorageError> {
    let Some(mut reader) = Reader::open(store, id)? else {
        return Ok(None);
    };
    reader.verify(store)?;
    let mut object = vec![0; reader.length()];
    reader.read(store, &mut object)?;
    Ok(Some(object))
}

/// The same flash, after a boot.
fn boot(mut paper: Paper) -> Store {
    paper.loss = None;
    paper.is_off = false;
    let mut store = Flash::new(paper);
    store.open();
    store
}

fn begin() -> Store {
    let mut store = boot(Paper::default());
    put(&mut store, neighbour(), &[9; 200]).unwrap();
    for length in [500, 450, 400] {
        put(&mut store, id(), &[(length / 10) as u8; 600][..length]).unwrap();
    }
    store
}

#[test]
fn whenever_power_goes_an_object_is_the_old_or_the_new_one() {
    let (old, new) = (vec![40; 400], vec![7; 350]);
    let first = begin().log.written;
    let mut cuts = 0;
    for is_erased in [false, true] {
        for number in first.. {
            let mut is_over = false;
            for loss in [Loss::Before, Loss::Torn, Loss::Behind] {
                let mut store = begin();
                store.log.loss = Some((number, loss));
                let done = match is_erased {
                    true => objects::erase(&mut store, id()),
                    false => put(&mut store, id(), &new),
                };
                assert_eq!(done, Ok(()));
                is_over = !store.log.is_off;

                let mut store = boot(store.log);
                let after = (!is_erased).then_some(&new);
                let found = get(&mut store, id()).unwrap();
                assert!(found.as_ref() == Some(&old) || found.as_ref() == after);
                objects::clean_up(&mut store, id()).unwrap();
                assert_eq!(get(&mut store, id()), Ok(found.clone()));
                assert_eq!(get(&mut store, neighbour()), Ok(Some(vec![9; 200])));
                // Nothing else is kept.
                store.log.make_room();
                let lengths = [200, found.as_ref().map_or(0, Vec::len)];
                let heads = 1 + usize::from(found.is_some());
                let chunk = ocpp::limits::OBJECT_CHUNK;
                let chunks: usize = lengths.iter().map(|length| length.div_ceil(chunk)).sum();
                let all = lengths.iter().sum::<usize>() + 19 * heads + 4 * chunks;
                assert_eq!(store.log.used(), all, "{number} {loss:?}");
                put(&mut store, id(), &new).unwrap();
                assert_eq!(get(&mut store, id()), Ok(Some(new.clone())));
                cuts += 1;
            }
            if is_over {
                break;
            }
        }
    }
    assert!(cuts > 30, "{cuts}");
}

#[test]
fn an_older_record_is_not_taken_for_one_that_is_damaged() {
    let whole = begin().log;
    let of_neighbour = |name| name == neighbour().head().0 || (0x8200..0x8300).contains(&name);
    let mut damaged = Vec::new();
    for (at, (name, line)) in whole.lines.iter().enumerate() {
        let is_last = whole.lines[..at].iter().all(|(other, _)| other != name);
        if !is_last || line.is_err() || of_neighbour(*name) {
            continue;
        }
        damaged.push(*name);
        // With the records before it, and where room was made meanwhile.
        for makes_room in [false, true] {
            let mut paper = whole.clone();
            paper.lines[at].1 = Err(Unread::Damaged);
            if makes_room {
                paper.make_room();
            }
            let mut store = boot(paper);
            let found = get(&mut store, id());
            assert_eq!(found, Err(StorageError::Failed), "{name:x}");
            objects::erase(&mut store, id()).unwrap();
            put(&mut store, id(), &[5; 300]).unwrap();
            assert_eq!(get(&mut store, id()), Ok(Some(vec![5; 300])));
            assert_eq!(get(&mut store, neighbour()), Ok(Some(vec![9; 200])));
        }
    }
    // The head and four chunks; the newest of each name stand in front.
    assert_eq!(damaged, [0x0601, 0x8103, 0x8102, 0x8101, 0x8100]);
}

#[test]
fn an_object_that_has_no_room_leaves_it_to_others() {
    let mut store = begin();
    store.log.room = Some(store.log.used() + 300);
    assert_eq!(put(&mut store, id(), &[5; 600]), Err(StorageError::Full));
    assert_eq!(get(&mut store, id()), Ok(Some(vec![40; 400])));
    // A record is not refused because a chunk that was shorter has been.
    store.write(RecordId(0x2000), &[3; RECORD_LENGTH]).unwrap();
}
