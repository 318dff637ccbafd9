//! What arrives and is wrong: each kind of it gets the answer the specification gives it or is
//! dropped, changes nothing, and the next good frame is handled normally.
//!
//! A CALL whose id can be read in a JSON text is always answered (OCPP-J 1.6, 4.2.3); a frame
//! that is not JSON, or has no id, cannot be.
#![allow(clippy::restriction)] // What fails here may panic.

mod answers;
mod forms;
mod large;
mod requests;
mod run;
// Each test crate uses its part of the bench.
#[allow(dead_code, unused_imports)]
#[path = "../support/mod.rs"]
mod support;

use ocpp::v16::deviation;
use run::{Case, check};

#[test]
fn what_is_not_json_is_dropped() {
    check(&forms::not_json());
}

#[test]
fn what_is_not_utf_8_is_dropped() {
    check(&forms::not_utf_8());
}

#[test]
fn a_call_without_the_form_of_one_is_a_formation_violation() {
    check(&forms::wrong_form());
}

#[test]
fn a_call_without_a_payload_has_no_fields() {
    check(&forms::no_payload());
}

#[test]
fn an_unknown_message_type_is_dropped() {
    check(&forms::unknown_type());
}

#[test]
fn a_call_without_a_usable_id() {
    check(&forms::ids());
}

#[test]
fn an_unknown_action_is_not_implemented() {
    check(&forms::unknown_action());
}

#[test]
fn a_known_action_of_an_absent_profile_is_not_supported() {
    check(&forms::absent_profile());
}

#[test]
fn escapes_and_surrogates() {
    check(&forms::escapes());
}

#[test]
fn deep_nesting() {
    check(&large::deep());
}

#[test]
fn a_megabyte() {
    check(&large::long());
}

#[test]
fn every_fault_in_every_field_of_every_request() {
    check(&requests::faults());
}

#[test]
fn the_tables_of_deviations_are_those_that_requests_are_read_by() {
    for case in requests::faults() {
        let frame = String::from_utf8(case.frame).unwrap();
        let mut found = Vec::new();
        deviation::find(&frame, None, &mut |place, rule| {
            found.push(format!("{place} {rule}"));
        });
        assert!(!found.is_empty(), "{frame}");
    }
    for frame in requests::good() {
        deviation::find(&frame, None, &mut |place, rule| {
            panic!("{place} {rule}: {frame}");
        });
    }
}

#[test]
fn null_in_any_optional_field_is_an_absent_field() {
    let frame = |action, payload: &str| format!(r#"[2,"m","{action}",{payload}]"#);
    for (action, absent, null) in requests::with_null() {
        let answers = [absent, null].map(|payload| {
            let mut bench = support::Bench::new();
            let frame = frame(action, &payload);
            let answers = bench.odd_frame(ocpp::station::Input::Frame(frame.as_bytes()), "m");
            assert!(
                matches!(answers[..], [support::Answer::Result(_)]),
                "{frame}: {answers:?}"
            );
            let order: Vec<_> = bench.order().into_iter().map(str::to_owned).collect();
            (answers, order)
        });
        let [absent, null] = answers;
        assert_eq!(absent, null, "{action}");
    }
}

#[test]
fn answers_that_no_call_waits_for_are_dropped() {
    check(&answers::unasked());
}

#[test]
fn there_are_as_many_cases_as_promised() {
    let tables: [Vec<Case>; 13] = [
        forms::not_json(),
        forms::not_utf_8(),
        forms::wrong_form(),
        forms::no_payload(),
        forms::unknown_type(),
        forms::ids(),
        forms::unknown_action(),
        forms::absent_profile(),
        forms::escapes(),
        large::deep(),
        large::long(),
        requests::faults(),
        answers::unasked(),
    ];
    let cases: usize = tables.iter().map(Vec::len).sum();
    println!(
        "{cases} malformed frames, and {} malformed answers",
        answers::TO_EVERY_CALL.len()
    );
    assert!(cases >= 200, "{cases}");
}
