//! The websocket frame that is being sent (RFC 6455, 5.2), and how much of it has gone.
//!
//! Zephyr's client sends a frame whole, for as long as that takes, or gives up in its middle. The
//! engine's thread must not wait for a central system that does not read: it opens contactors. So
//! frames are made here, and written as the socket takes them.

use crate::{limits::SEND_BUFFER_SIZE, socket::Opcode};

/// The longest head: two bytes, a length of eight, a mask of four.
const HEAD: usize = 14;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// One frame at a time.
pub struct Sending {
    bytes: [u8; HEAD + SEND_BUFFER_SIZE],
    /// What has not been written of it.
    from: usize,
    until: usize,
}

impl Sending {
    /// None is.
    pub const fn new() -> Self {
        Self {
            bytes: [0; HEAD + SEND_BUFFER_SIZE],
            from: 0,
            until: 0,
        }
    }

    /// Forgets it.
    pub fn clear(&mut self) {
        (self.from, self.until) = (0, 0);
    }

    /// True when it is written, or there was none.
    pub fn is_done(&self) -> bool {
        self.from == self.until
    }

    /// Makes a frame in the place of one that is written. A payload that is longer than
    /// [`SEND_BUFFER_SIZE`] is cut off: that is what the station's buffer has.
    pub fn begin(&mut self, opcode: Opcode, payload: &[u8], is_final: bool, mask: [u8; 4]) {
        self.clear();
        self.push(opcode as u8 | if is_final { FINAL } else { 0 });
        let length = payload.len().min(SEND_BUFFER_SIZE);
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(short), _) if short < 126 => self.push(MASKED | short),
            (_, Ok(length)) => {
                self.push(MASKED | 126);
                self.push_all(&length.to_be_bytes());
            }
            _ => {
                self.push(MASKED | 127);
                self.push_all(&(length as u64).to_be_bytes());
            }
        }
        self.push_all(&mask);
        let masks = mask.iter().cycle();
        for (byte, mask) in payload.iter().take(length).zip(masks) {
            self.push(byte ^ mask);
        }
    }

    fn push_all(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.push(byte);
        }
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.until) {
            *place = byte;
            self.until += 1;
        }
    }

    /// Writes what `write` takes: it returns how many bytes that were, 0 for none now, or an error.
    pub fn write<E>(&mut self, mut write: impl FnMut(&[u8]) -> Result<usize, E>) -> Result<(), E> {
        while let Some(left) = self.bytes.get(self.from..self.until)
            && !left.is_empty()
        {
            match write(left)? {
                0 => break,
                written => self.from += written.min(left.len()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [1, 2, 3, 4];

    fn frame(opcode: Opcode, payload: &[u8], is_final: bool, most: usize) -> Vec<u8> {
        let mut sending = Box::new(Sending::new());
        sending.begin(opcode, payload, is_final, MASK);
        let mut sent = Vec::new();
        while !sending.is_done() {
            let mut once = true;
            let written: Result<(), ()> = sending.write(|left| {
                let length = if once { left.len().min(most) } else { 0 };
                once = false;
                sent.extend_from_slice(&left[..length]);
                Ok(length)
            });
            written.unwrap();
        }
        sent
    }

    #[test]
    fn a_frame_has_head_mask_and_masked_payload() {
        let sent = frame(Opcode::Text, b"[2]", true, 100);
        assert_eq!(sent, [0x81, 0x83, 1, 2, 3, 4, b'[' ^ 1, b'2' ^ 2, b']' ^ 3]);
        assert_eq!(
            frame(Opcode::Ping, b"", true, 100),
            [0x89, 0x80, 1, 2, 3, 4]
        );
        let sent = frame(Opcode::Continuation, b"", false, 100);
        assert_eq!(sent, [0x00, 0x80, 1, 2, 3, 4]);
    }

    #[test]
    fn lengths_from_126_on_have_a_field_of_their_own() {
        for (length, head) in [
            (125, vec![0x81, 0xfd]),
            (126, vec![0x81, 0xfe, 0, 126]),
            (SEND_BUFFER_SIZE, vec![0x81, 0xfe, 6, 0]),
            // There is no room for more.
            (SEND_BUFFER_SIZE + 1, vec![0x81, 0xfe, 6, 0]),
        ] {
            let sent = frame(Opcode::Text, &vec![0; length], true, 4096);
            assert_eq!(sent[..head.len()], head);
            assert_eq!(sent[head.len()..][..4], MASK);
            assert_eq!(sent.len(), head.len() + 4 + length.min(SEND_BUFFER_SIZE));
        }
    }

    #[test]
    fn a_frame_goes_out_in_whatever_pieces_are_taken() {
        let whole = frame(Opcode::Text, b"[3,\"1\",{}]", true, 100);
        for most in 1..whole.len() {
            assert_eq!(frame(Opcode::Text, b"[3,\"1\",{}]", true, most), whole);
        }
    }

    #[test]
    fn what_fails_is_told_and_forgotten_with_the_connection() {
        let mut sending = Box::new(Sending::new());
        assert!(sending.is_done());
        sending.begin(Opcode::Text, b"[]", true, MASK);
        assert_eq!(sending.write(|_| Err(-104)), Err(-104));
        assert!(!sending.is_done());
        sending.clear();
        assert!(sending.is_done());
    }
}
