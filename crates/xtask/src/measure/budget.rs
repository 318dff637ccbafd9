//! What may not grow unnoticed: `budget.txt`, and the step that compares it with what is.

use std::{collections::BTreeMap, fs};

use super::{
    bench::{self, Level, Profiles},
    footprint, instructions, panics,
    workspace::Workspace,
};
use crate::{
    report::Outcome::{self, Passed, Skipped},
    shell::root,
};

const BUDGET: &str = "budget.txt";
/// Percent by which a figure may differ.
const TOLERANCE: u64 = 3;
/// By how much it may differ whatever it is: three percent of the smallest are less than one.
const NOTHING: u64 = 8;

const HEAD: &str = "\
# What the engine and the module may take: a line for each figure, written by
# `cargo xtask budget --renew`, compared by `cargo xtask test budget`. A figure that grows by more
# than 3 % fails unless this file is changed in the same commit, which says why. What the figures
# are is in docs/footprint.md.
";

/// The figures of each kind, or why they cannot be had here.
struct Measured {
    instructions: Result<Vec<(String, u64)>, String>,
    image: Result<Vec<(String, u64)>, String>,
}

/// The figures of the module, measured in this way.
type Module = fn(&Workspace) -> Result<Vec<(String, u64)>, String>;

fn measure(levels: &[Level], profiles: &[Profiles], module: Module) -> Result<Measured, String> {
    let instructions = instructions::figures(levels, profiles)?;
    let image = match Workspace::find() {
        Ok(workspace) => Ok(module(&workspace)?),
        Err(missing) => Err(missing),
    };
    Ok(Measured {
        instructions: instructions.ok_or_else(|| "no valgrind".to_owned()),
        image,
    })
}

/// `name number` in each line, and the compiler in one of its own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Budget {
    compiler: String,
    figures: BTreeMap<String, u64>,
}

impl Budget {
    fn read(text: &str) -> Result<Self, String> {
        let mut budget = Self::default();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let (name, value) = line
                .split_once(' ')
                .ok_or_else(|| format!("{BUDGET}: {line}"))?;
            match name {
                "compiler" => budget.compiler = value.to_owned(),
                name => {
                    let value = value.trim().parse();
                    let value = value.map_err(|_| format!("{BUDGET}: {line}"))?;
                    budget.figures.insert(name.to_owned(), value);
                }
            }
        }
        Ok(budget)
    }

    fn text(&self) -> String {
        let mut text = format!("{HEAD}\ncompiler {}\n", self.compiler);
        for (name, value) in &self.figures {
            text.push_str(&format!("{name} {value}\n"));
        }
        text
    }
}

/// A figure that is not what the budget says.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    Grown(String),
    Shrunk(String),
    /// It is not in the budget at all.
    New(String),
}

fn compare(budget: &Budget, measured: &[(String, u64)]) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, now) in measured {
        let Some(&allowed) = budget.figures.get(name) else {
            differences.push(Difference::New(format!("{name}: {now}, not in the budget")));
            continue;
        };
        let percent = (*now as f64 / allowed.max(1) as f64 - 1.0) * 100.0;
        let line = format!("{name}: {now}, budget {allowed} ({percent:+.1} %)");
        if now.abs_diff(allowed) <= NOTHING {
            continue;
        }
        if now * 100 > allowed * (100 + TOLERANCE) {
            differences.push(Difference::Grown(line));
        } else if now * 100 < allowed * (100 - TOLERANCE) {
            differences.push(Difference::Shrunk(line));
        }
    }
    differences
}

fn committed() -> Result<Budget, String> {
    let path = root().join(BUDGET);
    let text = fs::read_to_string(path).map_err(|error| format!("{BUDGET}: {error}"))?;
    Budget::read(&text)
}

/// The step: nothing has grown.
pub fn check() -> Result<Outcome, String> {
    let budget = committed()?;
    // Without the second image, the second level and the build with charging profiles, which take as
    // long as the first.
    let measured = measure(&[Level::Size], &[Profiles::Core], footprint::module_figures)?;
    let compiler = bench::compiler();
    if measured.instructions.is_ok() && compiler != budget.compiler {
        println!("  compiled with {compiler}; the budget's instructions were counted with");
        println!("  {}", budget.compiler);
    }
    let (mut failures, mut skipped) = (Vec::new(), Vec::new());
    for (what, figures) in [
        ("instructions", measured.instructions),
        ("flash and RAM", measured.image),
    ] {
        match figures {
            Ok(figures) => {
                println!("  {what}: {} figures", figures.len());
                for difference in compare(&budget, &figures) {
                    match difference {
                        Difference::Grown(line) | Difference::New(line) => failures.push(line),
                        Difference::Shrunk(line) => {
                            println!("  {line}: lower the budget (cargo xtask budget --renew)");
                        }
                    }
                }
            }
            Err(missing) => skipped.push(format!("{what}: {missing}")),
        }
    }
    if !failures.is_empty() {
        return Err(format!("over the budget: {}", failures.join("; ")));
    }
    // Of the image that was weighed.
    panics::command()?;
    match skipped.is_empty() {
        true => Ok(Passed),
        false => Ok(Skipped(skipped.join("; "))),
    }
}

/// Prints the figures; with `--renew` they become the budget. What cannot be measured here stays
/// as it was.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let measured = measure(&Level::BOTH, &Profiles::BOTH, footprint::figures)?;
    // Without a budget this is the first.
    let mut budget = committed().unwrap_or_default();
    for (figures, is_of_kind) in [
        (
            measured.instructions,
            (|name| name.starts_with("instructions.")) as fn(&str) -> bool,
        ),
        (measured.image, |name| !name.starts_with("instructions.")),
    ] {
        match figures {
            Ok(figures) => {
                budget.figures.retain(|name, _| !is_of_kind(name));
                if figures
                    .iter()
                    .any(|(name, _)| name.starts_with("instructions."))
                {
                    budget.compiler = bench::compiler();
                }
                budget.figures.extend(figures);
            }
            Err(missing) => println!("skipped: {missing}"),
        }
    }
    println!("{}", budget.text());
    if arguments.contains(&"--renew") {
        let path = root().join(BUDGET);
        fs::write(path, budget.text()).map_err(|error| format!("{BUDGET}: {error}"))?;
        println!("{BUDGET} is written");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let budget = Budget {
            compiler: "rustc 1.88.0".to_owned(),
            figures: BTreeMap::from([("module.text".to_owned(), 70_000)]),
        };
        assert_eq!(Budget::read(&budget.text()), Ok(budget));
        assert!(Budget::read("module.text many\n").is_err());
    }

    #[test]
    fn lets_three_percent_pass() {
        let budget = Budget::read("a 1000\nb 1000\nc 1000\ne 29\n").unwrap();
        let measured = |name: &str, value| (name.to_owned(), value);
        let differences = compare(
            &budget,
            &[
                measured("a", 1030),
                measured("b", 1031),
                measured("c", 969),
                measured("d", 1),
                measured("e", 37),
                measured("e", 38),
            ],
        );
        assert_eq!(
            differences,
            [
                Difference::Grown("b: 1031, budget 1000 (+3.1 %)".to_owned()),
                Difference::Shrunk("c: 969, budget 1000 (-3.1 %)".to_owned()),
                Difference::New("d: 1, not in the budget".to_owned()),
                Difference::Grown("e: 38, budget 29 (+31.0 %)".to_owned()),
            ]
        );
    }
}
