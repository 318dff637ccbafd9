//! BootNotification and Heartbeat (OCPP 1.6, 4.2 and 4.6).

use super::{Event, Key, SetupError, call::Call, context::Context, rpc::Rpc};
use crate::{
    dialect::{BootAnswer, Version},
    domain::{BootReason, Identity, RegistrationStatus},
    wire::{Writer, text::is_longer},
};

/// First wait of the station's own after a BootNotification without a usable interval.
const RETRY_MS: u64 = 10_000;
const RETRY_MAX_MS: u64 = 600_000;
/// The clock is compared with the central system's at least once a day (4.6).
const CLOCK_CHECK_MS: u64 = 86_400_000;

/// Refuses an identity that BootNotification cannot tell: a text that is empty or longer than
/// 6.3 BootNotification.req allows, or all of them together longer than the transmit buffer.
pub(super) fn check(
    version: Version,
    identity: &Identity<'_>,
    tx: &mut [u8],
) -> Result<(), SetupError> {
    let required = [identity.vendor, identity.model];
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
    for (field, text) in FIELDS.into_iter().zip(required) {
        if text.is_empty() {
            return Err(SetupError::TextEmpty(field));
        }
    }
    for (field, (text, limit)) in FIELDS.into_iter().zip(texts) {
        if text.is_some_and(|text| is_longer(text, limit)) {
            return Err(SetupError::TextTooLong { field, limit });
        }
    }
    let mut w = Writer::new(tx);
    // No reason has a longer name.
    version.boot_notification(&mut w, identity, BootReason::ApplicationReset);
    match !w.overflowed() && w.room() >= FRAME_AROUND {
        true => Ok(()),
        false => Err(SetupError::BootNotification),
    }
}

/// The fields of 6.3 BootNotification.req. Apart from the texts, so that an image that does not say
/// which of them is wrong has no table of names.
const FIELDS: [&str; 9] = [
    "chargePointVendor",
    "chargePointModel",
    "chargePointSerialNumber",
    "chargeBoxSerialNumber",
    "firmwareVersion",
    "iccid",
    "imsi",
    "meterSerialNumber",
    "meterType",
];

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
    is_of_this_connection: bool,
    heartbeat_triggered: bool,
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
        self.is_of_this_connection = false;
        if self.status.is_none() {
            self.retry_at = now;
        }
    }

    /// Sends BootNotification for a TriggerMessage. Returns false, and nothing is sent, once that of
    /// this boot was accepted (errata 3.35), unless the connection was made anew since: some
    /// central systems ask for one on each connection.
    pub fn trigger(&mut self) -> bool {
        self.triggered = !self.is_accepted() || !self.is_of_this_connection;
        self.triggered
    }

    /// A wait of the station's own, longer each time.
    fn back_off(&mut self) -> u64 {
        let delay = RETRY_MS << self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        delay.min(RETRY_MAX_MS)
    }
}

impl Registration {
    /// Sends BootNotification when it is due.
    pub fn call(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        let due = !self.is_accepted() && self.retry_at <= cx.now;
        if !due && !self.triggered {
            return false;
        }
        let reason = match ::core::mem::take(&mut self.triggered) {
            true => BootReason::Triggered,
            false => cx.clock.boot_reason(),
        };
        let identity = cx.profile.identity;
        let id = rpc.next_id();
        rpc.call(cx.now, id, Call::Boot, &mut |w| {
            cx.version.boot_notification(w, &identity, reason);
        })
    }

    /// When the next BootNotification is due, while nothing else is sent.
    pub fn deadline(&self) -> Option<u64> {
        (!self.is_accepted()).then_some(self.retry_at)
    }

    /// The central system has answered. The answer's time is told apart.
    pub fn answered(&mut self, cx: &mut Context<'_>, answer: &BootAnswer) {
        // Without one that can be used, the station's own apply.
        let interval = u64::try_from(answer.interval.unwrap_or(0)).unwrap_or(0);
        cx.emit(Event::Registered(answer.status));
        self.status = Some(answer.status);
        self.is_of_this_connection = true;
        if answer.status == RegistrationStatus::Accepted {
            self.failures = 0;
            if interval > 0 {
                cx.settings.set_heartbeat_interval(interval as u32);
            }
            // Transaction messages wait for the time.
            self.heartbeat_triggered |= cx.utc().is_none();
            return;
        }
        let wait = match interval * 1000 {
            0 => self.back_off(),
            interval => interval,
        };
        self.retry_at = cx.now + wait;
    }

    /// The central system did not answer, or not usefully.
    pub fn failed(&mut self, cx: &Context<'_>) {
        if !self.is_accepted() {
            self.retry_at = cx.now + self.back_off();
        }
    }

    /// Sends a Heartbeat for a TriggerMessage.
    pub fn trigger_heartbeat(&mut self) {
        self.heartbeat_triggered = true;
    }

    /// Sends the Heartbeat that a TriggerMessage asked for.
    pub fn call_triggered_heartbeat(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        self.heartbeat_triggered && self.send_heartbeat(cx, rpc)
    }

    /// Sends Heartbeat when nothing else was sent for a while, when the clock needs it, or when
    /// it is `needed`.
    pub fn call_heartbeat(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>, needed: bool) -> bool {
        let needed = needed || heartbeat_at(cx, rpc) <= cx.now;
        let due = needed && self.is_accepted();
        (due || self.heartbeat_triggered) && self.send_heartbeat(cx, rpc)
    }

    fn send_heartbeat(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        self.heartbeat_triggered = false;
        let id = rpc.next_id();
        rpc.call(cx.now, id, Call::Heartbeat, &mut |w| {
            cx.version.heartbeat(w);
        })
    }
}

/// When a Heartbeat is due, while nothing else is sent.
pub(super) fn heartbeat_at(cx: &Context<'_>, rpc: &Rpc<'_>) -> u64 {
    let interval = cx.settings.millis(Key::HeartbeatInterval);
    let silence = rpc.last_sent() + interval;
    let check = match cx.utc() {
        Some(_) => CLOCK_CHECK_MS,
        None => interval,
    };
    silence.min(cx.clock.set_at() + check)
}
