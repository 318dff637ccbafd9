//! What a build answers that leaves the feature profiles out: `cargo xtask test absent-profiles`.

use serde_json::json;

use crate::support::Bench;

#[test]
fn a_build_without_them_says_so() {
    let mut bench = Bench::new();
    // OCPP 1.6, 5.10.
    let answer = bench.call("GetLocalListVersion", json!({}));
    assert_eq!(answer["listVersion"], -1);
    let update = json!({ "listVersion": 1, "updateType": "Full" });
    assert_eq!(bench.call_error("SendLocalList", update), "NotSupported");
    assert_eq!(bench.get("SupportedFeatureProfiles"), "Core,RemoteTrigger");
    for (action, payload) in [
        ("CancelReservation", json!({ "reservationId": 1 })),
        (
            "ReserveNow",
            json!({
                "connectorId": 1,
                "expiryDate": "2027-01-01T00:00:00Z",
                "idTag": "A",
                "reservationId": 1,
            }),
        ),
        ("ClearChargingProfile", json!({})),
        (
            "GetCompositeSchedule",
            json!({ "connectorId": 1, "duration": 60 }),
        ),
        ("GetDiagnostics", json!({ "location": "ftp://a/b" })),
    ] {
        assert_eq!(bench.call_error(action, payload), "NotSupported");
    }
    let answer = bench.call(
        "GetConfiguration",
        json!({ "key": ["LocalAuthListEnabled"] }),
    );
    assert_eq!(answer["unknownKey"], json!(["LocalAuthListEnabled"]));
}
