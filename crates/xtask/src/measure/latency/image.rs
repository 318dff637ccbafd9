//! The image on each platform: built, run beside a central system, its record read.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem, IdTagStatus};

use super::{
    SAMPLES,
    record::Latencies,
    script::{self, MEASURED},
};
use crate::{
    measure::workspace::Workspace,
    workspace::{EMULATED, folder_of},
};

const APPLICATION: &str = "crates/measure/latency";
/// Where the image expects the central system. Always the same: another one would be another
/// configuration, and the whole image built anew.
const PORT: u16 = 19_771;
/// How long the record may take to be told.
const TOLD: Duration = Duration::from_secs(60);

/// Where the image runs and what its clock counts.
pub struct Platform {
    pub board: &'static str,
    pub unit: &'static str,
    /// What the record counts, in one of the unit.
    pub divisor: u64,
    name: &'static str,
    program: &'static str,
    is_for_arm: bool,
}

pub const PLATFORMS: [Platform; 2] = [
    Platform {
        board: EMULATED,
        unit: "guest cycles",
        divisor: 1,
        name: "latency_qemu",
        program: "qemu-system-arm",
        is_for_arm: true,
    },
    Platform {
        board: "native_sim/native/64",
        unit: "microseconds",
        divisor: 1000,
        name: "latency_native",
        program: "gcc",
        is_for_arm: false,
    },
];

/// 2^6 = 64 ns of the emulated machine's time for each instruction: 1.6 cycles of its 25 MHz.
const ICOUNT: &str = "shift=6,align=off,sleep=on";

/// What was measured, or what is missing here.
pub fn run(platform: &Platform) -> Result<Result<Latencies, String>, String> {
    let workspace = match platform.is_for_arm {
        true => Workspace::find(),
        false => Workspace::for_this_machine(),
    };
    let workspace = match workspace {
        Ok(workspace) if folder_of(platform.program).is_some() => workspace,
        Ok(_) => return Ok(Err(format!("no {}", platform.program))),
        Err(missing) => return Ok(Err(missing)),
    };
    let options = [format!("-DCONFIG_LATENCY_PORT={PORT}")];
    let folder = workspace.build(platform.name, platform.board, APPLICATION, &options)?;

    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    let central_system = CentralSystem::start_on(PORT, behaviour);
    let central_system = central_system.map_err(|error| format!("port {PORT}: {error}"))?;
    let console = folder.join("console.txt");
    let mut image = start(platform, &folder, &console)?;
    println!("  measuring on {}", platform.board);
    let told = script::run(&central_system).and_then(|()| wait_for_record(&console));
    let _ = image.kill();
    let _ = image.wait();
    let told = told.map_err(|error| format!("{error}\n  see {}", console.display()))?;
    let faults = central_system.station(script::IDENTITY).faults;
    match faults.is_empty() {
        true => Latencies::of(&told, MEASURED, SAMPLES).map(Ok),
        false => Err(format!("the image offended: {faults:?}")),
    }
}

fn start(platform: &Platform, folder: &Path, console: &Path) -> Result<Child, String> {
    let mut program = match platform.is_for_arm {
        true => {
            let mut qemu = Command::new(platform.program);
            qemu.args(["-cpu", "cortex-m3", "-machine", "mps2-an385"]);
            qemu.args(["-nographic", "-vga", "none", "-nic", "user,model=lan9118"]);
            qemu.args(["-icount", ICOUNT, "-rtc", "clock=vm"]);
            qemu.arg("-kernel").arg(folder.join("zephyr.elf"));
            qemu
        }
        false => Command::new(folder.join("zephyr.exe")),
    };
    let file = fs::File::create(console).map_err(|e| format!("{}: {e}", console.display()))?;
    program.stdin(Stdio::null()).stdout(file);
    program.stderr(Stdio::null()).current_dir(folder);
    let started = program.spawn();
    started.map_err(|error| format!("{}: {error}", platform.board))
}

/// What the image has told, when it has told all.
fn wait_for_record(console: &Path) -> Result<String, String> {
    let started = Instant::now();
    while started.elapsed() < TOLD {
        let told = fs::read(console).map_err(|e| format!("{}: {e}", console.display()))?;
        let told = String::from_utf8_lossy(&told).into_owned();
        if told.contains("record ends") || told.contains("record too long") {
            return Ok(told);
        }
        thread::sleep(Duration::from_millis(200));
    }
    Err(format!("no record within {TOLD:?}"))
}
