//! Certificates and signatures, which the connect thread looks at.

use core::ffi::c_int;

use super::*;
use crate::api::{ocpp_report_security_event, ocpp_security_event};

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

fn configure(key: &str, value: &str) {
    let payload = std::format!(r#"{{"key":"{key}","value":"{value}"}}"#);
    call("ChangeConfiguration", &payload);
    assert!(answers(ACCEPTED));
}

fn is_sent(words: &str) -> bool {
    let has_words = |frame: &String| frame.contains(words);
    wait_until(
        || host::wire(|wire| wire.frames.iter().any(has_words)),
        PATIENCE,
    )
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
    configure("CpoName", "Operator");
    call(
        "ExtendedTriggerMessage",
        r#"{"requestedMessage":"SignChargePointCertificate"}"#,
    );
    assert!(answers(ACCEPTED));
    assert!(is_sent("request of Operator for CP1"));
    issue("good next");
    assert!(answers(ACCEPTED));
}

#[test]
fn the_application_asks_for_a_certificate_once_its_operator_is_known() {
    let _turn = Turn::online();
    host::wire(|wire| wire.answers.push(("SignCertificate", ACCEPTED)));
    assert_eq!(charge_point::request_certificate(), Err(Error::NotNow));
    configure("CpoName", "Another");
    assert_eq!(charge_point::request_certificate(), Ok(()));
    assert!(is_sent("request of Another for CP1"));
}

#[test]
fn the_application_reports_what_security_depends_on() {
    let _turn = Turn::online();
    // SAFETY: all of these are null or C strings.
    let report = |event, info| unsafe { ocpp_report_security_event(event, info) };
    let tampered = ocpp_security_event::OCPP_SECURITY_EVENT_TAMPER_DETECTION_ACTIVATED as c_int;
    assert_eq!(report(tampered, c"lid".as_ptr()), 0);
    let is_said = |line: &String| line.ends_with("security: TamperDetectionActivated lid");
    assert!(wait_until(|| host::lines().iter().any(is_said), PATIENCE));
    assert_eq!(report(tampered, core::ptr::null()), 0);
    let invalid = Error::Invalid.number();
    assert_eq!(report(tampered, c"\xff".as_ptr()), invalid);
    assert_eq!(report(18, core::ptr::null()), invalid);
    assert_eq!(report(-1, core::ptr::null()), invalid);
}

#[cfg(feature = "shell")]
#[test]
fn the_shell_shows_certificates() {
    use crate::shell::ocpp_port_shell_certificates;
    let run = || {
        // SAFETY: the shell is not looked at, and there is no argument.
        let returned =
            unsafe { ocpp_port_shell_certificates(core::ptr::null(), 0, core::ptr::null()) };
        assert_eq!(returned, 0);
        host::printed()
    };
    let _turn = Turn::online();
    assert_eq!(run(), "no certificates\n");
    install("good");
    assert!(answers(ACCEPTED));
    let shown = "0   CentralSystemRootCertificate, until 2027-01-01T00:00:00Z\n    \
                 SHA256 of the issuer's name 0a\n    SHA256 of the issuer's key  0a\n    \
                 serial number 0a\n";
    assert_eq!(run(), shown);
}

#[cfg(feature = "shell")]
#[test]
fn the_status_says_whether_tls_is_used() {
    let status = || {
        let arguments = [c"status".as_ptr()];
        // SAFETY: the shell is not looked at, and there is one argument.
        let returned = unsafe {
            crate::shell::ocpp_port_shell_status(core::ptr::null(), 1, arguments.as_ptr())
        };
        assert_eq!(returned, 0);
        host::printed()
    };
    for (uses_tls, url) in [(true, " wss://host:1/CP1\n"), (false, " ws://host:1/CP1\n")] {
        let _turn = Turn::take();
        let server = Server {
            uses_tls,
            ..Server::new("host", 1, "/CP1").speaking(Version::V16)
        };
        start_at(&server).unwrap();
        let said = status();
        assert!(said.contains(url), "{said}");
    }
}
