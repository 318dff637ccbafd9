//! What reaches the charge point from its threads.

use std::{
    io::{self, BufRead, Read},
    sync::mpsc::SyncSender,
    thread,
};

use crate::{charge_point::Question, files::Failure, link::News};

/// So many messages may wait: a sender that is faster than the charge point is slowed down.
pub const CAPACITY: usize = 64;

/// Bytes of the longest line of input.
pub const LONGEST_LINE: usize = 64 * 1024;

#[derive(Debug)]
pub enum Message {
    /// A line of input.
    Line(String),
    /// A line of input that is not UTF-8, or longer than [`LONGEST_LINE`].
    Unreadable,
    /// The input has ended.
    EndOfInput,
    /// What the panel asks.
    Question(Question),
    /// Something about the connection with that number.
    Link { number: u64, news: News },
    /// The transfer with that number has ended.
    File {
        number: u64,
        outcome: Result<u64, Failure>,
    },
}

/// Reads commands from standard input until it ends.
pub fn read_standard_input(inbox: SyncSender<Message>) -> io::Result<()> {
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let message = next(&mut input);
                let ended = matches!(message, Message::EndOfInput);
                if inbox.send(message).is_err() || ended {
                    return;
                }
            }
        })
        .map(|_| ())
}

/// The next line, or that there is none.
fn next(input: &mut impl BufRead) -> Message {
    let mut line = Vec::new();
    let mut limited = input.by_ref().take(LONGEST_LINE as u64 + 1);
    match limited.read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => return Message::EndOfInput,
        Ok(read) if read <= LONGEST_LINE => {}
        Ok(_) => {
            let skipped = match line.ends_with(b"\n") {
                true => Ok(0),
                false => input.skip_until(b'\n'),
            };
            return match skipped {
                Ok(_) => Message::Unreadable,
                Err(_) => Message::EndOfInput,
            };
        }
    }
    match String::from_utf8(line) {
        Ok(text) => Message::Line(text),
        Err(_) => Message::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lines(input: Vec<u8>) -> Vec<String> {
        let mut input = Cursor::new(input);
        let mut lines = Vec::new();
        loop {
            match next(&mut input) {
                Message::Line(line) => lines.push(line),
                Message::Unreadable => lines.push("unreadable".to_owned()),
                Message::EndOfInput => return lines,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn lines_are_read_as_they_are() {
        assert_eq!(lines(b"a\n\nb".to_vec()), ["a\n", "\n", "b"]);
        assert_eq!(lines(b"\xff\nb\n".to_vec()), ["unreadable", "b\n"]);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept() {
        let longest = "x".repeat(LONGEST_LINE - 1) + "\n";
        let longer = "x".repeat(LONGEST_LINE) + "\n";
        let longest_of_all = "x".repeat(5 * LONGEST_LINE) + "\n";
        let input = longer + &longest + &longest_of_all + "b\n";
        let expected = ["unreadable", &longest, "unreadable", "b\n"];
        assert_eq!(lines(input.into_bytes()), expected);
        let endless = vec![b'x'; 3 * LONGEST_LINE];
        assert_eq!(lines(endless), ["unreadable"]);
    }
}
