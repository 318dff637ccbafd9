//! The Zephyr suites: twister, against a central system and an SNTP server that run meanwhile.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use central_system::{Behaviour, CentralSystem, IdTagStatus};

use crate::{
    report::Outcome::{self, Passed, Skipped},
    shell::{root, run_within, target},
    sntp,
};

/// A platform, and the programs without which its images cannot be built and run.
struct Platform {
    name: &'static str,
    toolchain: &'static str,
    programs: &'static [&'static str],
    /// Whether its images run here, and charge.
    runs: bool,
    /// Where its images find this machine.
    host: &'static str,
}

const PLATFORMS: [Platform; 3] = [
    Platform {
        name: "native_sim/native/64",
        toolchain: "host",
        programs: &["gcc"],
        runs: true,
        host: "127.0.0.1",
    },
    Platform {
        name: "mps2/an385",
        toolchain: "gnuarmemb",
        programs: &["arm-none-eabi-gcc", "qemu-system-arm"],
        runs: true,
        host: "10.0.2.2",
    },
    Platform {
        name: "stm32f769i_disco",
        toolchain: "gnuarmemb",
        programs: &["arm-none-eabi-gcc"],
        runs: false,
        host: "127.0.0.1",
    },
];

/// Images that twister builds in one run: all that have the same options.
struct Suites {
    /// Below it their `sample.yaml` and `testcase.yaml` are looked for.
    folder: &'static str,
    /// The tag of those that are meant, when not all are.
    tag: Option<&'static str>,
    /// The option that takes the central system's port, for those that look for one.
    port: Option<&'static str>,
    /// The option that takes the SNTP server, likewise.
    sntp: Option<&'static str>,
    /// The identity under which connectors 1 and 2 charge, when they do.
    identity: Option<&'static str>,
}

const SUITES: [Suites; 3] = [
    Suites {
        folder: "samples",
        tag: None,
        port: Some("CONFIG_SAMPLE_PORT"),
        sntp: None,
        identity: Some("CP1"),
    },
    Suites {
        folder: "",
        tag: Some("firmware"),
        port: Some("CONFIG_CHARGE_POINT_PORT"),
        sntp: Some("CONFIG_CHARGE_POINT_SNTP_SERVER"),
        identity: Some("zephyr"),
    },
    Suites {
        folder: "tests",
        tag: None,
        port: None,
        sntp: None,
        identity: None,
    },
];

/// `ZEPHYR_BASE`, or the CMake package that `west zephyr-export` registers.
fn zephyr_base() -> Option<PathBuf> {
    if let Some(base) = env::var_os("ZEPHYR_BASE") {
        return Some(PathBuf::from(base));
    }
    let packages = PathBuf::from(env::var_os("HOME")?).join(".cmake/packages/Zephyr");
    let registered = fs::read_dir(packages).ok()?.flatten();
    // Each file holds the path of <zephyr>/share/zephyr-package/cmake.
    registered
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter_map(|path| Some(Path::new(path.trim()).ancestors().nth(3)?.to_path_buf()))
        .find(|base| base.join("Kconfig.zephyr").is_file())
}

/// The workspace's virtual environment, where Zephyr's getting-started guide puts it.
fn virtual_environment(base: &Path) -> Option<PathBuf> {
    let programs = base.parent()?.join(".venv/bin");
    programs.join("west").is_file().then_some(programs)
}

/// The folder in PATH that holds a program.
fn folder_of(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|folder| folder.join(program).is_file())
}

/// What the images talk to.
struct Servers {
    central_system: CentralSystem,
    sntp_port: u16,
}

fn twister(base: &Path, platform: &Platform, suites: &Suites, servers: &Servers) -> Command {
    let mut twister = Command::new("python3");
    twister.arg(base.join("scripts/twister"));
    twister.arg("-T").arg(root().join(suites.folder));
    twister.args(["-p", platform.name, "-X", "central_system"]);
    twister.args(["--clobber-output", "--inline-logs"]);
    twister.args(["--timeout-multiplier", "2"]);
    if let Some(tag) = suites.tag {
        twister.args(["--tag", tag]);
    }
    twister
        .arg("-x")
        .arg(format!("ZEPHYR_EXTRA_MODULES={}", root().display()));
    if let Some(option) = suites.port {
        let port = servers.central_system.port();
        twister.arg("-x").arg(format!("{option}={port}"));
    }
    if let Some(option) = suites.sntp {
        let (host, port) = (platform.host, servers.sntp_port);
        twister.arg("-x").arg(format!("{option}=\"{host}:{port}\""));
    }
    let folder = format!("{}-{}", platform.name.replace('/', "_"), suites.name());
    twister
        .arg("--outdir")
        .arg(target().join("twister").join(folder));
    twister.current_dir(base.parent().unwrap_or(base));
    twister.env("ZEPHYR_BASE", base);
    twister.env("ZEPHYR_TOOLCHAIN_VARIANT", platform.toolchain);
    if platform.toolchain == "gnuarmemb"
        && let Some(programs) = folder_of("arm-none-eabi-gcc")
    {
        // Debian's libgcc lacks a note on executable stacks, which its linker warns of.
        twister.arg("--disable-warnings-as-errors");
        let installed = programs.parent().unwrap_or(&programs);
        twister.env("GNUARMEMB_TOOLCHAIN_PATH", installed);
    }
    if let Some(programs) = virtual_environment(base) {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = [programs].into_iter().chain(env::split_paths(&path));
        if let Ok(path) = env::join_paths(path) {
            twister.env("PATH", path);
        }
    }
    twister
}

/// Runs all suites, platform by platform.
pub fn suites() -> Result<Outcome, String> {
    let Some(base) = zephyr_base() else {
        return Ok(Skipped(
            "no Zephyr workspace (ZEPHYR_BASE, west zephyr-export): sample.ocpp did not run"
                .to_owned(),
        ));
    };
    let mut skipped = Vec::new();
    for platform in &PLATFORMS {
        let mut programs = platform.programs.iter();
        if let Some(missing) = programs.find(|program| folder_of(program).is_none()) {
            println!("  {} is skipped: no {missing}", platform.name);
            skipped.push(platform.name);
            continue;
        }
        for suites in SUITES.iter().filter(|suites| suites.is_any()) {
            run_suites(&base, platform, suites)?;
        }
    }
    match skipped.is_empty() {
        true => Ok(Passed),
        false => Ok(Skipped(format!("in part: {}", skipped.join(", ")))),
    }
}

impl Suites {
    /// For the folder of their results.
    fn name(&self) -> &'static str {
        self.tag.unwrap_or(self.folder)
    }

    /// Whether there are any: twister takes none for a mistake.
    fn is_any(&self) -> bool {
        describes_suite(&root().join(self.folder))
    }
}

/// True when this folder, or one below it, has a description of suites.
fn describes_suite(folder: &Path) -> bool {
    let names = ["sample.yaml", "testcase.yaml"];
    if names.iter().any(|name| folder.join(name).is_file()) {
        return true;
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let mut folders = entries.flatten().map(|entry| entry.path());
    folders.any(|path| path.is_dir() && describes_suite(&path))
}

fn run_suites(base: &Path, platform: &Platform, suites: &Suites) -> Result<(), String> {
    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    let servers = Servers {
        central_system: CentralSystem::start(behaviour).map_err(|error| error.to_string())?,
        sntp_port: sntp::serve().map_err(|error| error.to_string())?,
    };
    let twister = twister(base, platform, suites, &servers);
    run_within(twister, Duration::from_secs(1200))?;
    match suites.identity {
        Some(identity) if platform.runs => balance(&servers.central_system, identity),
        _ => Ok(()),
    }
}

/// Each connector has charged once, and the central system knows of it.
fn balance(central_system: &CentralSystem, identity: &str) -> Result<(), String> {
    let station = central_system.station(identity);
    if !station.faults.is_empty() {
        return Err(format!("the image offended: {:?}", station.faults));
    }
    for connector in 1..=2 {
        let mut transactions = station.transactions.iter();
        let once = transactions
            .find(|t| t.connector_id == connector && t.start_frames == 1 && t.stop_frames == 1);
        let Some(transaction) = once else {
            let all = &station.transactions;
            return Err(format!(
                "connector {connector} did not charge once: {all:?}"
            ));
        };
        let stop = transaction.stop.as_ref().map(|stop| stop.meter_stop);
        println!(
            "  connector {connector}: {} Wh to {stop:?} Wh",
            transaction.meter_start
        );
    }
    Ok(())
}
