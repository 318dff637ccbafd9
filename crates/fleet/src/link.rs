//! The connection of one station: what it has by itself, while buffers are the loop's.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr},
};

use mio::{Interest, Registry, Token, net::TcpStream};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, ipproto, socket_with};

use crate::handshake;

/// What may wait to be written: more means that the central system reads nothing.
const MOST_WAITING: usize = 256 * 1024;
/// Head of the answer to the handshake.
const LONGEST_HEAD: usize = 16 * 1024;

#[derive(Debug, Default)]
pub enum State {
    #[default]
    Closed,
    /// With the key of the handshake.
    Connecting(Box<str>),
    Handshaking(Box<str>),
    Open,
}

/// Why a connection is not made, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is none: refused, unreachable, or the time is over.
    Refused,
    /// The answer to the handshake is not what it has to be.
    Rejected,
    /// It was, and is no more.
    Lost,
}

#[derive(Debug, Default)]
pub struct Link {
    stream: Option<TcpStream>,
    pub state: State,
    /// What could not be written yet.
    backlog: Vec<u8>,
    /// What is not a whole frame yet.
    pub partial: Vec<u8>,
    /// Fragments of a message that has not ended.
    pub message: Vec<u8>,
}

impl Link {
    /// Begins to connect; the error is of the operating system.
    pub fn open(
        &mut self,
        registry: &Registry,
        token: Token,
        to: SocketAddr,
        from: Option<IpAddr>,
        key: &str,
    ) -> io::Result<()> {
        self.close();
        let family = match to {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        if let Some(from) = from {
            bind(&socket, &SocketAddr::new(from, 0))?;
        }
        match connect(&socket, &to) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let mut stream = TcpStream::from_std(socket.into());
        // Without it small frames may wait; it works all the same.
        let _ = stream.set_nodelay(true);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        self.stream = Some(stream);
        self.state = State::Connecting(key.into());
        Ok(())
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Ends it at once, and gives back what it took.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    /// True when the TCP connection has come to be, and the request may go.
    pub fn finish_connecting(&mut self) -> Result<bool, Failure> {
        let State::Connecting(key) = &mut self.state else {
            return Ok(false);
        };
        let stream = self.stream.as_ref().ok_or(Failure::Refused)?;
        if stream.take_error().is_ok_and(|error| error.is_none()) {
            match stream.peer_addr() {
                Ok(_) => {
                    self.state = State::Handshaking(std::mem::take(key));
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::NotConnected => return Ok(false),
                Err(_) => {}
            }
        }
        Err(Failure::Refused)
    }

    /// Writes what waits.
    pub fn flush(&mut self) -> Result<(), Failure> {
        if self.backlog.is_empty() || matches!(self.state, State::Connecting(_)) {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.backlog);
        self.write(&waiting)
    }

    /// Writes, or keeps what cannot be written yet.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut left = bytes;
        let stream = self.stream.as_mut().ok_or(Failure::Lost)?;
        while self.backlog.is_empty() && !left.is_empty() {
            match stream.write(left) {
                Ok(written) if written > 0 => left = left.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                _ => return Err(Failure::Lost),
            }
        }
        if !left.is_empty() {
            if self.backlog.len() + left.len() > MOST_WAITING {
                return Err(Failure::Lost);
            }
            self.backlog.extend_from_slice(left);
        }
        Ok(())
    }

    /// Reads what has arrived; nothing when there is nothing more.
    pub fn read(&mut self, into: &mut [u8]) -> Result<Option<usize>, Failure> {
        let failure = match self.state {
            State::Open => Failure::Lost,
            // It ends without an answer.
            _ => Failure::Refused,
        };
        let Some(stream) = self.stream.as_mut() else {
            return Ok(None);
        };
        loop {
            return match stream.read(into) {
                Ok(0) => Err(failure),
                Ok(read) => Ok(Some(read)),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                Err(_) => Err(failure),
            };
        }
    }

    /// Takes bytes of the answer to the handshake. True when it is open: what follows is in `partial`.
    pub fn take_head(&mut self, bytes: &[u8], subprotocol: &str) -> Result<bool, Failure> {
        let State::Handshaking(key) = &self.state else {
            return Ok(false);
        };
        self.partial.extend_from_slice(bytes);
        match judge(&self.partial, key, subprotocol) {
            Some(Ok(length)) => {
                self.partial.drain(..length);
                if self.partial.is_empty() {
                    self.partial = Vec::new();
                }
                self.state = State::Open;
                Ok(true)
            }
            None if self.partial.len() < LONGEST_HEAD => Ok(false),
            _ => Err(Failure::Rejected),
        }
    }
}

/// What an answer to the handshake says: the length of its head where it is good, nothing before its end.
fn judge(head: &[u8], key: &str, subprotocol: &str) -> Option<Result<usize, ()>> {
    let end = |mark: &[u8]| {
        let found = head.windows(mark.len()).position(|bytes| bytes == mark);
        found.map(|at| at + mark.len())
    };
    let ends = [end(b"\r\n\r\n"), end(b"\n\n")];
    let length = ends.into_iter().flatten().min()?;
    let judged = handshake::judge(head.get(..length)?, key, subprotocol);
    Some(judged.map(|()| length).map_err(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_good_answer_opens_the_websocket() {
        // RFC 6455, 1.3.
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let good = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: Upgrade\r\n\
            sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n";
        for length in 0..good.len() {
            assert_eq!(judge(&good.as_bytes()[..length], key, "ocpp1.6"), None);
        }
        let with_more = [good.as_bytes(), b"\x81"].concat();
        assert_eq!(judge(&with_more, key, "ocpp1.6"), Some(Ok(good.len())));
        for (from, to) in [("101", "200"), ("s3pP", "s3pQ"), ("ocpp1.6", "ocpp1.5")] {
            let bad = good.replace(from, to);
            assert_eq!(judge(bad.as_bytes(), key, "ocpp1.6"), Some(Err(())), "{to}");
        }
        let bare = good.replace("\r\n", "\n");
        assert_eq!(judge(bare.as_bytes(), key, "ocpp1.6"), Some(Ok(bare.len())));
        assert_eq!(judge(b"SSH-2.0\r\n\r\n", key, "ocpp1.6"), Some(Err(())));
    }
}
