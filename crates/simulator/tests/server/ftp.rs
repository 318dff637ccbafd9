//! A small FTP server made of listeners: passive, binary, with one user (RFC 959), in the clear or secured by
//! AUTH TLS (RFC 4217). It dies in the middle of a file that is called `dies`.

use std::{
    collections::HashMap,
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

pub struct FtpServer {
    files: Files,
    port: u16,
}

/// What each connection of a server goes by.
#[derive(Clone)]
struct Rules {
    files: Files,
    user: &'static str,
    password: &'static str,
    /// Without TLS nothing is given.
    tls: Option<Arc<ServerConfig>>,
}

trait Stream: Read + Write {
    /// Says that nothing more comes.
    fn finish(&mut self) {}
}

impl Stream for TcpStream {}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn finish(&mut self) {
        self.conn.send_close_notify();
        let _ = self.flush();
    }
}

impl FtpServer {
    pub fn start(user: &'static str, password: &'static str) -> Self {
        Self::start_with(user, password, None)
    }

    /// One that is used with TLS alone.
    pub fn start_secured(user: &'static str, password: &'static str, tls: ServerConfig) -> Self {
        Self::start_with(user, password, Some(Arc::new(tls)))
    }

    fn start_with(
        user: &'static str,
        password: &'static str,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = Files::default();
        let rules = Rules {
            files: Arc::clone(&files),
            user,
            password,
            tls,
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let rules = rules.clone();
                thread::spawn(move || serve(stream.unwrap(), &rules));
            }
        });
        Self { files, port }
    }

    pub fn url(&self, user: &str, path: &str) -> String {
        format!("ftp://{user}@127.0.0.1:{}{path}", self.port)
    }

    pub fn secure_url(&self, user: &str, path: &str) -> String {
        format!("ftps://{user}@localhost:{}{path}", self.port)
    }

    pub fn put(&self, path: &str, file: Vec<u8>) {
        self.files.lock().unwrap().insert(path.to_owned(), file);
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.lock().unwrap().get(path).cloned()
    }
}

/// A line without its end; `None` where there is no more.
fn line(stream: &mut dyn Stream) -> Option<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while stream.read(&mut byte).is_ok_and(|read| read == 1) {
        match byte {
            [b'\n'] => return String::from_utf8(line).ok(),
            [b'\r'] => {}
            [byte] => line.push(byte),
        }
    }
    None
}

fn secured(config: &Arc<ServerConfig>, stream: TcpStream) -> Box<dyn Stream> {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    Box::new(StreamOwned::new(connection, stream))
}

/// The connection of a file, secured as far as the client wants it.
fn data(listener: &TcpListener, tls: Option<&Arc<ServerConfig>>) -> Box<dyn Stream> {
    let (stream, _) = listener.accept().unwrap();
    match tls {
        Some(config) => secured(config, stream),
        None => Box::new(stream),
    }
}

fn serve(stream: TcpStream, rules: &Rules) {
    let mut control: Box<dyn Stream> = Box::new(stream.try_clone().unwrap());
    let mut is_secured = false;
    let mut protects = None;
    let mut passive: Option<TcpListener> = None;
    let mut is_known = false;
    let mut named = String::new();
    let say = |control: &mut dyn Stream, line: &str| {
        let said = control.write_all(format!("{line}\r\n").as_bytes());
        said.and_then(|()| control.flush())
    };
    let _ = say(&mut *control, "220 ready");
    while let Some(line) = line(&mut *control) {
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let file = rules.files.lock().unwrap().get(argument).cloned();
        let answer = match (command, &rules.tls) {
            ("AUTH", Some(config)) => {
                let _ = say(&mut *control, "234 go on");
                control = secured(config, stream.try_clone().unwrap());
                is_secured = true;
                continue;
            }
            (_, Some(_)) if !is_secured && command != "QUIT" => "530 not in the clear".to_owned(),
            ("PBSZ", Some(_)) => "200 none".to_owned(),
            ("PROT", Some(config)) if argument == "P" => {
                protects = Some(Arc::clone(config));
                "200 private".to_owned()
            }
            ("USER", _) => {
                named = argument.to_owned();
                "331 password".to_owned()
            }
            ("PASS", _) if named == rules.user && argument == rules.password => {
                is_known = true;
                "230 welcome".to_owned()
            }
            ("PASS", _) => "530 no".to_owned(),
            ("QUIT", _) => "221 bye".to_owned(),
            _ if !is_known => "530 who is it?".to_owned(),
            ("TYPE", _) => "200 fine".to_owned(),
            ("SIZE", _) => match file {
                Some(file) => format!("213 {}", file.len()),
                None => "550 no such file".to_owned(),
            },
            ("PASV", _) => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let port = listener.local_addr().unwrap().port();
                passive = Some(listener);
                format!("227 passive (127,0,0,1,{},{})", port >> 8, port & 0xff)
            }
            ("RETR" | "STOR", Some(_)) if protects.is_none() => "521 not in the clear".to_owned(),
            ("RETR", _) => match (file, passive.take()) {
                (Some(file), Some(listener)) => {
                    let _ = say(&mut *control, "150 here it comes");
                    let mut data = data(&listener, protects.as_ref());
                    if argument == "dies" {
                        let _ = data.write_all(&file[..file.len() * 9 / 10]);
                        let _ = stream.shutdown(std::net::Shutdown::Both);
                        return;
                    }
                    let _ = data.write_all(&file);
                    data.finish();
                    "226 done".to_owned()
                }
                _ => "550 no such file".to_owned(),
            },
            ("STOR", _) => match passive.take() {
                Some(listener) => {
                    let _ = say(&mut *control, "150 give it to me");
                    let mut file = Vec::new();
                    match read_all(&mut *data(&listener, protects.as_ref()), &mut file) {
                        Ok(()) => {
                            rules
                                .files
                                .lock()
                                .unwrap()
                                .insert(argument.to_owned(), file);
                            "226 done".to_owned()
                        }
                        Err(error) => format!("426 {error}"),
                    }
                }
                None => "425 no connection".to_owned(),
            },
            _ => "502 what?".to_owned(),
        };
        if say(&mut *control, &answer).is_err() || command == "QUIT" {
            return;
        }
    }
}

/// With TLS a file that ends without a word may have been cut off.
fn read_all(data: &mut dyn Stream, file: &mut Vec<u8>) -> io::Result<()> {
    match data.read_to_end(file) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(io::Error::new(ErrorKind::UnexpectedEof, "no close_notify"))
        }
        done => done.map(|_| ()),
    }
}
