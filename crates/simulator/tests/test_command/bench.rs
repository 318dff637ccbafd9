//! Files of a test, central systems, and what the program says.

use std::{
    fs,
    path::PathBuf,
    process::{self, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use central_system::{Answer, Behaviour, CentralSystem, IdTag};
use serde_json::Value;

use crate::charge_point::{SOON, binary};

pub const TAG: &str = "TAG-1";

/// Seconds that a step waits for what it expects: what is good comes in time on a machine that is busy, too.
pub const WITHIN: u8 = 3;
/// What comes so much later is late, however busy the machine is.
pub const LATE: Duration = Duration::from_secs(5);

/// A folder for the files of a test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("scenarios-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A scenario with these steps and a title; what is expected has [`WITHIN`].
    pub fn steps(&self, steps: &str) -> PathBuf {
        self.file(
            "case.yaml",
            &format!("title: A case\nwithin: {WITHIN}\nsteps:\n{steps}"),
        )
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the program says of these steps at a central system.
pub struct Run {
    pub code: Option<i32>,
    pub report: Value,
    pub errors: String,
}

impl Run {
    pub fn passed(&self) -> bool {
        self.code == Some(0) && self.report["passed"] == 1
    }

    /// What was found in place of what was expected.
    pub fn found(&self) -> &str {
        assert_eq!(self.code, Some(1), "{} {}", self.report, self.errors);
        assert_eq!(self.report["failed"], 1, "{}", self.report);
        let found = &self.report["scenarios"][0]["failure"]["found"];
        found.as_str().unwrap()
    }

    pub fn line(&self) -> u64 {
        let failure = &self.report["scenarios"][0]["failure"];
        failure["line"].as_u64().unwrap()
    }
}

pub fn run(url: &str, steps: &str, options: &[&str]) -> Run {
    let folder = Folder::new();
    let file = folder.steps(steps);
    let output = binary()
        .args(["test", "--csms", url, "--json", "-"])
        .args(options)
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Run {
        code: output.status.code(),
        report: serde_json::from_str(&text).unwrap_or(Value::Null),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A central system that answers this action with what the hook says.
pub fn deviant(
    action: &'static str,
    answer: impl Fn() -> Answer + Send + Sync + 'static,
) -> CentralSystem {
    let behaviour = Behaviour::new().tag(TAG, IdTag::accepted());
    let behaviour = behaviour.on_call(move |_, called, _| (called == action).then(&answer));
    CentralSystem::start(behaviour).unwrap()
}

pub fn good() -> CentralSystem {
    CentralSystem::start(Behaviour::new().tag(TAG, IdTag::accepted())).unwrap()
}

/// What is said of these steps by a central system that sends a CALL so long after the boot.
pub fn run_called(action: &str, payload: Value, after: Duration, steps: &str) -> Run {
    let central = good();
    thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let identity = "SCENARIO-1";
            assert!(central.wait_for(SOON, |books| {
                let station = books.station(identity);
                station.is_some_and(|station| station.registration.is_some())
            }));
            thread::sleep(after);
            // One that comes too late finds no charge point any more.
            let _ = central.call(identity, action, payload, SOON);
        });
        let run = run(&central.url(), steps, &[]);
        calling.join().unwrap();
        run
    })
}

pub const BOOTED: &str = "- sends: BootNotification\n";

pub fn output(arguments: &[&str], paths: &[&PathBuf]) -> Output {
    binary()
        .arg("test")
        .args(arguments)
        .args(paths)
        .output()
        .unwrap()
}
