//! How each step went.

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

/// How a step ended that did not fail.
pub enum Outcome {
    /// It ran and passed.
    Passed,
    /// It could not run here; why.
    Skipped(String),
}

/// A step, or why it failed.
pub type Step = fn() -> Result<Outcome, String>;

/// How long a step took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// On a clock.
    pub passed: Duration,
    /// On the processors, of all of its programs.
    pub worked: Duration,
}

/// The processor time of this program and of those that it started and that have ended.
pub fn worked() -> Duration {
    // Linux counts it in hundredths of a second for programs, whatever its kernel does.
    const TICK: Duration = Duration::from_millis(10);
    let line = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name is in brackets, and may have blanks.
    let fields = line.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(4);
    let ticks: u32 = times.flat_map(str::parse::<u32>).sum();
    TICK * ticks
}

/// All steps so far.
#[derive(Default)]
pub struct Report {
    lines: Vec<(&'static str, Result<Outcome, String>, Time)>,
}

impl Report {
    /// Runs a step and remembers how it went.
    pub fn step(&mut self, name: &'static str, step: Step) {
        println!("\n==> {name}");
        let (started, before) = (Instant::now(), worked());
        let outcome = step();
        let time = Time {
            passed: started.elapsed(),
            worked: worked().saturating_sub(before),
        };
        self.add(name, outcome, time);
    }

    /// Remembers how a step went.
    pub fn add(&mut self, name: &'static str, outcome: Result<Outcome, String>, time: Time) {
        if let Err(error) = &outcome {
            println!("  FAILED: {error}");
        }
        self.lines.push((name, outcome, time));
    }

    /// Prints the summary.
    pub fn finish(self) -> ExitCode {
        println!("\nSummary: seconds on a clock, and of processors");
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        let mut all = Duration::ZERO;
        for (name, outcome, time) in &self.lines {
            let (word, why) = match outcome {
                Ok(Outcome::Passed) => ("ok", ""),
                Ok(Outcome::Skipped(why)) => ("skipped", why.as_str()),
                Err(why) => ("FAILED", why.as_str()),
            };
            match outcome {
                Ok(Outcome::Passed) => passed += 1,
                Ok(Outcome::Skipped(_)) => skipped += 1,
                Err(_) => failed += 1,
            }
            all += time.worked;
            println!(
                "  {word:<8} {name:<17} {:>6.1} s {:>6.1} s  {why}",
                time.passed.as_secs_f32(),
                time.worked.as_secs_f32()
            );
        }
        println!(
            "\n{passed} passed, {failed} failed, {skipped} skipped; {:.1} s of processors",
            all.as_secs_f32()
        );
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_a_program_worked_is_counted_when_it_has_ended() {
        let before = worked();
        let mut shell = Command::new("sh");
        shell.args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]);
        assert!(shell.status().is_ok_and(|status| status.success()));
        assert!(worked() > before);
    }
}
