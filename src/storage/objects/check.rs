//! The check sum of chunks and of whole objects.

/// CRC-32 (IEEE 802.3), reflected.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// What each byte comes to. One for four bits takes 960 bytes less, and twice as many instructions: of what is spent
/// to find a charging limit that would be half.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut rest: &mut [u32] = &mut table;
    let mut byte = 0;
    while let [first, others @ ..] = rest {
        let (mut sum, mut bit) = (byte, 0);
        while bit < 8 {
            let is_odd = sum & 1 != 0;
            sum >>= 1;
            sum ^= if is_odd { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        *first = sum;
        byte += 1;
        rest = others;
    }
    table
};

/// A check sum of bytes that come one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check(u32);

impl Check {
    pub const fn new() -> Self {
        Self(u32::MAX)
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let [lowest, ..] = self.0.to_le_bytes();
            let of_byte = TABLE.get(usize::from(lowest ^ byte)).copied();
            self.0 = self.0 >> 8 ^ of_byte.unwrap_or(0);
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
