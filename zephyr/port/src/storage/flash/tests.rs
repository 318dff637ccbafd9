//! Records in flash: what is read of a log, whatever its lines are.

mod objects;

use super::*;

const A: RecordId = RecordId(1);

/// The name of a record, and what it is.
pub type Line = (u16, Result<Vec<u8>, Unread>);

/// Reads the record of that name and age from lines of which the newest is the first.
pub fn read_line(lines: &[Line], id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
    let mut ours = lines.iter().filter(|(other, _)| *other == id);
    let (_, record) = ours.nth(age.into()).ok_or(Unread::None)?;
    let record = record.as_ref().map_err(|unread| *unread)?;
    into[..record.len()].copy_from_slice(record);
    Ok(record.len())
}

/// Every record that was ever written, the newest first; [`Unread::None`] stands for an erased
/// one, [`Unread::Damaged`] for one that cannot be read.
#[derive(Default)]
struct Paper {
    lines: Vec<Line>,
    room: usize,
    attempts: usize,
    fails_to_open: bool,
}

impl Paper {
    fn leave(&mut self, id: RecordId, unread: Unread) {
        self.lines.insert(0, (id.0, Err(unread)));
    }
}

impl Log for Paper {
    fn open(&mut self) -> bool {
        !self.fails_to_open
    }

    fn read(&mut self, id: u16, age: u16, into: &mut [u8]) -> Result<usize, Unread> {
        read_line(&self.lines, id, age, into)
    }

    fn write(&mut self, id: u16, record: &mut [u8], length: usize) -> Result<(), StorageError> {
        self.attempts += 1;
        if length > self.room {
            return Err(StorageError::Full);
        }
        record[length..length + CRC].fill(0xee);
        self.lines.insert(0, (id, Ok(record[..length].to_vec())));
        Ok(())
    }

    fn erase(&mut self, id: u16) -> Result<(), StorageError> {
        self.lines.insert(0, (id, Err(Unread::None)));
        Ok(())
    }
}

fn store() -> Flash<Paper> {
    let mut store = Flash::new(Paper {
        room: RECORD_LENGTH,
        ..Paper::default()
    });
    store.open();
    store
}

fn read(store: &mut Flash<Paper>, id: RecordId) -> Option<Vec<u8>> {
    let mut into = [0; RECORD_LENGTH];
    let length = store.read(id, &mut into).unwrap()?;
    Some(into[..length].to_vec())
}

fn attempt(store: &mut Flash<Paper>) -> Result<Option<usize>, StorageError> {
    store.read(A, &mut [0; RECORD_LENGTH])
}

#[test]
fn keeps_replaces_and_erases_records() {
    let mut store = store();
    assert_eq!(read(&mut store, A), None);
    store.write(A, b"old").unwrap();
    store.write(A, b"newer").unwrap();
    assert_eq!(read(&mut store, A).unwrap(), b"newer");
    assert_eq!(store.read(A, &mut [0; 4]), Err(StorageError::Full));
    store.write(RecordId(2), &[7; RECORD_LENGTH]).unwrap();
    assert_eq!(read(&mut store, RecordId(2)).unwrap(), [7; RECORD_LENGTH]);
    store.erase(A).unwrap();
    assert_eq!(read(&mut store, A), None);
}

#[test]
fn takes_the_record_before_a_damaged_one_and_keeps_it() {
    let mut store = store();
    store.write(A, b"old").unwrap();
    store.log.leave(A, Unread::Damaged);
    assert_eq!(read(&mut store, A).unwrap(), b"old");
    assert_eq!(store.log.lines[0], (A.0, Ok(b"old".to_vec())));
}

#[test]
fn damage_without_a_record_before_it_is_an_error() {
    let mut store = store();
    store.log.leave(A, Unread::Damaged);
    assert_eq!(attempt(&mut store), Err(StorageError::Failed));
    // One that was erased before is none to fall back to.
    store.write(A, b"old").unwrap();
    store.erase(A).unwrap();
    store.log.leave(A, Unread::Damaged);
    let lines = store.log.lines.clone();
    assert_eq!(attempt(&mut store), Err(StorageError::Failed));
    assert_eq!(store.log.lines, lines);
}

#[test]
fn what_a_power_loss_tore_was_never_there() {
    let mut store = store();
    store.log.leave(A, Unread::Torn);
    assert_eq!(attempt(&mut store), Ok(None));
    store.write(A, b"old").unwrap();
    store.log.leave(A, Unread::Torn);
    assert_eq!(read(&mut store, A).unwrap(), b"old");
    store.erase(A).unwrap();
    store.log.leave(A, Unread::Torn);
    assert_eq!(attempt(&mut store), Ok(None));
    store.log.leave(A, Unread::Damaged);
    store.log.leave(A, Unread::Torn);
    assert_eq!(attempt(&mut store), Err(StorageError::Failed));
}

#[test]
fn what_is_too_long_is_an_error_and_stays_though_there_is_an_older_one() {
    let mut store = store();
    store.write(A, b"old").unwrap();
    store.log.leave(A, Unread::TooLong);
    let lines = store.log.lines.clone();
    assert_eq!(attempt(&mut store), Err(StorageError::Full));
    assert_eq!(store.log.lines, lines);
}

#[test]
fn what_cannot_be_read_now_is_an_error_and_stays() {
    let mut store = store();
    store.write(A, b"old").unwrap();
    store.log.leave(A, Unread::Failed);
    let lines = store.log.lines.clone();
    assert_eq!(attempt(&mut store), Err(StorageError::Failed));
    assert_eq!(store.log.lines, lines);
}

#[test]
fn gives_a_record_up_that_was_damaged_again_and_again() {
    let mut store = store();
    store.write(A, b"old").unwrap();
    for _ in 0..=OLDEST {
        store.log.leave(A, Unread::Damaged);
    }
    assert_eq!(attempt(&mut store), Err(StorageError::Failed));
    store.write(A, b"new").unwrap();
    assert_eq!(read(&mut store, A).unwrap(), b"new");
}

#[test]
fn does_not_try_again_what_had_no_room_until_something_is_erased() {
    let mut store = store();
    store.log.room = 4;
    store.write(A, b"old").unwrap();
    assert_eq!(store.write(A, b"longer"), Err(StorageError::Full));
    assert_eq!(store.write(A, b"longer"), Err(StorageError::Full));
    assert_eq!(store.log.attempts, 2);
    assert_eq!(read(&mut store, A).unwrap(), b"old");
    store.write(A, b"tiny").unwrap();
    store.log.room = 6;
    store.erase(RecordId(2)).unwrap();
    store.write(A, b"longer").unwrap();
    assert_eq!(read(&mut store, A).unwrap(), b"longer");
}

#[test]
fn refuses_records_that_are_too_long_or_go_nowhere() {
    let mut store = store();
    let long = [0; RECORD_LENGTH + 1];
    assert_eq!(store.write(A, &long), Err(StorageError::Full));
    store.log.fails_to_open = true;
    store.open();
    assert_eq!(store.write(A, b"x"), Err(StorageError::Failed));
    assert_eq!(store.erase(A), Err(StorageError::Failed));
    assert_eq!(read(&mut store, A), None);
}
