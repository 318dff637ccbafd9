//! How a scenario ended.

use std::time::Duration;

use super::{step::Side, yaml::Place};

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Passed,
    Failed(Failure),
    /// It was not to be had at this central system; why.
    Skipped(String),
}

/// What was not as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub place: Place,
    /// The step, in one line.
    pub step: String,
    pub expected: String,
    pub found: String,
}

/// A frame for a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Since the scenario began.
    pub at_ms: u64,
    pub by: Side,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    pub verdict: Verdict,
    pub took: Duration,
    /// The last ones.
    pub frames: Vec<Frame>,
    /// Where frames of the central system were not to the letter of OCPP 1.6.
    pub deviations: Vec<String>,
}
