//! The tests of this workspace: built at once, then those that open connections, which wait more than they work,
//! run beside all others.

use std::{
    collections::VecDeque,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    beside::{self, Group},
    lints, messages,
    shell::{cargo, line, root, target},
};

/// The program with the tests of the simulator from outside.
pub const SIMULATOR: &str = "simulator";

/// How many of its tests run at a time.
const SIMULATOR_THREADS: &str = "6";

/// How many other programs run at a time.
const AT_ONCE: usize = 2;

/// Has cargo build the tests, and what they run.
pub const BUILD: [&str; 4] = ["test", "--workspace", "--locked", "--no-run"];

/// Runs all of them.
pub fn test() -> Result<(), String> {
    let record = messages::fresh_record()?;
    let programs = built(lints::of_workspace(cargo(&BUILD))?)?.into_iter();
    let (waiting, working): (VecDeque<_>, _) = programs
        .map(|program| program.command(&record))
        .partition(|(_, name, _)| is_of(name, SIMULATOR));
    let lane = |programs| {
        let at_once = AT_ONCE;
        VecDeque::from([Group { at_once, programs }])
    };
    let mut failed = Vec::new();
    beside::all([lane(waiting), lane(working)], |ended| {
        let name = ended.purpose.display();
        println!("\n     {name}\n{}", ended.said.trim());
        if !ended.status.is_ok_and(|status| status.success()) {
            failed.push(name.to_string());
        }
    });
    match failed.is_empty() {
        true => messages::check(&record),
        false => Err(failed.join(", ")),
    }
}

/// The program with the tests of the simulator, built where it was not.
pub fn simulator() -> Result<Command, String> {
    let executable = match env::var_os(beside::BUILT) {
        Some(_) => newest(&target().join("debug/deps"), SIMULATOR),
        None => {
            let mut build = cargo(&BUILD);
            build.args(["--test", SIMULATOR]);
            built(build)?.pop().map(|it| it.executable)
        }
    };
    let executable = executable.ok_or("cargo has built no tests of the simulator")?;
    let mut command = Command::new(executable);
    command.current_dir(root().join("crates/simulator"));
    Ok(command)
}

/// The program of that name in a folder that was written last: each has a number in its name, and one that is
/// up to date is not written again.
pub fn newest(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_it = |path: &Path| {
        let file = path.file_name().unwrap_or_default();
        is_of(&file.to_string_lossy(), name)
    };
    let files = fs::read_dir(folder).ok()?.flatten();
    let programs = files.filter(|file| is_it(&file.path()));
    let newest = programs.max_by_key(|file| file.metadata().and_then(|it| it.modified()).ok())?;
    Some(newest.path())
}

/// Whether this is the name of a program's file: it ends with a number.
fn is_of(file: &str, name: &str) -> bool {
    let number = file.strip_prefix(name).and_then(|it| it.strip_prefix('-'));
    number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// A program of tests.
struct Program {
    executable: PathBuf,
    /// Where it runs: the folder of its package.
    folder: PathBuf,
}

impl Program {
    fn command(self, record: &Path) -> (PathBuf, String, Command) {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.folder);
        let name = self.executable.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        if is_of(&name, messages::PROGRAM) {
            command.env("OCPP_HEARD", record);
        }
        if is_of(&name, SIMULATOR) {
            command.env("RUST_TEST_THREADS", SIMULATOR_THREADS);
        }
        (self.executable, name, command)
    }
}

/// Builds them, and gives those that were.
fn built(mut build: Command) -> Result<Vec<Program>, String> {
    println!("  $ {}", line(&build));
    build.arg("--message-format=json-render-diagnostics");
    build.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = build.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err("the tests do not build".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let programs: Vec<_> = messages
        .filter_map(|message: Value| program(&message))
        .collect();
    match programs.is_empty() {
        true => Err("cargo names no program of tests".to_owned()),
        false => Ok(programs),
    }
}

/// What one of cargo's messages says of a program of tests.
fn program(message: &Value) -> Option<Program> {
    let is_test = message.pointer("/profile/test")?.as_bool()?;
    let executable = message.get("executable")?.as_str()?;
    let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?;
    is_test.then(|| Program {
        executable: executable.into(),
        folder: folder.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_of_tests_is_told_from_others() {
        let message = |test: bool, executable: Value| {
            json!({
                "reason": "compiler-artifact",
                "manifest_path": "/project/crates/view/Cargo.toml",
                "profile": { "test": test },
                "executable": executable,
            })
        };
        let found = program(&message(true, json!("/target/debug/deps/view-1"))).unwrap();
        assert_eq!(found.executable, Path::new("/target/debug/deps/view-1"));
        assert_eq!(found.folder, Path::new("/project/crates/view"));
        assert!(program(&message(false, json!("/target/debug/charge-point"))).is_none());
        assert!(program(&message(true, Value::Null)).is_none());
        assert!(program(&json!({ "reason": "build-finished" })).is_none());
    }
}
