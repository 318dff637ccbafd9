//! What the station has done with files: the thread that transfers them gets one task after the other,
//! and the station is told what became of each.

use ocpp::{
    domain::{FirmwareStatus, TransferFailure},
    station::{FirmwareProgress, Input},
};

use super::Engine;
use crate::{
    errno::Error,
    files::{Extract, FILES, Outcome, Task},
    kernel,
    log::line,
};

impl Engine {
    /// This is to be done as soon as the thread has nothing else to do.
    pub(super) fn want_file(&mut self, task: Task) {
        FILES.with(|files| files.want(task));
        self.begin_next_file();
    }

    /// This is not wanted any more.
    pub(super) fn cancel_file(&mut self, task: Task) {
        FILES.with(|files| files.cancel(task));
        if task == Task::Download {
            self.install_waits = false;
            FILES.with(|files| files.cancel(Task::Install));
        }
    }

    /// Takes what became of a task, and gives the thread the next one; false if nothing has ended.
    pub(super) fn take_file_outcome(&mut self) -> bool {
        let Some(outcome) = FILES.with(|files| files.take_outcome()) else {
            return false;
        };
        if let Some(outcome) = outcome {
            self.file_ended(outcome);
        }
        self.begin_next_file();
        true
    }

    fn begin_next_file(&mut self) {
        while let Some(task) = FILES.with(|files| files.next()) {
            let Err(failure) = self.give_file(task) else {
                return;
            };
            self.file_ended(match task {
                Task::Install => Outcome::NotInstalled,
                Task::Download => Outcome::Downloaded(Err(failure)),
                Task::Upload => Outcome::Uploaded(Err(failure)),
            });
        }
    }

    fn give_file(&self, task: Task) -> Result<(), TransferFailure> {
        let unix_s = self.station.utc().map(|utc| utc / 1000);
        match task {
            Task::Install => FILES.with(|files| files.give(task, |_| Ok(()))),
            Task::Download => {
                let wanted = self.station.firmware_download();
                let wanted = wanted.ok_or(TransferFailure::Interrupted)?;
                FILES.with(|files| {
                    files.give(task, |location| {
                        location.unix_s = unix_s;
                        location.set(wanted.location)
                    })
                })?;
                line!(Info, "firmware: download, attempt ", wanted.attempt);
                Ok(())
            }
            Task::Upload => {
                let wanted = self.station.log_upload();
                let wanted = wanted.ok_or(TransferFailure::Interrupted)?;
                let extract = Extract {
                    oldest: wanted.oldest,
                    latest: wanted.latest,
                    #[cfg(feature = "security")]
                    is_security_log: wanted.is_security_log,
                    #[cfg(not(feature = "security"))]
                    is_security_log: false,
                };
                FILES.with(|files| {
                    files.set_extract(extract);
                    files.give(task, |location| {
                        location.unix_s = unix_s;
                        location.set(wanted.location)?;
                        location.append(&wanted.file_name);
                        Ok(())
                    })
                })?;
                line!(Info, "diagnostics: upload, attempt ", wanted.attempt);
                Ok(())
            }
        }
    }

    fn file_ended(&mut self, outcome: Outcome) {
        let told = match outcome {
            Outcome::Downloaded(Ok(())) => Input::Firmware(FirmwareProgress::Downloaded),
            Outcome::Downloaded(Err(failure)) => {
                line!(Warning, "firmware: not downloaded: ", failure.as_str());
                Input::Firmware(FirmwareProgress::DownloadFailed(failure))
            }
            Outcome::Uploaded(uploaded) => {
                if let Err(failure) = uploaded {
                    line!(Warning, "diagnostics: not uploaded: ", failure.as_str());
                }
                Input::LogUpload(uploaded)
            }
            Outcome::WillBoot => Input::Firmware(FirmwareProgress::RestartNeeded),
            Outcome::Runs => Input::Firmware(FirmwareProgress::Installed),
            Outcome::NotInstalled => Input::Firmware(FirmwareProgress::InstallationFailed),
        };
        // Refused where the station wants something else by now.
        let _ = self.station.handle(kernel::now(), told);
    }

    /// The application says whether an image may be installed now.
    pub(super) fn install_answered(&mut self, is_now: bool) {
        match is_now {
            true => self.want_file(Task::Install),
            false => self.install_waits = true,
        }
    }

    /// The application has put the installation off, and now it may be done.
    pub(super) fn install_put_off(&mut self) -> Result<(), Error> {
        let waits = core::mem::take(&mut self.install_waits);
        if !waits || self.station.firmware_status() != FirmwareStatus::Installing {
            return Err(Error::Invalid);
        }
        self.want_file(Task::Install);
        Ok(())
    }
}
