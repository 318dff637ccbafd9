//! The operations: which calls of the station each of them is.

use std::ops::Range;

use ocpp::{domain::IdToken, station::Input};

use crate::bench::{Bench, Next, id};

/// The calls that make an operation up, and the frame it is about.
pub struct Operation {
    pub calls: Range<usize>,
    pub frame: String,
}

/// How an operation is found and done on a station that has not booted yet.
pub type Run = fn(&mut Bench<'_>) -> Operation;

/// All of them.
pub const OPERATIONS: &[(&str, Run)] = &[
    ("F1", authorize_built),
    ("F2", meter_values_built),
    ("F3", answer_of_one_field_taken),
    ("F4", answer_of_three_fields_taken),
    ("F5", change_configuration),
    ("F5-settled", change_configuration_to_the_end),
    ("F7", start_transaction_built),
    ("idle", idle),
    ("sent", queued_message_sent),
    ("delivered", queued_message_delivered),
    ("session", session),
    #[cfg(feature = "smart-charging")]
    ("F8", charging_profile),
    #[cfg(feature = "smart-charging")]
    ("F9", charging_limit),
];

/// A driver presents an idTag.
fn present_tag(bench: &mut Bench<'_>) {
    let (connector, id_tag) = (1, &IdToken::try_from("ZepId00").unwrap());
    bench.handle(Input::Tag { connector, id_tag });
}

const CHANGE: &str = r#"[2,"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4","ChangeConfiguration",{"key":"MeterValueSampleInterval","value":"5"}]"#;

/// The poll that puts a frame out.
fn built((frame, at): (String, usize)) -> Operation {
    let calls = at..at + 1;
    Operation { calls, frame }
}

fn authorize_built(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    present_tag(bench);
    built(bench.until_call("Authorize"))
}

fn meter_values_built(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    bench.begin(1);
    bench.now = bench.settle();
    bench.register = 1_234_567;
    built(bench.until_call("MeterValues"))
}

fn start_transaction_built(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    bench.now = 5_000;
    present_tag(bench);
    bench.settle();
    bench.handle(Input::Plugged(1));
    built(bench.until_call("StartTransaction"))
}

fn authorize_answered(bench: &mut Bench<'_>, payload: &str) -> Operation {
    bench.ready();
    present_tag(bench);
    let (call, _) = bench.until_call("Authorize");
    let frame = format!(r#"[3,"{}",{payload}]"#, id(&call));
    let from = bench.at();
    bench.handle(Input::Frame(frame.as_bytes()));
    let calls = from..bench.at();
    Operation { calls, frame }
}

fn answer_of_one_field_taken(bench: &mut Bench<'_>) -> Operation {
    authorize_answered(bench, r#"{"idTagInfo":{"status":"Accepted"}}"#)
}

fn answer_of_three_fields_taken(bench: &mut Bench<'_>) -> Operation {
    let fields =
        r#""status":"Accepted","expiryDate":"2026-12-31T23:59:59Z","parentIdTag":"PARENT01""#;
    authorize_answered(bench, &format!(r#"{{"idTagInfo":{{{fields}}}}}"#))
}

/// Taken, applied and answered.
fn change_configuration(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    let from = bench.at();
    bench.handle(Input::Frame(CHANGE.as_bytes()));
    let Next::Sent(frame) = bench.next() else {
        panic!("the answer is not the first thing to do");
    };
    let calls = from..bench.at();
    Operation { calls, frame }
}

/// [`change_configuration`], and everything after it until the station waits.
fn change_configuration_to_the_end(bench: &mut Bench<'_>) -> Operation {
    let Operation { calls, frame } = change_configuration(bench);
    bench.settle();
    let calls = calls.start..bench.at();
    Operation { calls, frame }
}

/// A poll with nothing to do.
fn idle(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    let from = bench.at();
    let Next::Wait(until) = bench.next() else {
        panic!("something to do");
    };
    let calls = from..bench.at();
    let frame = format!("until {until}");
    Operation { calls, frame }
}

/// The poll that puts the next of the waiting messages out.
fn queued_message_sent(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    built(bench.until_call("MeterValues"))
}

/// Its answer taken.
fn queued_message_delivered(bench: &mut Bench<'_>) -> Operation {
    let Operation { frame, .. } = queued_message_sent(bench);
    let from = bench.at();
    bench.answer();
    let calls = from..bench.at();
    Operation { calls, frame }
}

/// Boot, idTag, plug, ten meter values, stop; every answer taken.
fn session(bench: &mut Bench<'_>) -> Operation {
    let from = bench.at();
    bench.settle();
    bench.begin(1);
    for _ in 0..10 {
        bench.now = bench.settle();
        bench.register += 100;
    }
    bench.settle();
    present_tag(bench);
    bench.settle();
    bench.handle(Input::Unplugged(1));
    bench.settle();
    let calls = from..bench.at();
    let frame = format!("{} messages left", bench.queued());
    Operation { calls, frame }
}

/// SetChargingProfile with that id, level and periods, which are a minute long.
#[cfg(feature = "smart-charging")]
fn profile(id: usize, level: usize, connector: usize, periods: usize) -> String {
    let period = |n| {
        let limit = 6 + n % 11;
        format!(
            r#"{{"startPeriod":{},"limit":{limit}.0,"numberPhases":3}}"#,
            60 * n
        )
    };
    let periods: Vec<_> = (0..periods).map(period).collect();
    format!(
        r#"[2,"b3a4e1f0-6c1d-4e52-9d1f-0a7f2c9e11d4","SetChargingProfile",{{"connectorId":{connector},"csChargingProfiles":{{"chargingProfileId":{id},"stackLevel":{level},"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":"Absolute","validFrom":"2026-01-01T00:00:00Z","validTo":"2027-01-01T00:00:00Z","chargingSchedule":{{"startSchedule":"2026-01-01T00:00:00Z","chargingRateUnit":"A","chargingSchedulePeriod":[{}]}}}}}}]"#,
        periods.join(",")
    )
}

#[cfg(feature = "smart-charging")]
fn take_profile(bench: &mut Bench<'_>, profile: &str) -> String {
    bench.handle(Input::Frame(profile.as_bytes()));
    let Next::Sent(frame) = bench.next() else {
        panic!("the answer is not the first thing to do");
    };
    frame
}

/// One of 24 periods taken, stored and answered.
#[cfg(feature = "smart-charging")]
fn charging_profile(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    let frame = profile(7, 3, 1, 24);
    let from = bench.at();
    let frame = take_profile(bench, &frame);
    let calls = from..bench.at();
    Operation { calls, frame }
}

/// Ten profiles: the poll in which the limit of a connector becomes another one and is told.
#[cfg(feature = "smart-charging")]
fn charging_limit(bench: &mut Bench<'_>) -> Operation {
    bench.ready();
    for n in 0..10 {
        take_profile(bench, &profile(n, n, 1, 24));
        bench.settle();
    }
    // What comes next is a period's end.
    bench.now = bench.settle();
    let from = bench.at();
    let Next::Done = bench.next() else {
        panic!("no limit is told");
    };
    let calls = from..bench.at();
    let frame = format!("at {}", bench.now);
    Operation { calls, frame }
}
