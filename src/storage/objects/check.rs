//! The check sum of chunks and of whole objects.

/// CRC-32 (IEEE 802.3), reflected.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// What four bits come to. A table for eight would take more room than all the code around it.
const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut rest: &mut [u32] = &mut table;
    let mut bits = 0;
    while let [first, others @ ..] = rest {
        let (mut sum, mut bit) = (bits, 0);
        while bit < 4 {
            let is_odd = sum & 1 != 0;
            sum >>= 1;
            sum ^= if is_odd { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        *first = sum;
        bits += 1;
        rest = others;
    }
    table
};

/// What the lowest four bits of a sum come to.
fn half(sum: u32) -> u32 {
    TABLE.get((sum & 15) as usize).copied().unwrap_or(0)
}

/// A check sum of bytes that come one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check(u32);

impl Check {
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            self.0 = self.0 >> 4 ^ half(self.0);
            self.0 = self.0 >> 4 ^ half(self.0);
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
