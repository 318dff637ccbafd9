//! What JSON takes of memory.

use serde_json::Value;

/// Bytes of all texts in a value, and so many more for each value in it.
pub fn of(value: &Value, each: usize) -> usize {
    each + match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|value| of(value, each)).sum(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(name, value)| name.len() + of(value, each))
                .sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_and_values_count() {
        let value = json!({ "ab": ["cde", 5, null], "f": {} });
        assert_eq!(of(&value, 0), 6);
        assert_eq!(of(&value, 10), 66);
    }
}
