//! What a build answers that leaves a feature profile out: `cargo test -p ocpp --no-default-features
//! --features v16 --test scenarios absent_profiles`.

use serde_json::json;

use crate::support::Bench;

#[test]
fn without_a_local_list_its_version_is_told_as_none() {
    let mut bench = Bench::new();
    // OCPP 1.6, 5.10.
    let answer = bench.call("GetLocalListVersion", json!({}));
    assert_eq!(answer["listVersion"], -1);
    let update = json!({ "listVersion": 1, "updateType": "Full" });
    assert_eq!(bench.call_error("SendLocalList", update), "NotSupported");
    assert_eq!(bench.get("SupportedFeatureProfiles"), "Core,RemoteTrigger");
    let answer = bench.call(
        "GetConfiguration",
        json!({ "key": ["LocalAuthListEnabled"] }),
    );
    assert_eq!(answer["unknownKey"], json!(["LocalAuthListEnabled"]));
}
