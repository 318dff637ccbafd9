//! Which test has which message on the wire, and which key: written down for docs/messages.md
//! where `OCPP_HEARD` names a file, as `cargo xtask test` and `cargo xtask messages` do.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{File, OpenOptions},
    io::Write as _,
    sync::OnceLock,
    thread,
};

use serde_json::Value;

/// What of an exchange, or of a key, a test has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heard {
    /// A CALL of the charge point.
    StationRequest,
    /// The CALLRESULT that it got.
    StationAnswer,
    /// A CALL of the central system.
    CentralRequest,
    /// The CALLRESULT of the charge point.
    CentralAnswer,
    /// A key in a ChangeConfiguration.
    KeyChanged,
    /// A key in a GetConfiguration that asked for it by name.
    KeyAsked,
}

/// This test has it on the wire of OCPP 1.6.
pub fn note(subprotocol: &str, heard: Heard, name: &str) {
    static FILE: OnceLock<Option<File>> = OnceLock::new();
    thread_local! {
        static NOTED: RefCell<HashSet<(Heard, String)>> = RefCell::default();
    }
    let file = FILE.get_or_init(|| {
        let path = std::env::var_os("OCPP_HEARD")?;
        let file = OpenOptions::new().create(true).append(true).open(&path);
        Some(file.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    });
    let Some(mut file) = file.as_ref().filter(|_| subprotocol == "ocpp1.6") else {
        return;
    };
    if NOTED.with_borrow_mut(|noted| noted.insert((heard, name.to_owned()))) {
        let thread = thread::current();
        let test = thread.name().unwrap_or_default();
        file.write_all(format!("{test}\t{heard:?}\t{name}\n").as_bytes())
            .unwrap();
    }
}

/// A CALL of the central system, and the keys that it names.
pub fn note_request(subprotocol: &str, action: &str, payload: &Value) {
    note(subprotocol, Heard::CentralRequest, action);
    if action == "ChangeConfiguration"
        && let Some(key) = payload["key"].as_str()
    {
        note(subprotocol, Heard::KeyChanged, key);
    }
    if action == "GetConfiguration" {
        let keys = payload["key"].as_array();
        let keys = keys.into_iter().flatten().filter_map(Value::as_str);
        keys.for_each(|key| note(subprotocol, Heard::KeyAsked, key));
    }
}
