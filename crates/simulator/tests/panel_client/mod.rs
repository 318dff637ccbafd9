//! The built binary with a panel, and a client of its API made of bytes.

pub mod document;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use central_system::CentralSystem;
use serde_json::{Value, json};

/// Longer than anything should take on a busy machine.
pub const SOON: Duration = Duration::from_secs(15);
pub const IDENTITY: &str = "CP1";

/// A running charge point with a panel.
pub struct Panel {
    child: Child,
    _input: Option<ChildStdin>,
    /// `127.0.0.1:1234`.
    pub address: String,
    /// What is behind `token=` in what it prints.
    pub token: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

impl Panel {
    /// At any port of this machine.
    pub fn start(central: &CentralSystem, options: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", &central.url(), options, &[])
    }

    pub fn start_at(at: &str, csms: &str, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charge-point"));
        command
            .args(["--csms", csms, "--id", IDENTITY, "--panel", at])
            .args(options)
            .envs(variables.iter().copied());
        Self::run(command)
    }

    /// A fleet with these options, whose stations start at once.
    pub fn fleet(at: &str, csms: &str, options: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charge-point"));
        let ramp = match options.contains("--ramp") {
            true => "",
            false => "--ramp 0s",
        };
        command
            .args(["fleet", "--csms", csms, "--panel", at])
            .args(ramp.split_whitespace())
            .args("--faults 0 --link-losses 0 --arrivals 0 --duration 600".split(' '))
            .args(options.split_whitespace());
        Self::run(command)
    }

    /// A command that has all of its options.
    fn run(mut command: Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        Self::found(child, errors).0
    }

    /// The demonstration with these options; gives what it tells behind the panel's address.
    pub fn demonstration(options: &[&str]) -> (Self, Receiver<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charge-point"));
        let child = command.args(options).stdout(Stdio::piped());
        let mut child = child.stdin(Stdio::piped()).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        Self::found(child, output)
    }

    fn found(mut child: Child, told: impl Read + Send + 'static) -> (Self, Receiver<String>) {
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(told).lines().map_while(Result::ok) {
                // A listener that has heard enough is none.
                let _ = sender.send(line);
            }
        });
        let (address, token) = loop {
            let line = lines.recv_timeout(SOON).expect("the address of a panel");
            let Some((_, url)) = line.split_once("panel: http://") else {
                continue;
            };
            let (address, rest) = url.split_once('/').unwrap();
            let token = rest.strip_prefix("?token=").map(str::to_owned);
            break (address.replace("0.0.0.0", "127.0.0.1"), token);
        };
        let panel = Self {
            _input: child.stdin.take(),
            child,
            address,
            token,
        };
        (panel, lines)
    }

    /// A request with these headers beside the usual ones.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut stream = self.open(method, path, headers, body);
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (headers, text) = text.split_once("\r\n\r\n").unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            headers: headers.to_owned(),
            text: text.to_owned(),
        }
    }

    fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = body {
            if !headers.iter().any(|(name, _)| *name == "Content-Type") {
                head.push_str("Content-Type: application/json\r\n");
            }
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let whole = format!("{head}\r\n{}", body.unwrap_or_default());
        stream.write_all(whole.as_bytes()).unwrap();
        stream
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = self.request("GET", path, &[], None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.request(method, path, &[], Some(&body.to_string()))
    }

    /// Has the station with that number carry out a command.
    pub fn command(&self, station: u32, line: &str) -> Value {
        let path = format!("/api/stations/{station}/commands");
        let answer = self.send("POST", &path, &json!({ "line": line }));
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
        answer.json()
    }

    /// Waits for a value in the state of a station.
    pub fn wait_state(&self, station: u32, pointer: &str, wanted: Value) -> Value {
        let path = format!("/api/stations/{station}/await");
        let body = json!({ "state": { pointer: wanted }, "timeoutMs": 14_000 });
        let answer = self.send("POST", &path, &body).json();
        assert_eq!(answer["met"], true, "{body}: {answer:#}");
        answer["state"].clone()
    }

    /// Lines of server-sent events, until one of them is as wanted.
    pub fn listen(&self, path: &str, mut wanted: impl FnMut(&str) -> bool) -> Vec<String> {
        let stream = self.open("GET", path, &[], None);
        let deadline = Instant::now() + SOON;
        let mut lines = Vec::new();
        for line in BufReader::new(stream).lines() {
            let line = line.unwrap();
            let is_wanted = wanted(&line);
            lines.push(line);
            if is_wanted {
                return lines;
            }
            assert!(Instant::now() < deadline, "{lines:#?}");
        }
        panic!("it has ended: {lines:#?}");
    }

    /// Looks at all files of the page: each that is named is there, and nothing is of others.
    pub fn check_page(&self) {
        let mut paths = vec!["/".to_owned()];
        let mut seen = 0;
        while let Some(path) = paths.get(seen).cloned() {
            seen += 1;
            let file = self.request("GET", &path, &[], None);
            assert_eq!(file.status, 200, "{path}");
            for other in [
                "//cdn",
                "https://",
                "@import url",
                "onclick=",
                "style=\"",
                "eval(",
            ] {
                assert!(!file.text.contains(other), "{path} has {other}");
            }
            // What it names: src="...", href="/...", from "./...".
            for part in file.text.split(['"', '\'']) {
                let named = part.strip_prefix('.').unwrap_or(part);
                let is_file = [".js", ".css", ".svg"]
                    .iter()
                    .any(|end| named.ends_with(end));
                if is_file && named.starts_with('/') && !paths.iter().any(|it| it == named) {
                    paths.push(named.to_owned());
                }
            }
        }
        assert!(paths.len() > 5, "{paths:?}");
    }

    /// Waits for its end, and gives the exit code.
    pub fn exit(&mut self) -> Option<i32> {
        let deadline = Instant::now() + SOON;
        while self.is_running() {
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
        self.child.wait().unwrap().code()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
