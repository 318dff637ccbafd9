//! The text of one frame, written into a buffer by the functions that the engine writes it with:
//! what other libraries call building a message. `frames F1` writes the frame of that name once;
//! `frames F3` reads one once, into the values that the engine reads it into.
//!
//! It is a program of its own, so that what is inlined into the engine does not depend on it.
#![allow(clippy::restriction)] // What fails here may panic.

use std::{hint::black_box, process::ExitCode};

use ocpp::{
    domain::{Context, Measurand},
    v16::core_profile::{self, AuthorizeAnswer, IdTagInfo},
    wire::{Frame, Writer, frame, message},
};

/// 2026-01-01T00:00:00Z.
const TIME: i64 = 1_767_225_600_000;

const F3: &str = r#"[3,"536936448-1-2735491021",{"idTagInfo":{"status":"Accepted"}}]"#;
const F4: &str = r#"[3,"536936448-1-2735491021",{"idTagInfo":{"status":"Accepted","expiryDate":"2026-12-31T23:59:59Z","parentIdTag":"PARENT01"}}]"#;

/// Its instructions count, or those of [`measured_read`].
#[inline(never)]
fn measured_text(write: fn(&mut Writer<'_>), buffer: &mut [u8]) -> usize {
    let mut w = Writer::new(buffer);
    write(&mut w);
    w.len()
}

/// The frame told from others, its id compared, its payload checked and read.
#[inline(never)]
fn measured_read<'a>(bytes: &'a [u8], expected_id: &str) -> Option<IdTagInfo<'a>> {
    match Frame::parse(bytes) {
        Ok(Frame::Result { id, payload }) if id.is(expected_id) => {
            let answer: AuthorizeAnswer<'_> = message::answer(payload).ok()?;
            Some(answer.id_tag_info)
        }
        _ => None,
    }
}

fn read(frame: &str) -> Option<IdTagInfo<'_>> {
    measured_read(
        black_box(frame.as_bytes()),
        black_box("536936448-1-2735491021"),
    )
}

fn authorize(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-1-2735491021"), "Authorize");
    core_profile::authorize(w, black_box("ZepId00"));
    frame::end(w);
}

/// With one field more than others send: `context` is always told.
fn meter_values(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-5-2735491021"), "MeterValues");
    core_profile::begin_meter_values(w, black_box(1), black_box(Some(101)));
    core_profile::begin_meter_value(w, black_box(TIME + 10_000));
    let measurand = black_box(Measurand::EnergyActiveImportRegister);
    let context = black_box(Context::SamplePeriodic);
    core_profile::sampled_value(w, context, measurand, black_box(None), black_box(1_234_567));
    core_profile::end_list_and_object(w);
    core_profile::end_list_and_object(w);
    frame::end(w);
}

fn start_transaction(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-2-2735491021"), "StartTransaction");
    let (id_tag, time) = black_box(("ZepId00", TIME + 5_000));
    core_profile::start_transaction(w, black_box(1), id_tag, black_box(12_345), None, time);
    frame::end(w);
}

fn status_answer(w: &mut Writer<'_>) {
    frame::begin_result(w, black_box("\"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4\""));
    core_profile::status_answer(w, black_box("Accepted"));
    frame::end(w);
}

fn writer(name: &str) -> Option<fn(&mut Writer<'_>)> {
    Some(match name {
        "F1" => authorize,
        "F2" => meter_values,
        "F6" => status_answer,
        "F7" => start_transaction,
        _ => return None,
    })
}

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let incoming = match name.as_str() {
        "F3" => Some(F3),
        "F4" => Some(F4),
        _ => None,
    };
    match (incoming, writer(&name)) {
        (Some(frame), _) => println!("{:?}", read(frame)),
        (None, Some(write)) => {
            let mut buffer = [0; 1024];
            let length = measured_text(write, &mut buffer);
            println!("{}", String::from_utf8_lossy(&buffer[..length]));
        }
        (None, None) => {
            eprintln!("usage: frames F1|F2|F3|F4|F6|F7");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use ocpp::domain::AuthorizationStatus;

    use super::*;

    #[test]
    fn the_answers_are_those_of_the_comparison() {
        let one = read(F3).unwrap();
        assert_eq!(one.status, AuthorizationStatus::Accepted);
        assert!(one.expiry_date.is_none() && one.parent_id_tag.is_none());
        let three = read(F4).unwrap();
        assert_eq!(three.status, AuthorizationStatus::Accepted);
        assert_eq!(three.expiry_date, Some(1_798_761_599_000));
        assert!(three.parent_id_tag.is_some_and(|tag| tag.is("PARENT01")));
    }

    #[test]
    fn the_frames_are_those_of_the_comparison() {
        for (name, expected) in [
            (
                "F1",
                r#"[2,"536936448-1-2735491021","Authorize",{"idTag":"ZepId00"}]"#,
            ),
            (
                "F2",
                r#"[2,"536936448-5-2735491021","MeterValues",{"connectorId":1,"transactionId":101,"meterValue":[{"timestamp":"2026-01-01T00:00:10.000Z","sampledValue":[{"value":"1234567","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]"#,
            ),
            (
                "F6",
                r#"[3,"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4",{"status":"Accepted"}]"#,
            ),
            (
                "F7",
                r#"[2,"536936448-2-2735491021","StartTransaction",{"connectorId":1,"idTag":"ZepId00","meterStart":12345,"timestamp":"2026-01-01T00:00:05.000Z"}]"#,
            ),
        ] {
            let mut buffer = [0; 512];
            let length = measured_text(writer(name).unwrap(), &mut buffer);
            assert_eq!(str::from_utf8(&buffer[..length]), Ok(expected));
        }
    }
}
