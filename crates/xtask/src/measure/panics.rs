//! `cargo xtask panics`: where the module could still panic on a microcontroller. The linked image is
//! disassembled: whatever calls a function of `core` that ends in a panic is an entry point.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{images, workspace::Workspace};
use crate::shell::output;

/// What ends in a panic, in `core`.
const ENDS: [&str; 2] = ["core::panicking::", "__rustc::rust_begin_unwind"];
/// Where code of this project lies.
const OURS: [&str; 3] = ["src/", "zephyr/port/src/", "crates/"];

/// An instruction that goes to a panic.
#[derive(Debug, PartialEq, Eq)]
pub struct EntryPoint {
    address: String,
    function: String,
    /// What it goes to.
    panics: String,
}

/// Prints all of them with the lines that they come from. An error if a line of this project itself is
/// one, and not what a crate inlined into it.
pub fn command() -> Result<(), String> {
    match Workspace::find() {
        Ok(workspace) => check(&images::with(&workspace)?.elf),
        Err(missing) => {
            println!("skipped: {missing}");
            Ok(())
        }
    }
}

/// The same of an image.
pub fn check(elf: &Path) -> Result<(), String> {
    let elf = elf.to_string_lossy();
    let code = output("arm-none-eabi-objdump", &["-d", "-C", &elf]);
    let points = entry_points(&code.ok_or("arm-none-eabi-objdump failed")?);
    println!("  ways to panic in the module: {}", points.len());
    let mut own = Vec::new();
    for point in &points {
        let lines = lines(&elf, &point.address);
        let first = lines.first().map_or("", String::as_str);
        println!("  {} -> {}", point.function, point.panics);
        lines.iter().for_each(|line| println!("      {line}"));
        if OURS.iter().any(|folder| first.starts_with(folder)) {
            own.push(format!("{first} ({})", point.function));
        }
    }
    match own.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "this project's code can panic:\n  {}",
            own.join("\n  ")
        )),
    }
}

/// True for functions of the standard library, generic ones for its own types among them.
fn is_of_core(name: &str) -> bool {
    ["core::", "<core::", "<[", "<str>", "<&str"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Calls and jumps from anything but `core` to what panics in it, however far away.
fn entry_points(disassembly: &str) -> Vec<EntryPoint> {
    let mut function = "";
    let mut jumps: Vec<(&str, &str, &str)> = Vec::new();
    for line in disassembly.lines() {
        if let Some(name) = line.strip_suffix(">:").and_then(|l| l.split_once(" <")) {
            function = name.1;
        } else if let Some((address, target)) = jump(line) {
            jumps.push((address, function, target));
        }
    }
    let mut callers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, from, to) in jumps.iter().filter(|(_, from, to)| from != to) {
        callers.entry(to).or_default().insert(from);
    }
    let ends = |name: &str| ENDS.iter().any(|end| name.starts_with(end));
    let mut panicking: BTreeSet<&str> = callers.keys().copied().filter(|name| ends(name)).collect();
    let mut new: Vec<&str> = panicking.iter().copied().collect();
    while let Some(name) = new.pop() {
        for caller in callers.get(name).into_iter().flatten() {
            if is_of_core(caller) && panicking.insert(caller) {
                new.push(caller);
            }
        }
    }
    let points = jumps.into_iter().filter(|(_, from, to)| {
        panicking.contains(to) && !panicking.contains(from) && !is_of_core(from)
    });
    points
        .map(|(address, from, to)| EntryPoint {
            address: address.to_owned(),
            function: from.to_owned(),
            panics: to.to_owned(),
        })
        .collect()
}

/// The address of a branch and the function that it goes to.
fn jump(line: &str) -> Option<(&str, &str)> {
    let (address, rest) = line.trim_start().split_once(":\t")?;
    let (_, instruction) = rest.split_once('\t')?;
    let target = instruction.strip_prefix('b')?.split_once(" <")?.1;
    let target = target.strip_suffix('>')?;
    let name = match target.rsplit_once("+0x") {
        Some((name, _)) => name,
        None => target,
    };
    Some((address, name))
}

/// The lines of this project and of crates that an address comes from, the innermost first.
fn lines(elf: &str, address: &str) -> Vec<String> {
    let found = output("arm-none-eabi-addr2line", &["-i", "-e", elf, address]);
    let found = found.unwrap_or_default();
    let root = crate::shell::root();
    let is_of_library = |line: &&str| line.contains("/library/") || line.contains("??");
    let of_project = |line: &str| {
        let line = line.strip_prefix(&*root.to_string_lossy()).unwrap_or(line);
        let line = line.trim_start_matches('/');
        // Crates are named by their folder in the registry.
        let place = line.rsplit_once("registry/src/");
        place
            .map_or(line, |(_, crate_)| {
                crate_.split_once('/').map_or(crate_, |it| it.1)
            })
            .to_owned()
    };
    found
        .lines()
        .filter(|line| !is_of_library(line))
        .map(of_project)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "
08001000 <ocpp::wire::copy>:
 8001000:\tb510      \tpush\t{r4, lr}
 8001002:\tf000 f801 \tbl\t8001010 <core::slice::len_mismatch_fail>
 8001006:\te7fe      \tb.n\t8001000 <ocpp::wire::copy+0x6>
08001010 <core::slice::len_mismatch_fail>:
 8001010:\tf000 f801 \tbl\t8001020 <core::panicking::panic_fmt>
08001020 <core::panicking::panic_fmt>:
 8001020:\te7fe      \tb.n\t8001020 <core::panicking::panic_fmt>
08001030 <ocpp::station::poll>:
 8001030:\tf000 f801 \tbl\t8001000 <ocpp::wire::copy>
";

    #[test]
    fn an_entry_point_is_found_behind_functions_of_core() {
        let points = entry_points(CODE);
        let expected = EntryPoint {
            address: "8001002".to_owned(),
            function: "ocpp::wire::copy".to_owned(),
            panics: "core::slice::len_mismatch_fail".to_owned(),
        };
        assert_eq!(points, [expected]);
    }
}
