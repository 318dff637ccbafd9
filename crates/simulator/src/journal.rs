//! What happened to the charge point, for diagnostics: a bounded ring of lines, in two files of the storage
//! folder where there is one.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use ocpp::wire::{UnixMillis, timestamp};

/// Bytes of each of the two halves. The older one is forgotten as a whole.
const HALF: usize = 512 * 1024;
const NEWEST: &str = "diagnostics-1";
const OLDER: &str = "diagnostics-0";

/// Lines, each with its time in front of it.
#[derive(Debug, Default)]
struct Half {
    lines: VecDeque<(UnixMillis, String)>,
    bytes: usize,
}

/// The ring.
#[derive(Debug, Default)]
pub struct Journal {
    older: Half,
    newest: Half,
    folder: Option<PathBuf>,
    file: Option<File>,
    /// How far the station's clock is ahead of this machine's.
    ahead: i64,
}

impl Journal {
    /// With what an earlier process has kept in that folder.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let mut journal = Self::default();
        if let Some(folder) = folder {
            journal.older = read(&folder.join(OLDER))?;
            journal.newest = read(&folder.join(NEWEST))?;
            journal.file = Some(append(&folder.join(NEWEST))?);
            journal.folder = Some(folder.to_owned());
        }
        Ok(journal)
    }

    /// The station knows the time: lines have it from now on.
    pub fn set_time(&mut self, utc: UnixMillis) {
        self.ahead = utc - now();
    }

    /// One more line. What cannot be kept is in memory all the same.
    pub fn add(&mut self, line: &str) {
        let time = (now() + self.ahead).clamp(0, timestamp::LAST);
        let line = format!("{} {line}", stamp(time));
        if self.newest.bytes + line.len() > HALF {
            self.turn();
        }
        if let Some(file) = &mut self.file {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
        self.newest.bytes += line.len() + 1;
        self.newest.lines.push_back((time, line));
    }

    /// Makes room: the newest half is the older one from now on.
    fn turn(&mut self) {
        self.older = std::mem::take(&mut self.newest);
        if let Some(folder) = &self.folder {
            let newest = folder.join(NEWEST);
            let _ = fs::rename(&newest, folder.join(OLDER));
            self.file = append(&newest).ok();
        }
    }

    /// The lines of a time, as a text.
    pub fn text(&self, oldest: Option<UnixMillis>, latest: Option<UnixMillis>) -> String {
        let all = self.older.lines.iter().chain(&self.newest.lines);
        let is_asked_for = |time: UnixMillis| {
            oldest.is_none_or(|oldest| oldest <= time) && latest.is_none_or(|latest| time <= latest)
        };
        let lines = all.filter(|(time, _)| is_asked_for(*time));
        lines.map(|(_, line)| format!("{line}\n")).collect()
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

pub fn stamp(time: UnixMillis) -> String {
    String::from_utf8_lossy(&timestamp::format(time)).into_owned()
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// The lines of a file; those that a crash has cut off are passed over.
fn read(path: &Path) -> io::Result<Half> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Half::default()),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter_map(|line| {
        let time = timestamp::parse(line.split(' ').next()?)?;
        Some((time, line.to_owned()))
    });
    Ok(Half {
        lines: lines.collect(),
        bytes: bytes.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_filtered_and_found_again() {
        let folder = std::env::temp_dir().join(format!("journal-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut journal = Journal::open(Some(&folder)).unwrap();
        let day = 1_772_438_400_000;
        journal.set_time(day);
        journal.add("first");
        journal.set_time(day + 3_600_000);
        journal.add("second");
        drop(journal);
        fs::write(folder.join(OLDER), b"2026-03-0").unwrap();
        let mut journal = Journal::open(Some(&folder)).unwrap();
        let ends = |text: String| -> Vec<String> {
            let lines = text.lines();
            lines
                .map(|l| l.split(' ').nth(1).unwrap().to_owned())
                .collect()
        };
        assert_eq!(ends(journal.text(None, None)), ["first", "second"]);
        assert_eq!(ends(journal.text(Some(day + 60_000), None)), ["second"]);
        assert_eq!(ends(journal.text(None, Some(day + 60_000))), ["first"]);
        let long = "x".repeat(1_000);
        for _ in 0..3_000 {
            journal.add(&long);
        }
        assert!(journal.text(None, None).len() <= 2 * HALF);
        assert!(journal.text(None, None).len() > HALF);
        let kept = |name| fs::metadata(folder.join(name)).unwrap().len();
        assert!(kept(NEWEST) + kept(OLDER) <= 2 * HALF as u64 + 100);
        let again = Journal::open(Some(&folder)).unwrap();
        assert_eq!(again.text(None, None), journal.text(None, None));
        fs::remove_dir_all(&folder).unwrap();
    }
}
