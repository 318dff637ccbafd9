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

/// Whose a place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A function in a file of this repository.
    Ours { file: String, function: String },
    /// A function of a crate, `core` included, that stands for itself.
    Crate { name: String, function: String },
    /// A routine that rustc's code calls for want of an instruction.
    Compiler,
    /// The port's C, by its object.
    C(String),
}

/// Some bytes of code.
#[derive(Clone, Debug)]
pub struct Place {
    pub address: u64,
    pub bytes: u64,
    pub owner: Owner,
    /// Inlined from another crate.
    pub is_inlined: bool,
}

/// Bytes of code of a component.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub bytes: u64,
    /// Of these, what was inlined from `core` and other crates.
    pub inlined: u64,
}

/// The code of the module in an image.
pub fn places(elf: &Path, pieces: &[Piece]) -> Result<Vec<Place>, String> {
    let of_module = |piece: &&Piece| piece.kind == Kind::Text && piece.is_of_module();
    let mut places = Vec::new();
    let mut addresses = Vec::new();
    for piece in pieces.iter().filter(of_module) {
        let whole = |owner| Place {
            address: piece.address,
            bytes: piece.size,
            owner,
            is_inlined: false,
        };
        match () {
            () if piece.is_of_compiler() => places.push(whole(Owner::Compiler)),
            () if piece.is_rust() => {
                let halfwords = (piece.address..piece.address + piece.size).step_by(2);
                addresses.extend(halfwords);
            }
            () => places.push(whole(Owner::C(piece.object.clone()))),
        }
    }
    for (address, frames) in addresses.iter().zip(look_up(elf, &addresses)?) {
        let own = frames.iter().position(|frame| ours(&frame.file).is_some());
        let owner = match own.and_then(|place| frames.get(place)) {
            Some(frame) => Owner::Ours {
                file: ours(&frame.file).unwrap_or_default().to_owned(),
                function: frame.function.clone(),
            },
            None => {
                let outermost = frames.last().cloned().unwrap_or_default();
                Owner::Crate {
                    name: crate_of(&outermost.file),
                    function: outermost.function,
                }
            }
        };
        places.push(Place {
            address: *address,
            bytes: 2,
            owner,
            is_inlined: own.unwrap_or(0) > 0,
        });
    }
    Ok(places)
}

/// The bytes of each component.
pub fn by_component(places: &[Place]) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for place in places {
        let name = match &place.owner {
            Owner::Ours { file, .. } => component(file),
            Owner::Crate { name, .. } => name.clone(),
            Owner::Compiler => COMPILER.to_owned(),
            Owner::C(_) => PORT_C.to_owned(),
        };
        let share = shares.entry(name).or_default();
        share.bytes += place.bytes;
        share.inlined += if place.is_inlined { place.bytes } else { 0 };
    }
    shares
}

pub const COMPILER: &str = "compiler_builtins";
const PORT_C: &str = "port: C files";

/// The path within the sources of the engine or the port, if it is one.
fn ours(file: &str) -> Option<&str> {
    let root = format!("{}/", root().display());
    let file = file.strip_prefix(&root)?;
    let is_ours = ["src/", "zephyr/port/src/"]
        .iter()
        .any(|folder| file.starts_with(folder));
    is_ours.then_some(file)
}

/// The component of a file of this repository.
fn component(file: &str) -> String {
    let engine = file.strip_prefix("src/").unwrap_or(file);
    match file.strip_prefix("zephyr/port/src/") {
        Some(api) if api.starts_with("api/") => "C API".to_owned(),
        Some(port) => format!("port: {port}"),
        None if engine.starts_with("wire/") => "wire".to_owned(),
        None if engine.starts_with("v16/") => "v16".to_owned(),
        None => engine.to_owned(),
    }
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

/// A function, and the file it is in.
#[derive(Clone, Debug, Default)]
struct Frame {
    function: String,
    file: String,
}

/// The functions at each address, the innermost first.
fn look_up(elf: &Path, addresses: &[u64]) -> Result<Vec<Vec<Frame>>, String> {
    let said = |error: std::io::Error| format!("arm-none-eabi-addr2line: {error}");
    let mut addr2line = Command::new("arm-none-eabi-addr2line");
    addr2line.args(["-a", "-i", "-f", "-C", "-e"]).arg(elf);
    addr2line.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut addr2line = addr2line.spawn().map_err(said)?;
    let mut asked = addr2line.stdin.take().ok_or("no pipe to addr2line")?;
    let output = thread::scope(|scope| {
        // A process that only writes would fill the pipe that is not read.
        let writer = scope.spawn(move || {
            let mut lines = addresses.iter();
            lines.try_for_each(|address| writeln!(asked, "{address:#x}"))
        });
        let output = addr2line.wait_with_output().map_err(said)?;
        let written = writer.join().map_err(|_| "writing to addr2line failed")?;
        written.map_err(said)?;
        Ok::<_, String>(output)
    })?;
    let mut found: Vec<Vec<Frame>> = Vec::new();
    let mut function = None;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match (found.last_mut(), function.take()) {
            (_, None) if line.starts_with("0x") => found.push(Vec::new()),
            (Some(frames), Some(function)) => {
                let file = line.rsplit_once(':').map_or(line, |(file, _)| file);
                let file = normal(file);
                frames.push(Frame { function, file });
            }
            _ => function = Some(line.to_owned()),
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
        let of = |file: &str| {
            let file = normal(&format!("{}/{file}", root().display()));
            ours(&file).map(component)
        };
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
        assert_eq!(of("target/build/limits.rs"), None);
        assert_eq!(ours("/rustc/library/core/src/option.rs"), None);
        assert_eq!(crate_of("/rust/library/core/src/option.rs"), "core");
    }
}
