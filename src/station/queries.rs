//! What a console at the charge point shows. Nothing here changes
//! anything.

use super::{SettingId, SettingValue, Station};
use crate::domain::{ChargePointError, RegistrationStatus, Status};

/// Transaction messages on their way to the central system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Messages that wait: what [`Station::queued`] says.
    pub messages: usize,
    /// Records that there is still room for, of [`JOURNAL_SLOTS`](crate::limits::JOURNAL_SLOTS).
    /// A message takes one; readings that will be in a StopTransaction take more.
    pub free: usize,
    /// How often the central system has failed on the first message; a lost connection is no
    /// attempt.
    pub attempts: u32,
    /// When the first message is sent again, in monotonic milliseconds: nothing when none waits
    /// for that, but for the connection, for its turn, or for its answer.
    pub retry_at: Option<u64>,
}

impl Station<'_> {
    /// Status and error of a connector, or of the whole charge point as connector 0, as a
    /// StatusNotification of now would report them (4.9). Nothing for an unknown connector.
    pub fn condition(&self, connector: u8) -> Option<(Status, ChargePointError)> {
        let exists = self.all_numbers().contains(&connector);
        self.condition_of(connector).filter(|_| exists)
    }

    /// What was said of a connector's fault; empty without one.
    pub fn fault_info(&self, connector: u8) -> &str {
        self.connectors.fault_info(connector)
    }

    /// The register of a connector in Wh as its meter said last; nothing before it has.
    pub fn register(&self, connector: u8) -> Option<i32> {
        self.metering.register(connector)
    }

    /// Transaction messages on their way to the central system.
    pub fn queue(&self) -> Queue {
        let outbox = &self.outbox;
        let waits = self.is_online() && outbox.first().is_some();
        let retry_at = (waits && outbox.retry_at() > self.cx.now).then(|| outbox.retry_at());
        Queue {
            messages: outbox.waiting(),
            free: outbox.free(),
            attempts: outbox.attempts(),
            retry_at,
        }
    }

    /// The value of the setting of the application with that [number](super::Setting::number);
    /// `None` where it has not declared one.
    pub fn setting(&self, number: u8) -> Option<SettingValue<'_>> {
        let table = self.cx.table();
        let place = table.place(SettingId::Application(number))?;
        self.cx.settings.value(&table.row(place)?)
    }

    /// The number of this boot. It is one more than that of the boot before where storage
    /// remembers that one.
    pub fn boot(&self) -> u32 {
        self.cx.clock.boot()
    }

    /// What the central system answered to the last BootNotification; nothing before it has.
    pub fn registration(&self) -> Option<RegistrationStatus> {
        self.registration.status()
    }

    /// When the next attempt to connect is due, in monotonic milliseconds; nothing while one is
    /// under way, and while connected.
    pub fn next_attempt(&self) -> Option<u64> {
        self.connection.deadline()
    }
}
