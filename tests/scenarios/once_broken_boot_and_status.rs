//! Boot, reset, and what the world is told of connectors: what once went wrong and must not
//! again.

use ocpp::{
    domain::{ChargePointError, Status},
    station::Event,
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, OnReset, Reply, SECOND, Setup};

fn trigger(bench: &mut Bench, message: &str) -> String {
    let payload = json!({ "requestedMessage": message, "connectorId": 1 });
    bench.status_of("TriggerMessage", payload)
}

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

fn boot_answer(bench: &Bench, status: &str, interval: i64) -> Value {
    json!({ "status": status, "interval": interval, "currentTime": bench.utc() })
}

#[test]
fn a_status_asked_for_while_pending_does_not_replace_the_report_of_all_connectors() {
    let mut bench = Bench::cold(Setup::default());
    bench.register_with("Pending", 30);
    bench.advance(0);
    assert_eq!(trigger(&mut bench, "StatusNotification"), "Accepted");
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.expect_status(1, "Available");
    bench.expect_no_call();
    bench.register_with("Accepted", 300);
    bench.advance(30 * SECOND);
    bench.expect_boot();
    bench.expect_no_call();
}

#[test]
fn before_the_first_boot_answer_nothing_but_a_boot_notification_can_be_asked_for() {
    let mut bench = Bench::cold(Setup::default());
    bench.reply_always("BootNotification", Reply::Never);
    bench.advance(SECOND);
    let others = ["MeterValues", "StatusNotification", "Heartbeat"];
    for message in others {
        assert_eq!(trigger(&mut bench, message), "Rejected", "{message}");
    }
    // Also when that one has timed out and nothing is on its way.
    bench.advance(30 * SECOND);
    for message in others {
        assert_eq!(trigger(&mut bench, message), "Rejected", "{message}");
    }
    assert_eq!(bench.actions(), ["BootNotification"]);
    bench.reply_normally("BootNotification");
    assert_eq!(trigger(&mut bench, "BootNotification"), "Accepted");
    bench.advance(0);
    bench.expect_boot();
    bench.advance(MINUTE);
    bench.expect_no_call();
}

#[test]
fn a_registration_that_is_withdrawn_silences_the_charge_point_until_it_is_accepted_again() {
    for status in ["Pending", "Rejected"] {
        let mut bench = Bench::new();
        // Once accepted, it can be asked for again on another connection only.
        bench.cut();
        bench.advance(MINUTE);
        bench.forget();
        let answer = boot_answer(&bench, status, 600);
        let answer = Reply::Result(answer).after(2 * SECOND);
        bench.reply_once("BootNotification", answer);
        trigger(&mut bench, "BootNotification");
        bench.advance(0);
        bench.expect_call("BootNotification");
        // It is put on its way, and has not gone out yet.
        bench.plug(1);
        bench.advance(10 * SECOND);
        bench.plug(2);
        bench.advance(580 * SECOND);
        bench.expect_no_call();
        bench.advance(20 * SECOND);
        bench.expect_call("BootNotification");
        let expected = ["Available", "Finishing", "Finishing"];
        for (connector, status) in (0..).zip(expected) {
            bench.expect_status(connector, status);
        }
        bench.expect_no_call();
    }
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
fn nobody_waits_for_a_broken_connector_longer_than_for_a_cable() {
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
fn after_a_reset_that_failed_a_connector_nobody_waits_for_is_available() {
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

#[test]
fn a_clock_that_is_centuries_off_does_no_harm() {
    for time in [i64::MIN, i64::MIN + 1, -1, i64::MAX - 1, i64::MAX] {
        let mut bench = Bench::new();
        bench.set("ClockAlignedDataInterval", "60");
        bench.set("HeartbeatInterval", "600");
        let input = ocpp::station::Input::Time(time);
        assert_eq!(bench.input(input), Ok(()), "{time}");
        bench.advance(2 * MINUTE);
        bench.charge(1, "ANN");
        bench.advance(10 * MINUTE);
        bench.tag(1, "ANN");
        let stop = bench.find_call("StopTransaction");
        assert_eq!(stop["meterStop"], 2_200, "{time}");
        // The central system knows better.
        trigger(&mut bench, "Heartbeat");
        bench.advance(0);
        bench.forget();
        bench.advance(5 * MINUTE);
        let values = bench.all_calls("MeterValues");
        let minutes: Vec<_> = values
            .iter()
            .filter(|call| call["connectorId"] == 1)
            .map(|call| &call["meterValue"][0]["timestamp"])
            .collect();
        assert_eq!(minutes.len(), 5, "{time}: {minutes:?}");
        let begin = bench.utc_at(bench.now() - 5 * MINUTE);
        let within = |minute: &&Value| minute.as_str().unwrap() > begin.as_str();
        assert!(minutes.iter().all(within), "{time}: {minutes:?}");
    }
}

#[test]
fn a_clock_that_was_centuries_off_before_the_boot_is_set_by_its_answer() {
    for time in [i64::MIN, i64::MAX] {
        let mut bench = Bench::cold(Setup::default());
        let input = ocpp::station::Input::Time(time);
        assert_eq!(bench.input(input), Ok(()), "{time}");
        bench.advance(SECOND);
        bench.expect_boot();
        assert!(bench.events().iter().any(|e| matches!(e, Event::Time(_))));
        bench.charge(1, "ANN");
        bench.advance(HOUR);
        bench.tag(1, "ANN");
        let now = bench.utc();
        assert_eq!(bench.find_call("StopTransaction")["timestamp"], now);
    }
}
