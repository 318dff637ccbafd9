//! A websocket connection that one thread reads and any thread writes.
//!
//! tungstenite's websocket is one value for both directions, so there are two of them here,
//! on the same socket: one that only the reading thread has, and one for writing behind a
//! lock. What the reading one wants to write by itself (pongs, the reply to a close) goes
//! through the same lock, which keeps frames whole.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes, WebSocket};

use crate::command::Offline;

/// OCPP messages are small; a charge point that sends more than this is broken.
const LONGEST_MESSAGE: usize = 1 << 20;

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

/// The writing side.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: Socket,
    out: Mutex<WebSocket<Socket>>,
}

impl Wire {
    /// Takes over a connection after its handshake.
    pub fn new(socket: Socket) -> Self {
        // Nothing is ever read through this websocket.
        let config = WebSocketConfig::default().read_buffer_size(1);
        let out = WebSocket::from_raw_socket(socket.clone(), Role::Server, Some(config));
        Wire {
            socket,
            out: Mutex::new(out),
        }
    }

    /// The reading side. There must be only one.
    pub fn reader(self: &Arc<Self>) -> WebSocket<ReadHalf> {
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
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

    /// How long the reading side waits for the next byte; `None` is for ever.
    pub fn set_patience(&self, patience: Option<Duration>) -> io::Result<()> {
        // Zero is refused by the system, and a moment too late does no harm.
        let patience = patience.map(|p| p.max(Duration::from_millis(1)));
        self.socket.0.set_read_timeout(patience)
    }

    fn lock(&self) -> MutexGuard<'_, WebSocket<Socket>> {
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
            out.get_mut().write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
