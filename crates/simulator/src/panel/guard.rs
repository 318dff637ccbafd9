//! Who may use the panel: no other site in the user's browser, and, where it can be reached from
//! elsewhere, only who has the token.

use std::net::IpAddr;

use axum::{
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};

use super::problem::Problem;

/// What each request has to get past.
#[derive(Clone, Debug)]
pub struct Guard {
    token: Option<String>,
    hosts: Vec<String>,
    /// Cookies know no ports: the name has it.
    cookie: String,
}

impl Guard {
    pub fn new(port: u16, token: Option<String>, hosts: Vec<String>) -> Self {
        Self {
            token,
            hosts,
            cookie: format!("panel-token-{port}"),
        }
    }

    /// Nothing for a request that may go on, else its answer.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
        let refused = |why: &str| Some(Problem::new(StatusCode::FORBIDDEN, why).into_response());
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
            (Some(Ok(host)), None) => host,
            _ => return refused("one Host header is expected"),
        };
        // A site whose name leads here (DNS rebinding) is not this one.
        let differs = uri.authority().is_some_and(|it| it.as_str() != host);
        if differs || !self.is_ours(host) {
            return refused("the panel is not known by that name: --panel-host");
        }
        // Browsers name the page that a request comes from, but for links.
        for origin in headers.get_all(ORIGIN) {
            let origin = origin.to_str().unwrap_or_default();
            let authority = origin
                .strip_prefix("http://")
                .or(origin.strip_prefix("https://"));
            if authority != Some(host) {
                return refused("the request comes from another site");
            }
        }
        let token = self.token.as_deref()?;
        if self.shown(headers).any(|shown| is_same(shown, token)) {
            return None;
        }
        let shown = uri.query().unwrap_or_default().split('&');
        let shown = shown.filter_map(|part| part.strip_prefix("token=")).next();
        if method == Method::GET && shown.is_some_and(|shown| is_same(shown, token)) {
            let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Strict", self.cookie);
            let headers = [(SET_COOKIE, cookie), (LOCATION, "/".to_owned())];
            return Some((StatusCode::SEE_OTHER, headers).into_response());
        }
        let why =
            "the token is missing or wrong: Authorization: Bearer TOKEN, or /?token=TOKEN once";
        Some(Problem::new(StatusCode::UNAUTHORIZED, why).into_response())
    }

    /// The names that it may be reached by.
    fn is_ours(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let named = |ours: &String| ours.eq_ignore_ascii_case(name);
        // What is no name cannot lead elsewhere.
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(named)
    }

    /// Tokens that a request shows.
    fn shown<'h>(&'h self, headers: &'h HeaderMap) -> impl Iterator<Item = &'h str> {
        let bearers = headers.get_all(AUTHORIZATION).iter();
        let bearers = bearers.filter_map(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        let cookies = headers.get_all(COOKIE).iter();
        let cookies = cookies.filter_map(|it| it.to_str().ok());
        let cookies = cookies.flat_map(|it| it.split(';'));
        let cookies = cookies.filter_map(|it| {
            let (name, value) = it.trim().split_once('=')?;
            (name == self.cookie).then_some(value)
        });
        bearers.chain(cookies)
    }
}

/// Takes as long for any token of that length.
fn is_same(shown: &str, token: &str) -> bool {
    let pairs = shown.bytes().zip(token.bytes());
    shown.len() == token.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(guard: &Guard, uri: &str, headers: &[(&'static str, &str)]) -> Option<u16> {
        let uri: Uri = uri.parse().unwrap();
        let headers = headers.iter().map(|&(name, value)| {
            (
                axum::http::HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        let headers: HeaderMap = {
            let mut map = HeaderMap::new();
            headers.for_each(|(name, value)| {
                map.append(name, value);
            });
            map
        };
        let answer = guard.check(&Method::GET, &uri, &headers);
        answer.map(|answer| answer.status().as_u16())
    }

    #[test]
    fn names_that_lead_here_are_not_enough() {
        let guard = Guard::new(80, None, vec!["panel.example".to_owned()]);
        for (host, is_good) in [
            ("127.0.0.1:8080", true),
            ("localhost", true),
            ("LocalHost:1", true),
            ("[::1]:80", true),
            ("192.0.2.7:80", true),
            ("panel.example", true),
            ("Panel.Example:443", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("[evil]", false),
            ("", false),
        ] {
            let expected = if is_good { None } else { Some(403) };
            assert_eq!(status(&guard, "/", &[("host", host)]), expected, "{host}");
        }
        assert_eq!(status(&guard, "/", &[]), Some(403));
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(status(&guard, "/", &twice), Some(403));
        let absolute = status(&guard, "http://evil.example/", &[("host", "localhost")]);
        assert_eq!(absolute, Some(403));
    }

    #[test]
    fn other_sites_are_refused() {
        let guard = Guard::new(80, None, Vec::new());
        for (origin, is_good) in [
            ("http://localhost:8080", true),
            ("https://localhost:8080", true),
            ("http://localhost", false),
            ("http://localhost:9090", false),
            ("http://127.0.0.1:8080", false),
            ("http://evil.example", false),
            ("null", false),
            ("", false),
        ] {
            let expected = if is_good { None } else { Some(403) };
            let headers = [("host", "localhost:8080"), ("origin", origin)];
            assert_eq!(status(&guard, "/api/x", &headers), expected, "{origin}");
        }
    }

    #[test]
    fn the_token_is_shown_in_a_header_a_cookie_or_once_in_the_url() {
        let guard = Guard::new(8080, Some("abc".to_owned()), Vec::new());
        let host = ("host", "192.0.2.7:8080");
        let with = |name, value| status(&guard, "/api/stations", &[host, (name, value)]);
        assert_eq!(status(&guard, "/", &[host]), Some(401));
        assert_eq!(with("authorization", "Bearer abc"), None);
        assert_eq!(with("authorization", "Bearer abcd"), Some(401));
        assert_eq!(with("authorization", "Basic abc"), Some(401));
        assert_eq!(with("cookie", "a=b; panel-token-8080=abc"), None);
        assert_eq!(with("cookie", "panel-token-8081=abc"), Some(401));
        assert_eq!(with("cookie", "panel-token-8080="), Some(401));
        assert_eq!(status(&guard, "/?token=abc", &[host]), Some(303));
        assert_eq!(status(&guard, "/?token=ab", &[host]), Some(401));
        // What the token opens, a foreign name still does not.
        let foreign = [("host", "evil.example"), ("authorization", "Bearer abc")];
        assert_eq!(status(&guard, "/", &foreign), Some(403));
    }
}
