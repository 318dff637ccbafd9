//! `cargo xtask scaling`: RAM and instructions against what grows: connectors, idTags in the
//! cache, messages in the queue.

use std::path::Path;

use super::{
    bench::{self, AS_ON_ZEPHYR, Capacities, Level, Profiles},
    callgrind, page, table, thousands,
};
use crate::shell::output;

/// One of the things that grow.
struct Dimension {
    what: &'static str,
    each: &'static str,
    sizes: &'static [usize],
    capacities: fn(usize) -> Capacities,
    /// The argument of the program that fills the station.
    fill: &'static str,
    operations: &'static [(&'static str, &'static str)],
}

/// An operation's name and what it is.
const IDLE: (&str, &str) = ("idle", "a poll with nothing to do");
const AUTHORIZE: (&str, &str) = ("F1", "the poll that puts F1 out");
const ANSWER: (&str, &str) = ("F3", "F3 taken");
const REQUEST: (&str, &str) = ("F5", "F5 taken, applied, answered");
const SENT: (&str, &str) = ("sent", "the poll that puts the next message out");
const DELIVERED: (&str, &str) = ("delivered", "its answer taken");

const DIMENSIONS: [Dimension; 3] = [
    Dimension {
        what: "connectors",
        each: "connector",
        sizes: &[1, 2, 16, 64],
        capacities: |connectors| Capacities {
            connectors,
            ..AS_ON_ZEPHYR
        },
        fill: "--connectors",
        operations: &[IDLE, AUTHORIZE, ANSWER, REQUEST],
    },
    Dimension {
        what: "idTags in the cache",
        each: "idTag",
        sizes: &[0, 100, 1000],
        capacities: |tags| Capacities {
            tags,
            ..AS_ON_ZEPHYR
        },
        fill: "--tags",
        operations: &[IDLE, AUTHORIZE, ANSWER, REQUEST],
    },
    Dimension {
        what: "messages in the queue",
        each: "message",
        sizes: &[0, 100, 1000],
        // Besides those that wait there is room for the end of their transaction.
        capacities: |messages| Capacities {
            messages: messages + 4,
            ..AS_ON_ZEPHYR
        },
        fill: "--messages",
        operations: &[IDLE, AUTHORIZE, ANSWER, REQUEST, SENT, DELIVERED],
    },
];

/// Prints the table.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let (write, _) = page::write_wanted(arguments);
    let mut text = String::new();
    for dimension in &DIMENSIONS {
        text.push_str(&measured(dimension)?);
        text.push('\n');
    }
    let valgrind = callgrind::version().unwrap_or_else(|| "no valgrind: bytes only".to_owned());
    text.push_str(&format!(
        "opt-level 3, {}, {valgrind}, x86-64.\n",
        bench::compiler()
    ));
    page::show("scaling", &text, write)
}

/// A row of the table: a figure at each size; nothing where there is none.
struct Row {
    what: String,
    figures: Vec<Option<u64>>,
}

fn measured(dimension: &Dimension) -> Result<String, String> {
    let mut rows = vec![
        Row::new("bytes of RAM of a station"),
        Row::new("bytes of its records"),
    ];
    let counted = match callgrind::version() {
        Some(_) => dimension.operations,
        None => &[],
    };
    rows.extend(counted.iter().map(|(_, what)| Row::new(what)));
    if !counted.is_empty() {
        rows.push(Row::new("a station made, storage with an index"));
        rows.push(Row::new("a station made, `MemoryStorage`"));
    }
    for &size in dimension.sizes {
        let programs = bench::build(Level::Speed, Profiles::Core, (dimension.capacities)(size))?;
        let program = programs.join("operations");
        let count = size.to_string();
        let at = |operation, storage| {
            let words = [operation, dimension.fill, &count, "--storage", storage];
            callgrind::count(&program, &words).map(|profile| Some(profile.total))
        };
        let mut figures = vec![
            told(&program, &["sizes"], "station"),
            told(
                &program,
                &["boot", dimension.fill, &count, "--storage", "large-memory"],
                "records",
            ),
        ];
        for (operation, _) in counted {
            // Without a queue there is no next message.
            let is_there = size > 0 || !matches!(*operation, "sent" | "delivered");
            figures.push(match is_there {
                true => at(operation, "indexed")?,
                false => None,
            });
        }
        if !counted.is_empty() {
            figures.push(at("boot", "indexed")?);
            figures.push(at("boot", "large-memory")?);
        }
        for (row, figure) in rows.iter_mut().zip(figures) {
            row.figures.push(figure);
        }
    }
    let sizes: Vec<_> = dimension.sizes.iter().map(usize::to_string).collect();
    let mut head = vec![dimension.what];
    head.extend(sizes.iter().map(String::as_str));
    head.push("grows");
    let rows: Vec<_> = rows.iter().map(|row| row.cells(dimension)).collect();
    Ok(table(&head, &rows))
}

impl Row {
    fn new(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            figures: Vec::new(),
        }
    }

    fn cells(&self, dimension: &Dimension) -> Vec<String> {
        let mut cells = vec![self.what.clone()];
        let figures = self.figures.iter();
        cells.extend(figures.map(|figure| figure.map(thousands).unwrap_or_default()));
        let points = dimension.sizes.iter().zip(&self.figures);
        let points: Vec<_> = points
            .filter_map(|(size, figure)| Some((*size as f64, (*figure)? as f64)))
            .collect();
        cells.push(growth(&points, dimension.each));
        cells
    }
}

/// How a figure grows over the sizes: not at all, with a slope, or faster.
fn growth(points: &[(f64, f64)], each: &str) -> String {
    let (Some(&(from, low)), Some(&(to, high))) = (points.first(), points.last()) else {
        return String::new();
    };
    // A branch more or less is no growth.
    if (high - low).abs() <= 0.05 * low {
        return "constant".to_owned();
    }
    if high < low {
        return "not at all".to_owned();
    }
    // Between sizes that are close together it says nothing either.
    let mut pairs = points.windows(2).filter_map(|pair| match *pair {
        [(x, y), (next_x, next_y)] if next_x - x >= 0.05 * (to - from) => {
            Some((next_y - y) / (next_x - x))
        }
        _ => None,
    });
    let steepest = pairs.clone().fold(f64::MIN, f64::max);
    let mildest = pairs.clone().fold(f64::MAX, f64::min);
    match pairs.next_back() {
        _ if steepest <= 1.5 * mildest => {
            let slope = (high - low) / (to - from);
            format!("linear: {slope:.0} for each {each}")
        }
        Some(last) if last == steepest => "faster than linear".to_owned(),
        _ => format!("at most linear: {steepest:.0} for each {each}"),
    }
}

/// The number in a line `name number` of what a program prints.
fn told(program: &Path, arguments: &[&str], name: &str) -> Option<u64> {
    let said = output(&program.to_string_lossy(), arguments)?;
    let mut lines = said.lines().filter_map(|line| line.split_once(' '));
    let (_, number) = lines.find(|(known, _)| *known == name)?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_how_figures_grow() {
        let of = |figures: [f64; 3]| {
            let sizes = [0.0, 100.0, 1000.0];
            let points: Vec<_> = sizes.into_iter().zip(figures).collect();
            growth(&points, "idTag")
        };
        assert_eq!(of([1000.0, 1003.0, 1009.0]), "constant");
        assert_eq!(of([1000.0, 1502.0, 6000.0]), "linear: 5 for each idTag");
        assert_eq!(of([1000.0, 1100.0, 11_000.0]), "faster than linear");
        assert_eq!(
            of([1000.0, 2000.0, 2500.0]),
            "at most linear: 10 for each idTag"
        );
    }
}
