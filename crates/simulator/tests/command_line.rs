//! The binary's options, and what it does without any.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use std::process::{Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    charge_point::binary()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn without_arguments_it_is_the_demonstration() {
    let output = run(&[]);
    let told = text(output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("checks of the two sides' books passed"));
    assert!(
        !told.contains("FAILED") && !told.contains("· error") && !told.contains("  ! "),
        "{told}"
    );
    assert!(
        !told.contains('\u{1b}'),
        "colours where there is no terminal"
    );
    for action in [
        "BootNotification.conf",
        "RemoteStartTransaction.req",
        "GetConfiguration.conf",
        "MeterValues.req",
        "StopTransaction.conf",
    ] {
        assert!(told.contains(action), "{action}");
    }
}

#[test]
fn help_and_version() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let help = text(output.stdout);
    for told in [
        "--csms <URL>",
        "--latency <MS>",
        "connect  ",
        r#"{"command":"tag","connector":N"#,
    ] {
        assert!(help.contains(told), "{told}");
    }
    let output = run(&["--version"]);
    assert!(output.status.success());
    assert!(text(output.stdout).starts_with("charge-point "));
}

#[test]
fn bad_options_end_it_with_a_clear_line() {
    for (arguments, reason) in [
        (
            &["--csms", "wss://localhost", "--id", "A"][..],
            "wss:// is not supported yet",
        ),
        (&["--csms", "localhost", "--id", "A"], "ws://"),
        (&["--csms", "ws://localhost"], "--id"),
        (
            &["--csms", "ws://localhost", "--id", ""],
            "identity is empty",
        ),
        (
            &["--csms", "ws://localhost", "--id", "A", "--connectors", "0"],
            "--connectors",
        ),
        (&["--what"], "--what"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let told = text(output.stderr);
        assert!(told.contains(reason), "{told}");
    }
}
