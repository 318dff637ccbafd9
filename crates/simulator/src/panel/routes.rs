//! The API: what is asked where. `openapi.json` describes it.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{
        DefaultBodyLimit, Path, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};
use ocpp::domain::ChargingRateUnit;
use serde_json::{Value, json};

use super::{
    await_state::Awaited,
    fields::Fields,
    frames::Filter,
    guard::Guard,
    live, page,
    problem::Problem,
    stations::{Stations, Wanted},
};
use crate::{
    arguments::version,
    charge_point::{Asked, Elsewhere},
    password::Password,
};

/// Bytes of the longest body.
const LONGEST_BODY: usize = 64 * 1024;
/// The API as a document.
const OPENAPI: &str = include_str!("openapi.json");
/// Seconds of a composite schedule: a day, and at most a week.
const DAY: u64 = 86_400;

/// No script, style or picture of others, in no frame of others.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Shared = State<Arc<Stations>>;
type Answer = Result<Json<Value>, Problem>;
type Asks = Result<Query<HashMap<String, String>>, QueryRejection>;
type JsonBody = Result<Json<Value>, JsonRejection>;

/// Method and path of each part of the API.
fn routes() -> Vec<(&'static str, &'static str, MethodRouter<Arc<Stations>>)> {
    vec![
        ("get", "/openapi.json", get(openapi)),
        ("get", "/api/stations", get(list)),
        ("post", "/api/stations", post(create)),
        ("get", "/api/stations/{station}", get(state)),
        ("delete", "/api/stations/{station}", delete(remove)),
        ("post", "/api/stations/{station}/commands", post(command)),
        ("put", "/api/stations/{station}/connection", put(connection)),
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

/// The API and the page, behind the guard.
pub fn router(stations: Stations, guard: Guard) -> Router {
    let mut router = Router::new();
    for (_, path, route) in routes() {
        router = router.route(path, route);
    }
    for file in page::FILES {
        router = router.route(file.path, get(|| async { file.response() }));
    }
    router
        .fallback(|| async { Problem::not_found("there is nothing here") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the method is another one")
        })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guarded))
        .with_state(Arc::new(stations))
}

async fn guarded(State(guard): State<Arc<Guard>>, request: Request<Body>, next: Next) -> Response {
    let refusal = guard.check(request.method(), request.uri(), request.headers());
    let mut response = match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// The number of a station in a path.
fn number(text: &str) -> Result<u32, Problem> {
    let number = text.parse();
    number.map_err(|_| Problem::not_found("there is no such station"))
}

fn body(body: JsonBody) -> Result<Value, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

fn query(asks: Asks) -> Result<HashMap<String, String>, Problem> {
    match asks {
        Ok(Query(query)) => Ok(query),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

async fn ask(stations: &Stations, text: &str, asked: Asked) -> Answer {
    let station = stations.get(number(text)?)?;
    station.ask(asked).await.map(Json)
}

async fn list(State(stations): Shared) -> Json<Value> {
    let stations = stations.all().into_iter();
    Json(stations.map(|(number, it)| it.state(number)).collect())
}

async fn create(State(stations): Shared, json: JsonBody) -> Result<Response, Problem> {
    let mut fields = Fields::of(body(json)?)?;
    let connectors = fields.number("connectors", u8::MAX.into())?;
    let wanted = Wanted {
        connectors: connectors.and_then(|it| u8::try_from(it).ok()),
        vendor: fields.text("vendor")?,
        model: fields.text("model")?,
        elsewhere: elsewhere(&mut fields)?,
    };
    if wanted.elsewhere.identity.is_none() {
        return Err(Problem::bad_request("identity is missing"));
    }
    fields.finish()?;
    let number = stations.create(&wanted)?;
    let location = [(header::LOCATION, format!("/api/stations/{number}"))];
    let created = Json(json!({ "id": number }));
    Ok((StatusCode::CREATED, location, created).into_response())
}

/// Where a station is to connect to.
fn elsewhere(fields: &mut Fields) -> Result<Elsewhere, Problem> {
    let password = fields.nullable_text("password")?;
    let password = password.map(|it| it.and_then(|it| Password::new(it.as_bytes())));
    let version = fields.text("version")?.map(|it| version(&it)).transpose();
    Ok(Elsewhere {
        csms: fields.text("csms")?,
        identity: fields.text("identity")?,
        password,
        version: version.map_err(|problem| Problem::bad_request(format!("version: {problem}")))?,
    })
}

async fn state(State(stations): Shared, Path(text): Path<String>) -> Answer {
    let number = number(&text)?;
    Ok(Json(stations.get(number)?.state(number)))
}

async fn remove(State(stations): Shared, Path(text): Path<String>) -> Result<StatusCode, Problem> {
    stations.remove(number(&text)?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A line of standard input, or the same as an object.
async fn command(State(stations): Shared, Path(text): Path<String>, json: JsonBody) -> Answer {
    let body = body(json)?;
    let line = match body.get("line") {
        Some(_) => {
            let mut fields = Fields::of(body)?;
            let line = fields.needed_text("line")?;
            fields.finish()?;
            line
        }
        None => body.to_string(),
    };
    let number = number(&text)?;
    let station = stations.get(number)?;
    station.ask(Asked::Obey(line)).await?;
    Ok(Json(station.state(number)))
}

async fn connection(State(stations): Shared, Path(text): Path<String>, json: JsonBody) -> Answer {
    let mut fields = Fields::of(body(json)?)?;
    let elsewhere = elsewhere(&mut fields)?;
    fields.finish()?;
    ask(&stations, &text, Asked::Elsewhere(elsewhere)).await
}

async fn wait(State(stations): Shared, Path(text): Path<String>, json: JsonBody) -> Answer {
    let awaited = Awaited::of(body(json)?)?;
    let number = number(&text)?;
    let station = stations.get(number)?;
    Ok(Json(awaited.come(number, &station).await))
}

async fn events(
    State(stations): Shared,
    Path(text): Path<String>,
    headers: HeaderMap,
    asks: Asks,
) -> Result<Response, Problem> {
    let mut fields = Fields::of_query(query(asks)?);
    let after = fields.number("after", u64::MAX)?;
    fields.finish()?;
    let number = number(&text)?;
    let station = stations.get(number)?;
    // A browser that connects again says what it has heard.
    let heard = headers.get("Last-Event-ID");
    let heard = heard.and_then(|it| it.to_str().ok()?.parse().ok());
    let last = station.feed.last();
    let after = match heard.or(after) {
        // Of an earlier run of the program: nothing of this one is known.
        Some(after) if after > last => 0,
        Some(after) => after,
        None => last,
    };
    Ok(live::events(number, station, after).into_response())
}

async fn frames(State(stations): Shared, Path(text): Path<String>, asks: Asks) -> Answer {
    let filter = Filter::of(query(asks)?)?;
    let station = stations.get(number(&text)?)?;
    Ok(Json(filter.choose(&station.feed)))
}

async fn history(State(stations): Shared, Path(text): Path<String>, asks: Asks) -> Answer {
    let mut fields = Fields::of_query(query(asks)?);
    let after = fields.number("after", u64::MAX)?.unwrap_or(0);
    fields.finish()?;
    let station = stations.get(number(&text)?)?;
    let samples = station.feed.samples_after(after);
    let samples = samples.into_iter().map(|(t, connectors)| {
        let connectors = connectors.into_iter();
        let connectors: Vec<_> = connectors
            .map(|it| json!({ "power": it.power, "energy": it.energy, "limit": it.limit }))
            .collect();
        json!({ "t": t, "connectors": connectors })
    });
    Ok(Json(samples.collect()))
}

async fn keys(State(stations): Shared, Path(text): Path<String>) -> Answer {
    ask(&stations, &text, Asked::Keys).await
}

async fn configure(
    State(stations): Shared,
    Path((text, key)): Path<(String, String)>,
    json: JsonBody,
) -> Answer {
    let mut fields = Fields::of(body(json)?)?;
    let value = fields.needed_text("value")?;
    fields.finish()?;
    ask(&stations, &text, Asked::Configure { key, value }).await
}

async fn queue(State(stations): Shared, Path(text): Path<String>) -> Answer {
    ask(&stations, &text, Asked::Queue).await
}

async fn reservations(State(stations): Shared, Path(text): Path<String>) -> Answer {
    ask(&stations, &text, Asked::Reservations).await
}

async fn local_list(State(stations): Shared, Path(text): Path<String>) -> Answer {
    ask(&stations, &text, Asked::LocalList).await
}

async fn profiles(State(stations): Shared, Path(text): Path<String>) -> Answer {
    ask(&stations, &text, Asked::Profiles).await
}

async fn schedule(State(stations): Shared, Path(text): Path<String>, asks: Asks) -> Answer {
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
    ask(&stations, &text, asked).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_has_these_routes_and_no_others() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let methods = ["get", "put", "post", "delete"];
        let mut described = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                if methods.contains(&method.as_str()) {
                    described.insert((method.clone(), path.clone()));
                }
            }
        }
        let ours = routes().into_iter();
        let ours = ours.map(|(method, path, _)| (method.to_owned(), path.to_owned()));
        assert_eq!(described, ours.collect());
    }
}
