//! What is left of a fleet when it has ended: `report.html` with plots, and `report.json`.

use std::{fmt::Write, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    stats::{Histogram, Sums},
    summary::{QUANTILES, Sample, named, quantiles},
    trouble::Trouble,
};

/// Samples that are kept: of more, every other one is left out.
const MOST: usize = 2_000;
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 220.0;
/// Room for the numbers at the left and below.
const LEFT: f64 = 60.0;
const BELOW: f64 = 24.0;

/// What a line is called, and its value.
type Line<'l> = (&'l str, &'l dyn Fn(&Sample) -> f64);

/// The course of a fleet.
#[derive(Default)]
pub struct Course {
    samples: Vec<Sample>,
    /// One of so many samples is kept.
    every: usize,
    passed: usize,
}

impl Course {
    pub fn keep(&mut self, sample: &Sample) {
        self.every = self.every.max(1);
        self.passed += 1;
        if !self.passed.is_multiple_of(self.every) {
            return;
        }
        self.samples.push(sample.clone());
        if self.samples.len() > MOST {
            let mut place = 0;
            self.samples.retain(|_| {
                place += 1;
                place % 2 == 0
            });
            self.every *= 2;
        }
    }

    /// The error is one line for the user.
    pub fn write(&self, folder: &Path, what: &Value, times: &Histogram) -> Result<(), String> {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let stations = what
            .get("stations")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let courses: Vec<Value> = self
            .samples
            .iter()
            .map(|sample| sample.json(stations as usize))
            .collect();
        let json = json!({
            "fleet": what,
            "answerMs": answers(times),
            "sums": self.samples.last().map(|last| named(&last.sums)),
            "samples": courses,
        });
        for (name, text) in [
            ("report.json", format!("{json:#}\n")),
            ("report.html", self.html(what, times)),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }

    fn html(&self, what: &Value, times: &Histogram) -> String {
        let last = self.samples.last().cloned().unwrap_or_default();
        let mut html = HEAD.to_owned();
        let mut row = |name: &str, value: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(
                html,
                "<tr><th scope=row>{}<td>{}",
                escaped(name),
                escaped(value)
            );
        };
        for (name, value) in what.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => row(name, text),
                other => row(name, &other.to_string()),
            }
        }
        row("seconds", &format!("{:.0}", last.at));
        row("memory", &format!("{:.1} MB", last.memory as f64 / 1e6));
        row("processor time", &format!("{:.1} s", last.processor));
        for ((name, _), micros) in QUANTILES.iter().zip(quantiles(times)) {
            row(
                &format!("answer time, {name}"),
                &format!("{:.1} ms", micros as f64 / 1e3),
            );
        }
        html.push_str("</table>\n<h2>Plots</h2>\n");
        let plots: [(&str, &[Line<'_>]); 5] = [
            (
                "Stations and transactions",
                &[
                    ("connected", &|s| s.levels.connected as f64),
                    ("accepted", &|s| s.levels.accepted as f64),
                    ("charging", &|s| s.levels.charging as f64),
                ],
            ),
            ("CALLs a second", &[("calls", &|s| s.calls_per_second)]),
            (
                "Answer time, ms",
                &[
                    ("p50", &|s| s.answered_in[0] as f64 / 1e3),
                    ("p90", &|s| s.answered_in[1] as f64 / 1e3),
                    ("p99", &|s| s.answered_in[2] as f64 / 1e3),
                ],
            ),
            (
                "Transaction messages that wait",
                &[("queued", &|s| s.levels.queued as f64)],
            ),
            ("Memory, MB", &[("resident", &|s| s.memory as f64 / 1e6)]),
        ];
        for (title, lines) in plots {
            html.push_str(&self.plot(title, lines));
        }
        html.push_str("<h2>Sums</h2>\n<table>\n");
        for ((name, help), value) in Sums::NAMES.iter().zip(Sums::HELP).zip(last.sums.values()) {
            let is_error = Trouble::ALL.iter().any(|trouble| trouble.name() == *name) && value > 0;
            let class = if is_error { " class=bad" } else { "" };
            let _ = writeln!(
                html,
                "<tr{class}><th scope=row>{name}<td>{value}<td>{}",
                escaped(help)
            );
        }
        html.push_str("</table>\n");
        html
    }

    /// Lines over time, drawn as SVG.
    fn plot(&self, title: &str, lines: &[Line<'_>]) -> String {
        let end = self.samples.last().map_or(1.0, |last| last.at).max(1.0);
        let values = lines
            .iter()
            .flat_map(|(_, value)| self.samples.iter().map(value));
        let top = nice(values.fold(0.0, f64::max));
        let (width, height) = (WIDTH - LEFT, HEIGHT - BELOW);
        let mut svg = format!(
            "<figure><figcaption>{title}</figcaption>\n<svg viewBox='0 0 {WIDTH} {HEIGHT}' role=img \
             aria-label='{title}'>\n"
        );
        for step in 0..=4 {
            let share = f64::from(step) / 4.0;
            let y = height - share * (height - 10.0);
            let _ = writeln!(
                svg,
                "<path class=grid d='M{LEFT} {y:.1}H{WIDTH}'/><text x='{:.0}' y='{:.1}' \
                 text-anchor=end>{}</text>",
                LEFT - 6.0,
                y + 4.0,
                short(top * share),
            );
            let anchor = if step == 4 { "end" } else { "middle" };
            let _ = writeln!(
                svg,
                "<text x='{:.0}' y='{:.0}' text-anchor={anchor}>{:.0} s</text>",
                LEFT + width * share,
                HEIGHT - 6.0,
                end * share,
            );
        }
        for (place, (name, value)) in lines.iter().enumerate() {
            let points = self.samples.iter().map(|sample| {
                let x = LEFT + sample.at / end * width;
                let y = height - value(sample) / top * (height - 10.0);
                format!("{x:.1},{y:.1}")
            });
            let points: Vec<String> = points.collect();
            let _ = writeln!(
                svg,
                "<polyline class=l{place} points='{}'/><text class=l{place} x='{:.0}' y=12>{name}</text>",
                points.join(" "),
                LEFT + 10.0 + 90.0 * place as f64,
            );
        }
        svg.push_str("</svg></figure>\n");
        svg
    }
}

fn answers(times: &Histogram) -> Value {
    let all = QUANTILES.iter().zip(quantiles(times));
    all.map(|((name, _), micros)| ((*name).to_owned(), json!(micros as f64 / 1e3)))
        .collect()
}

/// A round number that is not below.
fn nice(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(1e-3).log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let fitting = steps
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= value);
    fitting.unwrap_or(10.0 * power)
}

fn short(value: f64) -> String {
    match value {
        v if v == v.trunc() => format!("{v:.0}"),
        v if v < 10.0 => format!("{v:.2}"),
        v => format!("{v:.1}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const HEAD: &str = "<!doctype html>
<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>
<title>Fleet</title>
<style>
:root{color-scheme:light dark;--f:#1b1f24;--b:#fff;--g:#d8dee4;--0:#0969da;--1:#1a7f37;--2:#bc4c00}
@media(prefers-color-scheme:dark){:root{--f:#e6edf3;--b:#0d1117;--g:#30363d;--0:#58a6ff;--1:#56d364;--2:#f0883e}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--f);background:var(--b);max-width:56rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}th,td{text-align:left;padding:.1rem 1rem .1rem 0;font-weight:400;vertical-align:top}
td{font-variant-numeric:tabular-nums}.bad{color:var(--2)}figure{margin:1rem 0}svg{width:100%}
.grid{stroke:var(--g);fill:none}polyline{fill:none;stroke-width:1.5}text{font-size:11px;fill:currentColor}
polyline.l0{stroke:var(--0)}polyline.l1{stroke:var(--1)}polyline.l2{stroke:var(--2)}
text.l0{fill:var(--0)}text.l1{fill:var(--1)}text.l2{fill:var(--2)}
</style>
<h1>Fleet</h1>
<table>
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, top) in [
            (0.0, 0.001),
            (3.0, 5.0),
            (10_000.0, 10_000.0),
            (19_500.0, 20_000.0),
        ] {
            assert!((nice(value) - top).abs() < 1e-9, "{value}");
        }
        assert_eq!(
            (short(2.5), short(100.0)),
            ("2.50".to_owned(), "100".to_owned())
        );
    }

    #[test]
    fn a_long_course_is_thinned_and_its_report_can_be_read() {
        let mut course = Course::default();
        for second in 0..10_000 {
            course.keep(&Sample {
                at: f64::from(second),
                ..Sample::default()
            });
        }
        assert!((MOST / 2..=MOST).contains(&course.samples.len()));
        let html = course.html(&json!({"csms": "<x>"}), &Histogram::default());
        assert!(html.contains("&lt;x&gt;") && html.matches("<svg").count() == 5);
    }
}
