//! Firmware that is updated and diagnostics that are uploaded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ocpp::{
    domain::TransferFailure,
    station::{Event, FirmwareProgress, Input},
};

use super::powered::Powered;
use crate::{
    address::redacted,
    files::{self, Cancel, Failure, Job},
    inbox::Message,
    report::{FileKind, Happening, TransferStage},
};

/// How long an installation takes.
const INSTALLATION: Duration = Duration::from_millis(500);

/// A file on its way.
#[derive(Debug)]
pub struct OnItsWay {
    number: u64,
    kind: FileKind,
    url: String,
    cancel: Cancel,
}

impl Powered<'_> {
    /// Does what an event about files asks for; false if it is about something else.
    pub(super) fn react_to_file(&mut self, event: &Event) -> bool {
        match event {
            Event::DownloadFirmware => self.download_firmware(),
            Event::InstallFirmware => {
                self.installing = Some(Instant::now() + INSTALLATION);
            }
            Event::CancelFirmware => {
                self.cancel(FileKind::Firmware);
                self.images.discard();
            }
            Event::UploadLog => self.upload_log(),
            Event::CancelLog => self.cancel(FileKind::Diagnostics),
            _ => return false,
        }
        true
    }

    fn download_firmware(&mut self) {
        let Some(download) = self.station.firmware_download() else {
            return;
        };
        let (location, attempt) = (download.location.to_owned(), download.attempt);
        match self.images.target() {
            Ok(into) => {
                let most = self.settings.files.most;
                let job = Job::Download {
                    location: location.clone(),
                    into,
                    most,
                };
                self.send_or_fetch(FileKind::Firmware, &location, attempt, job);
            }
            Err(error) => self.ended(FileKind::Firmware, &location, Err(error.into())),
        }
    }

    fn upload_log(&mut self) {
        let Some(upload) = self.station.log_upload() else {
            return;
        };
        let (location, attempt) = (upload.location.to_owned(), upload.attempt);
        let head = format!(
            "# {} {} {}, firmware {}\n",
            self.settings.vendor,
            self.settings.model,
            self.settings.identity,
            env!("CARGO_PKG_VERSION"),
        );
        let mut lines = self.report.journal(upload.oldest, upload.latest);
        if upload.is_security_log {
            // A line is a time, what happened, and more about that.
            let is_meant = |line: &&str| line.split(' ').nth(1) == Some("securityEvent");
            lines = lines
                .lines()
                .filter(is_meant)
                .map(|line| format!("{line}\n"))
                .collect();
        }
        let job = Job::Upload {
            location: location.clone(),
            file_name: upload.file_name.to_string(),
            content: (head + &lines).into_bytes(),
        };
        self.send_or_fetch(FileKind::Diagnostics, &location, attempt, job);
    }

    fn send_or_fetch(&mut self, kind: FileKind, location: &str, attempt: u32, job: Job) {
        self.cancel(kind);
        let url = redacted(location);
        self.report.tell(Happening::Transfer {
            kind,
            url: url.clone(),
            stage: TransferStage::Started { attempt },
        });
        *self.file_number += 1;
        let number = *self.file_number;
        let inbox = self.inbox.clone();
        let then = move |outcome| {
            // A charge point that is gone does not care.
            let _ = inbox.send(Message::File { number, outcome });
        };
        match files::start(job, Arc::clone(&self.settings.files.trust), then) {
            Ok(cancel) => self.files.push(OnItsWay {
                number,
                kind,
                url,
                cancel,
            }),
            Err(error) => self.ended(kind, location, Err(error.into())),
        }
    }

    fn cancel(&mut self, kind: FileKind) {
        self.files.retain(|file| {
            let is_meant = file.kind == kind;
            if is_meant {
                file.cancel.cancel();
            }
            !is_meant
        });
    }

    /// Nothing that is on its way is wanted any more.
    pub(super) fn cancel_files(&mut self) {
        self.cancel(FileKind::Firmware);
        self.cancel(FileKind::Diagnostics);
    }

    /// A transfer has ended; that of a file that is not wanted any more is no news.
    pub(super) fn file_ended(&mut self, number: u64, outcome: Result<u64, Failure>) {
        let place = self.files.iter().position(|file| file.number == number);
        if let Some(place) = place {
            let file = self.files.remove(place);
            self.ended(file.kind, &file.url, outcome);
        }
    }

    fn ended(&mut self, kind: FileKind, location: &str, outcome: Result<u64, Failure>) {
        let url = redacted(location);
        let stage = match &outcome {
            Ok(bytes) => TransferStage::Done { bytes: *bytes },
            Err(failure) => TransferStage::Failed {
                failure: failure.kind,
                why: failure.why.clone(),
            },
        };
        self.report.tell(Happening::Transfer { kind, url, stage });
        let outcome: Result<(), TransferFailure> =
            outcome.map(drop).map_err(|failure| failure.kind);
        self.tell(match (kind, outcome) {
            (FileKind::Diagnostics, outcome) => Input::LogUpload(outcome),
            (FileKind::Firmware, Ok(())) => Input::Firmware(FirmwareProgress::Downloaded),
            (FileKind::Firmware, Err(failure)) => {
                Input::Firmware(FirmwareProgress::DownloadFailed(failure))
            }
        });
    }

    /// An installation that has taken its time: the image is in its place, and takes effect with the
    /// restart that the station asks for.
    pub(super) fn go_on_installing(&mut self) {
        if self.installing.is_none_or(|until| until > Instant::now()) {
            return;
        }
        self.installing = None;
        let is_good = self.hardware.installs && self.images.install();
        if !is_good {
            self.images.discard();
        }
        self.tell(Input::Firmware(match is_good {
            true => FirmwareProgress::RestartNeeded,
            false => FirmwareProgress::InstallationFailed,
        }));
    }
}
