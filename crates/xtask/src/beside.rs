//! Programs that wait more than they work, several at a time; what each has said is in a file while it
//! runs, and printed when it has ended.

use std::{
    collections::VecDeque,
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

/// Says to a step that the stage before has built the tests and what they run: cargo would wait until other steps
/// have built as well.
pub const BUILT: &str = "XTASK_BUILT";

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

/// Programs of which so many run at a time, in their order. Each has a name, which is that of its file.
pub struct Group<T> {
    pub at_once: usize,
    pub programs: VecDeque<(T, String, Command)>,
}

/// Groups that run one after the other.
struct Lane<T> {
    groups: VecDeque<Group<T>>,
    running: Vec<Running<T>>,
}

impl<T> Lane<T> {
    /// Starts those whose turn it is; whether any run.
    fn go_on(&mut self) -> bool {
        while let Some(group) = self.groups.front_mut() {
            while self.running.len() < group.at_once
                && let Some((purpose, name, command)) = group.programs.pop_front()
            {
                self.running.push(Running::start(purpose, &name, command));
            }
            if !self.running.is_empty() {
                return true;
            }
            self.groups.pop_front();
        }
        false
    }

    fn take_ended(&mut self) -> Option<Ended<T>> {
        let place = self.running.iter_mut().position(Running::has_ended)?;
        Some(self.running.remove(place).end())
    }
}

/// Runs lanes of groups, all lanes at the same time.
pub fn all<T>(
    lanes: impl IntoIterator<Item = VecDeque<Group<T>>>,
    mut ended: impl FnMut(Ended<T>),
) {
    let lane = |groups| Lane {
        groups,
        running: Vec::new(),
    };
    let mut lanes: Vec<_> = lanes.into_iter().map(lane).collect();
    loop {
        lanes.retain_mut(Lane::go_on);
        if lanes.is_empty() {
            return;
        }
        match lanes.iter_mut().find_map(Lane::take_ended) {
            Some(program) => ended(program),
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

/// Steps of which so many run at a time.
pub struct Stage {
    pub at_once: usize,
    pub steps: &'static [(&'static str, Step)],
}

/// Stages that run one after the other, beside those of other lanes.
pub struct StageLane {
    /// It yields to the others.
    pub is_patient: bool,
    pub stages: &'static [Stage],
}

/// Runs those steps that are meant, each in a process of its own.
pub fn steps(report: &mut Report, lanes: &[StageLane], is_meant: impl Fn(&str) -> bool) {
    let folder = target().join("steps");
    println!(
        "\n  what they say is in {} while they run",
        folder.display()
    );
    let program = env::current_exe().unwrap_or_default();
    let lanes = lanes.iter().map(|lane| {
        let mut groups = VecDeque::new();
        for stage in lane.stages {
            let programs = stage.steps.iter().map(|&(name, _)| {
                let mut command = Command::new(&program);
                command.args([COMMAND, name]);
                if !groups.is_empty() {
                    command.env(BUILT, "1");
                }
                if lane.is_patient {
                    command = patient(&command);
                }
                (name, name.to_owned(), command)
            });
            let programs: VecDeque<_> = programs.filter(|(name, ..)| is_meant(name)).collect();
            if !programs.is_empty() {
                groups.push_back(Group {
                    at_once: stage.at_once,
                    programs,
                });
            }
        }
        groups
    });
    let lanes: Vec<_> = lanes.collect();
    all(lanes, |ended| {
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
        let group = Group {
            at_once: 2,
            programs: programs.into(),
        };
        all([VecDeque::from([group])], |it| {
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
