//! Finds a Zephyr workspace for the suites that need one.

use std::{env, fs, path::PathBuf};

use crate::{report::Outcome, shell::root};

/// `ZEPHYR_BASE`, or the CMake package that `west zephyr-export` registers.
fn workspace() -> Option<PathBuf> {
    if let Some(base) = env::var_os("ZEPHYR_BASE") {
        return Some(PathBuf::from(base));
    }
    let packages = PathBuf::from(env::var_os("HOME")?).join(".cmake/packages/Zephyr");
    let registered = fs::read_dir(packages).ok()?.flatten();
    // Each file holds the path of <zephyr>/share/zephyr-package/cmake.
    registered
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter_map(|path| {
            PathBuf::from(path.trim())
                .ancestors()
                .nth(3)
                .map(PathBuf::from)
        })
        .find(|base| base.join("Kconfig.zephyr").is_file())
}

/// Runs the twister suites below `tests`.
pub fn suites() -> Result<Outcome, String> {
    let folders = fs::read_dir(root().join("tests")).map_err(|error| error.to_string())?;
    let has_suite = |path: &PathBuf| path.join("testcase.yaml").is_file();
    let suites: Vec<_> = folders
        .flatten()
        .map(|entry| entry.path())
        .filter(has_suite)
        .collect();
    let found = match workspace() {
        Some(_) => "a workspace was found",
        None => "no workspace was found (ZEPHYR_BASE, west zephyr-export)",
    };
    Ok(Outcome::Skipped(format!(
        "{found}; the repository has {} Zephyr suites so far",
        suites.len()
    )))
}
