//! Waiting for a state, or for something to happen.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use super::{Feed, fields::Fields, problem::Problem, source::Shown};

/// Milliseconds that are waited without a limit,
const USUAL: u64 = 10_000;
/// and with one.
const MOST: u64 = 60_000;

/// What is waited for.
#[derive(Debug)]
pub struct Awaited {
    patience: Duration,
    /// JSON pointers into the state (RFC 6901), and what has to be there: a value, or the least or most
    /// of a number.
    state: Option<Map<String, Value>>,
    /// Fields of an event.
    event: Option<Map<String, Value>>,
    /// Only events behind that number; those from now on without it.
    after: Option<u64>,
}

impl Awaited {
    pub fn of(body: Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let awaited = Self {
            patience: Duration::from_millis(fields.number("timeoutMs", MOST)?.unwrap_or(USUAL)),
            state: fields.object("state")?,
            event: fields.object("event")?,
            after: fields.number("after", u64::MAX)?,
        };
        fields.finish()?;
        if awaited.state.is_none() && awaited.event.is_none() {
            return Err(Problem::bad_request("state or event is expected"));
        }
        let pointers = awaited.state.iter().flat_map(Map::keys);
        match pointers.into_iter().find(|it| !it.starts_with('/')) {
            Some(other) => Err(Problem::bad_request(format!(
                "state: {other:?} does not begin with /"
            ))),
            None => Ok(awaited),
        }
    }

    /// Waits until both are there, or the time is over: whether they are, the state, and the event.
    pub async fn come(&self, shown: &Shown) -> Value {
        let feed = &shown.feed;
        let deadline = Instant::now() + self.patience;
        let mut changes = feed.changes();
        let mut after = self.after.unwrap_or_else(|| feed.last());
        let mut event: Option<Arc<Value>> = None;
        loop {
            if event.is_none()
                && let Some(wanted) = &self.event
            {
                event = find(feed, &mut after, wanted);
            }
            let is_met = (self.event.is_none() || event.is_some()) && self.holds(feed);
            let is_over = is_met || {
                let changed = timeout_at(deadline, changes.changed()).await;
                !matches!(changed, Ok(Ok(())))
            };
            if is_over {
                return json!({
                    "met": is_met,
                    "state": shown.state(),
                    "event": event.as_deref(),
                });
            }
        }
    }

    fn holds(&self, feed: &Feed) -> bool {
        let state = feed.state();
        let mut wanted = self.state.iter().flatten();
        wanted.all(|(pointer, wanted)| {
            let found = state.pointer(pointer).unwrap_or(&Value::Null);
            is_as(found, wanted)
        })
    }
}

/// The first event behind `after` with these fields; where there is none, the next search begins behind
/// those that were looked at.
fn find(feed: &Feed, after: &mut u64, wanted: &Map<String, Value>) -> Option<Arc<Value>> {
    for event in feed.events_after(*after) {
        *after = event.number;
        let mut fields = wanted.iter();
        if fields
            .all(|(name, wanted)| is_as(event.object.get(name).unwrap_or(&Value::Null), wanted))
        {
            return Some(event.object);
        }
    }
    None
}

fn is_as(found: &Value, wanted: &Value) -> bool {
    let bound = |name: &str| wanted.get(name).and_then(Value::as_f64);
    match (bound("atLeast"), bound("atMost")) {
        (None, None) => found == wanted,
        (least, most) => found.as_f64().is_some_and(|found| {
            least.is_none_or(|least| found >= least) && most.is_none_or(|most| found <= most)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds() {
        let wanted = json!({ "atLeast": 5 });
        assert!(is_as(&json!(5), &wanted) && is_as(&json!(7.5), &wanted));
        assert!(!is_as(&json!(4), &wanted) && !is_as(&json!("6"), &wanted));
        let wanted = json!({ "atLeast": 5, "atMost": 6 });
        assert!(is_as(&json!(6), &wanted) && !is_as(&json!(7), &wanted));
        assert!(is_as(&json!("a"), &json!("a")) && !is_as(&json!("a"), &json!("b")));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for body in [
            json!([]),
            json!({}),
            json!({ "timeoutMs": 5 }),
            json!({ "state": { "connection": "online" } }),
            json!({ "state": 5 }),
            json!({ "event": {}, "timeoutMs": 60_001 }),
            json!({ "event": {}, "timeoutMs": -1 }),
            json!({ "event": {}, "more": 1 }),
        ] {
            assert!(Awaited::of(body.clone()).is_err(), "{body}");
        }
    }
}
