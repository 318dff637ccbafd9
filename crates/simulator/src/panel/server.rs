//! What every panel has: its address, who may use it, its page, and how it takes requests.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{
        DefaultBodyLimit, Query, Request, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{
    Setup,
    guard::Guard,
    page::{self, File},
    problem::Problem,
};

/// Bytes of the longest body.
const LONGEST_BODY: usize = 64 * 1024;
/// How long answers that are still on their way hold up the end of the process. A stream of events has no end, and
/// is cut off.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// No script, style or picture of others, in no frame of others.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub type Answer = Result<Json<Value>, Problem>;
pub type Asks = Result<Query<HashMap<String, String>>, QueryRejection>;
pub type JsonBody = Result<Json<Value>, JsonRejection>;
/// Method and path of a part of an API, and what serves it.
pub type Route<S> = (&'static str, &'static str, MethodRouter<Arc<S>>);

/// A panel that is served: where it is, and what a browser is to be given.
pub struct Open {
    address: SocketAddr,
    /// What was made up here, to be told once; `None` where there is none, and for one that was given.
    token: Option<String>,
    closing: oneshot::Sender<()>,
    closed: mpsc::Receiver<()>,
}

impl Open {
    /// What is told of it: a line.
    pub fn line(&self) -> String {
        match &self.token {
            Some(token) => format!("panel: http://{}/?token={token}", self.address),
            None => format!("panel: http://{}/", self.address),
        }
    }

    /// Takes no more requests, and gives those that are being answered the time for that: who asked for the end of
    /// the process hears that it comes.
    pub fn close(self) {
        drop(self.closing);
        // Closed or not, the process ends.
        let _ = self.closed.recv_timeout(LAST_ANSWERS);
    }
}

/// Serves what `router` makes, in the context of the panel's runtime, until it is closed: behind the guard, with
/// the page and these files of it. The error is for the user.
pub fn open(
    setup: &Setup,
    files: &'static [File],
    router: impl FnOnce() -> Router,
) -> Result<Open, String> {
    let complain = |error: std::io::Error| format!("no panel at {}: {error}", setup.address);
    let listener = TcpListener::bind(setup.address).map_err(complain)?;
    listener.set_nonblocking(true).map_err(complain)?;
    let address = listener.local_addr().map_err(complain)?;
    let (token, is_new) = setup.token()?;
    let guard = Guard::new(address.port(), token.clone(), setup.hosts.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(complain)?;
    let router = {
        let _context = runtime.enter();
        finished(router(), files, guard)
    };
    let (closing, is_closing) = oneshot::channel();
    let (ended, closed) = mpsc::channel();
    thread::Builder::new()
        .name("panel".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    let serving = axum::serve(listener, router);
                    let closing = async { drop(is_closing.await) };
                    let _ = serving.with_graceful_shutdown(closing).await;
                }
            });
            drop(ended);
        })
        .map_err(complain)?;
    Ok(Open {
        address,
        token: token.filter(|_| is_new),
        closing,
        closed,
    })
}

/// The routes of an API.
pub fn api<S: Send + Sync + 'static>(routes: Vec<Route<S>>, state: Arc<S>) -> Router {
    let mut router = Router::new();
    for (_, path, route) in routes {
        router = router.route(path, route);
    }
    router.with_state(state)
}

fn finished(mut router: Router, files: &'static [File], guard: Guard) -> Router {
    for file in page::SHARED.iter().chain(files) {
        router = router.route(file.path, get(|| async { file.response() }));
    }
    router
        .fallback(|| async { Problem::not_found("there is nothing here") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the method is another one")
        })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guarded))
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

/// A document of an API.
pub fn document(text: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The number of a station in a path.
pub fn number(text: &str) -> Result<u64, Problem> {
    let number = text.parse();
    number.map_err(|_| Problem::not_found("there is no such station"))
}

pub fn body(body: JsonBody) -> Result<Value, Problem> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

pub fn query(asks: Asks) -> Result<HashMap<String, String>, Problem> {
    match asks {
        Ok(Query(query)) => Ok(query),
        Err(rejection) => Err(Problem::new(rejection.status(), rejection.body_text())),
    }
}

/// Compares the paths of a document with routes.
#[cfg(test)]
pub fn compare<S>(document: &Value, routes: &[Route<S>]) {
    use std::collections::BTreeSet;

    let methods = ["get", "put", "post", "delete"];
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if methods.contains(&method.as_str()) {
                described.insert((method.as_str(), path.as_str()));
            }
        }
    }
    let ours = routes.iter().map(|(method, path, _)| (*method, *path));
    assert_eq!(described, ours.collect());
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use super::*;

    #[test]
    fn who_is_being_answered_hears_the_answer_before_the_end() {
        let (begun, begins) = mpsc::channel();
        let slow = get(move || {
            let begun = begun.clone();
            async move {
                let _ = begun.send(());
                tokio::time::sleep(LAST_ANSWERS / 5).await;
                "the end"
            }
        });
        let panel = open(&Setup::local(), &[], || Router::new().route("/slow", slow)).unwrap();
        let address = panel.address;
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET /slow HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        begins.recv().unwrap();
        panel.close();
        // All of it is there, and nothing more will come.
        stream.set_nonblocking(true).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("the end"), "{answer}");
        assert!(TcpStream::connect(address).is_err());
    }
}
