use std::{format, string::String, vec, vec::Vec};

use super::*;

/// Flash that can lose its power: so many bytes are written or erased before that.
pub struct Flash {
    bytes: Vec<u8>,
    geometry: Geometry,
    power: usize,
    /// Erases of each sector.
    pub erases: Vec<usize>,
}

impl Flash {
    pub fn new(sector: u32, sectors: u32, align: u32, erased: u8) -> Self {
        let geometry = Geometry {
            sector,
            sectors,
            align,
            erased,
        };
        Self {
            // As another firmware left it.
            bytes: vec![0x55; geometry.size() as usize],
            geometry,
            power: usize::MAX,
            erases: vec![0; sectors as usize],
        }
    }

    fn spend(&mut self) -> bool {
        let is_on = self.power > 0;
        self.power = self.power.saturating_sub(1);
        is_on
    }
}

impl Medium for Flash {
    fn open(&mut self) -> Option<Geometry> {
        Some(self.geometry)
    }

    fn read(&mut self, at: u32, into: &mut [u8]) -> bool {
        let at = at as usize;
        into.copy_from_slice(&self.bytes[at..at + into.len()]);
        true
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        let align = self.geometry.align as usize;
        assert!((at as usize).is_multiple_of(align) && bytes.len().is_multiple_of(align));
        for (place, byte) in (at as usize..).zip(bytes) {
            if !self.spend() {
                return false;
            }
            let is_erased = self.bytes[place] == self.geometry.erased;
            assert!(is_erased, "{place} is written twice");
            self.bytes[place] = *byte;
        }
        true
    }

    fn erase(&mut self, at: u32, length: u32) -> bool {
        assert_eq!(
            (at % self.geometry.sector, length),
            (0, self.geometry.sector)
        );
        self.erases[(at / length) as usize] += 1;
        for place in at..at + length {
            if !self.spend() {
                return false;
            }
            self.bytes[place as usize] = self.geometry.erased;
        }
        true
    }
}

/// Opened.
pub fn ring(flash: Flash) -> Ring<Flash> {
    let mut ring = Ring::new(flash);
    assert!(ring.open());
    ring
}

impl Ring<Flash> {
    /// Changes a byte.
    pub fn damage(&mut self, place: usize) {
        self.medium.bytes[place] ^= 1;
    }
}

fn append(ring: &mut Ring<Flash>, text: &str) -> bool {
    let mut entry = Entry::new();
    entry.set(3, 17, text);
    ring.append(&entry).is_some()
}

fn texts(ring: &mut Ring<Flash>) -> Vec<String> {
    let (mut at, end) = (Position::FIRST, ring.end());
    let mut entry = Entry::new();
    let mut texts = Vec::new();
    while ring.next(&mut at, end, &mut entry) {
        texts.push(entry.text().into());
    }
    assert_eq!(at, end);
    texts
}

/// Of different lengths.
fn name(number: usize) -> String {
    format!("{number} {}", "x".repeat(number * 7 % 40))
}

const KINDS: [(u32, u32, u32, u8); 4] = [
    (256, 2, 1, 0xff),
    (384, 3, 8, 0xff),
    (256, 4, 32, 0xff),
    (256, 3, 4, 0x00),
];

#[test]
#[cfg_attr(miri, ignore = "it takes long")]
fn what_was_written_last_is_kept_and_found_again() {
    for (sector, sectors, align, erased) in KINDS {
        let mut ring = ring(Flash::new(sector, sectors, align, erased));
        assert!(texts(&mut ring).is_empty());
        for number in 0..80 {
            assert!(append(&mut ring, &name(number)));
            let kept = texts(&mut ring);
            let first = number + 1 - kept.len();
            assert!(
                kept.iter()
                    .eq((first..=number).map(name).collect::<Vec<_>>().iter())
            );
            // All sectors but the one that is written to are full.
            assert!(first == 0 || kept.len() > 1, "{kept:?}");
            // A restart changes nothing.
            let end = ring.end();
            assert!(ring.open());
            assert_eq!((ring.end(), texts(&mut ring)), (end, kept));
        }
        let erases = &ring.medium.erases;
        let (least, most) = (erases.iter().min(), erases.iter().max());
        assert!(
            most.unwrap() - least.unwrap() <= 1,
            "worn evenly: {erases:?}"
        );
    }
}

#[test]
#[cfg_attr(miri, ignore = "it takes long")]
fn a_power_loss_at_any_byte_takes_only_what_was_being_written() {
    for (sector, sectors, align, erased) in KINDS {
        let mut cut = 0;
        loop {
            let mut flash = Flash::new(sector, sectors, align, erased);
            flash.power = cut;
            let mut ring = ring(flash);
            let stored = (0..24).take_while(|number| append(&mut ring, &name(*number)));
            let stored = stored.count();
            let is_last = stored == 24;
            let before = texts(&mut ring).len();
            ring.medium.power = usize::MAX;
            assert!(ring.open());
            let kept = texts(&mut ring);
            // One more where only what looks erased was missing.
            let is_whole = kept.last().is_some_and(|last| *last == name(stored));
            let last = stored + usize::from(is_whole);
            let first = last - kept.len();
            assert!(
                kept.iter()
                    .eq((first..last).map(name).collect::<Vec<_>>().iter())
            );
            // A sector that was to be erased is all that may be gone.
            assert!(kept.len() >= before, "cut at {cut}: {before} {kept:?}");
            for number in 0..6 {
                assert!(append(&mut ring, &format!("after {number}")));
            }
            let end = "after 5".into();
            assert_eq!(texts(&mut ring).last(), Some(&end));
            assert!(ring.open());
            assert_eq!(texts(&mut ring).last(), Some(&end));
            if is_last {
                break;
            }
            cut += 1;
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "it takes long")]
fn a_second_power_loss_at_any_byte_does_no_more() {
    for first in (0..2_000).step_by(397) {
        for second in 0..300 {
            let mut flash = Flash::new(256, 3, 8, 0xff);
            flash.power = first;
            let mut ring = ring(flash);
            let _ = (0..40)
                .take_while(|number| append(&mut ring, &name(*number)))
                .count();
            ring.medium.power = second;
            assert!(ring.open());
            let stored = (100..110).take_while(|number| append(&mut ring, &name(*number)));
            let stored = stored.count();
            ring.medium.power = usize::MAX;
            assert!(ring.open());
            let kept = texts(&mut ring);
            let there = |number| kept.contains(&name(number));
            // Two sectors hold at least four of these.
            assert!(
                (100..100 + stored).rev().take(4).all(there),
                "{first} {second} {kept:?}"
            );
            assert!(append(&mut ring, "after"));
            assert_eq!(texts(&mut ring).last().unwrap(), "after");
        }
    }
}

#[test]
fn a_place_stays_that_of_its_entry_until_that_is_gone() {
    let mut ring = ring(Flash::new(256, 3, 1, 0xff));
    for number in 0..4 {
        append(&mut ring, &name(number));
    }
    let (mut at, until) = (Position::FIRST, ring.end());
    let mut entry = Entry::new();
    assert!(ring.next(&mut at, until, &mut entry));
    append(&mut ring, "later");
    assert!(ring.next(&mut at, until, &mut entry));
    assert_eq!(entry.text(), name(1));
    // What comes later is not read.
    while ring.next(&mut at, until, &mut entry) {
        assert_ne!(entry.text(), "later");
    }
    let mut old = Position::FIRST;
    assert!(ring.next(&mut old, until, &mut entry));
    for number in 0..200 {
        append(&mut ring, &name(number));
    }
    assert!(
        !ring.next(&mut old, until, &mut entry),
        "it was overwritten"
    );
    assert!(!ring.next(&mut at, until, &mut entry));
}

#[test]
fn a_medium_that_is_too_small_is_not_used() {
    for (sector, sectors, align) in [(256, 1, 1), (100, 8, 1), (512, 4, 64), (512, 4, 0)] {
        let mut ring = Ring::new(Flash::new(sector, sectors, align, 0xff));
        assert!(!ring.open());
        let mut entry = Entry::new();
        entry.set(1, 0, "lost");
        assert_eq!(ring.append(&entry), None);
        let (mut at, end) = (Position::FIRST, ring.end());
        assert!(!ring.next(&mut at, end, &mut entry));
    }
}
