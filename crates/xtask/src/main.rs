//! The project's own commands, run as `cargo xtask <command>` at the root of the repository.

mod apt;
mod beside;
mod build_warnings;
mod central_systems;
mod fleet;
mod fuzz;
mod header;
mod lints;
mod measure;
mod messages;
mod panel;
mod peers;
mod programs;
mod report;
mod sanitize;
mod scenarios;
mod shell;
mod sntp;
mod suites;
mod supply_chain;
mod workspace;
mod zephyr;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  test          everything: style, documentation, tests, demo, peers, Zephyr suites
  test STEP...  only these steps (cargo xtask steps lists them)
  steps         the names of the steps
  attack        floods the simulator for some minutes, and prints what memory that costs it
  flood         the same while a transaction is metered: what it costs, and how late the meter is read
  fleet         10,000 stations against a central system: memory, processors, a kill (--stations N,...;
                --write: 1,000 and 10,000 into docs/fleet.md, with pictures of their reports)
  fleet-compare the fleet beside SAP's simulator and solidstudio's (--sap DIR, --solidstudio DIR, --node PATH,
                --stations N,...; --write: into docs/fleet.md)
  fuzz          ten minutes of each target of fuzz/ (names of targets: only these)
  header        writes include/zephyr/net/ocpp.h
  messages      every message and key of OCPP 1.6 with a test that has it on the wire (--write: into
                docs/messages.md)
  scenarios     the scenarios of charge-point test at this project's central system and at two of others
                (--write: the table in docs/scenarios.md)
  pictures      writes the pictures that zephyr-firmware compares, as the firmware draws them now
  panel-pictures  goes through the session of the step panel, and writes docs/pictures/panel
  instructions  what operations cost under callgrind (--write: into docs/footprint.md;
                names of operations: where their instructions are)
  footprint     flash and RAM of the Zephyr module, by component (--write; profiles: what each adds)
  latency       idTag to Authorize and CALL to answer, on running images (--write;
                names of platforms: only there)
  scaling       RAM and instructions against connectors, idTags, messages (--write)
  budget        the figures that may not grow (--renew writes budget.txt)
  panics        where the module could still panic on a microcontroller; none of its own code may
  miri          the tests of the Zephyr port under Miri (nightly, with miri and rust-src)
  tsan          the same under ThreadSanitizer (nightly, with rust-src)
  supply-chain  licences, sources, duplicates and known faults of all crates (cargo-deny)
  sbom          lists all crates that are built in, as CycloneDX JSON in target/sbom
  peers         installs the central systems and schemas that tests use into target/peers";

fn main() -> ExitCode {
    if lints::is_rustc() {
        return lints::rustc();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str);
    match words.next() {
        Some("test") => suites::execute(&words.collect::<Vec<_>>()),
        Some("steps") => {
            suites::names().for_each(|name| println!("{name}"));
            ExitCode::SUCCESS
        }
        Some(beside::COMMAND) => suites::step(words.next().unwrap_or_default()),
        Some("attack") => exit_code(suites::attack()),
        Some("flood") => exit_code(suites::flood()),
        Some("fleet") => exit_code(fleet::command(&words.collect::<Vec<_>>())),
        Some("fleet-compare") => exit_code(fleet::compare::command(&words.collect::<Vec<_>>())),
        Some("fuzz") => exit_code(fuzz::command(&words.collect::<Vec<_>>())),
        Some("header") => exit_code(header::write()),
        Some("pictures") => exit_code(zephyr::renew_pictures()),
        Some("panel-pictures") => exit_code(panel::renew_pictures()),
        Some("messages") => exit_code(messages::command(&words.collect::<Vec<_>>())),
        Some("scenarios") => exit_code(scenarios::command_line(&words.collect::<Vec<_>>())),
        Some("instructions") => exit_code(measure::instructions(&words.collect::<Vec<_>>())),
        Some("footprint") => exit_code(measure::footprint(&words.collect::<Vec<_>>())),
        Some("latency") => exit_code(measure::latency(&words.collect::<Vec<_>>())),
        Some("scaling") => exit_code(measure::scaling(&words.collect::<Vec<_>>())),
        Some("panics") => exit_code(measure::panics::command()),
        Some("budget") => exit_code(measure::budget::command(&words.collect::<Vec<_>>())),
        Some(step @ ("miri" | "tsan")) => suites::execute(&[step]),
        Some("supply-chain") => exit_code(supply_chain::check()),
        Some("sbom") => exit_code(supply_chain::sbom()),
        Some("peers") => exit_code(peers::install()),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
