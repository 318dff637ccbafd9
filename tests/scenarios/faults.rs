//! What is broken, and who waits for it to be mended.

use ocpp::domain::{ChargePointError, Status};
use serde_json::json;

use crate::support::{Bench, MINUTE, OnReset, SECOND};

fn statuses(bench: &mut Bench) -> Vec<(u64, String)> {
    let calls = bench.all_calls("StatusNotification").into_iter();
    let statuses = calls.map(|call| {
        let status = call["status"].as_str().unwrap().to_owned();
        (call["connectorId"].as_u64().unwrap(), status)
    });
    statuses.collect()
}

fn told(connector: u64, status: &str) -> (u64, String) {
    (connector, status.to_owned())
}

#[test]
fn plugging_into_a_broken_connector_begins_only_when_it_is_mended() {
    // The connector itself, or the whole charge point.
    for broken in [1, 0] {
        let mut bench = Bench::new();
        bench.tag(1, "ANN");
        bench.fault(broken, ChargePointError::GroundFailure, "");
        bench.plug(1);
        bench.advance(5 * SECOND);
        assert!(!bench.is_charging(1));
        assert!(!bench.has_energy(1));
        assert!(bench.all_calls("StartTransaction").is_empty());
        bench.clear_fault(broken);
        assert!(bench.is_charging(1));
        assert!(bench.has_energy(1));
        assert_eq!(bench.status(1), Some(Status::Charging));
        assert_eq!(bench.find_call("StartTransaction")["idTag"], "ANN");
    }
}

#[test]
fn a_broken_connector_is_waited_for_no_longer_than_a_cable() {
    let mut bench = Bench::new();
    bench.set("ConnectionTimeOut", "60");
    bench.tag(1, "ANN");
    bench.fault(1, ChargePointError::GroundFailure, "");
    bench.plug(1);
    bench.advance(2 * MINUTE);
    bench.clear_fault(1);
    bench.advance(MINUTE);
    assert!(!bench.is_charging(1));
    assert!(bench.all_calls("StartTransaction").is_empty());
}

#[test]
fn after_a_reset_that_failed_a_connector_without_a_driver_is_available() {
    for kind in ["Hard", "Soft"] {
        let mut bench = Bench::new();
        bench.on_reset = OnReset::Fail;
        bench.tag(1, "ANN");
        bench.expect_call("Authorize");
        bench.expect_status(1, "Preparing");
        let reset = json!({ "type": kind });
        assert_eq!(bench.status_of("Reset", reset), "Accepted");
        bench.advance(SECOND);
        assert_eq!(bench.status(1), Some(Status::Available));
        bench.expect_status(1, "Available");
        // Nothing is left of it for the next cable.
        bench.plug(1);
        bench.expect_status(1, "Preparing");
        bench.advance(SECOND);
        assert!(!bench.is_charging(1));
        bench.expect_no_call();
    }
}

#[test]
fn a_fault_of_the_whole_charge_point_shows_where_it_holds_the_energy() {
    let mut bench = Bench::new();
    bench.charge(1, "ANN");
    bench.fault(0, ChargePointError::GroundFailure, "");
    assert!(!bench.has_energy(1));
    let expected = [told(0, "Faulted"), told(1, "SuspendedEVSE")];
    assert_eq!(statuses(&mut bench), expected);
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    bench.clear_fault(0);
    assert!(bench.has_energy(1));
    let expected = [told(0, "Available"), told(1, "Charging")];
    assert_eq!(statuses(&mut bench), expected);
}
