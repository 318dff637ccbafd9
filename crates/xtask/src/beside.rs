//! Programs that wait more than they work, several at a time; what each has said is in a file while it
//! runs, and printed when it has ended.

use std::{
    env,
    fs::{self, File},
    io,
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    report::{self, Outcome, Report, Step, Time},
    shell::{patient, target},
};

/// The command that [`steps`] starts for each step.
pub const COMMAND: &str = "step";

/// How the process of a step ends that was skipped; the last line says why.
const SKIPPED: u8 = 3;

/// How a program ended.
pub struct Ended<T> {
    /// What it was started for.
    pub purpose: T,
    /// How, if it could be started.
    pub status: io::Result<ExitStatus>,
    /// What it has said.
    pub said: String,
    /// How long it ran.
    pub time: Time,
}

/// Runs programs, so many at a time, in their order. Each has a name, which is that of its file.
pub fn all<T>(
    programs: impl Iterator<Item = (T, String, Command)>,
    at_once: usize,
    mut ended: impl FnMut(Ended<T>),
) {
    let mut waiting = programs;
    let mut running: Vec<Running<T>> = Vec::new();
    loop {
        while running.len() < at_once
            && let Some((purpose, name, command)) = waiting.next()
        {
            running.push(Running::start(purpose, &name, command));
        }
        if running.is_empty() {
            return;
        }
        match running.iter_mut().position(Running::has_ended) {
            Some(place) => ended(running.remove(place).end()),
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

struct Running<T> {
    purpose: T,
    child: io::Result<Child>,
    log: PathBuf,
    started: Instant,
    worked: Duration,
}

impl<T> Running<T> {
    fn start(purpose: T, name: &str, mut command: Command) -> Self {
        let folder = target().join("steps");
        let log = folder.join(format!("{name}.log"));
        let mut spawn = || {
            fs::create_dir_all(&folder)?;
            let output = File::create(&log)?;
            command.stdin(Stdio::null()).stderr(output.try_clone()?);
            command.stdout(output).spawn()
        };
        Self {
            purpose,
            child: spawn(),
            log,
            started: Instant::now(),
            worked: Duration::ZERO,
        }
    }

    fn has_ended(&mut self) -> bool {
        let child = self.child.as_mut();
        // What a program worked is known to who waited for it.
        let before = report::worked();
        let ended = !matches!(child.map(Child::try_wait), Ok(Ok(None)));
        self.worked = report::worked().saturating_sub(before);
        ended
    }

    fn end(self) -> Ended<T> {
        Ended {
            purpose: self.purpose,
            status: self.child.and_then(|mut child| child.wait()),
            said: fs::read_to_string(&self.log).unwrap_or_default(),
            time: Time {
                passed: self.started.elapsed(),
                worked: self.worked,
            },
        }
    }
}

/// Runs these steps, so many at a time, each in a process of its own. Where one goes first, the others
/// have patience.
pub fn steps(
    report: &mut Report,
    steps: &[(&'static str, Step)],
    at_once: usize,
    goes_first: Option<&str>,
) {
    let folder = target().join("steps");
    println!(
        "\n  what they say is in {} while they run",
        folder.display()
    );
    let program = env::current_exe().unwrap_or_default();
    let programs = steps.iter().map(|&(name, _)| {
        let mut command = Command::new(&program);
        command.args([COMMAND, name]);
        if goes_first.is_some_and(|first| first != name) {
            command = patient(&command);
        }
        (name, name.to_owned(), command)
    });
    all(programs, at_once, |ended| {
        println!("\n==> {}", ended.purpose);
        print!("{}", ended.said);
        let last = ended.said.trim_end().lines().last().unwrap_or_default();
        let outcome = match ended.status {
            Ok(status) if status.success() => Ok(Outcome::Passed),
            Ok(status) if status.code() == Some(SKIPPED.into()) => {
                Ok(Outcome::Skipped(last.to_owned()))
            }
            Ok(_) => Err(last.to_owned()),
            Err(error) => Err(error.to_string()),
        };
        report.add(ended.purpose, outcome, ended.time);
    });
}

/// Runs one step, as [`steps`] wants to hear of it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_said_and_how_it_ended_is_told() {
        let script = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let programs = [
            ("slow", script("sleep 0.2; echo slow")),
            ("fails", script("echo no >&2; exit 3")),
            ("missing", Command::new("/no/such/program")),
        ];
        let programs = programs.map(|(name, command)| (name, format!("test-{name}"), command));
        let mut ended = Vec::new();
        all(programs.into_iter(), 2, |it| {
            let code = it.status.ok().and_then(|status| status.code());
            ended.push((it.purpose, code, it.said.trim().to_owned()));
        });
        ended.sort();
        let expected = [
            ("fails", Some(3), "no"),
            ("missing", None, ""),
            ("slow", Some(0), "slow"),
        ];
        let expected = expected.map(|(name, code, said)| (name, code, said.to_owned()));
        assert_eq!(ended, expected);
    }
}
