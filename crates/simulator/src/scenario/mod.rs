//! `charge-point test`: scenarios that assert, against a central system.
//!
//! A scenario is a YAML file ([`load`]); its charge point is the simulator's, on a thread of its own
//! ([`station`]), and all that happens to it is kept in a log ([`log`]) in which the steps look for what
//! they await ([`player`], [`search`]). What the central system has to do for it is done by an [`operator`].

mod arguments;
mod authority;
mod built_in;
mod files;
mod folder;
mod load;
mod log;
mod operator;
mod options;
mod outcome;
mod pattern;
mod player;
mod reports;
mod run;
mod search;
mod secured;
mod select;
mod signing;
mod station;
mod step;
mod variables;
mod yaml;

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

pub use arguments::TestArguments;
use load::Scenario;
use run::Run;

/// Runs what the command line names. The error is a mistake of the user, in one line.
pub fn run(arguments: &TestArguments) -> Result<ExitCode, String> {
    let given: BTreeMap<_, _> = arguments.variables.iter().cloned().collect();
    let all = select::scenarios(&arguments.scenarios, &given)?;
    let wanted: Vec<&Scenario> = all.iter().filter(|it| is_wanted(arguments, it)).collect();
    if arguments.list {
        for scenario in wanted {
            println!(
                "{} [{}] {}",
                scenario.id,
                scenario.tags.join(" "),
                scenario.title
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    if wanted.is_empty() {
        return Err("no scenario has these tags".to_owned());
    }
    let run = Run::new(arguments, given)?;
    let told = run.all(&wanted)?;
    let counts = reports::counts(&told);
    if run.prints_text() {
        println!("{}", reports::summary(counts));
    }
    let csms = arguments.csms.as_deref().unwrap_or_default();
    for (path, text) in [
        (&arguments.json, reports::json(csms, &told)),
        (&arguments.junit, reports::junit(&told)),
    ] {
        if let Some(path) = path {
            write(path, &text)?;
        }
    }
    Ok(match counts.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn is_wanted(arguments: &TestArguments, scenario: &Scenario) -> bool {
    let has = |tag: &String| scenario.tags.contains(tag);
    let (with, without) = (&arguments.tags, &arguments.without_tags);
    (with.is_empty() || with.iter().any(has)) && !without.iter().any(has)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let written = match path == Path::new("-") {
        true => io::stdout().write_all(text.as_bytes()),
        false => fs::write(path, text),
    };
    written.map_err(|error| format!("{}: {error}", path.display()))
}
