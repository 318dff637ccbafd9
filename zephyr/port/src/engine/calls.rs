//! Requests of API calls, as the engine's thread carries them out.

use ocpp::{
    station::{Input, Reading, Refused},
    domain::{AuthorizationStatus, DataTransferStatus, IdToken, Reason},
};

use super::Engine;
use crate::{
    errno::Error,
    kernel,
    requests::{Answer, Ask},
    sessions::{Handle, Progress},
    shared::SHARED,
    waiting::{Wait, answer},
};

/// What a call that waits for nothing is answered.
pub(super) const DONE: AuthorizationStatus = AuthorizationStatus::Accepted;

impl Engine {
    /// Closes sessions whose owner found no room for a request; true if there was one.
    pub(super) fn close_left(&mut self) -> bool {
        let left = SHARED.with(|shared| shared.sessions.left());
        if let Some(session) = left {
            let _ = self.close(session);
        }
        left.is_some()
    }

    /// Begins every request that can be begun now; true if there was one.
    #[inline(never)]
    pub(super) fn begin_requests(&mut self) -> bool {
        let mut begun = false;
        loop {
            let asking = self.waiting.has_authorization();
            let ready = |ask: &Ask| !asking || !matches!(ask, Ask::Authorize { .. });
            let Some((slot, ask)) = SHARED.with(|shared| shared.requests.take(ready)) else {
                return begun;
            };
            begun = true;
            self.begin_request(slot, ask);
        }
    }

    fn begin_request(&mut self, slot: usize, ask: Ask) {
        match ask {
            Ask::Authorize { session, id_tag } => self.authorize(slot, session, &id_tag),
            Ask::Start {
                session,
                connector,
                register,
            } => self.start(slot, session, connector, register),
            Ask::Stop { session, register } => self.stop(slot, session, register),
            Ask::Close { session } => {
                let done = self.close(session);
                answer(slot, done);
            }
            Ask::Cable {
                connector,
                plugged: true,
            } => self.at_once(slot, Input::Plugged(connector)),
            Ask::Cable { connector, .. } => self.at_once(slot, Input::Unplugged(connector)),
            Ask::Tag { connector, id_tag } => {
                let id_tag = &id_tag;
                self.at_once(slot, Input::Tag { connector, id_tag });
            }
            Ask::Fault {
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
                self.at_once(slot, input);
            }
            Ask::Suspend { connector, by } => {
                self.at_once(slot, Input::Suspended { connector, by });
            }
            Ask::Availability {
                connector,
                available: operative,
            } => self.at_once(
                slot,
                Input::Availability {
                    connector,
                    operative,
                },
            ),
            Ask::Lock { connector, locked } => {
                if let Some(known) = self.connectors.get_mut(usize::from(connector)) {
                    known.unlocked = !locked;
                }
                answer(slot, Ok(DONE));
            }
            Ask::Reset(kind) => self.at_once(slot, Input::Reset(kind)),
            Ask::Transfer => {
                // The caller of one that could not be sent has gone, or this one had been refused.
                if let Some(gone) = self.waiting.transfer(false) {
                    self.waiting.settle(gone, Err(Error::TimedOut));
                }
                self.waiting.add(slot, Wait::Transfer { sent: false });
            }
            Ask::Time(utc) => self.at_once(slot, Input::Time(utc)),
            #[cfg(feature = "shell")]
            Ask::Shell(asked) => self.shell_asked(slot, asked),
        }
    }

    /// For what the station takes or refuses without asking anybody.
    fn at_once(&mut self, slot: usize, input: Input<'_>) {
        let taken = self.station.handle(kernel::now(), input);
        self.drive();
        answer(slot, taken.map(|()| DONE).map_err(Error::from));
    }

    /// Sends the data transfer that waits, unless another message waits for its answer; true if
    /// it no longer waits.
    pub(super) fn send_transfer(&mut self) -> bool {
        let Some(slot) = self.waiting.transfer(false) else {
            return false;
        };
        let station = &mut self.station;
        let sent = SHARED.with(|shared| shared.transfer.get_mut().map(|t| t.send(station)));
        match sent {
            // The caller did not wait so long.
            None => self.waiting.settle(slot, Err(Error::TimedOut)),
            Some(Err(Refused::Busy)) => return false,
            Some(Err(refused)) => self.waiting.settle(slot, Err(refused.into())),
            Some(Ok(())) => {
                self.waiting.add(slot, Wait::Transfer { sent: true });
            }
        }
        true
    }

    /// The central system has answered it, or never will.
    pub(super) fn transfer_answered(&mut self, status: Option<DataTransferStatus>) {
        let Some(slot) = self.waiting.transfer(true) else {
            return;
        };
        let Some(status) = status else {
            let error = match self.connection.is_up() {
                true => Error::Failed,
                false => Error::NotConnected,
            };
            return self.waiting.settle(slot, Err(error));
        };
        let text = self.station.data_transfer_answer().unwrap_or("");
        SHARED.with(|shared| {
            if let Some(transfer) = shared.transfer.get_mut() {
                transfer.answered(status, text);
            }
        });
        self.waiting.settle(slot, Ok(DONE));
    }

    fn authorize(&mut self, slot: usize, session: Handle, id_tag: &IdToken) {
        self.begin_authorization(slot, session, id_tag);
        self.drive();
    }

    fn begin_authorization(&mut self, slot: usize, session: Handle, id_tag: &IdToken) {
        self.unanswered = false;
        match self.station.handle(kernel::now(), Input::Authorize(id_tag)) {
            Ok(()) => self.waiting.add(slot, Wait::Authorization { session }),
            Err(refused) => answer(slot, Err(refused.into())),
        }
    }

    /// Asks about the next idTag as soon as the one before is decided, without polling the station,
    /// for what is polled: else it would send a report first, and with a central system that takes
    /// its time, the driver waits for one answer more.
    pub(super) fn authorize_next(&mut self) {
        let ready = |ask: &Ask| matches!(ask, Ask::Authorize { .. });
        while !self.waiting.has_authorization()
            && let Some((slot, Ask::Authorize { session, id_tag })) =
                SHARED.with(|shared| shared.requests.take(ready))
        {
            self.begin_authorization(slot, session, &id_tag);
        }
    }

    fn start(&mut self, slot: usize, session: Handle, connector: u8, register: i32) {
        match self.try_start(session, connector, register) {
            Ok(()) => {}
            Err(error) => return answer(slot, Err(error)),
        }
        SHARED.with(|shared| {
            if let Some(session) = shared.sessions.get(session) {
                session.connector = connector;
                session.progress = Progress::Running;
            }
        });
        self.waiting.add(slot, Wait::Start { session, connector });
        self.drive();
        if !self.waiting.is_waiting(slot) {
            return;
        }
        let running = self.station.transaction(connector);
        match running.map(|running| running.transaction_id) {
            // It could not be stored, so it never began.
            None => {
                SHARED.with(|shared| {
                    if let Some(session) = shared.sessions.get(session) {
                        session.progress = Progress::None;
                    }
                });
                self.waiting.settle(slot, Err(Error::NoRoom));
            }
            // One that a remote start had begun already.
            Some(Some(_)) => self.waiting.settle(slot, Ok(DONE)),
            Some(None) if !self.station.is_online() => self.waiting.settle(slot, Ok(DONE)),
            Some(None) => {}
        }
    }

    fn try_start(&mut self, session: Handle, connector: u8, register: i32) -> Result<(), Error> {
        let id_tag = SHARED.with(|shared| {
            let taken = shared.sessions.has(connector);
            let session = shared.sessions.get(session).ok_or(Error::Invalid)?;
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

    fn stop(&mut self, slot: usize, session: Handle, register: i32) {
        let found = SHARED.with(|shared| {
            let session = shared.sessions.get(session)?;
            let found = (session.connector, session.progress);
            session.progress = Progress::None;
            Some(found)
        });
        let (connector, progress) = match found {
            None | Some((_, Progress::None)) => return answer(slot, Err(Error::Invalid)),
            Some(found) => found,
        };
        let running = self.station.transaction(connector);
        let transaction_id = running.and_then(|running| running.transaction_id);
        let wait = Wait::Stop {
            connector,
            transaction_id,
        };
        match self.end_transaction(connector, progress, Some(register)) {
            Ok(()) if self.station.is_online() && progress == Progress::Running => {
                self.waiting.add(slot, wait);
                self.drive();
            }
            Ok(()) => {
                self.drive();
                answer(slot, Ok(DONE));
            }
            Err(refused) => answer(slot, Err(refused.into())),
        }
    }

    fn close(&mut self, session: Handle) -> Answer {
        let found = SHARED.with(|shared| {
            let found = shared.sessions.get(session)?;
            let found = (found.connector, found.progress);
            shared.sessions.close(session);
            Some(found)
        });
        if let Some((connector, Progress::Running)) = found {
            // Nobody could stop it any more.
            let _ = self.end_transaction(connector, Progress::Running, None);
            self.drive();
        }
        Ok(DONE)
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
