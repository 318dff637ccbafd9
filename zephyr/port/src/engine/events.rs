//! Events of the station, and what the application is told because of them.

use ocpp::{
    domain::{
        AuthorizationStatus, ChargePointError, DataTransferStatus, Reason, RegistrationStatus,
        ResetType, TransactionId, UnlockStatus,
    },
    limits::CONNECTORS,
    station::{CallFailure, Event, Input, TransactionState},
};

#[cfg(feature = "smart-charging")]
use ocpp::domain::ChargingLimit;
#[cfg(feature = "reservation")]
use ocpp::station::ReservationState;

use super::Engine;
#[cfg(feature = "settings")]
use crate::settings::SETTINGS;
use crate::{callbacks::CALLBACKS, errno::Error, kernel, log::line, sessions::SESSIONS};
#[cfg(feature = "firmware-management")]
use crate::{diagnostics, files::Task};

/// Those that begin or end a transaction.
const TRANSACTION_ACTIONS: &[&str] = &[
    #[cfg(feature = "v16")]
    "StartTransaction",
    #[cfg(feature = "v16")]
    "StopTransaction",
    #[cfg(feature = "v201")]
    "TransactionEvent",
];

impl Engine {
    #[inline(never)]
    pub(super) fn happened(&mut self, event: Event) {
        self.application.happened(&event);
        #[cfg(feature = "security")]
        if self.secure(&event) {
            return;
        }
        match event {
            Event::Registered(status) => {
                self.accepted = status == RegistrationStatus::Accepted;
                line!(Info, "boot notification: ", status.as_str());
            }
            Event::Status {
                connector,
                status,
                error,
            } => match error {
                ChargePointError::NoError => {
                    line!(Info, "connector ", connector, " ", status.as_str());
                }
                error => line!(
                    Warning,
                    "connector ",
                    connector,
                    " ",
                    status.as_str(),
                    ", ",
                    error.as_str()
                ),
            },
            Event::Authorization {
                connector,
                id_tag,
                status,
            } => {
                let unanswered = core::mem::take(&mut self.unanswered);
                if connector == 0 {
                    let undecided = match () {
                        () if !self.station.is_online() => Some(Error::NotNow),
                        () if unanswered => Some(Error::TimedOut),
                        () => None,
                    };
                    // The call that asked returns it.
                    self.pending_calls.authorized(&id_tag, status, undecided);
                    if status != AuthorizationStatus::Accepted {
                        self.withdraw(&id_tag);
                    }
                    // The next driver waits, and the station sends what comes next: not a report.
                    self.authorize_next();
                } else {
                    line!(Info, "idTag ", id_tag.as_str(), " ", status.as_str());
                }
            }
            Event::NotOwner { connector, id_tag } => line!(
                Info,
                "idTag ",
                id_tag.as_str(),
                " may not end the transaction of connector ",
                connector
            ),
            #[cfg(feature = "reservation")]
            Event::Reservation {
                connector,
                id,
                id_tag,
                state,
            } => self.reservation_changed(connector, id, &id_tag, state),
            #[cfg(feature = "reservation")]
            Event::ReservedForOther { connector, id_tag } => line!(
                Info,
                "connector ",
                connector,
                " is not reserved for idTag ",
                id_tag.as_str()
            ),
            #[cfg(not(feature = "reservation"))]
            Event::Reservation { .. } | Event::ReservedForOther { .. } => {}
            Event::RemoteStart { connector, id_tag } => {
                line!(Info, "remote start at connector ", connector);
                CALLBACKS.with(|callbacks| callbacks.want_start(connector, id_tag));
            }
            Event::Transaction {
                connector,
                state,
                transaction_id,
                ..
            } => self.transaction_changed(connector, state, transaction_id),
            Event::Energy { connector, allowed } => self.energy_changed(connector, allowed),
            #[cfg(feature = "smart-charging")]
            Event::ChargingLimit { connector, limit } => self.limit_changed(connector, limit),
            Event::MeterWanted(connector) => self.want_meter(connector),
            Event::Unlock(connector) => self.unlock(connector),
            Event::Reset(kind) => {
                line!(Info, "reset");
                #[cfg(feature = "firmware-management")]
                diagnostics::save();
                CALLBACKS.with(|callbacks| callbacks.want_reset(kind == ResetType::Hard));
            }
            Event::ConfigurationChanged(key) => line!(Info, "configuration changed: ", key.name()),
            Event::CallFailed { action, failure } => self.call_failed(action, failure),
            Event::FrameDropped(_) => line!(Warning, "message dropped"),
            Event::StorageFailed(_) => line!(Error, "record not stored"),
            Event::RecordSkipped(id) => line!(Error, "storage: record ", id.0, " is skipped"),
            Event::DataTransferReceived => self.transfer_received(),
            Event::DataTransferAnswered(status) => self.transfer_answered(status),
            #[cfg(feature = "local-list")]
            Event::LocalList { version } => line!(Info, "local list: version ", version),
            #[cfg(not(feature = "local-list"))]
            Event::LocalList { .. } => {}
            #[cfg(feature = "settings")]
            Event::SettingChanged(number) => self.setting_changed(number),
            #[cfg(not(feature = "settings"))]
            Event::SettingChanged(_) => {}
            #[cfg(feature = "firmware-management")]
            Event::Time(utc) => diagnostics::set_time(utc),
            #[cfg(not(feature = "firmware-management"))]
            Event::Time(_) => {}
            #[cfg(feature = "firmware-management")]
            Event::FirmwareStatus(status) => line!(Info, "firmware: ", status.as_str()),
            #[cfg(feature = "firmware-management")]
            Event::LogStatus(status) => line!(Info, "diagnostics: ", status.as_str()),
            #[cfg(feature = "firmware-management")]
            Event::DownloadFirmware => self.want_file(Task::Download),
            #[cfg(feature = "firmware-management")]
            Event::InstallFirmware => CALLBACKS.with(|callbacks| callbacks.want_install()),
            #[cfg(feature = "firmware-management")]
            Event::CancelFirmware => self.cancel_file(Task::Download),
            #[cfg(feature = "firmware-management")]
            Event::UploadLog => self.want_file(Task::Upload),
            #[cfg(feature = "firmware-management")]
            Event::CancelLog => self.cancel_file(Task::Upload),
            // [`Self::secure`] has them.
            #[cfg(feature = "security")]
            Event::SecurityProfile { .. }
            | Event::CheckCertificate(_)
            | Event::CertificatesChanged(_)
            | Event::SigningRequestWanted
            | Event::SigningRequestAnswered(_)
            | Event::SecurityEvent { .. }
            | Event::VerifyFirmware
            | Event::VerifySigningCertificate => {}
        }
    }

    #[cfg(feature = "settings")]
    fn setting_changed(&self, number: u8) {
        let mut own = SETTINGS.get().own_settings().iter();
        let name = own.find(|setting| setting.number == number);
        let name = name.map_or("", |setting| setting.name);
        line!(Info, "configuration changed: ", name);
        CALLBACKS.with(|callbacks| callbacks.want_setting(number));
    }

    /// Has the meter of a connector read.
    pub(super) fn want_meter(&self, connector: u8) {
        let wants = |measured| self.station.wants_measured(measured);
        let measured = self.meters.those(wants);
        CALLBACKS.with(|callbacks| callbacks.want_meter(connector, measured));
    }

    fn transaction_changed(
        &mut self,
        connector: u8,
        state: TransactionState,
        transaction_id: Option<TransactionId>,
    ) {
        let what = match state {
            TransactionState::Started => "started",
            TransactionState::Accepted => "accepted",
            TransactionState::Refused => "refused",
            TransactionState::Stopped => "stopped",
            TransactionState::Reported => "reported",
        };
        match transaction_id {
            Some(id) => line!(
                Info,
                "transaction ",
                id,
                " at connector ",
                connector,
                " ",
                what
            ),
            None => line!(Info, "transaction at connector ", connector, " ", what),
        }
        // The answer to a start may be to that of the transaction before.
        let running = self.station.transaction(connector);
        let is_current = running.is_some_and(|running| running.transaction_id == transaction_id);
        if let Some(known) = self.connectors.get_mut(usize::from(connector)) {
            match state {
                TransactionState::Started => {
                    known.stopping = false;
                    known.answered = false;
                    CALLBACKS.with(|callbacks| callbacks.begun(connector));
                }
                TransactionState::Accepted | TransactionState::Refused if is_current => {
                    known.answered = true;
                }
                _ => {}
            }
        }
        if state == TransactionState::Stopped {
            self.tell_stop(connector);
            SESSIONS.with(|sessions| sessions.ended(connector));
        }
        let returned =
            self.pending_calls
                .transaction(&self.station, connector, state, transaction_id);
        if state == TransactionState::Refused {
            let known = self.connectors.get(usize::from(connector));
            match () {
                // The call that returns says so.
                () if returned => self.stop_told(connector),
                () if known.is_some_and(|known| known.stopping) => self.tell_stop(connector),
                () => {}
            }
        }
    }

    #[cfg(feature = "reservation")]
    fn reservation_changed(&self, connector: u8, id: i32, id_tag: &str, state: ReservationState) {
        let what = match state {
            ReservationState::Made => " is reserved for ",
            ReservationState::Used => " is used by ",
            ReservationState::Cancelled => " is no longer reserved, cancelled: ",
            ReservationState::Expired => " is no longer reserved, expired: ",
            ReservationState::Ended => " is no longer reserved, out of service: ",
        };
        line!(Info, "connector ", connector, what, id_tag);
        CALLBACKS.with(|callbacks| callbacks.want_reservation(connector, id, state));
    }

    /// What a connector may draw has changed; 0 is what all may draw together, of which each has its part.
    #[cfg(feature = "smart-charging")]
    fn limit_changed(&mut self, connector: u8, limit: Option<ChargingLimit>) {
        match limit {
            Some(limit) => line!(
                Info,
                "connector ",
                connector,
                " may draw ",
                limit.watts,
                " W"
            ),
            None => line!(Info, "connector ", connector, " has no limit"),
        }
        if connector != 0 {
            let limit = limit.map(|limit| u16::try_from(limit.deciamperes).unwrap_or(u16::MAX));
            CALLBACKS.with(|callbacks| callbacks.want_limit(connector, limit));
        }
    }

    fn energy_changed(&mut self, connector: u8, allowed: bool) {
        CALLBACKS.with(|callbacks| callbacks.want_energy(connector, allowed));
        // A fault, or a cable that is not there, holds the energy back, but the transaction goes
        // on (4.9, 9.1.23 StopTransactionOnEVSideDisconnect).
        let running = self.station.transaction(connector);
        let stopping = !allowed && running.is_none_or(|running| !running.allows_energy);
        if let Some(known) = self.connectors.get_mut(usize::from(connector)) {
            known.stopping = stopping;
        }
        // While a call waits for the answer to its start, that may be what it returns.
        if stopping && !self.pending_calls.has_start(connector) {
            self.tell_stop(connector);
        }
    }

    /// The application has ended the transaction itself, or learns of its end otherwise.
    pub(super) fn stop_told(&self, connector: u8) {
        CALLBACKS.with(|callbacks| callbacks.end_known(connector));
    }

    /// Calls the application back once for each transaction that it does not end itself.
    fn tell_stop(&self, connector: u8) {
        let session = SESSIONS.with(|sessions| sessions.of(connector));
        CALLBACKS.with(|callbacks| callbacks.want_stop(connector, session));
    }

    fn call_failed(&mut self, action: &'static str, failure: CallFailure) {
        let why = match failure {
            CallFailure::Timeout => "no answer",
            CallFailure::Error(code) => code.as_str(),
            CallFailure::BadAnswer => "an answer that cannot be read",
            CallFailure::AnswerTooLong => "an answer that is too long",
            CallFailure::GivenUp => "given up",
        };
        line!(Warning, action, ": ", why);
        self.unanswered = action == "Authorize" && failure == CallFailure::Timeout;
        if TRANSACTION_ACTIONS.contains(&action) {
            self.pending_calls.complete_transactions();
        }
    }

    /// The application refuses a remote start.
    pub(super) fn refuse_start(&mut self, connector: u8) {
        let reason = Reason::Other;
        // With a cable that was already there, its transaction runs, unless a session has it.
        match SESSIONS.with(|sessions| sessions.has(connector)) {
            true => {}
            false if self.station.transaction(connector).is_some() => {
                self.tell(Input::Stop { connector, reason });
            }
            false => self.tell(Input::CancelAuthorization(connector)),
        }
    }

    /// Withdraws a remote start whose idTag is not accepted, so that the connector is free again.
    fn withdraw(&mut self, id_tag: &str) {
        for connector in 1..=CONNECTORS as u8 {
            let awaited = self.station.awaited(connector);
            if awaited.is_some_and(|awaited| awaited.eq_ignore_ascii_case(id_tag)) {
                // It was just looked at.
                let _ = self
                    .station
                    .handle(kernel::now(), Input::CancelAuthorization(connector));
            }
        }
    }

    fn unlock(&mut self, connector: u8) {
        let known = self.connectors.get(usize::from(connector));
        if known.is_some_and(|known| known.unlocked) {
            let status = UnlockStatus::Unlocked;
            let unlocked = Input::UnlockResult { connector, status };
            // It has just asked.
            let _ = self.station.handle(kernel::now(), unlocked);
        } else {
            CALLBACKS.with(|callbacks| callbacks.want_unlock(connector));
        }
    }

    fn transfer_received(&mut self) {
        let Some(received) = self.station.received_data_transfer() else {
            return;
        };
        let (message_id, payload) = (received.message_id, received.payload);
        let is_wanted = CALLBACKS.with(|callbacks| callbacks.want_transfer(message_id, payload));
        if !is_wanted {
            let (status, payload) = (DataTransferStatus::Rejected, None);
            let answer = Input::DataTransferAnswer { status, payload };
            // It has just asked.
            let _ = self.station.handle(kernel::now(), answer);
        }
    }
}
