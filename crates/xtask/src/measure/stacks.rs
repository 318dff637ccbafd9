//! How much of each stack is in use at most: `samples/c_api` on an emulated Cortex-M3 charges on
//! two connectors, and Zephyr's thread analyzer looks at what the stacks still hold of their
//! first fill.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use central_system::{Behaviour, CentralSystem, IdTagStatus};

use super::workspace::Workspace;
use crate::shell::root;
use crate::workspace::folder_of;

const BOARD: &str = "mps2/an385";
/// Where the image expects the central system. Always the same: another one would be another
/// configuration, and the whole image built anew.
const PORT: u16 = 19_769;
/// The identity in the sample's default path.
const IDENTITY: &str = "CP1";
const LONGEST: Duration = Duration::from_secs(120);
/// Twice the interval of the analyzer in stacks.conf.
const ANALYZED: Duration = Duration::from_secs(10);

/// A stack: bytes in use at most, and bytes in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    pub used: u64,
    pub size: u64,
}

/// The stacks of all threads by name, the fuller one where two have the same; or why there are
/// none.
pub fn measure(workspace: &Workspace) -> Result<BTreeMap<String, Stack>, String> {
    if folder_of("qemu-system-arm").is_none() {
        return Err("no qemu-system-arm".to_owned());
    }
    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    let central_system = CentralSystem::start_on(PORT, behaviour);
    let central_system = central_system.map_err(|error| format!("port {PORT}: {error}"))?;
    let options = [
        format!(
            "-DEXTRA_CONF_FILE={}",
            root().join("crates/measure/image/stacks.conf").display()
        ),
        format!("-DCONFIG_SAMPLE_PORT={PORT}"),
    ];
    let folder = workspace.build("stacks", BOARD, "samples/c_api", &options)?;
    let console = folder.join("console.txt");
    let file = fs::File::create(&console).map_err(|e| format!("{}: {e}", console.display()))?;
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-cpu", "cortex-m3", "-machine", "mps2-an385"]);
    qemu.args(["-nographic", "-vga", "none", "-nic", "user,model=lan9118"]);
    qemu.arg("-kernel").arg(folder.join("zephyr.elf"));
    qemu.stdin(Stdio::null()).stdout(file).stderr(Stdio::null());
    let mut qemu = qemu.spawn().map_err(|e| format!("qemu-system-arm: {e}"))?;
    let charged = wait_for_sessions(&central_system);
    thread::sleep(ANALYZED);
    let _ = qemu.kill();
    let _ = qemu.wait();
    charged?;
    let said = fs::read(&console).map_err(|e| format!("{}: {e}", console.display()))?;
    Ok(read(&String::from_utf8_lossy(&said)))
}

/// Waits until both connectors have charged.
fn wait_for_sessions(central_system: &CentralSystem) -> Result<(), String> {
    let charged = central_system.wait_for(LONGEST, |books| {
        let transactions = books.station(IDENTITY).map(|station| &station.transactions);
        let stopped = transactions.into_iter().flatten();
        stopped.filter(|t| t.stop.is_some()).count() == 2
    });
    match charged {
        true => Ok(()),
        false => Err(format!("the sample did not charge within {LONGEST:?}")),
    }
}

/// Reads ` name : STACK: unused 1496 usage 2600 / 4096 (63 %); ...`.
fn read(console: &str) -> BTreeMap<String, Stack> {
    let mut stacks: BTreeMap<String, Stack> = BTreeMap::new();
    for line in console.lines() {
        let Some((name, rest)) = line.split_once(" : STACK: ") else {
            continue;
        };
        let mut numbers = rest.split(' ').filter_map(|word| word.parse().ok());
        let (Some(_), Some(used), Some(size)) = (numbers.next(), numbers.next(), numbers.next())
        else {
            continue;
        };
        let stack = stacks.entry(name.trim().to_owned());
        let stack = stack.or_insert(Stack { used, size });
        stack.used = stack.used.max(used);
    }
    stacks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_fullest() {
        let console = "\
Thread analyze:
 ocpp                : STACK: unused 1496 usage 2600 / 4096 (63 %); CPU: 1 %
                     : Total CPU cycles used: 1
 ocpp                : STACK: unused 1396 usage 2700 / 4096 (65 %); CPU: 1 %
 ISR0                : STACK: unused 1660 usage 388 / 2048 (18 %)
";
        let stacks = read(console);
        let of = |used, size| Stack { used, size };
        assert_eq!(stacks["ocpp"], of(2700, 4096));
        assert_eq!(stacks["ISR0"], of(388, 2048));
        assert_eq!(stacks.len(), 2);
    }
}
