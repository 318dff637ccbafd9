//! Sessions at central systems from the registries, beside those of [`peers`]: PyPI `ocpp-csms`,
//! npm `ocpp-ts` and Java-OCA-OCPP of Maven Central, in `target/peers/central-systems`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    apt, peers,
    report::Outcome::{self, Passed},
    shell::{build_charge_point, command, output, root, run, run_within, target},
};

const REQUIREMENTS: &str = "tests/peers/ocpp_csms/requirements.txt";
const PACKAGE: &str = "tests/peers/ocpp_ts/package.json";
const POM: &str = "tests/peers/java_oca_ocpp/pom.xml";

/// Longer than any session takes: all of them run at the same time.
const LONGEST: Duration = Duration::from_secs(300);

fn folder() -> PathBuf {
    peers::folder().join("central-systems")
}

fn jars() -> PathBuf {
    folder().join("jars")
}

/// Installs what is missing, with Debian's packages, pip, npm and Maven.
fn install() -> Result<(), String> {
    let read = |file: &str| {
        fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))
    };
    let wanted = [read(REQUIREMENTS)?, read(PACKAGE)?, read(POM)?].concat();
    let mark = folder().join("installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        println!("  {} is up to date", folder().display());
        return Ok(());
    }
    install_java()?;
    peers::install_python(&folder().join("venv"), REQUIREMENTS)?;
    peers::install_modules(&folder(), PACKAGE)?;
    install_jars(&jars())?;
    fs::write(&mark, wanted).map_err(|error| format!("{}: {error}", mark.display()))
}

/// A JDK, because the central system is run from its source, and Maven.
fn install_java() -> Result<(), String> {
    let mut packages = Vec::new();
    if output("javac", &["-version"]).is_none() {
        packages.push("default-jdk-headless");
    }
    if output("mvn", &["--version"]).is_none() {
        packages.push("maven");
    }
    apt::install(&packages)
}

fn install_jars(folder: &Path) -> Result<(), String> {
    // Those of earlier versions would stay in the class path.
    let _ = fs::remove_dir_all(folder);
    let mut maven = command("mvn", &["--quiet", "--batch-mode", "--file", POM]);
    maven.arg("dependency:copy-dependencies");
    maven.arg("-DincludeScope=runtime");
    maven.arg(format!("-DoutputDirectory={}", folder.display()));
    run(maven)
}

/// Runs the same session at each, then checks every frame against both sets of schemas.
pub fn visit() -> Result<Outcome, String> {
    peers::install()?;
    install()?;
    build_charge_point(&[])?;
    let frames = target().join("central-systems-frames");
    let _ = fs::remove_dir_all(&frames);
    let python = folder().join("venv/bin/python");
    let mut script = command(python, &["tests/peers/session/run.py"]);
    script.envs(peers::environment());
    script.env("PEERS_NODE_MODULES", folder().join("node_modules"));
    script.env("PEERS_JARS", jars());
    script.env("FRAMES_OUT", &frames);
    let session = run_within(script, LONGEST);
    let files = fs::read_dir(&frames).map_err(|error| format!("{}: {error}", frames.display()));
    let checked = files
        .and_then(|files| peers::check_frames(peers::V16, files.flatten().map(|file| file.path())));
    session.and(checked).map(|()| Passed)
}
