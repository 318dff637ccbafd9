//! Whose code each byte of the image is, by the line table.
//!
//! Every halfword of code is looked up with the functions that were inlined there, and counted to
//! the innermost of them that is of this repository: what of `core` or heapless was inlined into
//! a file is that file's. Only what stands for itself in `core` or heapless counts to them.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use super::link_map::{Kind, Piece};
use crate::shell::root;

/// Bytes of code of a component.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub bytes: u64,
    /// Of these, what was inlined from `core` and other crates.
    pub inlined: u64,
}

/// The code of the module in an image, by component.
pub fn text(elf: &Path, pieces: &[Piece]) -> Result<BTreeMap<String, Share>, String> {
    let of_module = |piece: &&Piece| piece.kind == Kind::Text && piece.is_of_module();
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    let mut addresses = Vec::new();
    for piece in pieces.iter().filter(of_module) {
        match () {
            () if piece.is_of_compiler() => {
                shares.entry(COMPILER.to_owned()).or_default().bytes += piece.size;
            }
            () if piece.is_rust() => {
                let halfwords = (piece.address..piece.address + piece.size).step_by(2);
                addresses.extend(halfwords);
            }
            () => shares.entry(PORT_C.to_owned()).or_default().bytes += piece.size,
        }
    }
    for frames in look_up(elf, addresses)? {
        let own = frames.iter().position(|file| component(file).is_some());
        let name = match own.and_then(|place| component(frames.get(place)?)) {
            Some(name) => name,
            None => crate_of(frames.last().map_or("", String::as_str)),
        };
        let share = shares.entry(name).or_default();
        share.bytes += 2;
        share.inlined += if own.unwrap_or(0) > 0 { 2 } else { 0 };
    }
    Ok(shares)
}

const COMPILER: &str = "compiler_builtins";
const PORT_C: &str = "port: C files";

/// The component of a file of this repository.
fn component(file: &str) -> Option<String> {
    let root = format!("{}/", root().display());
    let file = file.strip_prefix(&root)?;
    let name = |folder: &str| file.strip_prefix(folder).map(str::to_owned);
    Some(match () {
        () if file.starts_with("src/wire/") => "wire".to_owned(),
        () if file.starts_with("src/v16/") => "v16".to_owned(),
        () if file.starts_with("zephyr/port/src/api/") => "C API".to_owned(),
        () if file.starts_with("zephyr/port/src/") => {
            format!("port: {}", name("zephyr/port/src/")?)
        }
        () if file.starts_with("src/") => name("src/")?,
        () => return None,
    })
}

/// The crate of a file that is none of this repository.
fn crate_of(file: &str) -> String {
    for name in ["heapless", "serde-json-core", "compiler-builtins"] {
        if file.contains(&format!("/{name}")) {
            return name.replace('-', "_");
        }
    }
    match file.contains("/library/core/") {
        true => "core".to_owned(),
        false => "unknown".to_owned(),
    }
}

/// The files of the functions at each address, the innermost first.
fn look_up(elf: &Path, addresses: Vec<u64>) -> Result<Vec<Vec<String>>, String> {
    let said = |error: std::io::Error| format!("arm-none-eabi-addr2line: {error}");
    let mut addr2line = Command::new("arm-none-eabi-addr2line");
    addr2line.args(["-a", "-i", "-e"]).arg(elf);
    addr2line.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut addr2line = addr2line.spawn().map_err(said)?;
    let mut asked = addr2line.stdin.take().ok_or("no pipe to addr2line")?;
    // Whoever only writes fills the pipe that nobody reads.
    let writer = thread::spawn(move || {
        let mut lines = addresses.iter();
        lines.try_for_each(|address| writeln!(asked, "{address:#x}"))
    });
    let output = addr2line.wait_with_output().map_err(said)?;
    let written = writer.join().map_err(|_| "writing to addr2line failed")?;
    written.map_err(said)?;
    let mut found: Vec<Vec<String>> = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match found.last_mut() {
            _ if line.starts_with("0x") => found.push(Vec::new()),
            Some(frames) => {
                let file = line.rsplit_once(':').map_or(line, |(file, _)| file);
                frames.push(normal(file));
            }
            None => {}
        }
    }
    Ok(found)
}

/// A path without `x/../`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_components() {
        let of = |file: &str| component(&normal(&format!("{}/{file}", root().display())));
        assert_eq!(of("src/wire/json.rs").as_deref(), Some("wire"));
        assert_eq!(
            of("zephyr/port/../../src/station/rpc.rs").as_deref(),
            Some("station/rpc.rs")
        );
        assert_eq!(of("zephyr/port/src/api/calls.rs").as_deref(), Some("C API"));
        assert_eq!(
            of("zephyr/port/src/engine/calls.rs").as_deref(),
            Some("port: engine/calls.rs")
        );
        assert_eq!(component("/rustc/library/core/src/option.rs"), None);
        assert_eq!(crate_of("/rust/library/core/src/option.rs"), "core");
    }
}
