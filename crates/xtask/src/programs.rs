//! The tests of this workspace: built at once, then run several programs at a time, because those that
//! open connections wait more than they work.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    beside, messages,
    shell::{cargo, run},
};

/// How many run at a time.
const AT_ONCE: usize = 3;

/// Runs all of them, and the examples in the documentation.
pub fn test() -> Result<(), String> {
    let record = messages::fresh_record()?;
    let programs = built()?.into_iter();
    let programs = programs.map(|program| program.command(&record));
    let mut failed = Vec::new();
    beside::all(programs, AT_ONCE, |ended| {
        let name = ended.purpose.display();
        println!("\n     {name}\n{}", ended.said.trim());
        if !ended.status.is_ok_and(|status| status.success()) {
            failed.push(name.to_string());
        }
    });
    // With this option cargo passes over what a manifest says: these are the engine's once more.
    let documented = ["--doc", "--exclude", "fleet-engine"];
    let mut examples = cargo(&["test", "--workspace", "--locked"]);
    examples.args(documented);
    run(examples)?;
    match failed.is_empty() {
        true => messages::check(&record),
        false => Err(failed.join(", ")),
    }
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
        let name = format!("test-{}", name.to_string_lossy());
        if name.starts_with(&format!("test-{}-", messages::PROGRAM)) {
            command.env("OCPP_HEARD", record);
        }
        (self.executable, name, command)
    }
}

/// Builds them all.
fn built() -> Result<Vec<Program>, String> {
    let mut build = cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]);
    println!("  $ cargo test --workspace --locked --no-run");
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
