//! Lints without a second build. `cargo clippy` and `cargo doc` compile all dependencies once more, which is most of
//! their work. Here cargo calls this program in place of rustc: clippy compiles what is ours, and rustdoc documents
//! it. Cargo keeps what they find with what was built, and tells it at each build.

use std::{
    collections::BTreeSet,
    env, fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Command, ExitCode, Stdio},
};

use serde_json::Value;

use crate::shell::{command, line, output, root, run, target};

/// What this program is called in place of rustc.
const NAME: &str = "rustc-with-lints";
/// Where rustdoc writes; it is called where this is set.
const DOCUMENTS: &str = "XTASK_DOCUMENTS";
/// The engine once more, with a manifest that has its own sources looked at in the package `ocpp`.
const PASSED_OVER: &str = "fleet-engine";

/// Who finds something.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Finder {
    /// Clippy, and the compiler itself.
    Clippy,
    Rustdoc,
}

/// Whether cargo has called this program in place of rustc.
pub fn is_rustc() -> bool {
    let program = env::args_os().next().unwrap_or_default();
    Path::new(&program).ends_with(NAME)
}

/// Compiles, as the arguments have it; the first is the name of rustc.
pub fn rustc() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let Some((rustc, words)) = words.split_first() else {
        return ExitCode::from(2);
    };
    let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let is_ours = folder.is_some_and(|folder| folder.starts_with(root()))
        && env::var_os("CARGO_PKG_NAME").is_some_and(|name| name != PASSED_OVER);
    // Cargo asks it for its version and what it can do, too.
    let is_asked = after(words, "--crate-name").is_none_or(|name| name == "___");
    if !is_ours || is_asked {
        return ended(Err(Command::new(rustc).args(words).exec()));
    }
    let mut clippy = Command::new("clippy-driver");
    // What is denied is found by the step, and no reason to have no tests.
    clippy.arg(rustc).args(words).arg("--cap-lints=warn");
    let Some(documents) = env::var_os(DOCUMENTS).filter(|_| is_documented(words)) else {
        return ended(Err(clippy.exec()));
    };
    match clippy.status() {
        Ok(status) if status.success() => {}
        other => return ended(other.map(|status| status.code())),
    }
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(for_rustdoc(words)).arg("-o").arg(documents);
    ended(Err(rustdoc.exec()))
}

fn ended(how: io::Result<Option<i32>>) -> ExitCode {
    match how {
        Ok(code) => ExitCode::from(code.and_then(|code| code.try_into().ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {NAME}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn after<'w>(words: &'w [String], name: &str) -> Option<&'w str> {
    let place = words.iter().position(|word| word == name)?;
    words.get(place + 1).map(String::as_str)
}

/// Whether these arguments of rustc are those of a library or a program that `cargo doc` documents.
fn is_documented(words: &[String]) -> bool {
    let is_known = ["bin", "lib"].contains(&after(words, "--crate-type").unwrap_or_default());
    let is_build_script = after(words, "--crate-name") == Some("build_script_build");
    let is_example =
        |word: &String| word.ends_with(".rs") && word.split('/').any(|it| it == "examples");
    let is_other = |word: &String| word == "--test" || is_example(word);
    is_known && !is_build_script && !words.iter().any(is_other)
}

/// Those of the arguments of rustc that rustdoc takes, and what `cargo doc` says besides.
fn for_rustdoc(words: &[String]) -> Vec<&str> {
    let pairs = [
        "--crate-name",
        "--crate-type",
        "--cfg",
        "--check-cfg",
        "--extern",
        "-L",
    ];
    let mut taken = vec!["--json=diagnostic-rendered-ansi"];
    if after(words, "--crate-type") == Some("bin") {
        taken.push("--document-private-items");
    }
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if pairs.contains(&word) {
            taken.push(word);
            taken.extend(words.next());
        } else if ["-C", "--out-dir"].contains(&word) {
            words.next();
        } else if word.starts_with("--edition=")
            || word.starts_with("--error-format=")
            || (word.ends_with(".rs") && !word.starts_with('-'))
        {
            taken.push(word);
        }
    }
    taken
}

/// Has a build of this workspace find what there is to find, and document it, where there is clippy.
pub fn of_workspace(mut build: Command) -> Result<Command, String> {
    if has_clippy() {
        build.env("RUSTC_WORKSPACE_WRAPPER", copied()?);
        build.env(DOCUMENTS, target().join("doc"));
    }
    Ok(build)
}

/// Has a build of a package outside of it find what there is to find in its own and in this workspace's sources.
pub fn of_package(mut build: Command) -> Result<Command, String> {
    if has_clippy() {
        build.env("RUSTC_WRAPPER", copied()?);
    }
    Ok(build)
}

/// Whether there is clippy, which is installed where it is missing.
fn has_clippy() -> bool {
    output("clippy-driver", &["--version"]).is_some()
        || run(command("rustup", &["component", "add", "clippy"])).is_ok()
}

/// A copy of this program with its other name.
fn copied() -> Result<PathBuf, String> {
    let folder = target().join("lints");
    let name = folder.join(NAME);
    let new = folder.join(process::id().to_string());
    let copy = || {
        fs::create_dir_all(&folder)?;
        // Not by its path: there cargo puts another one when it builds this program again.
        fs::copy("/proc/self/exe", &new)?;
        // At once, for others may be calling the one that is there.
        fs::rename(&new, &name)
    };
    copy().map_err(|error: io::Error| format!("{}: {error}", name.display()))?;
    Ok(name)
}

/// Runs a build, and fails where something is found.
pub fn pass(mut build: Command, finder: Finder) -> Result<(), String> {
    if !has_clippy() {
        return Err("there is no clippy".to_owned());
    }
    println!("  $ {}", line(&build));
    build.arg("--message-format=json");
    build.stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = build.output().map_err(|error| error.to_string())?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    // The same for a library and its tests.
    let found: BTreeSet<String> = messages
        .filter_map(|message: Value| found(&message, finder))
        .collect();
    for text in &found {
        println!("{}", text.trim_end());
    }
    match found.len() {
        _ if !output.status.success() => Err("it does not build".to_owned()),
        0 => Ok(()),
        count => Err(format!("{count} found")),
    }
}

/// The text of what that message of cargo's says was found.
fn found(message: &Value, finder: Finder) -> Option<String> {
    let message = message.get("message")?;
    let code = message
        .pointer("/code/code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let by = match code.starts_with("rustdoc::") {
        true => Finder::Rustdoc,
        false => Finder::Clippy,
    };
    // Without a place in the sources it is the number of what was found.
    let is_one = message["spans"]
        .as_array()
        .is_some_and(|spans| !spans.is_empty());
    (by == finder && is_one).then(|| message["rendered"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn rustdoc_gets_what_it_takes() {
        let library = words(
            "--crate-name view --edition=2024 crates/view/src/lib.rs --error-format=json \
             --json=diagnostic-rendered-ansi,artifacts --crate-type lib --emit=dep-info,metadata,link -C debuginfo=0 \
             --warn=missing_docs --cfg feature=\"all\" --out-dir /target -L dependency=/target --extern a=/a.rmeta",
        );
        assert!(is_documented(&library));
        assert_eq!(
            for_rustdoc(&library).join(" "),
            "--json=diagnostic-rendered-ansi --crate-name view --edition=2024 crates/view/src/lib.rs \
             --error-format=json --crate-type lib --cfg feature=\"all\" -L dependency=/target --extern a=/a.rmeta"
        );
        let program = words("--crate-name xtask src/main.rs --crate-type bin");
        assert!(is_documented(&program));
        assert!(for_rustdoc(&program).contains(&"--document-private-items"));
        for other in [
            "--crate-name xtask src/main.rs --crate-type bin --test",
            "--crate-name charge_point examples/charge_point.rs --crate-type bin",
            "--crate-name pictures crates/small-display/examples/pictures.rs --crate-type bin",
            "--crate-name build_script_build build.rs --crate-type bin",
        ] {
            assert!(!is_documented(&words(other)), "{other}");
        }
    }

    #[test]
    fn what_was_found_is_told_by_who_found_it() {
        let message = |code: &str, spans: Value| {
            json!({
                "reason": "compiler-message",
                "message": { "code": { "code": code }, "spans": spans, "rendered": "warning: no\n" },
            })
        };
        let lint = message("clippy::needless_return", json!([{}]));
        assert!(found(&lint, Finder::Clippy).is_some() && found(&lint, Finder::Rustdoc).is_none());
        let link = message("rustdoc::broken_intra_doc_links", json!([{}]));
        assert!(found(&link, Finder::Clippy).is_none() && found(&link, Finder::Rustdoc).is_some());
        let number = message("", json!([]));
        assert!(found(&number, Finder::Clippy).is_none());
        assert!(found(&json!({ "reason": "build-finished" }), Finder::Clippy).is_none());
    }
}
