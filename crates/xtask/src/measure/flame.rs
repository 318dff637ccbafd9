//! Where bytes and instructions are, as flame graphs beside `docs/footprint.md`: each box is as
//! wide as what it holds, and stands on what it is part of.

use std::{collections::BTreeMap, fs};

use inferno::flamegraph::{self, Options};

use super::{
    attribution::{COMPILER, Owner, Place},
    callgrind::Stack,
    link_map::{Kind, Piece},
    ram::{self, Symbol},
};
use crate::shell::root;

/// What is narrower, in percent of the whole, is left out.
const NARROWEST: f64 = 0.05;

/// Amounts by the boxes that they are in, the outermost first.
#[derive(Default)]
struct Boxes(BTreeMap<Vec<String>, u64>);

impl Boxes {
    fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>, amount: u64) {
        // A semicolon separates names, and Rust has it in the types of arrays.
        let names = names.into_iter().map(|name| brief(name).replace(';', ","));
        *self.0.entry(names.collect()).or_default() += amount;
    }

    /// Draws them into a file of the documentation.
    fn draw(&self, file: &str, title: &str, unit: &str) -> Result<(), String> {
        let mut options = Options::default();
        options.title = title.to_owned();
        options.count_name = unit.to_owned();
        options.name_type = "In:".to_owned();
        options.deterministic = true;
        options.min_width = NARROWEST;
        options.pretty_xml = true;
        // Nothing runs where a page only shows the picture.
        options.no_javascript = true;
        let lines = self.0.iter();
        let lines = lines.map(|(names, amount)| format!("{} {amount}", names.join(";")));
        let lines: Vec<String> = lines.collect();
        let path = root().join("docs").join(file);
        let said = |error: std::io::Error| format!("docs/{file}: {error}");
        let mut svg = Vec::new();
        flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)
            .map_err(said)?;
        fs::write(&path, svg).map_err(said)?;
        println!("docs/{file} is written");
        Ok(())
    }
}

/// `<ocpp::station::Station>::frame` as `<Station>::frame`: a box has little room for its name.
fn brief(name: &str) -> String {
    let mut text = String::new();
    let mut rest = name;
    while !rest.is_empty() {
        let is_named = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_named(c)).unwrap_or(rest.len()).max(1);
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_module = word.starts_with(|c: char| c.is_ascii_lowercase());
        rest = match after.strip_prefix("::") {
            // Not the function that a closure is in.
            Some(inner) if is_module && !inner.starts_with('{') => inner,
            _ => {
                text.push_str(word);
                after
            }
        };
    }
    text
}

/// Flash by component, file and function; RAM by variable.
pub fn of_bytes(places: &[Place], pieces: &[Piece], symbols: &[Symbol]) -> Result<(), String> {
    let mut boxes = Boxes::default();
    for place in places {
        let mut names = vec!["flash", "text"];
        match &place.owner {
            Owner::Ours { file, function } => {
                match file.strip_prefix("zephyr/port/src/") {
                    Some(port) => names.extend(["port"].into_iter().chain(port.split('/'))),
                    None => names.extend(["engine"].into_iter().chain(file.split('/').skip(1))),
                }
                names.push(function);
            }
            Owner::Crate { name, function } => names.extend([name.as_str(), function]),
            Owner::Compiler => {
                names.extend([COMPILER, name_at(symbols, place.address, place.bytes)])
            }
            Owner::C(object) => {
                names.extend(["port", object.trim_end_matches(".obj")]);
                names.push(name_at(symbols, place.address, place.bytes));
            }
        }
        boxes.add(names, place.bytes);
    }
    let constants = pieces
        .iter()
        .filter(|p| p.is_of_module() && p.kind == Kind::Rodata);
    for piece in constants {
        let name = name_at(symbols, piece.address, piece.size);
        boxes.add(["flash", "rodata", name], piece.size);
    }
    for variable in ram::variables(pieces, symbols) {
        let kind = variable.kind.to_string();
        let name = variable.name.as_str();
        if variable.kind.is_in_flash() {
            boxes.add(["flash", &kind, name], variable.size);
        }
        boxes.add(["RAM", &kind, name], variable.size);
    }
    boxes.draw("footprint.svg", "Flash and RAM of the module", "bytes")
}

/// What stands at an address; a constant may have no name.
fn name_at(symbols: &[Symbol], address: u64, size: u64) -> &str {
    let mut symbols = symbols.iter().rev();
    let named = symbols.find(|s| (address..address + size).contains(&s.address));
    named.map_or("without a name", |symbol| &symbol.name)
}

/// Instructions by the functions that call each other.
pub fn of_instructions(what: &str, stacks: &[Stack]) -> Result<(), String> {
    let mut boxes = Boxes::default();
    for stack in stacks {
        boxes.add(stack.functions.iter().map(String::as_str), stack.own);
    }
    boxes.draw("instructions.svg", what, "instructions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_modules_out() {
        for (name, expected) in [
            ("<ocpp::station::Station>::frame", "<Station>::frame"),
            ("core::str::converts::from_utf8", "from_utf8"),
            ("<a::B<_> as c::D>::write", "<B<_> as D>::write"),
            (
                "station::Station::stop::{closure#1}",
                "Station::stop::{closure#1}",
            ),
            ("a::run::{{closure}}", "run::{{closure}}"),
            ("configuration.rs", "configuration.rs"),
        ] {
            assert_eq!(brief(name), expected);
        }
    }
}
