//! The API of the panel, with a real station and a central system.

use std::time::Duration;

use central_system::{Behaviour, CentralSystem, IdTag};
use serde_json::{Value, json};

use crate::panel_client::{
    IDENTITY, Panel, SOON,
    document::{answered, check},
};

const ONE: &str = "/api/stations/1";

fn central() -> CentralSystem {
    let behaviour = Behaviour::new()
        .tag("TAG", IdTag::accepted())
        .tag("OTHER", IdTag::accepted());
    CentralSystem::start(behaviour).unwrap()
}

fn online(central: &CentralSystem, options: &[&str]) -> Panel {
    let panel = Panel::start(central, options);
    panel.wait_state(1, "/connection", json!("online"));
    panel
}

fn ask(central: &CentralSystem, action: &str, payload: Value) -> Value {
    central.call(IDENTITY, action, payload, SOON).unwrap()
}

fn at(path: &str) -> String {
    format!("{ONE}{path}")
}

#[test]
fn a_session_is_driven_and_awaited() {
    let central = central();
    let panel = online(&central, &[]);
    let state = panel.command(1, "plug 1");
    assert_eq!(state["connectors"][1]["plugged"], true);
    panel.command(1, "tag 1 TAG");
    let state = panel.wait_state(1, "/connectors/1/status", json!("Charging"));
    assert_eq!(state["connectors"][1]["idTag"], "TAG");
    let told = json!({ "command": "power", "connector": 1, "watts": 3_000 });
    assert_eq!(panel.send("POST", &at("/commands"), &told).status, 200);
    panel.wait_state(
        1,
        "/connectors/1/power",
        json!({ "atLeast": 2_900, "atMost": 3_000 }),
    );
    panel.wait_state(1, "/connectors/1/transactionId", json!({ "atLeast": 1 }));

    // An event, and the state behind it.
    let path = at("/await");
    let last = panel.get(ONE)["lastEvent"].clone();
    panel.command(1, "tag 1 TAG");
    let stopped = json!({
        "event": { "event": "transaction", "connector": 1, "state": "reported" },
        "after": last,
        "state": { "/queue/messages": 0 },
    });
    let answer = panel.send("POST", &path, &stopped).json();
    assert_eq!(answer["met"], true, "{answer:#}");
    assert_eq!(answer["event"]["reason"], "Local");
    panel.command(1, "unplug 1");
    panel.wait_state(1, "/connectors/1/status", json!("Available"));
    // A restart is not taken for what was before it.
    let state = panel.command(1, "reboot");
    assert_eq!(state["connection"], "restarting");
    panel.wait_state(1, "/connection", json!("online"));
    assert_eq!(central.station(IDENTITY).calls("BootNotification"), 2);
    assert_eq!(central.station(IDENTITY).transactions.len(), 1);

    // What does not come to be is told when the time is over.
    let never = json!({ "state": { "/connectors/1/status": "Charging" }, "timeoutMs": 100 });
    let answer = panel.send("POST", &path, &never).json();
    assert_eq!(
        (&answer["met"], &answer["event"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(answer["state"]["connectors"][1]["status"], "Available");
}

#[test]
fn what_cannot_be_done_is_said_in_a_line() {
    let central = central();
    let panel = online(&central, &[]);
    for (method, path, body, status) in [
        ("POST", "/commands", json!({ "line": "plug 9" }), 400),
        ("POST", "/commands", json!({ "line": "dance" }), 400),
        ("POST", "/commands", json!({ "line": "" }), 400),
        (
            "POST",
            "/commands",
            json!({ "line": "plug 1", "x": 1 }),
            400,
        ),
        ("POST", "/commands", json!({ "command": "plug" }), 400),
        ("POST", "/commands", json!({ "line": "unplug 1" }), 409),
        ("POST", "/commands", json!({ "line": "wait 1" }), 400),
        ("POST", "/await", json!({}), 400),
        ("PUT", "/connection", json!({ "csms": "http://x" }), 400),
        ("PUT", "/connection", json!({ "version": "3" }), 400),
        ("PUT", "/connection", json!({ "identity": "" }), 400),
        ("PUT", "/keys/NoSuchKey", json!({ "value": "1" }), 404),
        ("PUT", "/keys/HeartbeatInterval", json!({ "value": 1 }), 400),
        ("DELETE", "", json!({}), 409),
        ("POST", "/keys", json!({}), 405),
        ("POST", "/nothing", json!({}), 404),
    ] {
        let answer = panel.send(method, &at(path), &body);
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text);
        let why = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(!why.is_empty() && !why.contains('\n'), "{why}");
    }
    for (path, status) in [
        ("/api/stations/9", 404),
        ("/api/stations/x", 404),
        ("/api/stations/1/frames?dir=up", 400),
        ("/api/stations/1/frames?limit=5000", 400),
        ("/api/stations/1/frames?what=1", 400),
        ("/api/stations/1/schedule?connector=9", 404),
        ("/api/stations/1/schedule?unit=V", 400),
        ("/api/stations/1/events?after=x", 400),
        ("/none", 404),
    ] {
        let answer = panel.request("GET", path, &[], None);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.json()["error"].is_string());
    }
    let long = "x".repeat(70_000);
    let answer = panel.send("POST", &at("/commands"), &json!({ "line": long }));
    assert_eq!(answer.status, 413);
}

#[test]
fn frames_are_found_by_what_they_are() {
    let central = central();
    let panel = online(&central, &[]);
    let names = |query: &str| -> Vec<String> {
        let told = panel.get(&at(&format!("/frames?{query}")));
        let frames = told["frames"].as_array().unwrap().clone();
        let name = |it: &Value| it["message"].as_str().unwrap().to_owned();
        frames.iter().map(name).collect()
    };
    assert_eq!(
        names("action=BootNotification"),
        ["BootNotification.req", "BootNotification.conf"]
    );
    assert_eq!(
        names("dir=in&action=BootNotification"),
        ["BootNotification.conf"]
    );
    assert_eq!(names("kind=call&text=simulator"), ["BootNotification.req"]);
    assert_eq!(names("limit=1&dir=out&kind=call").len(), 1);
    assert!(names("kind=error").is_empty());
    let all = panel.get(&at("/frames"));
    let last = all["frames"].as_array().unwrap().last().unwrap()["number"].clone();
    assert!(names(&format!("after={last}")).is_empty());
}

#[test]
fn events_and_states_are_told_as_they_come() {
    let central = central();
    let panel = online(&central, &[]);
    let after = panel.get(ONE)["lastEvent"].clone();
    panel.command(1, "fault 1 GroundFailure a wet socket");
    let path = at(&format!("/events?after={after}"));
    let (mut is_answered, mut is_shown) = (false, false);
    let lines = panel.listen(&path, |line| {
        is_answered |= line.contains("StatusNotification.conf");
        is_shown |= line.starts_with("data: ") && line.contains("\"running\":true");
        is_answered && is_shown
    });
    let data = lines.iter().filter_map(|line| line.strip_prefix("data: "));
    let told: Vec<Value> = data.map(|it| serde_json::from_str(it).unwrap()).collect();
    assert!(
        told.iter()
            .any(|it| it["event"] == "status" && it["errorCode"] == "GroundFailure")
    );
    let state = told.iter().find(|it| it["running"] == true).unwrap();
    assert_eq!(state["connectors"][1]["info"], "a wet socket");
    // What a program that ran before has told is not known to this one.
    panel.listen(&at("/events?after=999999"), |line| {
        line.contains("BootNotification.req")
    });
    // From where one that is broken off goes on.
    let number = told.iter().find(|it| it["event"] == "status").unwrap()["number"].clone();
    assert!(lines.contains(&format!("id: {number}")));
}

#[test]
fn keys_are_read_and_changed() {
    let central = central();
    let panel = online(
        &central,
        &[
            "--setting",
            "FanSpeed=0..100:40",
            "--setting",
            "Pin=text..8,write-only:1",
        ],
    );
    let value = |key: &str| {
        let keys = panel.get(&at("/keys"));
        let keys = keys.as_array().unwrap().iter();
        let mut named = keys.filter(|it| it["key"] == key);
        named.next().unwrap_or_else(|| panic!("no {key}")).clone()
    };
    for (key, new, status) in [
        ("HeartbeatInterval", "77", "Accepted"),
        ("heartbeatinterval", "78", "Accepted"),
        ("HeartbeatInterval", "soon", "Rejected"),
        ("NumberOfConnectors", "5", "Rejected"),
        ("FanSpeed", "99", "Accepted"),
        ("FanSpeed", "101", "Rejected"),
        ("Pin", "4321", "Accepted"),
    ] {
        let path = at(&format!("/keys/{key}"));
        let answer = panel.send("PUT", &path, &json!({ "value": new }));
        assert_eq!(answer.json()["status"], status, "{key} {new}");
    }
    assert_eq!(value("HeartbeatInterval")["value"], "78");
    assert_eq!(
        value("FanSpeed"),
        json!({ "key": "FanSpeed", "value": "99", "readonly": false })
    );
    assert_eq!(value("Pin")["value"], Value::Null);
    assert_eq!(value("AuthorizationKey")["value"], Value::Null);
    assert_eq!(value("NumberOfConnectors")["readonly"], true);
    // The central system sees the same.
    let asked = json!({ "key": ["HeartbeatInterval"] });
    let told = ask(&central, "GetConfiguration", asked);
    assert_eq!(told["configurationKey"][0]["value"], "78");
}

#[test]
fn what_waits_is_listed_and_delivered() {
    let central = central();
    let panel = online(&central, &[]);
    panel.command(1, "plug 1");
    panel.command(1, "tag 1 TAG");
    panel.wait_state(1, "/connectors/1/transactionId", json!({ "atLeast": 1 }));
    panel.command(1, "link down");
    panel.wait_state(1, "/connection", json!("down"));
    panel.command(1, "unplug 1");
    let queue = panel.get(&at("/queue"));
    let kinds = queue["messages"].as_array().unwrap().iter();
    let kinds: Vec<_> = kinds.map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["stop"], "{queue}");
    assert_eq!(queue["waiting"], 1);
    panel.command(1, "link up");
    panel.command(1, "connect");
    panel.wait_state(1, "/queue/messages", json!(0));
    assert!(central.station(IDENTITY).transactions[0].stop.is_some());
}

#[test]
fn a_station_connects_elsewhere() {
    let (first, second) = (central(), {
        let behaviour = Behaviour::new().password("CP2", "secret-secret-16");
        CentralSystem::start(behaviour).unwrap()
    });
    let panel = online(&first, &[]);
    panel.command(1, "plug 1");
    panel.command(1, "tag 1 TAG");
    panel.wait_state(1, "/connectors/1/transactionId", json!({ "atLeast": 1 }));
    // What the central system has changed is of no use elsewhere.
    let key = json!({ "key": "AuthorizationKey", "value": "0123456789abcdef" });
    ask(&first, "ChangeConfiguration", key);
    let elsewhere = json!({
        "csms": second.url(), "identity": "CP2", "password": "secret-secret-16",
    });
    let last = panel.get(ONE)["lastEvent"].clone();
    let answer = panel.send("PUT", &at("/connection"), &elsewhere);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["identity"], "CP2");
    let booted = json!({
        "event": { "event": "connected" }, "after": last, "state": { "/connection": "online" },
    });
    let answer = panel.send("POST", &at("/await"), &booted).json();
    assert_eq!(answer["met"], true, "{answer:#}");
    let state = &answer["state"];
    assert_eq!(
        (&state["identity"], &state["securityProfile"]),
        (&json!("CP2"), &json!(1))
    );
    assert_eq!(state["connectors"][1]["plugged"], true);
    assert!(second.station("CP2").online);
    let wait = Duration::from_secs(5);
    assert!(first.wait_for(wait, |books| !books.is_online(IDENTITY)));
    // And back, without the password.
    let back = json!({ "csms": first.url(), "identity": "CP3", "password": null });
    assert_eq!(panel.send("PUT", &at("/connection"), &back).status, 200);
    panel.wait_state(1, "/identity", json!("CP3"));
    panel.wait_state(1, "/connection", json!("online"));
    assert!(!panel.get(ONE)["hasPassword"].as_bool().unwrap());
}

#[test]
fn stations_are_created_and_removed() {
    let central = central();
    let mut panel = online(&central, &[]);
    let wanted = json!({ "identity": "CP2", "connectors": 1, "vendor": "Acme", "model": "Two" });
    let answer = panel.send("POST", "/api/stations", &wanted);
    assert_eq!((answer.status, answer.json()), (201, json!({ "id": 2 })));
    assert!(answer.headers.contains("location: /api/stations/2"));
    panel.wait_state(2, "/connection", json!("online"));
    panel.command(2, "plug 1");
    let all = panel.get("/api/stations");
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0]["connectors"][1]["plugged"], false);
    assert_eq!(all[1]["connectors"].as_array().unwrap().len(), 2);
    assert_eq!(all[1]["connectors"][1]["plugged"], true);
    let boot = central.station("CP2").boot.unwrap();
    assert_eq!(boot["chargePointVendor"], "Acme");
    for (wanted, status) in [
        (json!({}), 400),
        (json!({ "identity": "CP3", "connectors": 0 }), 400),
        (json!({ "identity": "CP3", "connectors": 300 }), 400),
        (json!({ "identity": "CP3", "vendor": "" }), 400),
        (json!({ "identity": "CP3", "csms": "nowhere" }), 400),
        (json!({ "identity": "CP3", "colour": "red" }), 400),
    ] {
        let answer = panel.send("POST", "/api/stations", &wanted);
        assert_eq!(answer.status, status, "{wanted}: {}", answer.text);
    }
    let answer = panel.request("DELETE", "/api/stations/2", &[], None);
    assert_eq!(answer.status, 204);
    assert_eq!(
        panel.request("GET", "/api/stations/2", &[], None).status,
        404
    );
    assert!(central.wait_for(SOON, |books| !books.is_online("CP2")));
    // The number is not used again, and the program goes on.
    let answer = panel.send("POST", "/api/stations", &json!({ "identity": "CP4" }));
    assert_eq!(answer.json()["id"], 3);
    // OCPP 2.0.1 is another subprotocol, which this central system does not choose.
    let answer = panel.send(
        "POST",
        "/api/stations",
        &json!({ "identity": "CP5", "version": "2.0.1" }),
    );
    assert_eq!(answer.json()["id"], 4);
    panel.wait_state(4, "/version", json!("2.0.1"));
    assert_eq!(
        panel.request("DELETE", "/api/stations/4", &[], None).status,
        204
    );
    panel.command(3, "quit");
    panel.wait_state(3, "/running", json!(false));
    let answer = panel.send(
        "POST",
        "/api/stations/3/commands",
        &json!({ "line": "plug 1" }),
    );
    assert_eq!(answer.status, 410, "{}", answer.text);
    assert!(panel.is_running());
}

#[test]
fn answers_are_as_the_document_says() {
    let central = central();
    let panel = online(&central, &[]);
    let document = panel.get("/openapi.json");
    // Something of everything.
    let entry = json!({ "idTag": "LISTED", "idTagInfo": { "status": "Accepted",
        "expiryDate": "2099-01-01T00:00:00Z", "parentIdTag": "GROUP" } });
    let list = json!({ "listVersion": 1, "updateType": "Full", "localAuthorizationList": [entry] });
    ask(&central, "SendLocalList", list);
    ask(
        &central,
        "ReserveNow",
        json!({ "connectorId": 2, "idTag": "OTHER", "reservationId": 7,
        "expiryDate": "2099-01-01T00:00:00Z" }),
    );
    ask(
        &central,
        "SetChargingProfile",
        json!({ "connectorId": 1, "csChargingProfiles": {
        "chargingProfileId": 5, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Recurring", "recurrencyKind": "Daily", "chargingSchedule": {
            "startSchedule": "2026-01-01T00:00:00Z", "chargingRateUnit": "A", "duration": 86_400,
            "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": 10.0 },
                { "startPeriod": 43_200, "limit": 16.0, "numberPhases": 3 }] } } }),
    );
    panel.command(1, "plug 1");
    panel.command(1, "tag 1 TAG");
    panel.wait_state(1, "/connectors/1/limit/phases", json!(3));
    panel.wait_state(1, "/connectors/1/power", json!({ "atLeast": 1 }));
    panel.command(1, "link down");
    panel.command(1, "unplug 1");
    for path in [
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
        let list = answer.as_array().or(answer["entries"].as_array());
        assert!(list.is_none_or(|list| !list.is_empty()), "{path}: {answer}");
        check(&document, answered(&document, "get", path, "200"), &answer);
    }
    let schedule = panel.get(&at("/schedule?connector=1&unit=A&duration=90000"));
    check(
        &document,
        answered(&document, "get", "/api/stations/{station}/schedule", "200"),
        &schedule,
    );
    let limits = schedule["periods"].as_array().unwrap().iter();
    let limits: Vec<_> = limits.map(|it| it["limit"].as_f64().unwrap()).collect();
    assert!(
        limits.contains(&10.0) && limits.contains(&16.0),
        "{schedule}"
    );
    for (method, path, body, status) in [
        ("post", "/api/stations", json!({ "identity": "CP2" }), "201"),
        ("post", "/api/stations", json!({ "identity": 2 }), "400"),
        (
            "post",
            "/api/stations/{station}/commands",
            json!({ "line": "status" }),
            "200",
        ),
        (
            "post",
            "/api/stations/{station}/commands",
            json!({ "line": "unplug 1" }),
            "409",
        ),
        (
            "post",
            "/api/stations/{station}/await",
            json!({ "state": {} }),
            "200",
        ),
        (
            "post",
            "/api/stations/{station}/await",
            json!({ "event": { "event": "boot" },
            "timeoutMs": 0 }),
            "200",
        ),
        (
            "put",
            "/api/stations/{station}/keys/{key}",
            json!({ "value": "5" }),
            "200",
        ),
        (
            "put",
            "/api/stations/{station}/connection",
            json!({ "identity": "CP9" }),
            "200",
        ),
    ] {
        let at = path
            .replace("{station}", "1")
            .replace("{key}", "HeartbeatInterval");
        let answer = panel.send(&method.to_uppercase(), &at, &body);
        assert_eq!(answer.status.to_string(), status, "{path}: {}", answer.text);
        check(
            &document,
            answered(&document, method, path, status),
            &answer.json(),
        );
    }
}
