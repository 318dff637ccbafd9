//! `charge-point test`: what it says of central systems that behave, and of those that do not. A suite whose
//! scenarios cannot fail is worthless: each kind of expectation is shown to fail here.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::{self, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use central_system::{Answer, Behaviour, CentralSystem, IdTag};
use charge_point::{SOON, binary};
use serde_json::{Value, json};

const TAG: &str = "TAG-1";

/// A folder for the files of a test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("scenarios-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A scenario with these steps, and nothing but a title.
    fn steps(&self, steps: &str) -> PathBuf {
        self.file(
            "case.yaml",
            &format!("title: A case\nwithin: 1\nsteps:\n{steps}"),
        )
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the program says of these steps at a central system.
struct Run {
    code: Option<i32>,
    report: Value,
    errors: String,
}

impl Run {
    fn passed(&self) -> bool {
        self.code == Some(0) && self.report["passed"] == 1
    }

    /// What was found in place of what was expected.
    fn found(&self) -> &str {
        assert_eq!(self.code, Some(1), "{} {}", self.report, self.errors);
        assert_eq!(self.report["failed"], 1, "{}", self.report);
        let found = &self.report["scenarios"][0]["failure"]["found"];
        found.as_str().unwrap()
    }

    fn line(&self) -> u64 {
        let failure = &self.report["scenarios"][0]["failure"];
        failure["line"].as_u64().unwrap()
    }
}

fn run(url: &str, steps: &str, options: &[&str]) -> Run {
    let folder = Folder::new();
    let file = folder.steps(steps);
    let output = binary()
        .args(["test", "--csms", url, "--json", "-"])
        .args(options)
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Run {
        code: output.status.code(),
        report: serde_json::from_str(&text).unwrap_or(Value::Null),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A central system that answers this action with what the hook says.
fn deviant(
    action: &'static str,
    answer: impl Fn() -> Answer + Send + Sync + 'static,
) -> CentralSystem {
    let behaviour = Behaviour::new().tag(TAG, IdTag::accepted());
    let behaviour = behaviour.on_call(move |_, called, _| (called == action).then(&answer));
    CentralSystem::start(behaviour).unwrap()
}

fn good() -> CentralSystem {
    CentralSystem::start(Behaviour::new().tag(TAG, IdTag::accepted())).unwrap()
}

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
    let late = || Answer::Standard.after(Duration::from_millis(1300));
    let central = deviant("Authorize", late);
    let run = run(&central.url(), AUTHORIZED, &[]);
    assert!(run.found().contains("no answer to it"), "{}", run.found());
    // It is late as well where another expectation has waited for longer.
    let steps = "\
- sends: BootNotification
- tag 1 TAG-1
- wait: 2
- sends: Authorize
";
    let run = self::run(&central.url(), steps, &[]);
    assert!(
        run.found().contains("the answer came after 1."),
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
    let run = self::run(&central.url(), &wants_error, &[]);
    assert!(run.passed(), "{}", run.report);
    let other = wants_error.replace("InternalError", "NotSupported");
    let run = self::run(&central.url(), &other, &[]);
    assert!(
        run.found()
            .contains("the error's code is \"InternalError\""),
        "{}",
        run.found()
    );
    let run = self::run(&good().url(), &wants_error, &[]);
    assert!(run.found().contains("no error"), "{}", run.found());
}

#[test]
fn a_call_that_does_not_come_fails() {
    let steps = "- sends: BootNotification\n- receives: Reset\n";
    let run = run(&good().url(), steps, &[]);
    assert_eq!(run.found(), "none came");
    assert_eq!(run.line(), 5);
}

/// What is said of these steps by a central system that sends a CALL so long after the boot.
fn run_called(action: &str, payload: Value, after: Duration, steps: &str) -> Run {
    let central = good();
    thread::scope(|scope| {
        let calling = scope.spawn(|| {
            let identity = "SCENARIO-1";
            assert!(central.wait_for(SOON, |books| {
                let station = books.station(identity);
                station.is_some_and(|station| station.registration.is_some())
            }));
            thread::sleep(after);
            // One that comes too late finds no charge point any more.
            let _ = central.call(identity, action, payload, SOON);
        });
        let run = run(&central.url(), steps, &[]);
        calling.join().unwrap();
        run
    })
}

const BOOTED: &str = "- sends: BootNotification\n";

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
    let late = Duration::from_millis(1500);
    let run = run_called(action, payload(1), late, &steps);
    assert_eq!(run.found(), "none came");
    // What the charge point answers counts as well.
    let rejected = steps.replace("Accepted", "Rejected");
    let run = run_called(action, payload(1), soon, &rejected);
    assert!(run.found().contains("not \"Rejected\""), "{}", run.found());
}

#[test]
fn what_must_not_come_fails_when_it_comes() {
    let steps =
        format!("{BOOTED}- never:\n  - receives: ClearCache\n  - event: reset\n  for: 0.6\n");
    let steps = steps.replace("  - ", "    - ");
    let run = run(&good().url(), &steps, &[]);
    assert!(run.passed(), "{} {}", run.report, run.errors);
    let soon = Duration::from_millis(200);
    let run = run_called("ClearCache", json!({}), soon, &steps);
    assert!(run.found().contains("it came at"), "{}", run.found());
    let run = run_called("Reset", json!({"type": "Soft"}), soon, &steps);
    assert!(run.found().contains("it came at"), "{}", run.found());
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
    let run = self::run(&good().url(), &third, &[]);
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
    let boot = std::sync::Arc::new(boot);
    for (step, passes) in [(0, true), (1, false)] {
        let boot = std::sync::Arc::clone(&boot);
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
- wait: 1.5
";
    central.adjust(|behaviour| behaviour.boot(central_system::BootStatus::Accepted, 1));
    let hook = ["--hook", "true"];
    let run = run(&central.url(), central_steps, &hook);
    assert!(
        run.found().contains("Heartbeat answer: currentTime"),
        "{}",
        run.found()
    );
    let run = self::run(
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
    let run = self::run(
        &central.url(),
        TRIGGERED,
        &["--hook", "sh -c 'echo no such thing >&2; exit 1'"],
    );
    assert!(run.found().ends_with("no such thing"), "{}", run.found());
    let run = self::run(
        &central.url(),
        TRIGGERED,
        &["--hook", "no-such-program-at-all"],
    );
    assert!(run.found().contains("does not run"), "{}", run.found());
    // One that says that the central system has no such thing.
    let run = self::run(
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

fn output(arguments: &[&str], paths: &[&PathBuf]) -> Output {
    binary()
        .arg("test")
        .args(arguments)
        .args(paths)
        .output()
        .unwrap()
}

#[test]
fn a_bad_file_or_command_line_ends_with_2_and_one_line() {
    let folder = Folder::new();
    let bad = folder.file("bad.yaml", "title: x\nsteps:\n- tells: Boot\n");
    let good = folder.file("good.yaml", "title: x\ntags: [a]\nsteps: []\n");
    let builtin = ["--csms", "builtin"];
    let tagged = ["--csms", "builtin", "--tag", "b"];
    let hooked = ["--csms", "builtin", "--hook", "a 'b"];
    for (arguments, path, told) in [
        (&builtin[..], &bad, "bad.yaml:3: a step has one of"),
        (&builtin, &folder.0.join("none.yaml"), "none.yaml: "),
        (&tagged, &good, "no scenario has these tags"),
        (&hooked, &good, "a quote is not closed"),
    ] {
        let output = output(arguments, &[path]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(output(&[], &[&good]).status.code(), Some(2));
    assert_eq!(output(&["--csms", "builtin"], &[]).status.code(), Some(2));
}

#[test]
fn reports_and_tags_choose_and_tell() {
    let folder = Folder::new();
    folder.file(
        "one.yaml",
        "title: First & best\ntags: [a]\nsteps:\n- sends: BootNotification\n",
    );
    folder.file(
        "two.yaml",
        "title: Second\ntags: [b]\nwithin: 0.2\nsteps:\n- receives: Reset\n",
    );
    folder.file(
        "three.yaml",
        "title: Third\ntags: [a, c]\nstation: {ocpp: 2.0.1}\nsteps: []\n",
    );
    folder.file("_part.yaml", "steps: []\n");
    let junit = folder.0.join("junit.xml");
    let listed = output(
        &["--list", "--tag", "a", "--without-tag", "c"],
        &[&folder.0],
    );
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed, "one [a] First & best\n");

    let arguments = [
        "--csms",
        "builtin",
        "--jobs",
        "3",
        "--junit",
        junit.to_str().unwrap(),
    ];
    let output = output(&arguments, &[&folder.0]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "ok    one (",
        "FAIL  two (",
        "skip  three: ",
        "1 passed, 1 failed, 1 skipped",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.contains("two.yaml:5: receives Reset"), "{text}");
    assert!(text.contains("-> [2,") && text.contains("<- [3,"), "{text}");
    let xml = fs::read_to_string(junit).unwrap();
    assert!(
        xml.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains("<failure message=\"receives Reset: none came\">"),
        "{xml}"
    );
    assert!(!xml.contains("-> ["), "{xml}");
}

#[test]
fn a_variable_of_the_command_line_comes_before_the_scenario_s() {
    let folder = Folder::new();
    let file = folder.file(
        "case.yaml",
        "title: x\nvariables: {tag: NONE}\nsteps:\n- sends: BootNotification\n- tag 1 ${tag}\n\
         - sends: Authorize\n  with: {idTag: T-9}\n  answer: {idTagInfo: {status: Invalid}}\n",
    );
    let output = output(&["--csms", "builtin", "--var", "tag=T-9"], &[&file]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn files_include_others_but_not_themselves() {
    let folder = Folder::new();
    let main = folder.file(
        "main.yaml",
        "title: x\nsteps:\n- include: _part.yaml\n  with: {status: Accepted}\n",
    );
    let part = "steps:\n- sends: BootNotification\n  answer: {status: \"${status}\"}\n";
    folder.file("_part.yaml", part);
    assert_eq!(
        output(&["--csms", "builtin"], &[&main]).status.code(),
        Some(0)
    );
    // Its mistakes are told where they are.
    folder.file("_part.yaml", &part.replace("status}", "state}"));
    let said = output(&["--csms", "builtin"], &[&main]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("_part.yaml:3: there is no variable state"),
        "{said}"
    );
    folder.file("_part.yaml", "steps:\n- include: _part.yaml\n");
    let said = output(&["--csms", "builtin"], &[&main]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("_part.yaml:2: _part.yaml includes itself"),
        "{said}"
    );
}

#[test]
fn the_first_scenario_of_the_documentation_passes() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let folder = Folder::new();
    let first = folder.file("first.yaml", example);
    let output = output(&["--csms", "builtin"], &[&first]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("ok    first ("), "{text}");
    assert_eq!(output.status.code(), Some(0));
}
