//! Debian's packages, for what tests need and is not there.

use std::fs;

use crate::shell::{command, output, run, target};

/// Installs packages; without apt, the error names them.
pub fn install(packages: &[&str]) -> Result<(), String> {
    if packages.is_empty() {
        return Ok(());
    }
    if output("apt-get", &["--version"]).is_none() {
        return Err(format!("please install: {}", packages.join(" ")));
    }
    let is_root = output("id", &["-u"]).is_some_and(|id| id == "0");
    // Steps that run at the same time may both want something, and apt does not wait for another one.
    let lock = target().join("apt.lock");
    fs::create_dir_all(target()).map_err(|error| format!("{}: {error}", target().display()))?;
    let lock = lock.to_string_lossy();
    let apt = |arguments: &[&str]| {
        let mut words = vec![&*lock];
        if !is_root {
            words.push("sudo");
        }
        words.push("apt-get");
        words.extend(arguments);
        let mut command = command("flock", &words);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        run(command)
    };
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-qq", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}
