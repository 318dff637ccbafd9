//! Answers beside the document of the API.

use serde_json::Value;

/// Compares an answer with a schema of the document.
pub fn check(document: &Value, schema: &Value, answer: &Value) {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<_> = validator
        .iter_errors(answer)
        .map(|problem| format!("{}: {problem}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}\n{answer:#}");
}

/// The schema of what a request is answered with.
pub fn answered<'d>(document: &'d Value, method: &str, path: &str, status: &str) -> &'d Value {
    let path = path.replace('/', "~1");
    let pointer =
        format!("/paths/{path}/{method}/responses/{status}/content/application~1json/schema");
    let schema = document.pointer(&pointer);
    schema.unwrap_or_else(|| panic!("{pointer} is missing"))
}
