//! A TCP connection, with TLS or without, that several threads share, and that each of them can end.

use std::{
    io::{self, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use super::session::{Raw, Session};
use crate::tls::Refusal;

/// How long the last words of TLS may take.
const FAREWELL_PATIENCE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    session: Option<Session>,
    /// Held while something is written, so that records leave in their order.
    writing: Mutex<()>,
    why_cut: OnceLock<String>,
}

impl Socket {
    pub fn new(stream: TcpStream, session: Option<Session>) -> Self {
        Self {
            stream,
            session,
            writing: Mutex::new(()),
            why_cut: OnceLock::new(),
        }
    }

    /// Writes all of it until then, or fails.
    pub fn write(&self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.session {
            Some(session) => self.write_raw(&session.encrypt(bytes)?, deadline),
            None => self.write_raw(bytes, deadline),
        }
    }

    fn write_raw(&self, bytes: &[u8], deadline: Instant) -> io::Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            let patience = deadline.saturating_duration_since(Instant::now());
            // Zero would be for ever.
            let patience = patience.max(Duration::from_millis(1));
            self.stream.set_write_timeout(Some(patience))?;
            match (&self.stream).write(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => left = left.get(written..).unwrap_or(&[]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Err(error) => return Err(error),
            }
            if !left.is_empty() && Instant::now() >= deadline {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Says that nothing more comes, where TLS wants that said and nothing is being written.
    pub fn bid_farewell(&self) {
        if let Some(session) = &self.session
            && let Ok(_writing) = self.writing.try_lock()
            && let Ok(records) = session.farewell()
        {
            // It fails when the peer was faster.
            let _ = self.write_raw(&records, Instant::now() + FAREWELL_PATIENCE);
        }
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

    /// What an error means, if it is one of TLS.
    pub fn refusal(&self, error: &io::Error) -> Option<Refusal> {
        self.session.as_ref()?.refusal(error)
    }
}

/// The reading side of a connection.
#[derive(Debug)]
pub struct ReadHalf {
    socket: Arc<Socket>,
    raw: Raw,
}

/// What arrives, from the handshake on.
pub type Incoming = BufReader<ReadHalf>;

impl ReadHalf {
    pub fn new(socket: Arc<Socket>) -> Self {
        Self {
            socket,
            raw: Raw::default(),
        }
    }

    pub fn socket(&self) -> &Arc<Socket> {
        &self.socket
    }

    /// Makes the next read fail at the deadline.
    pub fn wait_no_longer_than(&self, deadline: Instant) -> io::Result<()> {
        limit_read(&self.socket.stream, deadline)
    }

    /// From now on a read waits so long at most; for ever without a limit.
    pub fn wait_at_most(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket.stream.set_read_timeout(limit)
    }
}

impl Read for ReadHalf {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let socket = &*self.socket;
        match &socket.session {
            Some(session) => session.read(&mut self.raw, &socket.stream, buffer),
            None => (&socket.stream).read(buffer),
        }
    }
}

/// Makes the next read fail at the deadline.
pub fn limit_read(stream: &TcpStream, deadline: Instant) -> io::Result<()> {
    stream.set_read_timeout(Some(left_until(deadline)?))
}

/// Makes the next write fail at the deadline.
pub fn limit_write(stream: &TcpStream, deadline: Instant) -> io::Result<()> {
    stream.set_write_timeout(Some(left_until(deadline)?))
}

fn left_until(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(ErrorKind::TimedOut.into()),
        false => Ok(left),
    }
}
