//! Firmware that is updated and logs that are uploaded: what the rest of the station has to do with it.

use crate::{
    dialect::Transfer,
    domain::{
        AcceptedStatus, AskedBy, BootReason, FirmwareStatus, LogStatus, MessageTrigger, Reason,
        ResetType, TransferFailure, TriggerMessageStatus,
    },
    station::{CallFailure, FirmwareDownload, FirmwareProgress, LogUpload, Refused, Station},
    wire::field::Violation,
};

impl Station<'_> {
    /// What [`Event::DownloadFirmware`](crate::station::Event) asks for, until the application has told
    /// how that went.
    pub fn firmware_download(&self) -> Option<FirmwareDownload<'_>> {
        self.firmware.download()
    }

    /// How far an update of the firmware is.
    pub fn firmware_status(&self) -> FirmwareStatus {
        self.firmware.status()
    }

    /// What [`Event::UploadLog`](crate::station::Event) asks for, until the application has told how
    /// that went.
    pub fn log_upload(&self) -> Option<LogUpload<'_>> {
        self.logs.upload()
    }

    /// How far the upload of a log is.
    pub fn log_status(&self) -> LogStatus {
        self.logs.status()
    }

    /// Goes on with what the boot has found.
    pub(in crate::station) fn transfers_booted(&mut self) {
        #[cfg(feature = "security")]
        let was_installing = self.firmware.is_installing();
        self.firmware.booted(&mut self.cx);
        #[cfg(feature = "security")]
        self.note_firmware(was_installing);
        self.logs.booted(&mut self.cx);
        self.hold_connectors();
    }

    /// 5.19 Update Firmware: its answer says nothing.
    pub(super) fn update_firmware(
        &mut self,
        raw_id: &str,
        asked: Transfer<'_>,
    ) -> Result<(), Violation> {
        #[cfg(feature = "security")]
        self.check_unsigned_firmware()?;
        self.firmware.ask(&mut self.cx, &asked);
        self.hold_connectors();
        let version = self.cx.version;
        self.rpc
            .answer(raw_id, &mut |w| version.firmware_update_taken(w));
        Ok(())
    }

    /// 5.9 Get Diagnostics: its answer says what the file will be called.
    pub(super) fn get_log(&mut self, raw_id: &str, asked: Transfer<'_>) {
        #[cfg(feature = "security")]
        if asked.by.is_numbered() {
            return self.get_numbered_log(raw_id, asked);
        }
        let file_name = self.logs.ask(&mut self.cx, &asked);
        let version = self.cx.version;
        self.rpc.answer(raw_id, &mut |w| {
            version.log_named(w, file_name.as_deref());
        });
    }

    pub(in crate::station) fn firmware_progressed(
        &mut self,
        progress: FirmwareProgress,
    ) -> Result<(), Refused> {
        let runs = self.transactions.any_runs();
        #[cfg(feature = "security")]
        let was_under_way = self.firmware.is_under_way();
        let restarts = self.firmware.progressed(&mut self.cx, runs, progress)?;
        #[cfg(feature = "security")]
        self.note_firmware(was_under_way);
        self.hold_connectors();
        if restarts {
            self.restart(ResetType::Soft, Reason::Reboot, BootReason::FirmwareUpdate);
        }
        Ok(())
    }

    pub(in crate::station) fn log_uploaded(
        &mut self,
        outcome: Result<(), TransferFailure>,
    ) -> Result<(), Refused> {
        self.logs.ended(&mut self.cx, outcome)
    }

    /// The application could not restart the charge point: when that was tried often enough, what is
    /// installed stays without effect.
    pub(in crate::station) fn restart_failed(&mut self) {
        if self.firmware.is_restarting() && !self.reset.is_under_way() {
            self.firmware.restart_failed(&mut self.cx);
            self.hold_connectors();
        }
    }

    /// A charge point that is being installed does not restart in between.
    pub(super) fn refuses_reset(&self) -> Option<AcceptedStatus> {
        let refuses = self.firmware.is_installing();
        refuses.then_some(AcceptedStatus::Rejected)
    }

    pub(super) fn transfers_deadline(&self) -> Option<u64> {
        if self.reset.is_under_way() {
            return None;
        }
        let (runs, tells) = (self.transactions.any_runs(), self.is_online());
        let firmware = self.firmware.deadline(&self.cx, runs, tells);
        let logs = self.logs.deadline(&self.cx);
        firmware.into_iter().chain(logs).min()
    }

    pub(super) fn go_on_with_transfers(&mut self) {
        let (runs, tells) = (self.transactions.any_runs(), self.is_online());
        self.firmware.go_on(&mut self.cx, runs, tells);
        self.logs.go_on(&mut self.cx);
        self.hold_connectors();
    }

    /// Takes connectors out of service while an installation waits for the end of transactions, and puts
    /// them back (5.19).
    pub(super) fn hold_connectors(&mut self) {
        if !self.connectors.hold(self.firmware.holds_connectors()) {
            return;
        }
        for number in self.connector_numbers() {
            if self.transactions.running(number).is_none() {
                self.apply_wanted_availability(number);
            }
            self.status_changed(number);
        }
    }

    /// `by` is the request in whose words it is told: none where a plain TriggerMessage asks.
    pub(super) fn trigger_transfer(
        &mut self,
        message: MessageTrigger,
        by: AskedBy,
    ) -> TriggerMessageStatus {
        if !self.registration.is_answered() {
            return TriggerMessageStatus::Rejected;
        }
        match message {
            MessageTrigger::FirmwareStatusNotification => self.firmware.notices().trigger(by),
            _ => self.logs.notices().trigger(by),
        }
        TriggerMessageStatus::Accepted
    }

    pub(super) fn call_triggered_transfer(&mut self) -> bool {
        let (cx, rpc) = (&self.cx, &mut self.rpc);
        let (firmware, log) = (self.firmware.status(), self.logs.status());
        self.firmware.notices().call_triggered(cx, rpc, firmware)
            || self.logs.notices().call_triggered(cx, rpc, log)
    }

    pub(super) fn call_transfer(&mut self) -> bool {
        let (cx, rpc) = (&self.cx, &mut self.rpc);
        self.firmware.notices().call(cx, rpc) || self.logs.notices().call(cx, rpc)
    }

    pub(super) fn firmware_told(
        &mut self,
        status: FirmwareStatus,
        triggered: bool,
        failure: Option<CallFailure>,
    ) {
        match failure {
            _ if triggered => {}
            None => self.firmware.answered(&mut self.cx, status),
            Some(failure) => self.firmware.failed(&mut self.cx, status, failure),
        }
    }

    pub(super) fn log_told(
        &mut self,
        status: LogStatus,
        triggered: bool,
        failure: Option<CallFailure>,
    ) {
        match failure {
            _ if triggered => {}
            None => self.logs.answered(&mut self.cx, status),
            Some(failure) => self.logs.failed(&mut self.cx, status, failure),
        }
    }

    pub(super) fn transfers_came_online(&mut self) {
        self.firmware.notices().came_online();
        self.logs.notices().came_online();
    }
}
