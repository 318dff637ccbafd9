//! What central systems in use were seen to send to limit what a vehicle draws.

use ocpp::domain::{Measurand, Status};
use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, SECOND};

/// evcc limits with a TxDefaultProfile, Absolute, that began a minute ago; 0 is a pause. Then it looks
/// for SuspendedEVSE, or for a Current.Offered of 0.
#[test]
fn evcc_pauses_and_goes_on() {
    let mut bench = Bench::new();
    bench.charge(1, "EVCC");
    let profile = |bench: &Bench, limit: f64| {
        let ago = bench.utc_at(bench.now().saturating_sub(MINUTE));
        json!({
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": {
                    "startSchedule": ago,
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": limit }],
                },
            },
        })
    };
    let set = |bench: &mut Bench, limit: f64| {
        bench.advance(2 * MINUTE);
        bench.forget();
        let request = profile(bench, limit);
        assert_eq!(bench.status_of("SetChargingProfile", request), "Accepted");
        bench.advance(SECOND);
    };
    set(&mut bench, 16.0);
    assert_eq!(bench.amperes(1), Some(16.0));
    assert_eq!(bench.status(1), Some(Status::Charging));
    set(&mut bench, 0.0);
    bench.expect_status(1, "SuspendedEVSE");
    assert!(!bench.has_energy(1));
    set(&mut bench, 6.0);
    bench.expect_status(1, "Charging");
    assert!(bench.has_energy(1));
    // It is limited by the same profile when the next vehicle comes.
    set(&mut bench, 0.0);
    bench.unplug(1);
    bench.charge(1, "NEXT");
    assert_eq!(bench.status(1), Some(Status::SuspendedEvse));
    assert!(bench.wants(Measurand::EnergyActiveImportRegister));
}

/// Home Assistant asks what can be limited, then tries one purpose after the other until one is
/// accepted: the whole charge point as Relative, which the specification forbids, then the transaction,
/// then the default, without validFrom or duration.
#[test]
fn home_assistant_finds_a_purpose() {
    let mut bench = Bench::new();
    assert!(
        bench
            .get("SupportedFeatureProfiles")
            .contains("SmartCharging")
    );
    assert!(
        bench
            .get("ChargingScheduleAllowedChargingRateUnit")
            .contains("Current")
    );
    let highest: i32 = bench.get("ChargeProfileMaxStackLevel").parse().unwrap();
    let profile = |level: i32, purpose: &str, limit: i32| {
        json!({
            "chargingProfileId": 8,
            "stackLevel": level,
            "chargingProfileKind": "Relative",
            "chargingProfilePurpose": purpose,
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": limit }],
            },
        })
    };
    let ask = |bench: &mut Bench, connector: u8, profile: Value| {
        let request = json!({ "connectorId": connector, "csChargingProfiles": profile });
        bench.status_of("SetChargingProfile", request)
    };
    let whole = profile(highest, "ChargePointMaxProfile", 10);
    assert_eq!(ask(&mut bench, 0, whole.clone()), "Rejected");
    // No transaction runs.
    assert_eq!(
        ask(&mut bench, 0, profile(highest - 1, "TxDefaultProfile", 10)),
        "Accepted"
    );
    assert_eq!(bench.amperes(1), Some(10.0));
    bench.charge(1, "TAG");
    assert_eq!(ask(&mut bench, 0, whole), "Rejected");
    let mut own = profile(highest, "TxProfile", 12);
    own["transactionId"] = bench.last_transaction_id().into();
    assert_eq!(ask(&mut bench, 1, own), "Accepted");
    // The same id: it takes the place of the default.
    assert_eq!((bench.amperes(1), bench.amperes(2)), (Some(12.0), None));
    bench.tag(1, "TAG");
    assert_eq!(bench.amperes(1), None);
    assert_eq!(
        bench.clear_profiles(json!({ "chargingProfilePurpose": "ChargePointMaxProfile" })),
        "Unknown"
    );
}
