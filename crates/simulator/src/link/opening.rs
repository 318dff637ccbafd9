//! Opening: TCP, TLS where the security profile has it, then the websocket handshake.

use std::{
    io::{self, BufReader, ErrorKind},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use ocpp::domain::SecurityEvent;
use tungstenite::handshake::client::generate_request;

use super::{
    handshake,
    session::Session,
    socket::{Incoming, ReadHalf, Socket},
};
use crate::{
    address::{Access, Address},
    tls::{Refusal, TlsFiles},
};

/// For each step of opening.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read at once.
const READ_BUFFER: usize = 16 * 1024;

/// What a websocket is opened with.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: Address,
    pub access: Access,
    pub files: Arc<TlsFiles>,
    pub subprotocol: &'static str,
}

/// Opens a websocket.
pub fn open(target: &Target) -> Result<Incoming, Refusal> {
    let opened = connect(target).and_then(|stream| shake_hands(stream, target));
    opened.map_err(|refusal| {
        let url = target.address.url(&target.access);
        let problem = format!("cannot connect to {url}: {}", refusal.problem);
        Refusal { problem, ..refusal }
    })
}

/// A TCP connection to the first address that accepts one.
fn connect(target: &Target) -> Result<TcpStream, Refusal> {
    let deadline = Instant::now() + PATIENCE;
    let mut failure = io::Error::new(ErrorKind::NotFound, "the host has no address");
    let places = target.address.resolve(&target.access);
    for place in places.map_err(|error| error.to_string())? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&place, left) {
            Ok(stream) => {
                // Frames are small and answers are waited for.
                stream
                    .set_nodelay(true)
                    .map_err(|error| error.to_string())?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure.to_string().into())
}

fn shake_hands(stream: TcpStream, target: &Target) -> Result<Incoming, Refusal> {
    let session = match target.access.uses_tls() {
        true => {
            let shows_certificate = target.access.shows_certificate();
            let config = target.files.client_config(shows_certificate)?;
            let deadline = Instant::now() + PATIENCE;
            let host = target.address.host();
            Some(Session::open(&stream, config, host, deadline)?)
        }
        false => None,
    };
    let deadline = Instant::now() + PATIENCE;
    let request = target.address.request(&target.access, target.subprotocol)?;
    let (request, key) = generate_request(request).map_err(|error| error.to_string())?;
    let socket = Arc::new(Socket::new(stream, session));
    let mut input = BufReader::with_capacity(READ_BUFFER, ReadHalf::new(Arc::clone(&socket)));
    // With TLS 1.3 a central system refuses a certificate after the handshake, as the client sees it, and
    // may have closed by now: what it said is still there to be read.
    let written = socket.write(&request, deadline);
    let head = handshake::read_head(&mut input, deadline);
    let head = match (written, head) {
        (_, Err(error)) if socket.refusal(&error).is_some() => Err(error),
        (Err(error), _) => Err(error),
        (Ok(()), head) => head,
    };
    let head = head.map_err(|error| socket.refusal(&error).unwrap_or_else(|| why(&error)))?;
    fleet::handshake::judge(&head, &key, target.subprotocol).map_err(|problem| Refusal {
        event: fleet::handshake::is_unauthorized(&head)
            .then_some(SecurityEvent::FailedToAuthenticateAtCentralSystem),
        problem,
    })?;
    let unlimited = input.get_ref().wait_at_most(None);
    unlimited.map_err(|error| error.to_string())?;
    Ok(input)
}

fn why(error: &io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "no answer to the handshake".into(),
        ErrorKind::UnexpectedEof => "closed before the answer to the handshake".into(),
        ErrorKind::InvalidData => "the answer to the handshake is too long".into(),
        _ => error.to_string().into(),
    }
}
