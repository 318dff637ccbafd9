//! A simulator and a central system that run: what a number of stations takes, and what they do.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    counts::{ACTIONS, each, others},
    outage::{self, Outage},
    process::{Program, Usage, address, central},
    simulators::Simulator,
    table::Rows,
};
use crate::shell::{output, target};

/// Seconds between heartbeats, as BootNotification is answered.
const HEARTBEAT: &str = "60";
/// The most that all may take to be accepted.
const PATIENCE: Duration = Duration::from_secs(240);
/// From then on, until it is watched, and for how long.
const SETTLES: Duration = Duration::from_secs(30);
const WATCHED: Duration = Duration::from_secs(60);
/// How long the central system is away, and for how long it is watched what comes back.
const AWAY: Duration = Duration::from_secs(30);
const BACK: Duration = Duration::from_secs(150);
const STEP: Duration = Duration::from_millis(500);

/// What a number of stations takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    pub accepted: u64,
    /// Seconds from the start of the program.
    pub accepted_in: f64,
    /// While it is watched: processor seconds a second, and memory on average.
    pub usage: Usage,
    pub calls_per_second: f64,
}

/// A simulator and a central system that run.
pub struct Trial {
    stations: u64,
    simulator: Child,
    began: Instant,
    central: Program,
    url: String,
    books: PathBuf,
}

impl Drop for Trial {
    fn drop(&mut self) {
        // It fails where it has ended.
        let _ = self.simulator.kill();
        let _ = self.simulator.wait();
    }
}

impl Trial {
    pub fn start(simulator: &Simulator, node: &Path, stations: u64) -> Result<Self, String> {
        let folder = target().join("fleet-compare");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let books = folder.join("books.jsonl");
        let (central, url) = Self::central("127.0.0.1:0", &books)?;
        let simulator = simulator.start(node, &url, stations, &folder)?;
        let began = Instant::now();
        Ok(Self {
            stations,
            simulator,
            began,
            central,
            url,
            books,
        })
    }

    fn central(address: &str, books: &Path) -> Result<(Program, String), String> {
        central("release", address, books, &["--interval", HEARTBEAT])
    }

    /// A number of the books.
    fn count(&mut self, name: &str) -> Result<u64, String> {
        let books = self.central.ask("books")?;
        Ok(books.get(name).and_then(Value::as_u64).unwrap_or_default())
    }

    /// Waits until all stations are so, or for so long. How many are, and the seconds since.
    fn wait(
        &mut self,
        name: &str,
        since: Instant,
        patience: Duration,
    ) -> Result<(u64, f64), String> {
        let (mut most, mut reached) = (0, 0.0);
        loop {
            let count = self.count(name)?;
            let seconds = since.elapsed().as_secs_f64();
            if count > most {
                (most, reached) = (count, seconds);
            }
            if count >= self.stations || since.elapsed() >= patience {
                return Ok((most, reached));
            }
            thread::sleep(STEP);
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.simulator.try_wait(), Ok(None))
    }

    pub fn watch(&mut self) -> Result<Size, String> {
        let (accepted, accepted_in) = self.wait("accepted", self.began, PATIENCE)?;
        thread::sleep(SETTLES);
        let process = self.simulator.id();
        let (from, calls) = (Usage::of_tree(process), self.count("calls")?);
        let watched = Instant::now();
        let (mut memory, mut samples) = (0.0, 0.0);
        while watched.elapsed() < WATCHED {
            thread::sleep(STEP);
            memory += Usage::of_tree(process).memory;
            samples += 1.0;
        }
        let seconds = watched.elapsed().as_secs_f64();
        if self.has_ended() {
            return Err("the simulator has ended: target/fleet-compare/simulator.log".to_owned());
        }
        let to = Usage::of_tree(process);
        Ok(Size {
            accepted,
            accepted_in,
            usage: Usage {
                processor: (to.processor - from.processor) / seconds,
                memory: memory / samples,
            },
            calls_per_second: (self.count("calls")? - calls) as f64 / seconds,
        })
    }

    /// What its stations did, and what becomes of them when the central system is killed and comes back.
    pub fn tell(&mut self, size: &Size, rows: &mut Rows) -> Result<(), String> {
        let all = self.stations;
        rows.add("processors, steady", format!("{:.3}", size.usage.processor));
        rows.add(
            "CALLs a second, steady",
            format!("{:.1}", size.calls_per_second),
        );
        let stations = self.central.ask("stations")?;
        for action in ACTIONS {
            rows.add(format!("{action} a station"), each(&stations, action));
        }
        rows.add("other CALLs a station", others(&stations));
        rows.add("violations of OCPP-J", self.count("faults")?.to_string());
        let before = self.read()?;
        let connectors = outage::connectors(&before);
        rows.add(
            "connectors that charged",
            format!("{connectors} of {}", 2 * all),
        );

        let from = now()?;
        self.central.kill();
        // What was answered until the end is in the file.
        let before = self.read()?;
        thread::sleep(AWAY);
        let to = now()?;
        let address = address(&self.url)?;
        (self.central, _) = Self::central(&address, &self.books)?;
        let back = Instant::now();
        let (online, online_in) = self.wait("online", back, BACK)?;
        thread::sleep(BACK.saturating_sub(back.elapsed()));
        let connected = match online {
            0 if self.has_ended() => "none: the program has ended".to_owned(),
            _ => format!("{online} of {all} after {online_in:.1} s"),
        };
        rows.add(
            "central system killed, back after 30 s: connected again",
            connected,
        );
        let booted = self.count("accepted")?;
        rows.add(
            "BootNotification once more",
            format!("by {booted} of {all}"),
        );
        let after = self.read()?;
        let after = after.get(before.len()..).unwrap_or_default();
        let outage = Outage::of(&before, after, &from, &to);
        rows.add(
            "transactions that ran then: heard of again",
            format!("{} of {}", outage.resumed, outage.running),
        );
        rows.add(
            "of the outage, delivered: transactions begun, ended, MeterValues",
            format!("{}, {}, {}", outage.begun, outage.ended, outage.metered),
        );
        let stray = self.count("strayStops")?;
        rows.add("StopTransaction of no transaction", stray.to_string());
        Ok(())
    }

    fn read(&self) -> Result<String, String> {
        let shown = self.books.display();
        fs::read_to_string(&self.books).map_err(|error| format!("{shown}: {error}"))
    }
}

/// UTC as OCPP has it, without what is behind the second.
fn now() -> Result<String, String> {
    output("date", &["-u", "+%FT%T"]).ok_or_else(|| "date: no time".to_owned())
}
