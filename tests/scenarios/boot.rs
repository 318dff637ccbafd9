//! Boot (OCPP 1.6, 4.2): cold, pending, rejected, unanswered.

use std::error::Error;

use ocpp::{
    domain::{ChargePointError, Equipment, Identity, RegistrationStatus},
    limits::{CONNECTORS, TX_MIN},
    station::{CallFailure, Event, Memory, Profile, Refused, SetupError, Station},
    storage::{MemoryStorage, StorageError},
    wire::{ErrorCode, frame::Dropped},
};
use serde_json::json;

use crate::support::{Bench, MINUTE, Reply, SECOND, Setup};

fn cold() -> Bench {
    Bench::cold(Setup::default())
}

#[test]
fn a_cold_boot_says_who_it_is_and_how_its_connectors_are() {
    let identity = Identity {
        vendor: "Acme",
        model: "Wallbox 11",
        serial_number: Some("CP-0001"),
        box_serial_number: Some("BOX-0001"),
        firmware_version: Some("1.2.3"),
        iccid: Some("89490200001234567890"),
        imsi: Some("262011234567890"),
        meter_serial_number: Some("M-77"),
        meter_type: Some("Iskra \"é\""),
    };
    let mut bench = Bench::cold(Setup {
        identity,
        ..Setup::default()
    });
    bench.advance(0);
    let boot = bench.expect_call("BootNotification");
    assert_eq!(
        boot,
        json!({
            "chargePointVendor": "Acme",
            "chargePointModel": "Wallbox 11",
            "chargePointSerialNumber": "CP-0001",
            "chargeBoxSerialNumber": "BOX-0001",
            "firmwareVersion": "1.2.3",
            "iccid": "89490200001234567890",
            "imsi": "262011234567890",
            "meterSerialNumber": "M-77",
            "meterType": "Iskra \"é\"",
        })
    );
    for connector in 0..=2 {
        let status = bench.expect_status(connector, "Available");
        assert_eq!(status["errorCode"], "NoError");
        assert_eq!(status["timestamp"], bench.utc());
    }
    bench.expect_no_call();
    assert!(bench.saw(&Event::Registered(RegistrationStatus::Accepted)));
    assert!(bench.saw(&Event::Time(bench.unix_millis())));
}

#[test]
fn as_many_connectors_as_there_can_be() {
    let connectors = u8::try_from(CONNECTORS).unwrap();
    let mut bench = Bench::cold(Setup {
        connectors,
        ..Setup::default()
    });
    bench.advance(0);
    bench.expect_boot();
    for connector in 1..=connectors {
        bench.charge(connector, "TAG");
    }
    bench.disconnect();
    for connector in 1..=connectors {
        bench.fault(connector, ChargePointError::OverVoltage, "");
    }
    bench.reconnect();
    let faults = bench.all_calls("StatusNotification");
    assert_eq!(faults.len(), CONNECTORS);
}

/// What `Station::new` says of a setup.
fn refusal(identity: Identity<'_>, connectors: u8, tx: usize) -> Option<SetupError> {
    let mut storage = MemoryStorage::<16>::new();
    let (mut memory, mut tx) = (Memory::new(), vec![0; tx]);
    let profile = Profile {
        version: ocpp::Version::V16,
        identity,
        connectors,
        vendors: &[],
        measurands: None,
        settings: &[],
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: &[],
        equipment: Equipment::default(),
        seed: 0,
    };
    Station::new(profile, &mut storage, &mut memory, &mut tx, 0).err()
}

#[test]
fn a_station_that_cannot_be_is_refused() {
    let good = Setup::default().identity;
    let too_many = u8::try_from(CONNECTORS).unwrap() + 1;
    for (connectors, tx, expected) in [
        (0, 4_096, Some(SetupError::Connectors)),
        (1, 4_096, None),
        (too_many, 4_096, Some(SetupError::Connectors)),
        (255, 4_096, Some(SetupError::Connectors)),
        (1, TX_MIN - 1, Some(SetupError::TransmitBuffer)),
        (1, TX_MIN, None),
    ] {
        assert_eq!(
            refusal(good, connectors, tx),
            expected,
            "{connectors}, {tx}"
        );
    }
}

#[test]
fn an_identity_that_cannot_be_told_is_refused() {
    let good = Setup::default().identity;
    let long = "é".repeat(51);
    let text = |characters: usize| long.get(..2 * characters);
    let too_long = |field, limit| Some(SetupError::TextTooLong { field, limit });
    let vendor = |vendor| Identity { vendor, ..good };
    let model = |model| Identity { model, ..good };
    for (identity, expected) in [
        (vendor(""), Some(SetupError::TextEmpty("chargePointVendor"))),
        (model(""), Some(SetupError::TextEmpty("chargePointModel"))),
        (vendor(text(20).unwrap()), None),
        (vendor(text(21).unwrap()), too_long("chargePointVendor", 20)),
        (model(text(21).unwrap()), too_long("chargePointModel", 20)),
        (
            Identity {
                serial_number: text(26),
                ..good
            },
            too_long("chargePointSerialNumber", 25),
        ),
        (
            Identity {
                box_serial_number: text(26),
                ..good
            },
            too_long("chargeBoxSerialNumber", 25),
        ),
        (
            Identity {
                firmware_version: text(51),
                ..good
            },
            too_long("firmwareVersion", 50),
        ),
        (
            Identity {
                iccid: text(21),
                ..good
            },
            too_long("iccid", 20),
        ),
        (
            Identity {
                imsi: text(21),
                ..good
            },
            too_long("imsi", 20),
        ),
        (
            Identity {
                meter_serial_number: text(26),
                ..good
            },
            too_long("meterSerialNumber", 25),
        ),
        (
            Identity {
                meter_type: text(26),
                ..good
            },
            too_long("meterType", 25),
        ),
    ] {
        assert_eq!(refusal(identity, 1, 4_096), expected);
    }
    // Each as long as it may be, and none in ASCII.
    let identity = Identity {
        vendor: text(20).unwrap(),
        model: text(20).unwrap(),
        serial_number: text(25),
        box_serial_number: text(25),
        firmware_version: text(50),
        iccid: text(20),
        imsi: text(20),
        meter_serial_number: text(25),
        meter_type: text(25),
    };
    let expected = Some(SetupError::BootNotification);
    assert_eq!(refusal(identity, 1, TX_MIN), expected);
    assert_eq!(refusal(identity, 1, 4_096), None);
}

#[test]
fn errors_have_words() {
    let long = SetupError::TextTooLong {
        field: "chargePointVendor",
        limit: 20,
    };
    let failure = CallFailure::Error(ErrorCode::NotSupported);
    let words: [(&dyn Error, &str); 4] = [
        (&long, "chargePointVendor is longer than 20 characters"),
        (&Refused::UnknownConnector, "there is no such connector"),
        (&failure, "CALLERROR NotSupported"),
        (&StorageError::Full, "there is no room for it"),
    ];
    for (error, expected) in words {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_the_application_does_not_know_is_not_in_the_boot_notification() {
    let mut bench = cold();
    bench.advance(0);
    let boot = bench.expect_call("BootNotification");
    assert_eq!(
        boot,
        json!({ "chargePointVendor": "Acme", "chargePointModel": "Wallbox 11" })
    );
}

#[test]
fn the_interval_of_an_accepted_boot_becomes_the_heartbeat_interval() {
    let mut bench = cold();
    bench.register_with("Accepted", 77);
    bench.advance(0);
    assert_eq!(bench.get("HeartbeatInterval"), "77");
    bench.power_off();
    bench.register_with("Accepted", 0);
    bench.power_on();
    assert_ne!(bench.get("HeartbeatInterval"), "0");
}

#[test]
fn pending_nothing_is_sent_but_the_next_boot_notification_after_the_interval() {
    let mut bench = cold();
    bench.register_with("Pending", 30);
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.plug(1);
    bench.tag(1, "TAG");
    bench.advance(30 * SECOND - 1);
    bench.expect_no_call();
    assert!(!bench.is_online());
    bench.advance(1);
    bench.expect_call("BootNotification");
    bench.register_with("Accepted", 300);
    bench.advance(30 * SECOND);
    bench.expect_boot();
    bench.expect_no_call();
    assert!(bench.is_online());
}

#[test]
fn pending_the_central_system_can_look_and_configure() {
    let mut bench = cold();
    bench.register_with("Pending", 30);
    bench.advance(0);
    bench.set("MeterValueSampleInterval", "15");
    assert_eq!(bench.get("MeterValueSampleInterval"), "15");
    let heartbeat = json!({ "requestedMessage": "Heartbeat" });
    assert_eq!(bench.status_of("TriggerMessage", heartbeat), "Accepted");
    bench.find_call("Heartbeat");
    let status = json!({ "requestedMessage": "StatusNotification", "connectorId": 1 });
    assert_eq!(bench.status_of("TriggerMessage", status), "Accepted");
    bench.expect_status(1, "Available");
    bench.expect_no_call();
}

#[test]
fn pending_a_triggered_boot_notification_is_sent_at_once() {
    let mut bench = cold();
    bench.register_with("Pending", 300);
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.advance(10 * SECOND);
    bench.register_with("Accepted", 300);
    let boot = json!({ "requestedMessage": "BootNotification" });
    assert_eq!(bench.status_of("TriggerMessage", boot), "Accepted");
    bench.expect_boot();
    bench.advance(400 * SECOND);
    assert_eq!(bench.actions(), ["Heartbeat"]);
}

#[test]
fn pending_it_cannot_be_started_or_stopped_from_afar() {
    let mut bench = cold();
    bench.register_with("Pending", 300);
    bench.advance(0);
    bench.plug(1);
    bench.forget();
    let start = json!({ "idTag": "TAG", "connectorId": 1 });
    assert_eq!(bench.status_of("RemoteStartTransaction", start), "Rejected");
    let stop = json!({ "transactionId": 1 });
    assert_eq!(bench.status_of("RemoteStopTransaction", stop), "Rejected");
    assert!(!bench.is_charging(1));
    bench.expect_no_call();
}

#[test]
fn rejected_nothing_is_sent_or_answered_until_the_interval_is_over() {
    let mut bench = cold();
    bench.register_with("Rejected", 600);
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.plug(1);
    let id = bench.ask("GetConfiguration", json!({}));
    assert!(!bench.is_answered(&id));
    assert!(bench.saw(&Event::FrameDropped(Dropped::Rejected)));
    bench.frame(br#"[2,"odd","GetConfiguration"]"#);
    bench.advance(600 * SECOND - 1);
    bench.expect_no_call();
    assert!(bench.order().is_empty() || bench.order() == ["BootNotification"]);
    bench.register_with("Accepted", 300);
    bench.advance(1);
    bench.expect_call("BootNotification");
    bench.expect_status(0, "Available");
    bench.expect_status(1, "Finishing");
    bench.expect_status(2, "Available");
    assert_eq!(bench.get("NumberOfConnectors"), "2");
}

/// Moments of the BootNotifications of an hour.
fn boots_of_an_hour(bench: &mut Bench) -> Vec<u64> {
    bench.advance(60 * MINUTE);
    let boots = bench.all_sent("BootNotification");
    boots.iter().map(|call| call.at).collect()
}

/// Later each time on one connection; a new one begins with a BootNotification.
fn assert_backs_off(moments: &[u64], hung_up: &[u64]) {
    assert!(moments.len() > 3, "given up: {moments:?}");
    let same_connection = |pair: &&[u64]| !hung_up.iter().any(|at| (pair[0]..pair[1]).contains(at));
    let pauses = moments.windows(2).filter(same_connection);
    let pauses: Vec<u64> = pauses.map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] >= 5 * SECOND, "too soon: {pauses:?}");
    assert!(pauses.is_sorted(), "no back-off: {pauses:?}");
    assert!(pauses.last() > pauses.first(), "no back-off: {pauses:?}");
}

#[test]
fn without_an_interval_the_station_backs_off_by_itself() {
    for status in ["Pending", "Rejected"] {
        let mut bench = cold();
        bench.register_with(status, 0);
        let boots = boots_of_an_hour(&mut bench);
        assert_backs_off(&boots, &bench.hung_up);
    }
}

#[test]
fn a_boot_notification_that_fails_is_sent_again_later() {
    for (reply, failure) in [
        (Reply::Never, CallFailure::Timeout),
        (
            Reply::Error("InternalError"),
            CallFailure::Error(ocpp::wire::ErrorCode::InternalError),
        ),
        (Reply::Result(json!({})), CallFailure::BadAnswer),
        (
            Reply::Result(
                json!({ "status": "Maybe", "interval": 5, "currentTime": "2026-01-01T00:00:00Z" }),
            ),
            CallFailure::BadAnswer,
        ),
    ] {
        let mut bench = cold();
        bench.reply_always("BootNotification", reply);
        let boots = boots_of_an_hour(&mut bench);
        assert_backs_off(&boots, &bench.hung_up);
        assert!(!bench.is_online());
        let action = "BootNotification";
        assert!(
            bench.saw(&Event::CallFailed { action, failure }),
            "{failure:?}"
        );
        bench.reply_normally("BootNotification");
        bench.advance(30 * MINUTE);
        assert!(bench.is_online());
    }
}

/// Whatever else it says.
#[test]
fn a_boot_answer_whose_status_can_be_read_decides() {
    let own = "300";
    for (interval, heartbeat) in [
        (r#","interval":60"#, "60"),
        (r#","interval":"60""#, "60"),
        (r#","interval":60.0"#, "60"),
        ("", own),
        (r#","interval":null"#, own),
        (r#","interval":3.5"#, own),
        (r#","interval":1e99"#, own),
        (r#","interval":3000000000"#, own),
        (r#","interval":"soon""#, own),
        (r#","interval":-5"#, own),
        (r#","interval":{}"#, own),
    ] {
        let mut bench = cold();
        let time = bench.utc();
        let answer =
            format!(r#"[3,"{{id}}",{{"status":"Accepted","currentTime":"{time}"{interval}}}]"#);
        bench.reply_once("BootNotification", Reply::Raw(answer));
        bench.advance(0);
        bench.expect_boot();
        bench.expect_no_call();
        assert!(bench.is_online(), "{interval}");
        assert_eq!(bench.get("HeartbeatInterval"), heartbeat, "{interval}");
        bench.charge(1, "TAG");
    }
    for status in ["Pending", "Rejected"] {
        for interval in ["", r#","interval":3.5"#, r#","interval":3000000000"#] {
            let mut bench = cold();
            let answer = format!(r#"[3,"{{id}}",{{"status":"{status}"{interval}}}]"#);
            bench.reply_always("BootNotification", Reply::Raw(answer));
            let boots = boots_of_an_hour(&mut bench);
            assert_backs_off(&boots, &bench.hung_up);
            bench.reply_normally("BootNotification");
            bench.advance(30 * MINUTE);
            assert!(bench.is_online(), "{status}{interval}");
        }
    }
}

#[test]
fn the_offsets_of_iso_8601_are_read() {
    for offset in ["Z", "", "+00", "+0000", "+00:00"] {
        let mut bench = cold();
        let time = bench.utc().replace('Z', offset);
        let answer = json!({ "status": "Accepted", "interval": 60, "currentTime": time });
        bench.reply_once("BootNotification", Reply::Result(answer));
        bench.advance(0);
        assert!(
            bench.saw(&Event::Time(bench.unix_millis())),
            "{time}: {:?}",
            bench.events()
        );
    }
}

#[test]
fn without_a_time_in_the_boot_answer_a_heartbeat_asks_for_it() {
    for time in ["", r#","currentTime":null"#, r#","currentTime":"noon""#] {
        let mut bench = cold();
        let answer = format!(r#"[3,"{{id}}",{{"status":"Accepted","interval":300{time}}}]"#);
        bench.reply_once("BootNotification", Reply::Raw(answer));
        bench.advance(0);
        bench.expect_call("BootNotification");
        bench.expect_call("Heartbeat");
        for connector in 0..=2 {
            let status = bench.expect_status(connector, "Available");
            assert_eq!(status["timestamp"], bench.utc());
        }
        bench.expect_no_call();
        bench.plug(1);
        bench.tag(1, "TAG");
        let start = bench.find_call("StartTransaction");
        assert_eq!(start["timestamp"], bench.utc());
    }
}

/// They have to say when: a time that is made up could not be taken back.
#[test]
fn transaction_messages_wait_until_the_time_is_known() {
    let mut bench = cold();
    let answer = r#"[3,"{id}",{"status":"Accepted"}]"#;
    bench.reply_once("BootNotification", Reply::Raw(answer.to_owned()));
    bench.reply_always("Heartbeat", Reply::Result(json!({ "currentTime": "noon" })));
    bench.advance(0);
    let began = bench.utc();
    bench.charge_quietly(1, "TAG");
    assert!(bench.is_charging(1) && bench.has_energy(1));
    bench.advance(20 * MINUTE);
    let calls = bench.take_sent();
    let of = |action: &str| calls.iter().filter(|call| call.action == action).count();
    assert_eq!(of("StartTransaction") + of("MeterValues"), 0);
    // It is asked for again and again, and not in a loop.
    assert!((2..=6).contains(&of("Heartbeat")), "{}", of("Heartbeat"));
    bench.reply_normally("Heartbeat");
    bench.advance(10 * MINUTE);
    let start = bench.find_call("StartTransaction");
    assert_eq!(start["timestamp"], began);
    bench.tag(1, "TAG");
    bench.find_call("StopTransaction");
    assert_eq!(bench.queued(), 0);
}

#[test]
fn a_lost_connection_is_no_boot() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.advance(10 * MINUTE);
    bench.reconnect();
    assert!(bench.is_online());
    bench.expect_no_call();
    bench.plug(1);
    bench.expect_status(1, "Preparing");
}

#[test]
fn a_connection_lost_before_the_boot_was_answered_needs_another_boot() {
    let mut bench = cold();
    bench.reply_once("BootNotification", Reply::Cut);
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.advance(5 * SECOND);
    bench.expect_boot();
    bench.expect_no_call();
}

#[test]
fn a_restart_is_a_boot() {
    let mut bench = Bench::new();
    bench.power_loss();
    bench.expect_boot();
    bench.expect_no_call();
}

#[test]
fn a_station_that_was_pending_when_the_connection_broke_boots_first_when_it_is_back() {
    let mut bench = cold();
    bench.register_with("Pending", 60);
    bench.advance(0);
    bench.forget();
    bench.register_with("Accepted", 300);
    bench.cut();
    bench.advance(61 * SECOND);
    bench.expect_boot();
}
