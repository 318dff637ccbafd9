//! The API of a fleet: what is asked where. `openapi.json` here says what is different from the one of stations
//! with a thread each.

use std::sync::{Arc, LazyLock};

use axum::{
    Json, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    opened::{Opened, whole},
    table::Page,
};
use crate::charge_point::Asked;
use crate::panel::{
    await_state::Awaited,
    live,
    problem::Problem,
    routes::OPENAPI,
    server::{self, Answer, Asks, JsonBody, Route, body, query},
    source::{Shown, Source},
    station_routes::{self, line},
};

/// A merge patch (RFC 7396).
const DIFFERENCES: &str = include_str!("openapi.json");
/// The API as a document.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let mut document: Value = read(OPENAPI);
    merge(&mut document, read(DIFFERENCES));
    document.to_string()
});

/// A fleet and what is told of all of it.
pub struct Fleet {
    stations: Opened,
    whole: Shown,
}

impl Source for Fleet {
    async fn shown(&self, number: u64) -> Result<Shown, Problem> {
        self.stations.shown(number).await
    }

    async fn ask(&self, number: u64, asked: Asked) -> Result<Value, Problem> {
        self.stations.ask(number, asked).await
    }
}

type Shared = State<Arc<Fleet>>;

fn routes() -> Vec<Route<Fleet>> {
    let mut routes = station_routes::routes();
    routes.extend([
        ("get", "/openapi.json", get(openapi)),
        ("get", "/api/fleet", get(state)),
        ("post", "/api/fleet/commands", post(command)),
        ("post", "/api/fleet/await", post(wait)),
        ("get", "/api/fleet/events", get(events)),
        ("get", "/api/stations", get(list)),
    ]);
    routes
}

pub fn router(stations: Opened) -> Router {
    let whole = whole(&stations.control);
    server::api(routes(), Arc::new(Fleet { stations, whole }))
}

async fn openapi() -> Response {
    server::document(DOCUMENT.as_str())
}

async fn state(State(fleet): Shared) -> Answer {
    Ok(Json(fleet.whole.state()))
}

async fn command(State(fleet): Shared, json: JsonBody) -> Answer {
    let line = line(body(json)?)?;
    let control = &fleet.stations.control;
    control.order(&line).map_err(Problem::bad_request)?;
    let feed = &fleet.whole.feed;
    feed.add_event(feed.millis(), "command", json!({ "line": line.trim() }));
    Ok(Json(fleet.whole.state()))
}

async fn wait(State(fleet): Shared, json: JsonBody) -> Answer {
    let awaited = Awaited::of(body(json)?)?;
    Ok(Json(awaited.come(&fleet.whole).await))
}

async fn events(State(fleet): Shared, headers: HeaderMap, asks: Asks) -> Result<Response, Problem> {
    let after = live::heard(&headers, query(asks)?, &fleet.whole)?;
    Ok(live::events(fleet.whole.clone(), after).into_response())
}

async fn list(State(fleet): Shared, asks: Asks) -> Answer {
    let page = Page::of(query(asks)?)?;
    page.read(&fleet.stations.control).await.map(Json)
}

/// Applies a merge patch: null removes, objects are merged, all else is put in its place.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Some(fields) = target.as_object_mut() {
        for (name, value) in patch {
            match value.is_null() {
                true => {
                    fields.remove(&name);
                }
                false => merge(fields.entry(name).or_insert(Value::Null), value),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_these_routes_and_no_others() {
        let document: Value = serde_json::from_str(&DOCUMENT).unwrap();
        server::compare(&document, &routes());
        // All that is referred to is there.
        let text = DOCUMENT.as_str();
        for part in text.split("\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn a_patch_is_merged() {
        let mut target = json!({ "a": { "b": 1, "c": 2 }, "d": [1] });
        merge(
            &mut target,
            json!({ "a": { "b": null, "e": { "f": 3 } }, "d": [2] }),
        );
        assert_eq!(
            target,
            json!({ "a": { "c": 2, "e": { "f": 3 } }, "d": [2] })
        );
    }
}
