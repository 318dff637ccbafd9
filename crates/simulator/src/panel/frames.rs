//! Frames that have passed, by what they are.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Feed, feed::Event, fields::Fields, problem::Problem};

/// So many are told without a limit,
const USUAL: u64 = 200;
/// and with one.
const MOST: u64 = 4_000;

/// Which frames are meant.
#[derive(Debug)]
pub struct Filter {
    after: u64,
    limit: usize,
    direction: Option<&'static str>,
    kind: Option<&'static str>,
    action: Option<String>,
    /// Somewhere in it, whatever the case.
    text: Option<String>,
}

impl Filter {
    pub fn of(query: HashMap<String, String>) -> Result<Self, Problem> {
        let mut fields = Fields::of_query(query);
        let filter = Self {
            after: fields.number("after", u64::MAX)?.unwrap_or(0),
            limit: usize::try_from(fields.number("limit", MOST)?.unwrap_or(USUAL))
                .unwrap_or(usize::MAX),
            direction: fields.word("dir", &[("in", "in"), ("out", "out")])?,
            kind: fields.word(
                "kind",
                &["call", "result", "error", "unreadable"].map(|word| (word, word)),
            )?,
            action: fields.text("action")?,
            text: fields.text("text")?.map(|text| text.to_lowercase()),
        };
        fields.finish()?;
        Ok(filter)
    }

    fn takes(&self, event: &Event) -> bool {
        let is = |wanted: Option<&str>, field: &str| {
            wanted.is_none_or(|wanted| wanted == event.text(field))
        };
        let holds = |text: &String| event.text("text").to_lowercase().contains(text);
        event.is_frame()
            && is(self.direction, "dir")
            && is(self.kind, "kind")
            && is(self.action.as_deref(), "action")
            && self.text.as_ref().is_none_or(holds)
    }

    /// The newest of those that are meant, the oldest of them first.
    pub fn choose(&self, feed: &Feed) -> Value {
        let last = feed.last();
        let events = feed.events_after(self.after);
        let frames = events.iter().filter(|event| self.takes(event));
        let mut newest: Vec<_> = frames.rev().take(self.limit).collect();
        newest.reverse();
        let frames: Vec<_> = newest.into_iter().map(|it| &*it.object).collect();
        json!({ "frames": frames, "last": last })
    }
}
