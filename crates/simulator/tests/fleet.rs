//! `charge-point fleet`: many stations in one process, against a central system in this one.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use central_system::{Behaviour, Books, CentralSystem, IdTagStatus};
use serde_json::Value;

const SOON: Duration = Duration::from_secs(30);

fn central() -> CentralSystem {
    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    CentralSystem::start(behaviour.all_versions()).unwrap()
}

struct Fleet {
    child: Child,
    /// What it prints.
    lines: BufReader<std::process::ChildStdout>,
}

impl Fleet {
    fn start(csms: &str, options: &str) -> Self {
        let quiet = "--json --every 100ms --faults 0 --link-losses 0 --ramp 200ms --duration 600";
        let mut child = Command::new(env!("CARGO_BIN_EXE_charge-point"))
            .args(["fleet", "--csms", csms])
            .args(quiet.split(' '))
            .args(options.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits until a summary says so.
    fn wait(&mut self, is_so: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            let summary: Value = serde_json::from_str(&line).unwrap();
            if is_so(&summary) {
                return summary;
            }
            assert!(started.elapsed() < SOON, "{summary}");
        }
    }

    /// Ends it; what it said last.
    fn quit(mut self) -> Value {
        self.say("quit");
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        serde_json::from_str(rest.lines().last().unwrap()).unwrap()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // It fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn transactions(books: &Books) -> u64 {
    books
        .stations
        .values()
        .map(|station| station.transactions.len() as u64)
        .sum()
}

#[test]
fn both_versions_charge_and_all_that_they_did_is_in_the_books() {
    let central = central();
    let options = "--stations 10 --busy 100% --ocpp 1.6=80,2.0.1=20 --meter-interval 1";
    let mut fleet = Fleet::start(&central.url(), options);
    fleet.wait(|summary| summary["charging"] == 20);
    assert!(central.wait_for(SOON, |books| {
        let mut all = books
            .stations
            .values()
            .flat_map(|station| &station.transactions);
        all.all(|transaction| transaction.meter_values > 0)
    }));
    let last = fleet.quit();
    let books = central.books();
    assert_eq!(books.stations.len(), 10);
    assert_eq!(transactions(&books), last["sums"]["started"]);
    let newer = books
        .stations
        .values()
        .filter(|s| s.calls("TransactionEvent") > 0);
    assert_eq!(newer.count(), 2);
    for (identity, station) in &books.stations {
        assert!(
            station.faults.is_empty() && station.connections == 1,
            "{identity}"
        );
    }
    for error in [
        "refused",
        "rejected",
        "lost",
        "call_errors",
        "timeouts",
        "dropped",
    ] {
        assert_eq!(last["sums"][error], 0, "{error}");
    }
}

#[test]
fn shards_have_other_stations_each_and_together_all_of_them() {
    let central = central();
    let options = "--stations 11 --id S{:03} --busy 0 --arrivals 0 --ocpp 1.6=1,2.0.1=1 --shard";
    let mut shards =
        [0, 1].map(|shard| Fleet::start(&central.url(), &format!("{options} {shard}/2")));
    let counts = shards.each_mut().map(|fleet| {
        fleet.wait(|summary| summary["accepted"] == summary["stations"])["stations"].clone()
    });
    assert_eq!(counts, [6, 5]);
    let books = central.books();
    let names: BTreeSet<&String> = books.stations.keys().collect();
    let all: BTreeSet<String> = (1..=11).map(|number| format!("S{number:03}")).collect();
    assert_eq!(names, all.iter().collect());
    assert!(
        books
            .stations
            .values()
            .all(|station| station.connections == 1)
    );
}

#[test]
fn power_fails_and_transactions_end_for_that() {
    let central = central();
    let mut fleet = Fleet::start(&central.url(), "--stations 4 --busy 100% --connectors 1");
    fleet.wait(|summary| summary["charging"] == 4);
    fleet.say("blackout 200ms");
    fleet.wait(|summary| summary["running"] == 0);
    fleet.wait(|summary| summary["sums"]["boots"] == 8 && summary["queued"] == 0);
    assert!(central.wait_for(SOON, |books| {
        let mut ended = books
            .stations
            .values()
            .flat_map(|station| &station.transactions);
        ended.all(|t| {
            t.stop
                .as_ref()
                .is_some_and(|stop| stop.reason.as_deref() == Some("PowerLoss"))
        })
    }));
    fleet.say("dance");
    fleet.say("restart");
    fleet.wait(|summary| summary["sums"]["boots"] == 12);
    fleet.say("outage 300ms");
    fleet.wait(|summary| summary["connected"] == 0);
    fleet.wait(|summary| summary["connected"] == 4);
    assert!(fleet.quit()["sums"]["lost"].as_u64() >= Some(4));
}

#[test]
fn a_surge_fills_free_connectors_and_is_due_by_time_too() {
    let central = central();
    let options = "--stations 3 --busy 0 --arrivals 0 --at 500ms=surge:100%";
    let mut fleet = Fleet::start(&central.url(), options);
    let summary = fleet.wait(|summary| summary["charging"] == 6);
    assert_eq!(summary["sums"]["vehicles"], 6);
}

#[test]
fn the_central_system_is_killed_and_nothing_is_lost_or_told_twice() {
    let central = central();
    let mut fleet = Fleet::start(
        &central.url(),
        "--stations 5 --busy 100% --meter-interval 1",
    );
    fleet.wait(|summary| summary["charging"] == 10);
    central.pause();
    fleet.wait(|summary| summary["queued"].as_u64() >= Some(10));
    central.resume().unwrap();
    fleet.wait(|summary| summary["connected"] == 5 && summary["queued"] == 0);
    let last = fleet.quit();
    let books = central.books();
    assert_eq!(
        (transactions(&books), &last["sums"]["given_up"]),
        (10, &Value::from(0))
    );
    assert!(
        books
            .stations
            .values()
            .all(|s| s.stray_stops == 0 && s.faults.is_empty())
    );
}

#[test]
fn passwords_are_each_stations_own() {
    let behaviour = Behaviour::new()
        .password("CP00001", "first")
        .password("CP00002", "second");
    let central = CentralSystem::start(behaviour).unwrap();
    let path = folder("passwords").join("all");
    fs::write(&path, "CP00001:first\nCP00002:wrong\n").unwrap();
    let options = format!("--stations 2 --password-file {}", path.display());
    let mut fleet = Fleet::start(&central.url(), &options);
    let summary = fleet.wait(|summary| summary["sums"]["rejected"].as_u64() >= Some(1));
    assert!(summary["connected"].as_u64() <= Some(1));
    assert!(central.wait_online("CP00001", SOON));
    assert_eq!(central.station("CP00002").connections, 0);
}

#[test]
fn metrics_while_it_runs_and_a_report_at_its_end() {
    let central = central();
    let folder = folder("report");
    let options = format!(
        "--stations 2 --busy 100% --metrics 127.0.0.1:0 --report {}",
        folder.display()
    );
    let mut fleet = Fleet::start(&central.url(), &options);
    fleet.wait(|summary| summary["charging"] == 4);
    let mut told = String::new();
    BufReader::new(fleet.child.stderr.take().unwrap())
        .read_line(&mut told)
        .unwrap();
    let address = told
        .trim()
        .strip_prefix("charge-point: metrics at http://")
        .unwrap();
    let mut stream = TcpStream::connect(address.strip_suffix("/metrics").unwrap()).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\nocpp_fleet_charging 4\n"), "{answer}");
    fleet.quit();
    let report: Value =
        serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
    assert_eq!(report["fleet"]["stations"], 2);
    assert_eq!(report["sums"]["started"], 4);
    assert!(
        fs::read_to_string(folder.join("report.html"))
            .unwrap()
            .contains("<polyline")
    );
}

#[test]
fn a_signal_ends_it_with_its_report() {
    let central = central();
    let folder = folder("signal");
    let options = format!("--stations 1 --report {}", folder.display());
    let mut fleet = Fleet::start(&central.url(), &options);
    fleet.wait(|summary| summary["accepted"] == 1);
    let process = fleet.child.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &process]).status();
    assert!(sent.unwrap().success());
    assert!(fleet.child.wait().unwrap().success());
    assert!(folder.join("report.json").is_file());
}

#[test]
fn more_stations_than_open_files_are_refused_before_any_starts() {
    let command = r#"ulimit -n 100 && exec "$0" fleet --csms ws://127.0.0.1:1 --stations 1000"#;
    let output = Command::new("sh")
        .args(["-c", command, env!("CARGO_BIN_EXE_charge-point")])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("raise its hard limit") && output.stdout.is_empty(),
        "{told}"
    );
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let wrong = [
        ("--csms wss://localhost", "no TLS of its own"),
        ("--csms http://localhost", "does not begin with ws://"),
        (
            "--csms ws://127.0.0.1:1 --stations 9000000",
            "--source, or more --shard",
        ),
        (
            "--csms ws://127.0.0.1:1 --tags a-tag-that-is-too-long-{}",
            "idTag",
        ),
        (
            "--csms ws://127.0.0.1:1 --model /nowhere.json",
            "/nowhere.json",
        ),
    ];
    for (options, why) in wrong {
        let output = Command::new(env!("CARGO_BIN_EXE_charge-point"))
            .arg("fleet")
            .args(options.split(' '))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options}: {told}");
        assert!(
            told.contains(why) && told.lines().count() == 1,
            "{options}: {told}"
        );
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fleet-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
