//! The Zephyr suites: twister, against a central system and an SNTP server that run meanwhile.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use central_system::{Answer, Behaviour, CentralSystem, IdTagStatus};

use crate::{
    apt, build_warnings, peers,
    report::Outcome::{self, Passed, Skipped},
    shell::{output, root, run_within, target},
    sntp,
    workspace::{self, folder_of, zephyr_base},
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
        name: workspace::EMULATED,
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
    /// The option that takes the central system's port.
    port: &'static str,
    /// The option that takes the SNTP server, for those that look for one.
    sntp: Option<&'static str>,
    /// The identity under which connectors 1 and 2 charge.
    identity: &'static str,
    /// The tag of those that are left out.
    without: Option<&'static str>,
    /// With AddressSanitizer and UndefinedBehaviorSanitizer.
    is_sanitized: bool,
    /// How long the central system of `crates/central-system` takes for each answer.
    answers_after: Duration,
}

/// What charges against the central system of `crates/central-system`.
const CHARGING: [Suites; 2] = [
    Suites {
        folder: "samples",
        tag: None,
        port: "CONFIG_SAMPLE_PORT",
        sntp: None,
        identity: "CP1",
        without: None,
        is_sanitized: false,
        // More than half of what an impatient driver would wait, and there are two of them.
        answers_after: Duration::from_secs(3),
    },
    Suites {
        folder: "",
        tag: Some("firmware"),
        port: "CONFIG_CHARGE_POINT_PORT",
        sntp: Some("CONFIG_CHARGE_POINT_SNTP_SERVER"),
        identity: "zephyr",
        without: None,
        is_sanitized: false,
        answers_after: Duration::ZERO,
    },
];

/// The suites of the C API, each with a central system of its own.
const API: Suites = Suites {
    folder: "tests/zephyr/api",
    tag: None,
    port: "CONFIG_CENTRAL_SYSTEM_PORT",
    sntp: None,
    identity: "",
    without: None,
    is_sanitized: false,
    answers_after: Duration::ZERO,
};

/// The same with sanitizers.
const SANITIZED: Suites = Suites {
    is_sanitized: true,
    ..API
};

/// The suite that cuts power; it looks for a port itself.
const STORAGE: Suites = Suites {
    folder: "tests/zephyr/storage",
    ..API
};

/// The suite that updates the firmware, over reboots; it looks for a port itself.
const UPDATE: Suites = Suites {
    folder: "tests/zephyr/firmware-update",
    ..API
};

/// The suite of secure connections, certificates and signatures; it looks for a port itself.
const SECURITY: Suites = Suites {
    folder: "tests/zephyr/security",
    without: Some("strict"),
    ..API
};

/// The same where more is refused, and with TLS 1.3, which takes an image more.
const STRICT: Suites = Suites {
    tag: Some("strict"),
    without: None,
    ..SECURITY
};

/// Those of the firmware, each with a central system at a port that is free.
const FIRMWARE: Suites = Suites {
    folder: "tests/zephyr/firmware",
    without: Some("sizes"),
    port: "CONFIG_CHARGE_POINT_PORT",
    ..API
};

/// The same with displays of all sizes, each of which takes an image.
const DISPLAYS: Suites = Suites {
    without: None,
    ..FIRMWARE
};

/// Where the images' servers listen.
#[derive(Clone, Copy)]
struct Ports {
    central_system: u16,
    sntp: u16,
}

/// What twister does with images.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// With patience: what runs at the same time looks at the clock.
    Build,
    /// Those that were built.
    Run,
}

fn twister(base: &Path, platform: &Platform, suites: &Suites, ports: Ports, work: Work) -> Command {
    let mut twister = Command::new("nice");
    let (priority, how) = match work {
        Work::Build => ("15", ["--build-only", "--clobber-output"]),
        Work::Run => ("0", ["--test-only", "--no-clean"]),
    };
    twister.args(["-n", priority, "python3"]);
    twister.arg(base.join("scripts/twister")).args(how);
    twister.arg("-T").arg(root().join(suites.folder));
    twister.args(["-p", platform.name, "-X", "central_system"]);
    twister.arg("--inline-logs");
    twister.args(["--timeout-multiplier", "2"]);
    if let Some(tag) = suites.tag {
        twister.args(["--tag", tag]);
    }
    if let Some(tag) = suites.without {
        twister.args(["--exclude-tag", tag]);
    }
    if suites.is_sanitized {
        twister.args(["--enable-asan", "--enable-ubsan"]);
    }
    if suites.folder.ends_with("display") {
        // Pictures are taken in moments that a busy machine may miss.
        twister.args(["--jobs", "1"]);
    }
    twister
        .arg("-x")
        .arg(format!("ZEPHYR_EXTRA_MODULES={}", root().display()));
    let (option, port) = (suites.port, ports.central_system);
    twister.arg("-x").arg(format!("{option}={port}"));
    if let Some(option) = suites.sntp {
        let (host, port) = (platform.host, ports.sntp);
        twister.arg("-x").arg(format!("{option}=\"{host}:{port}\""));
    }
    twister.arg("--outdir").arg(folder(platform, suites));
    twister.current_dir(base.parent().unwrap_or(base));
    twister.env("ZEPHYR_BASE", base);
    twister.env("ZEPHYR_TOOLCHAIN_VARIANT", platform.toolchain);
    twister.envs(workspace::shared_objects(platform.name));
    twister.envs(workspace::libclang());
    if platform.toolchain == "gnuarmemb"
        && let Some(programs) = folder_of("arm-none-eabi-gcc")
    {
        // Debian's libgcc lacks a note on executable stacks, which its linker warns of.
        twister.arg("--disable-warnings-as-errors");
        let installed = programs.parent().unwrap_or(&programs);
        twister.env("GNUARMEMB_TOOLCHAIN_PATH", installed);
    }
    if let Some(path) = workspace::path(base) {
        twister.env("PATH", path);
    }
    twister
}

/// Longer than twister takes for any suites.
const LONGEST: Duration = Duration::from_secs(1800);

/// Where twister works on these suites.
fn folder(platform: &Platform, suites: &Suites) -> PathBuf {
    let name = suites.tag.unwrap_or(suites.folder);
    let names = [name, platform.name].map(|name| name.replace('/', "_"));
    let sanitized = if suites.is_sanitized {
        "-sanitized"
    } else {
        ""
    };
    let folder = names.join("-") + sanitized;
    target().join("twister").join(folder)
}

/// Builds images, and runs them where that goes.
fn build_and_run(
    base: &Path,
    platform: &Platform,
    suites: &Suites,
    ports: Ports,
    variables: &[(&str, &Path)],
) -> Result<(), String> {
    for work in [Work::Build, Work::Run] {
        if work == Work::Build || platform.runs {
            let mut twister = twister(base, platform, suites, ports, work);
            twister.envs(variables.iter().copied());
            run_within(twister, LONGEST)?;
        }
        if work == Work::Build {
            build_warnings::none_below(&folder(platform, suites))?;
        }
    }
    Ok(())
}

/// Builds the firmware for a board: the other suites have images that do more than these would
/// elsewhere, and the step `budget` builds the samples.
pub fn charging() -> Result<Outcome, String> {
    let [.., board] = &PLATFORMS;
    charging_on(&[(board, &CHARGING[1..])])
}

/// Runs the samples and the firmware wherever they run.
pub fn charging_everywhere() -> Result<Outcome, String> {
    let [here, emulated, _] = &PLATFORMS;
    charging_on(&[(here, &CHARGING), (emulated, &CHARGING)])
}

fn charging_on(images: &[(&Platform, &[Suites])]) -> Result<Outcome, String> {
    let platforms = images.iter().map(|(platform, _)| *platform);
    on_platforms("sample.ocpp", platforms, |base, platform| {
        let of_platform = images.iter().filter(|(of, _)| of.name == platform.name);
        let mut suites = of_platform.flat_map(|(_, suites)| *suites);
        suites.try_for_each(|suites| charge(base, platform, suites))
    })
}

/// Runs the suites of the C API, which bring their central system.
pub fn api() -> Result<Outcome, String> {
    let platforms = PLATFORMS.iter().filter(|platform| platform.runs);
    on_platforms("ocpp.api", platforms, |base, platform| {
        test(base, platform, &API)
    })
}

/// Runs the suites of the C API with AddressSanitizer and UndefinedBehaviorSanitizer over the image, which go
/// on when they have found something, and say so.
pub fn sanitized() -> Result<Outcome, String> {
    on_platforms("ocpp.api", PLATFORMS[..1].iter(), |base, platform| {
        test(base, platform, &SANITIZED)?;
        let folder = folder(platform, &SANITIZED);
        let found = ["runtime error", "AddressSanitizer"]
            .into_iter()
            .find_map(|words| {
                let folder = folder.to_string_lossy();
                output("grep", &["-rn", "--include=handler.log", words, &folder])
            });
        found.map_or(Ok(()), Err)
    })
}

/// Runs the suite that cuts power, where the flash of an image outlives its process.
pub fn storage() -> Result<Outcome, String> {
    on_platforms("ocpp.storage", PLATFORMS[..1].iter(), |base, platform| {
        test(base, platform, &STORAGE)
    })
}

/// Runs the suite that updates the firmware, where the flash of an image outlives its process.
pub fn update() -> Result<Outcome, String> {
    on_platforms(
        "ocpp.firmware_update",
        PLATFORMS[..1].iter(),
        |base, platform| test(base, platform, &UPDATE),
    )
}

/// Runs the suite of secure connections, over reboots too.
pub fn security() -> Result<Outcome, String> {
    on_platforms("ocpp.security", PLATFORMS[..1].iter(), |base, platform| {
        test(base, platform, &SECURITY)
    })
}

/// Runs the suite of secure connections where more is refused, and with TLS 1.3.
pub fn strict() -> Result<Outcome, String> {
    on_platforms(
        "ocpp.security.strict",
        PLATFORMS[..1].iter(),
        |base, platform| test(base, platform, &STRICT),
    )
}

/// Runs the suites of the firmware, which look at it from outside: log, shell and displays.
pub fn firmware() -> Result<Outcome, String> {
    install_screen_for_images()?;
    on_platforms("ocpp.firmware", PLATFORMS[..1].iter(), |base, platform| {
        test(base, platform, &FIRMWARE)
    })
}

/// Runs those of all sizes of displays, and builds the one that no image shows.
pub fn displays() -> Result<Outcome, String> {
    install_screen_for_images()?;
    let platforms = [&PLATFORMS[0], &PLATFORMS[2]];
    on_platforms("ocpp.firmware", platforms.into_iter(), |base, platform| {
        test(base, platform, &DISPLAYS)
    })
}

/// Writes the pictures that [`firmware`] compares; those of small displays are drawn on the host.
pub fn renew_pictures() -> Result<(), String> {
    let base = zephyr_base().ok_or("no Zephyr workspace (ZEPHYR_BASE, west zephyr-export)")?;
    install_screen_for_images()?;
    let ports = Ports {
        central_system: free_port().map_err(|error| error.to_string())?,
        sntp: 0,
    };
    for work in [Work::Build, Work::Run] {
        let mut twister = twister(&base, &PLATFORMS[0], &DISPLAYS, ports, work);
        for image in ["", ".display.480x272", ".display.320x240"] {
            twister.args(["-s", &format!("ocpp.firmware{image}")]);
        }
        twister.env("RENEW_PICTURES", "1");
        run_within(twister, LONGEST)?;
    }
    Ok(())
}

/// What a window needs, where there are images that have one: SDL, and an X server without a
/// screen.
fn install_screen_for_images() -> Result<(), String> {
    let mut packages = Vec::new();
    if zephyr_base().is_none() {
        return Ok(());
    }
    if folder_of("Xvfb").is_none() {
        packages.push("xvfb");
    }
    if output("pkg-config", &["--exists", "sdl2"]).is_none() {
        packages.extend(["libsdl2-dev", "pkg-config"]);
    }
    apt::install(&packages)
}

fn on_platforms<'p>(
    suites: &str,
    platforms: impl Iterator<Item = &'p Platform>,
    run: impl Fn(&Path, &Platform) -> Result<(), String> + Sync,
) -> Result<Outcome, String> {
    let Some(base) = zephyr_base() else {
        return Ok(Skipped(format!(
            "no Zephyr workspace (ZEPHYR_BASE, west zephyr-export): {suites} did not run"
        )));
    };
    // Zephyr takes it where it is there: images have most of their C in common.
    if folder_of("ccache").is_none() {
        apt::install(&["ccache"])?;
    }
    let mut skipped = Vec::new();
    let mut present = Vec::new();
    for platform in platforms {
        let mut programs = platform.programs.iter();
        if let Some(missing) = programs.find(|program| folder_of(program).is_none()) {
            println!("  {} is skipped: no {missing}", platform.name);
            skipped.push(platform.name);
            continue;
        }
        present.push(platform);
    }
    // At the same time, because tests wait more than they work.
    let (run, base) = (&run, base.as_path());
    thread::scope(|scope| {
        let begin = |platform| scope.spawn(move || run(base, platform));
        let begun: Vec<_> = present.into_iter().map(begin).collect();
        let mut ended = begun.into_iter().map(thread::ScopedJoinHandle::join);
        ended.try_for_each(|ended| ended.map_err(|_| "a panic")?)
    })?;
    match skipped.is_empty() {
        true => Ok(Passed),
        false => Ok(Skipped(format!("in part: {}", skipped.join(", ")))),
    }
}

/// The suites, then both sets of schemas on every frame that they have exchanged where images run.
fn test(base: &Path, platform: &Platform, suites: &Suites) -> Result<(), String> {
    let folder = folder(platform, suites);
    let frames = folder.with_extension("frames.jsonl");
    // Of images that have both versions.
    let frames_201 = folder.with_extension("frames-201.jsonl");
    for recorded in [&frames, &frames_201] {
        let _ = fs::remove_file(recorded);
    }
    let ports = Ports {
        central_system: free_port().map_err(|error| error.to_string())?,
        sntp: 0,
    };
    let variables = [
        ("FRAMES_OUT", frames.as_path()),
        ("FRAMES_201_OUT", frames_201.as_path()),
    ];
    build_and_run(base, platform, suites, ports, &variables)?;
    if !platform.runs {
        return Ok(());
    }
    peers::check_frames(peers::V16, [&frames])?;
    match frames_201.exists() {
        true => peers::check_frames(peers::V201, [&frames_201]),
        false => Ok(()),
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn charge(base: &Path, platform: &Platform, suites: &Suites) -> Result<(), String> {
    let after = suites.answers_after;
    let behaviour = Behaviour::new()
        .unknown_tags(IdTagStatus::Accepted)
        .on_call(move |_, _, _| Some(Answer::Standard.after(after)));
    let central_system = CentralSystem::start(behaviour).map_err(|error| error.to_string())?;
    let ports = Ports {
        central_system: central_system.port(),
        sntp: sntp::serve().map_err(|error| error.to_string())?,
    };
    build_and_run(base, platform, suites, ports, &[])?;
    match platform.runs {
        true => balance(&central_system, suites.identity),
        false => Ok(()),
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
        let (start, stop) = (transaction.meter_start, transaction.stop.as_ref());
        let Some(stop) = stop
            .map(|stop| stop.meter_stop)
            .filter(|stop| *stop > start)
        else {
            return Err(format!(
                "connector {connector} charged nothing: {transaction:?}"
            ));
        };
        println!("  connector {connector}: {start} Wh to {stop} Wh");
    }
    Ok(())
}
