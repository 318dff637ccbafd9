//! Orders to the central system: by itself, by hooks, by a person.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use serde_json::json;

use super::bench::{LATE, good, run, run_called};

const TRIGGERED: &str = "\
- sends: BootNotification
- trigger: ChangeConfiguration
  with: {key: HeartbeatInterval, value: \"60\"}
  answer: {status: Accepted}
";

#[test]
fn the_central_system_of_the_program_acts_by_itself() {
    let run = run("builtin", TRIGGERED, &[]);
    assert!(run.passed(), "{}", run.report);
}

#[test]
fn a_hook_that_does_not_have_it_act_fails() {
    let central = good();
    let run = run(&central.url(), TRIGGERED, &["--hook", "true"]);
    assert_eq!(run.found(), "none came");
    let run = super::bench::run(
        &central.url(),
        TRIGGERED,
        &["--hook", "sh -c 'echo no such thing >&2; exit 1'"],
    );
    assert!(run.found().ends_with("no such thing"), "{}", run.found());
    let run = super::bench::run(
        &central.url(),
        TRIGGERED,
        &["--hook", "no-such-program-at-all"],
    );
    assert!(run.found().contains("does not run"), "{}", run.found());
    // One that says that the central system has no such thing.
    let run = super::bench::run(
        &central.url(),
        TRIGGERED,
        &["--hook", "sh -c 'echo none >&2; exit 3'"],
    );
    assert_eq!(run.code, Some(0), "{}", run.report);
    assert_eq!(run.report["skipped"], 1);
    let reason = run.report["scenarios"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("none") && reason.contains("ChangeConfiguration"),
        "{reason}"
    );
}

/// Answers one order over HTTP with that status; gives the URL, and what serves it.
fn hook_over_http(status: &'static str) -> (String, impl FnOnce() + Send) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/orders", listener.local_addr().unwrap());
    let serve = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut text, mut byte) = (String::new(), [0]);
        while !text.ends_with("\"}") && stream.read(&mut byte).unwrap() > 0 {
            text.push(byte[0].into());
        }
        assert!(text.starts_with("POST /orders "), "{text}");
        assert!(text.contains("ChangeConfiguration"), "{text}");
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
        stream.write_all(format!("{head}none").as_bytes()).unwrap();
    };
    (url, serve)
}

#[test]
fn a_hook_over_http_gets_the_order() {
    for (status, outcome) in [
        ("200 OK", "failed"),
        ("500 No", "failed"),
        ("501 No", "skipped"),
    ] {
        let central = good();
        let (url, serve) = hook_over_http(status);
        let serving = thread::spawn(serve);
        let run = run(&central.url(), TRIGGERED, &["--hook", &url]);
        serving.join().unwrap();
        assert_eq!(
            run.report["scenarios"][0]["outcome"], outcome,
            "{}",
            run.report
        );
        let text = run.report.to_string();
        assert_eq!(
            text.contains("HTTP 500: none"),
            status.starts_with("500"),
            "{text}"
        );
    }
}

#[test]
fn a_person_is_told_what_to_do_and_has_time_for_it() {
    let payload = json!({"key": "HeartbeatInterval", "value": "60"});
    let run = run_called("ChangeConfiguration", payload, LATE, TRIGGERED);
    assert!(run.passed(), "{}", run.report);
    let told = "SCENARIO-1: the central system: send ChangeConfiguration {";
    assert!(run.errors.starts_with(told), "{}", run.errors);
}
