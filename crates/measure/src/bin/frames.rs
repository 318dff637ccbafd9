//! The text of one frame, written into a buffer by the functions that the engine writes it with:
//! what other libraries call building a message. `frames F1` writes the frame of that name once.
//!
//! It is a program of its own, so that what is inlined into the engine does not depend on it.

use std::{hint::black_box, process::ExitCode};

use ocpp::{
    v16::{Context, Measurand, core},
    wire::{Writer, frame},
};

/// 2026-01-01T00:00:00Z.
const TIME: i64 = 1_767_225_600_000;

/// The only function whose instructions count.
#[inline(never)]
fn measured_text(write: fn(&mut Writer<'_>), buffer: &mut [u8]) -> usize {
    let mut w = Writer::new(buffer);
    write(&mut w);
    w.len()
}

fn authorize(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-1-2735491021"), "Authorize");
    core::authorize(w, black_box("ZepId00"));
    frame::end(w);
}

/// With one field more than others send: `context` is always told.
fn meter_values(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-5-2735491021"), "MeterValues");
    core::begin_meter_values(w, black_box(1), black_box(Some(101)));
    core::begin_meter_value(w, black_box(TIME + 10_000));
    let measurand = black_box(Measurand::EnergyActiveImportRegister);
    let context = black_box(Context::SamplePeriodic);
    core::sampled_value(w, context, measurand, black_box(None), black_box(1_234_567));
    core::end_list_and_object(w);
    core::end_list_and_object(w);
    frame::end(w);
}

fn start_transaction(w: &mut Writer<'_>) {
    frame::begin_call(w, black_box("536936448-2-2735491021"), "StartTransaction");
    let (id_tag, time) = black_box(("ZepId00", TIME + 5_000));
    core::start_transaction(w, black_box(1), id_tag, black_box(12_345), time);
    frame::end(w);
}

fn status_answer(w: &mut Writer<'_>) {
    frame::begin_result(w, black_box("b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4"));
    core::status_answer(w, black_box("Accepted"));
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
    let Some(write) = std::env::args().nth(1).as_deref().and_then(writer) else {
        eprintln!("usage: frames F1|F2|F6|F7");
        return ExitCode::from(2);
    };
    let mut buffer = [0; 1024];
    let length = measured_text(write, &mut buffer);
    println!("{}", String::from_utf8_lossy(&buffer[..length]));
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_are_those_of_the_comparison() {
        for (name, expected) in [
            (
                "F1",
                r#"[2,"536936448-1-2735491021","Authorize",{"idTag":"ZepId00"}]"#,
            ),
            (
                "F2",
                r#"[2,"536936448-5-2735491021","MeterValues",{"connectorId":1,"transactionId":101,"meterValue":[{"timestamp":"2026-01-01T00:00:10Z","sampledValue":[{"value":"1234567","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"}]}]}]"#,
            ),
            (
                "F6",
                r#"[3,"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4",{"status":"Accepted"}]"#,
            ),
            (
                "F7",
                r#"[2,"536936448-2-2735491021","StartTransaction",{"connectorId":1,"idTag":"ZepId00","meterStart":12345,"timestamp":"2026-01-01T00:00:05Z"}]"#,
            ),
        ] {
            let mut buffer = [0; 512];
            let length = measured_text(writer(name).unwrap(), &mut buffer);
            assert_eq!(str::from_utf8(&buffer[..length]), Ok(expected));
        }
    }
}
