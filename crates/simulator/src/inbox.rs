//! What reaches the charge point from its threads.

use std::{
    io::{self, BufRead},
    sync::mpsc::SyncSender,
    thread,
};

use crate::{charge_point::Question, files::Failure, link::News};

/// So many messages may wait: a sender that is faster than the charge point is slowed down.
pub const CAPACITY: usize = 64;

#[derive(Debug)]
pub enum Message {
    /// A line of input.
    Line(String),
    /// A line of input that is not UTF-8.
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
            let mut line = Vec::new();
            loop {
                line.clear();
                let message = match input.read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => Message::EndOfInput,
                    Ok(_) => match str::from_utf8(&line) {
                        Ok(text) => Message::Line(text.to_owned()),
                        Err(_) => Message::Unreadable,
                    },
                };
                let ended = matches!(message, Message::EndOfInput);
                if inbox.send(message).is_err() || ended {
                    return;
                }
            }
        })
        .map(|_| ())
}
