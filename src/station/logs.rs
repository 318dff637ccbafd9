//! The log that the central system wants to have (OCPP 1.6, 5.9 and 4.4): the application uploads it, as
//! often as that takes and the central system allows.

use heapless::String;

use super::{
    CallFailure, Event, Refused,
    call::Call,
    context::Context,
    memory::Events,
    transfer::{Notice, Notices, Phase, Transfer, Which},
};
use crate::{
    dialect::{self, Version},
    domain::{AskedBy, LogStatus, TransferFailure},
    storage::Storage,
    wire::{UnixMillis, Writer, timestamp},
};

const WHICH: Which = Which::Log;

/// The name of a file that is uploaded: `diagnostics-20260302T080000Z.txt`.
pub type FileName = String<32>;

/// What [`Event::UploadLog`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogUpload<'a> {
    /// The URL of the folder that it is uploaded to, which may hold a user and a password.
    pub location: &'a str,
    /// What the central system was told that the file is called.
    pub file_name: FileName,
    /// Entries from this time on.
    pub oldest: Option<UnixMillis>,
    /// Entries up to this time.
    pub latest: Option<UnixMillis>,
    /// Counts attempts, from 1 on.
    pub attempt: u32,
    /// The security log is wanted, and not that of diagnostics.
    #[cfg(feature = "security")]
    pub is_security_log: bool,
}

/// The upload that is under way, if one is.
#[derive(Debug)]
pub(super) struct Logs {
    transfer: Transfer,
    notices: Notices<LogStatus>,
    /// The central system was told of this upload.
    is_announced: bool,
}

impl Logs {
    pub const fn new() -> Self {
        Self {
            transfer: Transfer::new(),
            notices: Notices::new(),
            is_announced: false,
        }
    }

    pub fn clear(&mut self) {
        self.transfer.clear();
        self.notices.clear();
        self.is_announced = false;
    }

    /// Takes up what storage remembers.
    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.transfer.load(WHICH, storage, events);
    }

    /// Goes on with what the boot has found.
    pub fn booted(&mut self, cx: &mut Context<'_>) {
        match self.transfer.booted(WHICH, cx) {
            None => self.end(cx, LogStatus::UploadFailed),
            Some(Phase::Ended) => self.tell(cx, self.outcome()),
            Some(_) => {}
        }
    }

    /// What the central system is told when it asks (4.4).
    pub fn status(&self) -> LogStatus {
        match self.transfer.phase() {
            Phase::None => LogStatus::Idle,
            Phase::Ended => self.outcome(),
            _ => LogStatus::Uploading,
        }
    }

    fn outcome(&self) -> LogStatus {
        LogStatus::from_number(self.transfer.outcome()).unwrap_or(LogStatus::Idle)
    }

    /// Which request it is of.
    #[cfg(feature = "security")]
    pub fn by(&self) -> AskedBy {
        self.transfer.by()
    }

    /// True while one is being uploaded, or waits for the next attempt.
    #[cfg(feature = "security")]
    pub fn is_under_way(&self) -> bool {
        self.transfer.is_under_way()
    }

    /// What the application is to upload.
    pub fn upload(&self) -> Option<LogUpload<'_>> {
        let is_asked = self.transfer.phase() == Phase::Transferring;
        is_asked.then(|| LogUpload {
            location: self.transfer.location(),
            file_name: self.file_name(),
            oldest: self.transfer.from(),
            latest: self.transfer.until(),
            attempt: self.transfer.attempt(),
            #[cfg(feature = "security")]
            is_security_log: self.transfer.by().is_security_log,
        })
    }

    #[cfg(feature = "security")]
    fn is_security_log(&self) -> bool {
        self.transfer.by().is_security_log
    }

    #[cfg(not(feature = "security"))]
    fn is_security_log(&self) -> bool {
        false
    }

    /// The same whenever it is asked for.
    fn file_name(&self) -> FileName {
        let mut name = FileName::new();
        let _ = name.push_str(match self.is_security_log() {
            true => "security-",
            false => "diagnostics-",
        });
        match self.transfer.asked_at() {
            Some(time) => {
                // To the second: 2026-03-02T08:00:00
                let time = timestamp::format(time);
                let digits = time.iter().take(19).filter(|c| !b"-:".contains(c));
                digits.for_each(|c| drop(name.push(char::from(*c))));
                let _ = name.push('Z');
            }
            None => {
                let number = crate::wire::number::Digits::decimal(self.transfer.number().into(), 0);
                let _ = name.push_str(number.as_str());
            }
        }
        let _ = name.push_str(".txt");
        name
    }
}

impl Logs {
    /// The central system wants the log: the name that its file will have. It takes the place of an
    /// upload that is under way. `None` from a charge point that cannot upload anything.
    pub fn ask(&mut self, cx: &mut Context<'_>, asked: &dialect::Transfer<'_>) -> Option<FileName> {
        if cx.profile.transfer_protocols.is_empty() {
            return None;
        }
        if self.transfer.phase() == Phase::Transferring {
            cx.emit(Event::CancelLog);
        }
        self.is_announced = false;
        if !self.transfer.ask(WHICH, cx, asked) {
            let failure = match self.transfer.can_be_transferred(cx) {
                true => TransferFailure::Interrupted,
                false => TransferFailure::NotSupported,
            };
            self.end(cx, failed(asked.by, failure));
        }
        Some(self.file_name())
    }

    /// When the next attempt is due.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        self.transfer.due(cx, None)
    }

    /// Does what is due.
    pub fn go_on(&mut self, cx: &mut Context<'_>) {
        while self.deadline(cx).is_some_and(|due| due <= cx.now) {
            self.transfer.begin(WHICH, cx);
            if !core::mem::replace(&mut self.is_announced, true) {
                self.tell(cx, LogStatus::Uploading);
            }
            // What the application has may be another one's since the request was stored.
            match self.transfer.can_be_transferred(cx) {
                true => cx.emit(Event::UploadLog),
                false => self.attempt_failed(cx, TransferFailure::NotSupported),
            }
        }
    }

    /// The application has something to say.
    pub fn ended(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Result<(), TransferFailure>,
    ) -> Result<(), Refused> {
        if self.transfer.phase() != Phase::Transferring {
            return Err(Refused::Unexpected);
        }
        match outcome {
            Ok(()) => self.end(cx, LogStatus::Uploaded),
            Err(failure) => self.attempt_failed(cx, failure),
        }
        Ok(())
    }

    fn attempt_failed(&mut self, cx: &mut Context<'_>, failure: TransferFailure) {
        if !self.transfer.failed(WHICH, cx, failure) {
            self.end(cx, failed(self.transfer.by(), failure));
        }
    }

    fn end(&mut self, cx: &mut Context<'_>, status: LogStatus) {
        self.transfer.end(WHICH, cx, status as u8);
        self.tell(cx, status);
    }

    fn tell(&mut self, cx: &mut Context<'_>, status: LogStatus) {
        cx.emit(Event::LogStatus(status));
        let by = self.transfer.by();
        if cx.version.announces_logs(by) {
            self.notices.push(status, by);
        } else {
            self.transfer.told(WHICH, cx);
        }
    }
}

/// What is told, and to be told.
impl Logs {
    /// What the central system has not been told.
    pub fn notices(&mut self) -> &mut Notices<LogStatus> {
        &mut self.notices
    }

    /// The central system has taken it.
    pub fn answered(&mut self, cx: &mut Context<'_>, status: LogStatus) {
        if self.notices.told(status) {
            self.transfer.told(WHICH, cx);
        }
    }

    /// It has not, or says nothing.
    pub fn failed(&mut self, cx: &mut Context<'_>, status: LogStatus, failure: CallFailure) {
        let is_outcome = self.transfer.phase() == Phase::Ended && status == self.outcome();
        if self.notices.failed(failure, is_outcome) {
            self.answered(cx, status);
        }
    }
}

/// How an upload has failed, as far as the central system can be told.
fn failed(by: AskedBy, failure: TransferFailure) -> LogStatus {
    match failure {
        TransferFailure::Refused if by.is_numbered() => LogStatus::PermissionDenied,
        TransferFailure::NotSupported if by.is_numbered() => LogStatus::NotSupportedOperation,
        _ => LogStatus::UploadFailed,
    }
}

impl Notice for LogStatus {
    fn call(self, by: AskedBy, triggered: bool) -> Call {
        let status = self;
        Call::Log {
            status,
            by,
            triggered,
        }
    }

    fn write(self, by: AskedBy, version: Version, w: &mut Writer<'_>) {
        version.log_status_notification(w, self, by);
    }
}
