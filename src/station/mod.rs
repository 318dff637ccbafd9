//! A charge point's behaviour: one file for each thing it does.

mod authorization;
mod availability;
mod clock;
mod configuration;
mod connection;
mod connector;
mod context;
mod data_transfer;
mod deferred;
mod get_configuration;
mod inspection;
mod interface;
mod key;
mod memory;
mod metering;
mod outbox;
mod record;
mod registration;
mod remote;
mod requests;
mod reset;
mod routing;
mod rpc;
mod status;
mod transaction;
mod trigger;

pub use connector::Running;
pub use data_transfer::ReceivedDataTransfer;
pub use inspection::Queue;
pub use interface::{
    CallFailure, Event, Input, Output, Profile, Reading, Refused, Suspension, TransactionState,
};
pub use key::Key;
pub use memory::Memory;

use ::core::ops::Range;

use authorization::{Authorization, Decision};
use clock::Stamp;
use connection::Connection;
use context::Context;
use data_transfer::DataTransfer;
use deferred::Waiting;
use memory::Connectors;
use metering::Metering;
use outbox::{Called, Entry, Kind, Outbox};
use record::Encoder;
use registration::Registration;
use reset::Reset;
use status::{Condition, StatusReport, StatusReports};

use crate::{
    limits::{CONNECTORS, TX_MIN},
    storage::{Storage, StorageError},
    v16::{
        AcceptedStatus, AuthorizationStatus, DataTransferStatus, IdTag, Reason, ResetType,
        core::{
            self, BootNotificationAnswer, FaultDetails, HeartbeatAnswer, StartTransactionAnswer,
            StopTransactionAnswer,
        },
        message::answer,
    },
    wire::{Payload, UnixMillis, field::Violation, timestamp},
};

/// A charge point; see the [crate's documentation](crate) for how it is driven.
pub struct Station<'a> {
    cx: Context<'a>,
    connectors: &'a mut Connectors,
    status: &'a mut StatusReports,
    authorization: &'a mut Authorization,
    metering: &'a mut Metering,
    outbox: &'a mut Outbox,
    deferred: &'a mut deferred::Deferred,
    data_transfer: &'a mut DataTransfer,
    connection: Connection,
    registration: Registration,
    rpc: rpc::Rpc<'a>,
    reset: Reset,
    strict: bool,
    /// Of which the central system is told in parts.
    keys_to_tell: get_configuration::Keys,
}

impl<'a> Station<'a> {
    /// A station that takes up what `storage` remembers.
    ///
    /// What `memory` held before is forgotten. `tx` holds one outgoing frame at a time, or a part
    /// of one: at least [`TX_MIN`] bytes; with some 3 KiB, no answer has to be sent in parts.
    /// Nothing when it is smaller, when `profile.connectors` is 0 or above [`CONNECTORS`], or when a
    /// text of `profile.identity` is longer than OCPP 1.6 allows.
    pub fn new(
        profile: Profile<'a>,
        storage: &'a mut dyn Storage,
        memory: &'a mut Memory,
        tx: &'a mut [u8],
        now: u64,
    ) -> Option<Self> {
        if tx.len() < TX_MIN
            || !(1..=CONNECTORS).contains(&usize::from(profile.connectors))
            || !registration::is_sendable(&profile.identity, tx)
        {
            return None;
        }
        memory.clear(profile.connectors);
        if let Some(measured) = profile.measurands {
            memory.config.declared.set(measured);
        }
        let mut clock = clock::Clock::load(storage, &mut memory.events, profile.seed, now);
        memory.config.set_stop_values(outbox::stop_values(tx.len()));
        memory.load(storage, profile.connectors);
        // Only now: a medium may have to clear up before it writes, and what cannot be read
        // well is read best before that.
        clock.begin(storage, &mut memory.events, profile.seed);
        let Memory {
            config,
            connectors,
            status,
            authorization,
            metering,
            outbox,
            deferred,
            data_transfer,
            events,
        } = memory;
        let mut station = Self {
            connection: Connection::new(clock.spread(profile.seed), now),
            registration: Registration::default(),
            rpc: rpc::Rpc::new(tx, clock.boot()),
            cx: Context {
                now,
                clock,
                profile,
                settings: config,
                storage,
                events,
            },
            connectors,
            status,
            authorization,
            metering,
            outbox,
            deferred,
            data_transfer,
            reset: Reset::default(),
            strict: false,
            keys_to_tell: get_configuration::Keys::default(),
        };
        station.end_cut_off_transactions();
        Some(station)
    }

    /// Tells the station what happened. Afterwards [`Station::poll`] is called until it waits.
    ///
    /// An error means that the application asked for something impossible and that nothing has
    /// changed. A frame is refused only with [`Refused::Busy`], when the station was not polled
    /// until it waits, and with [`Refused::Offline`], when there is no connection: not told, or
    /// given up with [`Output::Disconnect`].
    pub fn handle(&mut self, now: u64, input: Input<'_>) -> Result<(), Refused> {
        self.cx.now = self.cx.now.max(now);
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
            Input::Reset(kind) => self.restart(kind, Reason::Reboot),
            Input::ResetFailed => return self.reset.failed(&self.cx),
            Input::Availability {
                connector,
                operative,
            } => return self.set_availability(connector, operative),
            Input::Withdraw(connector) => return self.withdraw(connector),
        }
        Ok(())
    }

    /// What to do next. Called until it says [`Output::Wait`], and again when that time has
    /// come.
    pub fn poll(&mut self, now: u64) -> Output<'_> {
        self.cx.now = self.cx.now.max(now);
        if self.rpc.has_frame() {
            self.go_on_with_configuration();
            return self.rpc.take_frame(self.cx.now);
        }
        self.run_timers();
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
            return Output::Connect;
        }
        self.next_call();
        if self.rpc.has_frame() {
            return self.rpc.take_frame(self.cx.now);
        }
        // A call that failed before it was sent may have left something to tell.
        if let Some(event) = self.next_event() {
            return Output::Event(event);
        }
        Output::Wait(self.next_deadline())
    }

    /// As [`Station::poll`], for a caller whose connection takes no frame now: gives events, and
    /// holds back what is to be sent. What takes the transmit buffer has to wait for that, also
    /// timers; so [`Station::poll`] is called as soon as a frame can be sent.
    pub fn poll_events(&mut self, now: u64) -> Output<'_> {
        self.cx.now = self.cx.now.max(now);
        if !self.rpc.has_frame() {
            self.run_timers();
        }
        match self.next_event() {
            Some(event) => Output::Event(event),
            None if self.rpc.has_frame() => Output::Wait(u64::MAX),
            None => Output::Wait(self.next_deadline()),
        }
    }

    /// Refuses every frame of the central system that is not to the letter of its message's table
    /// ([`crate::v16::deviation`]), for tests of central systems; else what can mean only one
    /// thing is taken for it. Off after [`Station::new`].
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// The transaction of a connector, until it has ended.
    pub fn transaction(&self, connector: u8) -> Option<Running<'_>> {
        self.connectors.get(usize::from(connector))?.running()
    }

    /// The idTag that was accepted at a connector and has not begun to charge.
    pub fn awaited(&self, connector: u8) -> Option<&str> {
        self.connectors.get(usize::from(connector))?.awaited()
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

    /// UTC that it is not earlier than, also before the time is known: what it was when an earlier
    /// run kept it, at most an hour after that run was told last. Nothing on a station that has
    /// never known the time.
    pub fn not_before(&self) -> Option<UnixMillis> {
        self.cx.clock.not_before(self.cx.now)
    }

    fn next_event(&mut self) -> Option<Event> {
        // A contactor opens before anything else is told: what follows may be to unlock.
        if let Some(event) = self.energy_event(false) {
            return Some(event);
        }
        if let Some(event) = self.cx.events.pop_front() {
            return Some(event);
        }
        self.energy_event(true)
            .or_else(|| self.metering.event())
            .or_else(|| self.reset_event())
    }

    /// What a StatusNotification of now would say of a connector.
    fn condition_of(&self, number: u8) -> Option<Condition> {
        let connector = self.connectors.get(usize::from(number))?;
        Some((
            connector.status(number, self.is_broken()),
            connector.error(),
        ))
    }

    /// Called after everything that may change the status of a connector.
    fn status_changed(&mut self, number: u8) {
        if let Some(condition) = self.condition_of(number) {
            self.status.observe(&mut self.cx, number, condition);
        }
        self.announce(number);
    }

    fn announce(&mut self, number: u8) {
        if !self.is_online() {
            return;
        }
        let before = self.outbox.next_sequence();
        let connector = self.connectors.get(usize::from(number));
        let transaction = connector.and_then(|connector| connector.transaction.as_ref());
        let stops = transaction.is_some_and(|transaction| transaction.is_about_to_stop());
        self.status.announce(&self.cx, number, before, stops);
    }

    fn announce_when_due(&mut self) {
        for number in self.all_numbers() {
            self.announce(number);
        }
    }

    /// The central system has accepted this charge point, or is there again: it is told of
    /// every connector whose condition it does not know, before anything else.
    fn came_online(&mut self) {
        self.outbox.mark_backlog();
        for number in self.all_numbers() {
            if let Some(condition) = self.condition_of(number) {
                self.status.came_online(&self.cx, number, condition);
            }
            self.status_changed(number);
        }
    }

    /// Sends what is first: the oldest report or the oldest transaction message. A backlog of
    /// messages does not hold up reports of what happens now, nor does a message that is sent again.
    fn call_status_or_message(&mut self) -> bool {
        // A hard reset leaves delivery to the next boot.
        let due = self.outbox.first_due(&self.cx);
        let message = due.filter(|_| !self.reset.is_hard());
        match (self.status.first(), message) {
            (Some(report), Some((_, entry)))
                if report.before > entry.sequence
                    && !self.outbox.is_backlog(entry.sequence)
                    && !self.outbox.is_sent_again() =>
            {
                self.call_message() || self.call_status(report)
            }
            (Some(report), _) => self.call_status(report),
            (None, Some(_)) => self.call_message(),
            (None, None) => false,
        }
    }

    /// Sends the first transaction message.
    fn call_message(&mut self) -> bool {
        match self.outbox.call(&mut self.cx, &mut self.rpc) {
            Called::Sent => true,
            Called::Nothing => false,
            Called::Unreadable(slot) => {
                self.message_failed(slot);
                false
            }
        }
    }

    /// The central system did not answer a transaction message: again later, and never only if it
    /// answers everything else.
    fn message_unanswered(&mut self, slot: usize) {
        let timeout = self.cx.settings.message_timeout();
        if self.outbox.unanswered(self.cx.now, timeout) {
            self.give_up(slot);
        }
    }

    /// The central system failed to process a transaction message: again later, or never.
    fn message_failed(&mut self, slot: usize) {
        if self.outbox.failed(&self.cx) {
            self.give_up(slot);
        }
    }

    fn give_up(&mut self, slot: usize) {
        let given_up = self.outbox.give_up(&mut self.cx, &mut self.rpc, slot);
        if let Some(stop) = given_up {
            self.erase_transaction(slot, stop);
        }
    }

    /// Erases the record of a transaction, its StopTransaction, then the transactionData that went
    /// with it. The record first: without a StopTransaction it would be ended once more.
    fn erase_transaction(&mut self, slot: usize, stop: Entry) {
        self.erase_ended(stop);
        self.outbox
            .erase_stop(&mut self.cx, &mut self.rpc, slot, stop);
    }

    #[inline(never)]
    fn start_answered(&mut self, slot: usize, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answered: StartTransactionAnswer<'_> =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        let Some((entry, id_tag)) = self.outbox.start_answered(cx, rpc, slot, &answered) else {
            return Ok(());
        };
        let decision = match answered.id_tag_info.0 {
            Some(info) => self.authorization.learn(&mut self.cx, &id_tag, info),
            None => Decision::without_parent(AuthorizationStatus::Invalid),
        };
        let state = match decision.status {
            AuthorizationStatus::Accepted => TransactionState::Accepted,
            _ => TransactionState::Refused,
        };
        let id = answered.transaction_id;
        self.cx.emit(Event::Transaction {
            connector: entry.connector,
            state,
            transaction_id: Some(id),
            id_tag: Some(id_tag),
            reason: None,
        });
        self.start_decided(entry.connector, entry.transaction, id, decision);
        Ok(())
    }

    #[inline(never)]
    fn stop_answered(&mut self, slot: usize, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answered: StopTransactionAnswer<'_> =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let Some((stop, reason, id_tag)) = self.outbox.stop(&mut self.cx, slot) else {
            return Ok(());
        };
        if let (Some(id_tag), Some(info)) = (&id_tag, answered.id_tag_info) {
            self.authorization.learn(&mut self.cx, id_tag, info);
        }
        self.erase_transaction(slot, stop);
        self.cx.emit(Event::Transaction {
            connector: stop.connector,
            state: TransactionState::Reported,
            transaction_id: self.outbox.billed(stop).and_then(|billing| billing.id),
            id_tag,
            reason,
        });
        Ok(())
    }

    /// Slots of the outbox that must stay free: for the StopTransaction of every running transaction
    /// and of what power cut off, and for the StartTransaction of those whose meter is being read.
    fn reserved_slots(&self) -> usize {
        let of_each = self.connectors.iter().map(|connector| {
            let running = connector.transaction.as_ref();
            usize::from(connector.cut_off) + running.map_or(0, |t| 1 + usize::from(t.is_starting()))
        });
        of_each.sum()
    }

    fn has_room_for_transaction(&self) -> bool {
        self.outbox.has_room_for_transaction(self.reserved_slots())
    }

    fn next_transaction_number(&mut self) -> u32 {
        let connectors = &*self.connectors;
        self.outbox.next_transaction_number(|number| {
            let mut connectors = connectors.iter();
            connectors.any(|connector| connector.recorded_transaction() == Some(number))
        })
    }

    /// Stores a transaction message.
    fn store_message(
        &mut self,
        kind: Kind,
        connector: u8,
        transaction: u32,
        stamp: Stamp,
        body: &mut dyn FnMut(&mut Encoder),
    ) -> Result<(), StorageError> {
        let reserved = self.reserved_slots();
        let entry = (kind, connector, transaction);
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        self.outbox.push(cx, rpc, reserved, entry, stamp, body)
    }

    fn sweep_outbox(&mut self) {
        let connectors = &*self.connectors;
        let waits = |number| {
            let connector = connectors.get(usize::from(number));
            connector.is_some_and(|connector: &connector::Connector| connector.cut_off)
        };
        self.outbox.sweep(&mut self.cx, &mut self.rpc, waits);
    }

    fn call_status(&mut self, report: StatusReport) -> bool {
        self.status.take_first();
        self.send_status(report)
    }

    /// Sends the StatusNotification that a TriggerMessage asked for.
    fn call_triggered_status(&mut self) -> bool {
        if self.is_online() && self.status.first().is_some() {
            // What happened before goes before.
            return false;
        }
        let Some(number) = self.status.take_triggered() else {
            return false;
        };
        let condition = self.condition_of(number);
        condition.is_some_and(|condition| {
            self.send_status(StatusReports::of_now(&self.cx, number, condition))
        })
    }

    fn send_status(&mut self, report: StatusReport) -> bool {
        let connector = self.connectors.get(usize::from(report.connector));
        // A report may be older than the fault that the connector has now.
        let faulted = connector.filter(|connector| connector.fault == Some(report.error()));
        let details = faulted.map_or_else(FaultDetails::default, |connector| {
            connector.fault_details(self.cx.profile.identity.vendor)
        });
        status::send(&self.cx, &mut self.rpc, report, details)
    }

    /// The DataTransfer that waits for [`Input::DataTransferAnswer`].
    pub fn received_data_transfer(&self) -> Option<ReceivedDataTransfer<'_>> {
        match self.deferred.waiting() {
            Waiting::DataTransfer => self.data_transfer.received(&self.cx),
            _ => None,
        }
    }

    /// What the central system said in its answer to the last [`Input::DataTransfer`], until the
    /// next one is sent.
    pub fn data_transfer_answer(&self) -> Option<&str> {
        self.data_transfer.answer()
    }

    fn data_transfer_arrived(
        &mut self,
        raw_id: &str,
        asked: core::DataTransfer<'_>,
    ) -> Result<(), Violation> {
        let (cx, rpc) = (&mut self.cx, &mut self.rpc);
        self.data_transfer
            .arrived(cx, rpc, self.deferred, raw_id, asked)
    }

    fn answer_data_transfer(
        &mut self,
        status: DataTransferStatus,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        if !matches!(self.deferred.waiting(), Waiting::DataTransfer) {
            return Err(Refused::NotAsked);
        }
        if self.rpc.has_frame() {
            return Err(Refused::Busy);
        }
        let id = self.deferred.take_id();
        self.rpc.answer(id, &mut |w| {
            core::data_transfer_answer(w, status, payload);
        });
        Ok(())
    }

    fn send_data_transfer(
        &mut self,
        vendor_id: &str,
        message_id: Option<&str>,
        payload: Option<&str>,
    ) -> Result<(), Refused> {
        if !data_transfer::is_sendable(vendor_id, message_id) {
            return Err(Refused::BadLength);
        }
        if !self.is_online() {
            return Err(Refused::Offline);
        }
        let (cx, rpc) = (&self.cx, &mut self.rpc);
        self.data_transfer
            .call(cx, rpc, vendor_id, message_id, payload)
    }

    /// Makes the next attempt to connect due at once, if one is awaited, and those behind it as
    /// patient as after a first failure. True if it did: then [`Station::poll`] says
    /// [`Output::Connect`].
    pub fn connect_now(&mut self, now: u64) -> bool {
        self.cx.now = self.cx.now.max(now);
        self.connection.retry_now(self.cx.now)
    }

    fn connected(&mut self) {
        if self.connection.is_up() {
            // Another connection in place of the one before, whose end was not told.
            self.disconnected();
        }
        self.connection.opened();
        self.rpc.opened(self.cx.now);
        self.registration.connected(self.cx.now);
        if self.registration.is_accepted() {
            self.came_online();
        }
    }

    /// Gives up a connection over which nothing arrives any more.
    fn give_connection_up(&mut self) {
        self.disconnected();
        self.connection.give_up();
    }

    fn disconnected(&mut self) {
        if !self.connection.closed(self.cx.now) {
            return;
        }
        self.deferred.forget();
        self.status.forget_queue();
        self.metering.forget_moments();
        if let Some(call) = self.rpc.closed() {
            self.call_interrupted(call);
        }
        self.decide_pending_offline();
    }

    #[inline(never)]
    fn boot_answered(&mut self, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answer: BootNotificationAnswer = answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        let was_accepted = self.registration.is_accepted();
        if let Some(time) = answer.current_time.0 {
            self.set_time(time);
            self.cx.emit(Event::Time(time));
        }
        self.registration.answered(&mut self.cx, &answer);
        if self.registration.is_accepted() {
            self.connection.succeeded();
            if !was_accepted {
                self.status.forget();
                self.came_online();
            }
        } else {
            // One that was accepted before is not any more.
            self.decide_pending_offline();
            self.status.forget_queue();
            self.metering.forget_moments();
            self.deferred.forget();
        }
        Ok(())
    }

    fn heartbeat_answered(&mut self, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answer: HeartbeatAnswer = answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        self.set_time(answer.current_time);
        self.cx.emit(Event::Time(answer.current_time));
        Ok(())
    }

    fn call_heartbeat(&mut self) -> bool {
        let needed = self.outbox.needs_witness();
        let (registration, rpc) = (&mut self.registration, &mut self.rpc);
        registration.call_heartbeat(&self.cx, rpc, needed)
    }

    fn set_time(&mut self, utc: UnixMillis) {
        let utc = utc.clamp(0, timestamp::LAST);
        if self.cx.utc().is_none() {
            // What was told of them before was told before this.
            let connectors = self.connectors.iter_mut();
            let transactions = connectors.filter_map(|c| c.transaction.as_mut());
            transactions.for_each(|transaction| transaction.told_until = utc);
        }
        self.cx.clock.set(self.cx.now, utc);
        self.settle_stamps();
        self.cx.keep_time();
        self.metering.reschedule_aligned(&self.cx);
    }

    fn reset_requested(&mut self, kind: ResetType) -> AcceptedStatus {
        let reason = match kind {
            ResetType::Hard => Reason::HardReset,
            ResetType::Soft => Reason::SoftReset,
        };
        self.restart(kind, reason);
        AcceptedStatus::Accepted
    }

    /// Ends what runs, and asks for the restart once nothing holds it up.
    fn restart(&mut self, kind: ResetType, reason: Reason) {
        for number in self.connector_numbers() {
            self.stop_transaction(number, reason, None);
            self.authorization
                .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
            if let Ok(connector) = self.connector_mut(number) {
                connector.authorized = None;
                connector.preparing_until = None;
            }
            self.status_changed(number);
        }
        self.reset.begin(&self.cx, kind);
    }

    fn reset_event(&mut self) -> Option<Event> {
        let runs = self.connectors.iter().any(|c| c.transaction.is_some());
        let delivers = self.is_online() && !self.outbox.has_delivered_stops();
        self.reset.event(&self.cx, runs, delivers)
    }

    fn run_timers(&mut self) {
        self.expire_call();
        self.answer_trigger();
        self.expire_deferred();
        self.expire_preparing();
        self.expire_readings();
        self.sample_when_due();
        self.announce_when_due();
    }

    fn next_deadline(&self) -> u64 {
        let mut first = Earliest::default();
        first.or(self.connection.deadline());
        first.or(self.call_deadline());
        first.or(self.deferred.deadline());
        self.connector_deadlines(&mut first);
        self.metering.deadlines(&mut first);
        self.sample_deadlines(&mut first);
        if self.is_online() {
            self.status.deadlines(&self.cx, &mut first);
        }
        if self.connection.is_up() && self.rpc.is_idle() {
            first.or(self.registration.deadline());
        }
        if self.is_online() && self.rpc.is_idle() {
            first.or(Some(registration::heartbeat_at(&self.cx, &self.rpc)));
        }
        if self.is_online() && self.rpc.is_idle() && !self.reset.is_hard() {
            first.or(self.outbox.deadline(&self.cx));
        }
        first.or(self.reset.deadline(&self.cx));
        first.0
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

    /// A connector other than 0.
    fn connector_mut(&mut self, number: u8) -> Result<&mut connector::Connector, Refused> {
        if number == 0 || number > self.cx.profile.connectors {
            return Err(Refused::UnknownConnector);
        }
        self.connectors
            .get_mut(usize::from(number))
            .ok_or(Refused::UnknownConnector)
    }

    /// A connector, or the whole charge point as connector 0.
    fn any_connector_mut(&mut self, number: u8) -> Result<&mut connector::Connector, Refused> {
        if number > self.cx.profile.connectors {
            return Err(Refused::UnknownConnector);
        }
        self.connectors
            .get_mut(usize::from(number))
            .ok_or(Refused::UnknownConnector)
    }

    /// The connector with that number as a message has it, without 0.
    fn connector_number(&self, number: i32) -> Option<u8> {
        u8::try_from(number)
            .ok()
            .filter(|number| self.connector_numbers().contains(number))
    }
}

/// The earliest of the deadlines it is given; `u64::MAX` for none.
struct Earliest(u64);

impl Default for Earliest {
    fn default() -> Self {
        Self(u64::MAX)
    }
}

impl Earliest {
    /// That one, if there is one and it comes before all others.
    fn or(&mut self, deadline: Option<u64>) {
        if let Some(deadline) = deadline {
            self.0 = self.0.min(deadline);
        }
    }
}

/// Checks an idTag that the application gives.
fn id_tag(text: &str) -> Result<IdTag, Refused> {
    if text.is_empty() {
        return Err(Refused::BadLength);
    }
    IdTag::try_from(text).map_err(|_| Refused::BadLength)
}
