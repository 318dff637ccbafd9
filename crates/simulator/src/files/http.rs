//! HTTP and HTTPS: an image is fetched with GET, a log delivered with PUT. Redirections are followed for
//! both, which libraries do not do for a body.

use data_encoding::BASE64;
use ureq::{
    Agent, Body, Error,
    http::{
        Response,
        header::{AUTHORIZATION, CONTENT_TYPE, LOCATION},
    },
};

use super::{CONNECTING, Failure, SILENCE, Trust, location::Location, receive::Target};

const MOST_REDIRECTIONS: u32 = 5;

pub fn download(location: Location, trust: &Trust, to: &Target<'_>) -> Result<u64, Failure> {
    let agent = agent(trust);
    let response = follow(location, |location| {
        let mut request = agent.get(location.url());
        if let Some(authorization) = authorization(location) {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.call()
    })?;
    let body = response.into_body();
    let expected = body.content_length();
    to.receive(&mut body.into_reader(), expected)
}

pub fn upload(location: Location, trust: &Trust, content: &[u8]) -> Result<(), Failure> {
    let agent = agent(trust);
    let sent = follow(location, |location| {
        let mut request = agent.put(location.url());
        if let Some(authorization) = authorization(location) {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.header(CONTENT_TYPE, "text/plain; charset=utf-8");
        request.send(content)
    });
    sent.map(drop)
}

fn agent(trust: &Trust) -> Agent {
    Agent::config_builder()
        .tls_config(trust.https())
        .user_agent(concat!("charge-point/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Where a file is fetched from is the central system's affair alone.
        .proxy(None)
        .timeout_connect(Some(CONNECTING))
        .timeout_per_read(Some(SILENCE))
        .timeout_per_write(Some(SILENCE))
        .build()
        .new_agent()
}

/// Asks again where it is led to. The answer is one of success.
fn follow(
    mut location: Location,
    ask: impl Fn(&Location) -> Result<Response<Body>, Error>,
) -> Result<Response<Body>, Failure> {
    for _ in 0..=MOST_REDIRECTIONS {
        let response = ask(&location).map_err(|error| failure(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let to = response.headers().get(LOCATION);
        let to = to.filter(|_| matches!(status.as_u16(), 301 | 302 | 307 | 308));
        let Some(to) = to.and_then(|to| to.to_str().ok()) else {
            return Err(Failure::refused(format!("HTTP {}", status.as_u16())));
        };
        location = location.redirected(to)?;
        if !matches!(location.protocol.as_str(), "HTTP" | "HTTPS") {
            return Err(Failure::refused("redirected to another protocol"));
        }
    }
    Err(Failure::refused(format!(
        "more than {MOST_REDIRECTIONS} redirections"
    )))
}

/// RFC 7617
fn authorization(location: &Location) -> Option<String> {
    let (user, password) = location.user.as_ref()?;
    let pair = BASE64.encode(format!("{user}:{password}").as_bytes());
    Some(format!("Basic {pair}"))
}

fn failure(error: &Error) -> Failure {
    Failure::interrupted(error)
}
