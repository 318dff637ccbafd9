//! Security events (security whitepaper, A04): where they are seen, and that the central system is told.

use crate::{
    domain::SecurityEvent,
    station::{CallFailure, Event, Station},
    storage::StorageError,
    wire::UnixMillis,
};

/// A clock that is set by less was not set to another time, in milliseconds.
const CLOCK_JUMP_MS: u64 = 10_000;

impl Station<'_> {
    /// Security events that wait for the central system.
    pub fn queued_security_events(&self) -> usize {
        self.security_events.waiting()
    }

    /// Something was seen that security depends on.
    pub(in crate::station) fn note_security(&mut self, event: SecurityEvent, info: &str) {
        self.security_events.note(&mut self.cx, event, info);
    }

    /// The central system sends what is no message.
    pub(in crate::station) fn note_invalid_message(&mut self) {
        let event = SecurityEvent::InvalidMessages;
        self.security_events.note_sparsely(&mut self.cx, event);
    }

    /// There is no room for what was to be stored.
    pub(in crate::station) fn note_exhaustion(&mut self) {
        let event = SecurityEvent::MemoryExhaustion;
        self.security_events.note_sparsely(&mut self.cx, event);
    }

    /// The same, where the application is told that.
    pub(in crate::station) fn note_if_full(&mut self, event: &Event) {
        if matches!(event, Event::StorageFailed(StorageError::Full)) {
            self.note_exhaustion();
        }
    }

    /// The clock was set; `before` it said that.
    pub(in crate::station) fn note_time_set(&mut self, before: Option<UnixMillis>) {
        self.security_events.settle(&mut self.cx);
        let by = before.zip(self.cx.utc());
        if by.is_some_and(|(before, now)| before.abs_diff(now) > CLOCK_JUMP_MS) {
            self.note_security(SecurityEvent::SettingSystemTime, "");
        }
    }

    /// The charge point restarts.
    pub(in crate::station) fn note_restart(&mut self) {
        self.note_security(SecurityEvent::ResetOrReboot, "");
    }

    pub(in crate::station) fn security_events_deadline(&self) -> Option<u64> {
        self.security_events.deadline(&self.cx)
    }

    pub(in crate::station) fn call_security_event(&mut self) -> bool {
        self.security_events.call(&mut self.cx, &mut self.rpc)
    }

    pub(in crate::station) fn security_event_told(
        &mut self,
        slot: usize,
        failure: Option<CallFailure>,
    ) {
        self.security_events.answered(&mut self.cx, slot, failure);
    }
}
