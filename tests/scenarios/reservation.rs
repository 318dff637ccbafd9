//! Reservations (OCPP 1.6, 5.1 and 5.13).

use ocpp::{
    domain::{AuthorizationStatus, ChargePointError, Status},
    station::{Event, Input, Refused, ReservationState, Reserved},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND, Setup, id_tag, id_tag_info};

mod connector_0;
mod ending;
mod group;

fn reserve(bench: &mut Bench, connector: i32, id: i32, tag: &str) -> String {
    let expires = bench.utc_at(bench_now(bench) + HOUR);
    let request = json!({
        "connectorId": connector,
        "expiryDate": expires,
        "idTag": tag,
        "reservationId": id,
    });
    bench.status_of("ReserveNow", request)
}

/// For a driver and for all of a group.
fn reserve_for_group(bench: &mut Bench, connector: i32, id: i32, tag: &str, group: &str) {
    let expires = bench.utc_at(bench_now(bench) + HOUR);
    let request = json!({
        "connectorId": connector,
        "expiryDate": expires,
        "idTag": tag,
        "parentIdTag": group,
        "reservationId": id,
    });
    assert_eq!(bench.status_of("ReserveNow", request), "Accepted");
}

fn bench_now(bench: &Bench) -> u64 {
    u64::try_from(bench.unix_millis() - 1_772_438_400_000).unwrap()
}

fn reserved(connector: i32, tag: &str) -> Bench {
    let mut bench = Bench::new();
    assert_eq!(reserve(&mut bench, connector, 7, tag), "Accepted");
    bench
}

fn cancel(bench: &mut Bench, id: i32) -> String {
    bench.status_of("CancelReservation", json!({ "reservationId": id }))
}

fn remote_start(bench: &mut Bench, connector: Option<u8>, tag: &str) -> String {
    let mut request = json!({ "idTag": tag });
    if let Some(connector) = connector {
        request["connectorId"] = connector.into();
    }
    bench.status_of("RemoteStartTransaction", request)
}

fn status(bench: &Bench, connector: u8) -> &'static str {
    bench.status(connector).unwrap().as_str()
}

/// What happened to reservations: connector, number and state.
fn told(bench: &Bench) -> Vec<(u8, i32, ReservationState)> {
    let events = bench.events().iter();
    let told = events.filter_map(|event| match event {
        Event::Reservation {
            connector,
            id,
            state,
            ..
        } => Some((*connector, *id, *state)),
        _ => None,
    });
    told.collect()
}

fn turned_away(bench: &Bench, connector: u8, tag: &str) -> bool {
    bench.saw(&Event::ReservedForOther {
        connector,
        id_tag: tag.try_into().unwrap(),
    })
}

fn records(bench: &Bench) -> usize {
    let records = bench.disk.snapshot();
    records.keys().filter(|id| id.0 >> 8 == 0x05).count()
}

/// The reservationId of the next StartTransaction.
fn started(bench: &mut Bench) -> Value {
    let start = bench.find_call("StartTransaction");
    start.get("reservationId").cloned().unwrap_or_default()
}

#[test]
fn a_reserved_connector_says_so_until_its_driver_comes() {
    let mut bench = reserved(1, "A");
    assert_eq!(bench.order(), ["-> ReserveNow", "StatusNotification"]);
    bench.expect_status(1, "Reserved");
    assert_eq!(told(&bench), [(1, 7, ReservationState::Made)]);
    bench.operate(|station, _| {
        let Reserved {
            id, id_tag, parent, ..
        } = station.reservation(1).unwrap();
        assert_eq!((id, id_tag, parent), (7, "A", None));
        assert_eq!(station.reservation(2), None);
    });
    bench.forget();
    bench.plug(1);
    bench.expect_no_call();
    bench.tag(1, "a");
    bench.expect_call("Authorize");
    bench.expect_status(1, "Preparing");
    let start = bench.expect_call("StartTransaction");
    assert_eq!(start["reservationId"], 7);
    bench.expect_status(1, "Charging");
    assert_eq!(told(&bench), [(1, 7, ReservationState::Used)]);
    assert_eq!(records(&bench), 0);
    // It is used up.
    bench.tag(1, "A");
    bench.unplug(1);
    bench.advance(SECOND);
    bench.start(1, "A");
    bench.find_call("StopTransaction");
    assert_eq!(started(&mut bench), Value::Null);
    assert_eq!(cancel(&mut bench, 7), "Rejected");
}

#[test]
fn the_driver_may_come_with_the_tag_first() {
    let mut bench = reserved(1, "A");
    bench.forget();
    bench.tag(1, "A");
    bench.find_call("Authorize");
    bench.expect_status(1, "Preparing");
    // Without a cable it stays reserved.
    bench.advance(MINUTE + SECOND);
    bench.expect_status(1, "Reserved");
    bench.tag(1, "A");
    bench.plug(1);
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn another_driver_is_turned_away() {
    let mut bench = reserved(1, "A");
    bench.plug(1);
    bench.forget();
    bench.tag(1, "B");
    assert!(turned_away(&bench, 1, "B"));
    // Nothing that the central system could say would help.
    bench.expect_no_call();
    assert!(!bench.is_charging(1));
    let start = Input::Start {
        connector: 1,
        id_tag: &id_tag("B"),
    };
    assert_eq!(bench.input(start), Err(Refused::Occupied));
    assert_eq!(status(&bench, 1), "Reserved");
    // Elsewhere it may charge, and a cable that waits too long changes nothing.
    bench.charge(2, "B");
    bench.advance(10 * MINUTE);
    assert_eq!(status(&bench, 1), "Reserved");
    bench.tag(1, "A");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn a_driver_who_may_not_charge_does_not_use_it() {
    let mut bench = reserved(1, "A");
    bench.know_tag("A", id_tag_info("Blocked"));
    bench.plug(1);
    bench.forget();
    bench.tag(1, "A");
    assert!(bench.saw(&Event::Authorization {
        connector: 1,
        id_tag: "A".try_into().unwrap(),
        status: AuthorizationStatus::Blocked,
    }));
    assert_eq!(status(&bench, 1), "Reserved");
    assert_eq!(records(&bench), 1);
}

#[test]
fn the_application_may_start_for_the_driver_itself() {
    let mut bench = reserved(1, "A");
    bench.forget();
    bench.start(1, "A");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn a_start_offline_names_it_when_it_is_told() {
    let mut bench = reserved(1, "A");
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench.disconnect();
    bench.plug(1);
    bench.tag(1, "B");
    assert!(turned_away(&bench, 1, "B"));
    bench.tag(1, "A");
    assert!(bench.is_charging(1));
    bench.advance(MINUTE);
    bench.power_loss();
    bench.advance(2 * MINUTE);
    bench.reconnect();
    bench.advance(MINUTE);
    assert_eq!(started(&mut bench), 7);
    bench.find_call("StopTransaction");
    assert_eq!(cancel(&mut bench, 7), "Rejected");
}

#[test]
fn the_same_number_replaces_it() {
    let mut bench = reserved(1, "A");
    // For another driver, and for the same one elsewhere.
    assert_eq!(reserve(&mut bench, 1, 7, "B"), "Accepted");
    assert_eq!(reserve(&mut bench, 2, 7, "B"), "Accepted");
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Available", "Reserved")
    );
    assert_eq!(reserve(&mut bench, 0, 7, "B"), "Accepted");
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Available", "Available")
    );
    assert_eq!(reserve(&mut bench, 1, 7, "B"), "Accepted");
    assert_eq!(records(&bench), 1);
    bench.forget();
    bench.start(1, "B");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn what_is_in_use_is_occupied() {
    let mut bench = reserved(1, "A");
    // Of any idTag.
    assert_eq!(reserve(&mut bench, 1, 8, "A"), "Occupied");
    assert_eq!(reserve(&mut bench, 1, 8, "B"), "Occupied");
    bench.plug(2);
    assert_eq!(reserve(&mut bench, 2, 8, "B"), "Occupied");
    bench.tag(2, "B");
    assert_eq!(reserve(&mut bench, 2, 8, "B"), "Occupied");
    bench.tag(2, "B");
    bench.advance(SECOND);
    assert_eq!(status(&bench, 2), "Finishing");
    assert_eq!(reserve(&mut bench, 2, 8, "B"), "Occupied");
    assert_eq!(reserve(&mut bench, 0, 8, "B"), "Occupied");
    bench.unplug(2);
    bench.reply_once("Authorize", Reply::Never);
    bench.tag(2, "B");
    assert_eq!(reserve(&mut bench, 2, 8, "B"), "Occupied");
    assert_eq!(records(&bench), 1);
}

#[test]
fn what_is_broken_or_out_of_service_says_so() {
    let mut bench = Bench::new();
    bench.fault(1, ChargePointError::GroundFailure, "");
    assert_eq!(reserve(&mut bench, 1, 7, "A"), "Faulted");
    let change = json!({ "connectorId": 2, "type": "Inoperative" });
    bench.status_of("ChangeAvailability", change);
    assert_eq!(reserve(&mut bench, 2, 7, "A"), "Unavailable");
    // As good as the best of them.
    assert_eq!(reserve(&mut bench, 0, 7, "A"), "Unavailable");
    bench.fault(2, ChargePointError::GroundFailure, "");
    assert_eq!(reserve(&mut bench, 0, 7, "A"), "Faulted");
    bench.clear_fault(1);
    bench.clear_fault(2);
    bench.fault(0, ChargePointError::InternalError, "");
    for connector in 0..=2 {
        assert_eq!(reserve(&mut bench, connector, 7, "A"), "Faulted");
    }
    bench.clear_fault(0);
    assert_eq!(reserve(&mut bench, 0, 7, "A"), "Accepted");
}

#[test]
fn what_cannot_be_reserved_is_rejected() {
    let mut bench = Bench::new();
    for connector in [3, -1, 250, 256] {
        assert_eq!(reserve(&mut bench, connector, 7, "A"), "Rejected");
    }
    assert_eq!(reserve(&mut bench, 1, 7, ""), "Rejected");
    let past = json!({
        "connectorId": 1,
        "expiryDate": bench.utc(),
        "idTag": "A",
        "reservationId": 7,
    });
    assert_eq!(bench.status_of("ReserveNow", past), "Rejected");
    bench.disk.fail(true);
    assert_eq!(reserve(&mut bench, 1, 7, "A"), "Rejected");
    bench.disk.fail(false);
    assert_eq!(status(&bench, 1), "Available");
    // One that storage does not forget stays.
    assert_eq!(reserve(&mut bench, 1, 7, "A"), "Accepted");
    bench.disk.keep_all(true);
    assert_eq!(cancel(&mut bench, 7), "Rejected");
    assert_eq!(reserve(&mut bench, 2, 7, "A"), "Rejected");
    bench.disk.keep_all(false);
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Reserved", "Available")
    );
    assert_eq!(cancel(&mut bench, 7), "Accepted");
}

#[test]
fn remote_start_on_it() {
    let mut bench = reserved(2, "A");
    assert_eq!(remote_start(&mut bench, Some(2), "B"), "Rejected");
    assert_eq!(remote_start(&mut bench, Some(2), "a"), "Accepted");
    assert_eq!(status(&bench, 2), "Preparing");
    bench.plug(2);
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn remote_start_without_a_connector_takes_the_one_that_is_reserved() {
    let mut bench = reserved(2, "A");
    bench.plug(1);
    assert_eq!(remote_start(&mut bench, None, "A"), "Accepted");
    assert_eq!(status(&bench, 2), "Preparing");
    let mut bench = reserved(1, "A");
    assert_eq!(remote_start(&mut bench, None, "B"), "Accepted");
    assert_eq!(status(&bench, 1), "Reserved");
    assert_eq!(status(&bench, 2), "Preparing");
    assert_eq!(remote_start(&mut bench, None, "C"), "Rejected");
}

#[test]
fn it_survives_a_power_loss() {
    let mut bench = Bench::new();
    reserve_for_group(&mut bench, 1, 7, "A", "GROUP");
    assert_eq!(reserve(&mut bench, 2, 2_147_483_647, "B"), "Accepted");
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(
        (status(&bench, 1), status(&bench, 2)),
        ("Reserved", "Reserved")
    );
    assert_eq!(cancel(&mut bench, 7), "Accepted");
    bench.forget();
    bench.start(2, "B");
    assert_eq!(started(&mut bench), 2_147_483_647);
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(records(&bench), 0);
}

#[test]
fn nothing_is_reserved_before_the_charge_point_is_accepted() {
    let mut bench = Bench::cold(Setup::default());
    bench.register_with("Pending", 60);
    bench.advance(SECOND);
    assert_eq!(reserve(&mut bench, 1, 7, "A"), "Rejected");
}
