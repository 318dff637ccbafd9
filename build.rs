//! Turns capacities from the environment into constants.
//!
//! A Zephyr build exports its Kconfig choices as `OCPP_*` variables; a host build that sets
//! none of them gets the defaults of this table, which `src/limits.rs` documents.

use std::{env, fs, path::Path, process::exit};

/// Name of the variable and the constant, host default, smallest and largest usable value.
const LIMITS: &[(&str, u32, u32, u32)] = &[
    ("CONNECTORS", 16, 1, 250),
    ("CACHE_ENTRIES", 64, 0, 4_000),
    ("JOURNAL_SLOTS", 512, 4, 4_000),
    ("LIST_LENGTH", 24, 1, 64),
    ("READINGS", 24, 1, 64),
    ("DATA_LENGTH", 512, 1, 16_384),
    ("APPLICATION_SETTINGS", 32, 0, 256),
    ("SETTING_LENGTH", 128, 1, 500),
    ("LOCAL_LIST_ENTRIES", 256, 1, 1_500),
    ("RECV_BUFFER_SIZE", 65_536, 512, 1_048_576),
    ("OBJECT_CHUNK", 128, 64, 512),
    ("OBJECT_LENGTH", 16_384, 1_024, 131_072),
    ("CHARGING_PROFILES", 10, 1, 64),
    ("CHARGING_PERIODS", 24, 1, 1_024),
    ("NOMINAL_VOLTAGE", 230, 90, 500),
    ("LOCATION_LENGTH", 512, 64, 960),
    ("CERTIFICATES", 8, 1, 30),
    ("SECURITY_EVENTS", 64, 8, 1_000),
    ("CALL_TIMEOUT_MS", 30_000, 100, 600_000),
    ("METER_TIMEOUT_MS", 1_000, 0, 60_000),
    ("RECOVERY_METER_TIMEOUT_MS", 60_000, 0, 3_600_000),
    ("UNLOCK_TIMEOUT_MS", 10_000, 100, 120_000),
    ("SOFT_RESET_TIMEOUT_MS", 60_000, 0, 600_000),
    ("TRANSACTION_SAVE_INTERVAL_MS", 60_000, 1_000, 3_600_000),
    ("RECONNECT_MIN_MS", 1_000, 100, 3_600_000),
    ("RECONNECT_MAX_MS", 120_000, 100, 3_600_000),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut constants = String::new();
    for &(name, default, min, max) in LIMITS {
        let variable = format!("OCPP_{name}");
        println!("cargo::rerun-if-env-changed={variable}");
        let value = match env::var(&variable).ok().map(|text| text.parse::<u32>()) {
            None => default,
            Some(Ok(value)) if (min..=max).contains(&value) => value,
            Some(_) => {
                println!("cargo::error={variable} must be a whole number from {min} to {max}");
                exit(1);
            }
        };
        constants.push_str(&format!("pub const {name}: u32 = {value};\n"));
    }
    let Some(directory) = env::var_os("OUT_DIR") else {
        println!("cargo::error=OUT_DIR is not set");
        exit(1);
    };
    if let Err(error) = fs::write(Path::new(&directory).join("limits.rs"), constants) {
        println!("cargo::error=limits.rs could not be written: {error}");
        exit(1);
    }
}
