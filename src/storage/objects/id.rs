//! Which objects there are, and the records that each of them has.

use crate::{
    limits::{OBJECT_CHUNK, OBJECT_LENGTH},
    storage::{RecordId, records::LOCAL_LIST_LENGTH},
};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A charging profile with its periods.
    ChargingProfile,
    /// A certificate, or a chain of them.
    Certificate,
    /// The local authorization list.
    LocalList,
    /// What a meter has signed of a reading.
    SignedData,
    /// A request to transfer a file: firmware, then a log.
    Transfer,
}

/// The records of a kind. They are stable over firmware versions, so that nothing of this depends on a
/// capacity that a build fixes.
struct Records {
    /// The head of its first object; those of the others follow.
    heads: u16,
    /// The first chunk of its first object.
    chunks: u16,
    objects: u8,
    /// Chunks on each side of an object.
    side: u16,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::ChargingProfile,
        Self::Certificate,
        Self::LocalList,
        Self::SignedData,
        Self::Transfer,
    ];

    const fn records(self) -> Records {
        let (heads, chunks, objects, side) = match self {
            Self::ChargingProfile => (0x0600, 0x8000, 64, 128),
            Self::Certificate => (0x0800, 0xc000, 32, 128),
            Self::LocalList => (0x0900, 0x3000, 1, 2048),
            Self::SignedData => (0x0a00, 0xe000, 32, 64),
            Self::Transfer => (0x0b00, 0x5000, 2, 32),
        };
        Records {
            heads,
            chunks,
            objects,
            side,
        }
    }

    /// How many objects of this kind there can be. Room for fewer may be enough: an object that is not
    /// there takes none.
    pub const fn count(self) -> u8 {
        self.records().objects
    }

    /// Bytes of the longest object of this kind: [`OBJECT_LENGTH`], or for a local list what its entries
    /// take at most where that is more, unless it has fewer chunks than that takes.
    pub const fn max_length(self) -> usize {
        let length = self.records().side as usize * OBJECT_CHUNK;
        let longest = match self {
            Self::LocalList if LOCAL_LIST_LENGTH > OBJECT_LENGTH => LOCAL_LIST_LENGTH,
            _ => OBJECT_LENGTH,
        };
        if length < longest { length } else { longest }
    }

    /// The object with that number, from 0 on; `None` from [`Kind::count`] on.
    pub const fn object(self, number: u8) -> Option<ObjectId> {
        if number < self.count() {
            Some(ObjectId { kind: self, number })
        } else {
            None
        }
    }

    /// All objects that there can be of this kind.
    pub fn objects(self) -> impl Iterator<Item = ObjectId> {
        (0..self.count()).map(move |number| ObjectId { kind: self, number })
    }
}

/// Names an object; stable over firmware versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    kind: Kind,
    number: u8,
}

impl ObjectId {
    /// The one local authorization list.
    pub const LOCAL_LIST: Self = Self {
        kind: Kind::LocalList,
        number: 0,
    };
    /// The request for another firmware.
    #[cfg(feature = "firmware-management")]
    pub(crate) const FIRMWARE: Self = Self::transfer(0);
    /// The request for a log.
    #[cfg(feature = "firmware-management")]
    pub(crate) const LOG: Self = Self::transfer(1);

    /// The signature of a firmware, in one of two places.
    #[cfg(feature = "security")]
    pub(crate) const fn signature(place: u8) -> Self {
        Self {
            kind: Kind::Certificate,
            number: 30 + (place & 1),
        }
    }

    #[cfg(feature = "firmware-management")]
    const fn transfer(number: u8) -> Self {
        Self {
            kind: Kind::Transfer,
            number,
        }
    }

    /// What it is.
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Which one of its kind, from 0 on.
    pub const fn number(self) -> u8 {
        self.number
    }

    /// The record that makes it one: an object is damaged as a whole where this is damaged.
    pub const fn head(self) -> RecordId {
        RecordId(self.kind.records().heads + self.number as u16)
    }

    /// A chunk of it; `None` beyond the last one that it can have.
    pub(super) fn chunk(self, side: Side, chunk: u16) -> Option<RecordId> {
        let Records {
            chunks,
            side: count,
            ..
        } = self.kind.records();
        let before = 2 * u16::from(self.number) + side as u16;
        (chunk < count).then(|| RecordId(chunks + before * count + chunk))
    }

    /// Chunks that it can have on each side.
    pub(super) const fn side_length(self) -> u16 {
        self.kind.records().side
    }
}

/// Where the chunks of one generation are; those of the next one are on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Side {
    Even = 0,
    Odd = 1,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Even, Self::Odd];

    pub const fn of(generation: u32) -> Self {
        match generation % 2 {
            0 => Self::Even,
            _ => Self::Odd,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_record_has_two_meanings() {
        let mut all = BTreeSet::new();
        for &kind in Kind::ALL {
            for id in kind.objects() {
                assert!(all.insert(id.head().0));
                for side in Side::BOTH {
                    for chunk in 0..id.side_length() {
                        assert!(all.insert(id.chunk(side, chunk).unwrap().0));
                    }
                    assert_eq!(id.chunk(side, id.side_length()), None);
                }
            }
            assert_eq!(kind.object(kind.count()), None);
        }
        // Records of the station, and those that are kept free; the last name is taken by NVS.
        for others in [
            0..=0x05ff,
            0x0700..=0x07ff,
            0x1000..=0x2fff,
            0x4000..=0x4fff,
            0x5080..=0x7fff,
        ] {
            assert_eq!(all.range(others).next(), None);
        }
        assert_eq!(all.range(0xf000..).next(), None);
    }

    #[test]
    fn what_an_object_has_to_hold_fits() {
        // Whatever the build's chunks are: those of 64 bytes are the shortest.
        assert!(64 * u32::from(Kind::ChargingProfile.records().side) >= 8_192);
        assert!(64 * u32::from(Kind::LocalList.records().side) >= 131_072);
        assert!(Kind::Certificate.max_length() >= 10_000);
        // 1024 periods of ten bytes.
        assert!(Kind::ChargingProfile.max_length() >= 10_240);
        // Signed data and a public key, 2,500 characters each.
        assert!(Kind::SignedData.max_length() >= 5_000);
    }
}
