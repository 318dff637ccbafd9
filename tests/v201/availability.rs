//! The availability of the station lies over that of each EVSE, and that over its connector's (G03, G04).

use ocpp::{
    Version,
    domain::Status::{self, Available, Unavailable},
    station::{Input, Refused},
    storage::RecordId,
};
use serde_json::{Value, json};

use crate::{
    bench,
    support::{Bench, Cut, MINUTE, id_tag},
};

const DOWN: &str = "Inoperative";
const UP: &str = "Operative";

fn request(target: &Value, kind: &str) -> Value {
    match target {
        Value::Null => json!({ "operationalStatus": kind }),
        evse => json!({ "operationalStatus": kind, "evse": evse }),
    }
}

fn change(bench: &mut Bench, target: Value, kind: &str) {
    let status = bench.status_of("ChangeAvailability", request(&target, kind));
    assert_eq!(status, "Accepted", "{target} {kind}");
}

fn station() -> Value {
    Value::Null
}

fn evse(id: u8) -> Value {
    json!({ "id": id })
}

fn connector(id: u8) -> Value {
    json!({ "id": id, "connectorId": 1 })
}

fn statuses(bench: &Bench) -> [Option<Status>; 3] {
    [0, 1, 2].map(|number| bench.status(number))
}

fn of(whole: Status, one: Status, two: Status) -> [Option<Status>; 3] {
    [Some(whole), Some(one), Some(two)]
}

#[test]
fn the_station_comes_back_as_it_was() {
    let mut bench = bench();
    change(&mut bench, evse(2), DOWN);
    change(&mut bench, station(), DOWN);
    assert_eq!(statuses(&bench), of(Unavailable, Unavailable, Unavailable));
    bench.forget();
    change(&mut bench, station(), UP);
    assert_eq!(statuses(&bench), of(Available, Available, Unavailable));
    // Of the other one there is nothing new to say.
    let reports = bench.all_calls("StatusNotification");
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0]["evseId"], 1);
    change(&mut bench, evse(2), UP);
    assert_eq!(statuses(&bench), of(Available, Available, Available));
}

#[test]
fn and_so_it_does_over_reboots() {
    let mut bench = bench();
    change(&mut bench, evse(2), DOWN);
    change(&mut bench, station(), DOWN);
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&bench), of(Unavailable, Unavailable, Unavailable));
    change(&mut bench, station(), UP);
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(statuses(&bench), of(Available, Available, Unavailable));
}

#[test]
fn what_is_changed_under_the_station_shows_when_it_comes_back() {
    let mut bench = bench();
    change(&mut bench, station(), DOWN);
    change(&mut bench, evse(1), DOWN);
    change(&mut bench, evse(2), DOWN);
    change(&mut bench, evse(2), UP);
    assert_eq!(statuses(&bench), of(Unavailable, Unavailable, Unavailable));
    let tag = Input::Tag {
        connector: 2,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(tag), Err(Refused::OutOfService));
    change(&mut bench, station(), UP);
    assert_eq!(statuses(&bench), of(Available, Unavailable, Available));
    bench.charge(2, "TAG");
    assert!(bench.is_charging(2));
}

#[test]
fn an_evse_comes_back_without_a_connector_that_is_out_of_service() {
    let mut bench = bench();
    change(&mut bench, connector(1), DOWN);
    change(&mut bench, evse(1), DOWN);
    change(&mut bench, evse(1), UP);
    assert_eq!(bench.status(1), Some(Unavailable));
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(bench.status(1), Some(Unavailable));
    // And the other way round.
    change(&mut bench, evse(1), DOWN);
    change(&mut bench, connector(1), UP);
    assert_eq!(bench.status(1), Some(Unavailable));
    bench.power_loss();
    bench.advance(MINUTE);
    change(&mut bench, evse(1), UP);
    assert_eq!(bench.status(1), Some(Available));
}

#[test]
fn what_charges_is_waited_for() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    let down = bench.status_of("ChangeAvailability", request(&station(), DOWN));
    assert_eq!(down, "Scheduled");
    assert_eq!(bench.status(2), Some(Unavailable));
    assert!(bench.is_charging(1));
    // Nothing has to be waited for to go back.
    change(&mut bench, station(), UP);
    assert_eq!(bench.status(2), Some(Available));
    let down = bench.status_of("ChangeAvailability", request(&station(), DOWN));
    assert_eq!(down, "Scheduled");
    bench.unplug(1);
    assert_eq!(statuses(&bench), of(Unavailable, Unavailable, Unavailable));
    change(&mut bench, station(), UP);
    assert_eq!(statuses(&bench), of(Available, Available, Available));
}

#[test]
fn what_an_operator_does_is_the_same() {
    let mut bench = bench();
    let mut set = |connector, operative| {
        let availability = Input::Availability {
            connector,
            operative,
        };
        bench.input(availability).unwrap();
    };
    set(2, false);
    set(0, false);
    set(0, true);
    assert_eq!(statuses(&bench), of(Available, Available, Unavailable));
}

/// A record of OCPP 1.6 is about the EVSE; of what 2.0.1 wrote, 1.6 takes what follows from it.
#[test]
fn the_other_version_goes_on_with_it() {
    let mut bench = bench();
    change(&mut bench, connector(1), DOWN);
    let record = bench.disk.snapshot()[&RecordId(0x0201)].clone();
    // Out of service, with an EVSE that is not.
    assert_eq!(record, [0, 1]);
    bench.power_off();
    bench.speak(Version::V16);
    bench.power_on();
    bench.advance(MINUTE);
    assert_eq!(bench.status(1), Some(Unavailable));
    let ask = |kind: &str| json!({ "connectorId": 0, "type": kind });
    assert_eq!(bench.status_of("ChangeAvailability", ask(UP)), "Accepted");
    assert_eq!(statuses(&bench), of(Available, Available, Available));
    assert_eq!(bench.status_of("ChangeAvailability", ask(DOWN)), "Accepted");
    bench.power_off();
    bench.speak(Version::V201);
    bench.power_on();
    bench.advance(MINUTE);
    assert_eq!(statuses(&bench), of(Unavailable, Unavailable, Unavailable));
    for target in [station(), evse(1), evse(2)] {
        change(&mut bench, target, UP);
    }
    assert_eq!(statuses(&bench), of(Available, Available, Available));
}

/// Power is cut at every byte of what changes write: what was accepted has been kept.
#[test]
fn power_cuts_while_it_changes() {
    let steps = [
        (connector(2), DOWN),
        (evse(2), DOWN),
        (station(), DOWN),
        (connector(2), UP),
        (station(), UP),
    ];
    // How many were accepted.
    let story = |cut: Option<Cut>| {
        let mut bench = bench();
        let before = bench.disk.writes();
        if let Some(cut) = cut {
            bench.disk.cut_from_here(cut);
        }
        let mut accepted = 0;
        for (target, kind) in &steps {
            let id = bench.ask("ChangeAvailability", request(target, kind));
            if bench.outages > 0 {
                break;
            }
            assert_eq!(bench.take_status(&id).as_deref(), Some("Accepted"));
            accepted += 1;
        }
        bench.advance(MINUTE);
        let written = bench.disk.written().split_off(before);
        (bench, accepted, written)
    };
    // Whether the station, EVSE 2 and its connector are in service after so many steps.
    let after = |accepted: usize| {
        let mut state = [true; 3];
        for (target, kind) in steps.iter().take(accepted) {
            let level = match (target.get("id"), target.get("connectorId")) {
                (None, _) => 0,
                (Some(_), None) => 1,
                (Some(_), Some(_)) => 2,
            };
            state[level] = *kind == UP;
        }
        state
    };
    // The same, found out by what comes back.
    let found = |bench: &mut Bench| {
        let whole = bench.status(0) == Some(Available);
        change(bench, station(), UP);
        let both = bench.status(2) == Some(Available);
        change(bench, evse(2), UP);
        let connector_alone = bench.status(2) == Some(Available);
        change(bench, evse(2), DOWN);
        [whole, both, connector_alone]
    };
    let expected = |[whole, evse, connector]: [bool; 3]| [whole, evse && connector, connector];
    let (mut bench, accepted, written) = story(None);
    assert_eq!(accepted, steps.len());
    assert_eq!(found(&mut bench), expected(after(accepted)));
    let mut cuts = 0;
    for (write, written) in written.iter().enumerate() {
        for bytes in 0..=written.bytes {
            let (mut bench, accepted, _) = story(Some(Cut::Inside { write, bytes }));
            assert_eq!(bench.outages, 1);
            let found = found(&mut bench);
            let known = [accepted, accepted + 1].map(|steps| expected(after(steps)));
            assert!(
                known.contains(&found),
                "{write}, {bytes}: {found:?}, {known:?}"
            );
            cuts += 1;
        }
    }
    assert!(cuts > 30, "{cuts}");
}
