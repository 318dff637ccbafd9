//! UnlockConnector (OCPP 1.6, 5.18).

use ocpp::{
    domain::{DataTransferStatus, UnlockStatus},
    station::{Event, Input},
};
use serde_json::{Value, json};

use crate::support::{Bench, SECOND};

fn connector(number: i32) -> Value {
    json!({ "connectorId": number })
}

#[test]
fn idle() {
    for (lock, status) in [
        (UnlockStatus::Unlocked, "Unlocked"),
        (UnlockStatus::UnlockFailed, "UnlockFailed"),
        (UnlockStatus::NotSupported, "NotSupported"),
    ] {
        let mut bench = Bench::new();
        bench.lock = Some(lock);
        assert_eq!(bench.status_of("UnlockConnector", connector(1)), status);
        assert!(bench.saw(&Event::Unlock(1)));
        bench.expect_no_call();
    }
}

#[test]
fn charging_it_ends_the_transaction_first() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(50 * SECOND);
    assert_eq!(bench.status_of("UnlockConnector", connector(1)), "Unlocked");
    let stop = bench.expect_stop(1, "Finishing");
    assert_eq!(stop["reason"], "UnlockCommand");
    assert_eq!(stop["meterStop"], 1_100);
    assert_eq!(stop.get("idTag"), None);
    assert!(!bench.is_charging(1));
    let events = bench.events();
    let energy_off = Event::Energy {
        connector: 1,
        allowed: false,
    };
    let place = |wanted: &Event| events.iter().position(|event| event == wanted);
    assert!(place(&energy_off).is_some());
}

#[test]
fn unknown_connectors_are_not_supported() {
    let mut bench = Bench::new();
    for number in [0, 3, -1, 256, 257, i32::MAX] {
        assert_eq!(
            bench.status_of("UnlockConnector", connector(number)),
            "NotSupported"
        );
    }
    assert!(
        !bench
            .events()
            .iter()
            .any(|event| matches!(event, Event::Unlock(_)))
    );
}

#[test]
fn a_lock_that_says_nothing_has_failed() {
    let mut bench = Bench::new();
    bench.lock = None;
    let id = bench.ask("UnlockConnector", connector(1));
    bench.advance(10 * SECOND - 1);
    assert!(!bench.is_answered(&id));
    bench.advance(1);
    assert_eq!(bench.answer(&id)["status"], "UnlockFailed");
    bench.advance(60 * SECOND);
    assert_eq!(bench.order(), ["-> UnlockConnector"]);
}

#[test]
fn two_unlocks_at_once_are_both_answered() {
    let mut bench = Bench::new();
    bench.lock = None;
    let first = bench.ask("UnlockConnector", connector(1));
    // The same lock cannot be asked twice at once.
    let code = bench.call_error("UnlockConnector", connector(1));
    assert_eq!(code, "GenericError");
    bench.advance(3 * SECOND);
    let second = bench.ask("UnlockConnector", connector(2));
    assert_eq!(bench.input(moved(2)), Ok(()));
    assert_eq!(bench.answer(&second)["status"], "Unlocked");
    bench.advance(7 * SECOND);
    assert_eq!(bench.answer(&first)["status"], "UnlockFailed");
    bench.lock = Some(UnlockStatus::Unlocked);
    assert_eq!(bench.status_of("UnlockConnector", connector(1)), "Unlocked");
}

fn moved(connector: u8) -> Input<'static> {
    let status = UnlockStatus::Unlocked;
    Input::UnlockResult { connector, status }
}

#[test]
fn answers_of_several_kinds_are_owed_at_once() {
    let mut bench = Bench::new();
    bench.lock = None;
    bench.vendor_answer = None;
    let asked = [
        bench.ask("UnlockConnector", connector(1)),
        bench.ask("DataTransfer", json!({ "vendorId": "com.example" })),
        bench.ask("UnlockConnector", connector(2)),
    ];
    // There is room for no more of them; what needs no waiting is answered all the same.
    let trigger = json!({ "requestedMessage": "Heartbeat" });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    let transfer = json!({ "vendorId": "com.example" });
    assert_eq!(bench.call_error("DataTransfer", transfer), "GenericError");
    assert_eq!(bench.input(moved(2)), Ok(()));
    let accepted = Input::DataTransferAnswer {
        status: DataTransferStatus::Accepted,
        payload: None,
    };
    assert_eq!(bench.input(accepted), Ok(()));
    assert_eq!(bench.answer(&asked[1])["status"], "Accepted");
    assert_eq!(bench.answer(&asked[2])["status"], "Unlocked");
    assert!(!bench.is_answered(&asked[0]));
    bench.advance(10 * SECOND);
    assert_eq!(bench.answer(&asked[0])["status"], "UnlockFailed");
}

#[test]
fn a_connection_lost_before_the_lock_moved_takes_the_question_with_it() {
    let mut bench = Bench::new();
    bench.lock = None;
    bench.ask("UnlockConnector", connector(1));
    bench.disconnect();
    bench.reconnect();
    bench.advance(20 * SECOND);
    assert!(bench.order().is_empty());
    bench.lock = Some(UnlockStatus::Unlocked);
    assert_eq!(bench.status_of("UnlockConnector", connector(1)), "Unlocked");
}
