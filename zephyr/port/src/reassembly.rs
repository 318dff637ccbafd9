//! Puts text messages together from pieces of websocket frames (RFC 6455, 5.4).

use crate::{limits::RECV_BUFFER_SIZE, socket::Piece};

/// Longest payload of a control frame.
const CONTROL_PAYLOAD: usize = 125;
/// Room behind the message for one of them.
const CONTROL: usize = 128;

const FINAL: u32 = 0x01;
const TEXT: u32 = 0x02;
const BINARY: u32 = 0x04;
const CLOSE: u32 = 0x08;
const PING: u32 = 0x10;
const PONG: u32 = 0x20;

/// What has arrived with a piece.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrived<'b> {
    /// No complete frame, or one that needs no answer.
    Nothing,
    /// A text message.
    Message(&'b [u8]),
    /// A text message that was too long; this is its beginning.
    TooLong(&'b [u8]),
    /// A ping; its payload goes back in a pong.
    Ping(&'b [u8]),
    /// A pong.
    Pong,
    /// The other side closes the connection.
    Close,
    /// A protocol error: the connection fails (RFC 6455, 5.4 and 5.5).
    Invalid,
}

/// A message that is being put together. Pieces of a frame are received behind what there is
/// of the message, because what they belong to is known only later: a control frame may come
/// between the fragments of a message.
pub struct Reassembly {
    buffer: [u8; RECV_BUFFER_SIZE + CONTROL],
    /// Bytes of the message from frames that are complete; at most [`RECV_BUFFER_SIZE`].
    message: usize,
    /// Bytes of the frame that is not complete.
    frame: usize,
    too_long: bool,
    /// What arrived last has been read: the next piece begins a new message.
    delivered: bool,
    /// A message has begun, and its last fragment has not arrived.
    begun: bool,
    /// A message of binary data, which OCPP does not have, is passed over.
    binary: bool,
}

impl Reassembly {
    /// Nothing has arrived.
    pub const fn new() -> Self {
        Self {
            buffer: [0; RECV_BUFFER_SIZE + CONTROL],
            message: 0,
            frame: 0,
            too_long: false,
            delivered: false,
            begun: false,
            binary: false,
        }
    }

    /// A new connection.
    pub fn clear(&mut self) {
        self.frame = 0;
        self.begin();
    }

    fn begin(&mut self) {
        self.message = 0;
        self.too_long = false;
        self.delivered = false;
        self.begun = false;
        self.binary = false;
    }

    /// Where the next piece goes; never empty.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.delivered {
            self.begin();
        }
        self.buffer
            .get_mut(self.message + self.frame..)
            .unwrap_or(&mut [])
    }

    /// Takes account of a piece that was written to [`Self::spare`].
    pub fn take(&mut self, piece: Piece) -> Arrived<'_> {
        let start = self.message;
        self.frame += piece.length;
        let complete = match piece.known {
            Some((kind, 0)) => Some(kind),
            _ => None,
        };
        let Some(kind) = complete else {
            if self.message + self.frame >= self.buffer.len() {
                if matches!(piece.known, Some((kind, _)) if kind & (PING | PONG | CLOSE) != 0) {
                    return Arrived::Invalid;
                }
                // The rest of it is passed over.
                self.too_long = true;
                self.message = RECV_BUFFER_SIZE;
                self.frame = 0;
            }
            return Arrived::Nothing;
        };
        let frame = core::mem::take(&mut self.frame);
        let payload = start..start + frame;
        let is_control = kind & (PING | PONG | CLOSE) != 0;
        let begins = kind & (TEXT | BINARY) != 0;
        // Control frames are not fragmented, and short. A fragment that begins no message goes on
        // with one, and until that has ended none begins. Zephyr has no flag for an opcode that
        // RFC 6455 does not define, so that one looks like the former.
        if is_control && (kind & FINAL == 0 || frame > CONTROL_PAYLOAD)
            || !is_control && begins == self.begun
        {
            return Arrived::Invalid;
        }
        if kind & PING != 0 {
            return Arrived::Ping(self.buffer.get(payload).unwrap_or(&[]));
        }
        if kind & PONG != 0 {
            return Arrived::Pong;
        }
        if kind & CLOSE != 0 {
            return Arrived::Close;
        }
        self.begun = true;
        self.binary |= kind & (TEXT | BINARY) == BINARY;
        self.message = start + frame;
        if self.message > RECV_BUFFER_SIZE {
            self.too_long = true;
            self.message = RECV_BUFFER_SIZE;
        }
        if kind & FINAL == 0 {
            return Arrived::Nothing;
        }
        self.delivered = true;
        self.begun = false;
        let message = self.buffer.get(..self.message).unwrap_or(&[]);
        match () {
            () if self.binary => Arrived::Nothing,
            () if self.too_long => Arrived::TooLong(message),
            () => Arrived::Message(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags, and bytes still to come.
    type Known = Option<(u32, u64)>;

    /// Feeds pieces and lists what arrived.
    fn feed(pieces: &[(&[u8], Known)]) -> Vec<String> {
        let mut reassembly = Box::new(Reassembly::new());
        let mut arrived = Vec::new();
        for (bytes, known) in pieces {
            reassembly.spare()[..bytes.len()].copy_from_slice(bytes);
            let piece = Piece {
                length: bytes.len(),
                known: *known,
            };
            arrived.push(match reassembly.take(piece) {
                Arrived::Nothing => String::new(),
                Arrived::Message(text) => String::from_utf8_lossy(text).into(),
                Arrived::TooLong(text) => format!("too long {}", text.len()),
                Arrived::Ping(text) => format!("ping {}", String::from_utf8_lossy(text)),
                Arrived::Pong => "pong".into(),
                Arrived::Close => "close".into(),
                Arrived::Invalid => "invalid".into(),
            });
        }
        arrived
    }

    #[test]
    fn joins_fragments_with_control_frames_between_them() {
        let arrived = feed(&[
            (b"[2,", Some((TEXT, 0))),
            (b"now", Some((PING | FINAL, 0))),
            (b"3,", Some((0, 0))),
            (b"", Some((PONG | FINAL, 0))),
            (b"4]", Some((FINAL, 0))),
            (b"[]", Some((TEXT | FINAL, 0))),
        ]);
        assert_eq!(arrived, ["", "ping now", "", "pong", "[2,3,4]", "[]"]);
    }

    #[test]
    fn a_frame_of_which_only_a_part_has_arrived_waits_for_the_rest() {
        let arrived = feed(&[
            (b"[2", None),
            (b",3]", Some((TEXT | FINAL, 0))),
            (b"a", None),
            (b"b", Some((PING | FINAL, 0))),
            (b"", Some((CLOSE | FINAL, 0))),
        ]);
        assert_eq!(arrived, ["", "[2,3]", "", "ping ab", "close"]);
    }

    #[test]
    fn the_rest_of_a_long_message_is_passed_over() {
        let whole = [b'x'; RECV_BUFFER_SIZE];
        let full = [b'x'; RECV_BUFFER_SIZE + CONTROL];
        let expected = format!("too long {RECV_BUFFER_SIZE}");
        let arrived = feed(&[
            (&full, Some((TEXT | FINAL, 5000))),
            (&[b'y'; CONTROL], Some((TEXT | FINAL, 4000))),
            (b"yy", Some((TEXT | FINAL, 0))),
            (b"[]", Some((TEXT | FINAL, 0))),
            (&whole, Some((TEXT, 0))),
            (b"p", Some((PING | FINAL, 0))),
            (b"y", Some((FINAL, 0))),
            (&whole, Some((TEXT | FINAL, 0))),
        ]);
        assert_eq!(arrived[..4], ["", "", &expected, "[]"]);
        assert_eq!(arrived[4..7], ["", "ping p", &expected]);
        assert_eq!(arrived[7].len(), RECV_BUFFER_SIZE);
    }

    #[test]
    fn a_fragment_without_a_beginning_is_invalid() {
        assert_eq!(feed(&[(b"[]", Some((FINAL, 0)))]), ["invalid"]);
        assert_eq!(feed(&[(b"[]", Some((0, 0)))]), ["invalid"]);
        let arrived = feed(&[(b"[]", Some((TEXT | FINAL, 0))), (b"", Some((FINAL, 0)))]);
        assert_eq!(arrived, ["[]", "invalid"]);
        let arrived = feed(&[(b"p", Some((PING | FINAL, 0))), (b"[]", Some((FINAL, 0)))]);
        assert_eq!(arrived, ["ping p", "invalid"]);
    }

    #[test]
    fn a_beginning_within_a_message_is_invalid() {
        for kind in [TEXT, TEXT | FINAL, BINARY | FINAL] {
            let arrived = feed(&[(b"[", Some((TEXT, 0))), (b"]", Some((kind, 0)))]);
            assert_eq!(arrived, ["", "invalid"]);
        }
    }

    #[test]
    fn control_frames_are_whole_and_short() {
        for kind in [PING, PONG, CLOSE] {
            assert_eq!(feed(&[(b"p", Some((kind, 0)))]), ["invalid"]);
            assert_eq!(
                feed(&[(&[b'p'; 126], Some((kind | FINAL, 0)))]),
                ["invalid"]
            );
            let full = [b'p'; RECV_BUFFER_SIZE + CONTROL];
            assert_eq!(feed(&[(&full, Some((kind | FINAL, 1)))]), ["invalid"]);
        }
    }

    #[test]
    fn a_message_after_a_connection_that_was_lost_in_another_one_begins() {
        let mut reassembly = Box::new(Reassembly::new());
        let piece = |kind| Piece {
            length: 0,
            known: Some((kind, 0)),
        };
        assert_eq!(reassembly.take(piece(TEXT)), Arrived::Nothing);
        reassembly.clear();
        assert_eq!(reassembly.take(piece(TEXT | FINAL)), Arrived::Message(b""));
    }

    #[test]
    fn binary_messages_are_passed_over() {
        let arrived = feed(&[
            (b"\0", Some((BINARY, 0))),
            (b"[", Some((FINAL, 0))),
            (b"[]", Some((TEXT | FINAL, 0))),
        ]);
        assert_eq!(arrived, ["", "", "[]"]);
    }
}
