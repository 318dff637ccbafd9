//! API calls, as the engine's thread carries them out.

use ocpp::{
    domain::{DataTransferStatus, IdToken, Reason},
    station::{Input, Reading, Refused},
};

use super::Engine;
#[cfg(feature = "firmware-management")]
use crate::diagnostics;
use crate::{
    calls::{CALLS, Call, CallId, Reply},
    errno::Error,
    kernel,
    pending_calls::{PendingCall, reply},
    sessions::{Handle, Progress, SESSIONS},
    transfer::OUTGOING,
};

impl Engine {
    /// Closes a session that its owner could not close; true if there was one.
    pub(super) fn close_abandoned(&mut self) -> bool {
        let abandoned = SESSIONS.with(|sessions| sessions.abandoned());
        if let Some(session) = abandoned {
            let _ = self.close(session);
        }
        abandoned.is_some()
    }

    /// Begins every call that can be begun now; true if there was one.
    #[inline(never)]
    pub(super) fn begin_calls(&mut self) -> bool {
        let mut begun = false;
        loop {
            let is_authorizing = self.pending_calls.has_authorize();
            let ready = |call: &Call| !is_authorizing || !matches!(call, Call::Authorize { .. });
            let Some((id, call)) = CALLS.with(|calls| calls.take(ready)) else {
                return begun;
            };
            begun = true;
            self.begin_call(id, call);
        }
    }

    fn begin_call(&mut self, id: CallId, call: Call) {
        match call {
            Call::Authorize { session, id_tag } => self.authorize(id, session, &id_tag),
            Call::StartTransaction {
                session,
                connector,
                register,
            } => self.start(id, session, connector, register),
            Call::StopTransaction { session, register } => self.stop(id, session, register),
            Call::CloseSession { session } => {
                let done = self.close(session);
                reply(id, done);
            }
            Call::SetPlugged {
                connector,
                plugged: true,
            } => self.at_once(id, Input::Plugged(connector)),
            Call::SetPlugged { connector, .. } => self.at_once(id, Input::Unplugged(connector)),
            Call::PresentIdTag { connector, id_tag } => {
                let id_tag = &id_tag;
                self.at_once(id, Input::Tag { connector, id_tag });
            }
            Call::SetFault {
                connector,
                error,
                info,
            } => {
                let input = match error {
                    Some(error) => Input::Fault {
                        connector,
                        error,
                        info: &info,
                        vendor_error_code: "",
                    },
                    None => Input::FaultCleared(connector),
                };
                self.at_once(id, input);
            }
            Call::SetSuspended { connector, by } => {
                self.at_once(id, Input::Suspended { connector, by });
            }
            Call::SetAvailable {
                connector,
                available: operative,
            } => self.at_once(
                id,
                Input::Availability {
                    connector,
                    operative,
                },
            ),
            Call::SetLocked { connector, locked } => {
                if let Some(known) = self.connectors.get_mut(usize::from(connector)) {
                    known.unlocked = !locked;
                }
                reply(id, Ok(Reply::Done));
            }
            Call::TransactionId { connector } => {
                let name = match self.station.transaction(connector) {
                    None => Err(Error::Invalid),
                    Some(running) => running.transaction_id.ok_or(Error::NotNow),
                };
                reply(id, name.map(Reply::TransactionId));
            }
            #[cfg(feature = "firmware-management")]
            Call::InstallFirmware => {
                let begun = self.install_put_off();
                reply(id, begun.map(|()| Reply::Done));
            }
            #[cfg(feature = "security")]
            Call::SecurityEvent { event, info } => {
                let tech_info = &info;
                self.at_once(id, Input::SecurityEvent { event, tech_info });
            }
            #[cfg(feature = "security")]
            Call::RequestCertificate => {
                let wanted = self.want_certificate();
                reply(id, wanted.map(|()| Reply::Done));
            }
            Call::Reset(kind) => self.at_once(id, Input::Reset(kind)),
            Call::DataTransfer => {
                // The caller of one that could not be sent has timed out, or this one had been
                // refused.
                if let Some(earlier) = self.pending_calls.data_transfer(false) {
                    self.pending_calls.complete(earlier, Err(Error::TimedOut));
                }
                self.pending_calls
                    .set(id, PendingCall::DataTransfer { sent: false });
            }
            Call::SetTime(utc) => {
                #[cfg(feature = "firmware-management")]
                diagnostics::set_time(utc);
                self.at_once(id, Input::Time(utc));
            }
            #[cfg(feature = "settings")]
            Call::ReadSetting { number, into } => {
                let value = self.station.setting(number).map(Into::into);
                // SAFETY: the reply is below.
                let is_one = unsafe { into.put(value) };
                reply(id, is_one.then_some(Reply::Done).ok_or(Error::Invalid));
            }
            #[cfg(feature = "reservation")]
            Call::ReadReservation { connector, into } => {
                let reservation = self.station.reservation(connector).map(Into::into);
                // SAFETY: the reply is below.
                unsafe { into.put(reservation) };
                reply(id, Ok(Reply::Done));
            }
            #[cfg(feature = "shell")]
            Call::Query(pending) => self.answer_query(id, pending),
        }
    }

    /// For what the station accepts or refuses without the central system.
    fn at_once(&mut self, id: CallId, input: Input<'_>) {
        let taken = self.station.handle(kernel::now(), input);
        self.drive();
        reply(id, taken.map(|()| Reply::Done).map_err(Error::from));
    }

    /// Sends the data transfer that waits, unless another message waits for its answer; true if
    /// it no longer waits.
    pub(super) fn send_transfer(&mut self) -> bool {
        let Some(id) = self.pending_calls.data_transfer(false) else {
            return false;
        };
        let station = &mut self.station;
        let sent = OUTGOING.with(|transfer| transfer.get_mut().map(|t| t.send(station)));
        match sent {
            // The caller has timed out.
            None => self.pending_calls.complete(id, Err(Error::TimedOut)),
            Some(Err(Refused::Busy)) => return false,
            Some(Err(refused)) => self.pending_calls.complete(id, Err(refused.into())),
            Some(Ok(())) => {
                self.pending_calls
                    .set(id, PendingCall::DataTransfer { sent: true });
            }
        }
        true
    }

    /// The central system has answered it, or never will.
    pub(super) fn transfer_answered(&mut self, status: Option<DataTransferStatus>) {
        let Some(id) = self.pending_calls.data_transfer(true) else {
            return;
        };
        let Some(status) = status else {
            let error = match self.connection.is_up() {
                true => Error::Failed,
                false => Error::NotConnected,
            };
            return self.pending_calls.complete(id, Err(error));
        };
        let text = self.station.data_transfer_answer().unwrap_or("");
        OUTGOING.with(|outgoing| {
            if let Some(transfer) = outgoing.get_mut() {
                transfer.answered(text);
            }
        });
        self.pending_calls
            .complete(id, Ok(Reply::DataTransfer(status)));
    }

    fn authorize(&mut self, id: CallId, session: Handle, id_tag: &IdToken) {
        self.begin_authorization(id, session, id_tag);
        self.drive();
    }

    fn begin_authorization(&mut self, id: CallId, session: Handle, id_tag: &IdToken) {
        self.unanswered = false;
        match self.station.handle(kernel::now(), Input::Authorize(id_tag)) {
            Ok(()) => self
                .pending_calls
                .set(id, PendingCall::Authorize { session }),
            Err(refused) => reply(id, Err(refused.into())),
        }
    }

    /// Authorizes the next idTag as soon as the one before is decided, before the station is polled
    /// again: it would send a report first, and the driver would wait for one more answer of a slow
    /// central system.
    pub(super) fn authorize_next(&mut self) {
        let ready = |call: &Call| matches!(call, Call::Authorize { .. });
        while !self.pending_calls.has_authorize()
            && let Some((id, Call::Authorize { session, id_tag })) =
                CALLS.with(|calls| calls.take(ready))
        {
            self.begin_authorization(id, session, &id_tag);
        }
    }

    fn start(&mut self, id: CallId, session: Handle, connector: u8, register: i32) {
        match self.try_start(session, connector, register) {
            Ok(()) => {}
            Err(error) => return reply(id, Err(error)),
        }
        SESSIONS.with(|sessions| {
            if let Some(session) = sessions.get(session) {
                session.connector = connector;
                session.progress = Progress::Running;
            }
        });
        self.pending_calls
            .set(id, PendingCall::StartTransaction { session, connector });
        self.drive();
        if !self.pending_calls.contains(id) {
            return;
        }
        let known = self.connectors.get(usize::from(connector));
        let is_answered = known.is_some_and(|known| known.answered);
        match self.station.transaction(connector) {
            // It could not be stored, so it never began.
            None => {
                SESSIONS.with(|sessions| {
                    if let Some(session) = sessions.get(session) {
                        session.progress = Progress::None;
                    }
                });
                self.pending_calls.complete(id, Err(Error::NoMemory));
            }
            // One that a remote start had begun already, or that is told later.
            Some(_) if is_answered || !self.station.is_online() => {
                self.pending_calls.complete(id, Ok(Reply::Done));
            }
            Some(_) => {}
        }
    }

    fn try_start(&mut self, session: Handle, connector: u8, register: i32) -> Result<(), Error> {
        let id_tag = SESSIONS.with(|sessions| {
            let taken = sessions.has(connector);
            let session = sessions.get(session).ok_or(Error::Invalid)?;
            match session.progress {
                Progress::Running => Err(Error::InUse),
                _ if taken => Err(Error::InUse),
                _ => session.id_tag.clone().ok_or(Error::Refused),
            }
        })?;
        if let Some(running) = self.station.transaction(connector) {
            // A cable that was already there, and a remote start: the station did not wait.
            let same = running.id_tag.eq_ignore_ascii_case(&id_tag);
            return match same && !running.is_ending {
                true => Ok(()),
                false => Err(Error::InUse),
            };
        }
        let now = kernel::now();
        let readings = &[Reading::energy(register)];
        // A reading of the same moment is the one that the transaction begins with.
        self.station.handle(
            now,
            Input::Meter {
                connector,
                readings,
            },
        )?;
        let id_tag = &id_tag;
        self.station
            .handle(now, Input::Start { connector, id_tag })?;
        Ok(())
    }

    fn stop(&mut self, id: CallId, session: Handle, register: i32) {
        let found = SESSIONS.with(|sessions| {
            let session = sessions.get(session)?;
            let found = (session.connector, session.progress);
            session.progress = Progress::None;
            Some(found)
        });
        let (connector, progress) = match found {
            None | Some((_, Progress::None)) => return reply(id, Err(Error::Invalid)),
            Some(found) => found,
        };
        let running = self.station.transaction(connector);
        let transaction_id = running.and_then(|running| running.transaction_id);
        let wait = PendingCall::StopTransaction {
            connector,
            transaction_id,
        };
        match self.end_transaction(connector, progress, Some(register)) {
            Ok(()) if self.station.is_online() && progress == Progress::Running => {
                self.pending_calls.set(id, wait);
                self.drive();
            }
            Ok(()) => {
                self.drive();
                reply(id, Ok(Reply::Done));
            }
            Err(refused) => reply(id, Err(refused.into())),
        }
    }

    fn close(&mut self, session: Handle) -> Result<Reply, Error> {
        let found = SESSIONS.with(|sessions| {
            let found = sessions.get(session)?;
            let found = (found.connector, found.progress);
            sessions.close(session);
            Some(found)
        });
        if let Some((connector, Progress::Running)) = found {
            // No caller could stop it any more.
            let _ = self.end_transaction(connector, Progress::Running, None);
            self.drive();
        }
        Ok(Reply::Done)
    }

    /// Ends a transaction, or gives one that is ending its last reading.
    fn end_transaction(
        &mut self,
        connector: u8,
        progress: Progress,
        register: Option<i32>,
    ) -> Result<(), Refused> {
        let now = kernel::now();
        self.stop_told(connector);
        let runs = self.station.transaction(connector).is_some();
        if let Some(register) = register.filter(|_| runs) {
            let readings = &[Reading::energy(register)];
            self.station.handle(
                now,
                Input::Meter {
                    connector,
                    readings,
                },
            )?;
        }
        if progress != Progress::Running {
            return Ok(());
        }
        let reason = Reason::Local;
        match self.station.handle(now, Input::Stop { connector, reason }) {
            // It has just ended otherwise.
            Err(Refused::NoTransaction) => Ok(()),
            done => done,
        }
    }
}
