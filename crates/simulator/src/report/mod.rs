//! What the simulator tells its user, as a timeline for people or as JSON for programs.

mod json;
mod summary;
mod timeline;

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::Sender,
    time::Instant,
};

use ocpp::{
    station::TransactionState,
    v16::{
        AuthorizationStatus, ChargePointError, DataTransferStatus, IdTag, Reason,
        RegistrationStatus, ResetType, Status, UnlockStatus,
    },
};

use crate::exchange::{Direction, Exchange};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Connected {
        url: String,
    },
    Disconnected {
        reason: String,
    },
    Frame {
        direction: Direction,
        text: String,
        exchange: Exchange,
    },
    /// The frame that was told before is not to the letter of OCPP 1.6.
    Deviation {
        exchange: Exchange,
        /// Where in it: `chargingProfile.chargingSchedule.duration`.
        field: String,
        /// What is wrong there.
        rule: String,
    },
    Registered(RegistrationStatus),
    Status {
        connector: u8,
        status: Option<Status>,
        error: ChargePointError,
        /// Only when the user asked.
        condition: Option<Condition>,
    },
    Authorization {
        connector: u8,
        id_tag: IdTag,
        status: AuthorizationStatus,
    },
    RemoteStart {
        connector: u8,
        id_tag: IdTag,
    },
    Transaction {
        connector: u8,
        state: TransactionState,
        transaction_id: Option<i32>,
        id_tag: Option<IdTag>,
        reason: Option<Reason>,
    },
    /// Watts that may flow; nothing for as many as the vehicle takes.
    Limit {
        connector: u8,
        watts: Option<u32>,
    },
    Configuration {
        key: &'static str,
        value: String,
    },
    Unlock {
        connector: u8,
        status: UnlockStatus,
    },
    /// The central system answered a DataTransfer; nothing for no answer.
    DataTransfer(Option<DataTransferStatus>),
    Reset(ResetType),
    /// The charge point starts again.
    Boot,
    Error {
        message: String,
    },
    Help,
    /// A command is carried out.
    Command(String),
    /// The next chapter of a demonstration.
    Chapter(String),
}

/// The state of a connector beyond its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub plugged: bool,
    pub power_w: u32,
    pub register_wh: i32,
    pub state_of_charge: Option<u8>,
    pub transaction_id: Option<i32>,
    pub id_tag: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Timeline { colours: bool },
    Json,
}

/// Where happenings are told.
#[derive(Clone, Debug)]
pub struct Report {
    started: Instant,
    form: Form,
    observer: Option<Sender<(u64, Happening)>>,
    broken: bool,
}

impl Report {
    /// A timeline on standard output, in colours where that is a terminal.
    pub fn timeline(started: Instant) -> Self {
        // https://no-color.org
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colours = wanted && io::stdout().is_terminal();
        Self::new(started, Form::Timeline { colours })
    }

    /// JSON on standard output, one object a line.
    pub fn json(started: Instant) -> Self {
        Self::new(started, Form::Json)
    }

    fn new(started: Instant, form: Form) -> Self {
        Self {
            started,
            form,
            observer: None,
            broken: false,
        }
    }

    /// The same report, that somebody else listens to: milliseconds, and what happened then.
    pub fn observed_by(mut self, observer: Sender<(u64, Happening)>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// True when standard output was closed: nobody reads on.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    pub fn tell(&mut self, happening: Happening) {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let text = match self.form {
            Form::Json => json::line(millis, &happening),
            Form::Timeline { colours } => timeline::lines(millis, &happening, colours),
        };
        if let Some(text) = text {
            self.print(&text);
        }
        if let Some(observer) = &self.observer {
            // An observer that has seen enough is none.
            let _ = observer.send((millis, happening));
        }
    }

    pub fn error(&mut self, message: impl Into<String>) {
        self.tell(Happening::Error {
            message: message.into(),
        });
    }

    /// Prints lines that are no happening.
    pub fn print(&mut self, text: &str) {
        let mut output = io::stdout().lock();
        let printed = writeln!(output, "{text}").and_then(|()| output.flush());
        self.broken |= printed.is_err();
    }
}

/// The name of a transaction's state.
fn state_name(state: TransactionState) -> &'static str {
    match state {
        TransactionState::Started => "started",
        TransactionState::Accepted => "accepted",
        TransactionState::Refused => "refused",
        TransactionState::Stopped => "stopped",
        TransactionState::Reported => "reported",
    }
}
