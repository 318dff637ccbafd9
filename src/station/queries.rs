//! What a console at the charge point shows. Nothing here changes
//! anything.

use super::{SettingId, SettingValue, Station, outbox::Kind};
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

/// A transaction message that is stored until the central system has answered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    /// What it is.
    pub kind: QueuedKind,
    /// Whose transaction it is of.
    pub connector: u8,
    /// Its place in the order of all messages.
    pub sequence: u32,
    /// The number of its transaction inside the station: the `sequence` of its start.
    pub transaction: u32,
}

/// What a stored message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueuedKind {
    /// StartTransaction, or the event that starts a transaction.
    Start,
    /// MeterValues, or an event that updates a transaction.
    Values,
    /// Readings that the message at the end of their transaction will hold.
    StopValues,
    /// StopTransaction, or the event that ends a transaction.
    Stop,
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

    /// The first stored transaction message behind `sequence`; 0 for the first of all. Of those that
    /// [`Queue::free`] counts as taken, readings for a message to come are among them.
    pub fn queued_after(&self, sequence: u32) -> Option<QueuedMessage> {
        let (_, entry) = self.outbox.following(sequence, &|_| true)?;
        Some(QueuedMessage {
            kind: match entry.kind {
                Kind::Start => QueuedKind::Start,
                Kind::Values => QueuedKind::Values,
                Kind::StopValues => QueuedKind::StopValues,
                Kind::Stop => QueuedKind::Stop,
            },
            connector: entry.connector,
            sequence: entry.sequence,
            transaction: entry.transaction,
        })
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
