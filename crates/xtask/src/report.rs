//! How each step went.

use std::{
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

/// All steps so far.
#[derive(Default)]
pub struct Report {
    lines: Vec<(&'static str, Result<Outcome, String>, Duration)>,
}

impl Report {
    /// Runs a step and remembers how it went.
    pub fn step(&mut self, name: &'static str, step: Step) {
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = step();
        self.add(name, outcome, started.elapsed());
    }

    /// Remembers how a step went.
    pub fn add(&mut self, name: &'static str, outcome: Result<Outcome, String>, time: Duration) {
        if let Err(error) = &outcome {
            println!("  FAILED: {error}");
        }
        self.lines.push((name, outcome, time));
    }

    /// Prints the summary.
    pub fn finish(self) -> ExitCode {
        println!("\nSummary");
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
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
            println!(
                "  {word:<8} {name:<17} {:>6.1} s  {why}",
                time.as_secs_f32()
            );
        }
        println!("\n{passed} passed, {failed} failed, {skipped} skipped");
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
