//! What stations did, by what `stations` of the central system prints: CALLs by action and station.

use serde_json::Value;

/// The actions that have a row of their own.
pub const ACTIONS: [&str; 7] = [
    "BootNotification",
    "StatusNotification",
    "Authorize",
    "StartTransaction",
    "MeterValues",
    "StopTransaction",
    "Heartbeat",
];

/// The CALLs of an action by each station.
fn calls<'s>(stations: &'s Value, action: &str) -> impl Iterator<Item = u64> + 's {
    let pointer = format!("/actions/{action}");
    let stations = stations.as_object().into_iter().flatten();
    stations.map(move |(_, station)| {
        station
            .pointer(&pointer)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    })
}

/// The average, and by how many stations where it is not all.
pub fn each(stations: &Value, action: &str) -> String {
    let all = calls(stations, action).count();
    let some = calls(stations, action).filter(|calls| *calls > 0).count();
    let sum: u64 = calls(stations, action).sum();
    match (some, all) {
        (0, _) => "none".to_owned(),
        (some, all) if some == all => format!("{:.2}", sum as f64 / all as f64),
        (some, all) => format!("{:.2}, by {some} of {all}", sum as f64 / all as f64),
    }
}

pub fn others(stations: &Value) -> String {
    let stations = stations.as_object().into_iter().flatten();
    let (mut all, mut sum) = (0_u64, 0);
    for (_, station) in stations {
        let actions = station.get("actions").and_then(Value::as_object);
        let others = actions.into_iter().flatten();
        let others = others.filter(|(action, _)| !ACTIONS.contains(&action.as_str()));
        sum += others.filter_map(|(_, calls)| calls.as_u64()).sum::<u64>();
        all += 1;
    }
    match sum {
        0 => "none".to_owned(),
        sum => format!("{:.2}", sum as f64 / all as f64),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_not_all_stations_do_is_told() {
        let stations = json!({
            "A": { "actions": { "Heartbeat": 3, "Authorize": 1, "DataTransfer": 1 } },
            "B": { "actions": { "Heartbeat": 2 } },
        });
        assert_eq!(each(&stations, "Heartbeat"), "2.50");
        assert_eq!(each(&stations, "Authorize"), "0.50, by 1 of 2");
        assert_eq!(each(&stations, "MeterValues"), "none");
        assert_eq!(others(&stations), "0.50");
    }
}
