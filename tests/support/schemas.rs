//! The official JSON schemas of OCPP 1.6 and 2.0.1 as two independent projects ship them: every frame of the
//! station has to satisfy both.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use jsonschema::Validator;
use serde_json::Value;

/// Which half of an exchange a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    Request,
    Answer,
}

type Schemas = HashMap<(String, Half), Validator>;

/// Fails the test when a schema set of OCPP 1.6 does not allow `payload`.
pub fn check(action: &str, half: Half, payload: &Value) {
    check_in("ocpp1.6", action, half, payload);
}

/// Fails the test when a schema set of that version does not allow `payload`.
pub fn check_in(subprotocol: &'static str, action: &str, half: Half, payload: &Value) {
    static SETS: [OnceLock<[(&str, Schemas); 2]>; 2] = [const { OnceLock::new() }; 2];
    thread_local! {
        static GOOD: RefCell<HashSet<(&'static str, String, Half, String)>> = RefCell::default();
    }
    // Tests that cut a story at thousands of places hear the same frames thousands of times.
    let text = (subprotocol, action.to_owned(), half, payload.to_string());
    if GOOD.with_borrow(|good| good.contains(&text)) {
        return;
    }
    let set = &SETS[usize::from(subprotocol != "ocpp1.6")];
    for (origin, schemas) in set.get_or_init(|| load(subprotocol)) {
        let Some(schema) = schemas.get(&(action.to_owned(), half)) else {
            panic!("{origin} has no schema for the {half:?} of {action}");
        };
        let errors: Vec<String> = schema
            .iter_errors(payload)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{half:?} of {action} does not satisfy the schema of {origin}:\n{}\n{payload:#}",
            errors.join("\n"),
        );
    }
    GOOD.with_borrow_mut(|good| good.insert(text));
}

fn load(subprotocol: &str) -> [(&'static str, Schemas); 2] {
    let (folder, file) = match subprotocol {
        "ocpp1.6" => ("v16", "ocpp1_6.json"),
        _ => ("v201", "ocpp2_0_1.json"),
    };
    [
        ("PyPI ocpp", python_schemas(folder)),
        ("npm ocpp-rpc", javascript_schemas(file)),
    ]
}

/// Where `cargo xtask peers` installs both projects.
fn peers() -> PathBuf {
    env::var_os("OCPP_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"),
        PathBuf::from,
    )
}

fn missing(what: &Path) -> ! {
    panic!(
        "the official schemas are not there ({}): `cargo xtask peers` installs them",
        what.display()
    )
}

/// One file for each half: `Authorize.json`, `AuthorizeResponse.json`.
fn python_schemas(folder: &str) -> Schemas {
    let versions = peers().join("venv/lib");
    let folder = fs::read_dir(&versions)
        .into_iter()
        .flatten()
        .flatten()
        .map(|python| {
            let package = python.path().join("site-packages/ocpp");
            package.join(folder).join("schemas")
        })
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| missing(&versions.join("python3*/site-packages/ocpp").join(folder)));
    let mut schemas = Schemas::new();
    for file in fs::read_dir(&folder).unwrap().flatten() {
        let path = file.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(name) = name.strip_suffix(".json") else {
            continue;
        };
        let (action, half) = match name.strip_suffix("Response") {
            Some(action) => (action, Half::Answer),
            None => (name.strip_suffix("Request").unwrap_or(name), Half::Request),
        };
        schemas.insert((action.to_owned(), half), compile(&read_json(&path)));
    }
    schemas
}

/// One file for all: a list of schemas with `$id`s like `urn:Authorize.req`.
fn javascript_schemas(file: &str) -> Schemas {
    let path = peers().join("node_modules/ocpp-rpc/lib/schemas").join(file);
    if !path.is_file() {
        missing(&path);
    }
    let list = read_json(&path);
    let mut schemas = Schemas::new();
    for schema in list.as_array().unwrap() {
        let id = schema["$id"].as_str().unwrap().trim_start_matches("urn:");
        let (action, half) = match id.split_once('.').unwrap() {
            (action, "req") => (action, Half::Request),
            (action, "conf") => (action, Half::Answer),
            _ => panic!("unexpected $id {id}"),
        };
        schemas.insert((action.to_owned(), half), compile(schema));
    }
    schemas
}

fn read_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap_or_else(|error| panic!("{}: {error}", schema["$id"]))
}
