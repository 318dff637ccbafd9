//! Debian's packages, for what tests need and is not there.

use crate::shell::{command, output, run};

/// Installs packages; without apt, the error names them.
pub fn install(packages: &[&str]) -> Result<(), String> {
    if packages.is_empty() {
        return Ok(());
    }
    if output("apt-get", &["--version"]).is_none() {
        return Err(format!("please install: {}", packages.join(" ")));
    }
    let is_root = output("id", &["-u"]).is_some_and(|id| id == "0");
    let apt = |arguments: &[&str]| {
        let mut words = arguments.to_vec();
        let program = if is_root { "apt-get" } else { "sudo" };
        if !is_root {
            words.insert(0, "apt-get");
        }
        let mut command = command(program, &words);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        run(command)
    };
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-qq", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}
