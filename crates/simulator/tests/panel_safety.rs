//! Who the panel answers: no other site, and elsewhere only who has the token.

use std::{fs, process::Command};

use serde_json::json;

use crate::panel_client::Panel;

/// Nothing listens there.
const NOWHERE: &str = "ws://127.0.0.1:9";

fn local() -> Panel {
    Panel::start_at("127.0.0.1:0", NOWHERE, &[], &[])
}

#[test]
fn a_foreign_host_is_refused() {
    let panel = local();
    assert_eq!(panel.token, None);
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
        for path in [
            "/",
            "/api/stations",
            "/openapi.json",
            "/main.js",
            "/nothing",
        ] {
            let answer = panel.request("GET", path, &[("Host", host)], None);
            assert_eq!(answer.status, 403, "{host} {path}");
        }
    }
    for host in ["localhost:5", "127.0.0.1", "[::1]:80"] {
        let answer = panel.request("GET", "/api/stations", &[("Host", host)], None);
        assert_eq!(answer.status, 200, "{host}");
    }
    let named = Panel::start_at("127.0.0.1:0", NOWHERE, &["--panel-host", "cp.example"], &[]);
    let answer = named.request("GET", "/", &[("Host", "cp.example")], None);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_foreign_origin_is_refused() {
    let panel = local();
    let path = "/api/stations/1/commands";
    let body = json!({ "line": "plug 1" }).to_string();
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = panel.request("POST", path, &[("Origin", origin)], Some(&body));
        assert_eq!(answer.status, 403, "{origin}");
        let answer = panel.request("GET", "/api/stations/1/events", &[("Origin", origin)], None);
        assert_eq!(answer.status, 403, "{origin}");
    }
    // What a form of another site could send is no JSON, even where no Origin is said.
    let headers = [("Content-Type", "text/plain")];
    assert_eq!(
        panel.request("POST", path, &headers, Some(&body)).status,
        415
    );
    assert_eq!(
        panel.get("/api/stations/1")["connectors"][1]["plugged"],
        false
    );
    let own = format!("http://{}", panel.address);
    let answer = panel.request("POST", path, &[("Origin", &own)], Some(&body));
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(!answer.headers.to_lowercase().contains("access-control"));
}

#[test]
fn one_that_others_can_reach_asks_for_a_token() {
    let panel = Panel::start_at("0.0.0.0:0", NOWHERE, &[], &[]);
    let token = panel.token.clone().unwrap();
    assert_eq!(token.len(), 32);
    for path in [
        "/",
        "/main.js",
        "/api/stations",
        "/api/stations?token=x",
        "/openapi.json",
    ] {
        assert_eq!(panel.request("GET", path, &[], None).status, 401, "{path}");
    }
    let bearer = format!("Bearer {token}");
    let answer = panel.request("GET", "/api/stations", &[("Authorization", &bearer)], None);
    assert_eq!(answer.status, 200);
    // Once in the URL, then in a cookie.
    let answer = panel.request("GET", &format!("/?token={token}"), &[], None);
    assert_eq!(answer.status, 303);
    let headers = answer.headers.lines();
    let cookie = headers
        .filter_map(|it| it.strip_prefix("set-cookie: "))
        .next()
        .unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(answer.headers.contains("location: /\r\n"));
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(
        panel
            .request("GET", "/", &[("Cookie", cookie)], None)
            .status,
        200
    );
    // The token does not make a foreign site a friend.
    let headers = [("Cookie", cookie), ("Origin", "http://evil.example")];
    assert_eq!(
        panel.request("GET", "/api/stations", &headers, None).status,
        403
    );
}

#[test]
fn the_token_is_from_a_file_or_the_environment_where_there_is_one() {
    let file = std::env::temp_dir().join(format!("panel-token-{}", std::process::id()));
    fs::write(&file, "from-a-file\n").unwrap();
    let option = ["--panel-token-file", file.to_str().unwrap()];
    let variable = [("OCPP_PANEL_TOKEN", "from-a-variable")];
    let panel = Panel::start_at("127.0.0.1:0", NOWHERE, &option, &variable);
    // One that was given is not printed, and asked for at home, too.
    assert_eq!(panel.token, None);
    let status = |panel: &Panel, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        panel.request("GET", "/api/stations", &headers, None).status
    };
    assert_eq!(status(&panel, "from-a-file"), 200);
    assert_eq!(status(&panel, "from-a-variable"), 401);
    let panel = Panel::start_at("127.0.0.1:0", NOWHERE, &[], &variable);
    assert_eq!(status(&panel, "from-a-variable"), 200);
    fs::write(&file, "with spaces in it").unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_charge-point"))
        .args(["--csms", NOWHERE, "--id", "CP1", "--panel", "127.0.0.1:0"])
        .args(option)
        .output()
        .unwrap();
    fs::remove_file(file).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("token") && !said.contains("spaces"), "{said}");
}

#[test]
fn the_page_takes_nothing_from_elsewhere() {
    let panel = local();
    let page = panel.request("GET", "/", &[], None);
    let headers = page.headers.to_lowercase();
    assert!(headers.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(headers.contains("x-content-type-options: nosniff"));
    assert!(headers.contains("referrer-policy: no-referrer"));
    panel.check_page();
}
