//! The reading side of a connection.

use std::{
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};

use tungstenite::protocol::frame::coding::CloseCode;

use super::{
    CLOSE_PATIENCE, News,
    budget::Budget,
    frames::{Arrived, End, Frames},
    outbox::Outbox,
    socket::Incoming,
};

/// Reads until the connection ends, and says why it did.
pub fn read(frames: &mut Frames<Incoming>, outbox: &Outbox, tell: &dyn Fn(News) -> bool) -> String {
    let budget = Arc::new(Budget::default());
    loop {
        let arrived = frames.next();
        let at = Instant::now();
        let (text, bytes) = match arrived {
            Ok(Arrived::Text(text)) => (text, None),
            Ok(Arrived::LongText { beginning, bytes }) => (beginning, Some(bytes)),
            Ok(Arrived::Ping(payload)) => {
                outbox.pong(payload);
                continue;
            }
            Ok(Arrived::Pong) => {
                outbox.pong_arrived();
                continue;
            }
            Ok(Arrived::Close(frame)) => {
                outbox.close(frame.as_ref().map(|(code, _)| reply(*code)), "");
                // The server ends TCP (RFC 6455, 7.1.1), but it may have forgotten how.
                wait_for_end(&mut frames.input);
                return farewell(frame);
            }
            Err(End::Eof) => return "the connection was lost".to_owned(),
            Err(End::Failed(error)) => return format!("the connection was lost: {error}"),
            Err(End::Breach(code, what)) => {
                outbox.close(Some(code), "");
                tell(News::Offence(format!("the central system sent {what}")));
                wait_for_end(&mut frames.input);
                return format!("closed here: {what}");
            }
        };
        let share = budget.take(text.len());
        outbox.wait_for_room();
        if !tell(News::Text {
            text,
            bytes,
            at,
            share,
        }) {
            return "the station has ended".to_owned();
        }
    }
}

/// The status that answers a close frame with that one (RFC 6455, 5.5.1 and 7.4).
fn reply(code: u16) -> CloseCode {
    let code = CloseCode::from(code);
    match code.is_allowed() {
        true => code,
        false => CloseCode::Protocol,
    }
}

fn farewell(frame: Option<(u16, String)>) -> String {
    match frame {
        Some((code, reason)) if !reason.is_empty() => {
            format!("closed by the central system: {code} {reason}")
        }
        Some((code, _)) => format!("closed by the central system: {code}"),
        None => "closed by the central system".to_owned(),
    }
}

/// Reads on until the peer has closed, for a while: a connection that is cut with unread bytes
/// in it takes the close frame back.
fn wait_for_end(input: &mut Incoming) {
    let deadline = Instant::now() + CLOSE_PATIENCE;
    let mut buffer = [0; 4096];
    while Instant::now() < deadline {
        // It fails when the connection is gone, and then reading does not wait either.
        let _ = input
            .get_ref()
            .wait_at_most(Some(Duration::from_millis(100)));
        match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
