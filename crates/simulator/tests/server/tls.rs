//! A server with TLS that gives the same file to every request over HTTP, and what its certificate is.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::Arc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

pub struct TlsServer {
    port: u16,
    /// Its own certificate, in PEM.
    pub certificate: String,
}

impl TlsServer {
    pub fn start(file: Vec<u8>) -> Self {
        let (config, certificate) = self_signed();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                let _ = serve(&mut stream, &file);
            }
        });
        Self { port, certificate }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }
}

/// What a server at localhost is started with, and its own certificate, in PEM.
pub fn self_signed() -> (ServerConfig, String) {
    let names = vec!["localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key))
        .unwrap();
    (config, made.cert.pem())
}

fn serve(
    stream: &mut StreamOwned<ServerConnection, std::net::TcpStream>,
    file: &[u8],
) -> std::io::Result<()> {
    let mut input = BufReader::new(&mut *stream);
    let mut line = String::new();
    while input.read_line(&mut line)? > 2 {
        line.clear();
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        file.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(file)?;
    stream.conn.send_close_notify();
    stream.flush()
}
