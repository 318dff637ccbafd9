//! The central system calls, and what can go wrong with a call.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use std::thread;
use std::time::Duration;

use central_system::tungstenite::protocol::frame::Frame;
use central_system::tungstenite::protocol::frame::coding::{Data, OpCode};
use central_system::tungstenite::{Bytes, Message};
use central_system::{Behaviour, CallFailure, CentralSystem, Direction, Offline};
use charge_point::{A_WHILE, ChargePoint, SOON};
use serde_json::json;

#[test]
fn a_call_and_its_answers() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    let station = thread::spawn(move || {
        let reset = cp.receive();
        assert_eq!((&reset[0], &reset[2]), (&json!(2), &json!("Reset")));
        assert_eq!(reset[3], json!({"type": "Soft"}));
        // A CALL of its own in between, and an answer to nothing: neither is the answer.
        cp.ask("Heartbeat", json!({}));
        cp.send(&json!([3, "unknown", {}]));
        cp.send(&json!([3, reset[1], {"status": "Accepted"}]));
        let unknown = cp.receive();
        assert_ne!(unknown[1], reset[1]);
        cp.send(&json!([4, unknown[1], "NotImplemented", "what?", {"a": 1}]));
        cp
    });
    assert_eq!(
        central.call("CP1", "Reset", json!({"type": "Soft"}), SOON),
        Ok(json!({"status": "Accepted"}))
    );
    assert_eq!(
        central.call("CP1", "Frobnicate", json!({}), SOON),
        Err(CallFailure::Error {
            code: "NotImplemented".into(),
            description: "what?".into(),
            details: json!({"a": 1}),
        })
    );
    station.join().unwrap();
    assert_eq!(central.station("CP1").unexpected_answers, 1);
}

#[test]
fn no_answer_no_connection() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let call = |timeout| central.call("CP1", "ClearCache", json!({}), timeout);
    assert_eq!(call(SOON), Err(CallFailure::Offline));
    let mut cp = ChargePoint::connect(&central, "CP1");
    assert_eq!(call(A_WHILE), Err(CallFailure::Timeout));
    let late = cp.receive();
    cp.send(&json!([3, late[1], {"status": "Accepted"}]));
    assert!(central.wait_for(SOON, |books| {
        books
            .station("CP1")
            .is_some_and(|s| s.unexpected_answers == 1)
    }));
    // The connection breaks while the call waits.
    thread::scope(|scope| {
        let waiting = scope.spawn(|| call(SOON));
        cp.receive();
        drop(cp);
        assert_eq!(waiting.join().unwrap(), Err(CallFailure::Offline));
    });
}

#[test]
fn one_call_at_a_time() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    thread::scope(|scope| {
        let calls: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| central.call("CP1", "ClearCache", json!({}), SOON)))
            .collect();
        for _ in 0..2 {
            let frame = cp.receive();
            assert!(cp.hears_nothing());
            cp.send(&json!([3, frame[1], {"status": "Accepted"}]));
        }
        for call in calls {
            assert_eq!(call.join().unwrap(), Ok(json!({"status": "Accepted"})));
        }
    });
}

#[test]
fn raw_frames_go_out_as_they_are() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    central.send_raw("CP1", "[2,\"x\"").unwrap();
    assert_eq!(cp.socket.read().unwrap(), Message::text("[2,\"x\""));
    let last = central.station("CP1").frames.pop_back().unwrap();
    assert_eq!(
        (last.direction, last.text.as_str()),
        (Direction::ToStation, "[2,\"x\"")
    );

    for (text, kind, last) in [("he", Data::Text, false), ("llo", Data::Continue, true)] {
        let fragment = Frame::message(text, OpCode::Data(kind), last);
        let message = Message::Frame(fragment);
        central.send_message("CP1", message).unwrap();
    }
    assert_eq!(cp.socket.read().unwrap(), Message::text("hello"));
    let ping = Bytes::from_static(b"?");
    central
        .send_message("CP1", Message::Ping(ping.clone()))
        .unwrap();
    assert_eq!(cp.socket.read().unwrap(), Message::Ping(ping));
    assert_eq!(central.send_raw("CP2", ""), Err(Offline));
}

#[test]
fn close_and_drop() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    central.close("CP1").unwrap();
    assert!(cp.ends_with_close());
    assert!(central.wait_for(SOON, |books| !books.is_online("CP1")));

    let mut cp = ChargePoint::connect(&central, "CP1");
    central.drop_connection("CP1").unwrap();
    assert!(!central.books().is_online("CP1"));
    assert!(!cp.ends_with_close());
    assert_eq!(central.drop_connection("CP1"), Err(Offline));
}

#[test]
fn a_frozen_central_system_does_not_even_pong() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    central.freeze("CP1").unwrap();
    cp.socket.send(Message::Ping(Bytes::new())).unwrap();
    assert!(cp.hears_nothing());
    central.thaw("CP1").unwrap();
    assert!(matches!(cp.socket.read(), Ok(Message::Pong(_))));
    assert_eq!(central.station("CP1").pings, 1);
    // Being frozen does not keep it from ending.
    central.freeze("CP1").unwrap();
    cp.send(&json!([2, "1", "Heartbeat", {}]));
    thread::sleep(Duration::from_millis(20));
    drop(central);
    assert!(!cp.ends_with_close());
}
