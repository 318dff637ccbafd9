//! A ring of entries in memory that is erased in sectors and written once: flash, or RAM in its place.
//!
//! Each sector begins with a head that has the sector's number; they count up, and that with the highest
//! is written to. When it is full, the oldest is erased and becomes the next. Entries lie one behind the
//! other, each from a block that is written at once. A power loss leaves a torn entry, or a sector without
//! its head; what is not whole is passed over, and what comes next is written behind it.

use super::entry::{Entry, LONGEST, crc32};

/// Begins a sector's head; the last byte is the form of all in it.
const SECTOR: [u8; 2] = [0x02, 1];
/// Bytes of a sector's head: it, the sector's number, a check sum.
const SECTOR_HEAD: usize = 2 + 4 + 4;
/// Blocks may be that large at most.
pub const MOST_ALIGN: u32 = 32;
/// The longest entry, rounded up to whole blocks.
const ROOM: usize = LONGEST.next_multiple_of(MOST_ALIGN as usize);
/// So much is looked at at once for what is erased.
const CHUNK: usize = 32;

/// What a medium is like, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Geometry {
    /// Erased at once.
    pub sector: u32,
    /// How many there are.
    pub sectors: u32,
    /// Written at once.
    pub align: u32,
    /// What an erased byte is.
    pub erased: u8,
}

impl Geometry {
    /// Before the medium was opened.
    pub const NONE: Self = Self {
        sector: 0,
        sectors: 0,
        align: 0,
        erased: 0,
    };

    fn is_usable(&self) -> bool {
        let least = ROOM as u32 + self.head();
        let align = self.align;
        (1..=MOST_ALIGN).contains(&align) && self.sectors >= 2 && self.sector >= least
    }

    fn head(&self) -> u32 {
        (SECTOR_HEAD as u32).next_multiple_of(self.align.max(1))
    }

    /// Bytes of all sectors.
    pub fn size(&self) -> u32 {
        self.sectors.saturating_mul(self.sector)
    }
}

/// Where entries are.
pub trait Medium {
    /// Makes it ready; `None` when it cannot be used.
    fn open(&mut self) -> Option<Geometry>;
    /// Reads what is there; false when it fails.
    fn read(&mut self, at: u32, into: &mut [u8]) -> bool;
    /// Writes whole blocks that are erased; false when it fails.
    fn write(&mut self, at: u32, bytes: &[u8]) -> bool;
    /// Erases whole sectors; false when it fails.
    fn erase(&mut self, at: u32, length: u32) -> bool;
}

/// A place in the ring, which stays that of the same entry as the ring goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Number of a sector.
    sector: u32,
    /// Bytes from its beginning.
    at: u32,
}

/// The ring.
pub struct Ring<M> {
    medium: M,
    geometry: Geometry,
    /// Where the sector is that is written to.
    newest: u32,
    /// Its number, and behind what is in it.
    end: Position,
    is_open: bool,
}

impl Position {
    /// The first of all.
    pub const FIRST: Self = Self { sector: 0, at: 0 };
}

impl<M: Medium> Ring<M> {
    /// Before it is opened.
    pub const fn new(medium: M) -> Self {
        Self {
            medium,
            geometry: Geometry::NONE,
            newest: 0,
            end: Position { sector: 0, at: 0 },
            is_open: false,
        }
    }

    /// Finds what is there; false when there is nothing to write to.
    pub fn open(&mut self) -> bool {
        self.is_open = false;
        let Some(geometry) = self.medium.open().filter(Geometry::is_usable) else {
            return false;
        };
        self.geometry = geometry;
        // Where there is none, the first to be written is the first one.
        self.newest = geometry.sectors - 1;
        self.end = Position {
            sector: 0,
            at: geometry.sector,
        };
        for index in 0..geometry.sectors {
            if let Some(sector) = self.number_of(index).filter(|it| *it > self.end.sector) {
                self.newest = index;
                self.end.sector = sector;
            }
        }
        if self.end.sector > 0 {
            self.end.at = self.written();
        }
        self.is_open = true;
        true
    }

    /// What the medium is like.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Behind the last entry.
    pub fn end(&self) -> Position {
        self.end
    }

    /// One more entry; how many bytes it takes, or `None` when it could not be written.
    pub fn append(&mut self, entry: &Entry) -> Option<u32> {
        if !self.is_open {
            return None;
        }
        let mut bytes = [self.geometry.erased; ROOM];
        for (place, byte) in bytes.iter_mut().zip(entry.bytes()) {
            *place = *byte;
        }
        let length = entry.bytes().len() as u32;
        let length = length.next_multiple_of(self.geometry.align);
        if self.end.at + length > self.geometry.sector {
            self.turn()?;
        }
        let at = self.address(self.newest, self.end.at);
        // Written or not: what is there now may be part of it.
        self.end.at += length;
        let is_written = self.medium.write(at, bytes.get(..length as usize)?);
        is_written.then_some(length)
    }

    /// Begins the next sector, where the oldest entries are.
    fn turn(&mut self) -> Option<()> {
        let next = (self.newest + 1) % self.geometry.sectors;
        let sector = self.end.sector.checked_add(1)?;
        let at = self.address(next, 0);
        if !self.medium.erase(at, self.geometry.sector) {
            return None;
        }
        let mut bytes = [self.geometry.erased; MOST_ALIGN as usize];
        for (place, byte) in bytes.iter_mut().zip(sector_head(sector)) {
            *place = byte;
        }
        let length = self.geometry.head();
        let is_written = self.medium.write(at, bytes.get(..length as usize)?);
        if is_written {
            self.newest = next;
            self.end = Position { sector, at: length };
        }
        is_written.then_some(())
    }

    /// Reads the first whole entry from there on, and goes behind it; false at the end, or where `until`
    /// is reached.
    pub fn next(&mut self, from: &mut Position, until: Position, entry: &mut Entry) -> bool {
        if !self.is_open {
            return false;
        }
        let oldest = self.end.sector.saturating_sub(self.geometry.sectors - 1);
        if from.sector < oldest {
            *from = Position {
                sector: oldest,
                at: 0,
            };
        }
        let until = until.min(self.end);
        while *from < until {
            let back = self.end.sector - from.sector;
            let index = (self.newest + self.geometry.sectors - back) % self.geometry.sectors;
            let bound = match from.sector == until.sector {
                true => until.at,
                false => self.geometry.sector,
            };
            from.at = from.at.max(self.geometry.head());
            let is_there = self.number_of(index) == Some(from.sector);
            while is_there && from.at < bound {
                let length = self.entry_at(index, from.at, bound, entry);
                from.at += length.unwrap_or(self.geometry.align);
                if length.is_some() {
                    return true;
                }
            }
            if from.sector == until.sector {
                *from = until;
                return false;
            }
            *from = Position {
                sector: from.sector + 1,
                at: 0,
            };
        }
        false
    }

    /// The entry that begins there, and the bytes that it takes.
    fn entry_at(&mut self, index: u32, at: u32, bound: u32, entry: &mut Entry) -> Option<u32> {
        let from = self.address(index, at);
        let (first, rest) = entry.bytes_mut().split_at_mut(3);
        if at + 3 > bound || !self.medium.read(from, first) {
            return None;
        }
        rest.fill(0);
        let length = entry.begins().then(|| entry.length())?;
        let taken = (length as u32).next_multiple_of(self.geometry.align);
        if at + taken > bound {
            return None;
        }
        let into = entry.bytes_mut().get_mut(3..length)?;
        let is_whole = self.medium.read(from + 3, into) && entry.is_valid();
        is_whole.then_some(taken)
    }

    /// The number of the sector in that place, if it has a head.
    fn number_of(&mut self, index: u32) -> Option<u32> {
        let mut head = [0; SECTOR_HEAD];
        let at = self.address(index, 0);
        if !self.medium.read(at, &mut head) {
            return None;
        }
        let number = head.get(2..6)?.try_into().ok().map(u32::from_le_bytes)?;
        (head == sector_head(number)).then_some(number)
    }

    /// Behind what is in the newest sector. An entry may end with what looks erased.
    fn written(&mut self) -> u32 {
        let touched = self.touched(self.newest);
        let mut entry = Entry::new();
        let mut at = self.geometry.head();
        while at < touched {
            let length = self.entry_at(self.newest, at, self.geometry.sector, &mut entry);
            at += length.unwrap_or(self.geometry.align);
        }
        at
    }

    /// Behind the last block of a sector that is not erased. What cannot be read is not written to.
    fn touched(&mut self, index: u32) -> u32 {
        let mut end = self.geometry.sector;
        let mut bytes = [0; CHUNK];
        while end > 0 {
            let from = end.saturating_sub(CHUNK as u32);
            let chunk = bytes.get_mut(..(end - from) as usize).unwrap_or(&mut []);
            if !self.medium.read(self.address(index, from), chunk) {
                return self.geometry.sector;
            }
            let last = chunk.iter().rposition(|byte| *byte != self.geometry.erased);
            if let Some(last) = last {
                return (from + last as u32 + 1).next_multiple_of(self.geometry.align);
            }
            end = from;
        }
        end
    }

    fn address(&self, index: u32, at: u32) -> u32 {
        index * self.geometry.sector + at
    }
}

fn sector_head(number: u32) -> [u8; SECTOR_HEAD] {
    let mut head = [0; SECTOR_HEAD];
    let (first, crc) = head.split_at_mut(SECTOR_HEAD - 4);
    let bytes = SECTOR.into_iter().chain(number.to_le_bytes());
    for (place, byte) in first.iter_mut().zip(bytes) {
        *place = byte;
    }
    for (place, byte) in crc.iter_mut().zip(crc32(first).to_le_bytes()) {
        *place = byte;
    }
    head
}

#[cfg(test)]
pub mod tests;
