//! What became of transactions while the central system was away, by the file of its books: a line is
//! `[identity, id, action, payload, result]`, in the order in which messages were answered.

use std::collections::BTreeSet;

use serde_json::Value;

/// What the books say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outage {
    /// Transactions that ran when the central system was killed.
    pub running: usize,
    /// Of these, how many it heard of again: their meter values, or their end.
    pub resumed: usize,
    /// Transactions that began while it was away, told when it was back.
    pub begun: usize,
    /// Those that ended then.
    pub ended: usize,
    /// MeterValues of that time.
    pub metered: usize,
}

/// A transaction: its station and its number.
type Name = (String, i64);

impl Outage {
    /// `before` and `after` are the lines from before the kill and from after the new start; the time
    /// between the two is UTC as OCPP has it, to the second (`2026-11-27T04:00:00`).
    pub fn of(before: &str, after: &str, from: &str, to: &str) -> Self {
        let mut running: BTreeSet<Name> = BTreeSet::new();
        for entry in before.lines().filter_map(Entry::read) {
            match (entry.action.as_str(), entry.transaction()) {
                ("StartTransaction", Some(name)) => running.insert(name),
                ("StopTransaction", Some(name)) => running.remove(&name),
                _ => false,
            };
        }
        let mut outage = Self {
            running: running.len(),
            ..Self::default()
        };
        for entry in after.lines().filter_map(Entry::read) {
            let is_resumed = entry
                .transaction()
                .is_some_and(|name| running.remove(&name));
            outage.resumed += usize::from(is_resumed);
            let time = entry.time();
            if !time.is_some_and(|time| from <= time && time < to) {
                continue;
            }
            match entry.action.as_str() {
                "StartTransaction" => outage.begun += 1,
                "StopTransaction" => outage.ended += 1,
                "MeterValues" => outage.metered += 1,
                _ => {}
            }
        }
        outage
    }
}

/// Connectors that had a transaction: their station and their number.
pub fn connectors(books: &str) -> usize {
    let starts = books.lines().filter_map(Entry::read);
    let starts = starts.filter(|entry| entry.action == "StartTransaction");
    let connectors = starts.filter_map(|entry| {
        let connector = entry.payload.get("connectorId")?.as_i64()?;
        Some((entry.identity, connector))
    });
    connectors.collect::<BTreeSet<Name>>().len()
}

struct Entry {
    identity: String,
    action: String,
    payload: Value,
    result: Value,
}

impl Entry {
    fn read(line: &str) -> Option<Self> {
        let (identity, _, action, payload, result) =
            serde_json::from_str::<(String, Value, String, Value, Value)>(line).ok()?;
        Some(Self {
            identity,
            action,
            payload,
            result,
        })
    }

    fn transaction(&self) -> Option<Name> {
        let source = match self.action.as_str() {
            "StartTransaction" => &self.result,
            _ => &self.payload,
        };
        let number = source.get("transactionId")?.as_i64()?;
        Some((self.identity.clone(), number))
    }

    /// Without fractions of a second and what is behind them.
    fn time(&self) -> Option<&str> {
        let of_it = self.payload.get("timestamp");
        let of_sample = || self.payload.pointer("/meterValue/0/timestamp");
        of_it.or_else(of_sample)?.as_str()?.get(..19)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn start(station: &str, number: i64, connector: i64, second: u64) -> String {
        let time = format!("2026-11-27T00:00:{second:02}.500Z");
        let payload =
            json!({"connectorId": connector, "idTag": "T", "meterStart": 0, "timestamp": time});
        let result = json!({"transactionId": number, "idTagInfo": {"status": "Accepted"}});
        format!(
            "{}\n",
            json!([station, "m", "StartTransaction", payload, result])
        )
    }

    fn stop(station: &str, number: i64, second: u64) -> String {
        let time = format!("2026-11-27T00:00:{second:02}Z");
        let payload = json!({"transactionId": number, "meterStop": 1, "timestamp": time});
        format!(
            "{}\n",
            json!([station, "m", "StopTransaction", payload, {}])
        )
    }

    fn meter(station: &str, number: i64, second: u64) -> String {
        let sample =
            json!({"timestamp": format!("2026-11-27T00:00:{second:02}Z"), "sampledValue": []});
        let payload = json!({"connectorId": 1, "transactionId": number, "meterValue": [sample]});
        format!("{}\n", json!([station, "m", "MeterValues", payload, {}]))
    }

    #[test]
    fn what_an_outage_did_to_transactions_is_in_the_books() {
        let before = [
            start("A", 1, 1, 1),
            stop("A", 1, 5),
            start("A", 2, 1, 6),
            start("A", 3, 2, 6),
            start("B", 4, 1, 6),
        ];
        let after = [
            meter("A", 2, 12),
            stop("A", 2, 15),
            start("A", 5, 1, 18),
            meter("B", 4, 30),
            meter("B", 4, 40),
            // That of another station is not its own.
            stop("B", 3, 41),
            start("B", 6, 2, 42),
        ];
        let outage = Outage::of(
            &before.concat(),
            &after.concat(),
            "2026-11-27T00:00:10",
            "2026-11-27T00:00:20",
        );
        let expected = Outage {
            running: 3,
            resumed: 2,
            begun: 1,
            ended: 1,
            metered: 1,
        };
        assert_eq!(outage, expected);
        assert_eq!(connectors(&before.concat()), 3);
        assert_eq!(Outage::of("", "cut off", "a", "b"), Outage::default());
    }
}
