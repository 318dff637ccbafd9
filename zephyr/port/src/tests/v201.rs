//! OCPP 2.0.1 behind the same calls.

use super::*;

/// What the central system says to CALLs, the one to TransactionEvent first.
fn answers(event: &'static str) -> [(&'static str, &'static str); 3] {
    let [boot, ..] = ANSWERS;
    let authorized = ("Authorize", r#"{"idTokenInfo":{"status":"Accepted"}}"#);
    [("TransactionEvent", event), boot, authorized]
}

/// What was said of the last transaction that began, kinds of events: the end of the one before may
/// go in front of them.
fn events() -> Vec<&'static str> {
    let kinds = ["Started", "Updated", "Ended"];
    let frames = host::wire(|wire| wire.frames.clone());
    let kind = |frame: &String| {
        let is_it = |kind: &&&str| frame.contains(&std::format!(r#""eventType":"{kind}""#));
        kinds.iter().find(is_it).copied()
    };
    let mut events: Vec<_> = frames.iter().filter_map(kind).collect();
    let begin = events.iter().rposition(|kind| *kind == "Started");
    events.split_off(begin.unwrap_or(0))
}

#[test]
fn a_session_is_told_as_events() {
    let accepted = r#"{"idTokenInfo":{"status":"Accepted"}}"#;
    let _turn = Turn::speaking(Version::V201, &answers(accepted));
    assert_eq!(host::wire(|wire| wire.offered.clone()), "ocpp2.0.1");
    let mut session = charge("a-driver-with-a-token-of-36-letters!");
    assert_eq!(events(), ["Started"]);
    let name = |line: &String| line.ends_with(" at connector 1 accepted");
    assert!(host::lines().iter().any(name), "{:?}", host::lines());
    assert_eq!(session.stop_transaction(7, LONG_MS), Ok(()));
    assert_eq!(events(), ["Started", "Ended"]);
    assert!(!called("StartTransaction"));
}

/// The name of a transaction is no sign that the central system knows it.
#[test]
fn a_start_waits_for_its_answer() {
    let accepted = r#"{"idTokenInfo":{"status":"Accepted"}}"#;
    let _turn = Turn::speaking(Version::V201, &answers(accepted));
    let mut session = Session::open().unwrap();
    let id_tag = || IdToken::try_from("DRIVER").unwrap();
    session.authorize(id_tag(), LONG_MS).unwrap();
    host::wire(|wire| wire.holds = |action| action == "TransactionEvent");
    let starting = thread::spawn(move || {
        let started = session.start_transaction(1, 0, LONG_MS);
        (session, started)
    });
    assert!(wait_until(|| called("TransactionEvent"), PATIENCE));
    assert_eq!(CALLS.with(|calls| calls.under_way()), 1);
    host::wire(|wire| wire.release());
    let (mut session, started) = starting.join().unwrap();
    assert_eq!(started, Ok(()));
    assert_eq!(session.stop_transaction(1, LONG_MS), Ok(()));

    host::wire(|wire| {
        wire.answers = answers(r#"{"idTokenInfo":{"status":"Blocked"}}"#).into();
    });
    session.authorize(id_tag(), LONG_MS).unwrap();
    let started = session.start_transaction(1, 0, LONG_MS);
    assert_eq!(started, Err(Error::Refused));
    // Nothing of it is left for the next test.
    let is_over = || events() == ["Started", "Ended"];
    assert!(wait_until(is_over, PATIENCE), "{:?}", events());
}
