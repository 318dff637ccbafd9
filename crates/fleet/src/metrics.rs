//! Metrics for Prometheus, over HTTP on a thread of its own.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use crate::{
    process,
    stats::{Snapshot, Stats, Sums},
};

/// Upper ends of the buckets of answer times, in seconds.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];
const PATIENCE: Duration = Duration::from_secs(5);
/// Of a request.
const LONGEST: u64 = 8 * 1024;

/// Serves metrics until the process ends; gives the address. The error is one line for the user.
pub fn serve(
    address: SocketAddr,
    all: Vec<Arc<Stats>>,
    stations: usize,
) -> Result<SocketAddr, String> {
    let failed = |error| format!("metrics on {address}: {error}");
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let serve = move || {
        for stream in listener.incoming().flatten() {
            // Who asks and goes away misses it.
            let _ = answer(&stream, &all, stations);
        }
    };
    thread::Builder::new()
        .name("metrics".to_owned())
        .spawn(serve)
        .map_err(failed)?;
    Ok(address)
}

fn answer(stream: &TcpStream, all: &[Arc<Stats>], stations: usize) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(LONGEST)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let (status, body) = match request.split(' ').nth(1) {
        Some("/metrics") => {
            let snapshot = Snapshot::take(all.iter().map(AsRef::as_ref));
            ("200 OK", text(&snapshot, stations))
        }
        _ => ("404 Not Found", "/metrics\n".to_owned()),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The text format of Prometheus. All can be added up over shards.
fn text(snapshot: &Snapshot, stations: usize) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, value: f64| {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "# HELP ocpp_fleet_{name} {help}\n# TYPE ocpp_fleet_{name} {kind}\nocpp_fleet_{name} {value}"
        );
    };
    let levels = &snapshot.levels;
    metric(
        "stations",
        "gauge",
        "Stations of this shard.",
        stations as f64,
    );
    metric(
        "running",
        "gauge",
        "Stations under power.",
        levels.running as f64,
    );
    metric(
        "connected",
        "gauge",
        "Stations with a websocket.",
        levels.connected as f64,
    );
    metric(
        "accepted",
        "gauge",
        "Stations that are accepted.",
        levels.accepted as f64,
    );
    metric(
        "charging",
        "gauge",
        "Transactions that run.",
        levels.charging as f64,
    );
    metric(
        "queued",
        "gauge",
        "Transaction messages that wait.",
        levels.queued as f64,
    );
    if let Some((memory, processor)) = process::usage() {
        metric("memory_bytes", "gauge", "Resident memory.", memory as f64);
        metric(
            "processor_seconds_total",
            "counter",
            "Processor time.",
            processor,
        );
    }
    let sums = Sums::NAMES
        .iter()
        .zip(Sums::HELP)
        .zip(snapshot.sums.values());
    for ((name, help), value) in sums {
        metric(
            &format!("{name}_total"),
            "counter",
            &format!("{}.", help.trim()),
            value as f64,
        );
    }
    let name = "ocpp_fleet_answer_seconds";
    let _ = writeln!(
        text,
        "# HELP {name} Time from a CALL to its answer.\n# TYPE {name} histogram"
    );
    for end in BUCKETS {
        let count = snapshot.times.within((end * 1e6) as u64);
        let _ = writeln!(text, "{name}_bucket{{le=\"{end}\"}} {count}");
    }
    let count = snapshot.times.count();
    let _ = writeln!(
        text,
        "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_count {count}"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_served_to_who_asks_for_them() {
        let stats = Arc::new(Stats::default());
        stats.took(2_000);
        let address = serve("127.0.0.1:0".parse().unwrap(), vec![stats], 5).unwrap();
        let ask = |path: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = ask("/metrics");
        for line in [
            "HTTP/1.1 200 OK\r",
            "ocpp_fleet_stations 5",
            "# HELP ocpp_fleet_boots_total Times that a station came up.",
            "ocpp_fleet_answer_seconds_bucket{le=\"0.001\"} 0",
            "ocpp_fleet_answer_seconds_bucket{le=\"0.0025\"} 1",
            "ocpp_fleet_answer_seconds_count 1",
        ] {
            assert!(answer.contains(&format!("{line}\n")), "{line}\n{answer}");
        }
        assert!(ask("/").starts_with("HTTP/1.1 404"));
    }
}
