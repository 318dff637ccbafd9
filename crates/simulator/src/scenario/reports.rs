//! What is told of scenarios that have ended: as text, JUnit XML and JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{
    load::Scenario,
    outcome::{Ended, Failure, Frame, Verdict},
    search::seconds,
    step::Side,
};
use crate::{
    address::redacted,
    report::{harmless, harmless_json},
    secrets::without_location,
};

/// Of a frame no more is shown in a text.
const LONGEST_FRAME: usize = 240;

/// A scenario, and how it ended.
#[derive(Debug)]
pub struct Told<'s> {
    pub scenario: &'s Scenario,
    pub identity: String,
    pub ended: Ended,
}

/// How many ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

pub fn counts(all: &[Told<'_>]) -> Counts {
    let mut counts = Counts::default();
    for told in all {
        match told.ended.verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::Failed(_) => counts.failed += 1,
            Verdict::Skipped(_) => counts.skipped += 1,
        }
    }
    counts
}

/// The lines of one that has ended.
pub fn text(told: &Told<'_>) -> String {
    let id = &told.scenario.id;
    let took = millis(told);
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = match &told.ended.verdict {
        Verdict::Passed => write!(text, "ok    {id} ({})", seconds(took)),
        Verdict::Skipped(why) => write!(text, "skip  {id}: {why}"),
        Verdict::Failed(failure) => {
            let place = &failure.place;
            write!(
                text,
                "FAIL  {id} ({}), {}\n  {place}: {}\n    expected: {}\n    found:    {}",
                seconds(took),
                told.identity,
                failure.step,
                failure.expected,
                failure.found
            )
        }
    };
    if matches!(told.ended.verdict, Verdict::Failed(_)) {
        for frame in &told.ended.frames {
            let _ = write!(text, "\n    {}", frame_line(frame));
        }
    }
    harmless_lines(&text)
}

/// Each line as a terminal may have it.
fn harmless_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(harmless).collect();
    lines.join("\n")
}

fn frame_line(frame: &Frame) -> String {
    let arrow = match frame.by {
        Side::Station => "->",
        Side::CentralSystem => "<-",
    };
    let shown = without_location(&frame.text);
    let text = match shown.char_indices().nth(LONGEST_FRAME) {
        Some((end, _)) => format!("{}...", shown.get(..end).unwrap_or_default()),
        None => shown.into_owned(),
    };
    format!("{:>9} {arrow} {text}", seconds(frame.at_ms))
}

pub fn summary(counts: Counts) -> String {
    let Counts {
        passed,
        failed,
        skipped,
    } = counts;
    format!("{passed} passed, {failed} failed, {skipped} skipped")
}

fn millis(told: &Told<'_>) -> u64 {
    u64::try_from(told.ended.took.as_millis()).unwrap_or(u64::MAX)
}

fn failure_json(failure: &Failure) -> Value {
    json!({
        "file": failure.place.file.display().to_string(),
        "line": failure.place.line,
        "step": failure.step,
        "expected": failure.expected,
        "found": failure.found,
    })
}

/// All of them as JSON.
pub fn json(csms: &str, all: &[Told<'_>]) -> String {
    let counts = counts(all);
    let scenarios = all.iter().map(|told| {
        let scenario = told.scenario;
        let (outcome, failure, reason) = match &told.ended.verdict {
            Verdict::Passed => ("passed", Value::Null, None),
            Verdict::Failed(failure) => ("failed", failure_json(failure), None),
            Verdict::Skipped(why) => ("skipped", Value::Null, Some(why)),
        };
        let frames = told.ended.frames.iter().map(|frame| {
            let direction = match frame.by {
                Side::Station => "out",
                Side::CentralSystem => "in",
            };
            json!({"t": frame.at_ms, "dir": direction, "text": without_location(&frame.text)})
        });
        json!({
            "name": scenario.id,
            "title": scenario.title,
            "tags": scenario.tags,
            "identity": told.identity,
            "outcome": outcome,
            "seconds": told.ended.took.as_secs_f64(),
            "failure": failure,
            "reason": reason,
            "deviations": told.ended.deviations,
            "frames": frames.collect::<Vec<_>>(),
        })
    });
    let report = json!({
        "csms": redacted(csms),
        "passed": counts.passed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "scenarios": scenarios.collect::<Vec<_>>(),
    });
    harmless_json(&format!("{report:#}")) + "\n"
}

/// All of them as JUnit XML, as Jenkins and GitLab read it.
pub fn junit(all: &[Told<'_>]) -> String {
    let counts = counts(all);
    let total: f64 = all.iter().map(|told| told.ended.took.as_secs_f64()).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let numbers = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{total:.3}\"",
        all.len(),
        counts.failed,
        counts.skipped
    );
    // Writing to a String does not fail.
    let _ = writeln!(
        xml,
        "<testsuites {numbers}>\n  <testsuite name=\"scenarios\" {numbers}>"
    );
    for told in all {
        let id = told.scenario.id.as_str();
        let (group, name) = id.rsplit_once('/').unwrap_or(("scenarios", id));
        let _ = write!(
            xml,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
            escaped(&group.replace('/', ".")),
            escaped(name),
            told.ended.took.as_secs_f64()
        );
        let _ = match &told.ended.verdict {
            Verdict::Passed => writeln!(xml, "/>"),
            Verdict::Skipped(why) => {
                writeln!(
                    xml,
                    ">\n      <skipped message=\"{}\"/>\n    </testcase>",
                    escaped(&harmless(why))
                )
            }
            Verdict::Failed(failure) => writeln!(
                xml,
                ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                escaped(&harmless(&format!("{}: {}", failure.step, failure.found))),
                escaped(&text(told))
            ),
        };
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// XML 1.0, 2.2: characters that may not be in it at all are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                escaped.push(character);
            }
            _ => {}
        }
    }
    escaped
}
