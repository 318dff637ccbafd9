//! DataTransfer in both directions (OCPP 1.6, 4.3 and 5.6).

use ocpp::{
    domain::DataTransferStatus,
    limits::DATA_LENGTH,
    station::{CallFailure, Event, Input, Refused},
    wire::ErrorCode,
};
use serde_json::{Value, json};

use crate::support::{Bench, Reply, SECOND};

fn from_known_vendor() -> Value {
    json!({ "vendorId": "com.example", "messageId": "Colour", "data": "blue" })
}

#[test]
fn an_unknown_vendor() {
    let mut bench = Bench::new();
    let transfer = json!({ "vendorId": "org.other", "data": "x" });
    assert_eq!(bench.status_of("DataTransfer", transfer), "UnknownVendorId");
    assert!(!bench.saw(&Event::DataTransferReceived));
}

#[test]
fn the_application_answers_for_its_vendors() {
    for (answer, expected) in [
        (
            (DataTransferStatus::Accepted, None),
            json!({ "status": "Accepted" }),
        ),
        (
            (DataTransferStatus::Accepted, Some("a \"b\" é😀\n")),
            json!({ "status": "Accepted", "data": "a \"b\" é😀\n" }),
        ),
        (
            (DataTransferStatus::Rejected, None),
            json!({ "status": "Rejected" }),
        ),
        (
            (DataTransferStatus::UnknownMessageId, None),
            json!({ "status": "UnknownMessageId" }),
        ),
    ] {
        let mut bench = Bench::new();
        bench.vendor_answer = Some(answer);
        assert_eq!(bench.call("DataTransfer", from_known_vendor()), expected);
        assert!(bench.saw(&Event::DataTransferReceived));
    }
}

#[test]
fn the_application_reads_what_was_sent() {
    let mut bench = Bench::new();
    bench.vendor_answer = None;
    let odd = "é\"\\/\n\u{1}😀";
    let transfer = json!({ "vendorId": "COM.example", "messageId": odd, "data": odd });
    let id = bench.ask("DataTransfer", transfer);
    let received = bench.received_data_transfer().unwrap();
    assert_eq!(received.vendor_id, "com.example");
    assert_eq!(received.message_id, Some(odd));
    assert_eq!(received.payload, Some(odd));
    let accepted = Input::DataTransferAnswer {
        status: DataTransferStatus::Accepted,
        payload: None,
    };
    assert_eq!(bench.input(accepted), Ok(()));
    assert_eq!(bench.answer(&id)["status"], "Accepted");
    assert!(bench.received_data_transfer().is_none());
}

#[test]
fn fields_that_were_not_sent_are_not_there() {
    let mut bench = Bench::new();
    bench.vendor_answer = None;
    bench.ask("DataTransfer", json!({ "vendorId": "com.example" }));
    let received = bench.received_data_transfer().unwrap();
    assert_eq!((received.message_id, received.payload), (None, None));
}

#[test]
fn an_application_that_says_nothing_leaves_no_question_open() {
    let mut bench = Bench::new();
    bench.vendor_answer = None;
    let id = bench.ask("DataTransfer", from_known_vendor());
    bench.advance(30 * SECOND);
    assert_eq!(bench.answer(&id)["status"], "Rejected");
    let late = Input::DataTransferAnswer {
        status: DataTransferStatus::Accepted,
        payload: None,
    };
    assert_eq!(bench.input(late), Err(Refused::Unexpected));
}

#[test]
fn data_as_long_as_the_station_can_hold_arrives_and_longer_is_rejected() {
    let mut bench = Bench::new();
    for (length, status) in [
        (DATA_LENGTH, "Accepted"),
        (DATA_LENGTH + 1, "Rejected"),
        (100_000, "Rejected"),
    ] {
        let transfer = json!({ "vendorId": "com.example", "data": "x".repeat(length) });
        assert_eq!(
            bench.status_of("DataTransfer", transfer),
            status,
            "{length}"
        );
    }
}

#[test]
fn an_answer_that_does_not_fit_is_an_error_and_not_cut_off() {
    let mut bench = Bench::new();
    let long: &'static str = "x".repeat(5_000).leak();
    bench.vendor_answer = Some((DataTransferStatus::Accepted, Some(long)));
    assert_eq!(
        bench.call_error("DataTransfer", from_known_vendor()),
        "InternalError"
    );
    bench.vendor_answer = Some((DataTransferStatus::Accepted, None));
    assert_eq!(
        bench.status_of("DataTransfer", from_known_vendor()),
        "Accepted"
    );
}

#[test]
fn the_application_sends_and_hears_what_became_of_it() {
    for (status, expected) in [
        ("Accepted", DataTransferStatus::Accepted),
        ("Rejected", DataTransferStatus::Rejected),
        ("UnknownMessageId", DataTransferStatus::UnknownMessageId),
        ("UnknownVendorId", DataTransferStatus::UnknownVendorId),
    ] {
        let mut bench = Bench::new();
        bench.reply_once("DataTransfer", Reply::Result(json!({ "status": status })));
        let transfer = Input::DataTransfer {
            vendor_id: "org.vendor",
            message_id: Some("Colour"),
            payload: Some("\"blue\" é"),
        };
        assert_eq!(bench.input(transfer), Ok(()));
        assert_eq!(
            bench.expect_call("DataTransfer"),
            json!({ "vendorId": "org.vendor", "messageId": "Colour", "data": "\"blue\" é" })
        );
        assert!(bench.saw(&Event::DataTransferAnswered(Some(expected))));
    }
}

#[test]
fn the_application_sends_a_vendor_only() {
    let mut bench = Bench::new();
    let transfer = Input::DataTransfer {
        vendor_id: "org.vendor",
        message_id: None,
        payload: None,
    };
    assert_eq!(bench.input(transfer), Ok(()));
    assert_eq!(
        bench.expect_call("DataTransfer"),
        json!({ "vendorId": "org.vendor" })
    );
}

#[test]
fn the_application_hears_when_there_is_no_answer() {
    let error = CallFailure::Error(ErrorCode::InternalError);
    for (reply, failure) in [
        (Reply::Never, Some(CallFailure::Timeout)),
        (Reply::Error("InternalError"), Some(error)),
        (Reply::Result(json!({})), Some(CallFailure::BadAnswer)),
        (Reply::Cut, None),
    ] {
        let mut bench = Bench::new();
        bench.reply_once("DataTransfer", reply);
        let transfer = Input::DataTransfer {
            vendor_id: "org.vendor",
            message_id: None,
            payload: None,
        };
        assert_eq!(bench.input(transfer), Ok(()));
        bench.advance(30 * SECOND);
        assert!(bench.saw(&Event::DataTransferAnswered(None)), "{failure:?}");
        if let Some(failure) = failure {
            let action = "DataTransfer";
            assert!(bench.saw(&Event::CallFailed { action, failure }));
        }
        assert_eq!(bench.all_calls("DataTransfer").len(), 1, "{failure:?}");
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut bench = Bench::new();
    let long: &'static str = "x".repeat(5_000).leak();
    let transfer = |vendor_id, message_id, payload| Input::DataTransfer {
        vendor_id,
        message_id,
        payload,
    };
    for input in [
        transfer(&long[..256], None, None),
        transfer("v", Some(&long[..51]), None),
        transfer("v", None, Some(long)),
    ] {
        assert_eq!(bench.input(input), Err(Refused::BadLength));
    }
    bench.reply_once("DataTransfer", Reply::Never);
    assert_eq!(
        bench.input(transfer(&long[..255], Some(&long[..50]), None)),
        Ok(())
    );
    assert_eq!(bench.input(transfer("v", None, None)), Err(Refused::Busy));
    bench.disconnect();
    assert_eq!(
        bench.input(transfer("v", None, None)),
        Err(Refused::Offline)
    );
}
