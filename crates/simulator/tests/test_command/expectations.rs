//! Each kind of expectation, at a central system that behaves and at those that do not.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use central_system::{Answer, BootStatus};
use serde_json::json;

use super::bench::{BOOTED, Folder, LATE, deviant, good, output, run, run_called};

const AUTHORIZED: &str = "\
- sends: BootNotification
- tag 1 TAG-1
- sends: Authorize
  with: {idTag: TAG-1}
  answer: {idTagInfo: {status: Accepted}}
";

#[test]
fn a_central_system_that_behaves_passes() {
    let central = good();
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert!(run.passed(), "{} {}", run.report, run.errors);
}

#[test]
fn a_wrong_answer_fails() {
    let blocked = json!({"idTagInfo": {"status": "Blocked"}});
    let central = deviant("Authorize", move || Answer::Result(blocked.clone()));
    let run = run(&central.url(), AUTHORIZED, &[]);
    let found = run.found();
    assert_eq!(
        found,
        "in the answer idTagInfo.status is \"Blocked\", not \"Accepted\""
    );
    assert_eq!(run.line(), 6);
    let frames = run.report["scenarios"][0]["frames"].as_array().unwrap();
    let mut texts = frames.iter().filter_map(|frame| frame["text"].as_str());
    assert!(texts.any(|text| text.contains("Blocked")));
}

#[test]
fn an_answer_without_what_is_wanted_fails() {
    let central = deviant("Authorize", || Answer::Result(json!({})));
    let run = run(&central.url(), AUTHORIZED, &["--lenient"]);
    assert!(
        run.found().contains("idTagInfo is absent"),
        "{}",
        run.found()
    );
}

#[test]
fn a_late_answer_fails() {
    let late = || Answer::Standard.after(LATE);
    let central = deviant("Authorize", late);
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert!(run.found().contains("no answer to it"), "{}", run.found());
    // It is late as well where another expectation has waited for longer.
    let steps = "\
- sends: BootNotification
- tag 1 TAG-1
- wait: 7
- sends: Authorize
";
    let run = super::bench::run(&central.url(), steps, &[]);
    assert!(
        run.found().contains("the answer came after"),
        "{}",
        run.found()
    );
}

#[test]
fn no_answer_fails() {
    let central = deviant("Authorize", || Answer::Silence);
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert_eq!(run.found(), "it came, and no answer to it");
}

#[test]
fn a_broken_connection_fails() {
    let central = deviant("Authorize", || Answer::Hangup);
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert!(run.found().contains("no answer"), "{}", run.found());
}

#[test]
fn an_error_in_place_of_an_answer_fails_and_the_other_way_round() {
    let central = deviant("Authorize", || Answer::error("InternalError", "no"));
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert!(
        run.found().contains("the error InternalError"),
        "{}",
        run.found()
    );

    let wants_error = AUTHORIZED.replace(
        "answer: {idTagInfo: {status: Accepted}}",
        "error: InternalError",
    );
    let run = super::bench::run(&central.url(), &wants_error, &[]);
    assert!(run.passed(), "{}", run.report);
    let other = wants_error.replace("InternalError", "NotSupported");
    let run = super::bench::run(&central.url(), &other, &[]);
    assert!(
        run.found()
            .contains("the error's code is \"InternalError\""),
        "{}",
        run.found()
    );
    let run = super::bench::run(&good().url(), &wants_error, &[]);
    assert!(run.found().contains("no error"), "{}", run.found());
}

#[test]
fn a_call_that_does_not_come_fails() {
    let steps = "- sends: BootNotification\n- receives: Reset\n";
    let run = run(&good().url(), steps, &[]);
    assert_eq!(run.found(), "none came");
    assert_eq!(run.line(), 5);
}

#[test]
fn a_command_that_the_charge_point_refuses_fails() {
    let steps = format!("{BOOTED}- unplug 1\n");
    let run = run(&good().url(), &steps, &[]);
    assert_eq!(run.found(), "no vehicle is there");
}

#[test]
fn a_call_passes_in_time_and_fails_when_it_is_late_or_another() {
    let steps = format!(
        "{BOOTED}- receives: ChangeAvailability\n  with: {{connectorId: 1}}\n  answer: {{status: Accepted}}\n"
    );
    let payload = |connector: u8| json!({"connectorId": connector, "type": "Inoperative"});
    let action = "ChangeAvailability";
    let soon = Duration::from_millis(50);
    let run = run_called(action, payload(1), soon, &steps);
    assert!(run.passed(), "{}", run.report);
    let run = run_called(action, payload(2), soon, &steps);
    assert_eq!(run.found(), "one came, but connectorId is 2, not 1");
    let run = run_called(action, payload(1), LATE, &steps);
    assert_eq!(run.found(), "none came");
    // What the charge point answers counts as well.
    let rejected = steps.replace("Accepted", "Rejected");
    let run = run_called(action, payload(1), soon, &rejected);
    assert!(run.found().contains("not \"Rejected\""), "{}", run.found());
}

#[test]
fn what_must_not_come_fails_when_it_comes() {
    let steps = format!("{BOOTED}- never:\n  - receives: ClearCache\n  - event: reset\n  for: 2\n");
    let steps = steps.replace("  - ", "    - ");
    let run = run(&good().url(), &steps, &[]);
    assert!(run.passed(), "{} {}", run.report, run.errors);
    let soon = Duration::from_millis(200);
    let run = run_called("ClearCache", json!({}), soon, &steps);
    assert!(run.found().contains("it came at"), "{}", run.found());
    let run = run_called("Reset", json!({"type": "Soft"}), soon, &steps);
    assert!(run.found().contains("it came at"), "{}", run.found());
    for (pattern, passes) in [
        ("<any>", false),
        ("<like Clear*>", false),
        ("<like Get*>", true),
    ] {
        let steps = steps.replace("receives: ClearCache", &format!("receives: {pattern}"));
        let run = run_called("ClearCache", json!({}), soon, &steps);
        assert_eq!(run.passed(), passes, "{pattern}: {}", run.report);
    }
}

#[test]
fn all_of_several_have_to_come() {
    let steps = "\
- all:
    - sends: StatusNotification
      with: {connectorId: 2}
    - sends: BootNotification
    - sends: StatusNotification
      with: {connectorId: 0}
";
    let run = run(&good().url(), steps, &[]);
    assert!(run.passed(), "{}", run.report);
    let third = steps.replace("connectorId: 0", "connectorId: 3");
    let run = super::bench::run(&good().url(), &third, &[]);
    assert!(run.found().contains("connectorId is"), "{}", run.found());
    assert_eq!(run.line(), 8);
}

#[test]
fn an_event_has_to_be_like_its_pattern() {
    let steps = "- event: registered\n  with: {status: Accepted}\n";
    assert!(run(&good().url(), steps, &[]).passed());
    let boot = json!({"status": "Rejected", "interval": 1, "currentTime": "2024-01-01T00:00:00Z"});
    let central = deviant("BootNotification", move || Answer::Result(boot.clone()));
    let run = run(&central.url(), steps, &[]);
    assert!(
        run.found().contains("status is \"Rejected\""),
        "{}",
        run.found()
    );
}

#[test]
fn variables_have_to_come_back_as_they_were_bound() {
    let steps = "\
- sends: BootNotification
  answer: {interval: <int as interval>}
- sends: BootNotification
  answer: {interval: \"${interval}\"}
  within: 4
";
    let count = AtomicUsize::new(0);
    let boot = move |step: usize| {
        let interval = 1 + step * count.fetch_add(1, Ordering::Relaxed);
        let time = "2024-01-01T00:00:00Z";
        Answer::Result(json!({"status": "Rejected", "interval": interval, "currentTime": time}))
    };
    let boot = Arc::new(boot);
    for (step, passes) in [(0, true), (1, false)] {
        let boot = Arc::clone(&boot);
        let central = deviant("BootNotification", move || boot(step));
        let run = run(&central.url(), steps, &[]);
        assert_eq!(run.passed(), passes, "{}", run.report);
    }
}

#[test]
fn a_frame_that_is_not_to_the_letter_fails_unless_that_is_allowed() {
    let central = deviant("Heartbeat", || Answer::Result(json!({"currentTime": 5})));
    let central_steps = "\
- sends: BootNotification
- operator: A Heartbeat is asked for
- wait: 3
";
    central.adjust(|behaviour| behaviour.boot(BootStatus::Accepted, 1));
    let hook = ["--hook", "true"];
    let run = run(&central.url(), central_steps, &hook);
    assert!(
        run.found().contains("Heartbeat answer: currentTime"),
        "{}",
        run.found()
    );
    let run = super::bench::run(
        &central.url(),
        central_steps,
        &["--hook", "true", "--lenient"],
    );
    assert!(run.passed(), "{}", run.report);
    assert!(
        !run.report["scenarios"][0]["deviations"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_central_system_that_is_not_there_fails() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let run = run(&format!("ws://{free}/"), BOOTED, &[]);
    assert_eq!(run.found(), "none came");
}

#[test]
fn the_time_of_a_scenario_is_up() {
    let steps = format!("{BOOTED}- wait: 30\n");
    let run = run(&good().url(), &steps, &["--timeout", "1"]);
    assert!(run.found().contains("its time is up"), "{}", run.found());
}

/// What a central system sends reaches no terminal as it is, in no form of a report.
#[test]
fn nothing_foreign_is_raw_in_a_report_and_no_secret_of_the_url_is_in_it() {
    let bad = "\u{9b}31m\u{7f}\u{202e}bad\u{1b}[2K";
    let answer = move || Answer::Error {
        code: "GenericError".to_owned(),
        description: bad.to_owned(),
    };
    let central = deviant("BootNotification", answer);
    let folder = Folder::new();
    let scenario = folder.steps("  - sends: BootNotification\n    answer: {status: Accepted}\n");
    let url = format!("{}?token=secret", central.url());
    for form in ["--json", "--junit"] {
        let arguments = ["--lenient", "--hook", "true", "--csms", &url, form, "-"];
        let output = output(&arguments, &[&scenario]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("GenericError"), "{text}");
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(raw), "{text:?}");
        assert!(!text.contains("secret"), "{text}");
        if form == "--json" {
            let report: serde_json::Value = serde_json::from_str(&text).unwrap();
            let frames = report["scenarios"][0]["frames"].as_array().unwrap();
            let mut texts = frames.iter().map(|frame| frame["text"].as_str().unwrap());
            assert!(texts.any(|text| text.contains("\u{202e}bad")), "{report}");
            assert!(report["csms"].as_str().unwrap().ends_with("?token=***"));
        }
    }
}
