//! The steps of a scenario, as a file has them.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use super::yaml::Place;

/// Something that is done or awaited.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub place: Place,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A command of standard input.
    Do(String),
    Wait(Duration),
    /// Awaited, in any order.
    Expect(Vec<Expectation>),
    /// What must not happen, from the last match on until so long from now.
    Never(Vec<Expectation>, Duration),
    Operator(Order),
    /// Variables.
    Let(Vec<(String, Value)>),
    Repeat {
        times: u32,
        /// The variable that counts from 1.
        counter: Option<String>,
        steps: Vec<Step>,
    },
    Each {
        variable: String,
        values: Vec<Value>,
        steps: Vec<Step>,
    },
    /// The steps of another file, with these variables.
    Include(Vec<(String, Value)>, Vec<Step>),
}

/// Something that is awaited.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    pub place: Place,
    pub what: Awaited,
    /// How long it may take; the scenario's own where this is not said.
    pub within: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Awaited {
    /// A CALL and its answer.
    Call {
        by: Side,
        action: String,
        with: Value,
        outcome: Outcome,
    },
    /// An event as `--json` has it.
    Event { name: String, with: Value },
}

/// Who makes a CALL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Station,
    CentralSystem,
}

/// What a CALL has to be answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A CALLRESULT like this.
    Answer(Value),
    /// A CALLERROR with a code like this.
    Error(Value),
    /// It is not looked at.
    Ignored,
}

/// What the central system has to be brought to.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// For a person.
    pub text: Option<String>,
    pub deed: Deed,
    /// How it is brought about in this step, in place of the scenario's hook.
    pub hook: Option<Hook>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It sends a CALL, which is awaited then.
    Send {
        action: String,
        payload: Value,
        /// What it has to be like, where that is not the payload itself.
        like: Option<Value>,
        outcome: Outcome,
        within: Option<Duration>,
    },
    /// It signs a request for a certificate, and sends the chain with CertificateSigned, which is awaited then.
    Sign {
        request: String,
        /// What the CALL has to be like.
        like: Value,
        outcome: Outcome,
        within: Option<Duration>,
    },
    /// It knows something from now on: `idTag`, `boot`, `password`, `profile`, `csr`.
    Know { what: String, value: Value },
    /// Only its text says it.
    Told,
}

/// How a central system is made to act. Its texts have variables; `${order}` is the order as JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Hook {
    /// A command line: words, with quotes where a word has spaces. The order is on its standard input. Run in
    /// the directory of the file.
    Run { words: Vec<String>, folder: PathBuf },
    /// A request over HTTP; without a body the order is the body.
    Http {
        method: String,
        url: String,
        body: Option<Value>,
    },
}
