//! ChangeAvailability (OCPP 1.6, 5.2).

use ocpp::{
    domain::Status::{self, Available, Unavailable},
    station::{Input, Refused},
};
use serde_json::json;

use crate::support::{Bench, SECOND, Setup, id_tag};

fn change(bench: &mut Bench, connector: i32, kind: &str) -> String {
    let change = json!({ "connectorId": connector, "type": kind });
    bench.status_of("ChangeAvailability", change)
}

fn statuses(bench: &Bench) -> [Option<Status>; 3] {
    [0, 1, 2].map(|connector| bench.status(connector))
}

#[test]
fn an_idle_connector_goes_out_of_service_and_comes_back() {
    let mut bench = Bench::new();
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Accepted");
    bench.expect_status(1, "Unavailable");
    assert_eq!(bench.order()[0], "-> ChangeAvailability");
    let tag = Input::Tag {
        connector: 1,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(tag), Err(Refused::OutOfService));
    assert_eq!(change(&mut bench, 1, "Operative"), "Accepted");
    bench.expect_status(1, "Available");
    bench.plug(1);
    bench.tag(1, "TAG");
    assert!(bench.is_charging(1));
}

#[test]
fn asking_for_what_already_is_changes_nothing() {
    let mut bench = Bench::new();
    assert_eq!(change(&mut bench, 1, "Operative"), "Accepted");
    bench.expect_no_call();
    change(&mut bench, 1, "Inoperative");
    bench.forget();
    let disk = bench.disk.snapshot();
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Accepted");
    bench.expect_no_call();
    assert_eq!(bench.disk.snapshot(), disk);
}

#[test]
fn a_charging_connector_goes_out_of_service_when_its_transaction_has_ended() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Scheduled");
    bench.advance(30 * SECOND);
    bench.expect_no_call();
    assert!(bench.has_energy(1));
    bench.tag(1, "TAG");
    bench.expect_stop(1, "Unavailable");
    bench.unplug(1);
    bench.expect_no_call();
    assert_eq!(bench.status(1), Some(Unavailable));
}

#[test]
fn what_was_scheduled_can_be_taken_back() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Scheduled");
    assert_eq!(change(&mut bench, 1, "Operative"), "Accepted");
    bench.tag(1, "TAG");
    bench.expect_stop(1, "Finishing");
    bench.unplug(1);
    bench.expect_status(1, "Available");
}

#[test]
fn connector_0_is_all_of_them() {
    let mut bench = Bench::new();
    assert_eq!(change(&mut bench, 0, "Inoperative"), "Accepted");
    for connector in 0..=2 {
        bench.expect_status(connector, "Unavailable");
    }
    bench.expect_no_call();
    assert_eq!(change(&mut bench, 0, "Operative"), "Accepted");
    for connector in 0..=2 {
        bench.expect_status(connector, "Available");
    }
}

#[test]
fn connector_0_while_one_is_charging() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    assert_eq!(change(&mut bench, 0, "Inoperative"), "Scheduled");
    assert_eq!(bench.status(1), Some(Status::Charging));
    assert_eq!(bench.status(2), Some(Unavailable));
    bench.tag(1, "TAG");
    assert_eq!(statuses(&bench), [Some(Unavailable); 3]);
}

#[test]
fn unknown_connectors_are_rejected() {
    let mut bench = Bench::new();
    for connector in [-1, 3, 256, 257, i32::MAX, i32::MIN] {
        assert_eq!(change(&mut bench, connector, "Inoperative"), "Rejected");
    }
    assert_eq!(statuses(&bench), [Some(Available); 3]);
    bench.expect_no_call();
}

#[test]
fn it_survives_a_reboot() {
    let mut bench = Bench::new();
    change(&mut bench, 2, "Inoperative");
    bench.power_loss();
    assert_eq!(
        statuses(&bench),
        [Some(Available), Some(Available), Some(Unavailable)]
    );
    change(&mut bench, 0, "Inoperative");
    bench.power_loss();
    assert_eq!(statuses(&bench), [Some(Unavailable); 3]);
    change(&mut bench, 0, "Operative");
    bench.power_loss();
    assert_eq!(statuses(&bench), [Some(Available); 3]);
}

#[test]
fn what_was_scheduled_survives_a_reboot() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    change(&mut bench, 1, "Inoperative");
    bench.power_loss();
    assert_eq!(bench.status(1), Some(Unavailable));
}

#[test]
fn a_driver_who_waits_for_the_cable_loses_the_connector() {
    let mut bench = Bench::new();
    bench.tag(1, "TAG");
    bench.forget();
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Accepted");
    bench.expect_status(1, "Unavailable");
    bench.plug(1);
    bench.advance(30 * SECOND);
    assert!(!bench.is_charging(1));
    change(&mut bench, 1, "Operative");
    assert!(!bench.is_charging(1));
    assert_eq!(bench.status(1), Some(Status::Preparing));
}

#[test]
fn a_broken_connector_shows_that_first() {
    let mut bench = Bench::with(Setup {
        connectors: 1,
        ..Setup::default()
    });
    bench.fault(1, ocpp::domain::ChargePointError::OverVoltage, "");
    bench.expect_status(1, "Faulted");
    assert_eq!(change(&mut bench, 1, "Inoperative"), "Accepted");
    bench.clear_fault(1);
    bench.expect_status(1, "Unavailable");
    assert_eq!(change(&mut bench, 1, "Operative"), "Accepted");
    bench.expect_status(1, "Available");
}

#[test]
fn an_operator_takes_a_connector_out_of_service_across_a_boot() {
    let mut bench = Bench::new();
    let (connector, operative) = (1, false);
    let out = Input::Availability {
        connector,
        operative,
    };
    assert_eq!(bench.input(out), Ok(()));
    bench.expect_status(1, "Unavailable");
    bench.power_loss();
    bench.expect_boot();
    assert_eq!(bench.status(1), Some(Unavailable));
    bench.forget();
    let back = Input::Availability {
        connector: 0,
        operative: true,
    };
    assert_eq!(bench.input(back), Ok(()));
    bench.expect_status(1, "Available");
    bench.expect_no_call();
    let nowhere = Input::Availability {
        connector: 9,
        operative,
    };
    assert_eq!(bench.input(nowhere), Err(Refused::UnknownConnector));
}

#[test]
fn an_operator_waits_for_the_end_of_a_transaction() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    let out = Input::Availability {
        connector: 0,
        operative: false,
    };
    assert_eq!(bench.input(out), Ok(()));
    assert!(bench.has_energy(1));
    assert_eq!(statuses(&bench)[2], Some(Unavailable));
    bench.tag(1, "TAG");
    bench.advance(SECOND);
    assert_eq!(statuses(&bench), [Some(Unavailable); 3]);
}

#[test]
fn a_change_that_is_not_stored_for_all_is_stored_for_none() {
    let mut bench = Bench::new();
    // A record of one byte for one of three.
    bench.disk.leave(1);
    assert_eq!(change(&mut bench, 0, "Inoperative"), "Rejected");
    assert_eq!(statuses(&bench), [Some(Available); 3]);
    bench.power_loss();
    bench.expect_boot();
    assert_eq!(statuses(&bench), [Some(Available); 3]);
}

#[test]
fn a_change_that_could_not_be_taken_back_is_overwritten_by_the_next() {
    let mut bench = Bench::new();
    bench.disk.fail_after(1);
    assert_eq!(change(&mut bench, 0, "Inoperative"), "Rejected");
    assert_eq!(statuses(&bench), [Some(Available); 3]);
    bench.disk.fail(false);
    assert_eq!(change(&mut bench, 0, "Operative"), "Accepted");
    bench.power_loss();
    bench.expect_boot();
    assert_eq!(statuses(&bench), [Some(Available); 3]);
}
