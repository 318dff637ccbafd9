//! What happens, as it happens: server-sent events.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    sync::Arc,
};

use axum::{
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream::{self, Stream};
use serde_json::Value;
use tokio::sync::watch;

use super::{fields::Fields, problem::Problem, source::Shown};

/// Bytes of the texts of events that are made ready at once: a listener that does not read holds no more.
const AT_ONCE: usize = 64 * 1024;

/// How far a listener has heard.
struct Listener {
    shown: Shown,
    changes: watch::Receiver<u64>,
    /// The last event that it was told.
    after: u64,
    /// The last state.
    state: Option<Arc<Value>>,
    waiting: VecDeque<Event>,
}

impl Listener {
    /// Takes what is new.
    fn listen(&mut self) {
        for event in self.shown.feed.some_after(self.after, AT_ONCE) {
            self.after = event.number;
            let told = Event::default().id(event.number.to_string());
            self.waiting.push_back(told.data(event.object.to_string()));
        }
        let state = self.shown.feed.state();
        let is_known = self
            .state
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, &state));
        if !is_known {
            self.state = Some(state);
            let told = self.shown.state().to_string();
            self.waiting
                .push_back(Event::default().event("state").data(told));
        }
    }
}

/// The number of the last event that a listener has heard.
pub fn heard(
    headers: &HeaderMap,
    query: HashMap<String, String>,
    shown: &Shown,
) -> Result<u64, Problem> {
    let mut fields = Fields::of_query(query);
    let after = fields.number("after", u64::MAX)?;
    fields.finish()?;
    // A browser that connects again says what it has heard.
    let heard = headers.get("Last-Event-ID");
    let heard = heard.and_then(|it| it.to_str().ok()?.parse().ok());
    let last = shown.feed.last();
    Ok(match heard.or(after) {
        // Of an earlier run of the program: nothing of this one is known.
        Some(after) if after > last => 0,
        Some(after) => after,
        None => last,
    })
}

/// The events behind that number, and the state whenever it is another one.
pub fn events(shown: Shown, after: u64) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = Listener {
        changes: shown.feed.changes(),
        shown,
        after,
        state: None,
        waiting: VecDeque::new(),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        loop {
            if let Some(event) = listener.waiting.pop_front() {
                return Some((Ok(event), listener));
            }
            listener.listen();
            if listener.waiting.is_empty() {
                listener.changes.changed().await.ok()?;
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
