//! TLS in front of a central system that speaks none, on one port with what comes in the clear.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use central_system::CentralSystem;
use rustls::{ServerConfig, ServerConnection};

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;
const STEP: Duration = Duration::from_millis(2);

pub struct Front {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    config: Mutex<Arc<ServerConfig>>,
    behind: u16,
    sends_bytes: AtomicBool,
    refuses_tls: AtomicBool,
    /// Connections with TLS whose handshake was finished.
    secured: AtomicUsize,
}

impl Front {
    pub fn start(central: &CentralSystem, config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            config: Mutex::new(Arc::new(config)),
            behind: central.port(),
            sends_bytes: AtomicBool::new(false),
            refuses_tls: AtomicBool::new(false),
            secured: AtomicUsize::new(0),
        });
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&theirs);
                thread::spawn(move || serve(&stream.unwrap(), &shared));
            }
        });
        Self { port, shared }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}/ocpp", self.port)
    }

    /// New connections get this certificate from now on.
    pub fn shows(&self, config: ServerConfig) {
        *self.shared.config.lock().unwrap() = Arc::new(config);
    }

    /// From now on each byte is sent by itself.
    pub fn sends_bytes(&self) {
        self.shared.sends_bytes.store(true, Ordering::SeqCst);
    }

    /// Whether TLS is not spoken from now on.
    pub fn refuses_tls(&self, refuses: bool) {
        self.shared.refuses_tls.store(refuses, Ordering::SeqCst);
    }

    pub fn secured(&self) -> usize {
        self.shared.secured.load(Ordering::SeqCst)
    }
}

/// A connection; it ends when one of its sides does.
fn serve(client: &TcpStream, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut first = [0];
    client.peek(&mut first)?;
    let mut tls = match first {
        [HANDSHAKE] if shared.refuses_tls.load(Ordering::SeqCst) => return Ok(()),
        [HANDSHAKE] => {
            let config = Arc::clone(&shared.config.lock().unwrap());
            Some(ServerConnection::new(config).map_err(io::Error::other)?)
        }
        _ => None,
    };
    let behind = TcpStream::connect(("127.0.0.1", shared.behind))?;
    client.set_nonblocking(true)?;
    behind.set_nonblocking(true)?;
    let mut is_counted = false;
    let ended = loop {
        let step = match &mut tls {
            Some(tls) => encrypted(tls, client, &behind, shared),
            None => plain(client, &behind),
        };
        if let Some(tls) = &tls
            && !tls.is_handshaking()
            && !is_counted
        {
            shared.secured.fetch_add(1, Ordering::SeqCst);
            is_counted = true;
        }
        match step {
            Ok(true) => {}
            Ok(false) => thread::sleep(STEP),
            Err(error) => break error,
        }
    };
    // An alert is lost where bytes that were not read are in the way.
    let _ = client.shutdown(Shutdown::Write);
    let until = Instant::now() + Duration::from_millis(500);
    let mut rest = [0; 4096];
    while Instant::now() < until && available(client, &mut rest).is_ok() {
        thread::sleep(STEP);
    }
    Err(ended)
}

/// Passes on what is there; false where there was nothing.
fn plain(client: &TcpStream, behind: &TcpStream) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    let there = available(client, &mut buffer)?;
    write(behind, &buffer[..there])?;
    let back = available(behind, &mut buffer)?;
    write(client, &buffer[..back])?;
    Ok(there + back > 0)
}

fn encrypted(
    tls: &mut ServerConnection,
    mut client: &TcpStream,
    behind: &TcpStream,
    shared: &Shared,
) -> io::Result<bool> {
    let mut moved = false;
    match tls.read_tls(&mut client) {
        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
        Ok(_) => moved = true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(error) => return Err(error),
    }
    let processed = tls.process_new_packets().map_err(io::Error::other);
    let mut buffer = [0; 4096];
    if processed.is_ok() {
        match tls.reader().read(&mut buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(there) => {
                write(behind, &buffer[..there])?;
                moved = true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let back = available(behind, &mut buffer);
        match back {
            Ok(back) => tls.writer().write_all(&buffer[..back])?,
            Err(_) => tls.send_close_notify(),
        }
        moved |= back.as_ref().is_ok_and(|back| *back > 0);
        if back.is_err() {
            flush(tls, client, shared)?;
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    moved |= flush(tls, client, shared)?;
    processed.map(|_| moved)
}

fn flush(tls: &mut ServerConnection, client: &TcpStream, shared: &Shared) -> io::Result<bool> {
    let mut records = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut records)?;
    }
    match shared.sends_bytes.load(Ordering::SeqCst) {
        true => {
            for byte in &records {
                write(client, &[*byte])?;
                thread::sleep(Duration::from_micros(200));
            }
        }
        false => write(client, &records)?,
    }
    Ok(!records.is_empty())
}

/// Reads what is there; the end is an error.
fn available(mut stream: &TcpStream, into: &mut [u8]) -> io::Result<usize> {
    match stream.read(into) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(error) => Err(error),
    }
}

fn write(mut stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(STEP),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
