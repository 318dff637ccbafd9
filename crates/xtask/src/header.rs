//! The C header of the Zephyr module, written by cbindgen from the definitions in the port.

use std::{fs, path::PathBuf};

use crate::{
    report::Outcome::{self, Passed},
    shell::root,
};

const HEADER: &str = "include/zephyr/net/ocpp.h";

/// The definitions, in the order in which they stand in the header.
const SOURCES: [&str; 4] = ["types.rs", "calls.rs", "connectors.rs", "transfer.rs"];

fn generate() -> Result<String, String> {
    let port = root().join("zephyr/port");
    let config = cbindgen::Config::from_file(port.join("cbindgen.toml"))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(port.join("src/api").join(source));
    }
    let bindings = builder.generate().map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    Ok(in_zephyr_style(&text))
}

/// Tabs of eight, and no comments of C++.
fn in_zephyr_style(text: &str) -> String {
    let mut styled = String::new();
    for line in text.lines() {
        let code = line.trim_start_matches(' ');
        let spaces = line.len() - code.len();
        let code = match code.split_once("//") {
            Some((code, comment)) if !code.contains('*') && !comment.contains("*/") => {
                code.trim_end()
            }
            _ => code,
        };
        styled.push_str(&"\t".repeat(spaces / 8));
        styled.push_str(&" ".repeat(spaces % 8));
        styled.push_str(code);
        styled.push('\n');
    }
    styled
}

fn path() -> PathBuf {
    root().join(HEADER)
}

/// Writes the header.
pub fn write() -> Result<(), String> {
    fs::write(path(), generate()?).map_err(|error| format!("{HEADER}: {error}"))?;
    println!("{HEADER} is written");
    Ok(())
}

/// The header in the repository is the one its sources make.
pub fn check() -> Result<Outcome, String> {
    let known = fs::read_to_string(path()).map_err(|error| format!("{HEADER}: {error}"))?;
    if known == generate()? {
        println!("  {HEADER} is up to date");
        Ok(Passed)
    } else {
        Err(format!("{HEADER} is stale: cargo xtask header"))
    }
}
