//! What every part of a station may use.

use super::{
    Event, Profile,
    clock::{Clock, Stamp},
    memory::Events,
    record::Encoder,
    settings::{Settings, Table},
};
use crate::{
    dialect::Version,
    domain::BootReason,
    storage::{RecordId, Storage, StorageError},
    wire::UnixMillis,
};

/// Time, settings, storage, and what the application is told.
pub(super) struct Context<'a> {
    /// Monotonic milliseconds.
    pub now: u64,
    pub version: Version,
    pub clock: Clock,
    pub profile: Profile<'a>,
    pub settings: &'a mut Settings,
    pub storage: &'a mut dyn Storage,
    pub events: &'a mut Events,
}

impl<'a> Context<'a> {
    /// All settings, those of the application behind the station's own.
    pub fn table(&self) -> Table<'a> {
        Table::new(self.profile.settings)
    }

    /// Tells the application.
    pub fn emit(&mut self, event: Event) {
        // Every source of events is bounded by EVENTS; should one not be, the newest is lost
        // and the state it told of can still be asked for.
        let _ = self.events.push_back(event);
    }

    /// UTC, once it is known.
    pub fn utc(&self) -> Option<UnixMillis> {
        self.clock.utc(self.now)
    }

    /// UTC; until it is known, as if time had gone on since it was kept last. `None` on a station that
    /// has never known it.
    #[cfg(feature = "smart-charging")]
    pub fn utc_estimate(&self) -> Option<UnixMillis> {
        let uptime = i64::try_from(self.clock.uptime(self.now)).unwrap_or(i64::MAX);
        let kept = || Some(self.clock.not_before(self.now)?.saturating_add(uptime));
        self.utc().or_else(kept)
    }

    /// The time of now.
    #[inline(never)]
    pub fn stamp(&self) -> Stamp {
        self.clock.stamp(self.now)
    }

    /// Keeps the time for the next run, when it is due.
    pub fn keep_time(&mut self) {
        let kept = self.clock.keep_when_due(self.storage, self.now);
        self.is_done(kept);
    }

    /// Keeps why the next boot comes, before it does; `None` when none is about to.
    pub fn keep_next_boot_reason(&mut self, reason: Option<BootReason>) {
        if self.version.tells_boot_reason() {
            let kept = self.clock.keep_next_reason(self.storage, reason);
            self.is_done(kept);
        }
    }

    /// Stores a record that the station can go on without; the application is told if it fails.
    pub fn store(&mut self, id: RecordId, record: &Encoder) -> bool {
        let written = match record.bytes() {
            Some(bytes) => self.storage.write(id, bytes),
            None => Err(StorageError::Full),
        };
        self.is_done(written)
    }

    /// Erases a record; the application is told if it fails.
    pub fn erase(&mut self, id: RecordId) -> bool {
        let erased = self.storage.erase(id);
        self.is_done(erased)
    }

    /// Tells the application of an error of storage.
    pub fn is_done(&mut self, result: Result<(), StorageError>) -> bool {
        if let Err(error) = result {
            self.emit(Event::StorageFailed(error));
        }
        result.is_ok()
    }
}
