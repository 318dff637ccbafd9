//! Steps that wait more than they work, several at a time: each in a process of its own, whose output
//! is printed when it has ended.

use std::{
    env,
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    report::{Outcome, Report, Step},
    shell::target,
};

/// The command that [`all`] starts for each step.
pub const COMMAND: &str = "step";

/// How the process of a step ends that was skipped; the last line says why.
const SKIPPED: u8 = 3;

/// Runs these steps, so many at a time, in their order.
pub fn all(report: &mut Report, steps: &[(&'static str, Step)], at_once: usize) {
    let mut waiting = steps.iter().map(|(name, _)| *name);
    let mut running: Vec<Running> = Vec::new();
    loop {
        while running.len() < at_once
            && let Some(name) = waiting.next()
        {
            match Running::start(name) {
                Ok(step) => running.push(step),
                Err(error) => report.add(name, Err(error), Duration::ZERO),
            }
        }
        if running.is_empty() {
            return;
        }
        let ended = |step: &mut Running| !matches!(step.child.try_wait(), Ok(None));
        match running.iter_mut().position(ended) {
            Some(place) => running.remove(place).end(report),
            None => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Runs one step, as [`all`] wants to hear of it.
pub fn one(step: Step) -> ExitCode {
    match step() {
        Ok(Outcome::Passed) => ExitCode::SUCCESS,
        Ok(Outcome::Skipped(why)) => {
            println!("{why}");
            ExitCode::from(SKIPPED)
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

struct Running {
    name: &'static str,
    child: Child,
    log: PathBuf,
    started: Instant,
}

impl Running {
    fn start(name: &'static str) -> Result<Self, String> {
        let folder = target().join("steps");
        let log = folder.join(name).with_extension("log");
        let open = || {
            fs::create_dir_all(&folder)?;
            let output = File::create(&log)?;
            Ok((output.try_clone()?, output))
        };
        let failed = |error: std::io::Error| format!("{}: {error}", log.display());
        let (output, errors) = open().map_err(failed)?;
        let mut command = Command::new(env::current_exe().map_err(failed)?);
        command.args([COMMAND, name]).stdin(Stdio::null());
        command.stdout(output).stderr(errors);
        println!("  {name} begins; its output is in {}", log.display());
        Ok(Self {
            name,
            child: command.spawn().map_err(failed)?,
            started: Instant::now(),
            log,
        })
    }

    fn end(mut self, report: &mut Report) {
        let time = self.started.elapsed();
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        println!("\n==> {}", self.name);
        let last = said.trim_end().lines().last().unwrap_or_default();
        let outcome = match self.child.wait() {
            Ok(status) if status.success() => Ok(Outcome::Passed),
            Ok(status) if status.code() == Some(SKIPPED.into()) => {
                Ok(Outcome::Skipped(last.to_owned()))
            }
            Ok(_) => Err(last.to_owned()),
            Err(error) => Err(error.to_string()),
        };
        print!("{said}");
        report.add(self.name, outcome, time);
    }
}
