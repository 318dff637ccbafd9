//! A small HTTP server made of a listener, which does what servers should and what they should not.

pub mod front;
pub mod ftp;
pub mod pki;
pub mod signing;
pub mod tls;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// What it answers to a request for a path.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This file.
    File(Vec<u8>),
    /// So much of the file, then the connection ends, or nothing comes any more.
    Part {
        file: Vec<u8>,
        bytes: usize,
    },
    /// The same in chunks.
    PartOfChunks {
        file: Vec<u8>,
        bytes: usize,
    },
    Chunks(Vec<u8>),
    Status(u16),
    Redirect(u16, String),
    /// First that, then the other.
    Once(Box<Answer>, Box<Answer>),
    /// Takes a file.
    Take,
    /// Only after so long.
    Slowly(Duration, Box<Answer>),
}

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authorization: Option<String>,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    answers: HashMap<String, Answer>,
    /// For all other paths.
    otherwise: Option<Answer>,
    requests: Vec<Request>,
}

pub struct Server {
    shared: Arc<Mutex<Shared>>,
    port: u16,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&theirs);
                thread::spawn(move || serve(&stream.unwrap(), &shared));
            }
        });
        Self { shared, port }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same for a user.
    pub fn url_of(&self, user: &str, path: &str) -> String {
        format!("http://{user}@127.0.0.1:{}{path}", self.port)
    }

    pub fn answer(&self, path: &str, answer: Answer) {
        let mut shared = self.shared.lock().unwrap();
        shared.answers.insert(path.to_owned(), answer);
    }

    pub fn answer_all(&self, answer: Answer) {
        self.shared.lock().unwrap().otherwise = Some(answer);
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().unwrap().requests.clone()
    }

    /// Waits for so many requests.
    pub fn wait(&self, count: usize, patience: Duration) -> Vec<Request> {
        let deadline = Instant::now() + patience;
        while self.requests().len() < count {
            assert!(Instant::now() < deadline, "{:?}", self.requests());
            thread::sleep(Duration::from_millis(10));
        }
        self.requests()
    }
}

fn serve(stream: &TcpStream, shared: &Mutex<Shared>) {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    if input.read_line(&mut line).is_err() {
        return;
    }
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return;
    };
    let (mut length, mut authorization, mut expects) = (0, None, false);
    loop {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => authorization = Some(value.to_owned()),
            "expect" => expects = true,
            _ => {}
        }
    }
    let mut output = stream;
    if expects {
        output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    let answer = {
        let mut shared = shared.lock().unwrap();
        let otherwise = shared.otherwise.clone();
        let found = shared.answers.get_mut(&path);
        let answer = match found {
            Some(found) => match found.clone() {
                Answer::Once(first, next) => {
                    *found = *next;
                    *first
                }
                answer => answer,
            },
            None => otherwise.unwrap_or(Answer::Status(404)),
        };
        shared.requests.push(Request {
            method,
            path,
            authorization,
            body,
        });
        answer
    };
    respond(output, answer);
    let _ = stream.shutdown(Shutdown::Write);
}

fn respond(mut output: &TcpStream, answer: Answer) {
    let head = |status: u16, more: &str| {
        format!("HTTP/1.1 {status} Fine\r\nConnection: close\r\n{more}\r\n")
    };
    let length = |bytes: usize| format!("Content-Length: {bytes}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let mut write = |bytes: &[u8]| drop(output.write_all(bytes));
    match answer {
        Answer::File(file) => {
            write(head(200, &length(file.len())).as_bytes());
            write(&file);
        }
        Answer::Part { file, bytes } => {
            write(head(200, &length(file.len())).as_bytes());
            write(&file[..bytes]);
        }
        Answer::PartOfChunks { file, bytes } => {
            write(head(200, chunked).as_bytes());
            write(format!("{:x}\r\n", file.len()).as_bytes());
            write(&file[..bytes]);
        }
        Answer::Chunks(file) => {
            write(head(200, chunked).as_bytes());
            for chunk in file.chunks(1000) {
                write(format!("{:x}\r\n", chunk.len()).as_bytes());
                write(chunk);
                write(b"\r\n");
            }
            write(b"0\r\n\r\n");
        }
        Answer::Status(status) => write(head(status, &length(0)).as_bytes()),
        Answer::Redirect(status, to) => {
            let more = format!("Location: {to}\r\n{}", length(0));
            write(head(status, &more).as_bytes());
        }
        Answer::Take => write(head(201, &length(0)).as_bytes()),
        Answer::Once(first, _) => respond(output, *first),
        Answer::Slowly(delay, answer) => {
            thread::sleep(delay);
            respond(output, *answer);
        }
    }
}
