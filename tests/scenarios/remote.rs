//! RemoteStartTransaction and RemoteStopTransaction (OCPP 1.6, 5.11 and 5.12).

use ocpp::{
    domain::{AuthorizationStatus, ChargePointError, Status},
    station::{Event, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, Reply, SECOND, id_tag_info};

fn remote_start(bench: &mut Bench, start: Value) -> String {
    bench.status_of("RemoteStartTransaction", start)
}

fn on(connector: u8) -> Value {
    json!({ "connectorId": connector, "idTag": "REMOTE" })
}

fn profile(purpose: &str) -> Value {
    json!({
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": 16.0 }],
        },
    })
}

#[test]
fn cable_first() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.forget();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    let start = bench.expect_call("StartTransaction");
    assert_eq!(
        (&start["idTag"], &start["connectorId"]),
        (&json!("REMOTE"), &json!(1))
    );
    bench.expect_status(1, "Charging");
    bench.expect_no_call();
    assert_eq!(bench.order()[0], "-> RemoteStartTransaction");
    assert!(bench.has_energy(1));
}

#[test]
fn tag_first() {
    let mut bench = Bench::new();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
    assert!(bench.saw(&Event::RemoteStart {
        connector: 1,
        id_tag: "REMOTE".try_into().unwrap(),
    }));
    bench.advance(10 * SECOND);
    bench.plug(1);
    bench.expect_call("StartTransaction");
    bench.expect_status(1, "Charging");
}

#[test]
fn tag_first_and_no_cable_in_time() {
    let mut bench = Bench::new();
    remote_start(&mut bench, on(1));
    bench.expect_status(1, "Preparing");
    bench.advance(60 * SECOND);
    bench.expect_status(1, "Available");
    bench.plug(1);
    assert!(!bench.is_charging(1));
}

#[test]
fn without_a_connector_the_charge_point_chooses_the_one_with_a_cable() {
    let mut bench = Bench::new();
    bench.plug(2);
    let start = json!({ "idTag": "REMOTE" });
    assert_eq!(remote_start(&mut bench, start), "Accepted");
    assert_eq!(bench.find_call("StartTransaction")["connectorId"], 2);
}

#[test]
fn without_a_connector_the_charge_point_chooses_a_free_one() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let start = json!({ "idTag": "REMOTE" });
    assert_eq!(remote_start(&mut bench, start.clone()), "Accepted");
    bench.expect_status(2, "Preparing");
    assert_eq!(remote_start(&mut bench, start), "Rejected");
}

#[test]
fn with_a_charging_profile_of_the_transaction() {
    for (purpose, status) in [
        ("TxProfile", "Accepted"),
        ("TxDefaultProfile", "Rejected"),
        ("ChargePointMaxProfile", "Rejected"),
    ] {
        let mut bench = Bench::new();
        bench.plug(1);
        let mut start = on(1);
        start["chargingProfile"] = profile(purpose);
        assert_eq!(remote_start(&mut bench, start), status, "{purpose}");
        assert_eq!(bench.is_charging(1), status == "Accepted");
    }
}

#[test]
fn the_tag_is_authorized_where_that_is_configured() {
    let mut bench = Bench::new();
    bench.set("AuthorizeRemoteTxRequests", "true");
    bench.plug(1);
    bench.forget();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    assert_eq!(bench.expect_call("Authorize"), json!({ "idTag": "REMOTE" }));
    bench.expect_call("StartTransaction");
}

#[test]
fn a_tag_that_is_not_authorized_starts_nothing() {
    let mut bench = Bench::new();
    bench.set("AuthorizeRemoteTxRequests", "true");
    bench.know_tag("REMOTE", id_tag_info("Blocked"));
    bench.plug(1);
    bench.forget();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    bench.expect_call("Authorize");
    bench.advance(50 * SECOND);
    bench.expect_no_call();
    assert!(!bench.is_charging(1));
}

#[test]
fn authorize_remote_uses_the_cache_like_any_tag() {
    let mut bench = Bench::new();
    bench.set("AuthorizeRemoteTxRequests", "true");
    bench.set("LocalPreAuthorize", "true");
    bench.start(2, "REMOTE");
    bench.plug(1);
    bench.forget();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    bench.expect_call("StartTransaction");
}

#[test]
fn rejected_where_nothing_can_start() {
    let mut bench = Bench::new();
    for connector in [0, 3, 200] {
        assert_eq!(
            remote_start(&mut bench, on(connector)),
            "Rejected",
            "{connector}"
        );
    }
    bench.charge(1, "TAG");
    assert_eq!(remote_start(&mut bench, on(1)), "Rejected");
    bench.fault(2, ChargePointError::GroundFailure, "");
    assert_eq!(remote_start(&mut bench, on(2)), "Rejected");
    bench.clear_fault(2);
    bench.call(
        "ChangeAvailability",
        json!({ "connectorId": 2, "type": "Inoperative" }),
    );
    assert_eq!(remote_start(&mut bench, on(2)), "Rejected");
    assert_eq!(
        remote_start(&mut bench, json!({ "idTag": "REMOTE" })),
        "Rejected"
    );
    bench.call(
        "ChangeAvailability",
        json!({ "connectorId": 2, "type": "Operative" }),
    );
    bench.tag(2, "FIRST");
    assert_eq!(remote_start(&mut bench, on(2)), "Rejected");
    bench.forget();
    bench.plug(2);
    assert_eq!(bench.find_call("StartTransaction")["idTag"], "FIRST");
}

#[test]
fn rejected_when_the_whole_charge_point_is_out_of_service() {
    let mut bench = Bench::new();
    bench.fault(0, ChargePointError::HighTemperature, "");
    assert_eq!(remote_start(&mut bench, on(1)), "Rejected");
    bench.clear_fault(0);
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
}

#[test]
fn remote_stop() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(50 * SECOND);
    let stop = json!({ "transactionId": 101 });
    assert_eq!(
        bench.status_of("RemoteStopTransaction", stop.clone()),
        "Accepted"
    );
    assert_eq!(
        bench.expect_stop(1, "Finishing"),
        json!({
            "transactionId": 101,
            "meterStop": 1_100,
            "timestamp": bench.utc(),
            "reason": "Remote",
        })
    );
    assert_eq!(bench.order()[0], "-> RemoteStopTransaction");
    assert_eq!(bench.status_of("RemoteStopTransaction", stop), "Rejected");
    bench.expect_no_call();
}

#[test]
fn remote_stop_of_an_unknown_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    for transaction in [0, -1, 100, 102, i32::MAX] {
        let stop = json!({ "transactionId": transaction });
        assert_eq!(bench.status_of("RemoteStopTransaction", stop), "Rejected");
    }
    bench.advance(30 * SECOND);
    bench.expect_no_call();
    assert_eq!(bench.status(1), Some(Status::Charging));
}

#[test]
fn remote_stop_ends_the_right_one() {
    let mut bench = Bench::new();
    bench.charge(1, "ONE");
    bench.charge(2, "TWO");
    let stop = json!({ "transactionId": 102 });
    bench.call("RemoteStopTransaction", stop);
    assert_eq!(bench.find_call("StopTransaction")["transactionId"], 102);
    assert!(bench.is_charging(1));
    assert!(!bench.is_charging(2));
}

#[test]
fn a_transaction_begun_from_afar_can_be_ended_with_its_tag() {
    let mut bench = Bench::new();
    bench.plug(1);
    remote_start(&mut bench, on(1));
    bench.advance(MINUTE);
    bench.tag(1, "remote");
    assert_eq!(bench.find_call("StopTransaction")["reason"], "Local");
}

#[test]
fn remote_stop_while_the_meter_is_being_read_at_the_start() {
    let mut bench = Bench::new();
    bench.read_meter(1);
    bench.break_meter(1);
    bench.advance(SECOND);
    bench.plug(1);
    remote_start(&mut bench, on(1));
    let stop = json!({ "transactionId": 101 });
    assert_eq!(
        bench.status_of("RemoteStopTransaction", stop.clone()),
        "Rejected"
    );
    bench.advance(2 * SECOND);
    bench.find_call("StartTransaction");
    assert_eq!(bench.status_of("RemoteStopTransaction", stop), "Accepted");
    bench.advance(2 * SECOND);
    bench.find_call("StopTransaction");
}

#[test]
fn a_remote_start_that_the_application_withdraws_does_not_charge() {
    let mut bench = Bench::new();
    assert_eq!(remote_start(&mut bench, on(1)), "Accepted");
    bench.expect_status(1, "Preparing");
    assert_eq!(bench.input(Input::CancelAuthorization(1)), Ok(()));
    bench.expect_status(1, "Available");
    assert_eq!(
        bench.input(Input::CancelAuthorization(1)),
        Err(Refused::Unexpected)
    );
    assert_eq!(
        bench.input(Input::CancelAuthorization(0)),
        Err(Refused::UnknownConnector)
    );
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    assert!(bench.is_charging(1));
}

#[test]
fn an_id_tag_that_is_being_looked_at_is_withdrawn() {
    let mut bench = Bench::new();
    bench.plug(1);
    bench.reply_once("Authorize", Reply::Never);
    bench.tag(1, "TAG");
    assert_eq!(bench.input(Input::CancelAuthorization(1)), Ok(()));
    assert!(bench.saw(&Event::Authorization {
        connector: 1,
        id_tag: "TAG".try_into().unwrap(),
        status: AuthorizationStatus::Invalid,
    }));
    bench.advance(MINUTE);
    assert!(!bench.is_charging(1));
    bench.forget();
    bench.advance(MINUTE);
    assert!(bench.all_calls("StartTransaction").is_empty());
}
