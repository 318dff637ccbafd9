//! Commands, good and bad, as the binary takes them.

use std::time::Duration;

use central_system::{Answer, Behaviour, CentralSystem, IdTag};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON};

fn behaviour() -> Behaviour {
    Behaviour::new().tag("TAG", IdTag::accepted())
}

fn central() -> CentralSystem {
    CentralSystem::start(behaviour()).unwrap()
}

#[test]
fn bad_lines_get_one_line_each_and_change_nothing() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let calls = |central: &CentralSystem| central.station(IDENTITY).calls;
    let before = calls(&central);
    for line in [
        "nonsense",
        "plug",
        "plug 3",
        "plug 1 now",
        "unplug 1",
        "tag 1",
        "tag 1 123456789012345678901",
        "power 1 lots",
        "meter 1 -1",
        "suspend 1 us",
        "fault 1 Gone",
        "unlock 1 perhaps",
        "link",
        "wait long",
        "data",
    ] {
        charge_point.command(line);
        let name = line.split(' ').next().unwrap();
        let told = charge_point.wait("error", |_| true);
        assert!(told["message"].as_str().unwrap().contains(name), "{told}");
    }
    charge_point.raw_input(b"plug \xff\n");
    charge_point.wait("error", |_| true);
    charge_point.raw_input(b"\n  \n\r\n");
    charge_point.command("help");
    let help = charge_point.wait("help", |_| true);
    assert!(help["text"].as_str().unwrap().contains("power-loss"));
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(charge_point.told("error").len(), 16);
    assert_eq!(calls(&central), before);
}

#[test]
fn status_tells_of_every_connector() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &["--connectors", "3"]);
    charge_point.command("plug 2");
    charge_point.wait_status(2, "Preparing");
    charge_point.command("status");
    let of = |number: u8| move |e: &Value| e["connector"] == number;
    assert_eq!(charge_point.wait("status", of(0))["status"], "Available");
    assert_eq!(charge_point.wait("status", of(1))["plugged"], false);
    let second = charge_point.wait("status", of(2));
    assert_eq!(
        (&second["plugged"], &second["status"]),
        (&json!(true), &json!("Preparing"))
    );
    assert!(second["soc"].is_u64() && second["energy"].is_u64());
    charge_point.wait("status", of(3));
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn faults_come_and_go() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("fault 1 GroundFailure the cat was here");
    let told = charge_point.wait("status", |e| e["status"] == "Faulted");
    assert_eq!(told["errorCode"], "GroundFailure");
    assert!(central.wait_for(SOON, |books| {
        books.station(IDENTITY).unwrap().status(1) == Some("Faulted")
    }));
    charge_point.command("fault 0 InternalError");
    charge_point.wait("status", |e| {
        e["connector"] == 0 && e["errorCode"] == "InternalError"
    });
    charge_point.command("clear 1");
    charge_point.wait_status(1, "Available");
    // A notice that waits for its turn does not survive a reboot.
    assert!(central.wait_for(SOON, |books| {
        books.station(IDENTITY).unwrap().status(1) == Some("Available")
    }));
    charge_point.command("reboot");
    charge_point.wait("boot", |_| true);
    charge_point.wait("status", |e| {
        e["connector"] == 0 && e["status"] == "Faulted"
    });
    charge_point.command("clear 0");
    charge_point.wait_status(0, "Available");
    assert_eq!(charge_point.end(), Some(0));
    let notices = central.station(IDENTITY).payloads("StatusNotification");
    let fault = notices.iter().find(|n| n["errorCode"] == "GroundFailure");
    assert_eq!(fault.unwrap()["info"], "the cat was here");
}

#[test]
fn suspensions_are_told_and_no_energy_flows() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("suspend 1 evse");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_status(1, "SuspendedEVSE");
    charge_point.command("suspend 1 ev");
    charge_point.wait_status(1, "SuspendedEV");
    charge_point.command("wait 1");
    charge_point.command("status");
    let told = charge_point.wait("status", |e| !e["power"].is_null() && e["connector"] == 1);
    assert_eq!(told["power"], 0);
    charge_point.command("resume 1");
    charge_point.wait_status(1, "Charging");
    charge_point.command("wait 1");
    charge_point.command("status");
    let told = charge_point.wait("status", |e| !e["power"].is_null() && e["connector"] == 1);
    assert!(told["power"].as_u64().unwrap() > 1_000);
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn the_lock_answers_as_it_was_told() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    for (answer, status) in [
        ("ok", "Unlocked"),
        ("fail", "UnlockFailed"),
        ("unsupported", "NotSupported"),
    ] {
        charge_point.command(&format!("unlock 2 {answer}"));
        charge_point.command("status");
        charge_point.wait("status", |e| e["connector"] == 2 && !e["plugged"].is_null());
        let asked = json!({"connectorId": 2});
        let told = central.call(IDENTITY, "UnlockConnector", asked, SOON);
        assert_eq!(told.unwrap(), json!({"status": status}));
        charge_point.wait("unlock", |e| e["status"] == status);
    }
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn data_is_transferred_both_ways() {
    let late = |_: &str, action: &str, _: &Value| {
        (action == "StatusNotification").then(|| Answer::Standard.after(Duration::from_millis(150)))
    };
    let central = CentralSystem::start(behaviour().on_call(late)).unwrap();
    let mut charge_point = ChargePoint::online(&central, &["--vendor", "Acme"]);
    // The StatusNotification is still unanswered: the transfer waits for its turn.
    charge_point.command("plug 1");
    charge_point.command(r#"data Acme Hello {"a": "ü"}"#);
    charge_point.command("unplug 1");
    charge_point.wait_status(1, "Preparing");
    charge_point.wait_status(1, "Available");
    charge_point.wait("dataTransfer", |_| true);
    let sent = charge_point.sent("DataTransfer");
    assert_eq!(
        sent,
        [json!({"vendorId": "Acme", "messageId": "Hello", "data": r#"{"a": "ü"}"#})]
    );

    for (asked, answered) in [
        (
            json!({"vendorId": "Acme", "messageId": "Echo", "data": "\u{e9}\"x"}),
            json!({"status": "Accepted", "data": "\u{e9}\"x"}),
        ),
        (
            json!({"vendorId": "Acme", "messageId": "Echo"}),
            json!({"status": "Accepted"}),
        ),
        (
            json!({"vendorId": "Acme", "messageId": "Other", "data": "x"}),
            json!({"status": "UnknownMessageId"}),
        ),
        (
            json!({"vendorId": "Acme"}),
            json!({"status": "UnknownMessageId"}),
        ),
        (
            json!({"vendorId": "Nobody", "messageId": "Echo"}),
            json!({"status": "UnknownVendorId"}),
        ),
    ] {
        let told = central.call(IDENTITY, "DataTransfer", asked, SOON);
        assert_eq!(told.unwrap(), answered);
    }
    charge_point.command("link down");
    charge_point.command("data Acme");
    charge_point.wait("error", |e| {
        e["message"].as_str().unwrap().starts_with("data Acme")
    });
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn a_wait_delays_commands_and_nothing_else() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    let before = charge_point.wait("status", |e| e["status"] == "Preparing");
    charge_point.command("wait 1.5");
    charge_point.command("plug 2");
    let asked = json!({});
    let told = central.call(IDENTITY, "ClearCache", asked, Duration::from_secs(1));
    assert_eq!(told.unwrap()["status"], "Accepted");
    let after = charge_point.wait("status", |e| e["connector"] == 2);
    let waited = after["t"].as_u64().unwrap() - before["t"].as_u64().unwrap();
    assert!((1_400..3_000).contains(&waited), "{waited}");
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn a_session_in_json_commands() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    for command in [
        json!({"command": "power", "connector": 1, "watts": 7400}),
        json!({"command": "meter", "connector": 1, "wh": 1000}),
        json!({"command": "plug", "connector": 1}),
        json!({"command": "tag", "connector": 1, "idTag": "TAG"}),
    ] {
        charge_point.command(&command.to_string());
    }
    charge_point.wait_transaction(1, "accepted");
    charge_point.command(r#"{"command":"tag","connector":1,"idTag":"TAG","why":"x"}"#);
    let told = charge_point.wait("error", |_| true);
    assert_eq!(told["message"], "tag: what is \"why\"?");
    charge_point.command(r#"{"command":"tag","connector":1"#);
    let told = charge_point.wait("error", |_| true);
    assert!(
        told["message"].as_str().unwrap().contains("not JSON"),
        "{told}"
    );
    charge_point.command(r#"{"command":"unplug","connector":2}"#);
    let told = charge_point.wait("error", |_| true);
    assert!(
        told["message"]
            .as_str()
            .unwrap()
            .contains("no vehicle is there"),
        "{told}"
    );
    // Words in between are as good.
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "reported");
    charge_point.command(r#"{"command":"quit"}"#);
    assert_eq!(charge_point.exit(), Some(0));
    let started = &charge_point.sent("StartTransaction")[0];
    assert_eq!(started["meterStart"], 1000);
}
