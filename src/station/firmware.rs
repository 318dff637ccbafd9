//! Updates of the firmware (OCPP 1.6, 5.19 and 4.5): downloaded when it is time for that, installed when
//! no transaction runs, and told of by the firmware that runs then.
//!
//! | status | what is awaited | a power loss leaves |
//! | --- | --- | --- |
//! | Idle, as the central system sees it | the time of the download | the same |
//! | Downloading | the application's download, or the next attempt | the download begins anew |
//! | Downloaded | the end of all transactions | the same |
//! | Installing | the application's installation | the same, or the new firmware |
//! | Installing, with a restart to come | the restart | the new firmware, or the old one: the installation failed |
//! | Installed and the failures | that the central system has been told | the same |
//!
//! The new firmware is known by a boot for which the application says so, or whose version or image is
//! another.

use super::{
    CallFailure, Event, Refused,
    call::Call,
    context::Context,
    hash::hash,
    memory::Events,
    transfer::{Notice, Notices, Phase, Transfer, Which},
};
use crate::{
    dialect::{self, Version},
    domain::{AskedBy, BootReason, FirmwareStatus, TransferFailure},
    storage::Storage,
    wire::Writer,
};

const WHICH: Which = Which::Firmware;

/// How the application gets on with what [`Event::DownloadFirmware`] or [`Event::InstallFirmware`] asked
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirmwareProgress {
    /// The image has been downloaded, as far as can be told without installing it.
    Downloaded,
    /// It could not be downloaded. As often as the central system allows it, another
    /// [`Event::DownloadFirmware`] follows.
    DownloadFailed(TransferFailure),
    /// It is in place and takes effect with a restart, which follows as an [`Event::Reset`].
    RestartNeeded,
    /// It is in effect, without a restart.
    Installed,
    /// It could not be installed, or is not what it should be: the firmware is what it was.
    InstallationFailed,
    /// Its signature is good: what [`Event::VerifyFirmware`] asked for.
    #[cfg(feature = "security")]
    SignatureVerified,
    /// It is not: the image is not installed.
    #[cfg(feature = "security")]
    InvalidSignature,
}

/// What [`Event::DownloadFirmware`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareDownload<'a> {
    /// An URL, which may hold a user and a password.
    pub location: &'a str,
    /// Counts attempts, from 1 on.
    pub attempt: u32,
}

/// The update that is under way, if one is.
#[derive(Debug)]
pub(super) struct Firmware {
    transfer: Transfer,
    notices: Notices<FirmwareStatus>,
    /// The central system was told of this download.
    is_announced: bool,
    /// The application was asked to install, or to verify.
    is_asked: bool,
    /// The signature of what was downloaded is good, where there has to be one.
    is_verified: bool,
}

impl Firmware {
    pub const fn new() -> Self {
        Self {
            transfer: Transfer::new(),
            notices: Notices::new(),
            is_announced: false,
            is_asked: false,
            is_verified: false,
        }
    }

    pub fn clear(&mut self) {
        self.transfer.clear();
        self.notices.clear();
        self.is_announced = false;
        self.is_asked = false;
        self.is_verified = false;
    }

    /// Takes up what storage remembers.
    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.transfer.load(WHICH, storage, events);
    }

    /// Goes on with what the boot has found.
    pub fn booted(&mut self, cx: &mut Context<'_>) {
        self.is_asked = false;
        let is_new = cx.profile.boot_reason == Some(BootReason::FirmwareUpdate)
            || self.transfer.mark() != firmware_mark(cx);
        if self.is_installing() && is_new {
            // However often power was lost before.
            return self.end(cx, FirmwareStatus::Installed);
        }
        let Some(phase) = self.transfer.booted(WHICH, cx) else {
            let status = match self.transfer.phase() {
                Phase::Installing => FirmwareStatus::InstallationFailed,
                _ => FirmwareStatus::DownloadFailed,
            };
            return self.end(cx, status);
        };
        match phase {
            Phase::Restarting => self.end(cx, FirmwareStatus::InstallationFailed),
            Phase::Installing => self.transfer.enter(WHICH, cx, Phase::Transferred),
            Phase::Ended => self.tell(cx, self.status()),
            _ => {}
        }
    }

    /// What the central system is told when it asks (4.5).
    pub fn status(&self) -> FirmwareStatus {
        match self.transfer.phase() {
            Phase::None => FirmwareStatus::Idle,
            Phase::Waiting if self.transfer.attempt() == 0 => FirmwareStatus::DownloadScheduled,
            Phase::Waiting | Phase::Transferring => FirmwareStatus::Downloading,
            Phase::Transferred => FirmwareStatus::Downloaded,
            Phase::Installing => FirmwareStatus::Installing,
            Phase::Restarting => FirmwareStatus::InstallRebooting,
            Phase::Ended => {
                let outcome = FirmwareStatus::from_number(self.transfer.outcome());
                outcome.unwrap_or(FirmwareStatus::Idle)
            }
        }
    }

    /// True while nothing new may begin to charge, because the installation waits for an end of that.
    pub fn holds_connectors(&self) -> bool {
        let is_ready = self.transfer.phase() == Phase::Transferred && !self.has_to_be_verified();
        is_ready || self.is_installing()
    }

    /// True while its signature has not been found good.
    fn has_to_be_verified(&self) -> bool {
        self.transfer.by().is_numbered() && !self.is_verified
    }

    /// Which request it is of.
    #[cfg(feature = "security")]
    pub fn by(&self) -> AskedBy {
        self.transfer.by()
    }

    /// True while one is being downloaded, or waits.
    #[cfg(feature = "security")]
    pub fn is_under_way(&self) -> bool {
        self.transfer.is_under_way()
    }

    /// True while the charge point must not be restarted by others.
    pub fn is_installing(&self) -> bool {
        matches!(self.transfer.phase(), Phase::Installing | Phase::Restarting)
    }

    pub fn is_restarting(&self) -> bool {
        self.transfer.phase() == Phase::Restarting
    }

    /// What the application is to download.
    pub fn download(&self) -> Option<FirmwareDownload<'_>> {
        let is_asked = self.transfer.phase() == Phase::Transferring;
        is_asked.then(|| FirmwareDownload {
            location: self.transfer.location(),
            attempt: self.transfer.attempt(),
        })
    }
}

impl Firmware {
    /// The central system wants another firmware. It takes the place of the one that is downloaded or
    /// waits; once one is being installed, others are passed over.
    pub fn ask(&mut self, cx: &mut Context<'_>, asked: &dialect::Transfer<'_>) {
        if self.is_installing() {
            return cx.emit(Event::FirmwareStatus(self.status()));
        }
        if matches!(
            self.transfer.phase(),
            Phase::Transferring | Phase::Transferred
        ) {
            cx.emit(Event::CancelFirmware);
        }
        self.is_announced = false;
        if !self.transfer.ask(WHICH, cx, asked) {
            self.end(cx, FirmwareStatus::DownloadFailed);
        } else if self.due(cx).is_none_or(|due| due > cx.now) {
            self.tell(cx, FirmwareStatus::DownloadScheduled);
        }
    }

    fn due(&self, cx: &Context<'_>) -> Option<u64> {
        self.transfer.due(cx, self.transfer.from())
    }

    /// When the next step is due by itself. `runs`: a transaction does; `tells`: the central system can
    /// be told of it.
    pub fn deadline(&self, cx: &Context<'_>, runs: bool, tells: bool) -> Option<u64> {
        match self.transfer.phase() {
            Phase::Waiting => self.due(cx),
            Phase::Transferred if self.has_to_be_verified() => (!self.is_asked).then_some(cx.now),
            Phase::Transferred => self.transfer.installs_at(cx).filter(|_| !runs),
            Phase::Installing => self.may_install(tells).then_some(cx.now),
            _ => None,
        }
    }

    /// The central system hears of the installation before the charge point may be gone with it.
    fn may_install(&self, tells: bool) -> bool {
        let is_told = !tells || !self.notices.wait();
        is_told && !self.is_asked
    }

    /// Does what is due.
    pub fn go_on(&mut self, cx: &mut Context<'_>, runs: bool, tells: bool) {
        while self
            .deadline(cx, runs, tells)
            .is_some_and(|due| due <= cx.now)
        {
            match self.transfer.phase() {
                Phase::Waiting => {
                    self.transfer.begin(WHICH, cx);
                    if !core::mem::replace(&mut self.is_announced, true) {
                        self.tell(cx, FirmwareStatus::Downloading);
                    }
                    // What the application has may be another one's since the request was stored.
                    match self.transfer.can_be_transferred(cx) {
                        true => cx.emit(Event::DownloadFirmware),
                        false => self.download_failed(cx, TransferFailure::NotSupported),
                    }
                }
                Phase::Transferred if self.has_to_be_verified() => {
                    self.is_asked = true;
                    emit_verify(cx);
                }
                Phase::Transferred => {
                    self.transfer.set_mark(firmware_mark(cx));
                    self.is_asked = false;
                    self.transfer.enter(WHICH, cx, Phase::Installing);
                    self.tell(cx, FirmwareStatus::Installing);
                }
                _ => {
                    self.is_asked = true;
                    cx.emit(Event::InstallFirmware);
                }
            }
        }
    }

    /// The application has something to say. True when the charge point is to be restarted.
    pub fn progressed(
        &mut self,
        cx: &mut Context<'_>,
        runs: bool,
        progress: FirmwareProgress,
    ) -> Result<bool, Refused> {
        match (progress, self.transfer.phase()) {
            (FirmwareProgress::Downloaded, Phase::Transferring) => {
                self.transfer.enter(WHICH, cx, Phase::Transferred);
                self.is_asked = false;
                self.is_verified = false;
                self.tell(cx, FirmwareStatus::Downloaded);
                self.tell_if_later(cx, runs);
            }
            #[cfg(feature = "security")]
            (FirmwareProgress::SignatureVerified, Phase::Transferred)
                if self.is_asked && self.has_to_be_verified() =>
            {
                self.is_verified = true;
                self.tell(cx, FirmwareStatus::SignatureVerified);
                self.tell_if_later(cx, runs);
            }
            #[cfg(feature = "security")]
            (FirmwareProgress::InvalidSignature, Phase::Transferred)
                if self.is_asked && self.has_to_be_verified() =>
            {
                self.end(cx, FirmwareStatus::InvalidSignature);
            }
            (FirmwareProgress::DownloadFailed(failure), Phase::Transferring) => {
                self.download_failed(cx, failure);
            }
            (FirmwareProgress::RestartNeeded, Phase::Installing) if self.is_asked => {
                self.transfer.enter(WHICH, cx, Phase::Restarting);
                self.tell(cx, FirmwareStatus::InstallRebooting);
                return Ok(true);
            }
            (FirmwareProgress::Installed, Phase::Installing) if self.is_asked => {
                self.end(cx, FirmwareStatus::Installed);
            }
            (
                FirmwareProgress::InstallationFailed,
                Phase::Transferred | Phase::Installing | Phase::Restarting,
            ) => self.end(cx, FirmwareStatus::InstallationFailed),
            _ => return Err(Refused::Unexpected),
        }
        Ok(false)
    }

    /// Tells that the installation waits, if it does.
    fn tell_if_later(&mut self, cx: &mut Context<'_>, runs: bool) {
        if self.has_to_be_verified() {
            return;
        }
        let at = self.transfer.installs_at(cx);
        if runs || at.is_none_or(|at| at > cx.now) {
            self.tell(cx, FirmwareStatus::InstallScheduled);
        }
    }

    fn download_failed(&mut self, cx: &mut Context<'_>, failure: TransferFailure) {
        if !self.transfer.failed(WHICH, cx, failure) {
            self.end(cx, FirmwareStatus::DownloadFailed);
        }
    }

    /// The restart that was to bring the new firmware did not come.
    pub fn restart_failed(&mut self, cx: &mut Context<'_>) {
        self.end(cx, FirmwareStatus::InstallationFailed);
    }

    fn end(&mut self, cx: &mut Context<'_>, status: FirmwareStatus) {
        self.transfer.end(WHICH, cx, status as u8);
        self.tell(cx, status);
    }

    fn tell(&mut self, cx: &mut Context<'_>, status: FirmwareStatus) {
        cx.emit(Event::FirmwareStatus(status));
        let by = self.transfer.by();
        if cx.version.announces_firmware(status, by) {
            self.notices.push(status, by);
        } else {
            // Where the version has no message for it, nothing is left to tell.
            self.transfer.told(WHICH, cx);
        }
    }
}

/// What is told, and to be told.
impl Firmware {
    /// What the central system has not been told.
    pub fn notices(&mut self) -> &mut Notices<FirmwareStatus> {
        &mut self.notices
    }

    /// The central system has taken it.
    pub fn answered(&mut self, cx: &mut Context<'_>, status: FirmwareStatus) {
        if self.notices.told(status) {
            self.transfer.told(WHICH, cx);
        }
    }

    /// It has not, or says nothing.
    pub fn failed(&mut self, cx: &mut Context<'_>, status: FirmwareStatus, failure: CallFailure) {
        let is_outcome = self.transfer.phase() == Phase::Ended && status == self.status();
        if self.notices.failed(failure, is_outcome) {
            self.answered(cx, status);
        }
    }
}

impl Notice for FirmwareStatus {
    fn call(self, by: AskedBy, triggered: bool) -> Call {
        let status = self;
        Call::Firmware {
            status,
            by,
            triggered,
        }
    }

    fn write(self, by: AskedBy, version: Version, w: &mut Writer<'_>) {
        version.firmware_status_notification(w, self, by);
    }
}

/// Asks the application to verify the signature.
#[cfg(feature = "security")]
fn emit_verify(cx: &mut Context<'_>) {
    cx.emit(Event::VerifyFirmware);
}

/// No request has a signature.
#[cfg(not(feature = "security"))]
fn emit_verify(_: &mut Context<'_>) {}

/// Tells the firmware that runs from another.
fn firmware_mark(cx: &Context<'_>) -> u32 {
    let version = cx.profile.identity.firmware_version.unwrap_or("");
    let image = cx.profile.firmware_mark.to_le_bytes();
    hash(version.bytes().chain(image))
}
