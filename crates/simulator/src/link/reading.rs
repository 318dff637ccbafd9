//! The reading side of a connection.

use std::{io::Read, sync::mpsc::Sender, time::Instant};

use tungstenite::{Error, Message, error::ProtocolError, protocol::frame::coding::CloseCode};

use super::{CLOSE_PATIENCE, News, opening::Reader, writing::Order};

/// Reads until the connection ends, and says why it did.
pub fn read(websocket: &mut Reader, orders: &Sender<Order>, tell: &dyn Fn(News) -> bool) -> String {
    let order = |order| {
        // Without a writer the connection is cut, which the next read notices.
        let _ = orders.send(order);
    };
    let mut farewell = None;
    loop {
        match websocket.read() {
            Ok(Message::Text(text)) => {
                if !tell(News::Text(text.as_str().to_owned())) {
                    return "nobody listens".to_owned();
                }
            }
            Ok(Message::Binary(_)) => {
                // OCPP-J 1.6, 4: messages are text.
                order(Order::Close(CloseCode::Unsupported, "text only"));
                tell(News::Offence("a binary message is refused".to_owned()));
            }
            Ok(Message::Pong(_)) => order(Order::PongArrived),
            Ok(Message::Close(frame)) => {
                farewell = Some(match frame {
                    Some(frame) if !frame.reason.is_empty() => format!(
                        "closed by the central system: {} {}",
                        u16::from(frame.code),
                        frame.reason
                    ),
                    Some(frame) => {
                        format!("closed by the central system: {}", u16::from(frame.code))
                    }
                    None => "closed by the central system".to_owned(),
                });
                // The server ends TCP (RFC 6455, 7.1.1), but it may have forgotten how.
                be_impatient(websocket);
            }
            Ok(Message::Ping(_) | Message::Frame(_)) => {}
            Err(error) => {
                if let Some(code) = reproach(&error) {
                    order(Order::Close(code, ""));
                    wait_for_end(websocket);
                }
                return farewell.unwrap_or_else(|| why(error));
            }
        }
    }
}

/// Why reading failed.
fn why(error: Error) -> String {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => "closed".to_owned(),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            "the connection was lost".to_owned()
        }
        Error::Io(error) => format!("the connection was lost: {error}"),
        other => other.to_string(),
    }
}

/// What a peer is told that broke the rules (RFC 6455, 7.4.1).
fn reproach(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(_) => Some(CloseCode::Size),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}

/// Reads what nobody wants to know until the peer has closed, for a while: a connection that
/// is cut with unread bytes in it takes the close frame back.
fn wait_for_end(websocket: &mut Reader) {
    be_impatient(websocket);
    let deadline = Instant::now() + CLOSE_PATIENCE;
    let mut buffer = [0; 4096];
    while Instant::now() < deadline {
        if !matches!(websocket.get_mut().read(&mut buffer), Ok(1..)) {
            return;
        }
    }
}

/// From now on reading waits no longer than a close handshake takes.
fn be_impatient(websocket: &Reader) {
    let socket = websocket.get_ref().socket();
    // It fails when the connection is gone, and then reading does not wait either.
    let _ = socket.stream().set_read_timeout(Some(CLOSE_PATIENCE));
}
