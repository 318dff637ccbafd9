//! The API of a fleet's panel, with a real fleet and a central system.

use central_system::{Behaviour, CentralSystem, IdTagStatus};
use serde_json::{Value, json};

use crate::panel_client::{
    Panel, SOON,
    document::{answered, check},
};

fn central() -> CentralSystem {
    let behaviour = Behaviour::new().unknown_tags(IdTagStatus::Accepted);
    CentralSystem::start(behaviour.all_versions()).unwrap()
}

fn fleet(central: &CentralSystem, options: &str) -> Panel {
    Panel::fleet("127.0.0.1:0", &central.url(), options)
}

/// Waits for values of all stations together.
fn wait_fleet(panel: &Panel, wanted: Value) -> Value {
    let body = json!({ "state": wanted, "timeoutMs": 14_000 });
    let answer = panel.send("POST", "/api/fleet/await", &body).json();
    assert_eq!(answer["met"], true, "{body}: {answer:#}");
    answer["state"].clone()
}

fn order(panel: &Panel, line: &str) {
    let answer = panel.send("POST", "/api/fleet/commands", &json!({ "line": line }));
    assert_eq!(answer.status, 200, "{line}: {}", answer.text);
}

/// A page of the table, and the numbers of its stations.
fn page(panel: &Panel, query: &str) -> (Value, Vec<u64>) {
    let page = panel.get(&format!("/api/stations?{query}"));
    let rows = page["stations"].as_array().unwrap().iter();
    let ids = rows.map(|row| row["id"].as_u64().unwrap()).collect();
    (page, ids)
}

#[test]
fn stations_are_found_sorted_and_cut_into_pages() {
    let central = central();
    let panel = fleet(
        &central,
        "--stations 30 --first 101 --busy 0% --ocpp 1.6=2,2.0.1=1 --loops 2",
    );
    wait_fleet(&panel, json!({ "/accepted": 30 }));
    let (all, ids) = page(&panel, "limit=4&offset=8");
    assert_eq!(ids, [109, 110, 111, 112]);
    assert_eq!(
        (&all["found"], &all["all"], &all["offset"]),
        (&json!(30), &json!(30), &json!(8))
    );
    let row = &all["stations"][0];
    assert_eq!(
        (&row["identity"], &row["connection"], &row["registration"]),
        (&json!("CP00109"), &json!("online"), &json!("Accepted"))
    );
    assert_eq!(
        page(&panel, "text=cp0011&limit=100").1,
        Vec::from_iter(110..120)
    );
    assert_eq!(page(&panel, "order=descending&limit=2").1, [130, 129]);
    assert_eq!(page(&panel, "version=2.0.1").0["found"], 10);
    assert!(page(&panel, "offset=1000").1.is_empty());
    // By what stations do just now.
    for (id, watts) in [(105, 3_000), (122, 9_000)] {
        panel.command(id, "plug 1");
        panel.command(id, "tag 1 DRIVER");
        panel.wait_state(id, "/connectors/1/status", json!(charging(&panel, id)));
        panel.command(id, &format!("power 1 {watts}"));
    }
    let (found, ids) = page(&panel, "sort=power&order=descending&limit=2");
    assert_eq!(ids, [122, 105]);
    assert_eq!(found["stations"][0]["power"], 9_000);
    assert_eq!(found["stations"][1]["connectors"][0]["power"], 3_000);
    assert_eq!(page(&panel, "status=Preparing").0["found"], 0);
    panel.command(117, "link down");
    assert_eq!(page(&panel, "connection=down").1, [117]);
    assert_eq!(page(&panel, "error=true").1, [117]);
    assert_eq!(page(&panel, "connection=online").0["found"], 29);
    let (lost, _) = page(&panel, "connection=down");
    assert_eq!(lost["stations"][0]["lastError"]["error"], "lost");
}

/// What a connector with a transaction is called.
fn charging(panel: &Panel, id: u32) -> &'static str {
    match panel.get(&format!("/api/stations/{id}"))["version"] == "1.6" {
        true => "Charging",
        false => "Occupied",
    }
}

#[test]
fn a_station_is_opened_driven_and_awaited() {
    let central = central();
    let panel = fleet(&central, "--stations 3 --busy 0% --meter-interval 1");
    panel.wait_state(2, "/connection", json!("online"));
    let state = panel.command(2, "plug 1");
    assert_eq!(state["connectors"][1]["plugged"], true);
    assert_eq!(state["connectors"][1]["byHand"], true);
    panel.command(2, "tag 1 DRIVER");
    let state = panel.wait_state(2, "/connectors/1/status", json!("Charging"));
    assert_eq!(state["connectors"][1]["idTag"], "DRIVER");
    panel.command(2, "power 1 1000000");
    // The register goes on while nothing else happens: 277 Wh a second at that power.
    let start = state["connectors"][1]["meterStart"].as_i64().unwrap();
    panel.wait_state(2, "/connectors/1/energy", json!({ "atLeast": start + 300 }));
    let told = json!({ "command": "power", "connector": 1, "watts": 3_000 });
    let answer = panel.send("POST", "/api/stations/2/commands", &told).json();
    assert_eq!(answer["connectors"][1]["power"], 3_000);

    // Only from the moment on that it was opened, and only of this station.
    let frames = panel.get("/api/stations/2/frames?action=StartTransaction");
    let frames = frames["frames"].as_array().unwrap().clone();
    let names = frames.iter().map(|it| it["message"].as_str().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["StartTransaction.req", "StartTransaction.conf"]
    );
    assert!(frames[0]["text"].as_str().unwrap().contains("DRIVER"));
    let others = panel.get("/api/stations/3/frames");
    assert_eq!(others["frames"], json!([]));

    // What waits while the link is cut, and goes when it is mended.
    panel.command(2, "link down");
    panel.wait_state(2, "/connection", json!("down"));
    panel.command(2, "unplug 1");
    let queue = panel.get("/api/stations/2/queue");
    assert_eq!(
        queue["messages"].as_array().unwrap().last().unwrap()["kind"],
        "stop"
    );
    let last = panel.get("/api/stations/2")["lastEvent"].clone();
    panel.command(2, "link up");
    panel.command(2, "connect");
    let delivered = json!({
        "event": { "event": "transaction", "state": "reported" },
        "after": last,
        "state": { "/queue/messages": 0, "/connectors/1/status": "Available" },
        "timeoutMs": 14_000,
    });
    let answer = panel
        .send("POST", "/api/stations/2/await", &delivered)
        .json();
    assert_eq!(answer["met"], true, "{answer:#}");
    let books = central.books();
    let transactions = &books.stations["CP00002"].transactions;
    assert_eq!(transactions.len(), 1);
    assert!(transactions[0].stop.is_some());

    // It breaks, and is still broken after it was without power.
    panel.command(2, "fault 1 GroundFailure a wet socket");
    let state = panel.wait_state(2, "/connectors/1/status", json!("Faulted"));
    assert_eq!(state["connectors"][1]["info"], "a wet socket");
    let state = panel.command(2, "blackout 100ms");
    assert_eq!(
        (&state["running"], &state["connection"]),
        (&json!(false), &json!("off"))
    );
    panel.wait_state(2, "/connection", json!("online"));
    let state = panel.wait_state(2, "/connectors/1/errorCode", json!("GroundFailure"));
    assert_eq!(state["connectors"][2]["status"], "Available");
    panel.command(2, "clear 1");
    panel.wait_state(2, "/connectors/1/status", json!("Available"));
    let before = central.station("CP00002").calls("BootNotification");
    panel.command(2, "reboot");
    panel.wait_state(2, "/connection", json!("off"));
    panel.wait_state(2, "/connection", json!("online"));
    assert_eq!(
        central.station("CP00002").calls("BootNotification"),
        before + 1
    );
}

#[test]
fn the_model_goes_on_where_nobody_interferes() {
    let central = central();
    let panel = fleet(&central, "--stations 2 --busy 100%");
    wait_fleet(&panel, json!({ "/charging": 4 }));
    let state = panel.get("/api/stations/1");
    assert_eq!(state["connectors"][1]["byHand"], false);
    let tag = state["connectors"][1]["idTag"].as_str().unwrap().to_owned();
    // A person ends what the model has begun; nothing begins again by itself.
    panel.command(1, &format!("tag 1 {tag}"));
    panel.wait_state(1, "/connectors/1/status", json!("Finishing"));
    let state = panel.command(1, "unplug 1");
    assert_eq!(state["connectors"][1]["byHand"], false);
    panel.wait_state(1, "/connectors/1/status", json!("Available"));
    // A vehicle of the model comes again when there is a surge.
    panel.command(1, "surge 100%");
    panel.wait_state(1, "/connectors/1/status", json!("Charging"));
    wait_fleet(&panel, json!({ "/charging": 4 }));
}

#[test]
fn keys_are_read_and_changed_and_the_rest_is_told() {
    let central = central();
    let panel = fleet(&central, "--stations 1 --meter-interval 7");
    panel.wait_state(1, "/connection", json!("online"));
    let value = |key: &str| {
        let keys = panel.get("/api/stations/1/keys");
        let named = keys.as_array().unwrap().iter().find(|it| it["key"] == key);
        named.unwrap()["value"].clone()
    };
    assert_eq!(value("MeterValueSampleInterval"), "7");
    for (key, new, status) in [
        ("MeterValueSampleInterval", "8", "Accepted"),
        ("MeterValueSampleInterval", "never", "Rejected"),
        ("NumberOfConnectors", "5", "Rejected"),
    ] {
        let path = format!("/api/stations/1/keys/{key}");
        let answer = panel.send("PUT", &path, &json!({ "value": new }));
        assert_eq!(answer.json()["status"], status, "{key} {new}");
    }
    assert_eq!(value("MeterValueSampleInterval"), "8");
    let asked = json!({ "key": ["MeterValueSampleInterval"] });
    let told = central
        .call("CP00001", "GetConfiguration", asked, SOON)
        .unwrap();
    assert_eq!(told["configurationKey"][0]["value"], "8");
    let reservation = json!({ "connectorId": 2, "idTag": "GUEST", "reservationId": 7,
        "expiryDate": "2099-01-01T00:00:00Z" });
    central
        .call("CP00001", "ReserveNow", reservation, SOON)
        .unwrap();
    let told = panel.get("/api/stations/1/reservations");
    assert_eq!(told[0]["idTag"], "GUEST");
}

#[test]
fn all_stations_are_told_what_happens() {
    let central = central();
    let mut panel = fleet(&central, "--stations 8 --busy 0%");
    wait_fleet(&panel, json!({ "/accepted": 8 }));
    let last = panel.get("/api/fleet")["lastEvent"].clone();
    order(&panel, "surge 100%");
    wait_fleet(&panel, json!({ "/charging": 16 }));
    order(&panel, "blackout 5s");
    wait_fleet(&panel, json!({ "/running": 0 }));
    assert_eq!(page(&panel, "connection=off").0["found"], 8);
    wait_fleet(&panel, json!({ "/accepted": 8, "/sums/boots": 16 }));
    let path = format!("/api/fleet/events?after={last}");
    let (mut orders, mut is_shown) = (Vec::new(), false);
    panel.listen(&path, |line| {
        let told = line
            .strip_prefix("data: ")
            .map(serde_json::from_str::<Value>);
        let told = told.and_then(Result::ok).unwrap_or_default();
        if told["event"] == "command" {
            orders.push(told["line"].clone());
        }
        is_shown |= told["accepted"] == 8;
        orders.len() == 2 && is_shown
    });
    assert_eq!(orders, ["surge 100%", "blackout 5s"]);
    order(&panel, "quit");
    assert_eq!(panel.exit(), Some(0));
}

#[test]
fn what_cannot_be_done_is_said_in_a_line() {
    let central = central();
    let panel = fleet(&central, "--stations 2 --busy 0%");
    panel.wait_state(1, "/connection", json!("online"));
    for (method, path, body, status) in [
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "plug 9" }),
            400,
        ),
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "dance" }),
            400,
        ),
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "quit" }),
            400,
        ),
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "blackout" }),
            400,
        ),
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "unplug 1" }),
            409,
        ),
        (
            "POST",
            "/api/stations/1/commands",
            json!({ "line": "connect" }),
            409,
        ),
        (
            "POST",
            "/api/stations/3/commands",
            json!({ "line": "plug 1" }),
            404,
        ),
        (
            "PUT",
            "/api/stations/1/keys/NoSuchKey",
            json!({ "value": "1" }),
            404,
        ),
        (
            "POST",
            "/api/fleet/commands",
            json!({ "line": "plug 1" }),
            400,
        ),
        ("POST", "/api/fleet/commands", json!({}), 400),
        ("POST", "/api/fleet/await", json!({}), 400),
        ("POST", "/api/stations", json!({ "identity": "CP9" }), 405),
    ] {
        let answer = panel.send(method, path, &body);
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text);
        let why = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(!why.is_empty() && !why.contains('\n'), "{why}");
    }
    for (path, status) in [
        ("/api/stations/0", 404),
        ("/api/stations/x", 404),
        ("/api/stations?limit=501", 400),
        ("/api/stations?status=Sleeping", 400),
        ("/api/stations?what=1", 400),
        ("/api/stations/1/schedule?connector=9", 404),
    ] {
        let answer = panel.request("GET", path, &[], None);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
}

#[test]
fn a_station_that_has_not_started_yet_can_be_awaited() {
    let central = central();
    // The second one starts after four seconds.
    let panel = fleet(&central, "--stations 2 --ramp 8s");
    let state = panel.get("/api/stations/2");
    assert_eq!(
        (&state["running"], &state["connection"]),
        (&json!(false), &json!("off"))
    );
    let body = json!({ "line": "plug 1" });
    let answer = panel.send("POST", "/api/stations/2/commands", &body);
    assert_eq!(answer.status, 409, "{}", answer.text);
    panel.wait_state(2, "/connection", json!("online"));
    // What it said first was heard.
    let frames = panel.get("/api/stations/2/frames?action=BootNotification");
    assert_eq!(frames["frames"].as_array().unwrap().len(), 2);
}

#[test]
fn no_more_is_kept_than_of_256_stations() {
    let panel = Panel::fleet("127.0.0.1:0", "ws://127.0.0.1:9", "--stations 257");
    let booted = |timeout: u64| {
        let body = json!({ "event": { "event": "boot" }, "after": 0, "timeoutMs": timeout });
        panel.send("POST", "/api/stations/1/await", &body).json()["met"].clone()
    };
    panel.wait_state(1, "/running", json!(true));
    panel.command(1, "power-loss");
    assert_eq!(booted(14_000), true);
    for other in 2..=256 {
        panel.get(&format!("/api/stations/{other}"));
    }
    assert_eq!(
        panel.request("GET", "/api/stations/300", &[], None).status,
        404
    );
    // It was not asked for longest; asked for again, it is kept, and the next one goes for the 257th.
    assert_eq!(booted(0), true);
    panel.get("/api/stations/257");
    assert_eq!(booted(0), true);
    for other in 2..=257 {
        panel.get(&format!("/api/stations/{other}"));
    }
    assert_eq!(booted(0), false);
}

#[test]
fn answers_are_as_the_document_says() {
    let central = central();
    let panel = fleet(&central, "--stations 2 --busy 100% --meter-interval 1");
    wait_fleet(&panel, json!({ "/charging": 4 }));
    let document = panel.get("/openapi.json");
    let frame = json!({ "event": { "event": "frame" } });
    let answer = panel.send("POST", "/api/stations/1/await", &frame).json();
    assert_eq!(answer["met"], true, "{answer:#}");
    order(&panel, "outage 5s");
    panel.wait_state(1, "/connection", json!("down"));
    for path in [
        "/api/fleet",
        "/api/stations",
        "/api/stations/{station}",
        "/api/stations/{station}/frames",
        "/api/stations/{station}/history",
        "/api/stations/{station}/keys",
        "/api/stations/{station}/queue",
        "/api/stations/{station}/reservations",
        "/api/stations/{station}/local-list",
        "/api/stations/{station}/profiles",
        "/api/stations/{station}/schedule",
    ] {
        let answer = panel.get(&path.replace("{station}", "1"));
        check(&document, answered(&document, "get", path, "200"), &answer);
    }
    for (path, body, status) in [
        ("/api/fleet/await", json!({ "state": {} }), "200"),
        ("/api/fleet/await", json!({ "state": 1 }), "400"),
        ("/api/fleet/commands", json!({ "line": "restart" }), "200"),
        (
            "/api/stations/{station}/await",
            json!({ "state": { "/running": false } }),
            "200",
        ),
        (
            "/api/stations/{station}/commands",
            json!({ "line": "plug 1" }),
            "409",
        ),
        (
            "/api/stations/{station}/commands",
            json!({ "line": "dance" }),
            "400",
        ),
    ] {
        let answer = panel.send("POST", &path.replace("{station}", "1"), &body);
        assert_eq!(answer.status.to_string(), status, "{path}: {}", answer.text);
        let schema = answered(&document, "post", path, status);
        check(&document, schema, &answer.json());
    }
    // Without power, too.
    let answer = panel.get("/api/stations/1");
    assert_eq!(answer["running"], false);
    let path = "/api/stations/{station}";
    check(&document, answered(&document, "get", path, "200"), &answer);
}

#[test]
fn it_is_guarded_as_the_panel_of_a_station_is() {
    let nowhere = "ws://127.0.0.1:9";
    let panel = Panel::fleet("127.0.0.1:0", nowhere, "--stations 1");
    assert_eq!(panel.token, None);
    for path in [
        "/",
        "/api/fleet",
        "/api/stations",
        "/main.js",
        "/openapi.json",
    ] {
        let status = |headers: &[(&str, &str)]| panel.request("GET", path, headers, None).status;
        assert_eq!(status(&[]), 200, "{path}");
        assert_eq!(status(&[("Host", "evil.example")]), 403, "{path}");
        assert_eq!(status(&[("Origin", "http://evil.example")]), 403, "{path}");
    }
    let body = json!({ "line": "restart" }).to_string();
    let headers = [("Content-Type", "text/plain")];
    let path = "/api/fleet/commands";
    assert_eq!(
        panel.request("POST", path, &headers, Some(&body)).status,
        415
    );
    let open = Panel::fleet("0.0.0.0:0", nowhere, "--stations 1");
    let token = open.token.clone().unwrap();
    assert_eq!(open.request("GET", "/api/fleet", &[], None).status, 401);
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    assert_eq!(
        open.request("GET", "/api/fleet", &headers, None).status,
        200
    );
    let refused = std::process::Command::new(env!("CARGO_BIN_EXE_charge-point"))
        .args(["fleet", "--csms", nowhere, "--panel", &open.address])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("no panel at"), "{said}");
}

#[test]
fn the_page_has_all_that_it_names() {
    let panel = Panel::fleet("127.0.0.1:0", "ws://127.0.0.1:9", "--stations 1");
    panel.check_page();
}
