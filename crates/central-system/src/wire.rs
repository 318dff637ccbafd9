//! A websocket connection that the loop reads and any thread writes.
//!
//! tungstenite's websocket is one value for both directions, so there are two of them here,
//! on the same socket: one that only the loop has, for reading, and one for writing behind a
//! lock. What the reading one wants to write by itself (pongs, the reply to a close) goes
//! through the same lock, which keeps frames whole. What the socket does not take at once waits
//! until the loop hears that it takes more.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes, WebSocket};

use crate::command::Offline;

/// OCPP messages are small; a charge point that sends more than this is broken.
const LONGEST_MESSAGE: usize = 1 << 20;
/// What is read at once. There may be thousands of connections, each with a buffer.
const READ: usize = 2 * 1024;
/// Bytes that may wait for a peer that does not read, and how long.
const BACKLOG: usize = 4 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// A TCP connection that several owners share, on one file descriptor.
#[derive(Clone, Debug)]
pub(crate) struct Socket(pub Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
    }
}

/// What is written, as far as it has not gone.
#[derive(Debug)]
struct Outgoing {
    socket: Socket,
    backlog: Vec<u8>,
    /// Nothing goes yet: the answer to the handshake goes first.
    is_held: bool,
    /// Since when there is something in it.
    since: Option<Instant>,
}

impl Outgoing {
    /// Writes what waits, as far as the socket takes it.
    fn drain(&mut self) -> io::Result<()> {
        if self.is_held {
            return Ok(());
        }
        let mut written = 0;
        let outcome = loop {
            match self.backlog.get(written..) {
                None | Some([]) => break Ok(()),
                Some(left) => match self.socket.write(left) {
                    Ok(0) => break Err(ErrorKind::WriteZero.into()),
                    Ok(count) => written += count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break Ok(()),
                    Err(error) => break Err(error),
                },
            }
        };
        self.backlog.drain(..written);
        if self.backlog.is_empty() {
            (self.backlog, self.since) = (Vec::new(), None);
        }
        outcome
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.backlog.extend_from_slice(bytes);
        self.drain()?;
        if !self.backlog.is_empty() {
            let since = *self.since.get_or_insert_with(Instant::now);
            if self.backlog.len() > BACKLOG || since.elapsed() > PATIENCE {
                return Err(ErrorKind::TimedOut.into());
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Outgoing {
    /// Nothing is ever read through the writing websocket.
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}

/// The writing side.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: Socket,
    out: Mutex<WebSocket<Outgoing>>,
}

impl Wire {
    /// For a connection in its handshake: what is sent waits for [`Wire::release`].
    pub fn new(socket: Socket) -> Self {
        let config = WebSocketConfig::default().read_buffer_size(1);
        let outgoing = Outgoing {
            socket: socket.clone(),
            backlog: Vec::new(),
            is_held: true,
            since: None,
        };
        let out = WebSocket::from_raw_socket(outgoing, Role::Server, Some(config));
        Wire {
            socket,
            out: Mutex::new(out),
        }
    }

    /// The reading side. There must be only one.
    pub fn reader(self: &Arc<Self>) -> WebSocket<ReadHalf> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .max_message_size(Some(LONGEST_MESSAGE))
            .max_frame_size(Some(LONGEST_MESSAGE));
        WebSocket::from_raw_socket(ReadHalf(Arc::clone(self)), Role::Server, Some(config))
    }

    /// Writes a message. `noted` runs just before, in the order of the messages on the wire.
    pub fn send(&self, message: Message, noted: impl FnOnce()) -> Result<(), Offline> {
        let mut out = self.lock();
        if !out.can_write() {
            return Err(Offline);
        }
        noted();
        out.send(message).map_err(|_| {
            // Half a frame may be out: the connection is of no use any more.
            self.cut();
            Offline
        })
    }

    /// The handshake has been answered.
    pub fn release(&self) {
        self.lock().get_mut().is_held = false;
        self.drain();
    }

    /// The socket takes more.
    pub fn drain(&self) {
        if self.lock().get_mut().drain().is_err() {
            self.cut();
        }
    }

    /// Begins the close handshake; the reading side finishes it.
    pub fn close(&self, code: CloseCode) {
        let reason = Utf8Bytes::from_static("");
        // It fails when the connection is gone, which is what is wanted.
        let _ = self.lock().close(Some(CloseFrame { code, reason }));
    }

    /// Ends the TCP connection without a close handshake. The reading side notices.
    pub fn cut(&self) {
        // It fails when the peer was faster.
        let _ = self.socket.0.shutdown(Shutdown::Both);
    }

    fn lock(&self) -> MutexGuard<'_, WebSocket<Outgoing>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream below the reading side.
#[derive(Debug)]
pub(crate) struct ReadHalf(Arc<Wire>);

impl Read for ReadHalf {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0.socket.0).read(buffer)
    }
}

impl Write for ReadHalf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = self.0.lock();
        // After a close frame of ours nothing may follow, not even a reply to the peer's.
        if out.can_write() {
            return out.get_mut().write(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
