//! A TCP connection that several threads share, and that each of them can end.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Arc, OnceLock, mpsc::Sender},
};

use super::writing::Order;

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

/// The stream below the websocket that reads.
///
/// What that websocket wants to write by itself (pongs, the reply to a close) goes to the
/// writing thread, once there is one: frames of two threads must not mix.
#[derive(Debug)]
pub struct ReadHalf {
    socket: Arc<Socket>,
    orders: Option<Sender<Order>>,
}

impl ReadHalf {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            socket: Arc::new(Socket::new(stream)),
            orders: None,
        }
    }

    pub fn socket(&self) -> Arc<Socket> {
        Arc::clone(&self.socket)
    }

    pub fn write_through(&mut self, orders: Sender<Order>) {
        self.orders = Some(orders);
    }
}

impl Read for ReadHalf {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.socket.stream).read(buffer)
    }
}

impl Write for ReadHalf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.orders {
            None => (&self.socket.stream).write(bytes),
            // Taken whole, so that what is written at once stays together.
            Some(orders) => match orders.send(Order::Bytes(bytes.to_vec())) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stream below the websocket that writes.
#[derive(Debug)]
pub struct WriteHalf(pub Arc<Socket>);

impl Read for WriteHalf {
    /// Never asked for: the other half reads.
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Write for WriteHalf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
