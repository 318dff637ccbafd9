//! What a fleet does at one moment, as a line for people and as JSON.

use serde_json::{Map, Value, json};

use crate::{
    process,
    stats::{Histogram, Levels, Snapshot, Sums},
    trouble::Trouble,
};

/// Answer times are told of these shares.
pub const QUANTILES: [(&str, f64); 4] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)];

/// One moment, and what was since the one before.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Seconds since the beginning.
    pub at: f64,
    pub levels: Levels,
    pub sums: Sums,
    /// CALLs a second.
    pub calls_per_second: f64,
    /// Microseconds, in the order of [`QUANTILES`].
    pub answered_in: [u64; 4],
    /// Bytes in memory.
    pub memory: u64,
    /// Seconds of processor time since the beginning.
    pub processor: f64,
}

impl Sample {
    pub fn new(at: f64, now: &Snapshot, last: &Snapshot, last_at: f64) -> Self {
        let times = now.times.since(&last.times);
        let (memory, processor) = process::usage().unwrap_or_default();
        let calls = now.sums.calls.saturating_sub(last.sums.calls);
        Self {
            at,
            levels: now.levels,
            sums: now.sums,
            calls_per_second: calls as f64 / (at - last_at).max(0.001),
            answered_in: quantiles(&times),
            memory,
            processor,
        }
    }

    pub fn line(&self, stations: usize) -> String {
        let Levels {
            connected,
            charging,
            queued,
            ..
        } = self.levels;
        let [p50, p90, p99, p999] = self.answered_in.map(millis);
        let sums = named(&self.sums);
        let errors: Vec<String> = Trouble::ALL
            .iter()
            .filter_map(|trouble| {
                let count = sums
                    .get(trouble.name())
                    .and_then(Value::as_u64)
                    .filter(|count| *count > 0)?;
                Some(format!("{} {count}", trouble.shown()))
            })
            .collect();
        let errors = match errors.is_empty() {
            true => "no errors".to_owned(),
            false => errors.join(", "),
        };
        let seconds = self.at as u64;
        format!(
            "{:02}:{:02}:{:02}  {connected}/{stations} connected  {charging} charging  {queued} queued  \
             {:.0} calls/s  answers {p50}/{p90}/{p99}/{p999} ms  {errors}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60,
            self.calls_per_second,
        )
    }

    pub fn json(&self, stations: usize) -> Value {
        let quantiles = QUANTILES.iter().zip(self.answered_in);
        let answers: Map<String, Value> = quantiles
            .map(|((name, _), micros)| ((*name).to_owned(), json!(micros as f64 / 1_000.0)))
            .collect();
        json!({
            "event": "fleet",
            "t": (self.at * 1_000.0) as u64,
            "stations": stations,
            "running": self.levels.running,
            "connected": self.levels.connected,
            "accepted": self.levels.accepted,
            "charging": self.levels.charging,
            "queued": self.levels.queued,
            "callsPerSecond": (self.calls_per_second * 10.0).round() / 10.0,
            "answerMs": answers,
            "sums": named(&self.sums),
            "memory": self.memory,
            "processorSeconds": self.processor,
        })
    }
}

pub fn quantiles(times: &Histogram) -> [u64; 4] {
    QUANTILES.map(|(_, share)| times.quantile(share))
}

/// Sums by their names.
pub fn named(sums: &Sums) -> Map<String, Value> {
    let names = Sums::NAMES.iter().map(|name| (*name).to_owned());
    names.zip(sums.values().map(Value::from)).collect()
}

/// Microseconds as milliseconds, with as many digits as say something.
fn millis(micros: u64) -> String {
    match micros {
        ..10_000 => format!("{:.1}", micros as f64 / 1_000.0),
        _ => format!("{}", micros / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_goes_wrong_and_nothing_else() {
        let mut sample = Sample {
            at: 3_725.0,
            answered_in: [1_200, 9_990, 20_000, 1_500_000],
            calls_per_second: 333.4,
            ..Sample::default()
        };
        sample.levels.connected = 7;
        assert_eq!(
            sample.line(10),
            "01:02:05  7/10 connected  0 charging  0 queued  333 calls/s  answers 1.2/10.0/20/1500 ms  \
             no errors"
        );
        (sample.sums.lost, sample.sums.call_errors) = (2, 1);
        assert!(sample.line(10).ends_with("lost 2, CALLERROR 1"));
        assert_eq!(sample.json(10)["sums"]["lost"], 2);
    }
}
