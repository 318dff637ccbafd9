//! Books that outlive the process: a file of what was answered, one message a line.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::memory;
use crate::rpc::Call;
use crate::shared::State;

/// The file. Only messages that a charge point keeps until they are answered are in it.
#[derive(Debug)]
pub(crate) struct Ledger(File);

impl Ledger {
    /// Opens or creates it, and enters what it has into the books.
    pub fn open(path: &Path, state: &mut State) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut good = 0;
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            // The last line may have been cut off: its message was not answered.
            if length == 0 || !line.ends_with(b"\n") {
                break;
            }
            good += length as u64;
            if let Some((identity, call, result)) = read(&line) {
                replay(state, &identity, &call, &result);
            }
        }
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self(file))
    }

    /// Keeps what is about to be answered, where it is kept at all.
    pub fn enter(&mut self, identity: &str, call: &Call, result: &Value) -> io::Result<()> {
        if !memory::is_resent(&call.action) {
            return Ok(());
        }
        let line = json!([identity, call.id, call.action, call.payload, result]);
        // One write: what the system has taken is there after a kill.
        self.0.write_all(format!("{line}\n").as_bytes())
    }
}

fn read(line: &[u8]) -> Option<(String, Call, Value)> {
    let (identity, id, action, payload, result) = serde_json::from_slice(line).ok()?;
    Some((
        identity,
        Call {
            id,
            action,
            payload,
        },
        result,
    ))
}

fn replay(state: &mut State, identity: &str, call: &Call, result: &Value) {
    let station = state.station(identity);
    station.enter(&call.action, &call.payload, result);
    let memory = state.memories.entry(identity.to_owned()).or_default();
    memory.keep(call, result, true);
    if let Some(id) = result.get("transactionId").and_then(Value::as_i64) {
        state.next_transaction_id = state.next_transaction_id.max(id.saturating_add(1));
    }
}
