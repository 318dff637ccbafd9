//! What holds the module's RAM: every variable by name.

use std::path::Path;

use super::link_map::{Kind, Piece};
use crate::shell::output;

/// A variable of the module.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub size: u64,
    pub kind: Kind,
}

/// What a symbol of the image is called, where it is and how large.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub address: u64,
    pub size: u64,
    pub name: String,
}

/// All symbols with a size, the largest last.
pub fn symbols(elf: &Path) -> Result<Vec<Symbol>, String> {
    let elf = elf.to_string_lossy();
    let listed = output("arm-none-eabi-nm", &["-S", "--size-sort", "-C", &elf]);
    let listed = listed.ok_or("arm-none-eabi-nm failed")?;
    let symbol = |line: &str| {
        let mut words = line.splitn(4, ' ');
        let mut number = || u64::from_str_radix(words.next()?, 16).ok();
        let (address, size) = (number()?, number()?);
        let is_function = words.next()?.eq_ignore_ascii_case("t");
        Some(Symbol {
            // Bit 0 of a function says that it is in Thumb code.
            address: address & !u64::from(is_function),
            size,
            name: words.next()?.to_owned(),
        })
    };
    Ok(listed.lines().filter_map(symbol).collect())
}

/// The module's variables in RAM, the largest first.
pub fn variables(pieces: &[Piece], symbols: &[Symbol]) -> Vec<Variable> {
    let in_ram = |piece: &&Piece| piece.is_of_module() && piece.kind.is_in_ram();
    let mut variables: Vec<_> = pieces
        .iter()
        .filter(in_ram)
        .map(|piece| {
            let there = piece.address..piece.address + piece.size;
            let mut named = symbols.iter().rev();
            let name = named.find(|symbol| there.contains(&symbol.address));
            Variable {
                name: name.map_or_else(|| piece.object.clone(), |symbol| symbol.name.clone()),
                size: piece.size,
                kind: piece.kind,
            }
        })
        .collect();
    variables.sort_by_key(|variable| std::cmp::Reverse(variable.size));
    variables
}
