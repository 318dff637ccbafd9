//! Reservations of connector 0: any connector, which one that is free is kept for (OCPP 1.6, 5.13).

use super::*;

#[test]
fn a_reservation_of_connector_0_keeps_one_connector() {
    let mut bench = reserved(0, "A");
    assert_eq!(bench.get("ReserveConnectorZeroSupported"), "true");
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Available", "Available")
    );
    bench.charge(1, "B");
    // The last one is for its driver.
    assert_eq!(status(&bench, 2), "Reserved");
    bench.plug(2);
    bench.forget();
    bench.tag(2, "C");
    assert!(turned_away(&bench, 2, "C"));
    assert_eq!(remote_start(&mut bench, Some(2), "C"), "Rejected");
    assert_eq!(remote_start(&mut bench, None, "C"), "Rejected");
    bench.tag(2, "A");
    assert_eq!(started(&mut bench), 7);
    assert_eq!(told(&bench), [(0, 7, ReservationState::Used)]);
}

#[test]
fn a_connector_that_is_free_again_is_not_the_last_one() {
    let mut bench = reserved(0, "A");
    bench.charge(1, "B");
    assert_eq!(status(&bench, 2), "Reserved");
    bench.forget();
    bench.tag(1, "B");
    bench.advance(SECOND);
    // A cable is left in it.
    assert_eq!(status(&bench, 2), "Reserved");
    bench.unplug(1);
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Available", "Available")
    );
    let reports = bench.all_calls("StatusNotification");
    let mut of_2 = reports.iter().filter(|report| report["connectorId"] == 2);
    assert_eq!(of_2.next_back().unwrap()["status"], "Available");
}

#[test]
fn a_cable_that_waits_too_long_does_not_take_the_last_one() {
    let mut bench = reserved(0, "A");
    bench.charge(1, "B");
    bench.plug(2);
    bench.advance(5 * MINUTE);
    assert_eq!(status(&bench, 2), "Reserved");
    bench.tag(2, "C");
    assert!(turned_away(&bench, 2, "C"));
    bench.forget();
    bench.tag(2, "A");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn its_driver_may_come_before_the_last_connector_is_left() {
    let mut bench = reserved(0, "A");
    bench.forget();
    bench.charge_quietly(1, "A");
    assert_eq!(started(&mut bench), 7);
    bench.charge(2, "B");
}

#[test]
fn with_one_connector_the_whole_charge_point_is_reserved() {
    let mut bench = Bench::with(Setup {
        connectors: 1,
        ..Setup::default()
    });
    assert_eq!(reserve(&mut bench, 0, 7, "A"), "Accepted");
    bench.expect_status(1, "Reserved");
    assert_eq!(bench.status(0).unwrap().as_str(), "Available");
    assert_eq!(remote_start(&mut bench, Some(1), "B"), "Rejected");
    assert_eq!(remote_start(&mut bench, Some(1), "A"), "Accepted");
    bench.plug(1);
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn reservations_of_connectors_and_of_any_of_them() {
    let mut bench = reserved(0, "A");
    assert_eq!(reserve(&mut bench, 0, 8, "B"), "Occupied");
    // One of two may be promised besides.
    assert_eq!(reserve(&mut bench, 1, 8, "B"), "Accepted");
    assert_eq!(reserve(&mut bench, 2, 9, "C"), "Occupied");
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Reserved", "Reserved")
    );
    // Each for its own driver.
    bench.forget();
    bench.tag(1, "A");
    assert!(turned_away(&bench, 1, "A"));
    bench.start(1, "B");
    assert_eq!(started(&mut bench), 8);
    bench.start(2, "A");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn a_reservation_of_connector_0_ends_with_the_last_connector() {
    let mut bench = reserved(0, "A");
    bench.fault(1, ChargePointError::GroundFailure, "");
    assert_eq!(status(&bench, 2), "Reserved");
    bench.forget();
    bench.fault(2, ChargePointError::GroundFailure, "");
    assert_eq!(told(&bench), [(0, 7, ReservationState::Ended)]);
    bench.clear_fault(1);
    assert_eq!(status(&bench, 1), "Available");
}
