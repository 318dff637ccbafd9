//! The central system refuses the tag after the transaction has begun (OCPP 1.6, 4.8).

use ocpp::{
    domain::{AuthorizationStatus, Status},
    station::{Event, TransactionState},
};
use serde_json::json;

use crate::support::{Bench, MINUTE, Reply, SECOND, id_tag_info};

const REFUSALS: [&str; 4] = ["Blocked", "Expired", "Invalid", "ConcurrentTx"];

/// Authorize is fine, StartTransaction is not.
fn refuse_the_start(bench: &mut Bench, status: &str) {
    let refusal = json!({ "idTagInfo": id_tag_info(status), "transactionId": 7 });
    bench.reply_once("StartTransaction", Reply::Result(refusal));
}

#[test]
fn with_stop_transaction_on_invalid_id_it_ends_at_once() {
    for status in REFUSALS {
        let mut bench = Bench::new();
        refuse_the_start(&mut bench, status);
        bench.plug(1);
        bench.tag(1, "TAG");
        bench.find_call("StartTransaction");
        let stop = bench.find_call("StopTransaction");
        assert_eq!(stop["reason"], "DeAuthorized", "{status}");
        assert_eq!(stop["transactionId"], 7);
        assert_eq!(stop.get("idTag"), None);
        assert!(!bench.has_energy(1));
        assert!(!bench.is_charging(1));
        assert_eq!(bench.status(1), Some(Status::Finishing));
        assert!(
            bench
                .transaction_states(1)
                .contains(&TransactionState::Refused)
        );
    }
}

#[test]
fn without_it_the_transaction_goes_on_without_energy() {
    for status in REFUSALS {
        let mut bench = Bench::new();
        bench.set("StopTransactionOnInvalidId", "false");
        refuse_the_start(&mut bench, status);
        bench.plug(1);
        bench.tag(1, "TAG");
        bench.find_call("StartTransaction");
        assert!(bench.is_charging(1), "{status}");
        assert!(!bench.has_energy(1));
        assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
        bench.advance(10 * MINUTE);
        assert!(bench.all_calls("StopTransaction").is_empty());
        assert_eq!(bench.register(1), 1_000);
        bench.unplug(1);
        let stop = bench.find_call("StopTransaction");
        assert_eq!(stop["reason"], "EVDisconnected");
        assert_eq!(stop["meterStop"], 1_000);
    }
}

#[test]
fn some_energy_may_flow_all_the_same() {
    let mut bench = Bench::new();
    bench.set("StopTransactionOnInvalidId", "false");
    bench.set("MaxEnergyOnInvalidId", "500");
    bench.set("MeterValueSampleInterval", "10");
    refuse_the_start(&mut bench, "Blocked");
    bench.plug(1);
    bench.tag(1, "TAG");
    assert!(bench.has_energy(1));
    assert_eq!(bench.status(1), Some(Status::Charging));
    // 2 Wh a second.
    bench.advance(249 * SECOND);
    assert!(bench.has_energy(1));
    bench.advance(11 * SECOND);
    assert!(!bench.has_energy(1));
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    assert!(
        (1_500..=1_520).contains(&bench.register(1)),
        "{}",
        bench.register(1)
    );
    assert!(bench.is_charging(1));
}

#[test]
fn the_energy_limit_holds_when_nothing_is_sampled() {
    let mut bench = Bench::new();
    bench.set("StopTransactionOnInvalidId", "false");
    bench.set("MaxEnergyOnInvalidId", "500");
    bench.set("MeterValueSampleInterval", "0");
    refuse_the_start(&mut bench, "Blocked");
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(20 * MINUTE);
    assert!(!bench.has_energy(1));
    assert!(bench.register(1) <= 1_800, "{}", bench.register(1));
}

#[test]
fn the_refused_tag_is_remembered_as_refused() {
    let mut bench = Bench::new();
    bench.set("LocalPreAuthorize", "true");
    refuse_the_start(&mut bench, "Blocked");
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.forget();
    bench.disconnect();
    bench.tag(2, "TAG");
    assert!(bench.saw(&Event::Authorization {
        connector: 2,
        id_tag: "TAG".try_into().unwrap(),
        status: AuthorizationStatus::Blocked,
    }));
}

#[test]
fn a_refusal_that_comes_after_the_end_changes_nothing() {
    let mut bench = Bench::new();
    let refusal = json!({ "idTagInfo": id_tag_info("Blocked"), "transactionId": 7 });
    let late = Reply::Result(refusal).after(20 * SECOND);
    bench.reply_once("StartTransaction", late);
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(10 * SECOND);
    bench.tag(1, "TAG");
    bench.advance(MINUTE);
    let stops = bench.all_calls("StopTransaction");
    assert_eq!(stops.len(), 1);
    assert_eq!(stops[0]["reason"], "Local");
    assert_eq!(stops[0]["transactionId"], 7);
}
