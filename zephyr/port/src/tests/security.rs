//! Certificates and signatures, which the connect thread looks at.

use super::*;

fn call(action: &str, payload: &str) {
    host::wire(|wire| wire.say(&std::format!(r#"[2,"c","{action}",{payload}]"#)));
}

/// Whether the next answer is that, once it is there.
fn answers(wanted: &str) -> bool {
    let wanted = std::format!(r#"[3,"c",{wanted}]"#);
    let answered = wait_until(
        || host::wire(|wire| wire.results.contains(&wanted)),
        PATIENCE,
    );
    host::wire(|wire| wire.results.clear());
    answered
}

const ACCEPTED: &str = r#"{"status":"Accepted"}"#;
const REJECTED: &str = r#"{"status":"Rejected"}"#;

fn install(certificate: &str) {
    let used = r#""certificateType":"CentralSystemRootCertificate""#;
    let payload = std::format!(r#"{{{used},"certificate":"{certificate}"}}"#);
    call("InstallCertificate", &payload);
}

fn issue(chain: &str) {
    let payload = std::format!(r#"{{"certificateChain":"{chain}"}}"#);
    call("CertificateSigned", &payload);
}

#[test]
fn a_root_is_installed_where_it_is_good() {
    let _turn = Turn::online();
    install("bad");
    assert!(answers(REJECTED));
    install("good");
    assert!(answers(ACCEPTED));
    call(
        "GetInstalledCertificateIds",
        r#"{"certificateType":"CentralSystemRootCertificate"}"#,
    );
    let hash = r#"{"hashAlgorithm":"SHA256","issuerNameHash":"0a","issuerKeyHash":"0a","serialNumber":"0a"}"#;
    let told = std::format!(r#"{{"status":"Accepted","certificateHashData":[{hash}]}}"#);
    assert!(answers(&told));
}

#[test]
fn a_certificate_is_asked_for_and_taken_where_it_is_of_that_key() {
    let _turn = Turn::online();
    host::wire(|wire| wire.answers.push(("SignCertificate", ACCEPTED)));
    // There is no key that it could be of.
    issue("good next");
    assert!(answers(REJECTED));
    call(
        "ChangeConfiguration",
        r#"{"key":"CpoName","value":"Operator"}"#,
    );
    assert!(answers(ACCEPTED));
    call(
        "ExtendedTriggerMessage",
        r#"{"requestedMessage":"SignChargePointCertificate"}"#,
    );
    assert!(answers(ACCEPTED));
    let sent = |frame: &String| frame.contains("request of Operator for CP1");
    assert!(wait_until(
        || host::wire(|wire| wire.frames.iter().any(sent)),
        PATIENCE
    ));
    issue("good next");
    assert!(answers(ACCEPTED));
}
