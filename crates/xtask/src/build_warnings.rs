//! Warnings about this repository in what builds of images have said.

use std::{fs, path::Path};

use crate::shell::root;

/// Fails with the first warning of ours in a `build.log` below that folder.
pub fn none_below(folder: &Path) -> Result<(), String> {
    let root = root();
    let root = root.to_string_lossy();
    for file in logs(folder) {
        let log = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let is_ours = |path: &str| {
            path.strip_prefix(&*root)
                .map_or(!path.starts_with('/'), is_source)
        };
        if let Some(warning) = first(&log, is_ours, |option| is_set(&log, &root, option)) {
            return Err(format!("{}: {warning}", file.display()));
        }
    }
    Ok(())
}

/// Behind the root's path: what is built lies below it, too.
fn is_source(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("/target/")
}

fn logs(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        // A file, or what is gone meanwhile, has nothing in it.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                _ if path.ends_with("build.log") => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// Whether one of our files that were merged sets this option.
fn is_set(log: &str, root: &str, option: &str) -> bool {
    let quoted = log.lines().filter_map(|line| {
        let path = line.strip_prefix("Merged configuration '")?;
        path.strip_suffix('\'')
    });
    let ours = quoted.filter(|path| path.strip_prefix(root).is_some_and(is_source));
    let assignment = format!("CONFIG_{option}=");
    let mut texts = ours.filter_map(|path| fs::read_to_string(path).ok());
    texts.any(|text| text.lines().any(|line| line.starts_with(&assignment)))
}

/// The first warning of rustc or of a C compiler in a file that is ours, or of Kconfig about an option
/// that we set.
fn first(log: &str, is_ours: impl Fn(&str) -> bool, is_set: impl Fn(&str) -> bool) -> Option<&str> {
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        let mut is_of_rust = || {
            let next = lines.peek()?.trim_start().strip_prefix("--> ")?;
            Some(is_ours(next))
        };
        let found = match line.split_once("warning: ") {
            Some(("", what)) => {
                let of_kconfig = what.split_once(" (defined at ");
                of_kconfig.is_some_and(|(option, _)| is_set(option)) || is_of_rust() == Some(true)
            }
            Some((place, _)) => place.split(':').nth(1).is_some_and(is_number) && is_ours(place),
            None => false,
        };
        if found {
            return Some(line);
        }
    }
    None
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(log: &str) -> Option<&str> {
        let is_ours = |path: &str| !path.starts_with('/') || path.starts_with("/here/");
        first(log, is_ours, |option| option == "OURS")
    }

    #[test]
    fn warnings_of_ours_are_found_and_no_others() {
        for (log, is_one) in [
            (
                "warning: function `copy` is never used\n  --> src/view.rs:19:8\n",
                true,
            ),
            ("warning: unused\n  --> /here/src/lib.rs:1:1\n", true),
            ("warning: unused\n  --> /zephyr/src/lib.rs:1:1\n", false),
            ("warning: `rustapp` (lib) generated 1 warning\n", false),
            (
                "warning: patch `zephyr v0.1.0 (/a)` was not used in the crate graph\n",
                false,
            ),
            (
                "warning: OURS (defined at subsys/logging/Kconfig:121) was assigned the value\n",
                true,
            ),
            (
                "warning: THEIRS (defined at boards/Kconfig:74) was assigned the value\n",
                false,
            ),
            (
                "/here/c/log.c:3:1: warning: unused variable 'a' [-Wunused-variable]\n",
                true,
            ),
            (
                "/zephyr/log.c:3:1: warning: unused variable 'a' [-Wunused-variable]\n",
                false,
            ),
            (
                "/usr/bin/ld: warning: missing .note.GNU-stack section\n",
                false,
            ),
        ] {
            assert_eq!(
                found(log),
                is_one.then(|| log.lines().next().unwrap()),
                "{log}"
            );
        }
    }
}
