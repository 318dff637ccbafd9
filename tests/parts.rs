//! The parts of a station (docs/architecture.md) keep to themselves: none knows the station, and none
//! another that knows it.
#![allow(clippy::restriction)] // What fails here may panic.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What is no part: the station, what goes in and out of it, what is asked of it, and what passes
/// between its parts.
const AROUND: [&str; 5] = ["api", "memory", "mod", "queries", "routing"];

fn station() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/station")
}

/// The code of each part: its file, and those in its folder.
fn parts() -> BTreeMap<String, String> {
    let mut parts = BTreeMap::<String, String>::new();
    let mut folders = vec![(station(), None)];
    while let Some((folder, part)) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let name = part.clone().unwrap_or(stem);
            if AROUND.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push((path, Some(name)));
                continue;
            }
            let code = fs::read_to_string(&path).unwrap();
            let lines = code.lines().map(str::trim_start);
            let code: Vec<_> = lines.filter(|line| !line.starts_with("//")).collect();
            parts.entry(name).or_default().push_str(&code.join("\n"));
        }
    }
    parts
}

/// The words of a program, each with what follows it.
fn words(code: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c| !is_part(c));
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some((word, after))
    })
}

/// Which other parts each part names.
fn graph(parts: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let of = |(name, code)| {
        let (name, code): (&String, &String) = (name, code);
        let named = words(code).filter(|(_, after)| after.starts_with("::"));
        let named: BTreeSet<_> = named.map(|(word, _)| word).collect();
        let others = parts.keys().map(String::as_str);
        let others = others.filter(|other| *other != name && named.contains(other));
        (name.as_str(), others.collect())
    };
    parts.iter().map(of).collect()
}

/// Parts that name each other, if some do.
fn cycle(graph: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut left = graph.clone();
    // Those that name none of the rest can be built first, and so on.
    while let Some(first) = left
        .iter()
        .find(|(_, named)| !named.iter().any(|other| left.contains_key(other)))
        .map(|(name, _)| *name)
    {
        left.remove(first);
    }
    left.keys().map(|name| (*name).to_owned()).collect()
}

#[test]
fn no_part_knows_the_station() {
    let parts = parts();
    assert!(parts.len() > 10, "{:?}", parts.keys());
    for (name, code) in &parts {
        assert!(
            !words(code).any(|(word, _)| word == "Station"),
            "{name} names Station"
        );
    }
}

#[test]
fn parts_know_each_other_in_one_direction() {
    let parts = parts();
    let graph = graph(&parts);
    // One of the edges that there have to be: otherwise nothing was read.
    assert!(graph["outbox"].contains("metering"));
    assert_eq!(cycle(&graph), Vec::<String>::new(), "{graph:#?}");
}

/// What holds the state of parts.
const OWNERS: [&str; 22] = [
    "Authorization",
    "Clock",
    "Connection",
    "Connectors",
    "DataTransfer",
    "Deferred",
    "Firmware",
    "LocalList",
    "Logs",
    "Metering",
    "Outbox",
    "Registration",
    "Reports",
    "Reservations",
    "Reset",
    "Rpc",
    "Session",
    "SmartCharging",
    "StatusReports",
    "Transaction",
    "Transactions",
    "Transfer",
];

#[test]
fn parts_keep_their_fields_to_themselves() {
    let code = parts().into_values().collect::<Vec<_>>().join("\n");
    for owner in OWNERS {
        let declared = [" {", "(", "<'a> {"].map(|end| format!("struct {owner}{end}"));
        let declared = declared.iter().find_map(|text| code.split_once(text));
        let (_, fields) = declared.unwrap_or_else(|| panic!("no {owner}"));
        let (fields, _) = fields.split_once(['}', ';']).unwrap();
        let seen = fields.lines().find(|line| line.starts_with("pub "));
        assert_eq!(seen, None, "{owner}");
    }
}

#[test]
fn a_cycle_is_found() {
    let parts = [
        ("a", "b::x"),
        ("b", "use super::{c::y};"),
        ("c", "a::z"),
        ("d", "a::z"),
    ];
    let parts = parts.map(|(name, code)| (name.to_owned(), code.to_owned()));
    // d is not in it, but cannot be without it either.
    assert_eq!(cycle(&graph(&parts.into())), ["a", "b", "c", "d"]);
}

/// Behaviour is the same in every version of OCPP: what a version names and writes is its dialect's.
#[test]
fn the_station_names_no_dialect() {
    let mut folders = vec![station()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let code = fs::read_to_string(&path).unwrap();
            // What a build leaves out says so in front of a module and of a line of the router.
            let lines = code.lines().map(str::trim_start);
            let is_code = |line: &&str| !line.starts_with("//") && !line.starts_with("#[cfg(");
            let code: Vec<_> = lines.filter(is_code).collect();
            let code = code.join("\n");
            let dialect =
                words(&code).find(|(word, _)| word.starts_with("v16") || word.starts_with("v2"));
            assert!(dialect.is_none(), "{}: {dialect:?}", path.display());
        }
    }
}
