//! A charge point boots, authorizes and charges, and the books show it.
#![allow(clippy::restriction)] // What fails here may panic.

mod charge_point;

use central_system::{
    Behaviour, BootStatus, CentralSystem, Clock, Direction, EventKind, IdTag, IdTagStatus,
};
use charge_point::{ChargePoint, SOON, start, stop};
use serde_json::json;

#[test]
fn boot_heartbeat_and_status() {
    let behaviour = Behaviour::new().boot(BootStatus::Accepted, 17);
    let central = CentralSystem::start(behaviour).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    let boot = cp.boot();
    assert_eq!(
        (&boot["status"], &boot["interval"]),
        (&json!("Accepted"), &json!(17))
    );
    assert!(boot["currentTime"].as_str().unwrap().ends_with('Z'));
    central.adjust(|behaviour| behaviour.clock(Clock::Fixed("2024-05-01T10:00:00Z".into())));
    assert_eq!(
        cp.ask("Heartbeat", json!({})),
        json!({"currentTime": "2024-05-01T10:00:00Z"})
    );
    for status in ["Available", "Preparing"] {
        let payload = json!({"connectorId": 1, "errorCode": "NoError", "status": status});
        assert_eq!(cp.ask("StatusNotification", payload), json!({}));
    }

    let station = central.station("CP1");
    assert_eq!(station.registration.as_deref(), Some("Accepted"));
    assert_eq!(station.boot.as_ref().unwrap()["chargePointModel"], "M");
    assert_eq!(station.status(1), Some("Preparing"));
    assert_eq!(station.connectors[&1].notifications, 2);
    assert_eq!(station.payloads("StatusNotification").len(), 2);
    assert_eq!((station.calls("Heartbeat"), station.frames.len()), (1, 8));
    assert!(station.faults.is_empty());
}

#[test]
fn authorize_from_the_table() {
    let behaviour = Behaviour::new().tag("GOOD", IdTag::accepted().parent("FLEET"));
    let central = CentralSystem::start(behaviour).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    assert_eq!(
        cp.ask("Authorize", json!({"idTag": "good"})),
        json!({"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}})
    );
    let stranger = json!({"idTag": "other"});
    assert_eq!(
        cp.ask("Authorize", stranger.clone())["idTagInfo"]["status"],
        "Invalid"
    );
    central.adjust(|behaviour| behaviour.unknown_tags(IdTagStatus::Accepted));
    assert_eq!(
        cp.ask("Authorize", stranger)["idTagInfo"]["status"],
        "Accepted"
    );
}

#[test]
fn a_transaction_from_start_to_stop() {
    let behaviour = Behaviour::new()
        .tag("TAG", IdTag::accepted())
        .transactions_from(100);
    let central = CentralSystem::start(behaviour).unwrap();
    let mut cp = ChargePoint::connect(&central, "CP1");
    let started = cp.ask("StartTransaction", start("TAG", 1000));
    assert_eq!(
        started,
        json!({"transactionId": 100, "idTagInfo": {"status": "Accepted"}})
    );
    let values = json!({"connectorId": 1, "transactionId": 100, "meterValue": [
        {"timestamp": "2024-05-01T10:15:00Z", "sampledValue": [{"value": "1100"}]},
        {"timestamp": "2024-05-01T10:30:00Z", "sampledValue": [{"value": "1200"}]}]});
    assert_eq!(cp.ask("MeterValues", values), json!({}));
    assert_eq!(cp.ask("StopTransaction", stop(100, 1500)), json!({}));

    let station = central.station("CP1");
    let transaction = station.transaction(100).unwrap();
    assert_eq!(
        (transaction.connector_id, transaction.meter_start),
        (1, 1000)
    );
    assert_eq!(transaction.id_tag, "TAG");
    assert_eq!(transaction.started_at, "2024-05-01T10:00:00Z");
    assert_eq!(transaction.meter_values, 2);
    assert_eq!((transaction.start_frames, transaction.stop_frames), (1, 1));
    let end = transaction.stop.as_ref().unwrap();
    assert_eq!(
        (end.meter_stop, end.reason.as_deref()),
        (1500, Some("Remote"))
    );
    assert_eq!(end.timestamp, "2024-05-01T11:00:00Z");
}

#[test]
fn the_same_tag_charges_once_at_a_time() {
    let behaviour = Behaviour::new()
        .tag("TAG", IdTag::accepted())
        .concurrent_tx(true);
    let central = CentralSystem::start(behaviour).unwrap();
    let mut one = ChargePoint::connect(&central, "CP1");
    let mut two = ChargePoint::connect(&central, "CP2");
    assert_eq!(
        one.ask("StartTransaction", start("TAG", 0))["idTagInfo"]["status"],
        "Accepted"
    );
    assert_eq!(
        two.ask("StartTransaction", start("tag", 0)),
        json!({"transactionId": 2, "idTagInfo": {"status": "ConcurrentTx"}})
    );
    one.ask("StopTransaction", stop(1, 0));
    two.ask("StopTransaction", stop(2, 0));
    assert_eq!(
        two.ask("StartTransaction", start("TAG", 0))["idTagInfo"]["status"],
        "Accepted"
    );
}

#[test]
fn a_resent_start_is_the_same_transaction() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let frame = json!([2, "same", "StartTransaction", start("TAG", 5)]);
    let mut answers = Vec::new();
    for _ in 0..2 {
        // A new connection each time: what counts is the identity.
        let mut cp = ChargePoint::connect(&central, "CP1");
        cp.send(&frame);
        answers.push(cp.receive());
    }
    assert_eq!(answers[0], answers[1]);
    let station = central.station("CP1");
    assert_eq!((station.transactions.len(), station.duplicates), (1, 1));
    assert_eq!(station.transactions[0].start_frames, 2);
    assert_eq!(station.calls("StartTransaction"), 2);
}

#[test]
fn an_observer_hears_everything_in_order() {
    let central = CentralSystem::start(Behaviour::new()).unwrap();
    let events = central.observe();
    let mut cp = ChargePoint::connect(&central, "CP1");
    cp.boot();
    cp.socket.close(None).unwrap();
    assert!(central.wait_for(SOON, |books| !books.is_online("CP1")));
    drop(central);

    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds.len(), 4);
    assert_eq!(kinds[0], EventKind::Connected);
    for (kind, expected) in kinds[1..3]
        .iter()
        .zip([Direction::FromStation, Direction::ToStation])
    {
        assert!(matches!(kind, EventKind::Frame { direction, .. } if *direction == expected));
    }
    assert_eq!(kinds[3], EventKind::Disconnected);
}
