//! A charge point's behaviour: parts that own their state, and `routing` between them.

#[cfg(feature = "security")]
mod access;
mod api;
mod authorization;
mod call;
#[cfg(feature = "security")]
mod certificates;
mod clock;
mod connection;
mod connectors;
mod context;
mod data_transfer;
mod deferred;
mod error;
#[cfg(feature = "firmware-management")]
mod firmware;
#[cfg(any(feature = "firmware-management", feature = "local-list"))]
mod hash;
#[cfg(feature = "v201")]
mod inventory;
#[cfg(feature = "firmware-management")]
mod logs;
mod memory;
mod metering;
mod outbox;
mod queries;
mod record;
mod registration;
#[cfg(feature = "v201")]
mod reports;
#[cfg(feature = "reservation")]
mod reservations;
mod reset;
mod routing;
mod rpc;
#[cfg(feature = "security")]
mod security_events;
mod settings;
#[cfg(feature = "security")]
mod signing;
#[cfg(feature = "smart-charging")]
mod smart_charging;
mod status;
mod transactions;
#[cfg(feature = "firmware-management")]
mod transfer;

pub use api::{
    Event, Input, Output, Profile, Reading, ReservationState, Suspension, TransactionState,
};
pub(crate) use call::Call;
#[cfg(feature = "security")]
pub use certificates::InstalledCertificate;
pub use data_transfer::ReceivedDataTransfer;
pub use error::{CallFailure, Refused, SetupError};
#[cfg(feature = "firmware-management")]
pub use firmware::{FirmwareDownload, FirmwareProgress};
#[cfg(feature = "firmware-management")]
pub use logs::{FileName, LogUpload};
pub use memory::Memory;
pub use queries::{Queue, QueuedKind, QueuedMessage};
#[cfg(feature = "smart-charging")]
pub use routing::InstalledProfile;
#[cfg(feature = "security")]
pub use routing::KeyPlace;
#[cfg(feature = "reservation")]
pub use routing::Reserved;
#[cfg(feature = "local-list")]
pub use routing::{Listed, LocalList};
#[cfg(feature = "security")]
pub use security_events::TechInfo;
pub use settings::{Key, Mutability, Setting, SettingError, SettingForm, SettingId, SettingValue};
#[cfg(feature = "security")]
pub use signing::Signing;
pub use transactions::Running;

use ::core::ops::Range;

use authorization::Authorization;
use connection::Connection;
use connectors::Connectors;
use context::Context;
use data_transfer::DataTransfer;
use metering::Metering;
use outbox::Outbox;
use registration::Registration;
use reset::Reset;
use status::StatusReports;
use transactions::{Session, Transactions};

use crate::{
    domain::{BootReason, IdToken, Reason},
    limits::{CONNECTORS, TX_MIN},
    storage::Storage,
    wire::UnixMillis,
};

/// A charge point; see the [crate's documentation](crate) for how it is driven.
pub struct Station<'a> {
    cx: Context<'a>,
    connectors: &'a mut Connectors,
    transactions: &'a mut Transactions,
    status: &'a mut StatusReports,
    authorization: &'a mut Authorization,
    metering: &'a mut Metering,
    outbox: &'a mut Outbox,
    deferred: &'a mut deferred::Deferred,
    data_transfer: &'a mut DataTransfer,
    #[cfg(feature = "security")]
    access: &'a mut access::Access,
    #[cfg(feature = "security")]
    security_setup: crate::domain::SecuritySetup<'a>,
    #[cfg(feature = "security")]
    security_events: &'a mut security_events::SecurityEvents,
    #[cfg(feature = "security")]
    certificates: &'a mut certificates::Certificates,
    #[cfg(feature = "smart-charging")]
    smart_charging: &'a mut smart_charging::SmartCharging,
    #[cfg(feature = "firmware-management")]
    firmware: &'a mut firmware::Firmware,
    #[cfg(feature = "firmware-management")]
    logs: &'a mut logs::Logs,
    #[cfg(feature = "reservation")]
    reservations: &'a mut reservations::Reservations,
    connection: Connection,
    registration: Registration,
    rpc: rpc::Rpc<'a>,
    reset: Reset,
    #[cfg(feature = "v201")]
    reports: reports::Reports,
    strict: bool,
    /// Nothing becomes due by itself before; 0 once something has happened.
    quiet_until: u64,
    /// The caller was told to wait until then, and nothing has happened since.
    waits: bool,
    /// Every contactor is as the application was told; only what happens changes that.
    is_energy_told: bool,
    /// Of which the central system is told in parts.
    keys_report: settings::KeysReport,
}

impl<'a> Station<'a> {
    /// A station that takes up what `storage` remembers.
    ///
    /// What `memory` held before is forgotten. `tx` holds one outgoing frame at a time, or a part
    /// of one: at least [`TX_MIN`] bytes; with some 3 KiB, no answer has to be sent in parts.
    ///
    /// # Errors
    ///
    /// [`SetupError`] says what of `profile` or `tx` a station cannot work with; neither `storage`
    /// nor `memory` has been touched then.
    pub fn new(
        profile: Profile<'a>,
        storage: &'a mut dyn Storage,
        memory: &'a mut Memory,
        tx: &'a mut [u8],
        now: u64,
    ) -> Result<Self, SetupError> {
        if tx.len() < TX_MIN {
            return Err(SetupError::TransmitBuffer);
        }
        if !(1..=CONNECTORS).contains(&usize::from(profile.connectors)) {
            return Err(SetupError::Connectors);
        }
        registration::check(profile.version, &profile.identity, tx)?;
        settings::Table::check(profile.settings)?;
        let table = settings::Table::new(profile.settings);
        memory.clear(profile.connectors, table);
        if let Some(measured) = profile.measurands {
            memory.settings.declared.set(measured);
        }
        let mut clock = clock::Clock::load(storage, &mut memory.events, profile.seed, now);
        clock.set_boot_reason(profile.boot_reason);
        memory
            .settings
            .set_stop_values(outbox::stop_values(tx.len()));
        #[cfg(feature = "smart-charging")]
        smart_charging::SmartCharging::prepare(&mut memory.settings, &profile.equipment);
        #[cfg(feature = "firmware-management")]
        memory
            .settings
            .set_transfer_protocols(profile.transfer_protocols);
        memory.load(profile.version, storage, profile.connectors, table);
        // Only now: a medium may have to clear up before it writes, and what cannot be read
        // well is read best before that.
        clock.begin(storage, &mut memory.events, profile.seed);
        let mut station = Self {
            connection: Connection::new(clock.spread(profile.seed), now),
            registration: Registration::default(),
            rpc: rpc::Rpc::new(profile.version, tx, clock.boot()),
            cx: Context {
                now,
                version: profile.version,
                clock,
                profile,
                settings: &mut memory.settings,
                storage,
                events: &mut memory.events,
            },
            connectors: &mut memory.connectors,
            transactions: &mut memory.transactions,
            status: &mut memory.status,
            authorization: &mut memory.authorization,
            metering: &mut memory.metering,
            outbox: &mut memory.outbox,
            deferred: &mut memory.deferred,
            data_transfer: &mut memory.data_transfer,
            #[cfg(feature = "security")]
            access: &mut memory.access,
            #[cfg(feature = "security")]
            security_events: &mut memory.security_events,
            #[cfg(feature = "security")]
            certificates: &mut memory.certificates,
            #[cfg(feature = "security")]
            security_setup: crate::domain::SecuritySetup::default(),
            #[cfg(feature = "smart-charging")]
            smart_charging: &mut memory.smart_charging,
            #[cfg(feature = "firmware-management")]
            firmware: &mut memory.firmware,
            #[cfg(feature = "firmware-management")]
            logs: &mut memory.logs,
            #[cfg(feature = "reservation")]
            reservations: &mut memory.reservations,
            reset: Reset::default(),
            #[cfg(feature = "v201")]
            reports: reports::Reports::default(),
            strict: false,
            quiet_until: 0,
            waits: false,
            is_energy_told: false,
            keys_report: settings::KeysReport::default(),
        };
        #[cfg(feature = "security")]
        station.tell_security_profile();
        station.authorization.forget_listed(&mut station.cx);
        station.settle_reservations();
        station.end_cut_off_transactions();
        #[cfg(feature = "smart-charging")]
        station.update_limits();
        #[cfg(feature = "firmware-management")]
        station.transfers_booted();
        Ok(station)
    }

    /// Tells the station what happened. Afterwards [`Station::poll`] is called until it waits.
    ///
    /// # Errors
    ///
    /// [`Refused`] means that the application asked for something impossible and that nothing has
    /// changed; each [`Input`] says which it may get. A frame is refused only with
    /// [`Refused::Busy`], when the station was not polled until it waits, and with
    /// [`Refused::Offline`], when there is no connection.
    pub fn handle(&mut self, now: u64, input: Input<'_>) -> Result<(), Refused> {
        self.cx.now = self.cx.now.max(now);
        self.quiet_until = 0;
        self.is_energy_told = false;
        match input {
            Input::Frame(_) | Input::FrameTooLong(_) if self.rpc.has_frame() => {
                return Err(Refused::Busy);
            }
            // What was on its way when the station gave the connection up.
            Input::Frame(_) | Input::FrameTooLong(_) if !self.connection.is_up() => {
                return Err(Refused::Offline);
            }
            Input::Connected => self.connected(),
            Input::Disconnected => self.disconnected(),
            Input::Frame(bytes) => self.frame_arrived(bytes),
            Input::FrameTooLong(beginning) => self.long_frame_arrived(beginning),
            Input::Time(utc) => self.set_time(utc),
            Input::Plugged(connector) => return self.plugged(connector),
            Input::Unplugged(connector) => return self.unplugged(connector),
            Input::Tag { connector, id_tag } => return self.tag_presented(connector, id_tag),
            Input::Authorize(id_tag) => return self.authorize_only(id_tag),
            Input::Start { connector, id_tag } => return self.start_requested(connector, id_tag),
            Input::Stop { connector, reason } => return self.stop_requested(connector, reason),
            Input::Meter {
                connector,
                readings,
            } => return self.meter_read(connector, readings),
            Input::Suspended { connector, by } => return self.suspended(connector, by),
            Input::Fault {
                connector,
                error,
                info,
                vendor_error_code,
            } => return self.fault(connector, error, info, vendor_error_code),
            Input::FaultCleared(connector) => return self.fault_cleared(connector),
            Input::UnlockResult { connector, status } => {
                return self.unlock_ended(connector, status);
            }
            Input::DataTransferAnswer { status, payload } => {
                return self.answer_data_transfer(status, payload);
            }
            Input::DataTransfer {
                vendor_id,
                message_id,
                payload,
            } => return self.send_data_transfer(vendor_id, message_id, payload),
            Input::Reset(kind) => self.restart(kind, Reason::Reboot, BootReason::LocalReset),
            Input::ResetFailed => return self.reset_failed(),
            #[cfg(feature = "firmware-management")]
            Input::Firmware(progress) => return self.firmware_progressed(progress),
            #[cfg(feature = "firmware-management")]
            Input::LogUpload(outcome) => return self.log_uploaded(outcome),
            #[cfg(feature = "security")]
            Input::SigningCertificate(verdict) => return self.signing_certificate_found(verdict),
            #[cfg(feature = "security")]
            Input::CertificateChecked(hash) => return self.certificate_checked(hash),
            #[cfg(feature = "security")]
            Input::SigningRequest(csr) => return self.send_signing_request(csr),
            #[cfg(feature = "security")]
            Input::SecurityEvent { event, tech_info } => self.note_security(event, tech_info),
            Input::Availability {
                connector,
                operative,
            } => return self.set_availability(connector, operative),
            Input::CancelAuthorization(connector) => return self.cancel_authorization(connector),
        }
        Ok(())
    }

    /// What to do next. Called until it says [`Output::Wait`], and again when that time has
    /// come.
    pub fn poll(&mut self, now: u64) -> Output<'_> {
        self.cx.now = self.cx.now.max(now);
        if self.waits && self.cx.now < self.quiet_until {
            return Output::Wait(self.quiet_until);
        }
        self.waits = false;
        if self.rpc.has_frame() {
            self.go_on_with_answer();
            return self.rpc.take_frame(self.cx.now);
        }
        self.do_what_is_due();
        if self.rpc.has_frame() {
            return self.rpc.take_frame(self.cx.now);
        }
        if let Some(event) = self.next_event() {
            return Output::Event(event);
        }
        if self.connection.wants_to_disconnect() {
            return Output::Disconnect;
        }
        if self.connection.wants_to_connect(self.cx.now) {
            #[cfg(feature = "security")]
            self.access_attempted();
            return Output::Connect {
                subprotocol: self.cx.version.subprotocol(),
            };
        }
        self.next_call();
        if self.rpc.has_frame() {
            return self.rpc.take_frame(self.cx.now);
        }
        // A call that failed before it was sent may have left something to tell.
        if let Some(event) = self.next_event() {
            return Output::Event(event);
        }
        self.quiet_until = self.next_deadline();
        self.waits = true;
        Output::Wait(self.quiet_until)
    }

    /// As [`Station::poll`], for a caller whose connection takes no frame now: gives events, and
    /// holds back what is to be sent. What takes the transmit buffer has to wait for that, also
    /// timers, but not those of charging limits; so [`Station::poll`] is called as soon as a frame can
    /// be sent.
    pub fn poll_events(&mut self, now: u64) -> Output<'_> {
        self.cx.now = self.cx.now.max(now);
        self.quiet_until = 0;
        match self.rpc.has_frame() {
            true => self.run_silent_timers(),
            false => self.do_what_is_due(),
        }
        match self.next_event() {
            Some(event) => Output::Event(event),
            None if self.rpc.has_frame() => Output::Wait(self.next_silent_deadline()),
            None => Output::Wait(self.next_deadline()),
        }
    }

    /// Refuses every frame of the central system that is not to the letter of its message's table
    /// (OCPP 1.6 alone has what tells where), for tests of central systems; else what can mean only
    /// one thing is taken for it. Off after [`Station::new`].
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// The transaction of a connector, until it has ended.
    pub fn transaction(&self, connector: u8) -> Option<Running<'_>> {
        self.transactions.get(connector)?.running()
    }

    /// The idTag that was accepted at a connector and has not begun to charge.
    pub fn awaited(&self, connector: u8) -> Option<&str> {
        let authorized = self.transactions.get(connector)?.authorized()?;
        Some(&authorized.id_tag)
    }

    /// True while the central system can be talked to about charging.
    pub fn is_online(&self) -> bool {
        self.connection.is_up() && self.registration.is_accepted()
    }

    /// Transaction messages that wait for the central system.
    pub fn queued(&self) -> usize {
        self.outbox.waiting()
    }

    /// UTC, once it is known.
    pub fn utc(&self) -> Option<UnixMillis> {
        self.cx.clock.utc(self.cx.now)
    }

    /// Lower bound of the current UTC, also before the time is known: what it was when an earlier
    /// run kept it, at most an hour after that run was told last. `None` on a station that has
    /// never known the time.
    pub fn not_before(&self) -> Option<UnixMillis> {
        self.cx.clock.not_before(self.cx.now)
    }

    /// Goes on with an answer that did not fit into the transmit buffer.
    fn go_on_with_answer(&mut self) {
        #[cfg(feature = "smart-charging")]
        self.go_on_with_composite();
        #[cfg(feature = "security")]
        self.go_on_with_certificate_ids();
        self.go_on_with_configuration();
    }

    fn next_event(&mut self) -> Option<Event> {
        // A contactor opens before anything else is told: what follows may be to unlock.
        let opens = self.energy_event(false);
        if let Some(event) = opens.or_else(|| self.cx.events.pop_front()) {
            #[cfg(feature = "security")]
            self.note_if_full(&event);
            return Some(event);
        }
        // Before a contactor closes.
        #[cfg(feature = "smart-charging")]
        if let Some(event) = self.smart_charging.event() {
            return Some(event);
        }
        if let Some(event) = self.energy_event(true) {
            return Some(event);
        }
        self.metering.event().or_else(|| self.reset_event())
    }

    fn do_what_is_due(&mut self) {
        // Readings that are there go before the end of the time that they were awaited for.
        self.answer_trigger();
        self.run_timers();
        self.announce_when_due();
    }

    /// Numbers of the connectors, without 0. Half-open, which takes less code to walk: there are
    /// no more than 250.
    fn connector_numbers(&self) -> Range<u8> {
        1..self.cx.profile.connectors + 1
    }

    /// Numbers of the connectors and, as 0, of the whole charge point.
    fn all_numbers(&self) -> Range<u8> {
        0..self.cx.profile.connectors + 1
    }

    /// Those that a message about this number means: 0 stands for all.
    fn numbers_meant(&self, number: u8) -> Range<u8> {
        match number {
            0 => self.all_numbers(),
            number => number..number + 1,
        }
    }

    /// Refuses a number that is no connector, and 0.
    fn known_connector(&self, number: u8) -> Result<(), Refused> {
        match self.connector_numbers().contains(&number) {
            true => Ok(()),
            false => Err(Refused::UnknownConnector),
        }
    }

    /// Refuses a number that is neither a connector nor, as 0, the whole charge point.
    fn known_number(&self, number: u8) -> Result<(), Refused> {
        match self.all_numbers().contains(&number) {
            true => Ok(()),
            false => Err(Refused::UnknownConnector),
        }
    }

    /// What is under way at a connector other than 0.
    #[inline(never)]
    fn session_mut(&mut self, number: u8) -> Result<&mut Session, Refused> {
        self.known_connector(number)?;
        let session = self.transactions.get_mut(number);
        session.ok_or(Refused::UnknownConnector)
    }

    /// Checks a token that the application gives.
    fn known_length(&self, id_tag: &IdToken) -> Result<(), Refused> {
        match (1..=self.cx.version.token_length()).contains(&id_tag.len()) {
            true => Ok(()),
            false => Err(Refused::BadLength),
        }
    }

    /// The connector with that number as a message has it, without 0.
    fn connector_number(&self, number: i32) -> Option<u8> {
        u8::try_from(number)
            .ok()
            .filter(|number| self.connector_numbers().contains(number))
    }
}
