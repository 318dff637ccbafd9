//! The connection, the registration, the time and a reset, and what they mean for other parts.

use crate::{
    domain::{AcceptedStatus, AuthorizationStatus, BootReason, Reason, ResetType},
    station::{CallFailure, Event, Refused, Station},
    wire::{Payload, UnixMillis, timestamp},
};

impl Station<'_> {
    /// Makes the next attempt to connect due at once, if one is awaited, and those behind it as
    /// patient as after a first failure. True if it did: then [`Station::poll`] says
    /// [`Output::Connect`](crate::station::Output).
    pub fn connect_now(&mut self, now: u64) -> bool {
        self.cx.now = self.cx.now.max(now);
        self.quiet_until = 0;
        self.connection.retry_now(self.cx.now)
    }

    pub(in crate::station) fn connected(&mut self) {
        if self.connection.is_up() {
            // Another connection in place of the one before, whose end was not told.
            self.disconnected();
        }
        self.connection.opened();
        #[cfg(feature = "security")]
        self.access_gained();
        self.rpc.opened(self.cx.now);
        self.registration.connected(self.cx.now);
        if self.registration.is_accepted() {
            self.came_online();
        }
    }

    /// Gives up a connection over which nothing arrives any more.
    pub(in crate::station) fn give_connection_up(&mut self) {
        self.disconnected();
        self.connection.give_up();
    }

    pub(in crate::station) fn disconnected(&mut self) {
        #[cfg(feature = "security")]
        let was_up = self.connection.is_up();
        if !self.connection.closed(self.cx.now) {
            return;
        }
        #[cfg(feature = "security")]
        self.access_lost(was_up);
        self.deferred.clear();
        self.status.forget_queue();
        self.metering.forget_samples();
        #[cfg(feature = "v201")]
        self.reports.give_up();
        if let Some(call) = self.rpc.closed() {
            self.call_interrupted(call);
        }
        self.decide_pending_offline();
    }

    #[inline(never)]
    pub(in crate::station) fn boot_answered(
        &mut self,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let answer = self.cx.version.boot_answer(payload)?;
        let was_accepted = self.registration.is_accepted();
        if let Some(time) = answer.time {
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
            self.metering.forget_samples();
            self.deferred.clear();
        }
        Ok(())
    }

    pub(in crate::station) fn heartbeat_answered(
        &mut self,
        payload: Payload<'_>,
    ) -> Result<(), CallFailure> {
        let time = self.cx.version.heartbeat_answer(payload)?;
        self.set_time(time);
        self.cx.emit(Event::Time(time));
        Ok(())
    }

    pub(in crate::station) fn call_heartbeat(&mut self) -> bool {
        let needed = self.outbox.needs_witness();
        let (registration, rpc) = (&mut self.registration, &mut self.rpc);
        registration.call_heartbeat(&self.cx, rpc, needed)
    }

    pub(in crate::station) fn set_time(&mut self, utc: UnixMillis) {
        let utc = utc.clamp(0, timestamp::LAST);
        #[cfg(feature = "security")]
        let before = self.cx.utc();
        if self.cx.utc().is_none() {
            for transaction in self.transactions.all_running() {
                transaction.time_known(utc);
            }
        }
        self.cx.clock.set(self.cx.now, utc);
        self.settle_stamps();
        self.cx.keep_time();
        #[cfg(feature = "security")]
        self.note_time_set(before);
        self.metering.reschedule_aligned(&self.cx);
        #[cfg(feature = "smart-charging")]
        self.update_limits();
    }

    /// The central system has accepted this charge point, or is there again: it is told of
    /// every connector whose condition it does not know, before anything else.
    pub(in crate::station) fn came_online(&mut self) {
        self.outbox.mark_backlog();
        #[cfg(feature = "security")]
        self.security_events.came_online();
        #[cfg(feature = "firmware-management")]
        self.transfers_came_online();
        for number in self.all_numbers() {
            if let Some(condition) = self.condition_of(number) {
                self.status.came_online(&self.cx, number, condition);
            }
            self.status_changed(number);
        }
    }

    pub(in crate::station) fn reset_requested(&mut self, kind: ResetType) -> AcceptedStatus {
        #[cfg(feature = "firmware-management")]
        if let Some(refused) = self.refuses_reset() {
            return refused;
        }
        let reason = match kind {
            ResetType::Hard => Reason::HardReset,
            ResetType::Soft => Reason::SoftReset,
            // What runs goes on, and nothing new begins.
            ResetType::OnIdle => {
                let (status, reason) = match self.transactions.any_runs() {
                    true => (AcceptedStatus::Scheduled, BootReason::ScheduledReset),
                    false => (AcceptedStatus::Accepted, BootReason::RemoteReset),
                };
                self.reset.begin(&self.cx, kind, reason);
                return status;
            }
        };
        self.restart(kind, reason, BootReason::RemoteReset);
        AcceptedStatus::Accepted
    }

    /// Ends what runs, and asks for the restart once nothing holds it up.
    pub(in crate::station) fn restart(
        &mut self,
        kind: ResetType,
        reason: Reason,
        boot_reason: BootReason,
    ) {
        for number in self.connector_numbers() {
            self.stop_transaction(number, reason, None);
            self.authorization
                .settle(&mut self.cx, number, AuthorizationStatus::Invalid);
            if let Some(session) = self.transactions.get_mut(number) {
                session.forget_driver(None);
            }
            self.status_changed(number);
        }
        self.reset.begin(&self.cx, kind, boot_reason);
    }

    pub(in crate::station) fn reset_failed(&mut self) -> Result<(), Refused> {
        self.reset.failed(&mut self.cx)?;
        #[cfg(feature = "firmware-management")]
        self.restart_failed();
        Ok(())
    }

    pub(in crate::station) fn reset_event(&mut self) -> Option<Event> {
        if !self.reset.is_under_way() {
            return None;
        }
        let runs = self.transactions.any_runs();
        let delivers = self.is_online() && !self.outbox.has_delivered_stops();
        let event = self.reset.event(&mut self.cx, runs, delivers);
        #[cfg(feature = "security")]
        if event.is_some() {
            self.note_restart();
        }
        event
    }
}
