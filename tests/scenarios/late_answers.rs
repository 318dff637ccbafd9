//! Who may charge, where an answer or a withdrawn registration meets another driver than the one whom
//! it is about.

use ocpp::{
    domain::AuthorizationStatus::{self, Accepted, Invalid},
    station::{Event, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, OnReset, Reply, SECOND, id_tag, id_tag_info};

/// What was decided of a tag at a connector, each time it was.
fn decided(bench: &Bench, at: u8, of: &str) -> Vec<AuthorizationStatus> {
    let events = bench.events().iter().filter_map(|event| match event {
        Event::Authorization {
            connector,
            id_tag,
            status,
        } if *connector == at && id_tag.as_str() == of => Some(*status),
        _ => None,
    });
    events.collect()
}

/// The next Authorize is answered with that idTagInfo, two seconds later.
fn answer_late(bench: &mut Bench, info: Value) {
    let answer = Reply::Result(json!({ "idTagInfo": info }));
    bench.reply_once("Authorize", answer.after(2 * SECOND));
}

fn asked_for(bench: &mut Bench) -> Vec<Value> {
    let calls = bench.all_calls("Authorize").into_iter();
    calls.map(|call| call["idTag"].clone()).collect()
}

fn change_availability(bench: &mut Bench, kind: &str) {
    let change = json!({ "connectorId": 1, "type": kind });
    assert_eq!(bench.status_of("ChangeAvailability", change), "Accepted");
}

#[test]
fn the_answer_to_a_driver_whose_connector_went_out_of_service_lets_no_other_charge() {
    let mut bench = Bench::new();
    bench.know_tag("THIEF", id_tag_info("Invalid"));
    answer_late(&mut bench, id_tag_info("Accepted"));
    bench.plug(1);
    bench.tag(1, "ANN");
    change_availability(&mut bench, "Inoperative");
    assert_eq!(decided(&bench, 1, "ANN"), [Invalid]);
    change_availability(&mut bench, "Operative");
    bench.tag(1, "THIEF");
    bench.advance(10 * SECOND);
    assert_eq!(decided(&bench, 1, "THIEF"), [Invalid]);
    assert_eq!(decided(&bench, 1, "ANN"), [Invalid]);
    assert!(!bench.is_charging(1));
    assert_eq!(asked_for(&mut bench), ["ANN", "THIEF"]);
}

#[test]
fn a_refusal_of_a_driver_who_has_left_refuses_no_other() {
    let mut bench = Bench::new();
    answer_late(&mut bench, id_tag_info("Blocked"));
    bench.tag(1, "THIEF");
    change_availability(&mut bench, "Inoperative");
    change_availability(&mut bench, "Operative");
    bench.plug(1);
    bench.tag(1, "ANN");
    bench.advance(10 * SECOND);
    assert_eq!(decided(&bench, 1, "ANN"), [Accepted]);
    assert!(bench.is_charging(1));
}

#[test]
fn no_answer_for_a_driver_who_has_left_refuses_no_other() {
    for failure in [Reply::Error("InternalError"), Reply::Result(json!({}))] {
        let mut bench = Bench::new();
        bench.reply_once("Authorize", failure.after(2 * SECOND));
        bench.tag(1, "BOB");
        change_availability(&mut bench, "Inoperative");
        change_availability(&mut bench, "Operative");
        bench.plug(1);
        bench.tag(1, "ANN");
        bench.advance(10 * SECOND);
        assert_eq!(decided(&bench, 1, "ANN"), [Accepted]);
        assert!(bench.is_charging(1));
    }
}

#[test]
fn the_answer_about_a_tag_that_would_have_ended_a_transaction_starts_none_for_the_next_driver() {
    let mut bench = Bench::new();
    let family = json!({ "status": "Accepted", "parentIdTag": "FAMILY" });
    bench.know_tag("ANN", family.clone());
    bench.know_tag("EVE", id_tag_info("Blocked"));
    bench.charge(1, "ANN");
    answer_late(&mut bench, family);
    bench.tag(1, "BOB");
    bench.unplug(1);
    assert_eq!(decided(&bench, 1, "BOB"), [Invalid]);
    bench.tag(1, "EVE");
    bench.plug(1);
    bench.advance(10 * SECOND);
    assert_eq!(decided(&bench, 1, "EVE"), [AuthorizationStatus::Blocked]);
    assert!(!bench.is_charging(1));
    assert_eq!(asked_for(&mut bench), ["BOB", "EVE"]);
}

#[test]
fn the_answer_to_a_driver_who_was_waiting_at_a_reset_lets_no_other_charge() {
    for kind in ["Hard", "Soft"] {
        let mut bench = Bench::new();
        bench.know_tag("EVE", id_tag_info("Invalid"));
        bench.on_reset = OnReset::Fail;
        answer_late(&mut bench, id_tag_info("Accepted"));
        bench.plug(1);
        bench.tag(1, "ANN");
        let reset = json!({ "type": kind });
        assert_eq!(bench.status_of("Reset", reset), "Accepted");
        bench.advance(0);
        assert_eq!(decided(&bench, 1, "ANN"), [Invalid]);
        // The restart failed: life goes on.
        bench.tag(1, "EVE");
        bench.advance(10 * SECOND);
        assert_eq!(decided(&bench, 1, "EVE"), [Invalid]);
        assert_eq!(decided(&bench, 1, "ANN"), [Invalid]);
        assert!(!bench.is_charging(1));
    }
}

#[test]
fn a_start_of_the_application_settles_the_tag_that_is_being_asked_for() {
    let mut bench = Bench::new();
    answer_late(&mut bench, id_tag_info("Invalid"));
    bench.tag(1, "ANN");
    let other = Input::Start {
        connector: 1,
        id_tag: &id_tag("BOB"),
    };
    assert_eq!(bench.input(other), Err(Refused::Occupied));
    bench.start(1, "ANN");
    assert_eq!(decided(&bench, 1, "ANN"), [Accepted]);
    assert!(bench.is_charging(1));
    bench.advance(MINUTE);
    // What the central system said of it was an answer to a question of before.
    assert_eq!(decided(&bench, 1, "ANN"), [Accepted]);
    assert!(bench.is_charging(1));
    assert!(bench.has_energy(1));
}

#[test]
fn two_drivers_without_a_group_do_not_belong_together() {
    let mut bench = Bench::new();
    let no_parent = json!({ "status": "Accepted", "parentIdTag": "" });
    bench.know_tag("ANN", no_parent.clone());
    bench.know_tag("EVE", no_parent);
    bench.charge(1, "ANN");
    bench.tag(1, "EVE");
    bench.advance(MINUTE);
    assert!(bench.is_charging(1));
    assert_eq!(decided(&bench, 1, "EVE"), []);
    assert!(bench.saw(&Event::NotOwner {
        connector: 1,
        id_tag: "EVE".try_into().unwrap(),
    }));
    // Neither do they when the cache is asked.
    bench.disconnect();
    bench.tag(1, "EVE");
    assert!(bench.is_charging(1));
    bench.tag(1, "ANN");
    assert!(!bench.is_charging(1));
}

#[test]
fn a_driver_who_waits_when_the_registration_is_withdrawn_is_decided_offline() {
    for status in ["Rejected", "Pending"] {
        for (strangers, decision) in [("false", Invalid), ("true", Accepted)] {
            let mut bench = Bench::new();
            bench.set("AllowOfflineTxForUnknownId", strangers);
            // Once accepted, a boot can be asked for again on another connection only.
            bench.cut();
            bench.advance(MINUTE);
            bench.plug(1);
            let withdrawn = json!({
                "status": status,
                "interval": 86_400,
                "currentTime": bench.utc(),
            });
            let answer = Reply::Result(withdrawn).after(2 * SECOND);
            bench.reply_once("BootNotification", answer);
            let boot = json!({ "requestedMessage": "BootNotification" });
            assert_eq!(bench.status_of("TriggerMessage", boot), "Accepted");
            bench.advance(0);
            bench.tag(1, "ANN");
            assert_eq!(bench.input(Input::Authorize(&id_tag("BOB"))), Ok(()));
            bench.advance(SECOND);
            assert_eq!(decided(&bench, 1, "ANN"), []);
            bench.advance(SECOND);
            assert_eq!(decided(&bench, 1, "ANN"), [decision]);
            assert_eq!(decided(&bench, 0, "BOB"), [decision]);
            assert_eq!(bench.is_charging(1), decision == Accepted);
            // A driver does not wait for that day to pass.
            bench.forget();
            bench.plug(2);
            bench.tag(2, "EVE");
            assert_eq!(decided(&bench, 2, "EVE"), [decision]);
        }
    }
}

#[test]
fn a_start_answer_that_says_nothing_usable_of_the_tag_still_gives_the_transaction_its_id() {
    for info in [
        Some(json!({ "status": "Unknown" })),
        Some(json!({})),
        Some(json!({ "status": 7 })),
        Some(json!("Accepted")),
        None,
    ] {
        let mut answer = json!({ "transactionId": 4711 });
        if let Some(info) = &info {
            answer["idTagInfo"] = info.clone();
        }
        let mut bench = Bench::new();
        bench.reply_always("StartTransaction", Reply::Result(answer.clone()));
        bench.plug(1);
        bench.tag(1, "ANN");
        bench.advance(10 * MINUTE);
        let starts_and_stops: Vec<_> = bench
            .take_sent()
            .into_iter()
            .filter(|call| call.action.ends_with("Transaction"))
            .collect();
        let [start, stop] = starts_and_stops.as_slice() else {
            panic!("{answer}: {starts_and_stops:#?}");
        };
        assert_eq!(start.action, "StartTransaction");
        assert_eq!(stop.payload["transactionId"], 4711);
        assert_eq!(stop.payload["reason"], "DeAuthorized");
        assert!(!bench.has_energy(1));
    }
}
