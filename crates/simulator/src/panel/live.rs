//! What happens, as it happens: server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use axum::response::{
    Sse,
    sse::{Event, KeepAlive},
};
use futures_util::stream::{self, Stream};
use serde_json::Value;
use tokio::sync::watch;

use super::stations::Station;

/// How far a listener has heard.
struct Listener {
    number: u32,
    station: Station,
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
        for event in self.station.feed.events_after(self.after) {
            self.after = event.number;
            let told = Event::default().id(event.number.to_string());
            self.waiting.push_back(told.data(event.object.to_string()));
        }
        let state = self.station.feed.state();
        let is_known = self
            .state
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, &state));
        if !is_known {
            self.state = Some(state);
            let told = self.station.state(self.number).to_string();
            self.waiting
                .push_back(Event::default().event("state").data(told));
        }
    }
}

/// The events of a station behind that number, and its state whenever it is another one.
pub fn events(
    number: u32,
    station: Station,
    after: u64,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let listener = Listener {
        number,
        changes: station.feed.changes(),
        station,
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
