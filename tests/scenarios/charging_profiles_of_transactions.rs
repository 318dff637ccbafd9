//! Charging profiles of a transaction (OCPP 1.6, 5.16), and those that a RemoteStartTransaction brings (5.11).

use ocpp::{
    domain::Reason,
    station::{Event, Input},
    storage::StorageError,
};
use serde_json::json;

use crate::charging_profiles::charging;
use crate::support::{
    Bench, MINUTE, Profile, Reply, SECOND, id_tag_info, of_transaction, station_max, tx_default,
};

#[test]
fn the_profile_of_a_transaction_goes_with_it() {
    let (mut bench, _) = charging();
    bench.take_profile(1, of_transaction(1, 0).limit(8.0));
    assert_eq!(bench.amperes(1), Some(8.0));
    bench.stop(1, Reason::Local);
    assert_eq!(bench.amperes(1), None);
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
}

#[test]
fn the_profile_of_a_transaction_that_power_cut_off_is_gone() {
    let (mut bench, _) = charging();
    bench.take_profile(1, of_transaction(1, 0).limit(8.0));
    bench.power_loss();
    assert_eq!(bench.amperes(1), None);
    bench.advance(MINUTE);
    assert_eq!(bench.clear_profiles(json!({})), "Unknown");
}

#[test]
fn before_the_transaction_has_its_id_a_profile_comes_without_it() {
    let mut bench = Bench::new();
    let answer = json!({ "transactionId": 5, "idTagInfo": { "status": "Accepted" } });
    bench.reply_once("StartTransaction", Reply::Result(answer).after(10 * SECOND));
    bench.charge(1, "TAG");
    assert_eq!(bench.set_profile(1, of_transaction(1, 0).of(5)), "Rejected");
    bench.take_profile(1, of_transaction(1, 0).limit(9.0));
    bench.advance(11 * SECOND);
    assert_eq!(bench.amperes(1), Some(9.0));
    bench.take_profile(1, of_transaction(2, 0).of(5).limit(10.0));
    assert_eq!(bench.amperes(1), Some(10.0));
}

#[test]
fn a_remote_start_brings_its_profile() {
    let mut bench = Bench::new();
    bench.plug(1);
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 2).limit(10.0)),
        "Accepted"
    );
    assert!(bench.is_charging(1));
    assert_eq!((bench.amperes(1), bench.amperes(2)), (Some(10.0), None));
    let id = bench.last_transaction_id();
    // The same level replaces it, another one goes on top of it.
    bench.take_profile(1, of_transaction(2, 2).of(id).limit(11.0));
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
    bench.take_profile(1, of_transaction(3, 3).of(id).limit(12.0).lasting(3600));
    assert_eq!(bench.amperes(1), Some(12.0));
    bench.advance(60 * MINUTE);
    assert_eq!(bench.amperes(1), Some(11.0));
    bench.stop(1, Reason::Local);
    assert_eq!(bench.clear_profiles(json!({})), "Unknown");
}

#[test]
fn the_profile_of_a_remote_start_waits_for_the_cable() {
    let mut bench = Bench::new();
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).relative().limit(10.0)),
        "Accepted"
    );
    assert_eq!(bench.amperes(1), None);
    bench.advance(30 * SECOND);
    bench.plug(1);
    assert_eq!(bench.amperes(1), Some(10.0));
}

#[test]
fn the_profile_of_a_remote_start_is_gone_when_nothing_begins() {
    // No cable in time.
    let mut bench = Bench::new();
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).limit(10.0)),
        "Accepted"
    );
    bench.advance(2 * MINUTE);
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
    // Power is lost before there is one.
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).limit(10.0)),
        "Accepted"
    );
    bench.power_loss();
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
    // The idTag is refused.
    bench.set("AuthorizeRemoteTxRequests", "true");
    bench.know_tag("REMOTE", id_tag_info("Blocked"));
    bench.plug(1);
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).limit(10.0)),
        "Accepted"
    );
    assert!(!bench.is_charging(1));
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
    // The application does not want it.
    bench.know_tag("REMOTE", id_tag_info("Accepted"));
    bench.unplug(1);
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).limit(10.0)),
        "Accepted"
    );
    bench.do_now(Input::CancelAuthorization(1));
    assert_eq!(bench.clear_profiles(json!({ "id": 1 })), "Unknown");
}

#[test]
fn a_remote_start_that_is_rejected_leaves_no_profile() {
    let mut bench = Bench::new();
    bench.plug(1);
    for profile in [
        tx_default(1, 0),
        station_max(1, 0),
        // It cannot know one.
        of_transaction(1, 0).of(5),
        of_transaction(1, 100),
        of_transaction(1, 0).periods(&[(5, 16.0)]),
    ] {
        let text = format!("{profile:?}");
        assert_eq!(remote_start(&mut bench, profile), "Rejected", "{text}");
        assert!(!bench.is_charging(1));
        assert_eq!(bench.clear_profiles(json!({})), "Unknown");
    }
    bench.charge(2, "TAG");
    let start =
        json!({ "idTag": "REMOTE", "connectorId": 2, "chargingProfile": of_transaction(1, 0).0 });
    assert_eq!(bench.status_of("RemoteStartTransaction", start), "Rejected");
    assert_eq!(bench.clear_profiles(json!({})), "Unknown");
}

fn remote_start(bench: &mut Bench, profile: Profile) -> String {
    let start = json!({ "idTag": "REMOTE", "connectorId": 1, "chargingProfile": profile.0 });
    bench.status_of("RemoteStartTransaction", start)
}

#[test]
fn the_profile_of_an_early_start_is_not_for_the_next_driver() {
    let mut bench = Bench::new();
    bench.plug(1);
    assert_eq!(
        remote_start(&mut bench, of_transaction(1, 0).limit(10.0)),
        "Accepted"
    );
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.disk.keep_all(true);
    bench.forget();
    bench.stop(1, Reason::Local);
    assert!(bench.saw(&Event::StorageFailed(StorageError::Failed)));
    bench.unplug(1);
    bench.charge(1, "OTHER");
    assert!(bench.is_charging(1));
    assert_eq!(bench.amperes(1), None);
    bench.disk.keep_all(false);
    bench.power_loss();
    assert_eq!(bench.amperes(1), None);
    assert_eq!(bench.clear_profiles(json!({})), "Unknown");
}
