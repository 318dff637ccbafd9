//! Opening: TCP, then the websocket handshake.

use std::{
    io::{self, BufReader, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use tungstenite::handshake::client::generate_request;

use super::{
    handshake,
    socket::{Incoming, ReadHalf, Socket},
};
use crate::address::Address;

/// For each step of opening.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read at once.
const READ_BUFFER: usize = 16 * 1024;

/// Opens a websocket for that subprotocol; the error is one line.
pub fn open(address: &Address, subprotocol: &'static str) -> Result<Incoming, String> {
    let complain = |problem: String| format!("cannot connect to {}: {problem}", address.url());
    let stream = connect(address).map_err(|error| complain(error.to_string()))?;
    shake_hands(stream, address, subprotocol).map_err(complain)
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
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn shake_hands(
    stream: TcpStream,
    address: &Address,
    subprotocol: &'static str,
) -> Result<Incoming, String> {
    let deadline = Instant::now() + PATIENCE;
    let request = address
        .request(subprotocol)
        .map_err(|error| error.to_string())?;
    let (request, key) = generate_request(request).map_err(|error| error.to_string())?;
    let socket = Arc::new(Socket::new(stream));
    let mut input = BufReader::with_capacity(READ_BUFFER, ReadHalf(Arc::clone(&socket)));
    let mut output = socket.stream();
    output.write_all(&request).map_err(why)?;
    let head = handshake::read_head(&mut input, deadline).map_err(why)?;
    handshake::judge(&head, &key, subprotocol)?;
    input.get_ref().wait_at_most(None).map_err(why)?;
    Ok(input)
}

fn why(error: io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            "no answer to the handshake".to_owned()
        }
        io::ErrorKind::UnexpectedEof => "closed before the answer to the handshake".to_owned(),
        io::ErrorKind::InvalidData => "the answer to the handshake is too long".to_owned(),
        _ => error.to_string(),
    }
}
