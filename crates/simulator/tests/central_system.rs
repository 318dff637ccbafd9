//! `charge-point central-system` as a process of its own: what its commands print.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);

struct Program {
    child: Child,
    input: ChildStdin,
    lines: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_charge-point"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn ask(&mut self, command: &str) -> Value {
        writeln!(self.input, "{command}").unwrap();
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{command}: {line}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_books_count_calls_by_action_and_by_station() {
    let mut central = Program::start(&["central-system", "--listen", "127.0.0.1:0"]);
    let url = central.line();
    assert_eq!(central.ask("books")["actions"], json!({}));
    assert_eq!(central.ask("stations"), json!({}));

    let quiet = "--ramp 100ms --faults 0 --link-losses 0 --meter-interval 1 --duration 600";
    let options = "--stations 3 --connectors 1 --busy 100%";
    let words = ["fleet", "--csms", &url];
    let words = words
        .into_iter()
        .chain(quiet.split(' '))
        .chain(options.split(' '));
    let _fleet = Program::start(&words.collect::<Vec<_>>());
    let started = Instant::now();
    let (books, stations) = loop {
        let (books, stations) = (central.ask("books"), central.ask("stations"));
        let begun = books["actions"]["StartTransaction"].as_u64();
        if books["meterValues"].as_u64() >= Some(6) && begun >= Some(3) {
            break (books, stations);
        }
        assert!(started.elapsed() < SOON, "{books}");
    };
    assert_eq!(books["actions"]["BootNotification"], 3);
    assert_eq!(books["actions"]["StartTransaction"], 3);
    let actions = books["actions"].as_object().unwrap();
    let sum: u64 = actions.values().filter_map(Value::as_u64).sum();
    assert_eq!(books["calls"], sum);

    let names: Vec<&String> = stations.as_object().unwrap().keys().collect();
    assert_eq!(names, ["CP00001", "CP00002", "CP00003"]);
    for station in stations.as_object().unwrap().values() {
        for (name, value) in [
            ("online", json!(true)),
            ("connections", json!(1)),
            ("accepted", json!(true)),
            ("transactions", json!(1)),
            ("ended", json!(0)),
            ("duplicates", json!(0)),
            ("strayStops", json!(0)),
            ("faults", json!(0)),
        ] {
            assert_eq!(station[name], value, "{name}: {station}");
        }
        assert_eq!(station["actions"]["BootNotification"], 1);
        assert_eq!(station["actions"]["StartTransaction"], 1);
        // That of the charge point itself, and of its connector.
        assert!(station["actions"]["StatusNotification"].as_u64() >= Some(2));
    }
}
