//! `cargo xtask instructions`: what each operation costs, in instructions on x86-64.

use std::path::Path;

use super::{
    bench::{self, AS_ON_ZEPHYR, Level, Profiles},
    callgrind::{self, Profile, Stack},
    flame, page, table, thousands,
};

/// An operation, what it is compared with and what it is to reach.
struct Operation {
    /// Its name in the budget.
    name: &'static str,
    program: &'static str,
    /// The program's arguments, with spaces between them.
    arguments: &'static str,
    /// What it is measured with.
    profiles: Profiles,
    what: &'static str,
    /// Zephyr's own library, as far as it has the same.
    peer: Option<u64>,
    target: Option<u64>,
}

const OPERATIONS: [Operation; 18] = [
    text("F1-text", "F1", "F1 Authorize.req: its text", 5_485, 900),
    acted_upon("F1-poll", "F1", "F1: the poll that puts it out", 900),
    text(
        "F2-text",
        "F2",
        "F2 MeterValues.req: its text",
        20_636,
        2_600,
    ),
    acted_upon("F2-poll", "F2", "F2: the poll that puts it out", 2_600),
    text(
        "F7-text",
        "F7",
        "F7 StartTransaction.req: its text",
        12_358,
        1_800,
    ),
    acted_upon("F7-poll", "F7", "F7: the poll that puts it out", 1_800),
    Operation {
        target: None,
        ..text(
            "F6-text",
            "F6",
            "F6 ChangeConfiguration.conf: its text",
            3_616,
            0,
        )
    },
    text(
        "F3-read",
        "F3",
        "F3 Authorize.conf, one field: read",
        4_213,
        1_400,
    ),
    acted_upon("F3-taken", "F3", "F3: taken", 1_400),
    text(
        "F4-read",
        "F4",
        "F4 the same, three fields: read",
        7_376,
        2_200,
    ),
    acted_upon("F4-taken", "F4", "F4: taken", 2_200),
    compared(
        "F5-answered",
        "F5",
        "F5 ChangeConfiguration.req: taken, applied, answered",
        6_021 + 3_616,
        3_200,
    ),
    engine(
        "F5-settled",
        "F5-settled",
        "F5, and all polls until it waits",
    ),
    engine("idle", "idle", "a poll with nothing to do"),
    engine("boot", "boot", "a station made, with empty storage"),
    engine("session", "session", "a whole session, ten meter values"),
    smart_charging(
        "F8-answered",
        "F8 --storage large-memory",
        "F8 SetChargingProfile.req of 24 periods: taken, stored, answered",
        40_000,
    ),
    smart_charging(
        "F9-poll",
        "F9 --connectors 1 --storage large-memory",
        "F9 the limit of a connector among 10 profiles: the poll that finds and tells it",
        6_000,
    ),
];

const fn engine(name: &'static str, arguments: &'static str, what: &'static str) -> Operation {
    Operation {
        name,
        program: "operations",
        arguments,
        profiles: Profiles::Core,
        what,
        peer: None,
        target: None,
    }
}

/// With all that the engine does besides; no other library's figure has that.
const fn acted_upon(
    name: &'static str,
    arguments: &'static str,
    what: &'static str,
    target: u64,
) -> Operation {
    Operation {
        target: Some(target),
        ..engine(name, arguments, what)
    }
}

/// Of a build with charging profiles.
const fn smart_charging(
    name: &'static str,
    arguments: &'static str,
    what: &'static str,
    target: u64,
) -> Operation {
    Operation {
        profiles: Profiles::SmartCharging,
        ..acted_upon(name, arguments, what, target)
    }
}

const fn compared(
    name: &'static str,
    arguments: &'static str,
    what: &'static str,
    peer: u64,
    target: u64,
) -> Operation {
    Operation {
        peer: Some(peer),
        target: Some(target),
        ..engine(name, arguments, what)
    }
}

const fn text(
    name: &'static str,
    arguments: &'static str,
    what: &'static str,
    peer: u64,
    target: u64,
) -> Operation {
    Operation {
        program: "frames",
        ..compared(name, arguments, what, peer, target)
    }
}

/// Functions that a breakdown shows.
const SHOWN: usize = 20;
/// Functions that are named where a target is missed.
const MOST: usize = 6;

/// Those of a build, with what callgrind saw of them at a level.
fn count_of(
    level: Level,
    profiles: Profiles,
) -> Result<Vec<(&'static Operation, Profile)>, String> {
    let programs = bench::build(level, profiles, AS_ON_ZEPHYR)?;
    let operations = OPERATIONS.iter();
    operations
        .filter(|operation| operation.profiles == profiles)
        .map(|operation| Ok((operation, count(&programs, operation)?)))
        .collect()
}

/// What callgrind saw of all operations at a level, in their order.
fn count_all(level: Level) -> Result<Vec<(&'static Operation, Profile)>, String> {
    let both = Profiles::BOTH.map(|profiles| count_of(level, profiles));
    let both: Result<Vec<_>, _> = both.into_iter().collect();
    Ok(both?.into_iter().flatten().collect())
}

fn count(programs: &Path, operation: &Operation) -> Result<Profile, String> {
    let arguments: Vec<_> = operation.arguments.split(' ').collect();
    callgrind::count(&programs.join(operation.program), &arguments)
}

/// Every figure, by its name in the budget; nothing where callgrind is missing.
pub fn figures(levels: &[Level], all: &[Profiles]) -> Result<Option<Vec<(String, u64)>>, String> {
    if callgrind::version().is_none() {
        return Ok(None);
    }
    let mut figures = Vec::new();
    for (&level, &profiles) in levels
        .iter()
        .flat_map(|level| all.iter().map(move |p| (level, p)))
    {
        for (operation, profile) in count_of(level, profiles)? {
            let name = format!("instructions.{}.{}", level.name(), operation.name);
            figures.push((name, profile.total));
        }
    }
    Ok(Some(figures))
}

/// The table, or with names of operations where their instructions are.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let Some(valgrind) = callgrind::version() else {
        println!("skipped: valgrind is not installed");
        return Ok(());
    };
    let (write, names) = page::write_wanted(arguments);
    if !names.is_empty() {
        return names.iter().try_for_each(|name| break_down(name));
    }
    let (speed, size) = (count_all(Level::Speed)?, count_all(Level::Size)?);
    let mut rows = Vec::new();
    let mut missed = String::new();
    for ((operation, speed), (_, size)) in speed.iter().zip(&size) {
        let better = if size.total < speed.total {
            size
        } else {
            speed
        };
        let over = operation
            .target
            .map(|target| better.total.saturating_sub(target));
        rows.push(vec![
            operation.what.to_owned(),
            thousands(speed.total),
            thousands(size.total),
            operation.peer.map(thousands).unwrap_or_default(),
            operation.target.map(thousands).unwrap_or_default(),
            match over {
                None => String::new(),
                Some(0) => "reached".to_owned(),
                Some(over) => format!("{} over", thousands(over)),
            },
        ]);
        if over.is_some_and(|over| over > 0) {
            missed.push_str(&format!("| {} | {} |\n", operation.what, most_of(better)));
        }
    }
    let head = [
        "operation",
        "opt-level 3",
        "opt-level s",
        "Zephyr's library",
        "target",
        "",
    ];
    let mut text = table(&head, &rows);
    if !missed.is_empty() {
        text.push_str("\n| target missed | functions with the most instructions of their own |\n");
        text.push_str("| --- | --- |\n");
        text.push_str(&missed);
    }
    text.push_str(&format!("\n{}, {valgrind}, x86-64.\n", bench::compiler()));
    page::show("instructions", &text, write)?;
    match write {
        true => draw("session"),
        false => Ok(()),
    }
}

/// Draws the functions that an operation goes through.
fn draw(name: &str) -> Result<(), String> {
    let operation = operation(name)?;
    let programs = bench::build(Level::Speed, operation.profiles, AS_ON_ZEPHYR)?;
    let program = programs.join(operation.program);
    let arguments: Vec<_> = operation.arguments.split(' ').collect();
    let mut stacks = callgrind::stacks(&program, &arguments)?;
    let functions = stacks
        .iter_mut()
        .flat_map(|Stack { functions, .. }| functions);
    functions.for_each(|function| *function = short(function));
    flame::of_instructions(operation.what, &stacks)
}

/// The functions that hold most of a profile.
fn most_of(profile: &Profile) -> String {
    let most = profile.functions.iter().take(MOST);
    let most = most.map(|f| format!("`{}` {}", short(&f.name), thousands(f.own)));
    most.collect::<Vec<_>>().join(", ")
}

/// `ocpp::station::status::<impl ocpp::station::Station>::status_changed` as
/// `station::status::Station::status_changed`.
fn short(name: &str) -> String {
    let name = name.replace("<impl ocpp::station::Station>", "Station");
    name.replace("ocpp::", "")
        .replace("operations::bench::", "")
}

fn operation(name: &str) -> Result<&'static Operation, String> {
    let operation = OPERATIONS.iter().find(|known| known.name == name);
    operation.ok_or_else(|| {
        let known: Vec<_> = OPERATIONS.iter().map(|known| known.name).collect();
        format!("no operation {name}; there are {}", known.join(" "))
    })
}

/// Prints which functions an operation spends its instructions in.
fn break_down(name: &str) -> Result<(), String> {
    let operation = operation(name)?;
    for level in Level::BOTH {
        let programs = bench::build(level, operation.profiles, AS_ON_ZEPHYR)?;
        let profile = count(&programs, operation)?;
        println!(
            "\n{name}, opt-level {}: {} instructions\n",
            level.name(),
            thousands(profile.total)
        );
        println!("{:>8} {:>9}  function", "own", "with all");
        // Those that have none of their own only call what is measured.
        let spent = profile.functions.iter().filter(|f| f.own > 0);
        for function in spent.take(SHOWN) {
            println!(
                "{:>8} {:>9}  {}",
                function.own, function.inclusive, function.name
            );
        }
    }
    Ok(())
}
