//! Websocket frames as a client reads them (RFC 6455, 5): messages whatever their length, of
//! which no more is kept than the station takes.

use std::io::{self, Read};

use tungstenite::protocol::frame::coding::CloseCode;

/// Longest text that the station is given whole. Of a longer one it gets the beginning, which
/// holds the message id, and answers that it is too long.
pub const RECEIVE_BUFFER: usize = 64 * 1024;
/// Of a longer message not even the end is waited for.
const LONGEST_MESSAGE: u64 = 16 << 20;
/// RFC 6455, 5.5.
const LONGEST_CONTROL: u64 = 125;
/// What is looked at at once.
const CHUNK: u64 = 4096;

/// Something that arrived whole.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrived {
    Text(String),
    /// The beginning of a text of so many bytes.
    LongText {
        beginning: String,
        bytes: u64,
    },
    Ping(Vec<u8>),
    Pong,
    /// A status and a reason, where the peer gave them.
    Close(Option<(u16, String)>),
}

/// Why nothing more can be read.
#[derive(Debug)]
pub enum End {
    /// The peer has ended the connection.
    Eof,
    Failed(io::Error),
    /// The peer broke a rule; what to tell it, and the user.
    Breach(CloseCode, &'static str),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Eof,
            _ => Self::Failed(error),
        }
    }
}

/// A message of which fragments have arrived.
#[derive(Debug, Default)]
struct Message {
    /// The first [`RECEIVE_BUFFER`] bytes.
    beginning: Vec<u8>,
    bytes: u64,
    /// The first bytes of a character whose others have not arrived.
    unfinished: Vec<u8>,
}

impl Message {
    fn take(&mut self, part: &[u8]) -> Result<(), End> {
        self.bytes += part.len() as u64;
        let room = RECEIVE_BUFFER.saturating_sub(self.beginning.len());
        self.beginning.extend(part.iter().take(room));
        self.unfinished.extend_from_slice(part);
        let valid = match str::from_utf8(&self.unfinished) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Err(NOT_UTF8),
        };
        self.unfinished.drain(..valid);
        Ok(())
    }

    fn finish(self) -> Result<Arrived, End> {
        if !self.unfinished.is_empty() {
            return Err(NOT_UTF8);
        }
        let is_whole = self.bytes == self.beginning.len() as u64;
        // A character that the end of the buffer has cut is left out.
        let valid = match str::from_utf8(&self.beginning) {
            Ok(text) => text,
            Err(error) => str::from_utf8(self.beginning.get(..error.valid_up_to()).unwrap_or(&[]))
                .unwrap_or_default(),
        };
        let beginning = valid.to_owned();
        Ok(match is_whole {
            true => Arrived::Text(beginning),
            false => Arrived::LongText {
                beginning,
                bytes: self.bytes,
            },
        })
    }
}

const NOT_UTF8: End = End::Breach(CloseCode::Invalid, "a text that is not UTF-8");

fn breach(what: &'static str) -> End {
    End::Breach(CloseCode::Protocol, what)
}

/// The head of a frame.
struct Head {
    is_last: bool,
    opcode: u8,
    length: u64,
}

/// Reads frames.
#[derive(Debug)]
pub struct Frames<R> {
    pub input: R,
    message: Option<Message>,
}

impl<R: Read> Frames<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            message: None,
        }
    }

    /// Waits for what arrives next.
    pub fn next(&mut self) -> Result<Arrived, End> {
        loop {
            let head = self.head()?;
            match (head.opcode, &self.message) {
                (8..=10, _) => return self.control(&head),
                (0, None) => return Err(breach("a continuation of no message")),
                (1, Some(_)) => return Err(breach("a message within another one")),
                (0, Some(_)) => {}
                (1, None) => self.message = Some(Message::default()),
                // OCPP-J 1.6, 4: messages are text.
                (2, _) => {
                    let what = "a binary message is refused";
                    return Err(End::Breach(CloseCode::Unsupported, what));
                }
                _ => return Err(breach("a frame of an unknown kind")),
            }
            self.payload(head.length)?;
            if head.is_last
                && let Some(message) = self.message.take()
            {
                return message.finish();
            }
        }
    }

    fn head(&mut self) -> Result<Head, End> {
        let [first, second] = self.array()?;
        if first & 0x70 != 0 {
            return Err(breach("a frame of an extension that was not asked for"));
        }
        // RFC 6455, 5.1: a server masks nothing.
        if second & 0x80 != 0 {
            return Err(breach("a masked frame"));
        }
        let length = match second & 0x7f {
            126 => u16::from_be_bytes(self.array()?).into(),
            127 => u64::from_be_bytes(self.array()?),
            short => short.into(),
        };
        Ok(Head {
            is_last: first & 0x80 != 0,
            opcode: first & 0x0f,
            length,
        })
    }

    fn control(&mut self, head: &Head) -> Result<Arrived, End> {
        if !head.is_last || head.length > LONGEST_CONTROL {
            return Err(breach("a control frame that is too long or in parts"));
        }
        let mut payload = Vec::new();
        self.part(head.length, &mut payload)?;
        Ok(match (head.opcode, payload.as_slice()) {
            (9, _) => Arrived::Ping(payload),
            (10, _) => Arrived::Pong,
            (_, []) => Arrived::Close(None),
            (_, [high, low, reason @ ..]) => {
                let reason = str::from_utf8(reason).map_err(|_| NOT_UTF8)?;
                let status = u16::from_be_bytes([*high, *low]);
                Arrived::Close(Some((status, reason.to_owned())))
            }
            _ => return Err(breach("a close frame with half a status")),
        })
    }

    fn payload(&mut self, length: u64) -> Result<(), End> {
        let so_far = self.message.as_ref().map_or(0, |message| message.bytes);
        if length > LONGEST_MESSAGE - so_far.min(LONGEST_MESSAGE) {
            return Err(End::Breach(CloseCode::Size, "a message that is too long"));
        }
        let mut left = length;
        let mut part = Vec::new();
        while left > 0 {
            part.clear();
            let taken = left.min(CHUNK);
            self.part(taken, &mut part)?;
            if let Some(message) = &mut self.message {
                message.take(&part)?;
            }
            left -= taken;
        }
        Ok(())
    }

    fn part(&mut self, length: u64, into: &mut Vec<u8>) -> Result<(), End> {
        let read = (&mut self.input).take(length).read_to_end(into)?;
        match read as u64 == length {
            true => Ok(()),
            false => Err(End::Eof),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], End> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            length @ ..126 => bytes.push(length as u8),
            length @ ..0x1_0000 => {
                bytes.push(126);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend(payload);
        bytes
    }

    /// Gives a byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match (self.0, buffer) {
                ([byte, rest @ ..], [place, ..]) => {
                    *place = *byte;
                    self.0 = rest;
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    fn read(bytes: &[u8]) -> (Vec<Arrived>, End) {
        let mut frames = Frames::new(Drops(bytes));
        let mut all = Vec::new();
        loop {
            match frames.next() {
                Ok(arrived) => all.push(arrived),
                Err(end) => return (all, end),
            }
        }
    }

    fn broken(bytes: &[u8]) -> CloseCode {
        match read(bytes) {
            (_, End::Breach(code, _)) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_and_control_frames_are_read_byte_by_byte() {
        let euro = "€".as_bytes();
        let bytes = [
            frame(0x81, b"one"),
            frame(0x01, &euro[..1]),
            frame(0x89, b"ping"),
            frame(0x00, &euro[1..2]),
            frame(0x8a, b""),
            frame(0x80, &euro[2..]),
            frame(0x81, b""),
            frame(0x81, &[b'x'; 70_000][..RECEIVE_BUFFER]),
            frame(0x88, b""),
            frame(0x88, b"\x03\xe8bye"),
        ]
        .concat();
        let (all, end) = read(&bytes);
        assert!(matches!(end, End::Eof));
        let expected = [
            Arrived::Text("one".into()),
            Arrived::Ping(b"ping".to_vec()),
            Arrived::Pong,
            Arrived::Text("€".into()),
            Arrived::Text(String::new()),
            Arrived::Text("x".repeat(RECEIVE_BUFFER)),
            Arrived::Close(None),
            Arrived::Close(Some((1000, "bye".into()))),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn of_a_long_message_only_the_beginning_is_kept() {
        let text = "a".to_owned() + &"é".repeat(RECEIVE_BUFFER);
        let mut frames = Frames::new(io::Cursor::new(frame(0x81, text.as_bytes())));
        let arrived = frames.next().unwrap();
        let Arrived::LongText { beginning, bytes } = arrived else {
            panic!("{arrived:?}");
        };
        assert_eq!(bytes, 2 * RECEIVE_BUFFER as u64 + 1);
        // The last character of the buffer is cut.
        assert_eq!(beginning.len(), RECEIVE_BUFFER - 1);
        assert!(text.starts_with(&beginning));
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        for (bytes, code) in [
            (frame(0xc1, b""), CloseCode::Protocol),
            (vec![0x81, 0x80, 1, 2, 3, 4], CloseCode::Protocol),
            (frame(0x80, b"x"), CloseCode::Protocol),
            (
                [frame(0x01, b"x"), frame(0x81, b"y")].concat(),
                CloseCode::Protocol,
            ),
            (frame(0x82, b"x"), CloseCode::Unsupported),
            (frame(0x83, b"x"), CloseCode::Protocol),
            (frame(0x8b, b"x"), CloseCode::Protocol),
            (frame(0x09, b"x"), CloseCode::Protocol),
            (frame(0x89, &[0; 126]), CloseCode::Protocol),
            (frame(0x88, b"\x03"), CloseCode::Protocol),
            (frame(0x88, b"\x03\xe8\xff"), CloseCode::Invalid),
            (frame(0x81, b"\xff"), CloseCode::Invalid),
            (frame(0x81, &"€".as_bytes()[..2]), CloseCode::Invalid),
            ([&[0x81, 127][..], &[0xff; 8]].concat(), CloseCode::Size),
            (
                [&[0x81, 127][..], &((16u64 << 20) + 1).to_be_bytes()].concat(),
                CloseCode::Size,
            ),
        ] {
            assert_eq!(broken(&bytes), code, "{bytes:x?}");
        }
        let half = frame(0x81, b"whole");
        assert!(matches!(read(&half[..4]), (all, End::Eof) if all.is_empty()));
    }
}
