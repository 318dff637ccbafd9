//! Running other programs, from the root of the repository.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::beside::BUILT;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where this workspace's artefacts go.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command to be run at the root.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

/// `cargo`, the one that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    command(
        env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from),
        arguments,
    )
}

/// Builds the simulator, as `cargo run` does, where the tests were not built just now, and it with them.
pub fn build_charge_point(options: &[&str]) -> Result<(), String> {
    if options.is_empty() && env::var_os(BUILT).is_some() {
        return Ok(());
    }
    let build = ["build", "--locked", "--bin", "charge-point"];
    run(cargo(&[&build, options].concat()))
}

/// The same command with patience: what runs meanwhile and looks at the clock goes first.
pub fn patient(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "15"]);
    nice.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    nice.stdin(Stdio::null());
    nice
}

/// Runs a command to its end; anything but success is an error that names it.
pub fn run(mut command: Command) -> Result<(), String> {
    println!("  $ {}", line(&command));
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", line(&command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", line(&command)))
    }
}

/// As [`run`], but the command is ended when it takes longer than `limit`.
pub fn run_within(mut command: Command, limit: Duration) -> Result<(), String> {
    println!("  $ {}", line(&command));
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Err(format!("{}: {error}", line(&command))),
    };
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{}: {status}", line(&command))),
            Ok(None) if started.elapsed() < limit => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{}: took over {limit:?}", line(&command)));
            }
            Err(error) => return Err(format!("{}: {error}", line(&command))),
        }
    }
}

/// What a command prints, if it succeeds.
pub fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// What was to be typed for it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let root = format!("{}/", root().display());
    words.join(" ").replace(&root, "")
}
