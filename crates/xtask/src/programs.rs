//! The tests of this workspace: built at once, then run several programs at a time, because those that
//! open connections wait more than they work.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Mutex,
    thread,
};

use serde_json::Value;

use crate::shell::{cargo, run};

/// How many run at a time.
const AT_ONCE: usize = 3;

/// Runs all of them, and the examples in the documentation.
pub fn test() -> Result<(), String> {
    let programs = Mutex::new(built()?.into_iter());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(program) = next(&programs) {
                    if !passes(&program) {
                        let name = program.executable.display().to_string();
                        lock(&failed).push(name);
                    }
                }
            });
        }
    });
    run(cargo(&["test", "--workspace", "--locked", "--doc"]))?;
    let failed = lock(&failed);
    match failed.is_empty() {
        true => Ok(()),
        false => Err(failed.join(", ")),
    }
}

/// A program of tests.
struct Program {
    executable: PathBuf,
    /// Where it runs: the folder of its package.
    folder: PathBuf,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn next(programs: &Mutex<impl Iterator<Item = Program>>) -> Option<Program> {
    lock(programs).next()
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

/// Runs one, and prints what it said when it has ended.
fn passes(program: &Program) -> bool {
    let mut command = Command::new(&program.executable);
    command.current_dir(&program.folder).stdin(Stdio::null());
    match command.output() {
        Ok(Output {
            status,
            stdout,
            stderr,
        }) => {
            let said = [stdout, stderr].concat();
            println!(
                "\n     {}\n{}",
                program.executable.display(),
                String::from_utf8_lossy(&said).trim()
            );
            status.success()
        }
        Err(error) => {
            println!("{}: {error}", program.executable.display());
            false
        }
    }
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
