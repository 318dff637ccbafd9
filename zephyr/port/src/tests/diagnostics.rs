//! The file that GetDiagnostics has uploaded.

use super::*;
use crate::diagnostics::Export;

fn exported(start: Option<i64>, stop: Option<i64>) -> String {
    let mut export = Export::begin(start, stop);
    let length = export.length() as usize;
    let mut text = Vec::new();
    let mut piece = [0; 100];
    loop {
        match export.read(&mut piece) {
            0 => break,
            read => text.extend_from_slice(&piece[..read]),
        }
    }
    assert_eq!(text.len(), length);
    String::from_utf8(text).unwrap()
}

/// The lines since the last start, without their times.
fn lines() -> Vec<String> {
    let text = exported(None, None);
    let lines = text.lines().map(|line| {
        let (time, line) = line.split_once(' ').unwrap();
        assert!(
            time.starts_with("2026-03-01T") || time.starts_with('+'),
            "{time}"
        );
        line.into()
    });
    let mut lines: Vec<String> = lines.collect();
    let start = lines.iter().rposition(|line| line == "inf upstream init");
    lines.drain(..start.unwrap());
    lines
}

#[test]
fn what_happened_is_told_with_its_time_and_without_secrets() {
    let _turn = Turn::online();
    host::wire(|wire| {
        let call = r#"[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"S3CRET"}]"#;
        wire.say(call);
        wire.say(r#"[2,"2","Heresy\u001b[2J",{"secret":"S3CRET"}]"#);
    });
    assert!(wait_until(
        || host::wire(|wire| wire.results.len() == 2),
        PATIENCE
    ));
    let _session = charge("DRIVER");
    let told = lines();
    for line in [
        "inf upstream init",
        "inf connected",
        "inf boot notification: Accepted",
        "inf connector 1 Charging",
        "inf transaction 1 at connector 1 accepted",
    ] {
        assert!(told.iter().any(|told| told == line), "{line}: {told:?}");
    }
    let text = exported(None, None);
    assert!(!text.contains("S3CRET"), "{text}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    let first = text.lines().next().unwrap();
    if first.contains("boot, ") {
        assert!(first.ends_with(" inf boot, reset pin, watchdog"), "{first}");
    }
    // The central system has told the time.
    let day = 1_772_323_200_000;
    assert!(exported(Some(day), None).contains("T08:00:0"));
    assert_eq!(exported(None, Some(day)), "");
}

#[test]
fn lines_are_kept_from_all_threads_while_a_file_is_read() {
    let _turn = Turn::online();
    host::dawdle(true);
    let rounds = if cfg!(miri) { 2 } else { 50 };
    thread::scope(|scope| {
        for connector in 1..=2 {
            scope.spawn(move || {
                for round in 0..rounds {
                    let _ = charge_point::set_plugged(connector, round % 2 == 0);
                }
            });
        }
        for _ in 0..rounds {
            exported(None, None);
        }
    });
    host::dawdle(false);
    assert!(exported(None, None).contains("connector 1 "));
}
