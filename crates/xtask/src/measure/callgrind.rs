//! Instructions, counted by valgrind's callgrind.

use std::{
    collections::HashMap,
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::shell::{output, target};

/// The functions of `crates/measure` whose instructions count, with all they call.
const MEASURED: [&str; 5] = [
    "measured_handle",
    "measured_poll",
    "measured_read",
    "measured_station",
    "measured_text",
];

/// Its version, if it is installed.
pub fn version() -> Option<String> {
    output("valgrind", &["--version"])
}

/// What callgrind saw.
#[derive(Debug, Default)]
pub struct Profile {
    /// Instructions in all.
    pub total: u64,
    /// Each function with its own instructions, and with those of what it calls.
    pub functions: Vec<Function>,
}

/// A function in a [`Profile`].
#[derive(Clone, Debug, Default)]
pub struct Function {
    pub name: String,
    pub own: u64,
    pub inclusive: u64,
}

/// Instructions of a function's own, under one chain of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// From what is measured down to the function.
    pub functions: Vec<String>,
    pub own: u64,
}

/// Runs a program once under callgrind.
pub fn count(program: &Path, arguments: &[&str]) -> Result<Profile, String> {
    run(program, arguments, &[])
}

/// The same, with every chain of callers by itself.
pub fn stacks(program: &Path, arguments: &[&str]) -> Result<Vec<Stack>, String> {
    let profile = run(
        program,
        arguments,
        &[&format!("--separate-callers={DEEPEST}")],
    )?;
    Ok(profile.functions.iter().filter_map(stack).collect())
}

/// No stack of the engine is deeper, with what is above it in the program.
const DEEPEST: usize = 64;

/// Reads `function'its caller'the caller of that`.
fn stack(function: &Function) -> Option<Stack> {
    let callers = function.name.split('\'');
    let mut functions = Vec::new();
    for name in callers {
        functions.push(name.to_owned());
        if MEASURED.iter().any(|measured| name.ends_with(measured)) {
            break;
        }
    }
    functions.reverse();
    let own = function.own;
    (own > 0).then_some(Stack { functions, own })
}

fn run(program: &Path, arguments: &[&str], options: &[&str]) -> Result<Profile, String> {
    let measured = target().join("measure");
    fs::create_dir_all(&measured).map_err(|e| format!("{}: {e}", measured.display()))?;
    let out = measured.join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet", "--collect-atstart=no"]);
    for function in MEASURED {
        valgrind.arg(format!("--toggle-collect=*{function}"));
    }
    valgrind.args(options);
    valgrind.arg(format!("--callgrind-out-file={}", out.display()));
    // Where the stack and the heap begin, and with it a branch in memcpy(), depends on the
    // environment and on the program's path.
    let path = env::var_os("PATH").unwrap_or_default();
    valgrind.env_clear().env("PATH", path);
    let (folder, name) = (program.parent(), program.file_name());
    let (Some(folder), Some(name)) = (folder, name) else {
        return Err(format!("{}: no program", program.display()));
    };
    valgrind.current_dir(folder);
    valgrind.arg(Path::new(".").join(name)).args(arguments);
    valgrind.stdin(Stdio::null());
    let what = format!("valgrind {} {}", program.display(), arguments.join(" "));
    let ended = valgrind.output().map_err(|e| format!("{what}: {e}"))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        return Err(format!("{what}: {}\n{said}", ended.status));
    }
    let text = fs::read_to_string(&out).map_err(|e| format!("callgrind.out: {e}"))?;
    read(&text).ok_or_else(|| format!("{what}: no totals in callgrind.out"))
}

/// Reads callgrind's file: blocks of `fn=(number) name` with lines of `position cost`, where the
/// line that follows `calls=` has the inclusive cost of that call.
fn read(text: &str) -> Option<Profile> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut costs: HashMap<&str, (u64, u64)> = HashMap::new();
    let mut total = None;
    let (mut function, mut callee, mut is_call) = ("", "", false);
    for line in text.lines() {
        if let Some(value) = line.strip_prefix("fn=") {
            function = number(value, &mut names);
        } else if let Some(value) = line.strip_prefix("cfn=") {
            callee = number(value, &mut names);
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if let Some(value) = line.strip_prefix("totals: ") {
            total = value.trim().parse().ok();
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse().ok());
            let cost: u64 = cost.unwrap_or(0);
            match is_call {
                true => costs.entry(callee).or_default().1 += cost,
                false => costs.entry(function).or_default().0 += cost,
            }
            is_call = false;
        }
    }
    let functions = costs.into_iter().map(|(number, (own, called))| Function {
        name: names.get(number).unwrap_or(&number).to_string(),
        own,
        inclusive: called.max(own),
    });
    let mut functions: Vec<_> = functions.collect();
    // By name where they are equal: a map has no order.
    functions.sort_by(|a, b| b.own.cmp(&a.own).then_with(|| a.name.cmp(&b.name)));
    Some(Profile {
        total: total?,
        functions,
    })
}

/// The number of `(12) name` or `(12)`; a name is told only once.
fn number<'t>(value: &'t str, names: &mut HashMap<&'t str, &'t str>) -> &'t str {
    match value.split_once(' ') {
        Some((number, name)) => {
            names.insert(number, name);
            number
        }
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_own_and_inclusive_costs() {
        let profile = read(
            "events: Ir\nfn=(1) outer\n1 10\n+1 5\ncfn=(2) inner\ncalls=2 7\n* 30\n\n\
             fn=(2)\n9 30\n\ntotals: 45\n",
        )
        .unwrap();
        assert_eq!(profile.total, 45);
        let costs = |name| {
            let mut functions = profile.functions.iter();
            let function = functions.find(|function| function.name == name).unwrap();
            (function.own, function.inclusive)
        };
        assert_eq!(costs("outer"), (15, 15));
        assert_eq!(costs("inner"), (30, 30));
    }
    #[test]
    fn tells_the_callers_up_to_what_is_measured() {
        let called = |name: &str, own| Function {
            name: name.to_owned(),
            own,
            inclusive: 9,
        };
        let chain = "a::text'<b as c>::poll'bench::measured_poll'main";
        let functions = ["bench::measured_poll", "<b as c>::poll", "a::text"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(stack(&called(chain, 5)), Some(Stack { functions, own: 5 }));
        assert_eq!(stack(&called(chain, 0)), None);
    }
}
