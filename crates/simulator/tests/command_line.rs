//! The binary's options, and what it does without any.

use std::process::{Output, Stdio};

use central_system::{Behaviour, CentralSystem};

use crate::{
    charge_point::binary,
    server::pki::{Authority, Validity, file},
};

fn run(arguments: &[&str]) -> Output {
    binary()
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
        (&["--csms", "localhost", "--id", "A"][..], "ws://"),
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

#[test]
fn files_that_cannot_be_used_end_it_with_a_clear_line() {
    let folder = std::env::temp_dir().join(format!("charge-point-files-{}", std::process::id()));
    let own = Authority::new("Root").signs(&["CP1"], Validity::Now);
    let other = Authority::new("Root").signs(&["CP1"], Validity::Now);
    let path = |name: &str, content: &str| {
        let path = file(&folder, name, content);
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) = (path("cert", &own.pem), path("key", &own.key_pem));
    let (other, empty) = (path("other", &other.key_pem), path("empty", ""));
    let damaged = path(
        "damaged",
        &own.pem.replace("MII", "AII").replace("MIIB", "AAAA"),
    );
    let list = Authority::new("Root").revokes(&[&own.pem], 2026);
    let damaged_list = path("damaged-list", &list.replacen("MI", "AI", 1));
    let list = path("list", &list);
    let missing = folder.join("missing").to_str().unwrap().to_owned();
    for (options, reason) in [
        (vec!["--ca", &missing], "missing: "),
        (vec!["--ca", &empty], "empty: there is no certificate in it"),
        (vec!["--ca", &damaged], "damaged: "),
        (vec!["--ca", &key], "key: there is no certificate in it"),
        (vec!["--crl", &missing], "missing: "),
        (
            vec!["--crl", &empty],
            "empty: there is no revocation list in it",
        ),
        (
            vec!["--crl", &certificate],
            "cert: there is no revocation list in it",
        ),
        (
            vec!["--crl", &list, "--crl", &damaged_list],
            "damaged-list: a revocation list cannot be used",
        ),
        (vec!["--cert", &missing, "--key", &key], "missing: "),
        (vec!["--cert", &certificate, "--key", &missing], "missing: "),
        (
            vec!["--cert", &certificate, "--key", &certificate],
            "cert: there is no key in it",
        ),
        (vec!["--cert", &damaged, "--key", &key], "damaged: "),
        (
            vec!["--cert", &certificate, "--key", &other],
            "other: it is not the key of",
        ),
        (vec!["--password-file", &missing], "missing: "),
        (
            vec!["--password-file", &empty],
            "empty: there is no password in it",
        ),
    ] {
        let central = ["--csms", "wss://localhost:1", "--id", "CP1"];
        let output = run(&[&central[..], &options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(output.stdout.is_empty());
        let told = text(output.stderr);
        assert!(told.contains(reason) && told.lines().count() == 1, "{told}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_password_is_taken_from_the_option_before_the_environment() {
    let central = CentralSystem::start(Behaviour::new().password("CP1", "right")).unwrap();
    let folder = std::env::temp_dir().join(format!("charge-point-word-{}", std::process::id()));
    let right = file(&folder, "right", "right\n");
    let right = ["--password-file", right.to_str().unwrap()];
    for (options, variable, warns) in [
        (&[][..], Some("right"), false),
        (&right[..], Some("wrong"), false),
        (&["--password", "right"][..], Some("wrong"), true),
        (&right[..], None, false),
    ] {
        let mut command = binary();
        command.args(["--csms", &central.url(), "--id", "CP1", "--json"]);
        command
            .args(options)
            .env_remove("OCPP_PASSWORD")
            .stdin(Stdio::null());
        command.envs(variable.map(|value| ("OCPP_PASSWORD", value)));
        let output = command.output().unwrap();
        let told = text(output.stdout);
        assert!(
            told.contains("\"connected\""),
            "{options:?} {variable:?}: {told}"
        );
        let warning = text(output.stderr);
        assert_eq!(
            warning.contains("--password can be seen"),
            warns,
            "{warning}"
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
