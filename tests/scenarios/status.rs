//! StatusNotification (OCPP 1.6, 4.9): what is reported, when, and what after an outage.

use ocpp::{
    domain::{ChargePointError, Identity, Status},
    limits::TX_MIN,
    station::{Event, Input, Refused, Suspension},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Setup, id_tag};

#[test]
fn states_that_do_not_last_are_not_reported() {
    let mut bench = Bench::new();
    bench.set("MinimumStatusDuration", "5");
    bench.plug(1);
    bench.advance(4 * SECOND);
    bench.unplug(1);
    bench.advance(MINUTE);
    bench.expect_no_call();
    bench.plug(1);
    bench.advance(5 * SECOND - 1);
    bench.expect_no_call();
    bench.advance(1);
    bench.expect_status(1, "Preparing");
    bench.tag(1, "TAG");
    bench.expect_call("Authorize");
    bench.expect_call("StartTransaction");
    bench.suspend(1, Suspension::Ev);
    bench.advance(3 * SECOND);
    bench.resume(1);
    bench.advance(5 * SECOND);
    bench.expect_status(1, "Charging");
    bench.expect_no_call();
}

#[test]
fn the_application_hears_of_every_state_at_once() {
    let mut bench = Bench::new();
    bench.set("MinimumStatusDuration", "60");
    bench.plug(1);
    assert!(bench.saw(&Event::Status {
        connector: 1,
        status: Status::Preparing,
        error: ChargePointError::NoError,
    }));
}

#[test]
fn every_fault_is_reported_by_its_name() {
    let errors = ChargePointError::ALL.iter();
    for &error in errors.filter(|error| **error != ChargePointError::NoError) {
        let mut bench = Bench::new();
        bench.fault(1, error, "relay 2");
        let status = bench.expect_status(1, "Faulted");
        assert_eq!(status["errorCode"], error.as_str());
        assert_eq!(status["info"], "relay 2");
        bench.clear_fault(1);
        let status = bench.expect_status(1, "Available");
        assert_eq!(status["errorCode"], "NoError");
        assert_eq!(status.get("info"), None);
    }
}

#[test]
fn another_fault_is_another_report() {
    let mut bench = Bench::new();
    bench.fault(1, ChargePointError::OverVoltage, "");
    bench.expect_status(1, "Faulted");
    bench.fault(1, ChargePointError::UnderVoltage, "");
    assert_eq!(
        bench.expect_status(1, "Faulted")["errorCode"],
        "UnderVoltage"
    );
    bench.fault(1, ChargePointError::UnderVoltage, "");
    bench.expect_no_call();
}

#[test]
fn information_is_cut_to_what_fits_between_two_characters() {
    let mut bench = Bench::new();
    bench.fault(1, ChargePointError::OtherError, &"é".repeat(60));
    let status = bench.expect_status(1, "Faulted");
    let info = status["info"].as_str().unwrap();
    assert!(info.chars().all(|c| c == 'é'), "{info}");
    assert!((20..=50).contains(&info.chars().count()), "{info}");
}

#[test]
fn a_code_of_the_vendor_is_told_with_the_vendor() {
    let mut bench = Bench::new();
    bench.vendor_fault(1, "E-\"42\"");
    let status = bench.expect_status(1, "Faulted");
    assert_eq!(status["errorCode"], "OtherError");
    assert_eq!(status["vendorErrorCode"], "E-\"42\"");
    assert_eq!(status["vendorId"], "Acme");
    bench.vendor_fault(1, "E-43");
    assert_eq!(bench.expect_status(1, "Faulted")["vendorErrorCode"], "E-43");
    bench.clear_fault(1);
    let status = bench.expect_status(1, "Available");
    assert_eq!(
        (status.get("vendorErrorCode"), status.get("vendorId")),
        (None, None)
    );
}

#[test]
fn a_broken_connector_serves_no_driver() {
    let mut bench = Bench::new();
    bench.fault(1, ChargePointError::GroundFailure, "");
    let tag = Input::Tag {
        connector: 1,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(tag), Err(Refused::OutOfService));
    bench.plug(1);
    bench.clear_fault(1);
    bench.forget();
    bench.tag(1, "TAG");
    bench.find_call("StartTransaction");
}

#[test]
fn connector_0_stands_for_the_whole_charge_point() {
    let mut bench = Bench::new();
    bench.fault(0, ChargePointError::HighTemperature, "");
    let status = bench.expect_status(0, "Faulted");
    assert_eq!(status["errorCode"], "HighTemperature");
    let tag = Input::Tag {
        connector: 1,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(tag), Err(Refused::OutOfService));
    bench.clear_fault(0);
    bench.find_call("StatusNotification");
    bench.tag(1, "TAG");
    bench.find_call("Authorize");
}

#[test]
fn a_fault_holds_the_energy_but_does_not_end_the_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.fault(1, ChargePointError::OverCurrentFailure, "");
    bench.expect_status(1, "Faulted");
    assert!(!bench.has_energy(1));
    assert!(bench.is_charging(1));
    bench.advance(30 * SECOND);
    bench.expect_no_call();
    bench.clear_fault(1);
    bench.expect_status(1, "Charging");
    assert!(bench.has_energy(1));
    bench.fault(1, ChargePointError::OverCurrentFailure, "");
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
    assert_eq!(bench.status(1), Some(Status::Faulted));
}

#[test]
fn a_fault_of_the_whole_charge_point_holds_the_energy_everywhere() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.fault(0, ChargePointError::GroundFailure, "");
    assert!(!bench.has_energy(1));
    assert!(bench.is_charging(1));
    bench.clear_fault(0);
    assert!(bench.has_energy(1));
}

#[test]
fn after_an_outage_only_what_changed_is_reported() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.plug(1);
    bench.unplug(1);
    bench.plug(2);
    bench.advance(HOUR);
    bench.reconnect();
    bench.expect_status(2, "Finishing");
    bench.expect_no_call();
}

#[test]
fn what_was_not_acknowledged_before_an_outage_is_reported_after_it() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.disconnect();
    bench.reconnect();
    bench.expect_status(1, "Preparing");
    bench.expect_no_call();
}

#[test]
fn a_state_that_was_over_before_its_report_was_acknowledged_is_corrected() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.disconnect();
    bench.unplug(1);
    bench.reconnect();
    bench.expect_status(1, "Available");
    bench.expect_no_call();
}

#[test]
fn reports_tell_the_moment_they_are_about() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.advance(10 * SECOND);
    bench.plug(2);
    let moment = bench.utc();
    bench.expect_no_call();
    bench.advance(20 * SECOND);
    let status = bench.expect_status(2, "Preparing");
    assert_eq!(status["timestamp"], moment);
}

#[test]
fn every_connector_is_reported_in_the_order_of_what_happened() {
    let mut bench = Bench::new();
    bench.reply_once("StatusNotification", Reply::Never);
    bench.plug(1);
    bench.plug(2);
    bench.unplug(1);
    bench.unplug(2);
    bench.advance(31 * SECOND);
    bench.expect_status(1, "Preparing");
    bench.expect_status(2, "Preparing");
    bench.expect_status(1, "Available");
    bench.expect_status(2, "Available");
    bench.expect_no_call();
}

#[test]
fn an_unacknowledged_report_is_no_reason_to_fall_silent() {
    let mut bench = Bench::new();
    bench.reply_always("StatusNotification", Reply::Error("InternalError"));
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.unplug(1);
    bench.expect_status(1, "Available");
    bench.advance(10 * SECOND);
    bench.expect_no_call();
}

#[test]
fn a_fault_with_every_text_at_its_longest_fits_into_the_smallest_transmit_buffer() {
    // Twenty characters as OCPP 1.6 allows them, which become 120 and 240 bytes.
    for (vendor, is_whole) in [("\u{e9}", true), ("\u{1f50c}", false)] {
        let vendor: &'static str = vendor.repeat(20).leak();
        let mut bench = Bench::with(Setup {
            tx: TX_MIN,
            identity: Identity {
                vendor,
                model: "M",
                ..Identity::default()
            },
            ..Setup::default()
        });
        let text = "\u{1}".repeat(50);
        let told = bench.input(Input::Fault {
            connector: 2,
            error: ChargePointError::EvCommunicationError,
            info: &text,
            vendor_error_code: &text,
        });
        assert_eq!(told, Ok(()));
        let report = bench.expect_status(2, "Faulted");
        let told = [
            &report["info"],
            &report["vendorErrorCode"],
            &report["vendorId"],
        ];
        let expected = match is_whole {
            true => [text.as_str(), text.as_str(), vendor].map(|text| json!(text)),
            // The details are left out, not the status.
            false => [const { Value::Null }; 3],
        };
        assert_eq!(told.map(Clone::clone), expected);
    }
}

/// Some central systems close a transaction on Finishing, and miss its last reading.
#[test]
fn the_stop_goes_before_the_finishing_that_follows_from_it() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.forget();
    bench.tag(1, "TAG");
    assert_eq!(bench.order(), ["StopTransaction", "StatusNotification"]);
    bench.find_call("StopTransaction");
    bench.expect_status(1, "Finishing");
}

#[test]
fn finishing_does_not_wait_for_a_stop_that_storage_has_no_room_for() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.forget();
    bench.disk.fill_up();
    bench.tag(1, "TAG");
    bench.expect_status(1, "Finishing");
    bench.disk.limit(usize::MAX);
    bench.advance(10 * SECOND);
    bench.find_call("StopTransaction");
}
