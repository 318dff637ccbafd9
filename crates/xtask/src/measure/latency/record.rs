//! The record that the image keeps: idTags presented and frames in and out, each with its time.

/// An idTag presented, or the beginning of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What<'t> {
    Presented,
    In(Frame<'t>),
    Out(Frame<'t>),
}

/// As much of a frame as tells which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame<'t> {
    is_call: bool,
    id: &'t str,
    /// Of a CALL.
    action: &'t str,
    text: &'t str,
}

impl<'t> Frame<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let mut quoted = text.split('"');
        Some(Self {
            is_call: quoted.next()? == "[2,",
            id: quoted.next()?,
            action: quoted.nth(1).unwrap_or_default(),
            text,
        })
    }
}

/// What is measured, in the image's unit, in the order in which it happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    tags: [Vec<u64>; 2],
    /// From the answer to the CALL that was under way when the idTag was presented.
    tags_after_answer: Vec<u64>,
    calls: [Vec<u64>; 2],
}

impl Latencies {
    /// Those of a record, whose first half of idTags and CALLs is of an idle charge point.
    /// `measured` is in the beginning of the CALLs that count.
    pub fn of(console: &str, measured: &str, samples: usize) -> Result<Self, String> {
        let entries = read(console)?;
        let (mut tags, mut after_answer) = (Vec::new(), Vec::new());
        let mut calls = Vec::new();
        for (place, &(at, what)) in entries.iter().enumerate() {
            let later = entries.get(place..).unwrap_or_default();
            match what {
                What::Presented => {
                    let (total, last) = authorize(at, later)?;
                    tags.push(total);
                    after_answer.push(last);
                }
                What::In(frame) if frame.is_call && frame.text.contains(measured) => {
                    calls.push(answer(at, frame.id, later)?);
                }
                What::In(_) | What::Out(_) => {}
            }
        }
        if [tags.len(), calls.len()] != [2 * samples; 2] {
            let (tags, calls) = (tags.len(), calls.len());
            return Err(format!("the record has {tags} idTags and {calls} CALLs"));
        }
        let busy = |idle: &mut Vec<u64>| idle.split_off(samples);
        let (busy_tags, busy_calls) = (busy(&mut tags), busy(&mut calls));
        Ok(Self {
            tags: [tags, busy_tags],
            tags_after_answer: busy(&mut after_answer),
            calls: [calls, busy_calls],
        })
    }

    /// Each figure with its name.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, Vec<u64>)> {
        let [idle_tags, busy_tags] = &self.tags;
        let [idle_calls, busy_calls] = &self.calls;
        [
            ("idle: idTag presented to Authorize", idle_tags),
            ("idle: CALL to its answer", idle_calls),
            ("reporting: idTag presented to Authorize", busy_tags),
            (
                "reporting: the same, since the answer it had to wait for",
                &self.tags_after_answer,
            ),
            ("reporting: CALL to its answer", busy_calls),
        ]
        .map(|(what, times)| (what, times.clone()))
        .into_iter()
    }
}

fn read(console: &str) -> Result<Vec<(u64, What<'_>)>, String> {
    let (_, rest) = console
        .split_once("record ")
        .ok_or("the image told no record")?;
    let mut entries = Vec::new();
    // The log may stand in front of a record in its line.
    for record in rest.split("record ") {
        let line = record.lines().next().unwrap_or_default().trim();
        let mut words = line.splitn(3, ' ');
        let (what, at) = (words.next(), words.next().and_then(|at| at.parse().ok()));
        let text = words.next().unwrap_or_default();
        let what = match (what, Frame::read(text)) {
            (Some("ends"), _) => return Ok(entries),
            (Some("p"), _) => What::Presented,
            (Some("i"), Some(frame)) => What::In(frame),
            (Some("o"), Some(frame)) => What::Out(frame),
            _ => return Err(format!("the image told: {line}")),
        };
        let at = at.filter(|at| *at > 0);
        entries.push((at.ok_or_else(|| format!("no time: {line}"))?, what));
    }
    Err("the image did not tell its record to the end".to_owned())
}

/// From an idTag to its Authorize; and the part of it since the last answer came in.
fn authorize(presented: u64, later: &[(u64, What<'_>)]) -> Result<(u64, u64), String> {
    let mut since = presented;
    for &(at, what) in later {
        match what {
            What::In(frame) if !frame.is_call => since = since.max(at),
            What::Out(frame) if frame.is_call && frame.action == "Authorize" => {
                return Ok((at.saturating_sub(presented), at.saturating_sub(since)));
            }
            _ => {}
        }
    }
    Err("an idTag without an Authorize".to_owned())
}

fn answer(came: u64, id: &str, later: &[(u64, What<'_>)]) -> Result<u64, String> {
    let mut went = later.iter().filter_map(|&(at, what)| match what {
        What::Out(frame) if !frame.is_call && frame.id == id => Some(at),
        _ => None,
    });
    let went = went
        .next()
        .ok_or_else(|| format!("CALL {id} is not answered"))?;
    Ok(went.saturating_sub(came))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_idle_from_reporting() {
        let console = "\
*** Booting\r
record p 1000 \r
record o 1100 [2,\"7\",\"Authorize\",{\"idTag\":\"Z\"}]\r
record i 1500 [3,\"7\",{}]\r
record i 2000 [2,\"cs-1\",\"Reset\",{}]\r
record o 2300 [3,\"cs-1\",{}]\r
record o 3000 [2,\"8\",\"MeterValues\",{\r
record p 3010 \r
record i 3400 [2,\"cs-2\",\"Reset\",{}]\r
record i 3500 [3,\"8\",{}]\r
record o 3600 [3,\"cs-2\",{}]\r
record o 3700 [2,\"9\",\"Authorize\",{}]\r
record ends\r
";
        let latencies = Latencies::of(console, "Reset", 1).unwrap();
        assert_eq!(
            latencies,
            Latencies {
                tags: [vec![100], vec![690]],
                tags_after_answer: vec![200],
                calls: [vec![300], vec![200]],
            }
        );
        assert!(Latencies::of(console, "Reset", 2).is_err());
        let (cut_off, _) = console.split_once("record ends").unwrap();
        assert!(Latencies::of(cut_off, "Reset", 1).is_err());
    }
}
