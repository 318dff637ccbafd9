//! Lines on their way to the port: a ring of bytes that takes and drops whole lines only.

/// Ends each line, and is nowhere else in it.
const END: u8 = b'\n';

/// Room for `SIZE` bytes.
#[derive(Debug)]
pub struct Ring<const SIZE: usize> {
    bytes: [u8; SIZE],
    /// Where the first byte is.
    head: usize,
    length: usize,
    /// A part of the first line has left already.
    begun: bool,
}

impl<const SIZE: usize> Ring<SIZE> {
    pub const fn new() -> Self {
        Self {
            bytes: [0; SIZE],
            head: 0,
            length: 0,
            begun: false,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn len(&self) -> usize {
        self.length
    }

    pub fn room(&self) -> usize {
        SIZE - self.length
    }

    /// Takes a whole line; false, and nothing of it, when there is no room.
    pub fn push(&mut self, line: &[u8]) -> bool {
        if line.len() > self.room() {
            return false;
        }
        let tail = wrapped::<SIZE>(self.head + self.length);
        let Some((before, behind)) = self.bytes.split_at_mut_checked(tail) else {
            return false;
        };
        let places = behind.iter_mut().chain(before);
        places.zip(line).for_each(|(place, byte)| *place = *byte);
        self.length += line.len();
        true
    }

    /// The first bytes, as many as lie side by side.
    pub fn front(&self) -> &[u8] {
        let behind = self.bytes.get(self.head..).unwrap_or_default();
        behind.get(..self.length).unwrap_or(behind)
    }

    /// The first `count` bytes, of those of [`front`](Self::front), have left.
    pub fn advance(&mut self, count: usize) {
        let Some(last) = count.checked_sub(1) else {
            return;
        };
        if let Some(byte) = self.front().get(last) {
            self.begun = *byte != END;
            self.head = wrapped::<SIZE>(self.head + count);
            self.length -= count;
        }
    }

    /// Drops all lines but the rest of one that has begun to leave, and tells how many.
    pub fn discard(&mut self) -> u32 {
        let Some((before, behind)) = self.bytes.split_at_checked(self.head) else {
            return 0;
        };
        let content = behind.iter().chain(before).take(self.length);
        let mut kept = 0;
        let mut dropped = 0;
        let mut is_rest = self.begun;
        for (place, byte) in (1..).zip(content) {
            if *byte == END {
                match is_rest {
                    true => kept = place,
                    false => dropped += 1,
                }
                is_rest = false;
            }
        }
        self.length = kept;
        dropped
    }
}

/// Places behind the end are those at the beginning; no place is more than once around.
const fn wrapped<const SIZE: usize>(place: usize) -> usize {
    if place < SIZE { place } else { place - SIZE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(ring: &mut Ring<16>, mut count: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        while count > 0 && !ring.is_empty() {
            let front = ring.front();
            let piece = front[..front.len().min(count)].to_vec();
            ring.advance(piece.len());
            count -= piece.len();
            taken.extend(piece);
        }
        taken
    }

    #[test]
    fn lines_go_around() {
        let mut ring = Ring::<16>::new();
        for number in 0..100u8 {
            let line = [b'a' + number % 26, b'0' + number % 10, b'x', b'\r', b'\n'];
            assert!(ring.push(&line));
            assert!(ring.push(&line));
            assert_eq!(ring.room(), 6);
            assert_eq!(take(&mut ring, 10), [line, line].concat());
        }
    }

    #[test]
    fn a_line_that_does_not_fit_leaves_no_trace() {
        let mut ring = Ring::<16>::new();
        assert!(ring.push(b"0123456789\r\n"));
        assert!(!ring.push(b"abc\r\n"));
        assert!(ring.push(b"ab\r\n"));
        assert_eq!(ring.room(), 0);
        assert!(!ring.push(b"\n"));
        assert_eq!(take(&mut ring, 99), b"0123456789\r\nab\r\n");
    }

    #[test]
    fn what_is_dropped_are_lines_that_have_not_begun() {
        for left in 0..=12 {
            let mut ring = Ring::<16>::new();
            // Not at the beginning, so that the content goes around.
            ring.push(b"123456789\r\n");
            take(&mut ring, 11);
            ring.push(b"abc\r\ndef\r\n\r\n");
            let mut all = take(&mut ring, left);
            let dropped = ring.discard();
            all.extend(take(&mut ring, 99));
            let expected: (&[u8], u32) = match left {
                0 => (b"", 3),
                1..=5 => (b"abc\r\n", 2),
                6..=10 => (b"abc\r\ndef\r\n", 1),
                _ => (b"abc\r\ndef\r\n\r\n", 0),
            };
            assert_eq!((all.as_slice(), dropped), expected, "{left} left before");
        }
    }

    #[test]
    fn more_than_there_is_does_not_leave() {
        let mut ring = Ring::<16>::new();
        ring.push(b"a\r\n");
        ring.advance(4);
        assert_eq!(ring.front(), b"a\r\n");
        ring.advance(0);
        assert_eq!(ring.len(), 3);
    }
}
