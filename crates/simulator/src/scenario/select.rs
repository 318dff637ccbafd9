//! Scenario files that the command line names.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    load::{self, Scenario, hooks},
    step::Hook,
};

/// What a file of scenarios ends with.
const ENDINGS: [&str; 2] = ["yaml", "yml"];
/// Directories in directories.
const DEEPEST: usize = 16;

/// All that are named, those of a directory in the order of their names. The error is one line for the
/// user.
pub fn scenarios(
    paths: &[PathBuf],
    given: &BTreeMap<String, String>,
) -> Result<Vec<Scenario>, String> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let mut found = Vec::new();
        match path.is_dir() {
            true => collect(path, 0, &mut found)?,
            false => found.push(path.clone()),
        }
        if found.is_empty() {
            return Err(format!("{}: there are no scenarios in it", path.display()));
        }
        // One may be named twice.
        found.retain(|file| !files.contains(file));
        files.extend(found);
    }
    let base = common_folder(&files);
    let scenarios = files.iter().map(|file| {
        let relative = file.strip_prefix(&base).unwrap_or(file);
        let id = relative
            .with_extension("")
            .to_string_lossy()
            .replace('\\', "/");
        load::scenario(id, file, given).map_err(|problem| problem.to_string())
    });
    scenarios.collect()
}

/// The folder that all of them are in: names begin behind it.
fn common_folder(files: &[PathBuf]) -> PathBuf {
    let mut folders = files
        .iter()
        .map(|file| file.parent().unwrap_or(Path::new("")));
    let mut common = folders.next().unwrap_or(Path::new("")).to_path_buf();
    for folder in folders {
        while !folder.starts_with(&common) && common.pop() {}
    }
    common
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let complain = |error| format!("{}: {error}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(complain)? {
        entries.push(entry.map_err(complain)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().map(|name| name.to_string_lossy());
        let is_hidden = name.is_none_or(|name| name.starts_with(['_', '.']));
        let ending = path.extension().and_then(|ending| ending.to_str());
        if is_hidden {
            continue;
        } else if path.is_dir() && depth < DEEPEST {
            collect(&path, depth + 1, files)?;
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            files.push(path);
        }
    }
    Ok(())
}

/// The hook of the command line.
pub fn hook(text: &str) -> Result<Hook, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let (method, url) = hooks::request(text)?;
        return Ok(Hook::Http {
            method,
            url,
            body: None,
        });
    }
    let words = hooks::words(text).map_err(|problem| format!("--hook: {problem}"))?;
    Ok(Hook::Run {
        words,
        folder: PathBuf::new(),
    })
}
