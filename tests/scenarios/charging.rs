//! How a transaction begins: cable first, tag first, by the application (OCPP 1.6, 4.8).

use ocpp::{
    domain::{AuthorizationStatus, Status},
    station::{Event, Input, Refused, TransactionState},
};
use serde_json::json;

use crate::support::{Bench, HOUR, SECOND, id_tag, id_tag_info};

#[test]
fn plug_first() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.advance(10 * SECOND);
    bench.tag(1, "TAG");
    assert_eq!(bench.expect_call("Authorize"), json!({ "idTag": "TAG" }));
    let start = bench.expect_call("StartTransaction");
    assert_eq!(
        start,
        json!({
            "connectorId": 1,
            "idTag": "TAG",
            "meterStart": 1_000,
            "timestamp": bench.utc(),
        })
    );
    bench.expect_status(1, "Charging");
    bench.expect_no_call();
    assert!(bench.has_energy(1));
    assert_eq!(
        bench.transaction_states(1),
        [TransactionState::Started, TransactionState::Accepted]
    );
    bench.advance(50 * SECOND);

    bench.tag(1, "TAG");
    assert_eq!(
        bench.expect_stop(1, "Finishing"),
        json!({
            "transactionId": 101,
            "idTag": "TAG",
            "meterStop": 1_100,
            "timestamp": bench.utc(),
            "reason": "Local",
        })
    );
    assert!(!bench.has_energy(1));
    bench.unplug(1);
    bench.expect_status(1, "Available");
    bench.expect_no_call();
    assert_eq!(
        bench.transaction_states(1)[2..],
        [TransactionState::Stopped, TransactionState::Reported]
    );
}

#[test]
fn tag_first() {
    let mut bench = Bench::new();
    bench.tag(2, "TAG");
    bench.expect_call("Authorize");
    bench.expect_status(2, "Preparing");
    bench.expect_no_call();
    assert!(!bench.has_energy(2));
    bench.advance(20 * SECOND);
    bench.plug(2);
    let start = bench.expect_call("StartTransaction");
    assert_eq!(start["connectorId"], 2);
    assert_eq!(start["timestamp"], bench.utc());
    bench.expect_status(2, "Charging");
    bench.expect_no_call();
    assert!(bench.has_energy(2));
    assert!(!bench.is_charging(1));
}

#[test]
fn tag_first_and_no_cable_in_time() {
    let mut bench = Bench::new();
    bench.set("ConnectionTimeOut", "45");
    bench.tag(1, "TAG");
    bench.expect_call("Authorize");
    bench.expect_status(1, "Preparing");
    bench.advance(45 * SECOND - 1);
    bench.expect_no_call();
    bench.advance(1);
    bench.expect_status(1, "Available");
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
    assert!(!bench.is_charging(1));
}

#[test]
fn plug_first_and_no_tag_in_time() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.advance(60 * SECOND);
    bench.expect_status(1, "Finishing");
    bench.tag(1, "TAG");
    bench.find_call("StartTransaction");
    assert!(bench.is_charging(1));
}

#[test]
fn connection_time_out_zero_waits_for_ever() {
    let mut bench = Bench::new();
    bench.set("ConnectionTimeOut", "0");
    bench.plug(1);
    bench.tag(2, "TAG");
    bench.forget();
    bench.advance(20 * HOUR);
    assert!(bench.all_calls("StatusNotification").is_empty());
    assert_eq!(bench.status(1), Some(Status::Preparing));
    assert_eq!(bench.status(2), Some(Status::Preparing));
}

#[test]
fn a_tag_presented_again_before_the_cable_came_cancels() {
    let mut bench = Bench::new();
    bench.tag(1, "TAG");
    bench.expect_call("Authorize");
    bench.expect_status(1, "Preparing");
    bench.tag(1, "tag");
    bench.expect_status(1, "Available");
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
}

#[test]
fn another_tag_does_not_get_the_connector_that_waits_for_its_cable() {
    let mut bench = Bench::new();
    bench.tag(1, "TAG");
    let refused = bench.input(Input::Tag {
        connector: 1,
        id_tag: &id_tag("OTHER"),
    });
    assert_eq!(refused, Err(Refused::Occupied));
    bench.plug(1);
    assert_eq!(bench.find_call("StartTransaction")["idTag"], "TAG");
}

#[test]
fn a_refused_tag_starts_nothing() {
    for (name, status) in [
        ("Blocked", AuthorizationStatus::Blocked),
        ("Expired", AuthorizationStatus::Expired),
        ("Invalid", AuthorizationStatus::Invalid),
        ("ConcurrentTx", AuthorizationStatus::ConcurrentTx),
    ] {
        let mut bench = Bench::new();
        bench.know_tag("TAG", id_tag_info(name));
        bench.plug(1);
        bench.expect_status(1, "Preparing");
        bench.tag(1, "TAG");
        bench.expect_call("Authorize");
        bench.expect_no_call();
        assert!(!bench.is_charging(1), "{name}");
        assert!(!bench.has_energy(1), "{name}");
        assert!(bench.saw(&Event::Authorization {
            connector: 1,
            id_tag: "TAG".try_into().unwrap(),
            status,
        }));
        bench.tag(1, "FRIEND");
        assert_eq!(bench.find_call("StartTransaction")["idTag"], "FRIEND");
    }
}

#[test]
fn a_refused_tag_without_a_cable_leaves_the_connector_free() {
    let mut bench = Bench::new();
    bench.know_tag("TAG", id_tag_info("Blocked"));
    bench.tag(1, "TAG");
    bench.expect_call("Authorize");
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
}

#[test]
fn two_connectors_charge_at_once() {
    let mut bench = Bench::new();
    bench.charge(1, "ONE");
    bench.power(2, 3_600);
    bench.charge(2, "TWO");
    bench.advance(100 * SECOND);
    bench.tag(2, "TWO");
    let two = bench.find_call("StopTransaction");
    assert_eq!(
        (&two["transactionId"], &two["meterStop"]),
        (&json!(102), &json!(1_100))
    );
    assert!(bench.is_charging(1));
    bench.tag(1, "ONE");
    let one = bench.find_call("StopTransaction");
    assert_eq!(
        (&one["transactionId"], &one["meterStop"]),
        (&json!(101), &json!(1_200))
    );
}

#[test]
fn a_tag_starts_another_transaction_after_the_first_without_unplugging() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.tag(1, "TAG");
    bench.expect_stop(1, "Finishing");
    bench.tag(1, "NEXT");
    bench.expect_call("Authorize");
    assert_eq!(bench.find_call("StartTransaction")["idTag"], "NEXT");
    assert!(bench.is_charging(1));
}

#[test]
fn the_application_starts_and_stops_without_telling_of_cables() {
    let mut bench = Bench::new();
    bench.start(1, "TAG");
    let start = bench.find_call("StartTransaction");
    assert_eq!(start["idTag"], "TAG");
    assert!(bench.has_energy(1));
    let again = bench.input(Input::Start {
        connector: 1,
        id_tag: &id_tag("TAG"),
    });
    assert_eq!(again, Err(Refused::Occupied));
    bench.stop(1, ocpp::domain::Reason::Local);
    bench.find_call("StopTransaction");
    let again = bench.input(Input::Stop {
        connector: 1,
        reason: ocpp::domain::Reason::Local,
    });
    assert_eq!(again, Err(Refused::NoTransaction));
}

#[test]
fn the_application_hears_what_is_impossible() {
    let mut bench = Bench::new();
    let [good, empty, long] = ["TAG", "", "123456789012345678901"].map(id_tag);
    let tag = |connector, id_tag| Input::Tag { connector, id_tag };
    for (input, refused) in [
        (Input::Plugged(0), Refused::UnknownConnector),
        (Input::Plugged(3), Refused::UnknownConnector),
        (Input::Unplugged(255), Refused::UnknownConnector),
        (tag(0, &good), Refused::UnknownConnector),
        (tag(3, &good), Refused::UnknownConnector),
        (tag(1, &empty), Refused::BadLength),
        (tag(1, &long), Refused::BadLength),
        (Input::Authorize(&empty), Refused::BadLength),
        (
            Input::Suspended {
                connector: 1,
                by: None,
            },
            Refused::NoTransaction,
        ),
        (
            Input::DataTransferAnswer {
                status: ocpp::domain::DataTransferStatus::Accepted,
                payload: None,
            },
            Refused::Unexpected,
        ),
        (Input::ResetFailed, Refused::Unexpected),
    ] {
        let text = format!("{input:?}");
        assert_eq!(bench.input(input), Err(refused), "{text}");
    }
    bench.expect_no_call();
}

#[test]
fn a_tag_with_any_characters_arrives_as_it_was_presented() {
    let mut bench = Bench::new();
    let tag = "é\"\\/\u{7f}\u{1}😀";
    bench.plug(1);
    bench.tag(1, tag);
    assert_eq!(bench.find_call("Authorize")["idTag"], tag);
    assert_eq!(bench.find_call("StartTransaction")["idTag"], tag);
}
