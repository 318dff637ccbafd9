//! The check sum of records: that of the Zephyr module's flash (`zephyr/port/c/storage.c`).

use ocpp::storage::RecordId;

/// CRC-32 (IEEE 802.3), reflected.
const POLYNOMIAL: u32 = 0xedb8_8320;
/// In flash, this bit is cleared so that no record ends in a byte of erased flash; it is not
/// compared. Here the same is done.
const LAST_BIT: u32 = 1 << 31;

/// Of the record's name, then of the record: one under another's name is not taken for it.
pub fn of(id: RecordId, record: &[u8]) -> [u8; 4] {
    (sum(&[&id.0.to_le_bytes(), record]) & !LAST_BIT).to_le_bytes()
}

/// True for the check sum of that record.
pub fn is_right(id: RecordId, record: &[u8], stored: [u8; 4]) -> bool {
    let difference = sum(&[&id.0.to_le_bytes(), record]) ^ u32::from_le_bytes(stored);
    difference & !LAST_BIT == 0
}

/// Of parts, one behind the other.
pub fn sum(parts: &[&[u8]]) -> u32 {
    let bytes = parts.iter().copied().flatten();
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            0 => crc >> 1,
            _ => crc >> 1 ^ POLYNOMIAL,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_crc_32() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(sum(&[b"1234", b"56789"]), 0xcbf4_3926);
        let id = RecordId(0x0400);
        assert!(is_right(id, b"x", of(id, b"x")));
        assert!(!is_right(id, b"y", of(id, b"x")));
        assert!(!is_right(RecordId(0x0401), b"x", of(id, b"x")));
    }
}
