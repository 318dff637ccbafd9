//! Security events (A04): SecurityEventNotification in the words of OCPP 2.0.1.

use ocpp::{
    domain::{SecurityEvent, SecuritySetup},
    station::Input,
};
use serde_json::json;

use crate::{
    setup,
    support::{Bench, MINUTE, Setup},
};

#[test]
fn what_is_critical_is_told_in_order_and_by_its_name_in_2_0_1() {
    let mut bench = Bench::with(Setup {
        security: SecuritySetup {
            tells_events: true,
            ..SecuritySetup::default()
        },
        ..setup()
    });
    bench.disconnect();
    let time = bench.utc();
    for (event, tech_info) in [
        (SecurityEvent::TamperDetectionActivated, "the door is open"),
        (SecurityEvent::InvalidCentralSystemCertificate, ""),
        (SecurityEvent::InvalidChargePointCertificate, ""),
        // Not critical: for the log only.
        (SecurityEvent::FailedToAuthenticateAtCentralSystem, ""),
    ] {
        let input = Input::SecurityEvent { event, tech_info };
        bench.input(input).unwrap();
    }
    bench.power_loss();
    bench.forget();
    bench.reconnect();
    bench.advance(MINUTE);
    let told = bench.all_calls("SecurityEventNotification");
    let first = json!({
        "type": "TamperDetectionActivated",
        "timestamp": time,
        "techInfo": "the door is open",
    });
    assert_eq!(told[0], first);
    let names: Vec<_> = told
        .iter()
        .map(|call| call["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        names[1..],
        [
            "InvalidCsmsCertificate",
            "InvalidChargingStationCertificate",
            "StartupOfTheDevice"
        ]
    );
}

#[test]
fn without_being_asked_to_none_is_told() {
    let mut bench = Bench::with(setup());
    let event = SecurityEvent::TamperDetectionActivated;
    let tech_info = "";
    bench
        .input(Input::SecurityEvent { event, tech_info })
        .unwrap();
    bench.advance(MINUTE);
    assert!(bench.all_calls("SecurityEventNotification").is_empty());
}
