//! The check sum of chunks and of whole objects.

/// CRC-32 (IEEE 802.3), reflected.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// A check sum of bytes that come one after the other. Bit by bit: a table would take more room than
/// all the code around it, and to write a byte takes longer than this.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check(u32);

impl Check {
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            for _ in 0..8 {
                let is_odd = self.0 & 1 != 0;
                self.0 >>= 1;
                self.0 ^= if is_odd { POLYNOMIAL } else { 0 };
            }
        }
    }

    pub fn sum(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_crc_32() {
        let mut check = Check::new();
        check.add(b"1234");
        check.add(b"56789");
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(check.sum(), 0xcbf4_3926);
    }
}
