//! Who may charge (OCPP 1.6, 3.5 and 4.1): the cache, Authorize, and what is decided offline.

use ocpp::{
    domain::{
        AuthorizationStatus::{self, Accepted, Blocked, Expired, Invalid},
        ChargePointError, Reason,
    },
    limits::CACHE_ENTRIES,
    station::{Event, Input},
};
use serde_json::json;

use crate::support::{Bench, HOUR, Reply, SECOND, id_tag, id_tag_info};

/// Asks for a tag; what was decided, and whether the central system was asked.
fn decide(bench: &mut Bench, text: &str) -> (AuthorizationStatus, bool) {
    bench.forget();
    assert_eq!(bench.input(Input::Authorize(&id_tag(text))), Ok(()));
    bench.advance(0);
    let asked = !bench.all_calls("Authorize").is_empty();
    let decided = bench.events().iter().find_map(|event| match event {
        Event::Authorization {
            connector: 0,
            id_tag: of,
            status,
        } if of.eq_ignore_ascii_case(text) => Some(*status),
        _ => None,
    });
    (decided.expect("nothing was decided"), asked)
}

/// A station that starts without asking where it can.
fn pre_authorizing() -> Bench {
    let mut bench = Bench::new();
    bench.set("LocalPreAuthorize", "true");
    bench
}

#[test]
fn without_pre_authorization_the_central_system_is_always_asked() {
    let mut bench = Bench::new();
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
}

#[test]
fn start_from_cache() {
    let mut bench = pre_authorizing();
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    bench.forget();
    bench.plug(1);
    bench.tag(1, "tag");
    bench.expect_status(1, "Preparing");
    bench.expect_call("StartTransaction");
    bench.expect_status(1, "Charging");
}

#[test]
fn what_is_not_good_in_the_cache_is_asked_for_again() {
    let mut bench = pre_authorizing();
    bench.know_tag("TAG", id_tag_info("Blocked"));
    assert_eq!(decide(&mut bench, "TAG"), (Blocked, true));
    bench.know_tag("TAG", id_tag_info("Accepted"));
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, false));
}

#[test]
fn an_expired_entry_is_asked_for_again() {
    let mut bench = pre_authorizing();
    let until = bench.utc_at(HOUR);
    let info = json!({ "status": "Accepted", "expiryDate": until });
    bench.know_tag("TAG", info);
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    bench.advance(HOUR - SECOND);
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, false));
    bench.advance(2 * SECOND);
    assert!(decide(&mut bench, "TAG").1);
    bench.disconnect();
    assert_eq!(decide(&mut bench, "TAG"), (Expired, false));
}

#[test]
fn no_cache_when_it_is_switched_off() {
    let mut bench = pre_authorizing();
    bench.set("AuthorizationCacheEnabled", "false");
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    bench.disconnect();
    assert_eq!(decide(&mut bench, "TAG"), (Invalid, false));
}

#[test]
fn start_and_stop_answers_are_remembered() {
    let mut bench = pre_authorizing();
    bench.start(1, "TAG");
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, false));
    let blocked = json!({ "idTagInfo": { "status": "Blocked" } });
    bench.reply_once("StopTransaction", Reply::Result(blocked));
    bench.tag(1, "TAG");
    bench.know_tag("TAG", id_tag_info("Blocked"));
    assert_eq!(decide(&mut bench, "TAG"), (Blocked, true));
    bench.disconnect();
    assert_eq!(decide(&mut bench, "TAG"), (Blocked, false));
}

#[test]
fn offline_the_cache_decides_where_it_may() {
    for (local_authorize_offline, decision) in [("true", Accepted), ("false", Invalid)] {
        let mut bench = Bench::new();
        bench.set("LocalAuthorizeOffline", local_authorize_offline);
        decide(&mut bench, "TAG");
        bench.disconnect();
        assert_eq!(decide(&mut bench, "TAG"), (decision, false));
        assert_eq!(decide(&mut bench, "UNKNOWN"), (Invalid, false));
    }
}

#[test]
fn offline_an_unknown_tag_is_good_where_that_is_allowed() {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench.know_tag("BAD", id_tag_info("Blocked"));
    decide(&mut bench, "BAD");
    bench.disconnect();
    assert_eq!(decide(&mut bench, "UNKNOWN"), (Accepted, false));
    assert_eq!(decide(&mut bench, "BAD"), (Blocked, false));
}

#[test]
fn clear_cache() {
    let mut bench = pre_authorizing();
    decide(&mut bench, "TAG");
    assert_eq!(bench.status_of("ClearCache", json!({})), "Accepted");
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    bench.call("ClearCache", json!({}));
    bench.power_loss();
    bench.disconnect();
    assert_eq!(decide(&mut bench, "TAG"), (Invalid, false));
}

#[test]
fn clear_cache_is_rejected_when_the_cache_stays() {
    let mut bench = pre_authorizing();
    decide(&mut bench, "TAG");
    bench.disk.fail(true);
    assert_eq!(bench.status_of("ClearCache", json!({})), "Rejected");
    bench.disk.fail(false);
    assert_eq!(bench.status_of("ClearCache", json!({})), "Accepted");
}

#[test]
fn the_cache_survives_a_reboot() {
    let mut bench = pre_authorizing();
    decide(&mut bench, "TAG");
    let info = json!({ "status": "Accepted", "expiryDate": bench.utc_at(HOUR) });
    bench.know_tag("SHORT", info);
    decide(&mut bench, "SHORT");
    bench.power_loss();
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, false));
    assert_eq!(decide(&mut bench, "SHORT"), (Accepted, false));
}

/// A cache that is full: `TAG-0` was learnt first.
fn full_cache() -> Bench {
    let mut bench = pre_authorizing();
    for number in 0..CACHE_ENTRIES {
        decide(&mut bench, &format!("TAG-{number}"));
    }
    bench
}

/// The tags of a full cache that are in it no more.
fn gone(bench: &mut Bench) -> Vec<usize> {
    bench.disconnect();
    let known = |bench: &mut Bench, number| decide(bench, &format!("TAG-{number}")).0 == Accepted;
    let gone = (0..CACHE_ENTRIES).filter(|&number| !known(bench, number));
    gone.collect()
}

#[test]
fn the_entry_learnt_first_makes_room_for_a_new_one() {
    let mut bench = full_cache();
    assert_eq!(decide(&mut bench, "ANOTHER"), (Accepted, true));
    bench.power_loss();
    assert_eq!(decide(&mut bench, "ANOTHER"), (Accepted, false));
    assert_eq!(gone(&mut bench), [0]);
}

#[test]
fn a_tag_that_was_used_since_is_not_the_oldest() {
    let mut bench = full_cache();
    let writes = bench.disk.writes();
    // From the cache, by an answer that says nothing new, and offline.
    assert_eq!(decide(&mut bench, "TAG-0"), (Accepted, false));
    bench.set("LocalPreAuthorize", "false");
    assert_eq!(decide(&mut bench, "TAG-1"), (Accepted, true));
    bench.set("LocalPreAuthorize", "true");
    bench.disconnect();
    assert_eq!(decide(&mut bench, "tag-2"), (Accepted, false));
    bench.reconnect();
    // That is not worth a write: the two are those of the key.
    assert_eq!(bench.disk.writes(), writes + 2);
    assert_eq!(decide(&mut bench, "ANOTHER"), (Accepted, true));
    assert_eq!(gone(&mut bench), [3]);
}

#[test]
fn a_tag_that_charged_a_minute_ago_is_not_the_oldest() {
    let mut bench = full_cache();
    bench.start(1, "TAG-0");
    bench.advance(SECOND);
    bench.stop(1, ocpp::domain::Reason::Local);
    bench.advance(60 * SECOND);
    assert_eq!(decide(&mut bench, "ANOTHER"), (Accepted, true));
    assert_eq!(gone(&mut bench), [1]);
}

#[test]
fn how_recently_a_tag_was_used_is_stored_with_the_next_answer_about_it() {
    let mut bench = full_cache();
    // Its group is new: the entry is written, and with it that it is not the oldest.
    bench.know_tag(
        "TAG-0",
        json!({ "status": "Accepted", "parentIdTag": "GROUP" }),
    );
    bench.start(1, "TAG-0");
    bench.stop(1, ocpp::domain::Reason::Local);
    bench.power_loss();
    assert_eq!(decide(&mut bench, "ANOTHER"), (Accepted, true));
    assert_eq!(gone(&mut bench), [1]);
}

#[test]
fn what_is_not_valid_makes_room_before_the_oldest_that_is() {
    let mut bench = full_cache();
    bench.set("LocalPreAuthorize", "false");
    let (soon, later) = (bench.utc_at(bench.now() + SECOND), bench.utc_at(24 * HOUR));
    for (id_tag, info) in [
        ("TAG-7", id_tag_info("Blocked")),
        ("TAG-5", id_tag_info("Invalid")),
        ("TAG-6", json!({ "status": "Accepted", "expiryDate": soon })),
        (
            "TAG-4",
            json!({ "status": "Accepted", "expiryDate": later }),
        ),
    ] {
        bench.know_tag(id_tag, info);
        decide(&mut bench, id_tag);
    }
    bench.advance(2 * SECOND);
    // Also after a boot.
    bench.power_loss();
    for number in 0..5 {
        assert_eq!(
            decide(&mut bench, &format!("NEW-{number}")),
            (Accepted, true)
        );
    }
    // Three that were not valid, then the oldest.
    assert_eq!(gone(&mut bench), [0, 1, 5, 6, 7]);
}

#[test]
fn what_is_not_valid_makes_nothing_go_that_is() {
    let mut bench = full_cache();
    for number in 0..3 {
        let id_tag = format!("STRANGER-{number}");
        bench.know_tag(&id_tag, id_tag_info("Invalid"));
        assert_eq!(decide(&mut bench, &id_tag), (Invalid, true));
    }
    assert_eq!(gone(&mut bench), Vec::<usize>::new());
}

#[test]
fn authorize_without_an_answer_is_decided_as_offline() {
    let mut bench = Bench::new();
    decide(&mut bench, "KNOWN");
    for (id_tag, decision) in [("KNOWN", Accepted), ("UNKNOWN", Invalid)] {
        bench.forget();
        bench.reply_once("Authorize", Reply::Never);
        bench.tag(1, id_tag);
        bench.advance(30 * SECOND - 1);
        assert_eq!(bench.actions(), ["Authorize"]);
        bench.advance(1);
        assert!(bench.saw(&Event::Authorization {
            connector: 1,
            id_tag: id_tag.try_into().unwrap(),
            status: decision,
        }));
        bench.advance(70 * SECOND);
    }
}

#[test]
fn a_connection_lost_while_authorize_waits_is_decided_as_offline() {
    let mut bench = Bench::new();
    decide(&mut bench, "KNOWN");
    bench.reply_once("Authorize", Reply::Cut);
    bench.plug(1);
    bench.tag(1, "KNOWN");
    assert!(bench.is_charging(1));
}

#[test]
fn an_authorize_that_fails_refuses_the_tag() {
    for reply in [
        Reply::Error("InternalError"),
        Reply::Result(json!({})),
        Reply::Result(json!({ "idTagInfo": {} })),
        Reply::Result(json!({ "idTagInfo": { "status": "Perhaps" } })),
        Reply::Result(json!({ "idTagInfo": "Accepted" })),
    ] {
        let mut bench = Bench::new();
        bench.reply_once("Authorize", reply.clone());
        bench.plug(1);
        bench.tag(1, "TAG");
        assert!(!bench.is_charging(1), "{reply:?}");
        assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
    }
}

#[test]
fn unusable_extras_of_an_answer_do_not_matter() {
    let mut bench = Bench::new();
    let info = json!({ "status": "Accepted", "expiryDate": "soon", "parentIdTag": 5, "more": {} });
    let answer = Reply::Result(json!({ "idTagInfo": info, "more": [1] }));
    bench.reply_once("Authorize", answer);
    assert_eq!(decide(&mut bench, "TAG"), (Accepted, true));
}

#[test]
fn a_driver_goes_before_reports_and_messages_that_wait() {
    for at_the_reader in [false, true] {
        let mut bench = Bench::new();
        let late = Reply::Result(json!({})).after(3 * SECOND);
        bench.reply_always("StatusNotification", late);
        bench.start(2, "OTHER");
        bench.stop(2, Reason::Local);
        bench.plug(1);
        for connector in [1, 2] {
            bench.fault(connector, ChargePointError::OtherError, "");
            bench.clear_fault(connector);
        }
        bench.take_sent();
        bench.forget();
        match at_the_reader {
            true => bench.tag(1, "TAG"),
            false => assert_eq!(bench.input(Input::Authorize(&id_tag("TAG"))), Ok(())),
        }
        bench.advance(3 * SECOND);
        let sent = bench.take_sent();
        let actions: Vec<_> = sent.iter().map(|call| call.action.as_str()).collect();
        assert_eq!(actions.first(), Some(&"Authorize"), "{actions:?}");
        assert!(actions.len() > 1, "{actions:?}");
    }
}
