//! A TLS session over a TCP connection. Its lock is never held while the network is waited for, so that
//! reading and writing do not wait for each other.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};

use super::socket::{limit_read, limit_write};
use crate::tls::{Progress, Refusal};

/// Bytes of a record with all around it (RFC 8446, 5.2), and some more.
const RAW_BUFFER: usize = 20 * 1024;

#[derive(Debug)]
pub struct Session {
    connection: Mutex<ClientConnection>,
    shows_certificate: bool,
}

/// What has arrived and is not decrypted yet.
#[derive(Debug)]
pub struct Raw {
    bytes: Box<[u8]>,
    from: usize,
    to: usize,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            bytes: vec![0; RAW_BUFFER].into(),
            from: 0,
            to: 0,
        }
    }
}

impl Session {
    /// Shakes hands with the central system of that name, until then.
    pub fn open(
        mut stream: &TcpStream,
        config: ClientConfig,
        host: &str,
        deadline: Instant,
    ) -> Result<Self, Refusal> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| format!("{host} is no name that a certificate can bear"))?;
        let shows_certificate = config.client_auth_cert_resolver.has_certs();
        let mut connection = ClientConnection::new(Arc::new(config), name)
            .map_err(|error| format!("TLS cannot be used: {error}"))?;
        let refusal = |connection: &ClientConnection, error: &rustls::Error| {
            Refusal::of(error, progress(connection, shows_certificate))
        };
        // A frame is encrypted whole.
        connection.set_buffer_limit(None);
        loop {
            while connection.wants_write() {
                limit_write(stream, deadline).map_err(|error| why(&error))?;
                connection
                    .write_tls(&mut stream)
                    .map_err(|error| why(&error))?;
            }
            if !connection.is_handshaking() {
                break;
            }
            limit_read(stream, deadline).map_err(|error| why(&error))?;
            match connection.read_tls(&mut stream) {
                Ok(0) => return Err(why(&ErrorKind::UnexpectedEof.into())),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(why(&error)),
            }
            if let Err(error) = connection.process_new_packets() {
                // The alert that says so; whether it arrives does not matter here.
                let _ = connection.write_tls(&mut stream);
                return Err(refusal(&connection, &error));
            }
        }
        Ok(Self {
            connection: Mutex::new(connection),
            shows_certificate,
        })
    }

    /// Reads what is decrypted, or waits for more.
    pub fn read(
        &self,
        raw: &mut Raw,
        mut stream: &TcpStream,
        into: &mut [u8],
    ) -> io::Result<usize> {
        loop {
            let mut connection = self.lock();
            match connection.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
            if let Some(mut waiting) = raw.bytes.get(raw.from..raw.to)
                && !waiting.is_empty()
            {
                raw.from += connection.read_tls(&mut waiting)?;
                connection.process_new_packets().map_err(io::Error::other)?;
                continue;
            }
            drop(connection);
            let arrived = stream.read(&mut raw.bytes)?;
            (raw.from, raw.to) = (0, arrived);
            if arrived == 0 {
                self.lock().read_tls(&mut io::empty())?;
            }
        }
    }

    /// What is to be written in the place of these bytes, behind what TLS itself has to say.
    pub fn encrypt(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut connection = self.lock();
        connection.writer().write_all(bytes)?;
        records(&mut connection)
    }

    /// What tells the peer that nothing more comes, or that it broke a rule of TLS.
    pub fn farewell(&self) -> io::Result<Vec<u8>> {
        let mut connection = self.lock();
        connection.send_close_notify();
        records(&mut connection)
    }

    /// What an error of reading or writing means, if it is one of TLS.
    pub fn refusal(&self, error: &io::Error) -> Option<Refusal> {
        let error = error.get_ref()?.downcast_ref()?;
        let progress = progress(&self.lock(), self.shows_certificate);
        Some(Refusal::of(error, progress))
    }

    fn lock(&self) -> MutexGuard<'_, ClientConnection> {
        let locked = self.connection.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }
}

fn progress(connection: &ClientConnection, shows_certificate: bool) -> Progress {
    Progress {
        has_cipher_suite: connection.negotiated_cipher_suite().is_some(),
        shows_certificate,
    }
}

fn records(connection: &mut ClientConnection) -> io::Result<Vec<u8>> {
    let mut records = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut records)?;
    }
    Ok(records)
}

fn why(error: &io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "no answer to the TLS handshake".into(),
        ErrorKind::UnexpectedEof => "closed in the TLS handshake".into(),
        _ => error.to_string().into(),
    }
}
