//! Looks for what is awaited in what has happened.

use std::time::Duration;

use super::{
    log::{CallError, Entry, What},
    outcome,
    pattern::{Bound, Mismatch, matches},
    step::{Awaited, Outcome, Side},
};

/// How far something awaited has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// At that entry.
    Yes(usize, Bound),
    /// It did not come, but something like it: what was wrong with that.
    No(Option<String>),
    /// The CALL is there and waits for its answer, until that many milliseconds of the log.
    Unanswered { until_ms: u64 },
    /// Nothing that comes later can make it good.
    Never(String),
}

/// Looks from `from` on, past entries that others have taken. `within` is for the answer.
pub fn find(
    awaited: &Awaited,
    entries: &[Entry],
    from: usize,
    taken: &[usize],
    within: Duration,
) -> Found {
    let mut nearest: Option<(usize, String)> = None;
    let mut note = |mismatch: Mismatch, whole: &str| {
        if nearest
            .as_ref()
            .is_none_or(|(near, _)| *near <= mismatch.near)
        {
            nearest = Some((mismatch.near, mismatch.text(whole)));
        }
    };
    let candidates = entries.iter().enumerate().skip(from);
    for (at, entry) in candidates.filter(|(at, _)| !taken.contains(at)) {
        match (awaited, &entry.what) {
            (
                Awaited::Call {
                    by: wanted_by,
                    action: wanted,
                    with,
                    outcome,
                },
                What::Call {
                    by,
                    action,
                    payload,
                    ..
                },
            ) if by == wanted_by && is_action(wanted, action) => match matches(with, payload) {
                Ok(bound) => return answer(outcome, entries, at, within, bound),
                Err(mismatch) => note(mismatch, "the payload"),
            },
            (Awaited::Event { name: wanted, with }, What::Event { name, fields })
                if name == wanted =>
            {
                match matches(with, fields) {
                    Ok(bound) => return Found::Yes(at, bound),
                    Err(mismatch) => note(mismatch, "the event"),
                }
            }
            _ => {}
        }
    }
    Found::No(nearest.map(|(_, text)| text))
}

/// The name of an action may be a pattern: `<any>`, `<like *Notification>`.
fn is_action(wanted: &str, action: &str) -> bool {
    wanted == action || matches(&wanted.into(), &action.into()).is_ok()
}

/// The answer to the CALL at that entry.
fn answer(
    wanted: &Outcome,
    entries: &[Entry],
    at: usize,
    within: Duration,
    mut bound: Bound,
) -> Found {
    if *wanted == Outcome::Ignored {
        return Found::Yes(at, bound);
    }
    let Some(Entry {
        at_ms,
        what: What::Call { by, id, .. },
    }) = entries.get(at)
    else {
        return Found::No(None);
    };
    let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
    // A CALL that is sent again has its time again.
    let mut called_ms = *at_ms;
    for entry in entries.iter().skip(at + 1) {
        match &entry.what {
            What::Call {
                by: again,
                id: same,
                ..
            } if again == by && same == id => called_ms = entry.at_ms,
            What::Answer {
                by: other,
                id: same,
                result,
                ..
            } if other != by && same == id => {
                let took = entry.at_ms.saturating_sub(called_ms);
                if took > within_ms {
                    return Found::Never(format!("the answer came after {}", seconds(took)));
                }
                return match judge(wanted, result) {
                    Ok(more) => {
                        bound.extend(more);
                        Found::Yes(at, bound)
                    }
                    Err(problem) => Found::Never(problem),
                };
            }
            _ => {}
        }
    }
    Found::Unanswered {
        until_ms: called_ms.saturating_add(within_ms),
    }
}

fn judge(wanted: &Outcome, result: &Result<serde_json::Value, CallError>) -> Result<Bound, String> {
    match (wanted, result) {
        (Outcome::Ignored, _) => Ok(Bound::new()),
        (Outcome::Answer(pattern), Ok(payload)) => {
            matches(pattern, payload).map_err(|it| format!("in the answer {}", it.text("it")))
        }
        (Outcome::Answer(_), Err(error)) => Err(format!(
            "the answer is the error {} {:?}",
            error.code, error.description
        )),
        (Outcome::Error(pattern), Err(error)) => {
            matches(pattern, &error.code.clone().into()).map_err(|it| it.text("the error's code"))
        }
        (Outcome::Error(_), Ok(payload)) => Err(format!("the answer is {payload}, no error")),
    }
}

pub fn seconds(millis: u64) -> String {
    format!("{}.{:03} s", millis / 1000, millis % 1000)
}

/// The last frames, as many as `most`.
pub fn last_frames(entries: &[Entry], most: usize) -> Vec<outcome::Frame> {
    let frames = entries.iter().rev().filter_map(|entry| {
        let (by, text) = entry.what.frame()?;
        Some(outcome::Frame {
            at_ms: entry.at_ms,
            by,
            text: text.to_owned(),
        })
    });
    let mut frames: Vec<_> = frames.take(most).collect();
    frames.reverse();
    frames
}

/// What is awaited, in one line.
pub fn described(awaited: &Awaited) -> String {
    let payload = |with: &serde_json::Value| match with.as_object().is_some_and(|it| it.is_empty())
    {
        true => String::new(),
        false => format!(" {with}"),
    };
    match awaited {
        Awaited::Event { name, with } => format!("event {name}{}", payload(with)),
        Awaited::Call {
            by,
            action,
            with,
            outcome,
        } => {
            let by = match by {
                Side::Station => "the charge point sends",
                Side::CentralSystem => "the central system sends",
            };
            let outcome = match outcome {
                Outcome::Answer(pattern) => format!(", answered{}", payload(pattern)),
                Outcome::Error(code) => format!(", answered with the error {code}"),
                Outcome::Ignored => String::new(),
            };
            format!("{by} {action}{}{outcome}", payload(with))
        }
    }
}
