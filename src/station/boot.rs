//! BootNotification, Heartbeat and the time they bring (OCPP 1.6, 4.2 and 4.6).

use super::{CallFailure, Event, Key, Station, rpc::Call};
use crate::{
    v16::{
        RegistrationStatus,
        core::{self, Identity},
        message::answer,
    },
    wire::{Payload, UnixMillis, Writer, timestamp},
};

/// First wait of the station's own after a BootNotification without a usable interval.
const RETRY_MS: u64 = 10_000;
const RETRY_MAX_MS: u64 = 600_000;
/// The clock is compared with the central system's at least once a day (4.6).
const CLOCK_CHECK_MS: u64 = 86_400_000;

/// True when every text has the length that OCPP 1.6 allows it (6.3 BootNotification.req), and
/// all of them together fit into the transmit buffer.
pub(super) fn is_sendable(identity: &Identity<'_>, tx: &mut [u8]) -> bool {
    let mut w = Writer::new(tx);
    core::boot_notification(&mut w, identity);
    let fits = !w.overflowed() && w.room() >= FRAME_AROUND;
    let short = |text: &str, limit| text.chars().nth(limit).is_none();
    let texts = [
        (Some(identity.vendor), 20),
        (Some(identity.model), 20),
        (identity.serial_number, 25),
        (identity.box_serial_number, 25),
        (identity.firmware_version, 50),
        (identity.iccid, 20),
        (identity.imsi, 20),
        (identity.meter_serial_number, 25),
        (identity.meter_type, 25),
    ];
    let all_short = texts
        .into_iter()
        .all(|(text, limit)| text.is_none_or(|text| short(text, limit)));
    fits && all_short && !identity.vendor.is_empty() && !identity.model.is_empty()
}

/// `[2,"` and the rest of a BootNotification that is not its payload.
const FRAME_AROUND: usize = 64;

/// What the central system thinks of this charge point since it booted.
#[derive(Debug, Default)]
pub(super) struct Registration {
    /// Nothing before the first answer.
    status: Option<RegistrationStatus>,
    retry_at: u64,
    failures: u32,
    triggered: bool,
    /// The last answer came over the present connection.
    is_of_this_link: bool,
}

impl Registration {
    pub fn is_accepted(&self) -> bool {
        self.status == Some(RegistrationStatus::Accepted)
    }

    /// The last answer.
    pub fn status(&self) -> Option<RegistrationStatus> {
        self.status
    }

    /// True once the central system has answered a BootNotification with Accepted or Pending.
    pub fn is_answered(&self) -> bool {
        self.status.is_some() && !self.is_rejected()
    }

    /// A station that was rejected neither sends nor answers (4.2).
    pub fn is_rejected(&self) -> bool {
        self.status == Some(RegistrationStatus::Rejected)
    }

    /// The connection was made.
    pub fn connected(&mut self, now: u64) {
        self.is_of_this_link = false;
        if self.status.is_none() {
            self.retry_at = now;
        }
    }

    /// Sends BootNotification for a TriggerMessage. Returns false, and nothing is sent, once that of
    /// this boot was accepted (errata 3.35), unless the connection was made anew since: some
    /// central systems ask for one on each connection.
    pub fn trigger(&mut self) -> bool {
        self.triggered = !self.is_accepted() || !self.is_of_this_link;
        self.triggered
    }

    /// A wait of the station's own, longer each time.
    fn back_off(&mut self) -> u64 {
        let delay = RETRY_MS << self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        delay.min(RETRY_MAX_MS)
    }
}

impl Station<'_> {
    /// Sends BootNotification when it is due.
    pub(super) fn call_boot(&mut self) -> bool {
        let registration = &mut self.registration;
        let due = !registration.is_accepted() && registration.retry_at <= self.cx.now;
        if !due && !registration.triggered {
            return false;
        }
        registration.triggered = false;
        let identity = self.cx.profile.identity;
        let id = self.rpc.next_id();
        self.rpc.call(self.cx.now, id, Call::Boot, &mut |w| {
            core::boot_notification(w, &identity);
        })
    }

    pub(super) fn boot_deadline(&self) -> Option<u64> {
        let waits = self.link.is_up() && self.rpc.is_idle() && !self.registration.is_accepted();
        waits.then_some(self.registration.retry_at)
    }

    #[inline(never)]
    pub(super) fn boot_answered(&mut self, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answer: core::BootNotificationAnswer =
            answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        // Without one that can be used, the station's own apply.
        let interval = answer.interval.0.unwrap_or(0);
        let interval_ms = u64::try_from(interval).unwrap_or(0) * 1000;
        let first = !self.registration.is_accepted();
        if let Some(time) = answer.current_time.0 {
            self.set_time(time);
            self.cx.emit(Event::Time(time));
        }
        self.cx.emit(Event::Registered(answer.status));
        self.registration.status = Some(answer.status);
        self.registration.is_of_this_link = true;
        if answer.status == RegistrationStatus::Accepted {
            self.registration.failures = 0;
            self.link.succeeded();
            if interval_ms > 0 {
                self.cx
                    .settings
                    .set_heartbeat_interval((interval_ms / 1000) as u32);
            }
            if first {
                self.status.forget();
                self.came_online();
            }
            // Transaction messages wait for the time.
            self.heartbeat_triggered |= self.cx.utc().is_none();
        } else {
            // Whoever was accepted before is not any more.
            self.decide_pending_offline();
            self.status.forget_queue();
            self.forget_moments();
            self.deferred.forget();
            let wait = match interval_ms {
                0 => self.registration.back_off(),
                interval => interval,
            };
            self.registration.retry_at = self.cx.now + wait;
        }
        Ok(())
    }

    pub(super) fn boot_failed(&mut self) {
        if !self.registration.is_accepted() {
            self.registration.retry_at = self.cx.now + self.registration.back_off();
        }
    }

    /// Sends Heartbeat when nothing else was sent for a while, or when the clock needs it.
    pub(super) fn call_heartbeat(&mut self) -> bool {
        let needed = self.heartbeat_at() <= self.cx.now || self.journal.needs_witness();
        let due = needed && self.registration.is_accepted();
        if !due && !self.heartbeat_triggered {
            return false;
        }
        self.heartbeat_triggered = false;
        let id = self.rpc.next_id();
        self.rpc
            .call(self.cx.now, id, Call::Heartbeat, &mut core::empty)
    }

    fn heartbeat_at(&self) -> u64 {
        let interval = self.cx.settings.millis(Key::HeartbeatInterval);
        let silence = self.rpc.last_sent() + interval;
        let check = match self.cx.utc() {
            Some(_) => CLOCK_CHECK_MS,
            None => interval,
        };
        silence.min(self.cx.clock.set_at + check)
    }

    pub(super) fn heartbeat_deadline(&self) -> Option<u64> {
        (self.is_online() && self.rpc.is_idle()).then(|| self.heartbeat_at())
    }

    pub(super) fn heartbeat_answered(&mut self, payload: Payload<'_>) -> Result<(), CallFailure> {
        let answer: core::HeartbeatAnswer = answer(payload).map_err(|_| CallFailure::BadAnswer)?;
        self.set_time(answer.current_time);
        self.cx.emit(Event::Time(answer.current_time));
        Ok(())
    }

    /// A Heartbeat that was not answered is not sent again at once.
    pub(super) fn heartbeat_failed(&mut self) {
        self.cx.clock.set_at = self.cx.now;
    }

    pub(super) fn set_time(&mut self, utc: UnixMillis) {
        let utc = utc.clamp(0, timestamp::LAST);
        if self.cx.utc().is_none() {
            // What was told of them before was told before this.
            let connectors = self.connectors.iter_mut();
            let transactions = connectors.filter_map(|c| c.transaction.as_mut());
            transactions.for_each(|transaction| transaction.told_until = utc);
        }
        self.cx.clock.set(self.cx.now, utc);
        self.settle_stamps();
        self.keep_time();
        self.reschedule_aligned();
    }
}
