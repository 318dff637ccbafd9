//! The programs of `crates/measure`, built as an image is: fat LTO, one code generation unit,
//! capacities fixed.

use std::{env, path::PathBuf};

use crate::shell::{cargo, output, patient, run, target};

/// What of a build is counted.
#[derive(Clone, Copy, Debug)]
pub struct Capacities {
    pub connectors: usize,
    pub tags: usize,
    pub messages: usize,
}

/// What is built besides Core: a cargo feature of `crates/measure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profiles {
    Core,
    SmartCharging,
}

impl Profiles {
    pub const BOTH: [Self; 2] = [Self::Core, Self::SmartCharging];
}

/// Those of zephyr/Kconfig.station.
pub const AS_ON_ZEPHYR: Capacities = Capacities {
    connectors: 2,
    tags: 16,
    messages: 32,
};

/// How it is optimised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// opt-level 3
    Speed,
    /// opt-level "s"
    Size,
}

impl Level {
    pub const BOTH: [Self; 2] = [Self::Speed, Self::Size];

    /// The profile in the workspace's Cargo.toml.
    fn profile(self) -> &'static str {
        match self {
            Self::Speed => "measure",
            Self::Size => "measure-small",
        }
    }

    /// As `opt-level` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Speed => "3",
            Self::Size => "s",
        }
    }
}

/// Builds both programs; gives the folder they are in, which is one of its own.
pub fn build(level: Level, profiles: Profiles, capacities: Capacities) -> Result<PathBuf, String> {
    let mut build = cargo(&["build", "--quiet", "--package", "measure", "--locked"]);
    let folder = match profiles {
        Profiles::Core => target().join("measure"),
        Profiles::SmartCharging => {
            build.args(["--features", "smart-charging"]);
            target().join("measure-smart-charging")
        }
    };
    build.args(["--profile", level.profile()]);
    build.arg("--target-dir").arg(&folder);
    let set_by_caller = env::vars_os().map(|(name, _)| name);
    for name in set_by_caller.filter(|name| name.to_string_lossy().starts_with("OCPP_")) {
        build.env_remove(name);
    }
    // Flags for one processor or another would make the counts those of that processor.
    build.env_remove("RUSTFLAGS");
    for (name, value) in [
        ("CONNECTORS", capacities.connectors),
        ("CACHE_ENTRIES", capacities.tags),
        // The least that a station can have.
        ("JOURNAL_SLOTS", capacities.messages.max(4)),
        ("LIST_LENGTH", 10),
        ("READINGS", 18),
        ("DATA_LENGTH", 128),
        ("APPLICATION_SETTINGS", 0),
        ("CHARGING_PROFILES", 10),
        ("CHARGING_PERIODS", 24),
    ] {
        build.env(format!("OCPP_{name}"), value.to_string());
    }
    run(patient(&build))?;
    Ok(folder.join(level.profile()))
}

/// The compiler that these programs are built with.
pub fn compiler() -> String {
    output("rustc", &["--version"]).unwrap_or_else(|| "an unknown rustc".to_owned())
}
