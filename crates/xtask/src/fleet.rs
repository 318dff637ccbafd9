//! A fleet and a central system, each a process of its own: what a station costs, and whether all is
//! delivered when the central system is killed and started again.

pub mod compare;
mod counts;
mod outage;
mod process;
mod simulators;
mod table;
mod trial;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use self::{
    process::{Program, address, central},
    table::{Rows, table},
};
use crate::{
    measure::page,
    panel, peers,
    report::Outcome::{self, Passed},
    shell::{build_charge_point, root, run_within, target},
};

const PAGE: &str = "docs/fleet.md";
/// The reports of a fleet, drawn by Chromium.
const PICTURES: &str = "docs/pictures";
/// The width and height of a picture: the table at the top and the plots.
const PICTURE: &str = "900,1865";
/// Sizes that the page shows.
const SHOWN: [u64; 2] = [1_000, 10_000];

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
    build_charge_point(&[])?;
    measure(&STEP)?;
    Ok(Passed)
}

/// `cargo xtask fleet [--stations N,...] [--write]`
pub fn command(words: &[&str]) -> Result<(), String> {
    let (write, words) = page::write_wanted(words);
    let sizes = match words.as_slice() {
        [] if write => SHOWN.to_vec(),
        [] => vec![FULL.stations],
        ["--stations", numbers] => sizes(numbers)?,
        _ => return Err("usage: cargo xtask fleet [--stations N,...] [--write]".to_owned()),
    };
    let browser = match write {
        true => Some(panel::chromium()?),
        false => None,
    };
    // Otherwise it would be missed after minutes.
    peers::install()?;
    build_charge_point(&["--release"])?;
    let mut columns = Vec::new();
    for stations in sizes {
        // Fewer take less time, but the process around them weighs more.
        let goals = FULL.goals.filter(|_| stations >= 1_000);
        columns.push(measure(&Scale {
            stations,
            goals,
            ..FULL
        })?);
        if let Some(browser) = &browser {
            draw(browser, stations)?;
        }
    }
    page::show_on(PAGE, "fleet", &table(&columns), write)
}

/// Numbers of stations, with commas between them.
fn sizes(numbers: &str) -> Result<Vec<u64>, String> {
    let parse = |number: &str| match number.parse() {
        Ok(0) | Err(_) => Err(format!("{number}: no number of stations")),
        Ok(stations) => Ok(stations),
    };
    numbers.split(',').map(parse).collect()
}

/// A picture of the report of the fleet that ran last.
fn draw(browser: &Path, stations: u64) -> Result<(), String> {
    let report = target().join("fleet/report/report.html");
    let picture = root().join(PICTURES).join(format!("fleet-{stations}.png"));
    let mut chromium = Command::new(browser);
    chromium.args(["--headless", "--no-sandbox", "--hide-scrollbars"]);
    chromium.arg(format!("--window-size={PICTURE}"));
    chromium.arg(format!("--screenshot={}", picture.display()));
    chromium.arg(format!("file://{}", report.display()));
    chromium.stdin(Stdio::null()).stderr(Stdio::null());
    run_within(chromium, Duration::from_secs(60))
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

fn measure(scale: &Scale) -> Result<Rows, String> {
    let folder = target().join("fleet");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (books, frames) = (folder.join("books.jsonl"), folder.join("frames"));
    let (mut central_system, url) = central(scale.profile, "127.0.0.1:0", &books, &[])?;
    let began = Instant::now();
    let program = Program::start(scale.profile, "fleet", &arguments(scale, &url, &folder))?;
    let mut fleet = Fleet {
        program,
        last: Value::Null,
    };
    let stations = scale.stations as f64;
    let all = move |fleet: &Fleet| fleet.number("/accepted") >= stations;
    let mut rows = Rows::default();
    rows.add("stations", scale.stations.to_string());

    fleet.wait("all accepted", scale.patience, all)?;
    let accepted_in = began.elapsed().as_secs_f64();
    rows.add("all accepted after", format!("{accepted_in:.1} s"));
    // Some that came first may have left.
    fleet.wait("all charging", scale.patience, move |fleet| {
        fleet.number("/sums/started") >= 2.0 * stations
    })?;
    rows.add(
        "all charging after",
        format!("{:.1} s", began.elapsed().as_secs_f64()),
    );

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
    rows.add(
        "resident memory a station",
        format!("{:.1} KiB", memory / 1024.0),
    );
    rows.add("calls a second", format!("{calls:.0}"));
    rows.add("processors, fleet", format!("{cores:.3}"));
    rows.add("processors, central system", format!("{central_cores:.3}"));
    // Of the summaries, five a second.
    let [median, most] = slowest;
    rows.add("answer time, highest median", format!("{median:.1} ms"));
    rows.add("answer time, highest 99 %", format!("{most:.1} ms"));

    let address = address(&url)?;
    central_system.kill();
    fleet.wait("offline", scale.patience, |fleet| {
        fleet.number("/connected") == 0.0
    })?;
    thread::sleep(scale.away);
    let back = Instant::now();
    (central_system, _) = central(scale.profile, &address, &books, &[])?;
    fleet.wait("all back", scale.patience, all)?;
    rows.add(
        "all back after",
        format!("{:.1} s", back.elapsed().as_secs_f64()),
    );
    fleet.wait("delivered", scale.patience, |fleet| {
        fleet.number("/queued") == 0.0
    })?;
    let delivered_in = back.elapsed().as_secs_f64();
    rows.add("all delivered after", format!("{delivered_in:.1} s"));

    fleet.program.say("quit")?;
    let status = fleet
        .program
        .child
        .wait()
        .map_err(|error| error.to_string())?;
    while let Ok(line) = fleet.program.next(Duration::from_secs(1)) {
        fleet.last = serde_json::from_str(&line).map_err(|error| format!("{line}: {error}"))?;
    }
    let told = central_system.ask("books")?;
    let count = |name: &str| told.get(name).and_then(Value::as_f64).unwrap_or(-1.0);
    rows.add("transactions", format!("{}", count("transactions")));
    rows.add(
        "messages that came twice",
        format!("{}", count("duplicates")),
    );
    println!("\n{}", table(std::slice::from_ref(&rows)));
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
        true => Ok(rows),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_from_one_on() {
        assert_eq!(sizes("100,1000"), Ok(vec![100, 1_000]));
        for wrong in ["", "0", "100,", "x"] {
            assert!(sizes(wrong).is_err(), "{wrong}");
        }
    }
}
