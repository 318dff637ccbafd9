//! How much of each stack is in use at most: `samples/c_api` on an emulated Cortex-M3 charges on
//! two connectors, and Zephyr's thread analyzer looks at what the stacks still hold of their
//! first fill. With TLS also how much of mbedTLS's heap is.

mod certificates;
mod files;
mod tls;

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use central_system::{Behaviour, CentralSystem, IdTagStatus};
use serde_json::json;

use super::workspace::Workspace;
use crate::shell::root;
use crate::workspace::{EMULATED, folder_of};

/// Where the central system is, with and without TLS. Always the same: another one would be another
/// configuration of the image, which would be built anew.
const PORT: u16 = 19_769;
const TLS_PORT: u16 = 19_770;
/// Where diagnostics go, likewise.
const FILES_PORT: u16 = 19_771;
const FILES_TLS_PORT: u16 = 19_772;
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

/// What an image had in use at most.
#[derive(Debug, PartialEq, Eq)]
pub struct Measured {
    /// The stacks of all threads by name, the fuller one where two have the same.
    pub stacks: BTreeMap<String, Stack>,
    /// Bytes of mbedTLS's heap.
    pub heap: Option<u64>,
}

/// Of the sample as it is, or with TLS and the messages of the security whitepaper; or why there is none.
pub fn measure(workspace: &Workspace, with_tls: bool) -> Result<Measured, String> {
    if folder_of("qemu-system-arm").is_none() {
        return Err("no qemu-system-arm".to_owned());
    }
    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    let behaviour = certificates::promised(behaviour);
    let central_system = CentralSystem::start_on(PORT, behaviour);
    let central_system = central_system.map_err(|error| format!("port {PORT}: {error}"))?;
    let images = root().join("crates/measure/image");
    let stacks = images.join("stacks.conf");
    let (name, port, files, more) = match with_tls {
        false => ("stacks", PORT, stacks.display().to_string(), None),
        true => {
            let tls = images.join("tls.conf");
            let files = format!(
                "overlay-security.conf;{};{}",
                stacks.display(),
                tls.display()
            );
            let certificate = tls::root_certificate()?;
            let certificate = format!(
                "-DCONFIG_SAMPLE_CA_CERTIFICATE=\"{}\"",
                certificate.display()
            );
            ("stacks-tls", TLS_PORT, files, Some(certificate))
        }
    };
    let mut options = vec![
        format!("-DEXTRA_CONF_FILE={files}"),
        format!("-DCONFIG_SAMPLE_PORT={port}"),
    ];
    options.extend(more);
    let folder = workspace.build(name, EMULATED, "samples/c_api", &options)?;
    let _terminator = match with_tls {
        true => Some(tls::Terminator::start(&[
            (TLS_PORT, PORT),
            (FILES_TLS_PORT, FILES_PORT),
        ])?),
        false => None,
    };
    let console = folder.join("console.txt");
    let file = fs::File::create(&console).map_err(|e| format!("{}: {e}", console.display()))?;
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-cpu", "cortex-m3", "-machine", "mps2-an385"]);
    qemu.args(["-nographic", "-vga", "none", "-nic", "user,model=lan9118"]);
    qemu.arg("-kernel").arg(folder.join("zephyr.elf"));
    qemu.stdin(Stdio::piped())
        .stdout(file)
        .stderr(Stdio::null());
    let mut qemu = qemu.spawn().map_err(|e| format!("qemu-system-arm: {e}"))?;
    let mut charged = wait_for_sessions(&central_system);
    if charged.is_ok() && with_tls {
        charged = have_diagnostics_sent(&central_system)
            .and_then(|()| certificates::exchange(&central_system));
    }
    // Without a shell it is not read.
    let asked = qemu
        .stdin
        .as_mut()
        .map(|shell| shell.write_all(b"\rmbedtls heap\r"));
    thread::sleep(ANALYZED);
    let _ = qemu.kill();
    let _ = qemu.wait();
    charged?;
    asked
        .unwrap_or(Ok(()))
        .map_err(|e| format!("qemu-system-arm: {e}"))?;
    let said = fs::read(&console).map_err(|e| format!("{}: {e}", console.display()))?;
    let said = String::from_utf8_lossy(&said);
    Ok(Measured {
        stacks: read(&said),
        heap: heap(&said),
    })
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

/// Has the thread of files send one, over HTTPS.
fn have_diagnostics_sent(central_system: &CentralSystem) -> Result<(), String> {
    files::take_one(FILES_PORT).map_err(|error| format!("port {FILES_PORT}: {error}"))?;
    let location = format!("https://{}:{FILES_TLS_PORT}/", tls::ADDRESS);
    let wanted = json!({ "location": location });
    let answer = central_system.call(IDENTITY, "GetDiagnostics", wanted, LONGEST);
    answer.map_err(|error| format!("GetDiagnostics: {error}"))?;
    let sent = central_system.wait_for(LONGEST, |books| {
        let station = books.station(IDENTITY);
        let told = station.map(|station| station.payloads("DiagnosticsStatusNotification"));
        let told = told.unwrap_or_default();
        told.iter().any(|status| status["status"] == "Uploaded")
    });
    match sent {
        true => Ok(()),
        false => Err(format!("diagnostics were not sent within {LONGEST:?}")),
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

/// Reads `Maximum (peak): 31576 bytes, 251 blocks`.
fn heap(console: &str) -> Option<u64> {
    let (_, rest) = console.rsplit_once("Maximum (peak): ")?;
    rest.split(' ').next()?.parse().ok()
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

    #[test]
    fn reads_the_most_that_the_heap_held() {
        let console = "uart:~$ mbedtls heap\r\nMaximum (peak): 31576 bytes, 251 blocks\r\nCurrent: 12 bytes, 1 blocks\r\n";
        assert_eq!(heap(console), Some(31_576));
        assert_eq!(heap("uart:~$ "), None);
    }
}
