//! Broken networks, central systems that come and go, and ones that break the rules.

use std::{
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use central_system::{
    Behaviour, CentralSystem, IdTag, Subprotocol,
    tungstenite::{
        Message,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};
use serde_json::json;

use crate::{
    charge_point::{ChargePoint, IDENTITY, SOON, binary},
    peer::Door,
};

fn behaviour() -> Behaviour {
    Behaviour::new().tag("TAG", IdTag::accepted())
}

fn central() -> CentralSystem {
    CentralSystem::start(behaviour()).unwrap()
}

#[test]
fn a_transaction_outlives_a_broken_link() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("link down");
    charge_point.wait("disconnected", |_| true);
    assert!(central.wait_for(SOON, |books| !books.is_online(IDENTITY)));
    charge_point.wait("error", |e| {
        e["message"].as_str().unwrap().contains("the link is down")
    });
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "stopped");
    charge_point.command("unplug 1");
    charge_point.wait_status(1, "Available");
    let before = central.station(IDENTITY);
    assert_eq!(before.calls("StopTransaction"), 0);
    charge_point.command("link up");
    charge_point.wait("connected", |_| true);
    charge_point.wait_transaction(1, "reported");
    assert_eq!(charge_point.end(), Some(0));

    let station = central.station(IDENTITY);
    assert_eq!(station.connections, 2);
    assert_eq!(
        station.calls("BootNotification"),
        1,
        "no boot without a boot"
    );
    assert_eq!(station.calls("StopTransaction"), 1);
    assert_eq!(station.status(1), Some("Available"));
    assert!(station.faults.is_empty());
}

#[test]
fn reconnects_with_back_off_when_the_central_system_comes_back() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    central.pause();
    charge_point.wait("disconnected", |_| true);
    let failures: Vec<u64> = (0..3)
        .map(|_| charge_point.wait("error", |_| true)["t"].as_u64().unwrap())
        .collect();
    let waits: Vec<u64> = failures.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.iter().all(|wait| *wait >= 700), "{waits:?}");
    assert!(waits[1] > waits[0], "{waits:?}");
    central.resume().unwrap();
    charge_point.wait("connected", |_| true);
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(central.station(IDENTITY).calls("BootNotification"), 1);
}

#[test]
fn a_frozen_central_system_is_noticed_by_its_missing_pong() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let change = json!({"key": "WebSocketPingInterval", "value": "1"});
    let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
    assert_eq!(answer.unwrap()["status"], "Accepted");
    assert!(central.wait_for(SOON, |books| books.station(IDENTITY).unwrap().pings >= 2));
    central.freeze(IDENTITY).unwrap();
    let told = charge_point.wait("disconnected", |_| true);
    assert!(
        told["reason"].as_str().unwrap().contains("no pong"),
        "{told}"
    );
    charge_point.wait("connected", |_| true);
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn without_the_subprotocol_there_is_no_connection() {
    let central = CentralSystem::start(behaviour().subprotocol(Subprotocol::Omit)).unwrap();
    let mut charge_point = ChargePoint::start(&central, &[]);
    charge_point.wait("error", |e| {
        let message = e["message"].as_str().unwrap();
        message.contains("did not choose the subprotocol ocpp1.6")
    });
    assert_eq!(charge_point.end(), Some(0));
    assert!(charge_point.told("connected").is_empty());
}

#[test]
fn the_password_and_the_identity_reach_the_central_system() {
    let identity = "CP 1/ä";
    let central = CentralSystem::start(
        behaviour()
            .only([identity, IDENTITY])
            .password(identity, "pass:wörd")
            .password(IDENTITY, "other"),
    )
    .unwrap();
    let mut wrong = ChargePoint::start(&central, &["--password", "wrong"]);
    wrong.wait("error", |e| e["message"].as_str().unwrap().contains("401"));
    assert_eq!(wrong.end(), Some(0));
    let output = binary()
        .args(["--csms", &central.url(), "--id", identity, "--json"])
        .args(["--password", "pass:wörd"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success());
    let station = central.station(identity);
    assert_eq!(station.registration.as_deref(), Some("Accepted"));
    assert_eq!(station.status(2), Some("Available"));
}

#[test]
fn a_binary_message_is_refused() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let binary = Message::binary(&b"[2,\"1\",\"Heartbeat\",{}]"[..]);
    central.send_message(IDENTITY, binary).unwrap();
    charge_point.wait("error", |e| {
        e["message"].as_str().unwrap().contains("binary")
    });
    charge_point.wait("disconnected", |_| true);
    charge_point.wait("connected", |_| true);
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn fragments_are_put_together_and_long_frames_are_answered() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    let parts = [
        (OpCode::Data(Data::Text), r#"[2,"frag","#, false),
        (OpCode::Data(Data::Continue), r#""ClearCache","#, false),
        (OpCode::Data(Data::Continue), "{}]", true),
    ];
    for (code, text, last) in parts {
        let frame = Frame::message(text.as_bytes().to_vec(), code, last);
        central
            .send_message(IDENTITY, Message::Frame(frame))
            .unwrap();
    }
    charge_point.wait("frame", |e| {
        e["text"] == r#"[3,"frag",{"status":"Accepted"}]"#
    });
    let long = "x".repeat(1 << 20);
    let frame = format!(r#"[2,"long","DataTransfer",{{"vendorId":"V","data":"{long}"}}]"#);
    central.send_raw(IDENTITY, frame).unwrap();
    charge_point.wait("frame", |e| {
        e["dir"] == "out" && e["text"].as_str().unwrap().contains("\"long\"")
    });
    central.send_raw(IDENTITY, "garbage").unwrap();
    central
        .send_raw(IDENTITY, r#"[2,"last","ClearCache",{}]"#)
        .unwrap();
    charge_point.wait("frame", |e| {
        e["text"] == r#"[3,"last",{"status":"Accepted"}]"#
    });
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(central.station(IDENTITY).connections, 1);
}

#[test]
fn a_peer_that_never_answers_the_handshake_does_not_hold_up_anything() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let silent = thread::spawn(move || {
        let accepted = listener.accept();
        thread::sleep(Duration::from_secs(2));
        drop(accepted);
    });
    let mut charge_point = ChargePoint::start_at(&url, &[]);
    charge_point.command("plug 1");
    charge_point.wait_status(1, "Preparing");
    silent.join().unwrap();
    charge_point.wait("error", |_| true);
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn each_answer_comes_so_long_after_its_call_whatever_came_with_it() {
    const CALLS: u32 = 20;
    for (latency, at_least, at_most) in [("400", 400, 3_000), ("0", 0, 300)] {
        let door = Door::open();
        let _charge_point = ChargePoint::start_at(&door.url(), &["--latency", latency]);
        let mut peer = door.accept();
        peer.boot();
        // The station's own CALLs are not answers: nothing delays them.
        let began = Instant::now();
        for number in 0..CALLS {
            peer.send(&format!(
                r#"[2,"{number}","GetConfiguration",{{"key":["A"]}}]"#
            ));
        }
        assert_eq!(peer.answer("0")[0], 3);
        let first = began.elapsed().as_millis();
        for number in 1..CALLS {
            assert_eq!(peer.answer(&number.to_string())[0], 3);
        }
        let last = began.elapsed().as_millis();
        assert!(first >= at_least, "{latency}: {first}");
        // One after the other they would take 8 s.
        assert!(last < at_most || latency == "0", "{latency}: {last}");
    }
}

#[test]
fn what_an_answer_announces_does_not_come_before_it() {
    let door = Door::open();
    let _charge_point = ChargePoint::start_at(&door.url(), &["--latency", "200"]);
    let mut peer = door.accept();
    peer.boot();
    peer.send(r#"[2,"t","TriggerMessage",{"requestedMessage":"Heartbeat"}]"#);
    assert_eq!(peer.message()[1], "t");
    assert_eq!(peer.message()[2], "Heartbeat");
}

#[test]
fn connect_does_not_wait_for_the_next_attempt() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("connect");
    let told = charge_point.wait("error", |_| true);
    assert!(
        told["message"]
            .as_str()
            .unwrap()
            .contains("it is connected")
    );
    charge_point.command("link down");
    charge_point.command("connect");
    charge_point.wait("error", |e| e["message"] == "connect: the link is down");
    charge_point.command("link up");
    central.pause();
    let failed = |charge_point: &mut ChargePoint| {
        let told = charge_point.wait("error", |e| {
            e["message"].as_str().unwrap().contains("cannot connect to")
        });
        told["t"].as_u64().unwrap()
    };
    // Each wait is about twice the one before, and never less than half of that.
    let mut failures = vec![failed(&mut charge_point)];
    while failures.len() < 2 || failures[failures.len() - 1] - failures[failures.len() - 2] < 3_000
    {
        failures.push(failed(&mut charge_point));
    }
    central.resume().unwrap();
    charge_point.command("connect");
    let connected = charge_point.wait("connected", |_| true);
    let waited = connected["t"].as_u64().unwrap() - failures[failures.len() - 1];
    assert!(waited < 3_000, "{waited} {failures:?}");
    assert_eq!(charge_point.end(), Some(0));
}
