//! How a transaction ends, and why (OCPP 1.6, 4.10).

use ocpp::{
    domain::{AuthorizationStatus, Reason, Status},
    station::{Event, Suspension},
};
use serde_json::json;

use crate::support::{Bench, MINUTE, SECOND, id_tag_info};

const FAMILY: [&str; 2] = ["MOTHER", "FATHER"];

fn know_the_family(bench: &mut Bench) {
    for tag in FAMILY {
        let info = json!({ "status": "Accepted", "parentIdTag": "FAMILY" });
        bench.know_tag(tag, info);
    }
}

#[test]
fn the_same_tag_ends_it_without_being_asked_for() {
    let mut bench = Bench::new();
    bench.charge(1, "Tag");
    bench.tag(1, "tAG");
    let stop = bench.expect_stop(1, "Finishing");
    assert_eq!(stop["reason"], "Local");
    assert!(stop["idTag"].as_str().unwrap().eq_ignore_ascii_case("tag"));
    bench.expect_no_call();
}

#[test]
fn a_tag_of_the_same_group_ends_it() {
    let mut bench = Bench::new();
    know_the_family(&mut bench);
    bench.charge(1, "MOTHER");
    bench.tag(1, "FATHER");
    assert_eq!(bench.expect_call("Authorize")["idTag"], "FATHER");
    let stop = bench.expect_stop(1, "Finishing");
    assert_eq!(
        (&stop["idTag"], &stop["reason"]),
        (&json!("FATHER"), &json!("Local"))
    );
    assert!(!bench.is_charging(1));
}

#[test]
fn a_foreign_tag_does_not_end_it() {
    let mut bench = Bench::new();
    know_the_family(&mut bench);
    bench.charge(1, "MOTHER");
    bench.tag(1, "STRANGER");
    // The central system accepts it.
    let asked = bench.find_call("Authorize");
    assert_eq!(asked["idTag"], "STRANGER");
    assert!(bench.all_calls("StopTransaction").is_empty());
    assert!(bench.is_charging(1));
    assert!(bench.has_energy(1));
    assert!(bench.saw(&not_owner("STRANGER")));
    assert!(!bench.saw(&invalid("STRANGER")));
}

fn not_owner(id_tag: &str) -> Event {
    Event::NotOwner {
        connector: 1,
        id_tag: id_tag.try_into().unwrap(),
    }
}

fn invalid(id_tag: &str) -> Event {
    Event::Authorization {
        connector: 1,
        id_tag: id_tag.try_into().unwrap(),
        status: AuthorizationStatus::Invalid,
    }
}

#[test]
fn a_foreign_tag_does_not_end_what_belongs_to_no_group() {
    let mut bench = Bench::new();
    know_the_family(&mut bench);
    bench.charge(1, "LONER");
    bench.tag(1, "FATHER");
    assert!(bench.all_calls("StopTransaction").is_empty());
    assert!(bench.is_charging(1));
    // There is nothing to ask the central system.
    assert!(bench.saw(&not_owner("FATHER")));
    assert!(!bench.saw(&invalid("FATHER")));
}

#[test]
fn a_blocked_tag_of_the_same_group_does_not_end_it() {
    let mut bench = Bench::new();
    know_the_family(&mut bench);
    let blocked = json!({ "status": "Blocked", "parentIdTag": "FAMILY" });
    bench.know_tag("SON", blocked);
    bench.charge(1, "MOTHER");
    bench.tag(1, "SON");
    assert_eq!(bench.actions(), ["Authorize"]);
    assert!(bench.is_charging(1));
}

#[test]
fn the_group_of_a_start_answer_counts() {
    let mut bench = Bench::new();
    bench.start(1, "MOTHER");
    bench.stop(1, Reason::Local);
    know_the_family(&mut bench);
    bench.start(2, "MOTHER");
    bench.forget();
    bench.tag(2, "FATHER");
    assert_eq!(bench.find_call("StopTransaction")["idTag"], "FATHER");
}

#[test]
fn every_reason_arrives() {
    for &reason in Reason::ALL {
        let mut bench = Bench::new();
        bench.charge(1, "TAG");
        bench.advance(30 * SECOND);
        bench.stop(1, reason);
        let stop = bench.find_call("StopTransaction");
        // OCPP 1.6 has no words for those that OCPP 2.0.1 brought.
        let expected = match reason > Reason::UnlockCommand {
            true => "Other",
            false => reason.as_str(),
        };
        assert_eq!(stop["reason"], expected);
        assert_eq!(stop["meterStop"], 1_060);
        // 6.49 StopTransaction.req: the idTag is there when a tag ended the transaction, and nothing
        // of it else.
        assert_eq!(stop.get("idTag"), None, "{reason:?}");
        assert_eq!(bench.status(1), Some(Status::Finishing));
    }
}

#[test]
fn the_vehicle_is_unplugged_and_that_ends_it() {
    let mut bench = Bench::new();
    bench.set("UnlockConnectorOnEVSideDisconnect", "false");
    bench.charge(1, "TAG");
    bench.advance(50 * SECOND);
    bench.unplug(1);
    let stop = bench.expect_stop(1, "Available");
    assert_eq!(stop["reason"], "EVDisconnected");
    assert_eq!(stop["meterStop"], 1_100);
    assert_eq!(stop.get("idTag"), None);
    assert!(!bench.has_energy(1));
    assert!(!bench.saw(&Event::Unlock(1)));
    bench.expect_no_call();
}

#[test]
fn the_vehicle_is_unplugged_and_the_cable_is_unlocked() {
    let mut bench = Bench::new();
    bench.set("UnlockConnectorOnEVSideDisconnect", "true");
    bench.charge(1, "TAG");
    bench.unplug(1);
    bench.find_call("StopTransaction");
    assert!(bench.saw(&Event::Unlock(1)));
}

#[test]
fn the_vehicle_is_unplugged_and_that_does_not_end_it() {
    let mut bench = Bench::new();
    bench.set("StopTransactionOnEVSideDisconnect", "false");
    bench.charge(1, "TAG");
    bench.advance(50 * SECOND);
    bench.unplug(1);
    bench.expect_status(1, "SuspendedEV");
    bench.expect_no_call();
    assert!(!bench.has_energy(1));
    assert!(!bench.saw(&Event::Unlock(1)));
    bench.advance(10 * SECOND - 1);
    bench.plug(1);
    bench.expect_status(1, "Charging");
    assert!(bench.has_energy(1));
    bench.unplug(1);
    bench.forget();
    bench.tag(1, "TAG");
    let stop = bench.expect_stop(1, "Available");
    assert_eq!(stop["reason"], "Local");
    assert_eq!(stop["meterStop"], 1_100);
}

#[test]
fn a_suspended_transaction_goes_on_and_ends_like_any_other() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.suspend(1, Suspension::Ev);
    bench.expect_status(1, "SuspendedEV");
    bench.suspend(1, Suspension::Evse);
    bench.expect_status(1, "SuspendedEVSE");
    bench.resume(1);
    bench.expect_status(1, "Charging");
    bench.suspend(1, Suspension::Ev);
    bench.expect_status(1, "SuspendedEV");
    bench.tag(1, "TAG");
    bench.expect_stop(1, "Finishing");
    bench.expect_no_call();
    // The next transaction is not suspended because this one was.
    bench.tag(1, "NEXT");
    bench.find_call("StartTransaction");
    bench.expect_status(1, "Charging");
}

#[test]
fn the_stop_answer_is_about_the_tag_and_not_about_the_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.know_tag("TAG", id_tag_info("Blocked"));
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
    bench.advance(10 * MINUTE);
    assert!(bench.all_calls("StopTransaction").is_empty());
    assert_eq!(bench.queued(), 0);
}

#[test]
fn the_last_reading_is_told_after_the_contactor_has_opened() {
    for reason in ["Local", "EVDisconnected", "Remote"] {
        let mut bench = Bench::new();
        bench.charge(1, "Tag");
        bench.advance(MINUTE);
        bench.set_register(1, 2_000);
        bench.read_meter(1);
        // In the same millisecond, and the meter counts on until the contactor has opened.
        bench.set_register(1, 2_001);
        match reason {
            "Local" => bench.tag(1, "Tag"),
            "EVDisconnected" => bench.unplug(1),
            _ => {
                let stop = json!({ "transactionId": 101 });
                bench.status_of("RemoteStopTransaction", stop);
            }
        }
        let stop = bench.find_call("StopTransaction");
        assert_eq!(
            (&stop["reason"], &stop["meterStop"]),
            (&json!(reason), &json!(2_001))
        );
    }
}

#[test]
fn the_application_that_ends_it_may_tell_the_last_register_first() {
    let mut bench = Bench::new();
    bench.charge(1, "Tag");
    bench.advance(MINUTE);
    bench.set_register(1, 2_000);
    bench.read_meter(1);
    bench.set_register(1, 2_001);
    bench.stop(1, Reason::Local);
    assert_eq!(bench.find_call("StopTransaction")["meterStop"], 2_000);
}
