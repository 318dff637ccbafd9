//! `charge-point central-system`: a central system by itself, for fleets.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use central_system::{Behaviour, BootStatus, CentralSystem, IdTagStatus, Station};
use clap::Args;
use serde_json::{Value, json};

/// For its help.
pub const HELP: &str = "\
Commands, one a line of standard input:
  books     prints what the books have of all charge points together, as a JSON object
  stations  prints what they have of each, as a JSON object by identity
  quit      ends it
";

/// Options of a central system.
#[derive(Args, Debug)]
pub struct Options {
    /// Where it listens; charge points append their identity to the URL that it prints
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Keeps transactions and answers there, over its own end
    #[arg(long, value_name = "FILE")]
    books: Option<PathBuf>,
    /// Seconds between heartbeats
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    interval: u32,
    /// Answers Invalid for idTags; without this each is accepted
    #[arg(long)]
    refuse_tags: bool,
}

/// Runs until standard input says `quit`. The error is one line for the user.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    serve(options).map_err(|error| format!("{}: {error}", options.listen))
}

fn serve(options: &Options) -> io::Result<ExitCode> {
    let behaviour = Behaviour::new()
        .boot(BootStatus::Accepted, options.interval)
        .unknown_tags(match options.refuse_tags {
            true => IdTagStatus::Invalid,
            false => IdTagStatus::Accepted,
        })
        .all_versions()
        // Of thousands of charge points.
        .keep_frames(0);
    fleet::raise_files();
    let central = match &options.books {
        Some(path) => CentralSystem::listen_with_books(options.listen, behaviour, path)?,
        None => CentralSystem::listen(options.listen, behaviour)?,
    };
    println!("{}", central.url());
    for line in io::stdin().lock().lines() {
        match line?.trim() {
            "books" => println!("{}", totals(&central)),
            "stations" => println!("{}", each(&central)),
            "quit" => return Ok(ExitCode::SUCCESS),
            "" => {}
            other => eprintln!("charge-point: {other}: books, stations or quit"),
        }
    }
    // Standard input has ended, as it has without a terminal; it goes on.
    loop {
        std::thread::park();
    }
}

/// The books of all charge points, added up.
fn totals(central: &CentralSystem) -> Value {
    let books = central.books();
    let stations = books.stations.values();
    let transactions = || stations.clone().flat_map(|station| &station.transactions);
    let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
    for (action, calls) in stations.clone().flat_map(|station| &station.calls) {
        *actions.entry(action).or_default() += calls;
    }
    json!({
        "stations": books.stations.len(),
        "online": stations.clone().filter(|station| station.online).count(),
        "accepted": stations.clone().filter(|station| station.registration.is_some()).count(),
        "transactions": transactions().count(),
        "ended": transactions().filter(|transaction| transaction.stop.is_some()).count(),
        "meterValues": transactions().map(|transaction| transaction.meter_values).sum::<usize>(),
        "duplicates": stations.clone().map(|station| station.duplicates).sum::<usize>(),
        "strayStops": stations.clone().map(|station| station.stray_stops).sum::<usize>(),
        "faults": stations.clone().map(|station| station.faults.len()).sum::<usize>(),
        "refusals": books.refusals.len(),
        "calls": actions.values().sum::<usize>(),
        "actions": actions,
    })
}

/// The books of each charge point, by identity.
fn each(central: &CentralSystem) -> Value {
    let stations = central.books().stations.into_iter();
    stations
        .map(|(identity, station)| (identity, entry(&station)))
        .collect()
}

fn entry(station: &Station) -> Value {
    let transactions = &station.transactions;
    let ended = transactions
        .iter()
        .filter(|transaction| transaction.stop.is_some());
    json!({
        "online": station.online,
        "connections": station.connections,
        "accepted": station.registration.is_some(),
        "transactions": transactions.len(),
        "ended": ended.count(),
        "meterValues": transactions.iter().map(|transaction| transaction.meter_values).sum::<usize>(),
        "duplicates": station.duplicates,
        "strayStops": station.stray_stops,
        "faults": station.faults.len(),
        "actions": station.calls,
    })
}
