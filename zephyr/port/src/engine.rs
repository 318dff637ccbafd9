//! The thread that owns the station and the connection.

use heapless::Vec;
#[cfg(feature = "settings")]
use ocpp::station::SetupError;
use ocpp::{
    Station,
    domain::{Credentials, Measured},
    limits::CONNECTORS,
    station::{Input, Key, Memory, Output},
};
#[cfg(feature = "firmware-management")]
use ocpp::{domain::BootReason, station::Profile};

#[cfg(feature = "settings")]
use crate::application_settings::problem;
#[cfg(feature = "firmware-management")]
use crate::diagnostics;
use crate::{
    application::Application,
    callbacks::{CALLBACKS, CallbackResult},
    calls::CALLS,
    connect_thread::CONNECT_STATE,
    connection::{Connection, Lost},
    errno::Error,
    kernel::{self, Semaphore, ThreadCell},
    lifecycle,
    limits::SEND_BUFFER_SIZE,
    log::line,
    meter::{self, MOST, Meters},
    pending_calls::PendingCalls,
    reach::{self, Reach},
    sessions::SESSIONS,
    settings::SETTINGS,
    socket::{self, Woken},
    storage, transfer,
};

mod calls;
mod events;
#[cfg(feature = "firmware-management")]
mod files;
#[cfg(feature = "shell")]
mod inspection;
#[cfg(feature = "security")]
mod security;

/// Longest wait of the first connection for an application that is asked what its meters measure,
/// in milliseconds. Until that is known, every list of measurands is accepted.
const PROBE_TIMEOUT_MS: u64 = 2_000;

static SEND_BUFFER: ThreadCell<[u8; SEND_BUFFER_SIZE]> = ThreadCell::new([0; SEND_BUFFER_SIZE]);
static MEMORY: ThreadCell<Memory> = ThreadCell::new(Memory::new());
static CONNECTION: ThreadCell<Connection> = ThreadCell::new(Connection::new());

/// What is known of a connector besides the station.
#[derive(Clone, Copy, Debug, Default)]
struct Connector {
    /// Its transaction may not take energy.
    stopping: bool,
    /// The central system has answered the start of its transaction.
    answered: bool,
    /// The application said that its cable can be taken.
    unlocked: bool,
}

struct Engine {
    station: Station<'static>,
    connection: &'static mut Connection,
    application: &'static dyn Application,
    meters: Meters,
    pending_calls: PendingCalls,
    connectors: [Connector; CONNECTORS + 1],
    accepted: bool,
    /// The Authorize that is decided next had no answer.
    unanswered: bool,
    /// Until when the connection waits for what the meters measure, while the application is asked:
    /// the central system may ask for it at once.
    probe_deadline: Option<u64>,
    /// The station wants a connection that is not being opened yet, to offer that subprotocol.
    connect_due: Option<&'static str>,
    /// The application has put an installation off.
    #[cfg(feature = "firmware-management")]
    install_waits: bool,
    /// Certificates and signatures.
    #[cfg(feature = "security")]
    security: security::Security,
    /// Why the last attempt to connect failed, if it did.
    #[cfg(feature = "shell")]
    connect_error: Option<socket::ConnectError>,
    /// A shell waits for the meter of a connector.
    #[cfg(feature = "shell")]
    meter_query: Option<inspection::MeterQuery>,
}

/// Entry of the thread.
pub extern "C" fn run(_: u32) {
    // Built in its place: the engine is never moved.
    let mut begun = begin();
    let Some(engine) = &mut begun else {
        line!(
            Error,
            "the charge point cannot be described to a central system"
        );
        Semaphore::Started.give();
        return;
    };
    CALLS.with(|calls| calls.open());
    SESSIONS.with(|sessions| sessions.begin());
    // The thread that waits for this one to have started looks at the phase then.
    lifecycle::running();
    Semaphore::Started.give();
    line!(Info, "ocpp init success");
    #[cfg(feature = "security")]
    engine.declare_security();
    let mut deadline = engine.settle();
    let mut is_busy = false;
    loop {
        let is_readable = engine.wait(if is_busy { 0 } else { deadline });
        if lifecycle::is_stopping() {
            break;
        }
        engine.go_on_writing();
        engine.take_connect_result();
        #[cfg(feature = "shell")]
        engine.meter_query_expired();
        // Before anything that lets the station send: a driver who waits goes first. Then one
        // meter and one message at a time: a fast central system always has the next message
        // there, and so have many meters, and calls do not wait for the last of them.
        engine.begin_calls();
        is_busy = engine.take_callback_result() | engine.receive(is_readable);
        #[cfg(feature = "firmware-management")]
        engine.take_file_outcome();
        #[cfg(feature = "security")]
        engine.take_certificates();
        #[cfg(feature = "tls")]
        engine.check_validity();
        engine.connect_when_ready();
        deadline = engine.settle();
        #[cfg(feature = "firmware-management")]
        diagnostics::save_when_due();
    }
    engine.end();
    #[cfg(feature = "firmware-management")]
    diagnostics::save();
}

/// What the next connection is made with.
#[cfg_attr(
    not(feature = "security"),
    allow(unused_variables, reason = "nothing changes it")
)]
fn credentials<'s>(station: &'s Station<'static>) -> Credentials<'s> {
    #[cfg(feature = "security")]
    return station.credentials();
    #[cfg(not(feature = "security"))]
    SETTINGS.get().credentials()
}

#[inline(never)]
fn begin() -> Option<Engine> {
    let settings = SETTINGS.get();
    let (application, meters) = (settings.application?, settings.meters);
    // SAFETY: these belong to this thread, which runs once at a time and takes each of them here
    // once.
    let (records, memory, send_buffer, connection, incoming) = unsafe {
        (
            storage::RECORDS.take().open(),
            MEMORY.take(),
            SEND_BUFFER.take(),
            CONNECTION.take(),
            transfer::INCOMING.take(),
        )
    };
    CALLBACKS.with(|callbacks| callbacks.transfer.put(incoming));
    let is_declared = meters.declared().is_some();
    if !is_declared {
        CALLBACKS.with(|callbacks| callbacks.want_probe(meters.count()));
    }
    #[cfg(feature = "firmware-management")]
    let is_new = crate::files::confirm();
    let profile = settings.profile();
    // The boot loader knows better than a version that a maker may have forgotten to change.
    #[cfg(feature = "firmware-management")]
    let profile = Profile {
        boot_reason: match is_new {
            true => Some(BootReason::FirmwareUpdate),
            false => profile.boot_reason,
        },
        firmware_mark: crate::files::mark(),
        ..profile
    };
    let station = Station::new(profile, records, memory, send_buffer, kernel::now());
    #[cfg(feature = "settings")]
    if let Err(SetupError::Setting { number, error }) = &station {
        let why = problem(*error);
        line!(Error, "setting ", *number, ": ", why);
    }
    Some(Engine {
        station: station.ok()?,
        connection,
        application,
        meters,
        pending_calls: PendingCalls::new(),
        connectors: [Connector::default(); CONNECTORS + 1],
        accepted: false,
        unanswered: false,
        probe_deadline: (!is_declared).then(|| kernel::now() + PROBE_TIMEOUT_MS),
        connect_due: None,
        #[cfg(feature = "firmware-management")]
        install_waits: false,
        // SAFETY: this is the engine's thread, and no other runs that has the buffer.
        #[cfg(feature = "security")]
        security: unsafe { security::Security::new() },
        #[cfg(feature = "shell")]
        connect_error: None,
        #[cfg(feature = "shell")]
        meter_query: None,
    })
}

impl Engine {
    /// Waits for an event or a deadline; true if there is data to read.
    fn wait(&mut self, deadline: u64) -> bool {
        // A ping waits while a frame is being sent.
        let is_writing = self.connection.is_writing();
        let other = match is_writing {
            true => self.connection.send_deadline(),
            false => self.connection.ping_at(self.ping_interval()),
        };
        let probe_deadline = self.probe_deadline.filter(|_| self.connect_due.is_some());
        let deadline = deadline
            .min(other.unwrap_or(u64::MAX))
            .min(probe_deadline.unwrap_or(u64::MAX));
        #[cfg(feature = "shell")]
        let deadline = deadline.min(self.meter_query_deadline());
        #[cfg(feature = "firmware-management")]
        let deadline = deadline.min(diagnostics::deadline());
        let timeout = match deadline {
            u64::MAX => u64::MAX,
            deadline => deadline.saturating_sub(kernel::now()),
        };
        match socket::wait(self.connection.is_up(), is_writing, timeout) {
            Woken::Readable => true,
            Woken::Called | Woken::Writable => false,
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

    fn take_connect_result(&mut self) {
        let (opened, time) = CONNECT_STATE.with(|state| state.take());
        if let Some(time) = time {
            line!(Info, "time server: ", time.unix_ms / 1000, " s since 1970");
            self.tell(Input::Time(time.now()));
            #[cfg(feature = "firmware-management")]
            diagnostics::set_time(time.now());
        }
        #[cfg(feature = "shell")]
        if let Some(opened) = &opened {
            self.connect_error = opened.as_ref().err().copied();
        }
        #[cfg(feature = "security")]
        if let Some(opened) = &opened {
            self.tell_refusal(opened.as_ref().err());
        }
        match opened {
            Some(Ok(opened)) => {
                line!(Info, "connected");
                self.connection.opened(opened);
                self.tell(Input::Connected);
            }
            Some(Err(why)) => {
                let (error, words, name) = (why.error, why.description(), why.name());
                match why.http_status {
                    0 => line!(Warning, "not connected: error ", error, ": ", words, name),
                    status => line!(
                        Warning,
                        "not connected: error ",
                        error,
                        ", HTTP ",
                        status,
                        ": ",
                        words,
                        name
                    ),
                }
                self.connection.not_opened();
                self.tell(Input::Disconnected);
            }
            None => {}
        }
    }

    /// The connection is gone, which the station does not know yet.
    fn lose(&mut self, lost: Lost) {
        self.give_up(lost);
        self.tell(Input::Disconnected);
        self.pending_calls.complete_transactions();
    }

    /// Logs why the connection has ended, and closes it.
    fn give_up(&mut self, lost: Lost) {
        match lost {
            Lost::Closed => line!(Warning, "the central system closed the connection"),
            Lost::Broken(error) if error == Error::NotConnected.number() => line!(
                Warning,
                "connection lost: error ",
                error,
                ": it ended without a close frame"
            ),
            Lost::Broken(error) => line!(Warning, "connection lost: error ", error),
            Lost::Silent => line!(Warning, "connection lost: no answer to a ping"),
            Lost::Stuck => line!(
                Warning,
                "connection lost: the central system does not read what is sent"
            ),
            Lost::Invalid => line!(
                Warning,
                "connection lost: a frame that is not in order (RFC 6455, 5.4 and 5.5)"
            ),
            #[cfg(feature = "tls")]
            Lost::Refused(refusal) => {
                let (words, fault) = (refusal.description(), refusal.fault());
                line!(Warning, "connection given up: ", words, fault);
            }
            Lost::Outdated => line!(Info, "connection given up: it is made anew"),
            Lost::Unanswered => line!(Warning, "connection given up: no CALL is answered"),
        }
        self.connection.close(lost);
    }

    /// Takes a piece of what has arrived; false if there was none. More may be there that no wait
    /// reports, because Zephyr's client has received it already.
    #[inline(never)]
    fn receive(&mut self, is_readable: bool) -> bool {
        if !self.connection.is_up() || self.connection.is_writing() {
            return false;
        }
        let station = &mut self.station;
        let received = self.connection.receive(is_readable, |message| {
            station.handle(kernel::now(), message)
        });
        match received {
            Ok(true) => {
                // Before anything else is said: the answer may have told the time.
                #[cfg(feature = "tls")]
                self.check_validity();
                self.drive();
                return true;
            }
            Ok(false) => {}
            Err(lost) => self.lose(lost),
        }
        let (now, interval) = (kernel::now(), self.ping_interval());
        if let Err(lost) = self.connection.ping_when_due(now, interval) {
            self.lose(lost);
        }
        false
    }

    /// Gives up a connection whose certificates are not valid, as soon as the time is known.
    #[cfg(feature = "tls")]
    fn check_validity(&mut self) {
        if let Err(lost) = self.connection.check_validity(self.station.utc()) {
            self.lose(lost);
            #[cfg(feature = "security")]
            if let Lost::Refused(refusal) = lost {
                self.tell_late_refusal(refusal);
            }
        }
    }

    /// Hands the station an input that it cannot refuse, or whose refusal does not matter.
    fn tell(&mut self, input: Input<'_>) {
        let _ = self.station.handle(kernel::now(), input);
        self.drive();
    }

    /// Does everything that can be done now, also calls that could only begin after another one.
    /// Returns the station's next deadline.
    fn settle(&mut self) -> u64 {
        loop {
            let deadline = self.drive();
            if !self.begin_calls() && !self.close_abandoned() && !self.send_transfer() {
                return deadline;
            }
        }
    }

    /// Does what the station says until it waits; returns its next deadline.
    fn drive(&mut self) -> u64 {
        let until = loop {
            // A frame that the central system does not take holds up no event: a contactor opens.
            let output = match self.connection.is_writing() {
                true => self.station.poll_events(kernel::now()),
                false => self.station.poll(kernel::now()),
            };
            match output {
                Output::Wait(until) => break until,
                Output::Connect { subprotocol } => {
                    self.connect_due = Some(subprotocol);
                    self.connect_when_ready();
                }
                Output::Disconnect => {
                    #[cfg(feature = "security")]
                    let is_changed = core::mem::take(&mut self.security.is_changed);
                    #[cfg(not(feature = "security"))]
                    let is_changed = false;
                    self.give_up(match is_changed {
                        true => Lost::Outdated,
                        false => Lost::Unanswered,
                    });
                    self.pending_calls.complete_transactions();
                }
                Output::Event(event) => self.happened(event),
                Output::Send(text) => {
                    let sent = self.connection.send(text, true);
                    self.sent(sent);
                }
                Output::SendPart(text) => {
                    let sent = self.connection.send(text, false);
                    self.sent(sent);
                }
            }
        };
        let reach = match () {
            () if self.station.is_online() => Reach::Online,
            () if self.connection.is_up() => Reach::Pending,
            () => Reach::Offline,
        };
        self.reached(reach);
        until
    }

    /// Has the connection opened that is due, unless the application is still asked what its meters
    /// measure.
    fn connect_when_ready(&mut self) {
        let waits = self
            .probe_deadline
            .is_some_and(|until| until > kernel::now());
        if let Some(subprotocol) = self.connect_due.filter(|_| !waits) {
            #[cfg(feature = "security")]
            if !self.lend_certificates() {
                return;
            }
            self.connect_due = None;
            let utc = self.station.utc();
            let credentials = credentials(&self.station);
            self.connection.open(subprotocol, &credentials, utc);
        }
    }

    fn reached(&mut self, reach: Reach) {
        let before = reach::replace(reach);
        if before != reach {
            self.application.reached(reach);
        }
    }

    /// Gives up a connection that does not take a message.
    fn sent(&mut self, sent: Result<(), Lost>) {
        let Err(lost) = sent else {
            return;
        };
        self.connection.close(lost);
        let _ = self.station.handle(kernel::now(), Input::Disconnected);
        self.pending_calls.complete_transactions();
        if let Lost::Broken(error) = lost {
            line!(Warning, "not sent: error ", error);
        }
    }

    /// Writes more of the frame that is being sent, if one is.
    fn go_on_writing(&mut self) {
        if !self.connection.is_writing() {
            return;
        }
        match self.connection.write() {
            // The rest of an answer in parts goes before anything that arrives.
            Ok(()) if !self.connection.is_writing() => {
                self.drive();
            }
            Ok(()) => {}
            Err(lost) => self.lose(lost),
        }
    }

    /// Takes the result of one callback; false if there is none.
    #[inline(never)]
    fn take_callback_result(&mut self) -> bool {
        let Some(result) = CALLBACKS.with(|callbacks| callbacks.take_result()) else {
            return false;
        };
        match result {
            CallbackResult::Meter {
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
                #[cfg(feature = "shell")]
                self.meter_query_read(connector);
            }
            CallbackResult::Measured(measured) => {
                let mut all = Vec::<Measured, MOST>::new();
                // All have room.
                for measured in self.meters.selected(measured) {
                    let _ = all.push(measured);
                }
                self.station.declare_measurands(&all);
                self.probe_deadline = None;
            }
            CallbackResult::Unlock { connector, status } => {
                self.tell(Input::UnlockResult { connector, status });
            }
            CallbackResult::StartRefused { connector } => self.refuse_start(connector),
            CallbackResult::Transfer(status) => {
                let incoming = CALLBACKS.with(|callbacks| callbacks.transfer.take());
                let payload = incoming.as_ref().and_then(|incoming| incoming.payload());
                // Refused when the connection was lost meanwhile: the central system does not wait
                // any more.
                self.tell(Input::DataTransferAnswer { status, payload });
                if let Some(incoming) = incoming {
                    CALLBACKS.with(|callbacks| callbacks.transfer.put(incoming));
                }
            }
            #[cfg(feature = "firmware-management")]
            CallbackResult::Install { now } => self.install_answered(now),
            CallbackResult::ResetDeclined => self.tell(Input::ResetFailed),
        }
        true
    }

    /// Completes the calls under way, and closes the connection.
    fn end(&mut self) {
        CALLS.with(|calls| calls.close(Error::NotConnected));
        SESSIONS.with(|sessions| sessions.end());
        CALLBACKS.with(|callbacks| callbacks.stop());
        self.reached(Reach::Offline);
        if let Some(opened) = CONNECT_STATE.with(|state| state.end()) {
            self.connection.opened(opened);
        }
        self.connection.end();
    }
}
