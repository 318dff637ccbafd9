//! A TCP connection that several threads share, and that each of them can end.

use std::{
    io::{self, BufReader, Read},
    net::{Shutdown, TcpStream},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    why_cut: OnceLock<String>,
}

impl Socket {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            why_cut: OnceLock::new(),
        }
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends the connection in both directions. The first reason counts.
    pub fn cut(&self, why: &str) {
        let _ = self.why_cut.set(why.to_owned());
        // It fails when the peer was faster.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Why it was cut on this side, if it was.
    pub fn why_cut(&self) -> Option<String> {
        self.why_cut.get().cloned()
    }
}

/// The reading side of a connection.
#[derive(Debug)]
pub struct ReadHalf(pub Arc<Socket>);

/// What arrives, from the handshake on.
pub type Incoming = BufReader<ReadHalf>;

impl ReadHalf {
    /// Makes the next read fail at the deadline.
    pub fn wait_no_longer_than(&self, deadline: Instant) -> io::Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.0.stream.set_read_timeout(Some(left))
    }

    /// From now on a read waits so long at most; for ever without a limit.
    pub fn wait_at_most(&self, limit: Option<Duration>) -> io::Result<()> {
        self.0.stream.set_read_timeout(limit)
    }
}

impl Read for ReadHalf {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.0.stream).read(buffer)
    }
}
