//! `cargo xtask latency`: from an idTag presented to its Authorize on the wire, and from a CALL
//! received to its answer, on running images of `crates/measure/latency`.

mod image;
mod record;
mod script;

use super::{page, table, thousands};
use image::Platform;
use record::Latencies;

/// Of each kind.
const SAMPLES: usize = 200;

/// Prints the tables, or those of the platforms that are named.
pub fn command(arguments: &[&str]) -> Result<(), String> {
    let (write, names) = page::write_wanted(arguments);
    let mut sections = Vec::new();
    let mut skipped = Vec::new();
    let is_wanted = |board: &str| names.is_empty() || names.contains(&board);
    for platform in image::PLATFORMS
        .iter()
        .filter(|platform| is_wanted(platform.board))
    {
        match image::run(platform)? {
            Ok(latencies) => sections.push(section(platform, &latencies)),
            Err(missing) => skipped.push(format!("{}: {missing}", platform.board)),
        }
    }
    for skipped in &skipped {
        println!("skipped: {skipped}");
    }
    // One table would take the place of both.
    let write = write && sections.len() == image::PLATFORMS.len();
    page::show("latency", &sections.join("\n"), write)
}

fn section(platform: &Platform, latencies: &Latencies) -> String {
    let rows = latencies.rows().map(|(what, mut times)| {
        times.sort_unstable();
        let column = |percent: usize| {
            let place = (times.len() * percent).div_ceil(100).max(1);
            let time = times.get(place - 1).copied().unwrap_or(0);
            thousands(time / platform.divisor)
        };
        vec![what.to_owned(), column(50), column(99), column(100)]
    });
    let title = format!("{}, {}", platform.board, platform.unit);
    table(
        &[&title, "median", "99 %", "most"],
        &rows.collect::<Vec<_>>(),
    )
}
