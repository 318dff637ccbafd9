//! OCPP 2.0.1 beside 1.6: what is offered and what is told.

use std::io::Write;

use serde_json::{Value, json};

use crate::{
    charge_point::{ChargePoint, Scratch},
    peer::{Door, Peer, SWITCHING},
};

const V201: [&str; 2] = ["--ocpp", "2.0.1"];

/// Takes a connection, and chooses that subprotocol.
fn let_in(door: &Door, subprotocol: &str) -> Peer {
    let (stream, accept) = door.request();
    let answer = SWITCHING.replace("ocpp1.6", subprotocol);
    let answer = format!("{answer}Sec-WebSocket-Accept: {accept}\r\n\r\n");
    (&stream).write_all(answer.as_bytes()).unwrap();
    Peer::new(stream)
}

/// Answers CALLs up to the one of that action, which is given back.
fn answer_until(peer: &mut Peer, action: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let call = peer.message();
        let answer = match call[2].as_str() {
            Some("BootNotification") => json!({
                "status": "Accepted",
                "currentTime": "2026-01-01T00:00:00Z",
                "interval": 300,
            }),
            Some("Authorize") => json!({ "idTokenInfo": { "status": "Accepted" } }),
            Some(_) => json!({}),
            None => continue,
        };
        peer.send(&json!([3, call[1], answer]).to_string());
        if call[2] == action && wanted(&call[3]) {
            return call[3].clone();
        }
    }
}

/// A StatusNotification of that EVSE.
fn is_of(evse: u8) -> impl Fn(&Value) -> bool {
    move |payload| payload["evseId"] == evse
}

/// A TransactionEvent of that type.
fn is(event_type: &str) -> impl Fn(&Value) -> bool {
    move |payload| payload["eventType"] == event_type
}

#[test]
fn the_version_that_was_asked_for_has_to_be_chosen() {
    for (options, chosen, wanted) in [
        (&V201[..], "ocpp1.6", "ocpp2.0.1"),
        (&["--ocpp", "1.6"], "ocpp2.0.1", "ocpp1.6"),
        (&[], "ocpp2.0.1", "ocpp1.6"),
    ] {
        let door = Door::open();
        let mut charge_point = ChargePoint::start_at(&door.url(), options);
        drop(let_in(&door, chosen));
        let told = charge_point.wait("error", |_| true);
        let message = told["message"].as_str().unwrap();
        let reason = format!("did not choose the subprotocol {wanted} but {chosen}");
        assert!(message.contains(&reason), "{message}");
    }
}

#[test]
fn a_session_is_told_as_with_ocpp_1_6_and_its_id_is_a_text() {
    let door = Door::open();
    let mut charge_point = ChargePoint::start_at(&door.url(), &V201);
    let mut peer = let_in(&door, "ocpp2.0.1");
    answer_until(&mut peer, "StatusNotification", is_of(2));
    let id_tag = "0123456789abcdefghijklmnopqrstuvwxyz";
    charge_point.command("plug 1");
    charge_point.command(&format!("tag 1 {id_tag}"));
    let start = answer_until(&mut peer, "TransactionEvent", is("Started"));
    let id = &start["transactionInfo"]["transactionId"];
    assert!(id.as_str().is_some_and(|id| (1..=36).contains(&id.len())));
    let told = charge_point.wait_transaction(1, "accepted");
    assert_eq!(
        (&told["transactionId"], &told["idTag"]),
        (id, &json!(id_tag))
    );
    charge_point.command(&format!("tag 1 {id_tag}"));
    let end = answer_until(&mut peer, "TransactionEvent", is("Ended"));
    assert_eq!(end["transactionInfo"]["transactionId"], *id);
    let told = charge_point.wait_transaction(1, "reported");
    assert_eq!(told["reason"], "Local");

    // What is not to the letter is told of OCPP 1.6 only.
    peer.send(r#"[2,"a","ClearCache",{"unknown":1}]"#);
    assert_eq!(peer.answer("a")[0], 4);
    assert!(charge_point.told("deviation").is_empty());
}

#[test]
fn one_directory_serves_both_versions() {
    let scratch = Scratch::new("versions");
    let door = Door::open();
    let mut ids = Vec::new();
    for version in ["2.0.1", "1.6", "2.0.1"] {
        let options = [&["--ocpp", version][..], &scratch.option()].concat();
        let mut charge_point = ChargePoint::start_at(&door.url(), &options);
        if version == "1.6" {
            let mut peer = door.accept();
            peer.boot();
        } else {
            let mut peer = let_in(&door, "ocpp2.0.1");
            answer_until(&mut peer, "StatusNotification", is_of(2));
            charge_point.command("plug 1");
            charge_point.command("tag 1 A");
            let start = answer_until(&mut peer, "TransactionEvent", is("Started"));
            ids.push(start["transactionInfo"]["transactionId"].clone());
            charge_point.wait_transaction(1, "accepted");
            charge_point.command("tag 1 A");
            answer_until(&mut peer, "TransactionEvent", is("Ended"));
            charge_point.wait_transaction(1, "reported");
            charge_point.command("unplug 1");
            charge_point.wait_status(1, "Available");
        }
        let errors = charge_point.told("error");
        assert!(errors.is_empty(), "{errors:?}");
        charge_point.kill();
    }
    assert_ne!(ids[0], ids[1]);
}
