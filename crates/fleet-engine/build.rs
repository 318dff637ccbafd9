//! Fixes the capacities of a fleet's stations, whatever the environment says: see `src/limits.rs`, for
//! which the build script of the package `ocpp` writes the same file.

use std::{env, fs, path::Path, process::exit};

/// What grows with each of them is memory of every station (docs/fleet.md).
const LIMITS: &[(&str, u32)] = &[
    ("CONNECTORS", 2),
    ("CACHE_ENTRIES", 4),
    // Half an hour of two connectors without a central system.
    ("JOURNAL_SLOTS", 64),
    ("LIST_LENGTH", 8),
    ("READINGS", 8),
    ("DATA_LENGTH", 64),
    ("APPLICATION_SETTINGS", 0),
    ("SETTING_LENGTH", 64),
    ("LOCAL_LIST_ENTRIES", 32),
    ("RECV_BUFFER_SIZE", 16_384),
    ("OBJECT_CHUNK", 128),
    ("OBJECT_LENGTH", 16_384),
    ("CHARGING_PROFILES", 4),
    ("CHARGING_PERIODS", 24),
    ("NOMINAL_VOLTAGE", 230),
    ("LOCATION_LENGTH", 128),
    ("CERTIFICATES", 1),
    ("SECURITY_EVENTS", 8),
    ("CALL_TIMEOUT_MS", 30_000),
    ("METER_TIMEOUT_MS", 1_000),
    ("RECOVERY_METER_TIMEOUT_MS", 60_000),
    ("UNLOCK_TIMEOUT_MS", 10_000),
    ("SOFT_RESET_TIMEOUT_MS", 60_000),
    ("TRANSACTION_SAVE_INTERVAL_MS", 60_000),
    ("RECONNECT_MIN_MS", 1_000),
    ("RECONNECT_MAX_MS", 60_000),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let constants: String = LIMITS
        .iter()
        .map(|(name, value)| format!("pub const {name}: u32 = {value};\n"))
        .collect();
    let Some(directory) = env::var_os("OUT_DIR") else {
        println!("cargo::error=OUT_DIR is not set");
        exit(1);
    };
    if let Err(error) = fs::write(Path::new(&directory).join("limits.rs"), constants) {
        println!("cargo::error=limits.rs could not be written: {error}");
        exit(1);
    }
}
