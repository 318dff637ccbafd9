//! A hook decides about answers: errors, silence, hang-ups, delays. And bad frames.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use central_system::tungstenite::{Bytes, Message};
use central_system::{Answer, Behaviour, CentralSystem};
use charge_point::{ChargePoint, SOON, start};
use serde_json::json;

/// A central system that answers the first CALL of an action in this way.
fn first(action: &'static str, answer: Answer) -> CentralSystem {
    let asked = AtomicUsize::new(0);
    let hook = Behaviour::new().on_call(move |identity, called, _| {
        assert_eq!(identity, "CP1");
        (called == action && asked.fetch_add(1, Ordering::SeqCst) == 0).then(|| answer.clone())
    });
    CentralSystem::start(hook).unwrap()
}

#[test]
fn an_error_then_the_standard_answer() {
    let central = first("StartTransaction", Answer::error("InternalError", "no"));
    let mut cp = ChargePoint::connect(&central, "CP1");
    let frame = json!([2, "7", "StartTransaction", start("TAG", 0)]);
    cp.send(&frame);
    assert_eq!(cp.receive(), json!([4, "7", "InternalError", "no", {}]));
    cp.send(&frame);
    assert_eq!(cp.receive()[2]["transactionId"], 1);
    assert_eq!(central.station("CP1").transactions.len(), 1);
}

#[test]
fn silence_loses_only_the_answer() {
    let central = first("StartTransaction", Answer::Silence);
    let mut cp = ChargePoint::connect(&central, "CP1");
    let frame = json!([2, "7", "StartTransaction", start("TAG", 0)]);
    cp.send(&frame);
    assert!(cp.hears_nothing());
    cp.send(&frame);
    assert_eq!(cp.receive()[2]["transactionId"], 1);
    let station = central.station("CP1");
    assert_eq!(station.transactions.len(), 1);
    assert_eq!(station.transactions[0].start_frames, 2);
}

#[test]
fn a_hangup_instead_of_an_answer() {
    let central = first("Heartbeat", Answer::Hangup);
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.send(&json!([2, "1", "Heartbeat", {}]));
    assert!(!cp.ends_with_close());
    assert!(central.wait_for(SOON, |books| !books.is_online("CP1")));
}

#[test]
fn a_result_of_the_hooks_own() {
    let central = first(
        "DataTransfer",
        Answer::Result(json!({"status": "Rejected"})),
    );
    let mut cp = ChargePoint::connect(&central, "CP1");
    let payload = json!({"vendorId": "V"});
    assert_eq!(
        cp.ask("DataTransfer", payload.clone())["status"],
        "Rejected"
    );
    assert_eq!(cp.ask("DataTransfer", payload)["status"], "Accepted");
}

#[test]
fn a_late_answer_holds_nothing_else_up() {
    let delay = Duration::from_millis(200);
    let central = first("BootNotification", Answer::Standard.after(delay));
    let mut cp = ChargePoint::connect(&central, "CP1");
    let asked = Instant::now();
    let boot = json!({"chargePointVendor": "V", "chargePointModel": "M"});
    cp.send(&json!([2, "boot", "BootNotification", boot]));
    cp.send(&json!([2, "beat", "Heartbeat", {}]));
    assert_eq!(cp.receive()[1], "beat");
    assert_eq!(cp.receive()[1], "boot");
    assert!(asked.elapsed() >= delay);
}

#[test]
fn unknown_and_broken_calls() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    assert_eq!(cp.call("Frobnicate", json!({}))[2], "NotImplemented");
    assert!(central.station("CP1").faults.is_empty());
    cp.send(&json!([2, "x", "Heartbeat"]));
    assert_eq!(cp.receive()[2], "FormationViolation");
    cp.send(&json!("nonsense"));
    cp.ask("Heartbeat", json!({}));
    assert_eq!(central.station("CP1").faults.len(), 2);
    cp.socket.send(Message::Binary(Bytes::new())).unwrap();
    assert!(cp.ends_with_close());
    assert_eq!(central.station("CP1").faults.len(), 3);
}

#[test]
fn a_hook_that_panics_costs_one_connection() {
    let behaviour = Behaviour::new().on_call(|_, action, _| {
        assert_ne!(action, "Authorize");
        None
    });
    let central = CentralSystem::start(behaviour).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.send(&json!([2, "1", "Authorize", {"idTag": "T"}]));
    assert!(!cp.ends_with_close());
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.boot();
}
