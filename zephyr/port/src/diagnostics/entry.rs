//! An entry of the ring: a line with its level and its time.
//!
//! | bytes | |
//! | --- | --- |
//! | 1 | [`MARK`], which no text has |
//! | 1 | level of the line and [`flags`] |
//! | 1 | length of the text |
//! | 8 | time in milliseconds: UTC, or since the boot |
//! | ... | text |
//! | 4 | CRC-32 of all before it |

use super::TEXT;

/// Begins an entry.
pub const MARK: u8 = 0x01;
/// What is in front of a text.
pub const HEAD: usize = 3 + 8;
const CRC: usize = 4;
/// Bytes of the longest entry.
pub const LONGEST: usize = HEAD + TEXT + CRC;

/// Of an entry, besides its level.
pub mod flags {
    /// The level, as [`crate::log::Level`] counts.
    pub const LEVEL: u8 = 0x07;
    /// The first entry of a boot.
    pub const BOOT: u8 = 0x10;
    /// No line: its time is how far UTC is ahead of the time since the boot.
    pub const CLOCK: u8 = 0x20;
    /// Its time is UTC.
    pub const UTC: u8 = 0x40;
}

/// An entry, in the form in which it is stored.
#[derive(Clone, Debug)]
pub struct Entry {
    bytes: [u8; LONGEST],
}

impl Entry {
    /// Without a text.
    pub const fn new() -> Self {
        Self {
            bytes: [0; LONGEST],
        }
    }

    /// With a text, of which [`TEXT`] bytes are kept.
    pub fn set(&mut self, kind: u8, time: i64, text: &str) {
        let text = text.as_bytes();
        let text = text.get(..TEXT).unwrap_or(text);
        let time = time.to_le_bytes();
        let head = [MARK, kind, text.len() as u8];
        let written = head.iter().chain(&time).chain(text);
        for (place, byte) in self.bytes.iter_mut().zip(written) {
            *place = *byte;
        }
        let crc = crc32(self.covered()).to_le_bytes();
        let end = HEAD + text.len();
        let room = self.bytes.get_mut(end..end + CRC);
        for (place, byte) in room.unwrap_or(&mut []).iter_mut().zip(crc) {
            *place = byte;
        }
    }

    fn field(&self, place: usize) -> u8 {
        self.bytes.get(place).copied().unwrap_or(0)
    }

    /// Level and flags.
    pub fn kind(&self) -> u8 {
        self.field(1)
    }

    /// True where it has that flag.
    pub fn is(&self, flag: u8) -> bool {
        self.kind() & flag != 0
    }

    /// The time, which its flags explain.
    pub fn time(&self) -> i64 {
        let bytes = self.bytes.get(3..HEAD).unwrap_or(&[]);
        bytes.try_into().map_or(0, i64::from_le_bytes)
    }

    fn text_length(&self) -> usize {
        usize::from(self.field(2)).min(TEXT)
    }

    /// The line.
    pub fn text(&self) -> &str {
        let text = self.bytes.get(HEAD..HEAD + self.text_length());
        core::str::from_utf8(text.unwrap_or(&[])).unwrap_or("?")
    }

    /// Bytes that its head says it has, check sum included.
    pub fn length(&self) -> usize {
        HEAD + self.text_length() + CRC
    }

    fn covered(&self) -> &[u8] {
        self.bytes.get(..HEAD + self.text_length()).unwrap_or(&[])
    }

    /// As it is stored.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length()).unwrap_or(&[])
    }

    /// To be filled with what is stored.
    pub fn bytes_mut(&mut self) -> &mut [u8; LONGEST] {
        &mut self.bytes
    }

    /// True where what was filled in begins as an entry does.
    pub fn begins(&self) -> bool {
        self.field(0) == MARK && usize::from(self.field(2)) <= TEXT
    }

    /// True where what was filled in is an entry.
    pub fn is_valid(&self) -> bool {
        let crc = self.bytes.get(HEAD + self.text_length()..self.length());
        self.begins() && crc.is_some_and(|crc| *crc == crc32(self.covered()).to_le_bytes())
    }
}

/// CRC-32 of IEEE 802.3, a bit at a time: lines are few.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_that_of_everyone() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_entry_is_what_it_was_made_of() {
        let mut entry = Entry::new();
        assert!(!entry.is_valid());
        entry.set(3 | flags::UTC, 1_772_438_400_000, "connector 1 Charging");
        assert!(entry.is_valid() && entry.is(flags::UTC) && !entry.is(flags::BOOT));
        assert_eq!(entry.time(), 1_772_438_400_000);
        assert_eq!(entry.text(), "connector 1 Charging");
        entry.set(1, -1, &"x".repeat(300));
        assert!(entry.is_valid());
        assert_eq!((entry.text().len(), entry.time()), (TEXT, -1));
        entry.bytes_mut()[20] ^= 1;
        assert!(!entry.is_valid());
    }
}
