//! A central system made of bytes: it does what no central system should.

use std::{
    io::{self, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use central_system::tungstenite::handshake::derive_accept_key;
use serde_json::{Value, json};

use crate::charge_point::SOON;

/// Headers of an answer that is right but for its `Sec-WebSocket-Accept`.
pub const SWITCHING: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                             Connection: Upgrade\r\nSec-WebSocket-Protocol: ocpp1.6\r\n";

pub struct Door(TcpListener);

impl Door {
    pub fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub fn url(&self) -> String {
        format!("ws://{}/ocpp", self.0.local_addr().unwrap())
    }

    /// Takes a connection and reads the request: the stream, and the right
    /// `Sec-WebSocket-Accept`.
    pub fn request(&self) -> (TcpStream, String) {
        let (stream, _) = self.0.accept().unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            (&stream).read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_key = name.eq_ignore_ascii_case("Sec-WebSocket-Key");
            is_key.then(|| value.trim().to_owned())
        });
        (stream, derive_accept_key(key.unwrap().as_bytes()))
    }

    /// Lets a charge point in.
    pub fn accept(&self) -> Peer {
        let (stream, accept) = self.request();
        let answer = format!("{SWITCHING}Sec-WebSocket-Accept: {accept}\r\n\r\n");
        (&stream).write_all(answer.as_bytes()).unwrap();
        Peer::new(stream)
    }
}

/// The central system's end of a websocket.
pub struct Peer {
    pub stream: TcpStream,
    input: BufReader<TcpStream>,
}

impl Peer {
    pub fn new(stream: TcpStream) -> Self {
        let input = BufReader::new(stream.try_clone().unwrap());
        Self { stream, input }
    }

    /// The next frame: its opcode and what it says.
    pub fn frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let [first, second] = self.array()?;
        assert_eq!(second & 0x80, 0x80, "a client masks");
        let length = match second & 0x7f {
            126 => u16::from_be_bytes(self.array()?).into(),
            127 => u64::from_be_bytes(self.array()?),
            short => short.into(),
        };
        let mask: [u8; 4] = self.array()?;
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.input.read_exact(&mut payload)?;
        for (byte, mask) in payload.iter_mut().zip(mask.into_iter().cycle()) {
            *byte ^= mask;
        }
        Ok((first & 0x0f, payload))
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The next message; pings before it are answered.
    pub fn message(&mut self) -> Value {
        loop {
            match self.frame().expect("a message in time") {
                (1, payload) => return serde_json::from_slice(&payload).unwrap(),
                (9, payload) => self.stream.write_all(&frame(0x8a, &payload)).unwrap(),
                _ => {}
            }
        }
    }

    pub fn send(&mut self, text: &str) {
        self.stream
            .write_all(&frame(0x81, text.as_bytes()))
            .unwrap();
    }

    /// Accepts the charge point, and answers until it has nothing more to tell.
    pub fn boot(&mut self) {
        loop {
            let call = self.message();
            let id = &call[1];
            let answer = match call[2].as_str().unwrap() {
                "BootNotification" => json!([3, id, {
                    "status": "Accepted",
                    "currentTime": "2026-01-01T00:00:00Z",
                    "interval": 86_400,
                }]),
                _ => json!([3, id, {}]),
            };
            self.send(&answer.to_string());
            if call[3]["connectorId"] == 2 {
                return;
            }
        }
    }

    /// Waits for the answer to a CALL.
    pub fn answer(&mut self, id: &str) -> Value {
        let deadline = Instant::now() + SOON;
        while Instant::now() < deadline {
            let message = self.message();
            if message[0] != 2 && message[1] == id {
                return message;
            }
        }
        panic!("no answer to {id}");
    }

    /// True when the charge point ends the connection in time.
    pub fn is_left_within(&mut self, patience: Duration) -> bool {
        self.stream.set_read_timeout(Some(patience)).unwrap();
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            match self.frame() {
                Ok(_) => {}
                Err(error) => {
                    use io::ErrorKind::{TimedOut, WouldBlock};
                    return !matches!(error.kind(), TimedOut | WouldBlock);
                }
            }
        }
        false
    }
}

/// A frame as a server sends it.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
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
