//! The simulators that are compared: where each is, how it is configured, and how it is started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::shell::{self, output, target};

/// Seconds between the meter values of a transaction, where that can be set.
const METER_INTERVAL: u64 = 60;
/// Seconds that a transaction takes, and that there are between two of a connector.
const DURATION: [u64; 2] = [60, 120];
const DELAY: [u64; 2] = [15, 30];
/// Tags of drivers; as many as the fleet has.
const TAGS: u64 = 1_000;
/// The template of SAP's simulator that all of its stations have, changed.
const BASE: &str = "virtual-simple-atg.station-template.json";
const TEMPLATE: &str = "fleet-compare.station-template.json";

/// A program that plays many stations, with where its checkout is.
pub enum Simulator {
    Fleet,
    Sap(PathBuf),
    Solidstudio(PathBuf),
}

impl Simulator {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fleet => "`charge-point fleet`",
            Self::Sap(_) => "SAP e-mobility-charging-stations-simulator",
            Self::Solidstudio(_) => "solidstudio ocpp-virtual-charge-point",
        }
    }

    fn checkout(&self) -> Option<&Path> {
        match self {
            Self::Fleet => None,
            Self::Sap(folder) | Self::Solidstudio(folder) => Some(folder),
        }
    }

    /// Its version and its commit.
    pub fn version(&self) -> Result<String, String> {
        let root = shell::root();
        let folder = self.checkout().unwrap_or(&root);
        let version = match self.checkout() {
            Some(folder) => package(folder)?,
            None => json!({ "version": env!("CARGO_PKG_VERSION") }),
        };
        let version = version
            .get("version")
            .and_then(Value::as_str)
            .unwrap_or("?");
        let shown = folder.to_string_lossy();
        let git = |words: &[&str]| output("git", &[&["-C", &*shown], words].concat());
        // A folder without a repository of its own may be inside of another one.
        let top = git(&["rev-parse", "--show-toplevel"]).map(PathBuf::from);
        let is_own = top.is_some_and(|top| top.canonicalize().ok() == folder.canonicalize().ok());
        let commit = is_own
            .then(|| git(&["log", "-1", "--format=%h, %cs"]))
            .flatten();
        Ok(match commit {
            Some(commit) => format!("{version} ({commit})"),
            None => version.to_owned(),
        })
    }

    /// What has to be there before it can run, with what to do if it is not.
    pub fn check(&self, node: &Path) -> Result<(), String> {
        let (folder, wanted) = match self {
            Self::Fleet => return Ok(()),
            Self::Sap(folder) => (folder, "dist/start.js"),
            Self::Solidstudio(folder) => (folder, "node_modules/tsx"),
        };
        let least = package(folder)?;
        let least = least.pointer("/engines/node").and_then(Value::as_str);
        let least = least.and_then(major).unwrap_or_default();
        let has = output(&node.to_string_lossy(), &["--version"])
            .ok_or_else(|| format!("{}: no Node.js; name one with --node", node.display()))?;
        if major(&has).is_none_or(|has| has < least) {
            return Err(format!(
                "{} needs Node.js {least} or later, and {} is {has}; name another with --node",
                self.name(),
                node.display()
            ));
        }
        let how = match self {
            Self::Sap(_) => "`pnpm install` and `pnpm build`",
            _ => "`npm ci`",
        };
        match folder.join(wanted).exists() {
            true => Ok(()),
            false => Err(format!(
                "{}: there is no {wanted}; {how} makes it",
                folder.display()
            )),
        }
    }

    /// Starts so many stations.
    pub fn start(
        &self,
        node: &Path,
        url: &str,
        stations: u64,
        folder: &Path,
    ) -> Result<Child, String> {
        let mut command = match self {
            Self::Fleet => fleet(url, stations),
            Self::Sap(checkout) => sap(checkout, node, url, stations, &folder.join("sap"))?,
            Self::Solidstudio(checkout) => solidstudio(checkout, node, url, stations),
        };
        let log = folder.join("simulator.log");
        let said = || fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()));
        command.stdin(Stdio::null()).stdout(said()?).stderr(said()?);
        let started = command.spawn();
        started.map_err(|error| format!("{}: {error}", self.name()))
    }
}

fn package(checkout: &Path) -> Result<Value, String> {
    let path = checkout.join("package.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The first number of a version: 22 of `v22.1.0` and of `>=22.0.0`.
fn major(version: &str) -> Option<u64> {
    let digits = version.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    let digits = digits.split(|sign: char| !sign.is_ascii_digit()).next();
    digits?.parse().ok()
}

fn middle([least, most]: [u64; 2]) -> f64 {
    (least + most) as f64 / 2.0
}

fn fleet(url: &str, stations: u64) -> Command {
    let mut command = Command::new(target().join("release/charge-point"));
    command.args(["fleet", "--csms", url, "--ramp", "10s", "--every", "10s"]);
    command.args(["--busy", "100%", "--faults", "0", "--link-losses", "0"]);
    for (name, value) in [
        ("--stations", stations.to_string()),
        ("--meter-interval", METER_INTERVAL.to_string()),
        ("--drivers", TAGS.to_string()),
        ("--duration", (middle(DURATION) / 60.0).to_string()),
        ("--arrivals", (3_600.0 / middle(DELAY)).to_string()),
    ] {
        command.args([name, &value]);
    }
    command
}

/// A build of its own folder, so that the checkout stays as it is.
fn sap(
    checkout: &Path,
    node: &Path,
    url: &str,
    stations: u64,
    folder: &Path,
) -> Result<Command, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let assets = folder.join("dist/assets");
    fs::create_dir_all(folder).map_err(failed)?;
    let copied = Command::new("cp")
        .arg("-R")
        .args([checkout.join("dist"), checkout.join("package.json")])
        .arg(folder)
        .status();
    if !copied.map_err(failed)?.success() {
        return Err(format!("{}: not copied", checkout.display()));
    }
    // What its stations keep over an end.
    let _ = fs::remove_dir_all(assets.join("configurations"));
    let modules = checkout
        .canonicalize()
        .map_err(failed)?
        .join("node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).map_err(failed)?;
    let base = fs::read_to_string(assets.join("station-templates").join(BASE)).map_err(failed)?;
    let base = serde_json::from_str(&base).map_err(|error| format!("{BASE}: {error}"))?;
    let tags: Vec<String> = (1..=TAGS).map(|tag| format!("TAG{tag:06}")).collect();
    for (name, text) in [
        ("config.json", configuration(url, stations)),
        ("idtags.json", json!(tags)),
        (&*format!("station-templates/{TEMPLATE}"), template(base)),
    ] {
        fs::write(assets.join(name), format!("{text:#}\n")).map_err(failed)?;
    }
    let mut command = Command::new(node);
    command.arg("dist/start.js").current_dir(folder);
    command.env("NODE_ENV", "production");
    Ok(command)
}

/// That of its `config-template.json`, with one template, and a log of errors only.
fn configuration(url: &str, stations: u64) -> Value {
    json!({
        "$schemaVersion": 1,
        "supervisionUrls": [url],
        "supervisionUrlDistribution": "round-robin",
        "log": {
            "file": "logs/combined.log",
            "errorFile": "logs/error.log",
            "level": "error",
            "statisticsInterval": 0,
        },
        "worker": { "processType": "workerSet" },
        "performanceStorage": { "enabled": false, "type": "none" },
        "uiServer": { "enabled": false, "type": "ws" },
        "stationTemplateUrls": [{ "file": TEMPLATE, "numberOfStations": stations }],
    })
}

/// Its own template with automatic transactions: two connectors that work.
fn template(mut base: Value) -> Value {
    let mut put = |pointer: &str, name: &str, value: Value| {
        if let Some(object) = base.pointer_mut(pointer).and_then(Value::as_object_mut) {
            object.insert(name.to_owned(), value);
        }
    };
    put("", "numberOfConnectors", json!(2));
    put("/Connectors/1", "bootStatus", json!("Available"));
    put("/Connectors/2", "bootStatus", json!("Available"));
    let generator = "/AutomaticTransactionGenerator";
    for (name, value) in [
        ("minDuration", DURATION[0]),
        ("maxDuration", DURATION[1]),
        ("minDelayBetweenTwoTransactions", DELAY[0]),
        ("maxDelayBetweenTwoTransactions", DELAY[1]),
        ("stopAfterHours", 24),
    ] {
        put(generator, name, json!(value));
    }
    if let Some(connectors) = base.get_mut("Connectors").and_then(Value::as_object_mut) {
        connectors.remove("3");
    }
    let keys = base.pointer_mut("/Configuration/configurationKey");
    for key in keys.and_then(Value::as_array_mut).into_iter().flatten() {
        if key.get("key").and_then(Value::as_str) == Some("MeterValueSampleInterval")
            && let Some(key) = key.as_object_mut()
        {
            key.insert("value".to_owned(), json!(METER_INTERVAL.to_string()));
        }
    }
    base
}

/// Its program for load tests, as `npm start index_16_stress.ts` runs it, without the log of each frame.
fn solidstudio(checkout: &Path, node: &Path, url: &str, stations: u64) -> Command {
    let mut command = Command::new(node);
    command.args(["--import", "tsx", "index_16_stress.ts"]);
    command.current_dir(checkout);
    command.env("WS_URL", url).env("LOG_LEVEL", "error");
    command.env("CP_COUNT", stations.to_string());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_first_number() {
        for (version, number) in [
            ("v22.23.3", 22),
            (">=22.0.0", 22),
            (">= 20", 20),
            ("24", 24),
        ] {
            assert_eq!(major(version), Some(number), "{version}");
        }
        assert_eq!(major("latest"), None);
    }

    #[test]
    fn a_template_gets_two_connectors_that_charge() {
        let base = json!({
            "numberOfConnectors": 3,
            "Configuration": { "configurationKey": [
                { "key": "MeterValueSampleInterval", "value": "30" },
                { "key": "WebSocketPingInterval", "value": "60" },
            ]},
            "AutomaticTransactionGenerator": { "enable": true, "minDuration": 1 },
            "Connectors": { "0": {}, "1": {}, "2": { "bootStatus": "Faulted" }, "3": {} },
        });
        let changed = template(base);
        assert_eq!(changed["numberOfConnectors"], 2);
        assert_eq!(changed["Connectors"].as_object().unwrap().len(), 3);
        assert_eq!(changed["Connectors"]["2"]["bootStatus"], "Available");
        assert_eq!(changed["AutomaticTransactionGenerator"]["minDuration"], 60);
        assert_eq!(changed["AutomaticTransactionGenerator"]["enable"], true);
        let keys = &changed["Configuration"]["configurationKey"];
        assert_eq!(
            (&keys[0]["value"], &keys[1]["value"]),
            (&json!("60"), &json!("60"))
        );
        assert_eq!(keys[0]["key"], "MeterValueSampleInterval");
    }
}
