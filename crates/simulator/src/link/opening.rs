//! Opening: TCP, then the websocket handshake.

use std::{
    io,
    net::TcpStream,
    time::{Duration, Instant},
};

use tungstenite::{
    Error, HandshakeError, WebSocket,
    error::{ProtocolError, SubProtocolError},
    protocol::WebSocketConfig,
};

use super::socket::ReadHalf;
use crate::address::{Address, SUBPROTOCOL};

pub type Reader = WebSocket<ReadHalf>;

/// For each step of opening.
const PATIENCE: Duration = Duration::from_secs(10);
/// A peer that does not take what is written for so long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// Whatever a test sends: the engine, not the transport, says that it is too long.
const LONGEST_MESSAGE: usize = 16 << 20;

/// Opens a websocket; the error is one line.
pub fn open(address: &Address) -> Result<Reader, String> {
    let complain = |problem: String| format!("cannot connect to {}: {problem}", address.url());
    let stream = connect(address).map_err(|error| complain(error.to_string()))?;
    let request = address
        .request()
        .map_err(|error| complain(error.to_string()))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    let half = ReadHalf::new(stream);
    let socket = half.socket();
    match tungstenite::client::client_with_config(request, half, Some(config)) {
        Ok((websocket, _)) => {
            let prepared = socket.stream().set_read_timeout(None);
            prepared.map_err(|error| complain(error.to_string()))?;
            Ok(websocket)
        }
        Err(HandshakeError::Failure(error)) => Err(complain(why(error))),
        Err(HandshakeError::Interrupted(_)) => {
            Err(complain("no answer to the handshake".to_owned()))
        }
    }
}

/// A TCP connection to the first address that accepts one.
fn connect(address: &Address) -> io::Result<TcpStream> {
    let deadline = Instant::now() + PATIENCE;
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for place in address.resolve()? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&place, left) {
            Ok(stream) => {
                // Frames are small and answers are waited for.
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(WRITE_PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn why(error: Error) -> String {
    match error {
        Error::Http(response) => format!("refused with HTTP status {}", response.status()),
        // OCPP-J 1.6, 3.1.2: without the subprotocol there is nothing to talk about.
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(error)) => match error {
            SubProtocolError::NoSubProtocol | SubProtocolError::InvalidSubProtocol => {
                format!("the central system did not choose the subprotocol {SUBPROTOCOL}")
            }
            other => other.to_string(),
        },
        other => other.to_string(),
    }
}
