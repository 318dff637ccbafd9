//! Hands the firmware's own Kconfig options to `src/settings.rs`.

use std::{env, fs};

/// Those that are there or not: `cfg(CONFIG_…)`.
const SWITCHES: [&str; 2] = [
    "CONFIG_CHARGE_POINT_SMALL_DISPLAY",
    "CONFIG_CHARGE_POINT_SMALL_DISPLAY_INVERTED",
];

fn main() {
    for switch in SWITCHES {
        println!("cargo::rustc-check-cfg=cfg({switch})");
    }
    println!("cargo::rerun-if-env-changed=DOTCONFIG");
    let Some(path) = env::var_os("DOTCONFIG") else {
        println!("cargo::error=west build sets DOTCONFIG; cargo alone cannot build the firmware");
        return;
    };
    println!("cargo::rerun-if-changed={}", path.display());
    let options = match fs::read_to_string(&path) {
        Ok(options) => options,
        Err(error) => {
            println!("cargo::error={}: {error}", path.display());
            return;
        }
    };
    for line in options.lines() {
        if let Some((name, value)) = line.split_once('=')
            && (name == "CONFIG_BOARD" || name.starts_with("CONFIG_CHARGE_POINT_"))
        {
            println!("cargo::rustc-env={name}={}", unquoted(value));
            if SWITCHES.contains(&name) && value == "y" {
                println!("cargo::rustc-cfg={name}");
            }
        }
    }
}

/// Kconfig writes strings in quotes, and a backslash before quotes and backslashes in them.
fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let mut text = String::new();
    let mut characters = inner.unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => characters.next(),
            character => Some(character),
        };
        text.extend(character);
    }
    text
}
