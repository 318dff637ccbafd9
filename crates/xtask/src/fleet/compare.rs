//! The fleet beside other simulators of many stations, each against this project's central system in a
//! process of its own. What a station does is counted by the central system.

use std::path::{Path, PathBuf};

use super::{
    PAGE,
    simulators::Simulator,
    sizes,
    table::{Rows, table},
    trial::{Size, Trial},
};
use crate::{
    measure::page,
    shell::{build_charge_point, output},
};

const USAGE: &str = "\
usage: cargo xtask fleet-compare [--sap DIR] [--solidstudio DIR] [--node PATH] [--stations N,...] [--write]
FLEET_SAP, FLEET_SOLIDSTUDIO and FLEET_NODE stand for the first three";

/// Numbers of stations without `--stations`.
const SIZES: [u64; 2] = [100, 1_000];

/// What the command line and the environment say.
#[derive(Default)]
struct Options {
    sap: Option<PathBuf>,
    solidstudio: Option<PathBuf>,
    node: PathBuf,
    sizes: Vec<u64>,
    write: bool,
}

impl Options {
    fn read(words: &[&str], variable: impl Fn(&str) -> Option<PathBuf>) -> Result<Self, String> {
        let (write, words) = page::write_wanted(words);
        let mut options = Self {
            sap: variable("FLEET_SAP"),
            solidstudio: variable("FLEET_SOLIDSTUDIO"),
            node: variable("FLEET_NODE").unwrap_or_else(|| "node".into()),
            sizes: SIZES.to_vec(),
            write,
        };
        for pair in words.chunks(2) {
            match pair {
                ["--sap", folder] => options.sap = Some(folder.into()),
                ["--solidstudio", folder] => options.solidstudio = Some(folder.into()),
                ["--node", path] => options.node = path.into(),
                ["--stations", numbers] => options.sizes = sizes(numbers)?,
                _ => return Err(USAGE.to_owned()),
            }
        }
        // They run in other folders.
        for folder in [&mut options.sap, &mut options.solidstudio] {
            *folder = folder.as_deref().map(absolute).transpose()?;
        }
        if options.node.components().count() > 1 {
            options.node = absolute(&options.node)?;
        }
        options.sizes.sort_unstable();
        options.sizes.dedup();
        Ok(options)
    }
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// `cargo xtask fleet-compare`
pub fn command(words: &[&str]) -> Result<(), String> {
    let options = Options::read(words, |name| std::env::var_os(name).map(PathBuf::from))?;
    let mut simulators = vec![Simulator::Fleet];
    let mut left_out = Vec::new();
    for (checkout, simulator, option) in [
        (
            &options.sap,
            Simulator::Sap as fn(PathBuf) -> Simulator,
            "--sap",
        ),
        (
            &options.solidstudio,
            Simulator::Solidstudio,
            "--solidstudio",
        ),
    ] {
        match checkout {
            Some(folder) => simulators.push(simulator(folder.clone())),
            None => left_out.push((simulator(PathBuf::new()).name(), option)),
        }
    }
    for simulator in &simulators {
        simulator.check(&options.node)?;
    }
    build_charge_point(&["--release"])?;
    let mut columns = Vec::new();
    for simulator in &simulators {
        columns.push(column(simulator, &options)?);
    }
    let mut text = table(&columns);
    for (name, option) in left_out {
        text.push_str(&format!(
            "\n{name} was left out: no checkout was named with `{option}`.\n"
        ));
    }
    if simulators.len() > 1 {
        let node = output(&options.node.to_string_lossy(), &["--version"]).unwrap_or_default();
        let date = output("date", &["-u", "+%F"]).unwrap_or_default();
        text.push_str(&format!("\n{date}, Node.js {node}.\n"));
    }
    page::show_on(PAGE, "fleet-compare", &text, options.write)
}

fn column(simulator: &Simulator, options: &Options) -> Result<Rows, String> {
    let mut rows = Rows::default();
    rows.add("", simulator.name());
    rows.add("version", simulator.version()?);
    let mut sizes = Vec::new();
    let last = options.sizes.last().copied().unwrap_or_default();
    for stations in options.sizes.iter().copied() {
        println!("  {}, {stations} stations", simulator.name());
        let mut trial = Trial::start(simulator, &options.node, stations)?;
        let size = trial.watch()?;
        rows.add(
            format!("{stations} stations: accepted"),
            format!("{} after {:.1} s", size.accepted, size.accepted_in),
        );
        rows.add(
            format!("{stations} stations: resident memory"),
            format!("{:.1} MB", size.usage.memory / 1e6),
        );
        sizes.push((stations, size));
        if stations == last {
            rows.add("memory of one station more", slope(&sizes));
            trial.tell(&size, &mut rows)?;
        }
    }
    Ok(rows)
}

/// Between the smallest and the largest size.
fn slope(sizes: &[(u64, Size)]) -> String {
    match (sizes.first(), sizes.last()) {
        (Some((few, least)), Some((many, most))) if many > few => {
            let bytes = (most.usage.memory - least.usage.memory) / (many - few) as f64;
            format!("{:.1} kB", bytes / 1e3)
        }
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::process::Usage, *};

    #[test]
    fn options_are_from_the_command_line_and_then_from_the_environment() {
        let variable = |name: &str| (name != "FLEET_NODE").then(|| Path::new("/e").join(name));
        let words = ["--stations", "500,100,500", "--write", "--sap", "/a"];
        let options = Options::read(&words, variable).unwrap();
        assert_eq!(options.sizes, [100, 500]);
        assert_eq!(options.sap, Some("/a".into()));
        assert_eq!(options.solidstudio, Some("/e/FLEET_SOLIDSTUDIO".into()));
        assert_eq!((options.node, options.write), ("node".into(), true));
        let words = ["--node", "bin/node", "--sap", "a"];
        let options = Options::read(&words, |_| None).unwrap();
        assert!(options.node.is_absolute() && options.node.ends_with("bin/node"));
        assert!(options.sap.unwrap().is_absolute() && options.solidstudio.is_none());
        for wrong in [&["--sap"][..], &["--stations", "0"], &["x", "y"]] {
            assert!(Options::read(wrong, variable).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn memory_of_a_station_is_a_difference() {
        let size = |memory: f64| Size {
            usage: Usage {
                memory,
                ..Usage::default()
            },
            ..Size::default()
        };
        let sizes = [(100, size(60e6)), (1_100, size(80e6))];
        assert_eq!(slope(&sizes), "20.0 kB");
        assert_eq!(slope(&sizes[..1]), "-");
    }
}
