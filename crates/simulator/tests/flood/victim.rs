//! A charge point that is flooded while a transaction is metered each second, and what that costs.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::line::{Line, Sample, Seen};
use crate::{
    charge_point,
    memory::{own_kb, peak_kb},
    peer::Door,
};

/// What a transaction is metered in.
const INTERVAL_MS: i64 = 1000;
/// Longer than anything takes that is not measured.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Victim {
    child: Child,
    input: ChildStdin,
    /// Why there is no connection, and when it was told.
    problems: Receiver<(Instant, String)>,
    pub door: Door,
    seen: Arc<Mutex<Seen>>,
    before_kb: u64,
    began: Instant,
}

/// A line of the table.
pub struct Cost {
    pub what: &'static str,
    pub seconds: f64,
    /// What was sent, and what came of it.
    pub done: String,
    pub before_kb: u64,
    pub peak_kb: u64,
    pub after_kb: u64,
    /// By how much the latest sample was taken too late.
    pub taken_late_ms: i64,
    /// By how much the latest one arrived later after it was taken than the first; `None` where there was no
    /// connection for a while.
    pub told_late_ms: Option<i64>,
}

impl Victim {
    /// One with a transaction under way, and these settings.
    pub fn start(settings: &[(&str, u32)]) -> (Self, Line) {
        let door = Door::open();
        let mut child = charge_point::binary()
            .args(["--csms", &door.url(), "--id", "CP1", "--json"])
            .args(["--latency", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, problems) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Frames are many, and most of them of the flood.
                if line.contains(r#""event":"frame""#) {
                    continue;
                }
                let told: Value = serde_json::from_str(&line).unwrap();
                let problem = match told["event"].as_str() {
                    Some("error") => &told["message"],
                    Some("disconnected") => &told["reason"],
                    _ => continue,
                };
                let problem = problem.as_str().unwrap().to_owned();
                if sender.send((Instant::now(), problem)).is_err() {
                    return;
                }
            }
        });
        let mut peer = door.accept();
        peer.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.boot();
        let seen = Arc::default();
        let mut line = Line::new(peer, &seen);
        let metered = [("MeterValueSampleInterval", INTERVAL_MS as u32 / 1000)];
        for (key, value) in metered.iter().chain(settings) {
            line.send(&format!(
                r#"[2,"{key}","ChangeConfiguration",{{"key":"{key}","value":"{value}"}}]"#
            ));
        }
        let mut victim = Self {
            input: child.stdin.take().unwrap(),
            child,
            problems,
            door,
            seen,
            before_kb: 0,
            began: Instant::now(),
        };
        assert!(line.answer(PATIENCE, |seen| seen.answers == 1 + settings.len()));
        victim.command("plug 1");
        victim.command("tag 1 TAG");
        line.answer(PATIENCE, |seen| seen.samples.len() == 2);
        line.seen().answers = 0;
        victim.before_kb = own_kb(victim.child.id());
        victim.began = Instant::now();
        (victim, line)
    }

    pub fn command(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Waits until it has told this of its connection: how long since the flood began.
    pub fn problem(&self, what: &str, patience: Duration) -> Duration {
        let deadline = Instant::now() + patience;
        let mut told = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.problems.recv_timeout(left) {
                Ok((at, problem)) if problem.contains(what) => return at - self.began,
                Ok((_, problem)) => told.push(problem),
                Err(_) => panic!("waited in vain for {what}; got {told:?}"),
            }
        }
    }

    /// Lets it in again, and hears what it had to tell meanwhile.
    pub fn comes_back(&self) -> Line {
        let mut line = Line::new(self.door.accept(), &self.seen);
        // That of the moment in which it came back, and the one behind it.
        let wanted = self.due() + 2;
        line.answer(PATIENCE, |seen| seen.samples.len() >= wanted);
        line
    }

    /// How many samples are due by now.
    fn due(&self) -> usize {
        let seen = self.seen.lock().unwrap();
        let since = seen.samples[0].arrived.elapsed().as_millis();
        since as usize / INTERVAL_MS as usize
    }

    /// The end of a flood whose connection is kept.
    pub fn judge(
        self,
        what: &'static str,
        line: &mut Line,
        done: impl Fn(&Seen) -> String,
    ) -> Cost {
        let wanted = self.due() + 2;
        assert!(
            line.answer(PATIENCE, |seen| seen.samples.len() >= wanted),
            "{what}: the connection was lost"
        );
        let told_late_ms = told_late_ms(&line.seen().samples);
        let done = done(&line.seen());
        self.cost(what, done, Some(told_late_ms))
    }

    /// The same for one whose connection was dropped in between.
    pub fn judge_dropped(self, what: &'static str, done: String) -> Cost {
        self.cost(what, done, None)
    }

    fn cost(self, what: &'static str, done: String, told_late_ms: Option<i64>) -> Cost {
        let id = self.child.id();
        let seen = self.seen.lock().unwrap();
        Cost {
            what,
            seconds: self.began.elapsed().as_secs_f64(),
            done,
            before_kb: self.before_kb,
            peak_kb: peak_kb(id),
            after_kb: own_kb(id),
            taken_late_ms: taken_late_ms(&seen.samples),
            told_late_ms,
        }
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sample that is missing makes those behind it late.
fn taken_late_ms(samples: &[Sample]) -> i64 {
    let due = (0..).map(|place: i64| samples[0].taken + place * INTERVAL_MS);
    let late = samples
        .iter()
        .zip(due)
        .map(|(sample, due)| sample.taken - due);
    late.max().unwrap()
}

fn told_late_ms(samples: &[Sample]) -> i64 {
    let first = &samples[0];
    let late = samples.iter().map(|sample| {
        let arrived = (sample.arrived - first.arrived).as_millis() as i64;
        arrived - (sample.taken - first.taken)
    });
    late.max().unwrap()
}
