//! Books that outlive the process: a file of what was answered, one message a line.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::memory;
use crate::rpc::Call;
use crate::shared::State;

/// The file, which belongs to one central system at a time. Only messages that a charge point keeps until
/// they are answered are in it.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: File,
    /// Its bytes.
    length: u64,
}

impl Ledger {
    /// Opens or creates it, and enters what it has into the books. What is no book is refused, and stays as
    /// it is.
    pub fn open(path: &Path, state: &mut State) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        lock(&file)?;
        let mut good = 0;
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            let is_cut = !line.ends_with(b"\n");
            // The last line may have been cut off: its message was not answered.
            if length == 0 || (is_cut && line.starts_with(b"[")) {
                break;
            }
            let Some((identity, call, result)) = read(&line).filter(|_| !is_cut) else {
                let problem = format!("line {number} is none of the books");
                return Err(io::Error::new(ErrorKind::InvalidData, problem));
            };
            replay(state, &identity, &call, &result);
            good += length as u64;
        }
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, length: good })
    }

    /// Keeps what is about to be answered, where it is kept at all.
    pub fn enter(&mut self, identity: &str, call: &Call, result: &Value) -> io::Result<()> {
        if !memory::is_resent(&call.action) {
            return Ok(());
        }
        let line = json!([identity, call.id, call.action, call.payload, result]);
        let line = format!("{line}\n");
        // One write: what the system has taken is there after a kill.
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // Half a line would make none of the next one.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// Keeps others out for as long as the file is open.
#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        rustix::io::Errno::WOULDBLOCK => io::Error::other("another central system has these books"),
        error => error.into(),
    })
}

#[cfg(not(unix))]
fn lock(_: &File) -> io::Result<()> {
    Ok(())
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
