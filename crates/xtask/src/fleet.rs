//! A fleet and a central system, each a process of its own: what a station costs, and whether all is
//! delivered when the central system is killed and started again.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    peers,
    report::Outcome::{self, Passed},
    shell::{cargo, root, run, target},
};

/// How large it is, and how long each part of it takes.
struct Scale {
    stations: u64,
    /// All of them start within it.
    ramp: Duration,
    /// The most that all may take to charge, and to be back.
    patience: Duration,
    meter_interval: u64,
    /// For how long it is watched while nothing changes.
    steady: Duration,
    /// How long the central system is away.
    away: Duration,
    /// What a station may take, and what the fleet may take of a processor; where it is large enough for
    /// that to say something.
    goals: Option<(f64, f64)>,
    profile: &'static str,
}

const STEP: Scale = Scale {
    stations: 200,
    ramp: Duration::from_millis(500),
    patience: Duration::from_secs(60),
    meter_interval: 2,
    steady: Duration::from_millis(1_500),
    away: Duration::from_millis(500),
    goals: None,
    profile: "debug",
};

const FULL: Scale = Scale {
    stations: 10_000,
    ramp: Duration::from_secs(40),
    patience: Duration::from_secs(120),
    meter_interval: 60,
    steady: Duration::from_secs(120),
    away: Duration::from_secs(30),
    goals: Some((24.0 * 1024.0, 0.2)),
    profile: "release",
};

/// Resident bytes of a station at 200 of them: with the process around it.
const SMALL_STATION: f64 = 96.0 * 1024.0;

/// 200 stations, in debug builds, which other steps have made.
pub fn step() -> Result<Outcome, String> {
    run(cargo(&["build", "--locked"]))?;
    measure(&STEP)?;
    Ok(Passed)
}

/// `cargo xtask fleet [--stations N]`
pub fn command(words: &[&str]) -> Result<(), String> {
    let stations = match words {
        [] => FULL.stations,
        ["--stations", number] => number.parse().map_err(|_| format!("{number}: no number"))?,
        _ => return Err("usage: cargo xtask fleet [--stations N]".to_owned()),
    };
    run(cargo(&["build", "--locked", "--release"]))?;
    // Fewer take less time, but the process around them weighs more.
    let goals = FULL.goals.filter(|_| stations >= 1_000);
    measure(&Scale {
        stations,
        goals,
        ..FULL
    })
}

/// A program whose lines are read as they come.
struct Program {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Program {
    fn start(scale: &Scale, mode: &str, arguments: &[String]) -> Result<Self, String> {
        let path = target().join(scale.profile).join("charge-point");
        let failed = |error| format!("{}: {error}", path.display());
        let mut command = Command::new(&path);
        command.arg(mode).args(arguments).current_dir(root());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err(format!("{mode}: no standard input or output"));
        };
        Ok(Self {
            child,
            input,
            lines: read(output),
        })
    }

    fn next(&self, patience: Duration) -> Result<String, String> {
        let line = self.lines.recv_timeout(patience);
        line.map_err(|_| "a program says nothing any more".to_owned())
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        let written = writeln!(self.input, "{line}").and_then(|()| self.input.flush());
        written.map_err(|error| format!("{line}: {error}"))
    }

    fn kill(&mut self) {
        // It fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Seconds of processor time.
    fn processor(&self) -> f64 {
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        // proc(5): utime and stime, in hundredths of a second.
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum::<f64>()
            / 100.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    // It ends with the program.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// What the fleet said last, and how to wait for something else.
struct Fleet {
    program: Program,
    last: Value,
}

impl Fleet {
    fn number(&self, pointer: &str) -> f64 {
        self.last
            .pointer(pointer)
            .and_then(Value::as_f64)
            .unwrap_or_default()
    }

    fn step(&mut self) -> Result<(), String> {
        let line = self.program.next(Duration::from_secs(20))?;
        self.last = serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))?;
        Ok(())
    }

    /// Seconds until it is so.
    fn wait(
        &mut self,
        what: &str,
        patience: Duration,
        is_so: impl Fn(&Self) -> bool,
    ) -> Result<f64, String> {
        let started = Instant::now();
        loop {
            self.step()?;
            if is_so(self) {
                return Ok(started.elapsed().as_secs_f64());
            }
            if started.elapsed() > patience {
                return Err(format!("not {what} within {patience:?}: {}", self.last));
            }
        }
    }
}

fn central(scale: &Scale, address: &str, books: &Path) -> Result<(Program, String), String> {
    let words = ["--listen", address, "--books", &books.to_string_lossy()].map(str::to_owned);
    let program = Program::start(scale, "central-system", &words)?;
    let url = program.next(Duration::from_secs(60))?;
    Ok((program, url))
}

fn books_of(central: &mut Program) -> Result<Value, String> {
    central.say("books")?;
    let line = central.next(Duration::from_secs(60))?;
    serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))
}

fn measure(scale: &Scale) -> Result<(), String> {
    let folder = target().join("fleet");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (books, frames) = (folder.join("books.jsonl"), folder.join("frames"));
    let (mut central_system, url) = central(scale, "127.0.0.1:0", &books)?;
    let began = Instant::now();
    let program = Program::start(scale, "fleet", &arguments(scale, &url, &folder))?;
    let mut fleet = Fleet {
        program,
        last: Value::Null,
    };
    let stations = scale.stations as f64;
    let all = move |fleet: &Fleet| fleet.number("/accepted") >= stations;
    let mut rows: Vec<(&str, String)> = vec![("stations", scale.stations.to_string())];

    fleet.wait("all accepted", scale.patience, all)?;
    let accepted_in = began.elapsed().as_secs_f64();
    rows.push(("all accepted after", format!("{accepted_in:.1} s")));
    // Some that came first may have left.
    fleet.wait("all charging", scale.patience, move |fleet| {
        fleet.number("/sums/started") >= 2.0 * stations
    })?;
    rows.push((
        "all charging after",
        format!("{:.1} s", began.elapsed().as_secs_f64()),
    ));

    // What comes of the beginning is over.
    fleet.wait("quiet", scale.patience, |fleet| {
        fleet.number("/queued") == 0.0
    })?;
    let (from, watched) = (fleet.number("/processorSeconds"), Instant::now());
    let (central_from, calls) = (central_system.processor(), fleet.number("/sums/calls"));
    let mut slowest = [0.0_f64; 2];
    while watched.elapsed() < scale.steady {
        fleet.step()?;
        for (slowest, share) in slowest.iter_mut().zip(["p50", "p99"]) {
            *slowest = slowest.max(fleet.number(&format!("/answerMs/{share}")));
        }
    }
    let seconds = watched.elapsed().as_secs_f64();
    let cores = (fleet.number("/processorSeconds") - from) / seconds;
    let calls = (fleet.number("/sums/calls") - calls) / seconds;
    let central_cores = (central_system.processor() - central_from) / seconds;
    let memory = fleet.number("/memory") / stations;
    rows.push((
        "resident memory a station",
        format!("{:.1} KiB", memory / 1024.0),
    ));
    rows.push(("calls a second", format!("{calls:.0}")));
    rows.push(("processors, fleet", format!("{cores:.3}")));
    rows.push(("processors, central system", format!("{central_cores:.3}")));
    // Of the summaries, five a second.
    let [median, most] = slowest;
    rows.push(("answer time, highest median", format!("{median:.1} ms")));
    rows.push(("answer time, highest 99 %", format!("{most:.1} ms")));

    let address = url
        .strip_prefix("ws://")
        .and_then(|rest| rest.split('/').next());
    let address = address
        .ok_or("the central system says no address")?
        .to_owned();
    central_system.kill();
    fleet.wait("offline", scale.patience, |fleet| {
        fleet.number("/connected") == 0.0
    })?;
    thread::sleep(scale.away);
    let back = Instant::now();
    (central_system, _) = central(scale, &address, &books)?;
    fleet.wait("all back", scale.patience, all)?;
    rows.push((
        "all back after",
        format!("{:.1} s", back.elapsed().as_secs_f64()),
    ));
    fleet.wait("delivered", scale.patience, |fleet| {
        fleet.number("/queued") == 0.0
    })?;
    let delivered_in = back.elapsed().as_secs_f64();
    rows.push(("all delivered after", format!("{delivered_in:.1} s")));

    fleet.program.say("quit")?;
    let status = fleet
        .program
        .child
        .wait()
        .map_err(|error| error.to_string())?;
    while let Ok(line) = fleet.program.next(Duration::from_secs(1)) {
        fleet.last = serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))?;
    }
    let told = books_of(&mut central_system)?;
    let count = |name: &str| told.get(name).and_then(Value::as_f64).unwrap_or(-1.0);
    rows.push(("transactions", format!("{}", count("transactions"))));
    rows.push((
        "messages that came twice",
        format!("{}", count("duplicates")),
    ));
    println!("\n{}", table(&rows));
    let mut wrong: Vec<String> = Vec::new();
    let mut check = |what: &str, is_so: bool| {
        if !is_so {
            wrong.push(what.to_owned());
        }
    };
    check("the fleet ended well", status.success());
    let (started, stopped) = (fleet.number("/sums/started"), fleet.number("/sums/stopped"));
    check(
        "each transaction is in the books once",
        count("transactions") == started,
    );
    check("each end is in the books", count("ended") == stopped);
    check(
        "no faults in the books",
        count("faults") == 0.0 && count("strayStops") == 0.0,
    );
    for error in [
        "given_up",
        "call_errors",
        "bad_answers",
        "dropped",
        "rejected",
        "storage_failures",
    ] {
        check(error, fleet.number(&format!("/sums/{error}")) == 0.0);
    }
    check("120 s until all is delivered", delivered_in <= 120.0);
    match scale.goals {
        Some((most, processors)) => {
            check("60 s until all are accepted", accepted_in <= 60.0);
            check("memory", memory <= most);
            check("processors", cores <= processors);
        }
        None => check("memory", memory <= SMALL_STATION),
    }
    check_frames(&frames)?;
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "not as it has to be: {}\n{told}\n{}",
            wrong.join(", "),
            fleet.last
        )),
    }
}

fn arguments(scale: &Scale, url: &str, folder: &Path) -> Vec<String> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let seconds = |time: Duration| format!("{}ms", time.as_millis());
    [
        ("--csms", url.to_owned()),
        ("--stations", scale.stations.to_string()),
        ("--ramp", seconds(scale.ramp)),
        ("--ocpp", "1.6=80,2.0.1=20".to_owned()),
        ("--meter-interval", scale.meter_interval.to_string()),
        ("--busy", "100%".to_owned()),
        ("--duration", "600".to_owned()),
        ("--faults", "0".to_owned()),
        ("--link-losses", "0".to_owned()),
        ("--every", "200ms".to_owned()),
        ("--frames", text(folder.join("frames"))),
        ("--sample", "10".to_owned()),
        ("--report", text(folder.join("report"))),
    ]
    .into_iter()
    .flat_map(|(name, value)| [name.to_owned(), value])
    .chain(["--json".to_owned()])
    .collect()
}

/// Those of the sample, by version.
fn check_frames(folder: &Path) -> Result<(), String> {
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    for (version, end) in [(peers::V16, "-1.6.jsonl"), (peers::V201, "-2.0.1.jsonl")] {
        let of_it: Vec<&PathBuf> = files
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(end))
            .collect();
        if of_it.is_empty() {
            return Err(format!("no frames of {end}"));
        }
        peers::check_frames(version, of_it)?;
    }
    Ok(())
}

fn table(rows: &[(&str, String)]) -> String {
    let lines = rows
        .iter()
        .map(|(name, value)| format!("| {name} | {value} |\n"));
    format!("| fleet | |\n| --- | --- |\n{}", lines.collect::<String>())
}
