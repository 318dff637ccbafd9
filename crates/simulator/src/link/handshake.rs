//! The answer to the websocket handshake, read.

use std::{
    io::{self, BufRead, ErrorKind},
    time::Instant,
};

use super::socket::Incoming;

/// Longest head of an answer: more than any server sends.
const LONGEST_HEAD: usize = 16 * 1024;

/// Reads the head of the answer, up to its empty line, however it is cut into pieces. What
/// follows stays unread.
pub fn read_head(input: &mut Incoming, deadline: Instant) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        input.get_ref().wait_no_longer_than(deadline)?;
        let buffer = match input.fill_buf() {
            Ok([]) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(buffer) => buffer,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let line = buffer.iter().position(|byte| *byte == b'\n');
        let taken = line.map_or(buffer.len(), |end| end + 1);
        head.extend(buffer.iter().take(taken));
        input.consume(taken);
        if head.len() > LONGEST_HEAD {
            return Err(ErrorKind::InvalidData.into());
        }
    }
    Ok(head)
}
