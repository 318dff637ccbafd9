//! A case and how it is checked.

use ocpp::{
    station::{Event, Input},
    wire::frame::Dropped,
};
use serde_json::json;

use crate::support::{Answer, Bench};

/// What becomes of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// A CALLERROR with that code.
    Error(&'static str),
    /// A CALLRESULT, with that status if it has one.
    Result(Option<&'static str>),
    /// Nothing, for that reason.
    Dropped(Dropped),
}

/// A frame and what has to become of it.
#[derive(Clone, Debug)]
pub struct Case {
    pub frame: Vec<u8>,
    /// The frame is the beginning of a longer one.
    pub cut_off: bool,
    /// The message id, where the frame has one.
    pub id: String,
    pub outcome: Outcome,
}

impl Case {
    pub fn new(frame: impl AsRef<[u8]>, outcome: Outcome) -> Self {
        Self {
            frame: frame.as_ref().to_vec(),
            cut_off: false,
            id: "m".to_owned(),
            outcome,
        }
    }

    fn name(&self) -> String {
        let name = self.frame[..self.frame.len().min(200)].escape_ascii();
        format!("{name} ({} bytes)", self.frame.len())
    }
}

/// Sends each frame to a station with one connector charging and one that waits for its cable.
pub fn check(cases: &[Case]) {
    let mut bench = Bench::new();
    bench.set("ConnectionTimeOut", "0");
    bench.charge(1, "TAG");
    bench.tag(2, "DRIVER");
    bench.forget();
    let before = bench.digest();
    for case in cases {
        check_one(&mut bench, case);
        assert_eq!(bench.digest(), before, "something changed: {}", case.name());
        bench.expect_no_call();
    }
    // All is as before, for the driver as well.
    bench.plug(2);
    bench.find_call("StartTransaction");
    let stop = json!({ "transactionId": 101 });
    assert_eq!(bench.status_of("RemoteStopTransaction", stop), "Accepted");
    bench.find_call("StopTransaction");
}

fn check_one(bench: &mut Bench, case: &Case) {
    let frame = case.frame.as_slice();
    let input = match case.cut_off {
        false => Input::Frame(frame),
        true => Input::FrameTooLong(frame),
    };
    bench.forget();
    let mut answers = bench.odd_frame(input, &case.id);
    let name = case.name();
    assert!(answers.len() <= 1, "two answers: {name}");
    match (case.outcome, answers.pop()) {
        (Outcome::Error(expected), Some(Answer::Error { code, .. })) => {
            assert_eq!(code, expected, "{name}");
        }
        (Outcome::Result(status), Some(Answer::Result(payload))) => {
            assert_eq!(payload["status"].as_str(), status, "{name}");
        }
        (Outcome::Dropped(why), None) => {
            assert_eq!(told(bench), [&Event::FrameDropped(why)], "{name}");
            return;
        }
        (expected, answer) => panic!("{answer:?} instead of {expected:?}: {name}"),
    }
    // An application that was asked has answered; else there is nothing to tell.
    let odd: Vec<_> = told(bench)
        .into_iter()
        .filter(|event| !matches!(event, Event::DataTransferReceived))
        .collect();
    assert!(odd.is_empty(), "{odd:?}: {name}");
}

/// What the application was told, but for what is only for its security log.
fn told(bench: &Bench) -> Vec<&Event> {
    let told = bench.events().iter();
    #[cfg(feature = "security")]
    let told = told.filter(|event| !matches!(event, Event::SecurityEvent { .. }));
    told.collect()
}
