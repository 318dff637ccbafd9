//! The steps of `cargo xtask test`, in order.

use std::{env, fs, path::Path, process::ExitCode, time::Duration};

use crate::{
    beside::{self, Stage, StageLane},
    central_systems, fleet, fuzz, header,
    lints::{self, Finder},
    measure, panel, peers, programs,
    report::{
        Outcome::{self, Passed, Skipped},
        Report, Step,
    },
    sanitize, scenarios,
    shell::{build_charge_point, cargo, command, output, root, run, run_within, target},
    supply_chain, zephyr,
};

/// What others need.
const FIRST: [(&str, Step); 2] = [("peers", install_peers), ("format", format)];

/// What runs beside each other then.
const LANES: [StageLane; 2] = [
    StageLane {
        is_patient: false,
        stages: &[
            Stage {
                at_once: 1,
                steps: &[("test", test)],
            },
            // They wait, for answers, for timers, for what was killed to come up again; or they build images,
            // which yields to those that wait, and wait while these run. What takes longest begins first; the
            // last one has cargo look at all that was built, which waits for those below.
            Stage {
                at_once: 4,
                steps: &[
                    ("zephyr-api", zephyr::api),
                    ("zephyr-firmware", zephyr::firmware),
                    ("kills", kills),
                    ("ocpp", ocpp),
                    ("ocpp-rpc", ocpp_rpc),
                    ("ocpp-rpc-201", ocpp_rpc_201),
                    ("central-systems", central_systems::visit),
                    ("ocpp-201", ocpp_201),
                    ("panel", panel::step),
                    ("scenarios", scenarios::step),
                    ("fleet", fleet::step),
                    ("zephyr-storage", zephyr::storage),
                    ("zephyr-update", zephyr::update),
                    ("zephyr-security", zephyr::security),
                    ("demo", demo),
                ],
            },
        ],
    },
    // They work, and none looks at the clock: they take the processor that the others leave.
    StageLane {
        is_patient: true,
        stages: &[Stage {
            at_once: 2,
            steps: &[
                ("zephyr", zephyr::charging),
                ("budget", measure::budget::check),
                ("fuzz", fuzz::step),
                ("port", port),
                ("capacities", capacities),
                ("clippy", clippy),
                ("doc", doc),
                ("bare-metal", bare_metal),
                ("header", header::check),
                ("supply-chain", supply_chain::step),
            ],
        }],
    },
];

/// Steps that take long and run only when they are named.
const LONG_STEPS: &[(&str, Step)] = &[
    ("power-cuts", power_cuts),
    ("absent-profiles", absent_profiles),
    ("miri", sanitize::miri),
    ("tsan", sanitize::thread_sanitizer),
    ("zephyr-everywhere", zephyr::charging_everywhere),
    ("zephyr-displays", zephyr::displays),
    ("zephyr-strict", zephyr::strict),
    ("zephyr-sanitized", zephyr::sanitized),
];

/// The bare targets an engine without `std` is built for, whichever are installed.
const BARE_TARGETS: [&str; 4] = [
    "thumbv7em-none-eabihf",
    "thumbv7em-none-eabi",
    "thumbv7m-none-eabi",
    "x86_64-unknown-none",
];

fn steps() -> impl Iterator<Item = &'static (&'static str, Step)> {
    FIRST.iter().chain(beside()).chain(LONG_STEPS)
}

fn beside() -> impl Iterator<Item = &'static (&'static str, Step)> {
    let stages = LANES.iter().flat_map(|lane| lane.stages);
    stages.flat_map(|stage| stage.steps)
}

/// The names of all steps.
pub fn names() -> impl Iterator<Item = &'static str> {
    steps().map(|(name, _)| *name)
}

/// Runs one step, without a summary.
pub fn step(wanted: &str) -> ExitCode {
    match steps().find(|(name, _)| *name == wanted) {
        Some(&(_, step)) => beside::one(step),
        None => unknown(wanted),
    }
}

fn unknown(name: &str) -> ExitCode {
    eprintln!("no step is called {name}; cargo xtask steps lists them");
    ExitCode::from(2)
}

/// Runs the steps with these names, or all but the long ones, and prints the summary.
pub fn execute(wanted: &[&str]) -> ExitCode {
    if let Some(unknown) = wanted
        .iter()
        .find(|name| !names().any(|known| known == **name))
    {
        return self::unknown(unknown);
    }
    let mut report = Report::default();
    let is_meant = |name: &str| wanted.is_empty() || wanted.contains(&name);
    for (name, step) in FIRST.iter().filter(|(name, _)| is_meant(name)) {
        report.step(name, *step);
    }
    let meant: Vec<_> = beside().filter(|(name, _)| is_meant(name)).collect();
    match meant[..] {
        [] => {}
        [(name, step)] => report.step(name, *step),
        _ => beside::steps(&mut report, &LANES, is_meant),
    }
    let is_named = |name: &str| wanted.contains(&name);
    for (name, step) in LONG_STEPS.iter().filter(|(name, _)| is_named(name)) {
        report.step(name, *step);
    }
    report.finish()
}

fn install_peers() -> Result<Outcome, String> {
    peers::install()?;
    Ok(Passed)
}

fn format() -> Result<Outcome, String> {
    component("rustfmt", &["fmt", "--version"])?;
    command_passes(cargo(&["fmt", "--all", "--check"]))
}

/// What clippy finds in the workspace, and the compiler. The engine by itself has other features than beside the
/// simulator, which speaks all versions: the step `port` looks at it with those.
fn clippy() -> Result<Outcome, String> {
    findings(Finder::Clippy).map(|()| Passed)
}

/// What rustdoc finds, and the examples in the documentation.
fn doc() -> Result<Outcome, String> {
    findings(Finder::Rustdoc)?;
    // With this option cargo passes over what a manifest says: these are the engine's once more.
    let documented = ["--doc", "--exclude", "fleet-engine"];
    let mut examples = cargo(&["test", "--workspace", "--locked"]);
    examples.args(documented);
    command_passes(lints::of_workspace(examples)?)
}

/// What was found in the tests and in what they run when these were built, and in the programs that they do not run.
fn findings(finder: Finder) -> Result<(), String> {
    let bins = ["build", "--workspace", "--locked", "--bins"];
    let [tests, bins] = [&programs::BUILD, &bins]
        .map(|build| lints::pass(lints::of_workspace(cargo(build))?, finder));
    tests.and(bins)
}

fn test() -> Result<Outcome, String> {
    programs::test().map(|()| Passed)
}

/// The engine's own tests where it is as large as it can be, with all of its features: what grows
/// with its capacities. They use none of what its other tests depend on, which `cargo test` would
/// build here once more.
fn capacities() -> Result<Outcome, String> {
    let folder = target().join("capacities");
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).map_err(|e| format!("{}: {e}", programs.display()))?;
    let mut cargo = cargo(&[
        "rustc",
        "--package",
        "ocpp",
        "--lib",
        // For which its dependencies are built to the end, as a program needs them.
        "--crate-type",
        "staticlib",
        "--all-features",
        "--locked",
        // Compiled without optimisation, as these tests are few and short.
        "--config",
        "profile.dev.package.ocpp.opt-level=0",
        "--",
        "--test",
        "-o",
    ]);
    cargo.arg(programs.join("tests"));
    cargo
        .env("OCPP_CONNECTORS", "250")
        .env("OCPP_LIST_LENGTH", "64")
        .env("OCPP_APPLICATION_SETTINGS", "256")
        .env("OCPP_SETTING_LENGTH", "500");
    cargo.env("CARGO_TARGET_DIR", folder);
    run(cargo)?;
    let newest = programs::newest(&programs, "tests").ok_or("cargo has built no tests")?;
    command_passes(command(newest, &[]))
}

/// Power cut at every byte of every story; the step `test` leaves some bytes out.
fn power_cuts() -> Result<Outcome, String> {
    let mut cargo = cargo(&["test", "--workspace", "--locked", "--test", "power_cuts"]);
    cargo.env("POWER_CUTS", "all");
    command_passes(cargo)
}

/// The engine without the feature profiles that a build can leave out: what it answers then.
fn absent_profiles() -> Result<Outcome, String> {
    command_passes(cargo(&[
        "test",
        "--package",
        "ocpp",
        "--locked",
        "--no-default-features",
        "--features",
        "v16",
        "--test",
        "scenarios",
        "absent_profiles",
    ]))
}

/// The simulator killed at random moments, and the books of a central system.
fn kills() -> Result<Outcome, String> {
    let mut kills = programs::simulator()?;
    kills.args(["kills::", "--ignored", "--nocapture"]);
    run_within(kills, Duration::from_secs(300))?;
    Ok(Passed)
}

/// The simulator flooded as long as it takes to see what grows; prints its peak memory.
pub fn attack() -> Result<(), String> {
    attacks("attacks::")
}

/// The simulator flooded while it meters a transaction; prints what that costs.
pub fn flood() -> Result<(), String> {
    attacks("flood::")
}

fn attacks(which: &str) -> Result<(), String> {
    let test = cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--test",
        programs::SIMULATOR,
        "--",
        which,
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    run_within(test, Duration::from_secs(900))
}

/// What of the Zephyr port needs no Zephyr around it: its form, and its own tests. Clippy looks at it and at the
/// engine with several sets of features.
fn port() -> Result<Outcome, String> {
    let manifest = root().join("zephyr/port/Cargo.toml");
    let cargo = |arguments: &[&str], options: &[&str]| {
        let mut cargo = cargo(arguments);
        cargo.arg("--manifest-path").arg(&manifest).args(options);
        cargo.env("CARGO_TARGET_DIR", target().join("port"));
        cargo
    };
    run(cargo(&["fmt"], &["--check"]))?;
    let all = "shell,v201,settings,security,basic-auth,local-list,reservation,smart-charging";
    for features in [&["--locked"][..], &["--locked", "--features", all]] {
        let test = || lints::of_package(cargo(&["test"], features));
        let mut build = test()?;
        build.arg("--no-run");
        lints::pass(build, Finder::Clippy)?;
        run(test()?)?;
    }
    let v16 = "shell,security,local-list,reservation,smart-charging";
    let v201 = ["--no-default-features", "--features", "v201"];
    for features in [&["--features", v16][..], &v201] {
        let check = cargo(&["check", "--locked"], features);
        lints::pass(lints::of_package(check)?, Finder::Clippy)?;
    }
    Ok(Passed)
}

/// The engine for a machine without an operating system: nothing of `std` or `alloc` may be
/// in it. `core` comes with the toolchain's target, or is built from its sources.
fn bare_metal() -> Result<Outcome, String> {
    let sysroot = output("rustc", &["--print", "sysroot"]).unwrap_or_default();
    let library = Path::new(&sysroot).join("lib/rustlib");
    let is_there = |folder: &str| {
        fs::read_dir(library.join(folder)).is_ok_and(|mut files| files.next().is_some())
    };
    let installed = BARE_TARGETS
        .into_iter()
        .find(|name| is_there(&format!("{name}/lib")));
    let has_sources = is_there("src/rust/library");
    let Some(name) = installed.or(has_sources.then_some(BARE_TARGETS[0])) else {
        return Ok(Skipped(format!(
            "the toolchain has neither rust-src nor one of {} (rustup target add)",
            BARE_TARGETS.join(", ")
        )));
    };
    let mut build = cargo(&[
        "build",
        "--package",
        "ocpp",
        "--package",
        "session-log",
        "--package",
        "small-display",
        "--locked",
        "--release",
        "--target",
        name,
    ]);
    if installed.is_none() {
        build.env("RUSTC_BOOTSTRAP", "1");
        build.env("CARGO_UNSTABLE_BUILD_STD", "core");
    }
    command_passes(build)
}

/// The first command of the README.
fn demo() -> Result<Outcome, String> {
    build_charge_point(&[])?;
    let mut demo = cargo(&["run", "--quiet", "--locked"]);
    if env::var_os(beside::BUILT).is_some() {
        demo = lints::of_workspace(demo)?;
    }
    // Cargo may have to wait until other steps have built.
    run_within(demo, Duration::from_secs(600))?;
    Ok(Passed)
}

fn ocpp_rpc() -> Result<Outcome, String> {
    let script = command("node", &["tests/peers/ocpp_rpc/run.js"]);
    peer(script, "ocpp-rpc", peers::V16)
}

fn ocpp() -> Result<Outcome, String> {
    let script = command(peers::python(), &["tests/peers/ocpp_py/run.py"]);
    peer(script, "ocpp", peers::V16)
}

fn ocpp_rpc_201() -> Result<Outcome, String> {
    let script = command("node", &["tests/peers/ocpp_rpc201/run.js"]);
    peer(script, "ocpp-rpc-201", peers::V201)
}

fn ocpp_201() -> Result<Outcome, String> {
    let script = command(peers::python(), &["tests/peers/ocpp_py201/run.py"]);
    peer(script, "ocpp-201", peers::V201)
}

/// Runs a session against a peer, then checks every frame of it against both sets of schemas.
fn peer(
    mut script: std::process::Command,
    name: &str,
    version: peers::Version,
) -> Result<Outcome, String> {
    build_charge_point(&[])?;
    let frames = target().join(format!("{name}-frames.jsonl"));
    let _ = fs::remove_file(&frames);
    script.envs(peers::environment());
    script.env("FRAMES_OUT", &frames);
    let session = run_within(script, Duration::from_secs(300));
    let checked = peers::check_frames(version, [&frames]);
    session.and(checked).map(|()| Passed)
}

/// Installs a component of the toolchain if it is missing.
fn component(name: &str, probe: &[&str]) -> Result<(), String> {
    if output("cargo", probe).is_some() {
        return Ok(());
    }
    run(command("rustup", &["component", "add", name]))
}

/// A step that is one command.
fn command_passes(command: std::process::Command) -> Result<Outcome, String> {
    run(command).map(|()| Passed)
}
