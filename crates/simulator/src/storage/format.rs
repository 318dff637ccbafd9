//! The form of a storage folder, and how one of an earlier form becomes one of today's.

use std::{fs, io, path::Path};

use ocpp::storage::RecordId;

use super::{atomic_file, crc};

/// Says which form the folder has. The first one had no such file and no check sums.
const FILE: &str = "format";
/// Records with a check sum behind them.
const FORM: &str = "2";

/// Makes sure that every record has its check sum.
pub fn prepare(directory: &Path) -> io::Result<()> {
    match fs::read_to_string(directory.join(FILE)) {
        Ok(form) if form.trim() == FORM => return Ok(()),
        Ok(form) => {
            let form = form.trim();
            return Err(io::Error::other(format!(
                "form {form:?} of a storage folder is not known to this version"
            )));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_str().unwrap_or_default();
        let digits = name.strip_prefix("record-").unwrap_or_default();
        if let Ok(id) = u16::from_str_radix(digits, 16) {
            add_check_sum(directory, name, RecordId(id))?;
        }
    }
    atomic_file::replace(directory, FILE, format!("{FORM}\n").as_bytes())
}

fn add_check_sum(directory: &Path, name: &str, id: RecordId) -> io::Result<()> {
    let mut record = fs::read(directory.join(name))?;
    // Where an earlier attempt was cut off, some have it already.
    let has_one = record
        .split_last_chunk()
        .is_some_and(|(record, stored)| crc::is_right(id, record, *stored));
    if has_one {
        return Ok(());
    }
    record.extend(crc::of(id, &record));
    atomic_file::replace(directory, name, &record)
}
