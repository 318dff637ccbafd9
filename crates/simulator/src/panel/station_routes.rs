//! What is asked of one station, whatever panel it is in.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use ocpp::domain::ChargingRateUnit;
use serde_json::{Value, json};

use super::{
    await_state::Awaited,
    fields::Fields,
    frames::Filter,
    live,
    problem::Problem,
    server::{Answer, Asks, JsonBody, Route, body, number, query},
    source::Source,
};
use crate::charge_point::Asked;

/// Seconds of a composite schedule: a day, and at most a week.
const DAY: u64 = 86_400;

type Shared<S> = State<Arc<S>>;

pub fn routes<S: Source>() -> Vec<Route<S>> {
    vec![
        ("get", "/api/stations/{station}", get(state)),
        ("post", "/api/stations/{station}/commands", post(command)),
        ("post", "/api/stations/{station}/await", post(wait)),
        ("get", "/api/stations/{station}/events", get(events)),
        ("get", "/api/stations/{station}/frames", get(frames)),
        ("get", "/api/stations/{station}/history", get(history)),
        ("get", "/api/stations/{station}/keys", get(keys)),
        ("put", "/api/stations/{station}/keys/{key}", put(configure)),
        ("get", "/api/stations/{station}/queue", get(queue)),
        (
            "get",
            "/api/stations/{station}/reservations",
            get(reservations),
        ),
        ("get", "/api/stations/{station}/local-list", get(local_list)),
        ("get", "/api/stations/{station}/profiles", get(profiles)),
        ("get", "/api/stations/{station}/schedule", get(schedule)),
    ]
}

async fn ask(source: &impl Source, text: &str, asked: Asked) -> Answer {
    source.ask(number(text)?, asked).await.map(Json)
}

async fn state<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    Ok(Json(source.shown(number(&text)?).await?.state()))
}

/// The line of a command: one of standard input, or the same as an object.
pub fn line(body: Value) -> Result<String, Problem> {
    if body.get("line").is_none() {
        return Ok(body.to_string());
    }
    let mut fields = Fields::of(body)?;
    let line = fields.needed_text("line")?;
    fields.finish()?;
    Ok(line)
}

async fn command<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    json: JsonBody,
) -> Answer {
    let line = line(body(json)?)?;
    let number = number(&text)?;
    let shown = source.shown(number).await?;
    source.ask(number, Asked::Obey(line)).await?;
    Ok(Json(shown.state()))
}

async fn wait<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    json: JsonBody,
) -> Answer {
    let awaited = Awaited::of(body(json)?)?;
    let shown = source.shown(number(&text)?).await?;
    Ok(Json(awaited.come(&shown).await))
}

async fn events<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    headers: HeaderMap,
    asks: Asks,
) -> Result<Response, Problem> {
    let query = query(asks)?;
    let shown = source.shown(number(&text)?).await?;
    let after = live::heard(&headers, query, &shown)?;
    Ok(live::events(shown, after).into_response())
}

async fn frames<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    asks: Asks,
) -> Answer {
    let filter = Filter::of(query(asks)?)?;
    let shown = source.shown(number(&text)?).await?;
    Ok(Json(filter.choose(&shown.feed)))
}

async fn history<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    asks: Asks,
) -> Answer {
    let mut fields = Fields::of_query(query(asks)?);
    let after = fields.number("after", u64::MAX)?.unwrap_or(0);
    fields.finish()?;
    let shown = source.shown(number(&text)?).await?;
    let samples = shown.feed.samples_after(after);
    let samples = samples.into_iter().map(|(t, connectors)| {
        let connectors = connectors.into_iter();
        let connectors: Vec<_> = connectors
            .map(|it| json!({ "power": it.power, "energy": it.energy, "limit": it.limit }))
            .collect();
        json!({ "t": t, "connectors": connectors })
    });
    Ok(Json(samples.collect()))
}

async fn keys<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    ask(&*source, &text, Asked::Keys).await
}

async fn configure<S: Source>(
    State(source): Shared<S>,
    Path((text, key)): Path<(String, String)>,
    json: JsonBody,
) -> Answer {
    let mut fields = Fields::of(body(json)?)?;
    let value = fields.needed_text("value")?;
    fields.finish()?;
    ask(&*source, &text, Asked::Configure { key, value }).await
}

async fn queue<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    ask(&*source, &text, Asked::Queue).await
}

async fn reservations<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    ask(&*source, &text, Asked::Reservations).await
}

async fn local_list<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    ask(&*source, &text, Asked::LocalList).await
}

async fn profiles<S: Source>(State(source): Shared<S>, Path(text): Path<String>) -> Answer {
    ask(&*source, &text, Asked::Profiles).await
}

async fn schedule<S: Source>(
    State(source): Shared<S>,
    Path(text): Path<String>,
    asks: Asks,
) -> Answer {
    let mut fields = Fields::of_query(query(asks)?);
    let connector = fields.number("connector", u8::MAX.into())?.unwrap_or(0);
    let duration = fields.number("duration", 7 * DAY)?.unwrap_or(DAY);
    let units = [("W", ChargingRateUnit::W), ("A", ChargingRateUnit::A)];
    let asked = Asked::Schedule {
        connector: u8::try_from(connector).unwrap_or(u8::MAX),
        duration: u32::try_from(duration).unwrap_or(u32::MAX),
        unit: fields.word("unit", &units)?.unwrap_or(ChargingRateUnit::W),
    };
    fields.finish()?;
    ask(&*source, &text, asked).await
}
