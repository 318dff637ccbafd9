//! What the simulator tells its user, as a timeline for people or as JSON for programs.

mod escape;
mod json;
mod observer;
mod output;
mod summary;
mod timeline;

use std::{
    io::{self, IsTerminal},
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};

use ocpp::{
    domain::{
        AuthorizationStatus, ChargePointError, ChargingLimit, DataTransferStatus, FirmwareStatus,
        IdToken, LogStatus, ProfileRaise, Reason, RegistrationStatus, ResetType, SecurityEvent,
        Status, TransactionId, TransferFailure, UnlockStatus,
    },
    station::{ReservationState, TechInfo, TransactionState},
    wire::UnixMillis,
};

use crate::{
    exchange::{Direction, Exchange},
    journal::Journal,
    panel::Feed,
    secrets,
};
pub use json::{EVENTS, event};
pub use observer::{Observed, Observer, observer};
use output::Output;

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
        /// How long it was, where `text` is only its beginning.
        bytes: Option<u64>,
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
        /// Its number, and for whom; only when the user asked.
        reservation: Option<(i32, String)>,
        /// Only when the user asked.
        condition: Option<Condition>,
    },
    Authorization {
        connector: u8,
        id_tag: IdToken,
        status: AuthorizationStatus,
    },
    /// An idTag was presented that may not end what another one began.
    NotOwner {
        connector: u8,
        id_tag: IdToken,
    },
    Reservation {
        connector: u8,
        id: i32,
        id_tag: IdToken,
        state: ReservationState,
    },
    /// An idTag was presented at a connector that is kept for another one.
    ReservedForOther {
        connector: u8,
        id_tag: IdToken,
    },
    RemoteStart {
        connector: u8,
        id_tag: IdToken,
    },
    Transaction {
        connector: u8,
        state: TransactionState,
        transaction_id: Option<TransactionId>,
        id_tag: Option<IdToken>,
        reason: Option<Reason>,
    },
    /// Watts that may flow; nothing for as many as the vehicle takes. With `limit` they follow from
    /// charging profiles; connector 0 is the whole charge point.
    Limit {
        connector: u8,
        watts: Option<u32>,
        limit: Option<ChargingLimit>,
    },
    Configuration {
        key: String,
        value: String,
    },
    /// Something for the security log.
    SecurityEvent {
        event: SecurityEvent,
        info: TechInfo,
    },
    /// How far a raise of the security profile is, to this one or back to it.
    SecurityProfile {
        profile: u8,
        raise: ProfileRaise,
    },
    /// The local authorization list was changed, or the user asked.
    LocalList {
        version: i32,
        entries: usize,
    },
    Unlock {
        connector: u8,
        status: UnlockStatus,
    },
    /// The central system answered a DataTransfer; nothing for no answer.
    DataTransfer(Option<DataTransferStatus>),
    /// How far an update of the firmware is.
    Firmware(FirmwareStatus),
    /// How far the upload of diagnostics is.
    Diagnostics(LogStatus),
    /// A file is on its way, or was.
    Transfer {
        kind: FileKind,
        url: String,
        stage: TransferStage,
    },
    Reset(ResetType),
    /// The charge point starts again.
    Boot,
    Error {
        message: String,
        /// What it is in the words of the security whitepaper, where it has some.
        security_event: Option<SecurityEvent>,
    },
    /// So many lines were dropped because the output was not read.
    Dropped {
        lines: u64,
    },
    Help,
    /// A command is carried out.
    Command(String),
    /// The next chapter of a demonstration.
    Chapter(String),
}

impl Happening {
    /// The same with what is secret in the URLs of files hidden, where there is such.
    fn without_location(&self) -> Option<Self> {
        let Self::Frame { text, .. } = self else {
            return None;
        };
        let shown = secrets::without_location(text);
        if shown == text.as_str() {
            return None;
        }
        let shown = shown.into_owned();
        let mut happening = self.clone();
        if let Self::Frame { text, .. } = &mut happening {
            *text = shown;
        }
        Some(happening)
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::Error {
            message: message.into(),
            security_event: None,
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Firmware,
    Diagnostics,
}

impl FileKind {
    fn name(self) -> &'static str {
        match self {
            Self::Firmware => "firmware",
            Self::Diagnostics => "diagnostics",
        }
    }
}

/// How far a file is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferStage {
    Started {
        attempt: u32,
    },
    Done {
        bytes: u64,
    },
    Failed {
        failure: TransferFailure,
        why: String,
    },
}

/// The state of a connector beyond its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub plugged: bool,
    pub power_w: u32,
    pub register_wh: i32,
    pub state_of_charge: Option<u8>,
    pub transaction_id: Option<TransactionId>,
    pub id_tag: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Timeline { colours: bool },
    Json,
}

/// A happening as an object: what `--json` tells of it. Nothing for one that only people care for.
pub fn object(millis: u64, happening: &Happening) -> Option<serde_json::Value> {
    json::object(millis, happening)
}

/// Where happenings are told.
#[derive(Clone, Debug)]
pub struct Report {
    started: Instant,
    form: Form,
    observer: Option<Observer>,
    feed: Option<Arc<Feed>>,
    /// `None` for a station that only the panel shows.
    output: Option<Output>,
    journal: Arc<Mutex<Journal>>,
}

impl Report {
    /// A timeline on standard output, in colours where that is a terminal.
    pub fn timeline(started: Instant) -> io::Result<Self> {
        // https://no-color.org
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colours = wanted && io::stdout().is_terminal();
        Self::new(started, Form::Timeline { colours })
    }

    /// JSON on standard output, one object a line.
    pub fn json(started: Instant) -> io::Result<Self> {
        Self::new(started, Form::Json)
    }

    /// One like it for another charge point, with a time and a journal of its own.
    pub fn apart(&self, started: Instant) -> Self {
        Self {
            started,
            observer: None,
            journal: Arc::default(),
            ..self.clone()
        }
    }

    /// Nothing is printed.
    pub fn silent(started: Instant) -> Self {
        Self {
            started,
            form: Form::Json,
            observer: None,
            feed: None,
            output: None,
            journal: Arc::default(),
        }
    }

    fn new(started: Instant, form: Form) -> io::Result<Self> {
        let silent = Self::silent(started);
        Ok(Self {
            form,
            output: Some(Output::start(io::stdout())?),
            ..silent
        })
    }

    /// The same report for the panel, too.
    pub fn shown_by(mut self, feed: Arc<Feed>) -> Self {
        self.feed = Some(feed);
        self
    }

    /// What the panel shows of the station, where there is one.
    pub fn feed(&self) -> Option<&Arc<Feed>> {
        self.feed.as_ref()
    }

    /// The same report, whose journal is kept in that folder.
    pub fn kept_in(mut self, folder: &Path) -> io::Result<Self> {
        self.journal = Arc::new(Mutex::new(Journal::open(Some(folder))?));
        Ok(self)
    }

    /// What was told in that time, for diagnostics.
    pub fn journal(&self, oldest: Option<UnixMillis>, latest: Option<UnixMillis>) -> String {
        let journal = self.journal.lock();
        journal.map_or_else(|_| String::new(), |journal| journal.text(oldest, latest))
    }

    /// The station's time, which the journal has from now on.
    pub fn set_time(&self, utc: UnixMillis) {
        if let Ok(mut journal) = self.journal.lock() {
            journal.set_time(utc);
        }
    }

    /// The same report for another thread.
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// True when standard output was closed.
    pub fn is_broken(&self) -> bool {
        self.output.as_ref().is_some_and(Output::is_broken)
    }

    pub fn tell(&mut self, happening: Happening) {
        let millis = self.millis();
        if let Some(line) = json::journal(&happening)
            && let Ok(mut journal) = self.journal.lock()
        {
            journal.add(&line);
        }
        // A scenario looks for what came; all others get it without what is secret.
        let hidden = happening.without_location();
        let shown = hidden.as_ref().unwrap_or(&happening);
        if self.output.is_some()
            && let Some(text) = self.text(millis, shown)
        {
            self.print(&text);
        }
        if let Some(feed) = &self.feed {
            feed.add(millis, shown);
        }
        if let Some(observer) = &self.observer {
            observer.tell(millis, happening);
        }
    }

    pub fn error(&mut self, message: impl Into<String>) {
        self.tell(Happening::error(message));
    }

    /// Prints lines that are no happening.
    pub fn print(&mut self, text: &str) {
        if let Some(output) = &self.output {
            output.print(text, |lines| self.dropped(lines));
        }
    }

    /// Waits until everything is written, unless the reader does not go on.
    pub fn finish(&self) {
        if let Some(output) = &self.output {
            output.finish(|lines| self.dropped(lines));
        }
    }

    fn dropped(&self, lines: u64) -> String {
        let dropped = Happening::Dropped { lines };
        self.text(self.millis(), &dropped).unwrap_or_default()
    }

    fn text(&self, millis: u64, happening: &Happening) -> Option<String> {
        match self.form {
            Form::Json => json::line(millis, happening),
            Form::Timeline { colours } => timeline::lines(millis, happening, colours),
        }
    }

    /// Milliseconds since the start: `t` of what is told now.
    pub fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// JSON in which texts of others stand, for a terminal: the same strings, in other characters.
pub fn harmless_json(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape::json).collect();
    lines.join("\n")
}

/// A text of others for a terminal.
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    escape::text(text)
}

/// The name of a reservation's state.
fn reservation_state_name(state: ReservationState) -> &'static str {
    match state {
        ReservationState::Made => "made",
        ReservationState::Used => "used",
        ReservationState::Cancelled => "cancelled",
        ReservationState::Expired => "expired",
        ReservationState::Ended => "ended",
    }
}

/// How far a raise of the security profile is.
fn raise_name(raise: ProfileRaise) -> &'static str {
    match raise {
        ProfileRaise::Begun => "begun",
        ProfileRaise::Done => "done",
        ProfileRaise::FellBack => "fellBack",
    }
}
