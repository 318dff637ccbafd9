//! The thread that owns the station and the connection.

use ocpp::{
    Station,
    limits::CONNECTORS,
    station::{CallFailure, Event, Input, Key, Memory, Output, TransactionState},
    v16::{ChargePointError, RegistrationStatus, ResetType},
};

use crate::{
    callbacks::Brought,
    connection::{Connection, Lost},
    errno::Error,
    kernel::{self, Owned, Semaphore},
    limits::SEND_BUFFER_SIZE,
    log::line,
    meter,
    settings::SETTINGS,
    shared::{Phase, Reach, SHARED},
    socket::{self, NotOpened, Woken},
    storage,
    waiting::Waiting,
};

mod calls;

static SEND_BUFFER: Owned<[u8; SEND_BUFFER_SIZE]> = Owned::new([0; SEND_BUFFER_SIZE]);
static MEMORY: Owned<Memory> = Owned::new(Memory::new());
static CONNECTION: Owned<Connection> = Owned::new(Connection::new());

/// What is known of a connector besides the station.
#[derive(Clone, Copy, Debug, Default)]
struct Connector {
    /// The application was told that its transaction is over, or ended it itself.
    told_stop: bool,
    /// Its transaction may not take energy.
    stopping: bool,
    /// The application said that it is broken.
    broken: bool,
}

struct Engine {
    station: Station<'static>,
    connection: &'static mut Connection,
    waiting: Waiting,
    connectors: [Connector; CONNECTORS + 1],
    accepted: bool,
}

/// Its entry.
pub extern "C" fn run(_: u32) {
    // It stays where it is returned to.
    let mut begun = begin();
    let Some(engine) = &mut begun else {
        line!(
            Error,
            "the charge point cannot be described to a central system"
        );
        Semaphore::Started.give();
        return;
    };
    // Whoever waits for this thread to have started looks at the phase then.
    SHARED.with(|shared| shared.phase = Phase::Running);
    Semaphore::Started.give();
    line!(Info, "ocpp init success");
    let mut deadline = engine.drive();
    loop {
        let is_readable = engine.wait(deadline);
        if SHARED.with(|shared| shared.phase == Phase::Stopping) {
            break;
        }
        engine.look_at_opener();
        engine.take_brought();
        engine.begin_requests();
        engine.receive(is_readable);
        deadline = engine.drive();
    }
    engine.end();
}

#[inline(never)]
fn begin() -> Option<Engine> {
    let settings = SETTINGS.get();
    // SAFETY: these four belong to this thread, which runs once at a time and takes each of
    // them here once.
    let (records, memory, send_buffer, connection) = unsafe {
        (
            storage::RECORDS.take(),
            MEMORY.take(),
            SEND_BUFFER.take(),
            CONNECTION.take(),
        )
    };
    Some(Engine {
        station: Station::new(
            settings.profile(),
            records,
            memory,
            send_buffer,
            kernel::now(),
        )?,
        connection,
        waiting: Waiting::new(),
        connectors: [Connector::default(); CONNECTORS + 1],
        accepted: false,
    })
}

impl Engine {
    /// Waits until something happens or has to be done; true when something can be read.
    fn wait(&mut self, deadline: u64) -> bool {
        let deadline = deadline.min(
            self.connection
                .ping_at(self.ping_interval())
                .unwrap_or(u64::MAX),
        );
        let timeout = match deadline {
            u64::MAX => u64::MAX,
            deadline => deadline.saturating_sub(kernel::now()),
        };
        match socket::wait(self.connection.is_up(), timeout) {
            Woken::Readable => true,
            Woken::Called => false,
            Woken::Broken => {
                self.lose(Lost::Broken(Error::NotConnected.number()));
                false
            }
        }
    }

    fn ping_interval(&self) -> u64 {
        u64::from(
            self.station
                .configuration_number(Key::WebSocketPingInterval),
        ) * 1000
    }

    fn look_at_opener(&mut self) {
        match SHARED.with(|shared| shared.opened.take()) {
            Some(Ok(())) => {
                line!(Info, "connected");
                self.connection.opened();
                self.tell(Input::Connected);
            }
            Some(Err(NotOpened { error, http_status })) => {
                match http_status {
                    0 => line!(Warning, "not connected: error ", error),
                    status => line!(Warning, "not connected: error ", error, ", HTTP ", status),
                }
                self.connection.not_opened();
                self.tell(Input::Disconnected);
            }
            None => {}
        }
    }

    fn lose(&mut self, lost: Lost) {
        match lost {
            Lost::Closed => line!(Warning, "the central system closed the connection"),
            Lost::Broken(error) => line!(Warning, "connection lost: error ", error),
            Lost::Silent => line!(Warning, "connection lost: no answer to a ping"),
        }
        self.connection.close(lost != Lost::Closed);
        self.tell(Input::Disconnected);
        self.waiting.postponed();
    }

    /// Takes everything that has arrived, not only the first of several messages.
    #[inline(never)]
    fn receive(&mut self, mut is_readable: bool) {
        while self.connection.is_up() {
            let station = &mut self.station;
            let received = self.connection.receive(is_readable, |message| {
                station.handle(kernel::now(), message)
            });
            is_readable = false;
            match received {
                Ok(true) => {
                    self.drive();
                }
                Ok(false) => break,
                Err(lost) => self.lose(lost),
            }
        }
        let (now, interval) = (kernel::now(), self.ping_interval());
        if let Err(lost) = self.connection.ping_when_due(now, interval) {
            self.lose(lost);
        }
    }

    /// Tells the station what it cannot refuse, or what does not matter if it does.
    fn tell(&mut self, input: Input<'_>) {
        let _ = self.station.handle(kernel::now(), input);
        self.drive();
    }

    /// Does what the station says until it waits; gives the time until which.
    fn drive(&mut self) -> u64 {
        let until = loop {
            match self.station.poll(kernel::now()) {
                Output::Wait(until) => break until,
                Output::Connect => self.connection.open(),
                Output::Event(event) => self.happened(event),
                Output::Send(message) => {
                    if let Err(lost) = self.connection.send(message) {
                        self.connection.close(true);
                        let _ = self.station.handle(kernel::now(), Input::Disconnected);
                        self.waiting.postponed();
                        if let Lost::Broken(error) = lost {
                            line!(Warning, "not sent: error ", error);
                        }
                    }
                }
            }
        };
        let reach = match () {
            () if self.station.is_online() => Reach::Online,
            () if self.connection.is_up() => Reach::Pending,
            () => Reach::Offline,
        };
        SHARED.with(|shared| shared.reach = reach);
        until
    }

    #[inline(never)]
    fn take_brought(&mut self) {
        while let Some(brought) = SHARED.with(|shared| shared.callbacks.take()) {
            match brought {
                Brought::Meter {
                    connector,
                    readings,
                } => {
                    // The last reading of a transaction is one of the register: without it,
                    // ocpp_stop_transaction() may still come with one.
                    let connector_known = self.connectors.get(usize::from(connector));
                    let stopping = connector_known.is_some_and(|known| known.stopping);
                    if !stopping || meter::has_register(&readings) {
                        self.tell(Input::Meter {
                            connector,
                            readings: &readings,
                        });
                    }
                }
                Brought::Unlock { connector, status } => {
                    self.tell(Input::UnlockResult { connector, status });
                }
                Brought::ResetDeclined => self.tell(Input::ResetFailed),
            }
        }
    }

    #[inline(never)]
    fn happened(&mut self, event: Event) {
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
                if connector == 0 {
                    // Whoever asked gets it as an answer.
                    self.waiting.authorized(&id_tag, status);
                } else {
                    line!(Info, "idTag ", id_tag.as_str(), " ", status.as_str());
                }
            }
            Event::RemoteStart { connector, id_tag } => {
                line!(Info, "remote start at connector ", connector);
                SHARED.with(|shared| shared.callbacks.want_start(connector, id_tag));
            }
            Event::Transaction {
                connector,
                state,
                transaction_id,
                ..
            } => self.transaction_changed(connector, state, transaction_id),
            Event::Energy { connector, allowed } => self.energy_changed(connector, allowed),
            Event::MeterWanted(connector) => {
                SHARED.with(|shared| shared.callbacks.want_meter(connector));
            }
            Event::Unlock(connector) => {
                SHARED.with(|shared| shared.callbacks.want_unlock(connector));
            }
            Event::Reset(kind) => {
                line!(Info, "reset");
                SHARED.with(|shared| shared.callbacks.want_reset(kind == ResetType::Hard));
            }
            Event::ConfigurationChanged(key) => line!(Info, "configuration changed: ", key.name()),
            Event::CallFailed { action, failure } => self.call_failed(action, failure),
            Event::FrameDropped(_) => line!(Warning, "message dropped"),
            Event::StorageFailed(_) => line!(Error, "record not stored"),
            Event::Time(_) | Event::DataTransferReceived | Event::DataTransferAnswered(_) => {}
        }
    }

    fn transaction_changed(
        &mut self,
        connector: u8,
        state: TransactionState,
        transaction_id: Option<i32>,
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
        if state == TransactionState::Started
            && let Some(known) = self.connectors.get_mut(usize::from(connector))
        {
            known.told_stop = false;
            known.stopping = false;
        }
        if state == TransactionState::Stopped {
            self.tell_stop(connector);
            SHARED.with(|shared| shared.sessions.ended(connector));
        }
        let returned = self
            .waiting
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

    fn energy_changed(&mut self, connector: u8, allowed: bool) {
        SHARED.with(|shared| shared.callbacks.want_energy(connector, allowed));
        let Some(known) = self.connectors.get_mut(usize::from(connector)) else {
            return;
        };
        known.stopping = !allowed;
        // A fault holds the energy back, but the transaction goes on (4.9).
        // While a call waits for the answer to its start, that may be what it returns.
        if !allowed && !known.broken && !self.waiting.has_start(connector) {
            self.tell_stop(connector);
        }
    }

    /// The application has ended the transaction itself, or learns of its end otherwise.
    fn stop_told(&mut self, connector: u8) {
        if let Some(known) = self.connectors.get_mut(usize::from(connector)) {
            known.told_stop = true;
        }
    }

    /// Calls the application back once for each transaction that it does not end itself.
    fn tell_stop(&mut self, connector: u8) {
        if let Some(known) = self.connectors.get_mut(usize::from(connector))
            && !core::mem::replace(&mut known.told_stop, true)
        {
            SHARED.with(|shared| shared.callbacks.want_stop(connector));
        }
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
        if action == "StartTransaction" || action == "StopTransaction" {
            self.waiting.postponed();
        }
    }

    /// Says goodbye and answers whoever waits.
    fn end(&mut self) {
        let opened = SHARED.with(|shared| {
            shared.requests.answer_all(Err(Error::NotConnected));
            shared.sessions.close_all();
            shared.reach = Reach::Offline;
            shared.opened.take()
        });
        if opened.is_some_and(|opened| opened.is_ok()) {
            self.connection.opened();
        }
        if self.connection.is_up() {
            self.connection.close(false);
        }
        self.connection.not_opened();
    }
}
