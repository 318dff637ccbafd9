//! `cargo xtask footprint`: flash and RAM on a Cortex-M7, and how full the stacks become.

use std::{collections::BTreeMap, path::Path};

use super::{
    attribution::{self, Place, Share},
    flame,
    images::{self, Image},
    link_map::{Kind, Piece},
    page, profiles, ram, stacks, table, thousands,
    workspace::Workspace,
};
use crate::shell::output;

/// What the module is to stay below, in bytes.
const FLASH_TARGET: u64 = 32 * 1024;
const RAM_TARGET: u64 = 14 * 1024;

/// Symbols and variables that are shown one by one.
const SYMBOLS: usize = 40;
const VARIABLE: u64 = 64;
/// Archives of the difference that are shown one by one.
const ARCHIVE: u64 = 256;

/// The figures of the module, by their names in the budget.
pub fn module_figures(workspace: &Workspace) -> Result<Vec<(String, u64)>, String> {
    let with = images::with(workspace)?;
    let figure = |kind| (format!("module.{kind}"), size(&with.pieces, kind));
    Ok(Kind::ALL.map(figure).into())
}

/// The same, and what the image has grown by: what of Zephyr only the module calls is in it.
pub fn figures(workspace: &Workspace) -> Result<Vec<(String, u64)>, String> {
    let mut figures = module_figures(workspace)?;
    let (with, without) = (images::with(workspace)?, images::without(workspace)?);
    figures.push(("image.flash".to_owned(), with.flash - without.flash));
    figures.push(("image.ram".to_owned(), with.ram - without.ram));
    Ok(figures)
}

/// Prints the tables: of Core, or of what each profile adds to it.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let workspace = match Workspace::find() {
        Ok(workspace) => workspace,
        Err(missing) => {
            println!("skipped: {missing}");
            return Ok(());
        }
    };
    let (write, what) = page::write_wanted(arguments);
    match what[..] {
        [] => core(&workspace, write),
        ["profiles"] => page::show("footprint profiles", &profiles::table(&workspace)?, write),
        _ => Err("usage: cargo xtask footprint [profiles] [--write]".to_owned()),
    }
}

fn core(workspace: &Workspace, write: bool) -> Result<(), String> {
    let (with, without) = (images::with(workspace)?, images::without(workspace)?);
    let symbols = ram::symbols(&with.elf)?;
    let places = attribution::places(&with.elf, &with.pieces)?;
    let sections = [
        module(&with.pieces),
        difference(&with, &without),
        code(&places),
        functions(&with.pieces, &symbols),
        memory(&with.pieces, &symbols),
        threads(workspace),
        format!("{}.\n", compilers(&with.elf)),
    ];
    page::show("footprint", &sections.join("\n"), write)?;
    match write {
        true => flame::of_bytes(&places, &with.pieces, &symbols),
        false => Ok(()),
    }
}

pub fn size(pieces: &[Piece], kind: Kind) -> u64 {
    let of_kind = |piece: &&Piece| piece.is_of_module() && piece.kind == kind;
    pieces.iter().filter(of_kind).map(|piece| piece.size).sum()
}

/// The module's own bytes, and its targets.
fn module(pieces: &[Piece]) -> String {
    let total = |wanted: fn(Kind) -> bool| -> u64 {
        let kinds = Kind::ALL.into_iter().filter(|kind| wanted(*kind));
        kinds.map(|kind| size(pieces, kind)).sum()
    };
    let mut rows: Vec<_> = Kind::ALL
        .into_iter()
        .map(|kind| {
            let bytes = thousands(size(pieces, kind));
            vec![kind.to_string(), bytes, String::new(), String::new()]
        })
        .collect();
    for (what, bytes, target) in [
        ("flash", total(Kind::is_in_flash), FLASH_TARGET),
        ("RAM", total(Kind::is_in_ram), RAM_TARGET),
    ] {
        let verdict = match bytes.saturating_sub(target) {
            0 => "reached".to_owned(),
            over => format!("{} over", thousands(over)),
        };
        rows.push(vec![
            format!("**{what}**"),
            thousands(bytes),
            thousands(target),
            verdict,
        ]);
    }
    table(&["the module's own", "bytes", "target", ""], &rows)
}

/// The whole image with the module and without it, and where the difference comes from.
fn difference(with: &Image, without: &Image) -> String {
    let row = |what: String, with: u64, without: u64| {
        let (sign, more) = match with.checked_sub(without) {
            Some(more) => ("", more),
            None => ("-", without - with),
        };
        let more = format!("{sign}{}", thousands(more));
        vec![what, thousands(with), thousands(without), more]
    };
    let mut rows = vec![
        row("flash".to_owned(), with.flash, without.flash),
        row("RAM".to_owned(), with.ram, without.ram),
    ];
    for (what, wanted) in [
        ("flash", Kind::is_in_flash as fn(Kind) -> bool),
        ("RAM", Kind::is_in_ram),
    ] {
        let (with, without) = (by_archive(with, wanted), by_archive(without, wanted));
        let mut archives: Vec<_> = with.keys().chain(without.keys()).collect();
        archives.sort();
        archives.dedup();
        let mut changes: Vec<_> = archives
            .into_iter()
            .map(|archive| {
                let of = |image: &BTreeMap<String, u64>| image.get(archive).copied().unwrap_or(0);
                (archive, of(&with), of(&without))
            })
            .filter(|(_, with, without)| with.abs_diff(*without) >= ARCHIVE)
            .collect();
        changes.sort_by_key(|(_, with, without)| std::cmp::Reverse(with.abs_diff(*without)));
        let row = |(archive, with, without): (&String, u64, u64)| {
            row(format!("{what}: `{archive}`"), with, without)
        };
        rows.extend(changes.into_iter().map(row));
    }
    table(&["the whole image", "with", "without", "difference"], &rows)
}

fn by_archive(image: &Image, wanted: fn(Kind) -> bool) -> BTreeMap<String, u64> {
    let mut archives: BTreeMap<String, u64> = BTreeMap::new();
    for piece in image.pieces.iter().filter(|piece| wanted(piece.kind)) {
        *archives.entry(piece.archive.clone()).or_default() += piece.size;
    }
    archives
}

/// The module's code by component.
fn code(places: &[Place]) -> String {
    let mut shares: Vec<_> = attribution::by_component(places).into_iter().collect();
    let total = shares
        .iter()
        .fold(Share::default(), |sum, (_, share)| Share {
            bytes: sum.bytes + share.bytes,
            inlined: sum.inlined + share.inlined,
        });
    shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.bytes));
    shares.push(("**all**".to_owned(), total));
    let rows: Vec<_> = shares
        .into_iter()
        .map(|(name, share)| vec![name, thousands(share.bytes), thousands(share.inlined)])
        .collect();
    let head = ["code by component", "bytes", "of these from other crates"];
    table(&head, &rows)
}

/// The module's largest functions, with all that is inlined into them.
fn functions(pieces: &[Piece], symbols: &[ram::Symbol]) -> String {
    let text = |piece: &&Piece| piece.is_of_module() && piece.kind == Kind::Text;
    let pieces: Vec<_> = pieces.iter().filter(text).collect();
    let is_ours = |symbol: &&ram::Symbol| {
        let mut pieces = pieces.iter();
        pieces.any(|p| (p.address..p.address + p.size).contains(&symbol.address))
    };
    let largest = symbols.iter().rev().filter(is_ours).take(SYMBOLS);
    let rows: Vec<_> = largest
        .map(|symbol| vec![format!("`{}`", symbol.name), thousands(symbol.size)])
        .collect();
    table(&["the largest functions", "bytes"], &rows)
}

/// The module's RAM by variable.
fn memory(pieces: &[Piece], symbols: &[ram::Symbol]) -> String {
    let variables = ram::variables(pieces, symbols);
    let (large, small): (Vec<_>, Vec<_>) = variables
        .into_iter()
        .partition(|variable| variable.size >= VARIABLE);
    let small: u64 = small.iter().map(|variable| variable.size).sum();
    let mut rows: Vec<_> = large
        .into_iter()
        .map(|variable| {
            let name = format!("`{}` ({})", variable.name, variable.kind);
            vec![name, thousands(variable.size)]
        })
        .collect();
    rows.push(vec!["all others".to_owned(), thousands(small)]);
    rows.push(vec!["heap".to_owned(), "0".to_owned()]);
    table(&["RAM of the module", "bytes"], &rows)
}

/// How full the stacks become, without TLS and with it.
fn threads(workspace: &Workspace) -> String {
    let [plain, secure] = [false, true].map(|with_tls| stacks::measure(workspace, with_tls));
    let (plain, secure) = match (plain, secure) {
        (Ok(plain), Ok(secure)) => (plain, secure),
        (Err(why), _) | (_, Err(why)) => return format!("The stacks were not measured: {why}.\n"),
    };
    let ours = secure
        .stacks
        .iter()
        .filter(|(name, _)| name.starts_with("ocpp"));
    let mut rows: Vec<_> = ours
        .map(|(name, stack)| {
            let [used, size] = match plain.stacks.get(name) {
                Some(plain) => [plain.used, plain.size].map(thousands),
                None => [String::new(), String::new()],
            };
            let secure = [stack.used, stack.size].map(thousands);
            [vec![format!("`{name}`"), used, size], secure.to_vec()].concat()
        })
        .collect();
    let heap = secure.heap.map_or("not told".to_owned(), thousands);
    rows.push(vec![
        "heap of mbedTLS".to_owned(),
        String::new(),
        String::new(),
        heap,
        String::new(),
    ]);
    let titles = ["stack of thread", "used at most", "of", "with TLS", "of"];
    table(&titles, &rows)
}

/// Who compiled an image.
fn compilers(elf: &Path) -> String {
    let elf = elf.to_string_lossy();
    let comments = output("arm-none-eabi-readelf", &["-p", ".comment", &elf]);
    let comments = comments.unwrap_or_default();
    let named = comments
        .lines()
        .filter_map(|line| Some(line.split_once(']')?.1.trim()))
        .filter(|name| name.contains("rustc") || name.contains("GCC"));
    named.collect::<Vec<_>>().join(", ")
}
