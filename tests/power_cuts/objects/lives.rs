//! Anything in any order: objects are written, abandoned, read at any place and erased, the medium is
//! full or fails, and power goes; compared with a map of byte strings.
//!
//! The same lives every time; `PROPTEST_CASES=20000 cargo test --test power_cuts objects` makes them
//! more, `PROPTEST_RNG_SEED=1` makes them others.

use std::env;

use ocpp::storage::{
    StorageError,
    objects::{Kind, ObjectId, Reader},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

use super::world::{Act, Objects, bytes, check_records, clean_up, put_records, read_all};
use crate::support::{Cut, Disk};

/// Lives that a run without `PROPTEST_CASES` has.
const CASES: u32 = 500;

#[derive(Clone, Debug)]
enum Turn {
    Act(Act),
    /// Power goes in that write or erasure of it, after so many per mille of its bytes. It is cleaned up
    /// after the boot, or not.
    Cut(Act, usize, usize, bool),
    /// Only so many bytes more fit while it is done.
    Full(Act, usize),
    /// The medium fails after so many writes and erasures of it.
    Fail(Act, usize),
    ReadAt(ObjectId, usize, usize),
    CleanUp,
}

fn object() -> impl Strategy<Value = ObjectId> {
    // Neighbours, and one of each other kind.
    (0..5_u8).prop_map(|number| match number {
        0..=1 => Kind::ChargingProfile.object(number).unwrap(),
        2 => Kind::Certificate.object(31).unwrap(),
        3 => Kind::LocalList.object(0).unwrap(),
        _ => Kind::SignedData.object(0).unwrap(),
    })
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let length =
        prop_oneof![3 => 0..700_usize, 1 => Just(0), 1 => Just(256), 1 => 700..3_000_usize];
    (any::<u32>(), length).prop_map(|(seed, length)| bytes(seed, length))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (object(), content(), 1..400_usize).prop_map(|(id, object, piece)| Act::Put(id, object, piece)),
        1 => (object(), content()).prop_map(|(id, object)| Act::Abandon(id, object)),
        1 => (object(), content()).prop_map(|(id, object)| Act::Drop(id, object)),
        1 => object().prop_map(Act::Rewrite),
        2 => object().prop_map(Act::Erase),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => act().prop_map(Turn::Act),
        4 => (act(), 0..20_usize, 0..=1000_usize, any::<bool>())
            .prop_map(|(act, write, part, cleans)| Turn::Cut(act, write, part, cleans)),
        2 => (act(), 0..1_500_usize).prop_map(|(act, room)| Turn::Full(act, room)),
        2 => (act(), 0..12_usize).prop_map(|(act, lasts)| Turn::Fail(act, lasts)),
        3 => (object(), 0..3_100_usize, 0..300_usize)
            .prop_map(|(id, offset, length)| Turn::ReadAt(id, offset, length)),
        1 => Just(Turn::CleanUp),
    ]
}

struct Life {
    disk: Disk,
    objects: Objects,
    /// Nothing is left over.
    is_clean: bool,
}

impl Life {
    fn take(&mut self, turn: &Turn) -> Result<(), String> {
        match turn {
            Turn::Act(act) => {
                let done = act.perform(&mut self.disk);
                done.map_err(|error| format!("refused: {error}"))?;
                act.change(&mut self.objects);
                self.is_clean &= !matches!(act, Act::Drop(..));
            }
            Turn::Cut(act, write, part, cleans) => {
                // How long it is, only a write that is not cut could tell; none is longer than 160.
                let bytes = part * 160 / 1000;
                self.disk.cut_from_here(Cut::Inside {
                    write: *write,
                    bytes,
                });
                let done = act.perform(&mut self.disk);
                let is_cut = self.disk.is_cut();
                self.disk.restore();
                self.disk.spare();
                self.is_clean &= !is_cut && !matches!(act, Act::Drop(..));
                self.changed(act, !is_cut && done.is_ok())?;
                if *cleans {
                    self.clean_up()?;
                }
            }
            Turn::Full(act, room) => {
                let objects = self.objects.clone();
                self.disk.leave(*room);
                let done = act.perform(&mut self.disk);
                self.disk.limit(usize::MAX);
                match done {
                    Ok(()) => act.change(&mut self.objects),
                    Err(StorageError::Full) => assert_eq!(self.objects, objects),
                    Err(error) => return Err(format!("full, and it says: {error}")),
                }
                self.is_clean &= !matches!(act, Act::Drop(..)) || done.is_err();
            }
            Turn::Fail(act, lasts) => {
                self.disk.fail_after(*lasts);
                let done = act.perform(&mut self.disk);
                self.disk.fail(false);
                self.is_clean = false;
                if done.is_err() && !matches!(act, Act::Erase(_)) {
                    // It was refused, so it did not happen.
                    return self.check();
                }
                self.changed(act, done.is_ok())?;
            }
            Turn::ReadAt(id, offset, length) => self.read_at(*id, *offset, *length)?,
            Turn::CleanUp => self.clean_up()?,
        }
        self.check()
    }

    /// It was done, or it may have been.
    fn changed(&mut self, act: &Act, is_done: bool) -> Result<(), String> {
        let mut new = self.objects.clone();
        act.change(&mut new);
        let found = read_all(&mut self.disk)?;
        if found == new || !is_done && found == self.objects {
            self.objects = found;
            return Ok(());
        }
        Err("neither old nor new".to_owned())
    }

    fn clean_up(&mut self) -> Result<(), String> {
        clean_up(&mut self.disk).map_err(|error| format!("not cleaned up: {error}"))?;
        self.is_clean = true;
        Ok(())
    }

    fn check(&mut self) -> Result<(), String> {
        if read_all(&mut self.disk)? != self.objects {
            return Err("other objects than there should be".to_owned());
        }
        match self.is_clean {
            true => check_records(&self.disk, &self.objects),
            false => Ok(()),
        }
    }

    fn read_at(&mut self, id: ObjectId, offset: usize, length: usize) -> Result<(), String> {
        let disk = &mut self.disk;
        let reader = Reader::open(disk, id).map_err(|error| error.to_string())?;
        let (Some(mut reader), Some(object)) = (reader, self.objects.get(&id)) else {
            return Ok(());
        };
        let mut into = vec![0; length];
        let read = reader.read_at(disk, offset, &mut into);
        let read = read.map_err(|error| error.to_string())?;
        let rest = object.get(offset..).unwrap_or(&[]);
        match into[..read] == rest[..rest.len().min(length)] {
            true => Ok(()),
            false => Err("other bytes than were written".to_owned()),
        }
    }
}

fn live(turns: &[Turn]) -> Result<(), String> {
    let mut life = Life {
        disk: Disk::default(),
        objects: Objects::new(),
        is_clean: true,
    };
    put_records(&mut life.disk);
    for turn in turns {
        life.take(turn)
            .map_err(|wrong| format!("{turn:?}: {wrong}"))?;
    }
    life.clean_up()?;
    life.check()
}

#[test]
fn objects_are_what_a_map_of_them_would_be() {
    let mut config = Config::default();
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    if env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config.failure_persistence = None;
    config.max_shrink_iters = 2_000;
    let turns = vec(turn(), 1..30);
    let outcome =
        TestRunner::new(config).run(&turns, |turns| live(&turns).map_err(TestCaseError::fail));
    if let Err(wrong) = outcome {
        panic!("{wrong}");
    }
}
