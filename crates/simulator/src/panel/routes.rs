//! The API of stations that each have a thread: what is asked where. `openapi.json` describes it.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use serde_json::json;

use super::{
    fields::Fields,
    problem::Problem,
    server::{self, Answer, JsonBody, Route, body, number},
    source::Source,
    station_routes,
    stations::{Stations, Wanted},
};
use crate::{
    arguments::version,
    charge_point::{Asked, Elsewhere},
    password::Password,
};

/// The API as a document.
pub const OPENAPI: &str = include_str!("openapi.json");

type Shared = State<Arc<Stations>>;

/// Method and path of each part of the API.
fn routes() -> Vec<Route<Stations>> {
    let mut routes = station_routes::routes();
    routes.extend([
        ("get", "/openapi.json", get(openapi)),
        ("get", "/api/stations", get(list)),
        ("post", "/api/stations", post(create)),
        ("delete", "/api/stations/{station}", delete(remove)),
        ("put", "/api/stations/{station}/connection", put(connection)),
    ]);
    routes
}

pub fn router(stations: Stations) -> Router {
    server::api(routes(), Arc::new(stations))
}

async fn openapi() -> Response {
    server::document(OPENAPI)
}

async fn list(State(stations): Shared) -> Answer {
    let stations = stations.all().into_iter();
    let states = stations.map(|(number, it)| it.shown(number).state());
    Ok(Json(states.collect()))
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

async fn remove(State(stations): Shared, Path(text): Path<String>) -> Result<StatusCode, Problem> {
    stations.remove(u32::try_from(number(&text)?).unwrap_or(u32::MAX))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn connection(State(stations): Shared, Path(text): Path<String>, json: JsonBody) -> Answer {
    let mut fields = Fields::of(body(json)?)?;
    let elsewhere = elsewhere(&mut fields)?;
    fields.finish()?;
    let asked = Asked::Elsewhere(elsewhere);
    stations.ask(number(&text)?, asked).await.map(Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_these_routes_and_no_others() {
        server::compare(&serde_json::from_str(OPENAPI).unwrap(), &routes());
    }
}
