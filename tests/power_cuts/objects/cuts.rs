//! Every story about an object, cut everywhere.

use std::{
    io::{self, Write},
    slice::from_ref,
};

use ocpp::storage::objects::{Kind, ObjectId};

use super::world::{Act, Objects, bytes, check_records, clean_up, put_records, read_all};
use crate::support::{Cut, Disk};

struct Story {
    name: &'static str,
    /// What was done before.
    before: Vec<Act>,
    /// Bytes of room that are left then.
    room: Option<usize>,
    /// While this is done power goes.
    act: Act,
}

fn story(name: &'static str, before: &[Act], act: Act) -> Story {
    Story {
        name,
        before: before.to_vec(),
        room: None,
        act,
    }
}

fn object(kind: Kind, number: u8) -> ObjectId {
    kind.object(number).unwrap()
}

fn put(id: ObjectId, seed: u32, length: usize) -> Act {
    Act::Put(id, bytes(seed, length), 50)
}

/// Neighbours in every direction, and records that are no objects.
fn neighbours() -> Vec<Act> {
    vec![
        put(object(Kind::ChargingProfile, 1), 1, 300),
        put(object(Kind::ChargingProfile, 3), 2, 140),
        put(object(Kind::Certificate, 0), 3, 200),
        put(object(Kind::Certificate, 2), 4, 0),
        put(object(Kind::LocalList, 0), 5, 150),
        put(object(Kind::SignedData, 31), 6, 150),
        // One whose second generation is there.
        put(object(Kind::ChargingProfile, 63), 7, 100),
        put(object(Kind::ChargingProfile, 63), 8, 150),
    ]
}

/// Stories that are short enough to be cut at every byte.
fn stories() -> Vec<Story> {
    let id = object(Kind::ChargingProfile, 2);
    let lost = Act::Drop(id, bytes(9, 520));
    let old = put(id, 10, 300);
    let mut stories = vec![
        story("written", &[], put(id, 11, 300)),
        story("written, of no byte", &[], put(id, 11, 0)),
        story(
            "written where another was lost",
            from_ref(&lost),
            put(id, 11, 300),
        ),
        story("abandoned", &[], Act::Abandon(id, bytes(11, 300))),
        story("replaced", from_ref(&old), put(id, 11, 290)),
        story("replaced by a shorter one", from_ref(&old), put(id, 11, 5)),
        story("replaced by a longer one", from_ref(&old), put(id, 11, 600)),
        story("replaced by none", from_ref(&old), put(id, 11, 0)),
        story("replaced by the same", from_ref(&old), old.clone()),
        story(
            "replaced where another was lost",
            &[old.clone(), lost.clone()],
            put(id, 11, 300),
        ),
        story(
            "replaced twice",
            &[old.clone(), put(id, 11, 300)],
            put(id, 12, 300),
        ),
        story("rewritten", from_ref(&old), Act::Rewrite(id)),
        story("kept", from_ref(&old), Act::Abandon(id, bytes(11, 300))),
        story("kept, the writer lost", from_ref(&old), lost.clone()),
        story("erased", from_ref(&old), Act::Erase(id)),
        story(
            "erased where another was lost",
            &[old.clone(), lost],
            Act::Erase(id),
        ),
        story("not there", &[], Act::Erase(id)),
        story(
            "erased once",
            &[old.clone(), Act::Erase(id)],
            put(id, 12, 200),
        ),
    ];
    // For want of room: in a chunk, in the last one, and in the head.
    for room in [0, 200, 300, 316, 330] {
        let mut refused = story("refused", from_ref(&old), put(id, 11, 300));
        refused.room = Some(room);
        stories.push(refused);
    }
    let list = object(Kind::LocalList, 0);
    let certificate = object(Kind::Certificate, 31);
    let signed = object(Kind::SignedData, 0);
    stories.push(story("a list replaced", &[], put(list, 11, 400)));
    stories.push(story("a certificate", &[], put(certificate, 11, 400)));
    stories.push(story("signed data", &[], put(signed, 11, 300)));
    stories
}

/// As long as objects become; cut at some bytes of every write.
fn long_stories() -> Vec<Story> {
    let certificate = object(Kind::Certificate, 1);
    let list = object(Kind::LocalList, 0);
    let old = put(certificate, 20, 10_000);
    vec![
        story("a certificate of 10,000 bytes", &[], old.clone()),
        story("one replaced", from_ref(&old), put(certificate, 21, 9_950)),
        story("one erased", &[old], Act::Erase(certificate)),
        story("a list of 16 KiB replaced", &[], put(list, 22, 16_384)),
    ]
}

impl Story {
    fn begin(&self) -> (Disk, Objects) {
        let (mut disk, mut objects) = (Disk::default(), Objects::new());
        put_records(&mut disk);
        for act in neighbours().iter().chain(&self.before) {
            act.perform(&mut disk).unwrap();
            act.change(&mut objects);
        }
        if let Some(room) = self.room {
            disk.become_log();
            disk.leave(room);
        }
        (disk, objects)
    }

    /// What there is if it is not cut, the bytes of each write and erasure, and with which of them it
    /// becomes true.
    fn uncut(&self) -> (Objects, Vec<usize>, usize) {
        let (mut disk, mut objects) = self.begin();
        let before = disk.writes();
        let is_done = self.act.perform(&mut disk).is_ok();
        assert_eq!(is_done, self.room.is_none(), "{}", self.name);
        if is_done {
            self.act.change(&mut objects);
        }
        let (Act::Put(id, ..)
        | Act::Abandon(id, ..)
        | Act::Drop(id, ..)
        | Act::Rewrite(id)
        | Act::Erase(id)) = &self.act;
        let written = disk.written().split_off(before);
        let switch = written.iter().position(|written| written.id == id.head());
        let lengths: Vec<_> = written.iter().map(|written| written.bytes).collect();
        assert_eq!(read_all(&mut disk), Ok(objects.clone()), "{}", self.name);
        let switch = switch.unwrap_or(lengths.len());
        (objects, lengths, switch)
    }

    /// Power goes there, and once more at each of those places while it is cleaned up: how many there
    /// were. What there is must be `expected`.
    fn cut(&self, cut: Cut, expected: &Objects, again: &[usize]) -> Result<usize, String> {
        let (mut disk, _) = self.begin();
        let before = disk.writes();
        disk.cut_from_here(cut);
        let _ = self.act.perform(&mut disk);
        disk.restore();
        disk.limit(usize::MAX);
        self.look(&mut disk, expected)?;
        let cleaning_from = disk.writes();
        clean_up(&mut disk).map_err(|error| format!("not cleaned up: {error}"))?;
        self.look(&mut disk, expected)?;
        check_records(&disk, expected)?;
        let cleaned = disk.written().split_off(cleaning_from);
        self.go_on(&mut disk, expected)?;

        let mut cuts = 1;
        for (write, written) in cleaned.iter().enumerate() {
            for bytes in again.iter().map(|percent| written.bytes * percent / 100) {
                let (mut disk, _) = self.begin();
                assert_eq!(disk.writes(), before);
                disk.cut_from_here(cut);
                let _ = self.act.perform(&mut disk);
                disk.restore();
                disk.limit(usize::MAX);
                disk.cut_from_here(Cut::Inside { write, bytes });
                let _ = clean_up(&mut disk);
                disk.restore();
                self.look(&mut disk, expected)?;
                // Whether it is cleaned up or written to at once.
                if cuts % 2 == 0 {
                    clean_up(&mut disk).map_err(|error| format!("not cleaned up: {error}"))?;
                    check_records(&disk, expected)?;
                }
                self.go_on(&mut disk, expected)?;
                cuts += 1;
            }
        }
        Ok(cuts)
    }

    fn look(&self, disk: &mut Disk, expected: &Objects) -> Result<(), String> {
        let found = read_all(disk)?;
        let other = found
            .iter()
            .find(|(id, object)| expected.get(id) != Some(object));
        match other.or(expected.iter().find(|(id, _)| !found.contains_key(id))) {
            None => Ok(()),
            Some((id, _)) => Err(format!("{id:?} is neither old nor new, or not what it was")),
        }
    }

    /// Whatever was cut, the same can be done afterwards, and nothing is left of it.
    fn go_on(&self, disk: &mut Disk, expected: &Objects) -> Result<(), String> {
        let mut objects = expected.clone();
        let done = self.act.perform(disk);
        done.map_err(|error| format!("not done afterwards: {error}"))?;
        self.act.change(&mut objects);
        self.look(disk, &objects)?;
        clean_up(disk).map_err(|error| format!("not cleaned up: {error}"))?;
        check_records(disk, &objects)
    }
}

/// How often power was cut, and what went wrong.
fn cut_everywhere(story: &Story, each_byte: bool) -> (usize, Vec<String>) {
    let (_, old) = story.begin();
    let (new, lengths, switch) = story.uncut();
    let (mut cuts, mut violations) = (0, Vec::new());
    for (write, &length) in lengths.iter().enumerate() {
        let places: Vec<_> = match each_byte {
            true => (0..=length).collect(),
            false => vec![0, 1, length / 2, length - 1, length],
        };
        for bytes in places {
            let is_switched = write > switch || write == switch && bytes == length;
            let expected = if is_switched { &new } else { &old };
            let again: &[usize] = match each_byte && [0, length / 2, length].contains(&bytes) {
                true => &[0, 50, 100],
                false => &[],
            };
            let cut = Cut::Inside { write, bytes };
            match story.cut(cut, expected, again) {
                Ok(count) => cuts += count,
                Err(wrong) => violations.push(format!("{}, {cut:?}: {wrong}", story.name)),
            }
        }
    }
    (cuts, violations)
}

#[test]
fn whenever_power_goes_an_object_is_the_old_or_the_new_one() {
    let (mut cuts, mut violations) = (0, Vec::new());
    let mut count = 0;
    for (stories, each_byte) in [(stories(), true), (long_stories(), false)] {
        for story in &stories {
            let (more, wrong) = cut_everywhere(story, each_byte);
            cuts += more;
            violations.extend(wrong);
            count += 1;
        }
    }
    // Not println, which is for tests that fail.
    let told = writeln!(
        io::stderr(),
        "{count} stories about objects, {cuts} power cuts, {} violations",
        violations.len()
    );
    told.unwrap();
    let first: Vec<_> = violations.iter().take(5).collect();
    assert!(violations.is_empty(), "{first:#?}");
    assert!(cuts > 10_000, "{cuts}");
}

/// What the proof rests on: a head before its chunks would be found out. A chunk, or the head, that is
/// acknowledged and not there when the writer says that the object is stored, is the same.
#[test]
fn a_write_behind_the_answer_is_found_out() {
    let id = object(Kind::ChargingProfile, 2);
    let story = story("replaced", &[put(id, 10, 300)], put(id, 11, 290));
    let (new, lengths, switch) = story.uncut();
    assert_eq!((switch, lengths.len()), (3, 7));
    for write in 0..=switch {
        let (mut disk, _) = story.begin();
        disk.cut_from_here(Cut::Late { write });
        story.act.perform(&mut disk).unwrap();
        // The central system is told.
        disk.acted();
        disk.restore();
        assert!(story.look(&mut disk, &new).is_err(), "late write {write}");
    }
}
