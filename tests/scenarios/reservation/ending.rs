//! What ends a reservation that its driver does not use (OCPP 1.6, 5.1 and 5.13).

use super::*;

#[test]
fn it_ends_with_its_time() {
    let mut bench = reserved(1, "A");
    bench.expect_status(1, "Reserved");
    bench.advance(HOUR - SECOND);
    assert_eq!(status(&bench, 1), "Reserved");
    bench.forget();
    bench.advance(2 * SECOND);
    assert_eq!(told(&bench), [(1, 7, ReservationState::Expired)]);
    bench.expect_status(1, "Available");
    assert_eq!(records(&bench), 0);
    assert_eq!(cancel(&mut bench, 7), "Rejected");
    bench.charge(1, "B");
}

#[test]
fn it_ends_when_a_clock_that_is_set_late_says_so() {
    let mut bench = reserved(1, "A");
    bench.disconnect();
    bench.power_off();
    bench.advance(2 * HOUR);
    bench.power_on();
    // The time is not known: it may be in force.
    let condition = bench.operate(|station, _| station.condition(1));
    assert_eq!(condition.unwrap().0, Status::Reserved);
    bench.plug(1);
    bench.tag(1, "B");
    assert!(turned_away(&bench, 1, "B"));
    let time = bench.unix_millis();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.advance(0);
    assert_eq!(
        told(&bench).last(),
        Some(&(1, 7, ReservationState::Expired))
    );
    assert_eq!(records(&bench), 0);
    assert_eq!(status(&bench, 1), "Preparing");
}

#[test]
fn a_clock_that_is_set_forward_ends_it() {
    let mut bench = reserved(1, "A");
    let time = bench.unix_millis() + i64::try_from(2 * HOUR).unwrap();
    assert_eq!(bench.input(Input::Time(time)), Ok(()));
    bench.advance(0);
    assert_eq!(status(&bench, 1), "Available");
}

#[test]
fn it_is_cancelled() {
    let mut bench = reserved(1, "A");
    bench.forget();
    assert_eq!(cancel(&mut bench, 8), "Rejected");
    assert_eq!(cancel(&mut bench, 7), "Accepted");
    assert_eq!(told(&bench), [(1, 7, ReservationState::Cancelled)]);
    bench.expect_status(1, "Available");
    assert_eq!(cancel(&mut bench, 7), "Rejected");
    assert_eq!(records(&bench), 0);
}

#[test]
fn one_that_is_cancelled_while_its_driver_waits_for_the_cable_is_not_told() {
    let mut bench = reserved(1, "A");
    bench.tag(1, "A");
    assert_eq!(cancel(&mut bench, 7), "Accepted");
    bench.plug(1);
    assert_eq!(started(&mut bench), Value::Null);
}

#[test]
fn a_fault_ends_it() {
    for connector in [1, 0] {
        let mut bench = reserved(1, "A");
        bench.forget();
        bench.fault(connector, ChargePointError::GroundFailure, "");
        assert_eq!(told(&bench), [(1, 7, ReservationState::Ended)]);
        bench.clear_fault(connector);
        assert_eq!(status(&bench, 1), "Available");
        assert_eq!(records(&bench), 0);
    }
}

#[test]
fn unavailability_ends_it() {
    for connector in [1, 0] {
        let mut bench = reserved(1, "A");
        bench.forget();
        let change = |kind: &str| json!({ "connectorId": connector, "type": kind });
        let status = bench.status_of("ChangeAvailability", change("Inoperative"));
        assert_eq!(status, "Accepted");
        assert_eq!(told(&bench), [(1, 7, ReservationState::Ended)]);
        bench.status_of("ChangeAvailability", change("Operative"));
        assert_eq!(bench.status(1).unwrap().as_str(), "Available");
    }
}
