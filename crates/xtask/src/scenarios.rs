//! The scenarios of `scenarios/` at this project's central system and at those of the peers, and the table of
//! docs/scenarios.md that says which passes what.

mod authority;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    measure::page,
    peers,
    report::Outcome::{self, Passed},
    shell::{build_charge_point, command, root, run_within, target},
};

const PAGE: &str = "docs/scenarios.md";
const SUITE: &str = "scenarios";
/// Much longer than they take.
const LONGEST: Duration = Duration::from_secs(120);
/// How long a peer may take to end.
const FAREWELL: Duration = Duration::from_secs(5);
/// Most of them wait: for timers, for restarts.
const JOBS: &str = "24";

/// All of them at this project's central system: none may fail, none may be skipped.
pub fn step() -> Result<Outcome, String> {
    build_charge_point(&[])?;
    let report = report("builtin", &["--csms", "builtin"])?;
    let skipped = report.get("skipped").and_then(Value::as_u64);
    match skipped {
        Some(0) => Ok(Passed),
        _ => Err("scenarios were skipped".to_owned()),
    }
}

/// Runs them at all three and prints the table, or writes it.
pub fn command_line(arguments: &[&str]) -> Result<(), String> {
    let (write, others) = page::write_wanted(arguments);
    if let Some(unknown) = others.first() {
        return Err(format!(
            "what is {unknown}? cargo xtask scenarios [--write]"
        ));
    }
    peers::install()?;
    build_charge_point(&[])?;
    let mut table = Table::default();
    table.add(
        "this project's",
        &report("builtin", &["--csms", "builtin"])?,
    )?;
    authority::make()?;
    let folder = authority::folder().display().to_string();
    let peers = [
        (
            "npm `ocpp-rpc`",
            "ocpp-rpc",
            command("node", &["tests/peers/ocpp_rpc/obeying.js", &folder]),
        ),
        (
            "PyPI `ocpp`",
            "ocpp",
            command(
                peers::python(),
                &["tests/peers/ocpp_py/obeying.py", &folder],
            ),
        ),
    ];
    for (title, name, script) in peers {
        let peer = Peer::start(script)?;
        let [ca, own, key] = ["ca.pem", "client.pem", "client.key"].map(authority::file);
        let secure = peer.csms.replacen("ws://", "wss://", 1);
        let plain = ["--csms", &peer.csms, "--hook", &peer.hook, "--ca", &ca];
        let secure = ["--csms", &secure, "--hook", &peer.hook, "--ca", &ca];
        let next = fs::read_to_string(authority::file("next.pem"));
        let next = next.map_err(|error| format!("next.pem: {error}"))?;
        let next = format!("csms-next-root={next}");
        let secure = [
            &secure[..],
            &["--cert", &own, "--key", &key, "--var", &next],
        ]
        .concat();
        let first = report(name, &plain)?;
        let second = report(&format!("{name}-tls"), &secure)?;
        table.add(title, &merged(first, &second))?;
    }
    page::show_on(PAGE, "scenarios", &table.text(), write)
}

/// Runs the suite with these options; what fails at a peer is no failure of this command.
fn report(name: &str, options: &[&str]) -> Result<Value, String> {
    let folder = target().join("scenarios");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let path = folder.join(format!("{name}.json"));
    let _ = fs::remove_file(&path);
    let program = format!("debug/charge-point{}", std::env::consts::EXE_SUFFIX);
    let mut test = command(target().join(program), &["test", "--jobs", JOBS]);
    test.args(options).arg("--json").arg(&path).arg(SUITE);
    let outcome = run_within(test, LONGEST);
    let text = match (fs::read_to_string(&path), outcome) {
        (Ok(text), outcome) if outcome.is_ok() || name != "builtin" => text,
        (_, Err(error)) => return Err(error),
        (Err(error), _) => return Err(format!("{}: {error}", path.display())),
        (Ok(_), Ok(())) => return Err("the scenarios have no report".to_owned()),
    };
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn outcome(scenario: &Value) -> &str {
    let outcome = scenario.get("outcome").and_then(Value::as_str);
    outcome.unwrap_or("failed")
}

/// What was skipped without TLS, and was not with it, in its place.
fn merged(mut first: Value, second: &Value) -> Value {
    let others = second.get("scenarios").and_then(Value::as_array);
    let others = others.map_or(&[][..], Vec::as_slice);
    let scenarios = first.get_mut("scenarios").and_then(Value::as_array_mut);
    for scenario in scenarios.into_iter().flatten() {
        let name = scenario.get("name").cloned();
        let mut others = others.iter();
        let other = others.find(|other| other.get("name").cloned() == name);
        if let (true, Some(other)) = (outcome(scenario) == "skipped", other)
            && outcome(other) != "skipped"
        {
            *scenario = other.clone();
        }
    }
    first
}

/// A central system of another project that obeys orders.
struct Peer {
    child: Child,
    csms: String,
    hook: String,
}

impl Peer {
    fn start(mut script: Command) -> Result<Self, String> {
        script.envs(peers::environment());
        script.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script
            .spawn()
            .map_err(|error| format!("{script:?}: {error}"))?;
        let output = child.stdout.take().ok_or("it has no output")?;
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        read.map_err(|error| format!("{script:?}: {error}"))?;
        let urls: Value = serde_json::from_str(&line).unwrap_or_default();
        let url = |name: &str| urls.get(name).and_then(Value::as_str).map(str::to_owned);
        match (url("csms"), url("hook")) {
            (Some(csms), Some(hook)) => Ok(Self { child, csms, hook }),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("{script:?} does not start"))
            }
        }
    }
}

impl Drop for Peer {
    /// It ends with its standard input, or is ended.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let until = Instant::now() + FAREWELL;
        while Instant::now() < until {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What became of each scenario at each central system.
#[derive(Default)]
struct Table {
    columns: Vec<(String, [usize; 3])>,
    /// By name: the title, and a cell for each column.
    rows: BTreeMap<String, (String, Vec<&'static str>)>,
    /// Why something was not passed.
    notes: Vec<String>,
}

impl Table {
    fn add(&mut self, title: &str, report: &Value) -> Result<(), String> {
        let all = report.get("scenarios").and_then(Value::as_array);
        let all = all.ok_or("the report has no scenarios")?;
        let count = |name: &str| all.iter().filter(|it| outcome(it) == name).count();
        let counts = ["passed", "failed", "skipped"].map(count);
        self.columns.push((title.to_owned(), counts));
        for scenario in all {
            let field = |name: &str| scenario.get(name).and_then(Value::as_str).unwrap_or("?");
            let name = field("name");
            let (cell, why) = match field("outcome") {
                "passed" => ("passes", None),
                "skipped" => ("cannot", Some(field("reason"))),
                _ => {
                    let found = scenario.pointer("/failure/found").and_then(Value::as_str);
                    ("fails", Some(found.unwrap_or("?")))
                }
            };
            let row = self.rows.entry(name.to_owned()).or_default();
            row.0 = field("title").to_owned();
            row.1.push(cell);
            if let Some(why) = why {
                self.notes
                    .push(format!("* {title}, `{name}`: {}\n", plain(why)));
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::from("| scenario | what it shows |");
        for (title, _) in &self.columns {
            text.push_str(&format!(" {title} |"));
        }
        text.push_str(&format!(
            "\n|---|---|{}\n",
            "---|".repeat(self.columns.len())
        ));
        for (name, (title, cells)) in &self.rows {
            let cells = cells.join(" | ");
            text.push_str(&format!(
                "| [`{name}`](../{SUITE}/{name}.yaml) | {title} | {cells} |\n"
            ));
        }
        let counts = self.columns.iter();
        let counts = counts.map(|(_, [passed, failed, skipped])| {
            format!("{passed} pass, {failed} fail, {skipped} cannot")
        });
        let counts: Vec<_> = counts.collect();
        text.push_str(&format!(
            "| {} scenarios | | {} |\n\n",
            self.rows.len(),
            counts.join(" | ")
        ));
        self.notes.iter().for_each(|note| text.push_str(note));
        text
    }
}

/// A message in a line of Markdown, without what differs from run to run.
fn plain(text: &str) -> String {
    let root = format!("{}/", root().display());
    let text = text.replace(&root, "").replace('\n', " ");
    text.chars().take(200).collect()
}
