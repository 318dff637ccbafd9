//! The tests of the Zephyr port, where its threads run on a host, under Miri and ThreadSanitizer.
//! Both take a nightly toolchain and minutes.

use std::{path::Path, process::Command};

use crate::{
    report::Outcome::{self, Passed, Skipped},
    shell::{output, root, run, target},
};

/// Undefined behaviour, aliasing among it, as far as the tests come.
pub fn miri() -> Result<Outcome, String> {
    if output("rustup", &["run", "nightly", "cargo", "miri", "--version"]).is_none() {
        return Ok(Skipped(
            "there is no Miri (rustup +nightly component add miri rust-src)".to_owned(),
        ));
    }
    let mut test = test("miri", &["miri", "test"]);
    // The tests ask for the time.
    test.env("MIRIFLAGS", "-Zmiri-disable-isolation");
    run(test).map(|()| Passed)
}

/// Data races, where several threads start and stop the charge point among them.
pub fn thread_sanitizer() -> Result<Outcome, String> {
    let nightly = |arguments: &[&str]| {
        output(
            "rustup",
            &[&["run", "nightly", "rustc"][..], arguments].concat(),
        )
    };
    let sysroot = nightly(&["--print", "sysroot"]).unwrap_or_default();
    let library = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    let host = nightly(&["--print", "host-tuple"]).unwrap_or_default();
    if !library.is_dir() || host.is_empty() {
        return Ok(Skipped(
            "there is no nightly with sources (rustup +nightly component add rust-src)".to_owned(),
        ));
    }
    let mut test = test(
        "tsan",
        &["test", "--lib", "-Zbuild-std", "--target", host.trim()],
    );
    test.env("RUSTFLAGS", "-Zsanitizer=thread");
    // With two ways to panic there would be two of `core`.
    test.env("CARGO_PROFILE_DEV_PANIC", "unwind");
    run(test).map(|()| Passed)
}

fn test(folder: &str, arguments: &[&str]) -> Command {
    let mut test = Command::new("rustup");
    test.args(["run", "nightly", "cargo"]).args(arguments);
    test.args(["--locked", "--features", "shell", "--manifest-path"]);
    test.arg(root().join("zephyr/port/Cargo.toml"));
    test.current_dir(root());
    // Those of the toolchain that runs this program.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        test.env_remove(variable);
    }
    test.env("CARGO_TARGET_DIR", target().join(folder));
    test
}
