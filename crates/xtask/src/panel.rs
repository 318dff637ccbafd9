//! The panel of the simulator in a browser without a window: npm `playwright-core` and `ocpp-rpc`, in
//! `target/panel`, and Debian's Chromium.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    apt, peers,
    report::Outcome::{self, Passed, Skipped},
    shell::{build_charge_point, command, output, root, run_within, target},
};

const PACKAGE: &str = "tests/panel/package.json";
const PICTURES: &str = "docs/pictures/panel";
/// Names of the browser.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Longer than a session takes, with pictures.
const LONGEST: Duration = Duration::from_secs(260);

fn folder() -> PathBuf {
    target().join("panel")
}

fn browser() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let mut found = BROWSERS.iter().flat_map(|name| {
        let folders: Vec<_> = std::env::split_paths(&paths).collect();
        folders.into_iter().map(move |folder| folder.join(name))
    });
    found.find(|path| path.is_file())
}

/// Chromium, installed where there is none.
pub fn chromium() -> Result<PathBuf, String> {
    if browser().is_none() {
        apt::install(&["chromium"])?;
    }
    browser().ok_or_else(|| "there is no Chromium".to_owned())
}

/// Installs what is missing, with Debian's packages and npm; the browser.
fn install() -> Result<PathBuf, String> {
    let browser = chromium()?;
    let mut packages = Vec::new();
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if output(program, &["--version"]).is_none() {
            packages.push(package);
        }
    }
    apt::install(&packages)?;
    let wanted =
        fs::read_to_string(root().join(PACKAGE)).map_err(|error| format!("{PACKAGE}: {error}"))?;
    let mark = folder().join("installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(browser);
    }
    fs::create_dir_all(folder()).map_err(|error| format!("target/panel: {error}"))?;
    peers::install_modules(&folder(), PACKAGE)?;
    fs::write(&mark, wanted).map_err(|error| format!("{}: {error}", mark.display()))?;
    Ok(browser)
}

fn session(browser: &Path) -> Command {
    let mut node = command("node", &["tests/panel/run.js"]);
    node.envs(peers::environment());
    node.env("PANEL_NODE_MODULES", folder().join("node_modules"));
    node.env("CHROMIUM", browser);
    node
}

/// A whole session; skipped where there is no browser to be had.
pub fn step() -> Result<Outcome, String> {
    let browser = match install() {
        Ok(browser) => browser,
        Err(problem) => {
            return Ok(Skipped(format!(
                "no browser, or none of the modules that drive it: {problem}"
            )));
        }
    };
    build_charge_point(&[])?;
    run_within(session(&browser), LONGEST)?;
    Ok(Passed)
}

/// The same session, with pictures of it for the documentation.
pub fn renew_pictures() -> Result<(), String> {
    let browser = install()?;
    build_charge_point(&[])?;
    let folder = root().join(PICTURES);
    fs::create_dir_all(&folder).map_err(|error| format!("{PICTURES}: {error}"))?;
    let mut session = session(&browser);
    session.env("PICTURES", folder);
    run_within(session, LONGEST)
}
