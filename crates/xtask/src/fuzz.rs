//! `cargo xtask fuzz`: the targets of `fuzz/`, which are those of cargo fuzz as well, run without it
//! and with the toolchain at hand.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    report::Outcome::{self, Passed, Skipped},
    shell::{cargo, output, patient, root, run, run_within, target},
    workspace::folder_of,
};

const TARGETS: [&str; 5] = ["frames", "life", "records", "c_api", CERTIFICATES];
/// Its libraries take minutes to build: it is in no run of the tests.
const CERTIFICATES: &str = "certificates";
/// Frames of real central systems, a line each.
const FRAMES: &str = "fuzz/seeds/frames.txt";
/// A folder with an input in each file.
const CERTIFICATE_SEEDS: &str = "fuzz/seeds/certificates";
/// What each target is given in a run of the tests.
const SHORT: Duration = Duration::from_secs(10);
/// What `cargo xtask fuzz` gives it.
const LONG: Duration = Duration::from_secs(600);
/// Bytes that an input has at most.
const LONGEST: usize = 8192;

/// What libFuzzer needs to see which code an input reaches. These are options of a stable compiler.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";

/// The step: a short time each.
pub fn step() -> Result<Outcome, String> {
    if !host().contains("linux") || output("c++", &["--version"]).is_none() {
        return Ok(Skipped(
            "libFuzzer is run on Linux with a C++ compiler".to_owned(),
        ));
    }
    let targets = TARGETS.into_iter().filter(|name| *name != CERTIFICATES);
    all(&targets.collect::<Vec<_>>(), SHORT).map(|()| Passed)
}

/// `cargo xtask fuzz [TARGET...]`: a long time each.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let unknown = arguments.iter().find(|name| !TARGETS.contains(name));
    match (unknown, arguments) {
        (Some(name), _) => Err(format!(
            "no target is called {name}; there are {}",
            TARGETS.join(" ")
        )),
        (None, []) => all(&TARGETS, LONG),
        (None, some) => all(some, LONG),
    }
}

fn all(targets: &[&str], time: Duration) -> Result<(), String> {
    let programs = build(targets)?;
    targets
        .iter()
        .try_for_each(|name| fuzz(&programs, name, time))
}

/// The triple of this machine, for which the targets are built by name: then the flags are not those of
/// build scripts as well.
fn host() -> String {
    let version = output("rustc", &["-vV"]).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap_or_default().to_owned()
}

/// Builds targets: those of the engine and the port with the same engine, and certificates by themselves. Gives the
/// folder they are in.
fn build(targets: &[&str]) -> Result<PathBuf, String> {
    let (folder, host) = (target().join("fuzz"), host());
    let (certificates, others): (Vec<&str>, Vec<&str>) =
        targets.iter().partition(|name| **name == CERTIFICATES);
    for (feature, targets) in [("c-api", others), (CERTIFICATES, certificates)] {
        if targets.is_empty() {
            continue;
        }
        let mut build = cargo(&[
            "build",
            "--release",
            "--quiet",
            "--locked",
            "--target",
            &host,
        ]);
        build
            .arg("--manifest-path")
            .arg(root().join("fuzz/Cargo.toml"));
        build.env("CARGO_TARGET_DIR", &folder);
        build.env("RUSTFLAGS", COVERAGE);
        // libFuzzer is C++, and takes as long to build as all the rest.
        if folder_of("ccache").is_some() {
            build.env("CXX", "ccache c++");
        }
        build.args(["--features", feature]);
        build.args(targets.iter().flat_map(|name| ["--bin", name]));
        run(patient(&build))?;
    }
    Ok(folder.join(host).join("release"))
}

fn fuzz(programs: &Path, name: &str, time: Duration) -> Result<(), String> {
    let folder = target().join("fuzz/corpus").join(name);
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    match name {
        "frames" => seed_lines(&folder)?,
        CERTIFICATES => seed_files(&folder)?,
        _ => {}
    }
    let mut fuzzer = Command::new(programs.join(name));
    fuzzer.arg(format!("-max_total_time={}", time.as_secs()));
    fuzzer.arg(format!("-max_len={LONGEST}"));
    // An input that takes ten seconds is a fault, and so is one that takes memory.
    fuzzer.args([
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        "-verbosity=0",
    ]);
    fuzzer.arg(format!(
        "-artifact_prefix={}/",
        folder.with_extension("found").display()
    ));
    fuzzer.arg(&folder);
    fs::create_dir_all(folder.with_extension("found")).map_err(|e| e.to_string())?;
    run_within(fuzzer, time + Duration::from_secs(60)).map_err(|error| {
        format!(
            "{name}: {error}; the input is in {}",
            folder.with_extension("found").display()
        )
    })
}

/// Each line of the frames is an input.
fn seed_lines(folder: &Path) -> Result<(), String> {
    let seeds = fs::read_to_string(root().join(FRAMES)).map_err(|e| format!("{FRAMES}: {e}"))?;
    for (number, line) in seeds.lines().enumerate() {
        let path = folder.join(format!("seed-{number}"));
        fs::write(&path, line).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// Each file with a certificate is an input.
fn seed_files(folder: &Path) -> Result<(), String> {
    let complain = |error| format!("{CERTIFICATE_SEEDS}: {error}");
    for seed in fs::read_dir(root().join(CERTIFICATE_SEEDS)).map_err(complain)? {
        let seed = seed.map_err(complain)?;
        fs::copy(seed.path(), folder.join(seed.file_name())).map_err(complain)?;
    }
    Ok(())
}
