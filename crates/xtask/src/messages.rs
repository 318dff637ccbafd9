//! docs/messages.md: every message of OCPP 1.6 in each direction and every configuration key, with
//! a test that has it on the wire. The tests of the engine write down what they hear; the names come
//! from the documents that list messages and keys, which `tests/documents.rs` holds complete.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::shell::{cargo, root, run, target};

const PAGE: &str = "docs/messages.md";
const LISTS: [&str; 3] = [
    "docs/core-profile.md",
    "docs/profiles.md",
    "docs/security-messages.md",
];
/// The program of tests that is listened to.
pub const PROGRAM: &str = "scenarios";

/// Where the tests write down what they hear: it is empty afterwards.
pub fn fresh_record() -> Result<PathBuf, String> {
    let path = target().join("heard.tsv");
    fs::write(&path, "").map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

/// Runs the tests and prints the page, or writes it.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let record = fresh_record()?;
    let mut tests = cargo(&["test", "--workspace", "--locked", "--test", PROGRAM]);
    tests.env("OCPP_HEARD", &record);
    run(tests)?;
    let page = page(&read(&LISTS)?, &Heard::of(&record)?)?;
    match arguments {
        ["--write"] => {
            fs::write(root().join(PAGE), page).map_err(|e| format!("{PAGE}: {e}"))?;
            println!("{PAGE} is written");
        }
        _ => println!("\n{page}"),
    }
    Ok(())
}

/// That the page names every message and key, and tests that have it on the wire today.
pub fn check(record: &Path) -> Result<(), String> {
    let heard = Heard::of(record)?;
    let wanted = page(&read(&LISTS)?, &heard)?;
    let wrong = faults(&read(&[PAGE])?, &wanted, &heard);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{PAGE} is not what the tests hear (cargo xtask messages --write):\n  {}",
            wrong.join("\n  ")
        )),
    }
}

fn read(documents: &[&str]) -> Result<String, String> {
    documents
        .iter()
        .map(|name| fs::read_to_string(root().join(name)).map_err(|e| format!("{name}: {e}")))
        .collect()
}

/// The tests that have something on the wire, by what it is and its name.
struct Heard {
    tests: BTreeMap<(String, String), BTreeSet<String>>,
    /// How many different things each test hears: the fewer, the more it is about each.
    things: BTreeMap<String, usize>,
}

impl Heard {
    fn of(record: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(record).map_err(|e| format!("{}: {e}", record.display()))?;
        Ok(Self::read(&text))
    }

    fn read(record: &str) -> Self {
        let mut heard = Self {
            tests: BTreeMap::new(),
            things: BTreeMap::new(),
        };
        for line in record.lines() {
            if let [test, what, name] = line.split('\t').collect::<Vec<_>>()[..] {
                let thing = (what.to_owned(), name.to_owned());
                if heard
                    .tests
                    .entry(thing)
                    .or_default()
                    .insert(test.to_owned())
                {
                    *heard.things.entry(test.to_owned()).or_default() += 1;
                }
            }
        }
        heard
    }

    fn tests(&self, what: &str, name: &str) -> Option<&BTreeSet<String>> {
        self.tests.get(&(what.to_owned(), name.to_owned()))
    }

    /// The test that bears its name, of those or of all the one that hears least else.
    fn best(&self, what: &str, name: &str) -> Option<&str> {
        let words = snake_case(name);
        let tests = self.tests(what, name)?.iter();
        let best = tests.min_by_key(|test| (!test.contains(&words), self.things.get(*test), *test));
        best.map(String::as_str)
    }

    fn cell(&self, what: &str, name: &str) -> String {
        self.best(what, name)
            .map_or_else(String::new, |test| format!("`{test}`"))
    }
}

/// `GetConfiguration` as it stands in the names of tests: `get_configuration`.
fn snake_case(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// The names in the first column of the tables whose head begins with `head`.
fn listed<'a>(documents: &'a str, head: &str) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let mut is_inside = false;
    for line in documents.lines() {
        match line
            .strip_prefix("| ")
            .and_then(|row| row.split(" |").next())
        {
            Some("---") => {}
            Some(first) if is_inside => {
                names.insert(first);
            }
            Some(first) => is_inside = first.starts_with(head),
            None => is_inside = false,
        }
    }
    names
}

/// The page as it should be.
fn page(lists: &str, heard: &Heard) -> Result<String, String> {
    let mut text = format!(
        "# Every message and key of OCPP 1.6, and a test of each\n\n\
         Written by `cargo xtask messages --write` from what the tests of `tests/{PROGRAM}/` have on the\n\
         wire, and compared by `cargo xtask test`. Each line names a test that bears its name, else the\n\
         one that has least else on the wire; [core-profile.md](core-profile.md),\n\
         [profiles.md](profiles.md) and [security-messages.md](security-messages.md) name those that show\n\
         what a message or key does. What the charge point\n\
         sends satisfies the official schemas.\n\n\
         ## Messages\n\n\
         | message | from | request | answer |\n| --- | --- | --- | --- |\n"
    );
    let sides = [
        ("charge point", "StationRequest", "StationAnswer"),
        ("central system", "CentralRequest", "CentralAnswer"),
    ];
    for name in listed(lists, "message") {
        let mut is_heard = false;
        for (from, request, answer) in sides {
            if heard.tests(request, name).is_some() {
                is_heard = true;
                let (request, answer) = (heard.cell(request, name), heard.cell(answer, name));
                if answer.is_empty() {
                    return Err(format!("no test has an answer to {name} of the {from}"));
                }
                text += &format!("| {name} | {from} | {request} | {answer} |\n");
            }
        }
        if !is_heard {
            return Err(format!("no test has {name} on the wire"));
        }
    }
    text += "\n## Configuration keys\n\n\
             Each is in the answer to a GetConfiguration for all keys, unless it can only be written.\n\n\
             | key | changed | asked for by name |\n| --- | --- | --- |\n";
    for name in listed(lists, "key") {
        let cells = [heard.cell("KeyChanged", name), heard.cell("KeyAsked", name)];
        if cells.iter().all(String::is_empty) {
            return Err(format!("no test names the key {name}"));
        }
        text += &format!("| {name} | {} | {} |\n", cells[0], cells[1]);
    }
    Ok(text)
}

/// What of the page is not so: a row that is missing, a test that does not hear it any more. Another
/// test that hears less else is no fault, as every test that is added may be one.
fn faults(page: &str, wanted: &str, heard: &Heard) -> Vec<String> {
    let rows = |page: &str| -> BTreeMap<String, Vec<String>> {
        let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
        rows.map(|row| {
            let cells = row.trim_end_matches(" |").split(" | ");
            let cells: Vec<_> = cells
                .map(|cell| cell.trim_matches(['`', ' ']).to_owned())
                .collect();
            let names = match cells.get(1).map(String::as_str) {
                Some("charge point" | "central system") => 2,
                _ => 1,
            };
            let (name, tests) = cells.split_at(names.min(cells.len()));
            (name.join(" of the "), tests.to_vec())
        })
        .collect()
    };
    let (is, should) = (rows(page), rows(wanted));
    let names = is.keys().chain(should.keys()).collect::<BTreeSet<_>>();
    let mut faults = Vec::new();
    for name in names {
        let (Some(is), Some(should)) = (is.get(name), should.get(name)) else {
            faults.push(format!("{name} is in one of them only"));
            continue;
        };
        let (message, columns) = match name.split_once(" of the ") {
            Some((message, "charge point")) => (message, ["StationRequest", "StationAnswer"]),
            Some((message, _)) => (message, ["CentralRequest", "CentralAnswer"]),
            None => (name.as_str(), ["KeyChanged", "KeyAsked"]),
        };
        for ((test, best), what) in is.iter().zip(should).zip(columns) {
            let tests = heard.tests(what, message);
            if test != best && !tests.is_some_and(|tests| tests.contains(test)) {
                faults.push(format!("{test} does not have {name} on the wire ({what})"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &str = "| message | tests |\n| --- | --- |\n| Reset | x |\n\n| key (9.1) | y |\n| --- | --- |\n| BlinkRepeat | z |\n";
    const RECORD: &str = "reset::soft\tCentralRequest\tReset\n\
                          reset::soft\tCentralAnswer\tReset\n\
                          reset::soft\tStationRequest\tHeartbeat\n\
                          reset::hard\tCentralRequest\tReset\n\
                          reset::hard\tCentralAnswer\tReset\n\
                          keys::all\tKeyChanged\tBlinkRepeat\n";

    #[test]
    fn the_test_that_hears_least_else_is_named() {
        let page = page(LISTS, &Heard::read(RECORD)).unwrap();
        let row = "| Reset | central system | `reset::hard` | `reset::hard` |\n";
        assert!(page.contains(row), "{page}");
        assert!(
            page.contains("| BlinkRepeat | `keys::all` |  |\n"),
            "{page}"
        );
    }

    #[test]
    fn what_no_test_has_on_the_wire_is_an_error() {
        let without_reset = Heard::read("keys::all\tKeyChanged\tBlinkRepeat\n");
        let error = page(LISTS, &without_reset).unwrap_err();
        assert!(error.contains("Reset"), "{error}");
    }

    #[test]
    fn another_test_that_hears_it_is_no_fault_and_one_that_does_not_is() {
        let heard = Heard::read(RECORD);
        let wanted = page(LISTS, &heard).unwrap();
        let other = wanted.replace("reset::hard", "reset::soft");
        assert!(faults(&other, &wanted, &heard).is_empty());
        let gone = wanted.replace("reset::hard", "reset::gone");
        assert_eq!(faults(&gone, &wanted, &heard).len(), 2);
        // One that has the message on the wire the other way round only.
        let one_sided = format!("{RECORD}reset::asks\tCentralRequest\tReset\n");
        let other = wanted.replace("reset::hard", "reset::asks");
        assert_eq!(faults(&other, &wanted, &Heard::read(&one_sided)).len(), 1);
        let less = wanted.replace("| BlinkRepeat | `keys::all` |  |\n", "");
        assert_eq!(faults(&less, &wanted, &heard).len(), 1);
    }
}
