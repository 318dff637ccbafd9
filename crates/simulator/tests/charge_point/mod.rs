//! The built binary as a test sees it: commands in, JSON lines out.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use central_system::CentralSystem;
use serde_json::Value;

/// Longer than anything should take on a busy machine.
pub const SOON: Duration = Duration::from_secs(15);
pub const IDENTITY: &str = "CP1";

pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_charge-point"))
}

/// A running charge point.
pub struct ChargePoint {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// Everything it has told so far.
    pub seen: Vec<Value>,
    past: usize,
}

impl ChargePoint {
    pub fn start(central: &CentralSystem, options: &[&str]) -> Self {
        Self::start_at(&central.url(), options)
    }

    pub fn start_at(url: &str, options: &[&str]) -> Self {
        let mut child = binary()
            .args(["--csms", url, "--id", IDENTITY, "--json"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines() {
                let line = line.unwrap();
                let event: Value = serde_json::from_str(&line)
                    .unwrap_or_else(|_| panic!("not a JSON object: {line}"));
                assert!(event["t"].is_u64() && event["event"].is_string(), "{line}");
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
            seen: Vec::new(),
            past: 0,
        }
    }

    /// One that has been accepted, and has told so of all its connectors.
    pub fn online(central: &CentralSystem, options: &[&str]) -> Self {
        let mut charge_point = Self::start(central, options);
        charge_point.wait("registered", |e| e["status"] == "Accepted");
        assert!(central.wait_for(SOON, |books| {
            let station = books.station(IDENTITY);
            station.is_some_and(|station| station.status(2).is_some())
        }));
        charge_point
    }

    pub fn command(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").unwrap();
    }

    pub fn raw_input(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(bytes).unwrap();
    }

    /// Ends its connection, and has it make another one at once.
    pub fn connect_anew(&mut self) {
        self.command("link down");
        self.wait("disconnected", |_| true);
        self.command("link up");
        self.command("connect");
    }

    /// Waits for an event that has not been waited for yet, or passed by.
    pub fn wait(&mut self, event: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + SOON;
        loop {
            while let Some(told) = self.seen.get(self.past) {
                self.past += 1;
                if told["event"] == event && wanted(told) {
                    return told.clone();
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(told) => self.seen.push(told),
                Err(_) => panic!("waited in vain for {event}; got {:#?}", self.seen),
            }
        }
    }

    pub fn wait_status(&mut self, connector: u8, status: &str) {
        self.wait("status", |e| {
            e["connector"] == connector && e["status"] == status
        });
    }

    pub fn wait_transaction(&mut self, connector: u8, state: &str) -> Value {
        self.wait("transaction", |e| {
            e["connector"] == connector && e["state"] == state
        })
    }

    /// Events of a kind, as far as they have been told.
    pub fn told(&mut self, event: &str) -> Vec<Value> {
        self.seen.extend(self.lines.try_iter());
        let of_kind = self.seen.iter().filter(|told| told["event"] == event);
        of_kind.cloned().collect()
    }

    /// The payloads of the CALLs of that action that it sent.
    pub fn sent(&mut self, action: &str) -> Vec<Value> {
        let frames = self.told("frame").into_iter();
        frames
            .filter(|frame| frame["dir"] == "out")
            .filter_map(|frame| serde_json::from_str(frame["text"].as_str()?).ok())
            .filter(|frame: &Value| frame[0] == 2 && frame[2] == action)
            .map(|frame| frame[3].clone())
            .collect()
    }

    /// Ends the input, waits for the end, and gives the exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.input = None;
        self.exit()
    }

    /// Waits for the end, and gives the exit code.
    pub fn exit(&mut self) -> Option<i32> {
        let deadline = Instant::now() + SOON;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                // Until the end of what it has printed.
                while let Ok(told) = self.lines.recv_timeout(SOON) {
                    self.seen.push(told);
                }
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end; got {:#?}", self.seen);
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// [`ChargePoint::kill`]: everything it has told.
    pub fn killed(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        while let Ok(told) = self.lines.recv_timeout(SOON) {
            self.seen.push(told);
        }
        std::mem::take(&mut self.seen)
    }
}

impl Drop for ChargePoint {
    fn drop(&mut self) {
        // Gone already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory of its own, gone at the end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(test: &str) -> Self {
        let name = format!("charge-point-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn option(&self) -> [&str; 2] {
        ["--storage", self.0.to_str().unwrap()]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
