//! Reset (OCPP 1.6, 5.14), hard and soft, and what of it fails.

use ocpp::{
    domain::ResetType,
    station::{Event, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, MINUTE, OnReset, Reply, SECOND, id_tag};

const BOTH: [(&str, ResetType, &str); 2] = [
    ("Hard", ResetType::Hard, "HardReset"),
    ("Soft", ResetType::Soft, "SoftReset"),
];

fn reset(bench: &mut Bench, kind: &str) -> String {
    bench.status_of("Reset", json!({ "type": kind }))
}

/// StopTransactions until an hour later, whatever reboots are between.
fn stops_of_an_hour(bench: &mut Bench) -> Vec<Value> {
    bench.advance(HOUR);
    bench.all_calls("StopTransaction")
}

#[test]
fn without_a_transaction() {
    for (kind, event, _) in BOTH {
        let mut bench = Bench::new();
        assert_eq!(reset(&mut bench, kind), "Accepted");
        assert_eq!(bench.resets, [event]);
        bench.expect_boot();
        bench.expect_no_call();
        assert_eq!(bench.order()[0], "-> Reset");
    }
}

#[test]
fn soft_with_a_transaction_delivers_its_stop_before_the_restart() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.advance(50 * SECOND);
    assert_eq!(reset(&mut bench, "Soft"), "Accepted");
    let stop = bench.expect_stop(1, "Finishing");
    assert_eq!(stop["reason"], "SoftReset");
    assert_eq!(stop["meterStop"], 1_100);
    assert_eq!(stop["transactionId"], 101);
    assert_eq!(stop.get("idTag"), None);
    bench.find_call("BootNotification");
    assert_eq!(bench.resets, [ResetType::Soft]);
    assert!(stops_of_an_hour(&mut bench).is_empty());
}

#[test]
fn hard_with_a_transaction_reports_its_stop_once() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.charge(2, "OTHER");
    bench.advance(50 * SECOND);
    assert_eq!(reset(&mut bench, "Hard"), "Accepted");
    assert_eq!(bench.resets, [ResetType::Hard]);
    let stops = stops_of_an_hour(&mut bench);
    let ids: Vec<_> = stops.iter().map(|stop| &stop["transactionId"]).collect();
    assert_eq!(ids, [101, 102]);
    for stop in &stops {
        assert_eq!(stop["reason"], "HardReset");
        assert_eq!(stop["meterStop"], 1_100);
    }
}

#[test]
fn hard_does_not_wait_for_the_central_system() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    bench.on_reset = OnReset::Wait;
    reset(&mut bench, "Hard");
    bench.advance(2 * SECOND);
    assert_eq!(bench.resets, [ResetType::Hard]);
}

#[test]
fn soft_does_not_wait_for_ever() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    reset(&mut bench, "Soft");
    bench.advance(59 * SECOND);
    assert!(bench.resets.is_empty());
    bench.advance(2 * SECOND);
    assert_eq!(bench.resets, [ResetType::Soft]);
    bench.reply_normally("StopTransaction");
    bench.forget();
    bench.advance(5 * MINUTE);
    let stops = bench.all_calls("StopTransaction");
    assert_eq!(stops.len(), 1, "{stops:#?}");
    assert_eq!(stops[0]["reason"], "SoftReset");
}

#[test]
fn soft_goes_on_when_the_connection_is_lost() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_once("StopTransaction", Reply::Never);
    reset(&mut bench, "Soft");
    bench.disconnect();
    bench.advance(SECOND);
    assert_eq!(bench.resets, [ResetType::Soft]);
    bench.forget();
    bench.reconnect();
    let stops = stops_of_an_hour(&mut bench);
    assert_eq!(stops.len(), 1, "{stops:#?}");
    assert_eq!(stops[0]["reason"], "SoftReset");
}

#[test]
fn while_the_reset_is_under_way_nothing_starts() {
    let mut bench = Bench::new();
    bench.on_reset = OnReset::Wait;
    bench.plug(1);
    reset(&mut bench, "Soft");
    bench.forget();
    let tag = Input::Tag {
        connector: 1,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(tag), Err(Refused::Resetting));
    let start = json!({ "connectorId": 1, "idTag": "REMOTE" });
    assert_eq!(bench.status_of("RemoteStartTransaction", start), "Rejected");
    let start = Input::Start {
        connector: 1,
        id_tag: &id_tag("TAG"),
    };
    assert_eq!(bench.input(start), Err(Refused::Resetting));
    assert!(!bench.is_charging(1));
}

#[test]
fn a_reset_that_fails_is_tried_again_as_often_as_configured() {
    for retries in [0, 2] {
        let mut bench = Bench::new();
        bench.set("ResetRetries", &retries.to_string());
        bench.on_reset = OnReset::Fail;
        assert_eq!(reset(&mut bench, "Hard"), "Accepted");
        bench.advance(HOUR);
        assert_eq!(bench.resets.len(), retries + 1);
        // Then life goes on.
        bench.plug(1);
        bench.tag(1, "TAG");
        assert!(bench.is_charging(1));
    }
}

#[test]
fn a_reset_of_the_charge_point_that_restarts_late_is_not_asked_for_twice() {
    let mut bench = Bench::new();
    bench.on_reset = OnReset::Wait;
    reset(&mut bench, "Hard");
    bench.advance(HOUR);
    assert_eq!(bench.resets.len(), 1);
}

#[test]
fn a_second_reset_while_one_is_under_way_is_answered() {
    let mut bench = Bench::new();
    bench.charge(1, "TAG");
    bench.reply_always("StopTransaction", Reply::Never);
    reset(&mut bench, "Soft");
    assert_eq!(reset(&mut bench, "Hard"), "Accepted");
    bench.advance(0);
    assert_eq!(bench.resets, [ResetType::Hard]);
}

#[test]
fn energy_is_off_before_the_restart() {
    for (kind, event, _) in BOTH {
        let mut bench = Bench::new();
        bench.on_reset = OnReset::Wait;
        bench.charge(1, "TAG");
        reset(&mut bench, kind);
        bench.advance(SECOND);
        let off = Event::Energy {
            connector: 1,
            allowed: false,
        };
        let events = bench.events();
        let place = |wanted| events.iter().position(|event| *event == wanted);
        assert!(place(off) < place(Event::Reset(event)), "{events:?}");
        assert!(place(Event::Reset(event)).is_some());
    }
}

#[test]
fn one_that_the_application_asks_for_ends_transactions_as_a_reboot() {
    for (_, kind, _) in BOTH {
        let mut bench = Bench::new();
        bench.charge(1, "TAG");
        bench.advance(50 * SECOND);
        assert_eq!(bench.input(Input::Reset(kind)), Ok(()));
        let mut stops = stops_of_an_hour(&mut bench);
        if kind == ResetType::Hard {
            // It does not wait for the answer; then the same message is sent again.
            stops.dedup();
        }
        assert_eq!(stops.len(), 1, "{stops:#?}");
        assert_eq!(stops[0]["reason"], "Reboot");
        assert_eq!(stops[0]["meterStop"], 1_100);
        assert_eq!(bench.resets, [kind]);
    }
}
