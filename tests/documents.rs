//! What the documents promise is there.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use ocpp::station::Key;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The first column of every table row.
fn rows(document: &str) -> Vec<&str> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| row.split(" |").next()).collect()
}

#[test]
fn every_core_message_and_key_is_listed() {
    let document = read("docs/core-profile.md");
    let rows = rows(&document);
    let messages = [
        "Authorize",
        "BootNotification",
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "DataTransfer",
        "GetConfiguration",
        "Heartbeat",
        "MeterValues",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "Reset",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
        "UnlockConnector",
    ];
    let keys = Key::ALL.iter().map(|key| key.name());
    for name in messages.into_iter().chain(keys) {
        assert!(rows.contains(&name), "docs/core-profile.md lacks {name}");
    }
}

#[test]
fn every_listed_test_exists() {
    let document = read("docs/core-profile.md");
    let quoted = document.split('`').skip(1).step_by(2);
    let tests: Vec<_> = quoted
        .filter_map(|name| name.split_once("::"))
        .filter(|(file, _)| *file != "file")
        .collect();
    assert!(tests.len() > 60, "{}", tests.len());
    for (file, test) in tests {
        let source = read(&format!("tests/scenarios/{file}.rs"));
        let definition = format!("#[test]\nfn {test}()");
        assert!(source.contains(&definition), "{file}::{test}");
    }
}
