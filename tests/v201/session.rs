//! Transactions (E01 to E12), as a driver and the central system see them.

use ocpp::{
    domain::{Reason, TokenKind},
    station::{Input, Key, Suspension},
};
use serde_json::json;

use crate::{
    bench, gist, id_of,
    support::{Bench, MINUTE, Reply, SECOND, id_tag, id_tag_info},
};

#[test]
fn a_local_session() {
    let mut bench = bench();
    bench.plug(1);
    bench.tag(1, "TAG");
    let status = bench.find_call("StatusNotification");
    assert_eq!(
        status,
        json!({
            "timestamp": status["timestamp"],
            "connectorStatus": "Occupied",
            "evseId": 1,
            "connectorId": 1,
        })
    );
    let asked = bench.find_call("Authorize");
    let token = json!({ "idToken": "TAG", "type": "ISO14443" });
    assert_eq!(asked, json!({ "idToken": token }));
    let started = bench.find_call("TransactionEvent");
    let id = id_of(&started).to_owned();
    assert_eq!(
        started,
        json!({
            "eventType": "Started",
            "timestamp": bench.utc(),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": { "transactionId": id, "chargingState": "Charging" },
            "evse": { "id": 1, "connectorId": 1 },
            "idToken": token,
            "meterValue": [{
                "timestamp": bench.utc(),
                "sampledValue": [{
                    "value": 1_000,
                    "context": "Transaction.Begin",
                    "measurand": "Energy.Active.Import.Register",
                }],
            }],
        })
    );
    bench.forget();
    bench.configure(Key::MeterValueSampleInterval, "60");
    bench.advance(MINUTE);
    let updated = bench.find_call("TransactionEvent");
    assert_eq!(
        gist(&updated),
        ("Updated", "MeterValuePeriodic", 1, "Charging")
    );
    assert_eq!(updated["meterValue"][0]["sampledValue"][0]["value"], 1_120);
    assert_eq!(id_of(&updated), id);
    bench.tag(1, "TAG");
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(gist(&ended), ("Ended", "StopAuthorized", 2, "EVConnected"));
    assert_eq!(ended["transactionInfo"]["stoppedReason"], "Local");
    assert_eq!(ended["idToken"], token);
    assert_eq!(ended["meterValue"][0]["sampledValue"][0]["value"], 1_120);
    assert_eq!(id_of(&ended), id);
    // Still occupied: nothing to say before the cable is gone.
    assert!(bench.all_calls("StatusNotification").is_empty());
    bench.unplug(1);
    assert_eq!(
        bench.find_call("StatusNotification")["connectorStatus"],
        "Available"
    );
    assert_eq!(bench.queued(), 0);
}

#[test]
fn the_cable_comes_last() {
    let mut bench = bench();
    bench.tag(1, "TAG");
    bench.plug(1);
    let started = bench.find_call("TransactionEvent");
    assert_eq!(gist(&started), ("Started", "CablePluggedIn", 0, "Charging"));
}

#[test]
fn a_remote_session() {
    let mut bench = bench();
    bench.plug(1);
    let token = json!({ "idToken": "c0ffee-c0ffee-c0ffee-c0ffee-c0ffee-1", "type": "Central" });
    let start = json!({ "idToken": token, "remoteStartId": 77, "evseId": 1 });
    assert_eq!(
        bench.status_of("RequestStartTransaction", start),
        "Accepted"
    );
    let started = bench.find_call("TransactionEvent");
    assert_eq!(gist(&started), ("Started", "RemoteStart", 0, "Charging"));
    assert_eq!(started["transactionInfo"]["remoteStartId"], 77);
    assert_eq!(started["idToken"], token);
    let id = id_of(&started).to_owned();
    let stop = json!({ "transactionId": "another" });
    assert_eq!(bench.status_of("RequestStopTransaction", stop), "Rejected");
    let stop = json!({ "transactionId": id });
    assert_eq!(
        bench.status_of("RequestStopTransaction", stop.clone()),
        "Accepted"
    );
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(gist(&ended), ("Ended", "RemoteStop", 1, "EVConnected"));
    assert_eq!(ended["transactionInfo"]["stoppedReason"], "Remote");
    assert_eq!(bench.status_of("RequestStopTransaction", stop), "Rejected");
}

/// What kinds of tokens the events of a transaction name.
fn kinds(bench: &mut Bench) -> Vec<String> {
    let events = bench.all_calls("TransactionEvent");
    let tokens = events.iter().filter_map(|event| event.get("idToken"));
    tokens
        .map(|token| token["type"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_token_is_of_the_kind_that_the_application_says() {
    for kind in TokenKind::ALL {
        let mut bench = bench();
        let token = id_tag("TAG").of_kind(*kind);
        let (connector, id_tag) = (1, &token);
        bench.plug(1);
        bench.forget();
        bench.do_now(Input::Authorize(id_tag));
        assert_eq!(
            bench.find_call("Authorize")["idToken"]["type"],
            kind.as_str()
        );
        bench.do_now(Input::Tag { connector, id_tag });
        bench.do_now(Input::Tag { connector, id_tag });
        assert_eq!(kinds(&mut bench), [kind.as_str(), kind.as_str()]);
        bench.forget();
        bench.do_now(Input::Start { connector, id_tag });
        assert_eq!(kinds(&mut bench), [kind.as_str()]);
    }
}

#[test]
fn a_remote_start_that_the_application_carries_out_stays_one() {
    // Accepted and waiting for its cable, or while its token is still being authorized.
    for answer_after in [0, 2 * SECOND] {
        let mut bench = bench();
        bench.configure(Key::AuthorizeRemoteTxRequests, "true");
        let accepted = json!({ "idTokenInfo": id_tag_info("Accepted") });
        bench.reply_always("Authorize", Reply::Result(accepted).after(answer_after));
        let token = json!({ "idToken": "TAG", "type": "Central" });
        let start = json!({ "idToken": token, "remoteStartId": 77, "evseId": 1 });
        assert_eq!(
            bench.status_of("RequestStartTransaction", start),
            "Accepted"
        );
        bench.start(1, "TAG");
        bench.advance(3 * SECOND);
        let started = bench.find_call("TransactionEvent");
        assert_eq!(started["transactionInfo"]["remoteStartId"], 77);
        assert_eq!(started["idToken"], token);
    }
}

#[test]
fn energy_that_stops_is_told() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.suspend(1, Suspension::Ev);
    let updated = bench.find_call("TransactionEvent");
    let expected = ("Updated", "ChargingStateChanged", 1, "SuspendedEV");
    assert_eq!(gist(&updated), expected);
    assert!(updated.get("meterValue").is_none());
    bench.suspend(1, Suspension::Evse);
    let updated = bench.find_call("TransactionEvent");
    let expected = ("Updated", "ChargingStateChanged", 2, "SuspendedEVSE");
    assert_eq!(gist(&updated), expected);
    bench.resume(1);
    let updated = bench.find_call("TransactionEvent");
    let expected = ("Updated", "ChargingStateChanged", 3, "Charging");
    assert_eq!(gist(&updated), expected);
    // The connector is occupied all the time.
    assert!(bench.all_calls("StatusNotification").is_empty());
}

#[test]
fn a_token_that_is_refused_after_all_ends_it() {
    let mut bench = bench();
    let refused = json!({ "idTokenInfo": id_tag_info("NoCredit") });
    bench.reply_once("TransactionEvent", Reply::Result(refused));
    bench.plug(1);
    bench.tag(1, "TAG");
    let started = bench.find_call("TransactionEvent");
    let ended = bench.find_call("TransactionEvent");
    assert_eq!(id_of(&started), id_of(&ended));
    assert_eq!(ended["triggerReason"], "Deauthorized");
    assert_eq!(ended["transactionInfo"]["stoppedReason"], "DeAuthorized");
    assert!(!bench.is_charging(1));
}

#[test]
fn why_it_ends() {
    let ways: [(Reason, &str, &str); 4] = [
        (Reason::EmergencyStop, "AbnormalCondition", "EmergencyStop"),
        (
            Reason::SocLimitReached,
            "ChargingStateChanged",
            "SOCLimitReached",
        ),
        (Reason::StoppedByEv, "EVCommunicationLost", "StoppedByEV"),
        (Reason::Reboot, "ResetCommand", "Reboot"),
    ];
    for (reason, trigger, name) in ways {
        let mut bench = bench();
        bench.charge(1, "TAG");
        bench.stop(1, reason);
        let ended = bench.find_call("TransactionEvent");
        assert_eq!(ended["triggerReason"], trigger);
        assert_eq!(ended["transactionInfo"]["stoppedReason"], name);
    }
}

#[test]
fn two_transactions_have_two_names() {
    let mut bench = bench();
    let session = |bench: &mut Bench| {
        bench.charge_quietly(1, "TAG");
        let id = id_of(&bench.find_call("TransactionEvent")).to_owned();
        bench.advance(SECOND);
        bench.unplug(1);
        bench.forget();
        id
    };
    let (first, second) = (session(&mut bench), session(&mut bench));
    bench.power_loss();
    bench.advance(MINUTE);
    let third = session(&mut bench);
    assert!(first != second && second != third && first != third);
    assert!(first.len() <= 36);
}

#[test]
fn the_end_brings_what_was_read_in_its_order() {
    let mut bench = bench();
    let lists = "Energy.Active.Import.Register";
    bench.configure(Key::StopTxnSampledData, lists);
    bench.configure(Key::MeterValueSampleInterval, "60");
    bench.charge(1, "TAG");
    bench.advance(MINUTE);
    bench.unplug(1);
    let ended = loop {
        let event = bench.find_call("TransactionEvent");
        if event["eventType"] == "Ended" {
            break event;
        }
    };
    let values = ended["meterValue"].as_array().unwrap();
    let told: Vec<_> = values
        .iter()
        .map(|value| {
            let sample = &value["sampledValue"][0];
            (
                sample["context"].as_str().unwrap(),
                sample["value"].as_i64().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("Transaction.Begin", 1_000),
        ("Sample.Periodic", 1_120),
        ("Transaction.End", 1_120),
    ];
    assert_eq!(told, expected);
}
