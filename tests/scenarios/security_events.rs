//! Security events (security whitepaper, A04): all are told to the application, for its log; what is
//! critical reaches the central system, in order, whatever happens in between.

use ocpp::{
    domain::{Reason, ResetType, SecurityEvent, SecuritySetup},
    limits::{JOURNAL_SLOTS, SECURITY_EVENTS},
    station::{Event, Input, Refused},
};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, Reply, Setup, id_tag};

fn setup() -> Setup {
    Setup {
        security: SecuritySetup {
            tells_events: true,
            ..SecuritySetup::default()
        },
        ..Setup::default()
    }
}

fn see(bench: &mut Bench, event: SecurityEvent, tech_info: &str) {
    bench
        .input(Input::SecurityEvent { event, tech_info })
        .unwrap();
}

/// What the application was told for its log.
fn logged(bench: &Bench) -> Vec<SecurityEvent> {
    let events = bench.events().iter().filter_map(|event| match event {
        Event::SecurityEvent { event, .. } => Some(*event),
        _ => None,
    });
    events.collect()
}

/// What the central system was told since the last time.
fn told(bench: &mut Bench) -> Vec<String> {
    let calls = bench.all_calls("SecurityEventNotification").into_iter();
    calls
        .map(|call| call["type"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_boot_is_told_of_once_the_time_is_known() {
    let mut bench = Bench::cold(setup());
    bench.advance(0);
    let call = bench.find_call("SecurityEventNotification");
    let time = bench.utc();
    assert_eq!(
        call,
        json!({ "type": "StartupOfTheDevice", "timestamp": time })
    );
    bench.power_loss();
    assert_eq!(told(&mut bench), ["StartupOfTheDevice"]);
    assert_eq!(bench.station().queued_security_events(), 0);
}

#[test]
fn what_is_critical_waits_for_the_central_system_in_order_and_over_a_power_loss() {
    let mut bench = Bench::with(setup());
    bench.disconnect();
    let seen = bench.utc();
    see(
        &mut bench,
        SecurityEvent::TamperDetectionActivated,
        "the door is open",
    );
    bench.advance(MINUTE);
    see(
        &mut bench,
        SecurityEvent::InvalidCentralSystemCertificate,
        "",
    );
    see(&mut bench, SecurityEvent::MemoryExhaustion, "");
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    let calls = bench.all_calls("SecurityEventNotification");
    let types: Vec<_> = calls.iter().map(|call| &call["type"]).collect();
    assert_eq!(
        types,
        [
            "TamperDetectionActivated",
            "InvalidCentralSystemCertificate",
            "MemoryExhaustion",
            "StartupOfTheDevice",
        ]
    );
    assert_eq!(calls[0]["timestamp"], seen);
    assert_eq!(calls[0]["techInfo"], "the door is open");
    assert_eq!(calls[1].get("techInfo"), None);
    assert_eq!(bench.station().queued_security_events(), 0);
}

#[test]
fn what_is_not_critical_is_in_the_log_only() {
    let mut bench = Bench::with(setup());
    for event in SecurityEvent::ALL {
        see(&mut bench, *event, "x");
    }
    assert_eq!(logged(&bench), SecurityEvent::ALL);
    let names = SecurityEvent::ALL.iter().filter(|event| event.is_told());
    let names: Vec<_> = names.map(|event| event.as_str()).collect();
    assert_eq!(told(&mut bench), names);
    assert!(!names.contains(&"FailedToAuthenticateAtCentralSystem"));
    assert!(names.contains(&"InvalidTLSVersion"));
}

#[test]
fn without_the_security_extension_nothing_is_told() {
    let mut bench = Bench::new();
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    bench.power_loss();
    assert_eq!(told(&mut bench), [""; 0]);
    assert_eq!(logged(&bench).len(), 2);
}

#[test]
fn an_event_without_an_answer_is_told_again_and_a_refused_one_is_not() {
    let mut bench = Bench::with(setup());
    bench.reply_always("SecurityEventNotification", Reply::Never);
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    see(&mut bench, SecurityEvent::MemoryExhaustion, "");
    bench.advance(5 * MINUTE);
    let types = told(&mut bench);
    assert!(types.len() > 1, "{types:?}");
    assert!(types.iter().all(|name| name == "TamperDetectionActivated"));
    bench.reply_normally("SecurityEventNotification");
    bench.advance(2 * MINUTE);
    assert_eq!(
        told(&mut bench),
        ["TamperDetectionActivated", "MemoryExhaustion"]
    );
    bench.reply_once("SecurityEventNotification", Reply::Error("NotImplemented"));
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    bench.advance(10 * MINUTE);
    assert_eq!(told(&mut bench), ["TamperDetectionActivated"]);
    assert_eq!(bench.station().queued_security_events(), 0);
}

#[test]
fn where_there_is_no_room_the_oldest_that_is_not_critical_goes() {
    let mut bench = Bench::with(setup());
    bench.disconnect();
    see(&mut bench, SecurityEvent::InvalidTLSVersion, "");
    for n in 1..SECURITY_EVENTS {
        see(
            &mut bench,
            SecurityEvent::TamperDetectionActivated,
            &n.to_string(),
        );
    }
    assert_eq!(bench.station().queued_security_events(), SECURITY_EVENTS);
    see(&mut bench, SecurityEvent::MemoryExhaustion, "");
    see(&mut bench, SecurityEvent::MemoryExhaustion, "");
    assert_eq!(bench.station().queued_security_events(), SECURITY_EVENTS);
    bench.forget();
    bench.reconnect();
    let calls = bench.all_calls("SecurityEventNotification");
    assert_eq!(calls.len(), SECURITY_EVENTS);
    assert_eq!(calls[0]["techInfo"], "2");
    assert_eq!(calls[SECURITY_EVENTS - 1]["type"], "MemoryExhaustion");
}

#[test]
fn the_station_tells_what_it_sees_itself() {
    let mut bench = Bench::with(setup());
    bench.input(Input::Reset(ResetType::Soft)).unwrap();
    assert_eq!(told(&mut bench)[0], "ResetOrReboot");
    let mut bench = Bench::with(setup());
    // Less is what any clock is set by.
    let time = bench.unix_millis();
    bench.input(Input::Time(time + 5_000)).unwrap();
    assert_eq!(told(&mut bench), [""; 0]);
    bench.input(Input::Time(time + 3_600_000)).unwrap();
    assert_eq!(told(&mut bench), ["SettingSystemTime"]);
    bench.change("AuthorizationKey", "a password of letters");
    let changed = SecurityEvent::ReconfigurationOfSecurityParameters;
    assert_eq!(logged(&bench).last(), Some(&changed));
}

#[test]
fn frames_that_are_none_are_logged_once_in_a_while() {
    let mut bench = Bench::with(setup());
    for _ in 0..100 {
        bench.frame(b"{}");
        bench.frame(b"[2,\"1\",");
        bench.advance(1_000);
    }
    assert_eq!(logged(&bench), [SecurityEvent::InvalidMessages]);
    bench.advance(60 * MINUTE);
    bench.frame(b"{}");
    assert_eq!(logged(&bench).len(), 2);
}

#[test]
fn room_that_is_gone_is_told_of_once_in_a_while() {
    let mut bench = Bench::with(setup());
    bench.disk.fill_up();
    for _ in 0..10 {
        bench.change("CpoName", "a name that takes some room");
        bench.advance(1_000);
    }
    assert_eq!(logged(&bench), [SecurityEvent::MemoryExhaustion]);
    bench.disk.limit(usize::MAX);
    bench.advance(60 * MINUTE);
    // The queue of transactions is a place of its own.
    bench.set("AllowOfflineTxForUnknownId", "true");
    bench.disconnect();
    bench.forget();
    let id_tag = &id_tag("A");
    let start = Input::Start {
        connector: 1,
        id_tag,
    };
    let full = (0..JOURNAL_SLOTS).find_map(|_| {
        let refused = bench.input(start).err();
        if refused.is_none() {
            bench.stop(1, Reason::Local);
        }
        refused
    });
    assert_eq!(full, Some(Refused::Full));
    assert_eq!(logged(&bench), [SecurityEvent::MemoryExhaustion]);
    bench.forget();
    bench.reconnect();
    bench.advance(MINUTE);
    assert_eq!(told(&mut bench), ["MemoryExhaustion"]);
}

#[test]
fn an_event_before_the_time_is_known_keeps_its_time_over_a_power_loss() {
    let mut bench = Bench::cold(setup());
    bench.disconnect();
    bench.advance(MINUTE);
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    let seen = bench.utc();
    bench.advance(MINUTE);
    let time = bench.unix_millis();
    bench.input(Input::Time(time)).unwrap();
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    let calls = bench.all_calls("SecurityEventNotification");
    let times: Vec<&Value> = calls.iter().map(|call| &call["timestamp"]).collect();
    assert_eq!(times[1], &json!(seen), "{calls:?}");
}

#[test]
fn what_storage_does_not_take_is_in_the_log_all_the_same() {
    let mut bench = Bench::with(setup());
    bench.disk.fail(true);
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    assert_eq!(logged(&bench), [SecurityEvent::TamperDetectionActivated]);
    assert_eq!(told(&mut bench), [""; 0]);
    bench.disk.fail(false);
    let id = ocpp::storage::RecordId(0x4000);
    bench.disconnect();
    see(&mut bench, SecurityEvent::TamperDetectionActivated, "");
    bench.disk.put(id, &[9, 9, 9]);
    bench.power_loss();
    assert!(bench.saw(&Event::RecordSkipped(id)));
    bench.forget();
    bench.reconnect();
    assert_eq!(told(&mut bench), ["StartupOfTheDevice"]);
}
