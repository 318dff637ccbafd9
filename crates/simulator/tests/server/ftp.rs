//! A small FTP server made of listeners: passive, binary, with one user (RFC 959). It dies in the middle of
//! a file that is called `dies`.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

pub struct FtpServer {
    files: Files,
    port: u16,
}

impl FtpServer {
    pub fn start(user: &'static str, password: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let files = Files::default();
        let theirs = Arc::clone(&files);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let files = Arc::clone(&theirs);
                thread::spawn(move || serve(&stream.unwrap(), &files, user, password));
            }
        });
        Self { files, port }
    }

    pub fn url(&self, user: &str, path: &str) -> String {
        format!("ftp://{user}@127.0.0.1:{}{path}", self.port)
    }

    pub fn put(&self, path: &str, file: Vec<u8>) {
        self.files.lock().unwrap().insert(path.to_owned(), file);
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.files.lock().unwrap().get(path).cloned()
    }
}

fn serve(stream: &TcpStream, files: &Files, user: &str, password: &str) {
    let mut output = stream;
    let mut say = |line: &str| output.write_all(format!("{line}\r\n").as_bytes());
    let _ = say("220 ready");
    let mut passive = None;
    let mut is_known = false;
    let mut named = String::new();
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else {
            return;
        };
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let file = files.lock().unwrap().get(argument).cloned();
        let answer = match command {
            "USER" => {
                named = argument.to_owned();
                "331 password".to_owned()
            }
            "PASS" if named == user && argument == password => {
                is_known = true;
                "230 welcome".to_owned()
            }
            "PASS" => "530 no".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ if !is_known => "530 who is it?".to_owned(),
            "TYPE" => "200 fine".to_owned(),
            "SIZE" => match file {
                Some(file) => format!("213 {}", file.len()),
                None => "550 no such file".to_owned(),
            },
            "PASV" => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let port = listener.local_addr().unwrap().port();
                passive = Some(listener);
                format!("227 passive (127,0,0,1,{},{})", port >> 8, port & 0xff)
            }
            "RETR" => match (file, passive.take()) {
                (Some(file), Some(listener)) => {
                    let _ = say("150 here it comes");
                    let (mut data, _) = listener.accept().unwrap();
                    if argument == "dies" {
                        let _ = data.write_all(&file[..file.len() * 9 / 10]);
                        let _ = stream.shutdown(std::net::Shutdown::Both);
                        return;
                    }
                    let _ = data.write_all(&file);
                    "226 done".to_owned()
                }
                _ => "550 no such file".to_owned(),
            },
            "STOR" => match passive.take() {
                Some(listener) => {
                    let _ = say("150 give it to me");
                    let (mut data, _) = listener.accept().unwrap();
                    let mut file = Vec::new();
                    data.read_to_end(&mut file).unwrap();
                    files.lock().unwrap().insert(argument.to_owned(), file);
                    "226 done".to_owned()
                }
                None => "425 no connection".to_owned(),
            },
            _ => "502 what?".to_owned(),
        };
        if say(&answer).is_err() || command == "QUIT" {
            return;
        }
    }
}
