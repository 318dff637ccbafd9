//! Payloads in a few words.

use serde_json::{Map, Value};

/// What is worth reading first; the rest follows by name.
const FIRST: [&str; 9] = [
    "status",
    "connectorId",
    "transactionId",
    "idTag",
    "chargePointVendor",
    "chargePointModel",
    "key",
    "value",
    "type",
];
/// What a reader of the timeline does not miss.
const LEFT_OUT: [&str; 3] = ["timestamp", "currentTime", "connectorPhaseRotation"];
const LONGEST: usize = 110;
/// Names of actions have 36 characters at most.
const LONGEST_NAME: usize = 40;

/// What a CALL asks for.
pub fn request(action: &str, payload: &Value) -> String {
    match action {
        "MeterValues" => meter_values(payload),
        _ => fields(payload),
    }
}

/// What a CALLRESULT says.
pub fn confirmation(payload: &Value) -> String {
    fields(payload)
}

/// As much of a text as fits into a line.
pub fn shortened(text: &str) -> String {
    cut(text, LONGEST)
}

/// As much of a name as fits into its column.
pub fn name(text: &str) -> String {
    cut(text, LONGEST_NAME)
}

/// The first characters of a text.
pub fn cut(text: &str, longest: usize) -> String {
    let mut short: String = text.chars().take(longest).collect();
    if text.chars().nth(longest).is_some() {
        short.push('…');
    }
    short
}

fn fields(payload: &Value) -> String {
    let mut parts = Vec::new();
    if let Value::Object(object) = payload {
        collect(object, &mut parts);
    }
    shortened(&parts.join(", "))
}

fn collect(object: &Map<String, Value>, parts: &mut Vec<String>) {
    let place = |name: &str| FIRST.iter().position(|first| *first == name);
    let mut names: Vec<&String> = object.keys().collect();
    names.sort_by_key(|name| (place(name).unwrap_or(FIRST.len()), name.as_str()));
    for name in names {
        match object.get(name) {
            _ if LEFT_OUT.contains(&name.as_str()) => {}
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text == "NoError" => {}
            Some(Value::Object(inner)) => collect(inner, parts),
            Some(Value::Array(list)) => parts.push(listed(name, list)),
            Some(value) if name == "status" => parts.insert(0, word(value)),
            Some(value) if name == "connectorId" => {
                parts.push(format!("connector {}", word(value)))
            }
            Some(value) if name == "transactionId" => {
                parts.push(format!("transaction {}", word(value)));
            }
            Some(value) => parts.push(format!("{name} {}", word(value))),
        }
    }
}

/// Names of keys, or keys with values, or only how many there are.
fn listed(name: &str, list: &[Value]) -> String {
    if list.len() > 3 {
        return format!("{} × {name}", list.len());
    }
    let entry = |value: &Value| match (value.get("key"), value.get("value")) {
        (Some(key), Some(value)) => format!("{} = {}", word(key), word(value)),
        _ if value.is_object() => "{…}".to_owned(),
        _ => word(value),
    };
    let entries: Vec<String> = list.iter().map(entry).collect();
    format!("{name} {}", entries.join(" "))
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `connector 1, transaction 7: 1234 Wh, 11000 W, 15.9/15.9/16.0 A, 230.1/229.8/230.0 V`
fn meter_values(payload: &Value) -> String {
    let mut moments = Vec::new();
    for moment in elements(payload, "meterValue") {
        // Phases of a measurand stand together, in the order in which they come.
        let mut quantities: Vec<(String, &str, Vec<String>)> = Vec::new();
        for sample in elements(moment, "sampledValue") {
            let text = |name: &str| sample.get(name).and_then(Value::as_str).unwrap_or("");
            let measurand = text("measurand").to_owned();
            let value = text("value").to_owned();
            match quantities.last_mut() {
                Some((last, _, values)) if *last == measurand && !text("phase").is_empty() => {
                    values.push(value);
                }
                _ => quantities.push((measurand, text("unit"), vec![value])),
            }
        }
        let quantity = |(measurand, unit, values): &(String, &str, Vec<String>)| {
            let name = if unit.is_empty() { measurand } else { *unit };
            format!("{} {name}", values.join("/"))
        };
        let quantities: Vec<String> = quantities.iter().map(quantity).collect();
        moments.push(quantities.join(", "));
    }
    let mut head = Map::new();
    if let Value::Object(object) = payload {
        for name in ["connectorId", "transactionId"] {
            if let Some(value) = object.get(name) {
                head.insert(name.to_owned(), value.clone());
            }
        }
    }
    let head = fields(&Value::Object(head));
    shortened(&format!("{head}: {}", moments.join(" | ")))
}

fn elements<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn payloads_in_words() {
        for (action, payload, text) in [
            (
                "StartTransaction",
                json!({"timestamp": "2026-01-01T00:00:00Z", "meterStart": 5, "idTag": "T",
                       "connectorId": 1}),
                "connector 1, idTag T, meterStart 5",
            ),
            (
                "GetConfiguration",
                json!({"key": ["HeartbeatInterval"]}),
                "key HeartbeatInterval",
            ),
            (
                "MeterValues",
                json!({"connectorId": 1, "transactionId": 7, "meterValue": [{"sampledValue": [
                    {"value": "12", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
                    {"value": "1.0", "measurand": "Current.Import", "phase": "L1", "unit": "A"},
                    {"value": "2.0", "measurand": "Current.Import", "phase": "L2", "unit": "A"},
                    {"value": "50.0", "measurand": "Frequency"}]}]}),
                "connector 1, transaction 7: 12 Wh, 1.0/2.0 A, 50.0 Frequency",
            ),
            ("Reset", json!({"type": "Soft"}), "type Soft"),
            ("Heartbeat", json!({}), ""),
            ("Anything", json!([1, 2]), ""),
        ] {
            assert_eq!(request(action, &payload), text);
        }
        for (payload, text) in [
            (
                json!({"idTagInfo": {"status": "Accepted", "parentIdTag": "P"},
                       "transactionId": 3}),
                "Accepted, transaction 3, parentIdTag P",
            ),
            (
                json!({"configurationKey": [{"key": "A", "readonly": false, "value": "1"}]}),
                "configurationKey A = 1",
            ),
            (
                json!({"configurationKey": [1, 2, 3, 4]}),
                "4 × configurationKey",
            ),
        ] {
            assert_eq!(confirmation(&payload), text);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(500);
        assert_eq!(shortened(&long).chars().count(), LONGEST + 1);
        assert_eq!(shortened("a b"), "a b");
        assert_eq!(name(&long).chars().count(), LONGEST_NAME + 1);
    }
}
