//! The large part of a station, which stays where its owner puts it.

use heapless::Deque;

#[cfg(feature = "reservation")]
use super::reservations::Reservations;
#[cfg(feature = "smart-charging")]
use super::smart_charging::SmartCharging;
use super::{
    Event,
    authorization::Authorization,
    connectors::Connectors,
    data_transfer::DataTransfer,
    deferred::Deferred,
    metering::Metering,
    outbox::Outbox,
    settings::{Settings, Table},
    status::StatusReports,
    transactions::Transactions,
};
use crate::{dialect::Version, limits::CONNECTORS, storage::Storage};

/// Events that can wait: no input makes more than six for each connector and a few besides.
const EVENTS: usize = 6 * CONNECTORS + 12;

pub(super) type Events = Deque<Event, EVENTS>;

/// Room for everything of a station that grows with the [capacities](crate::limits) of the
/// build: connectors, authorization cache, configuration, index of stored messages, events.
///
/// It is lent to [`Station::new`](super::Station::new), so that a station itself is small
/// enough to be built and moved on the stack of a small thread. An unused one is all zeros: as a
/// `static` it takes no room in flash.
#[derive(Debug)]
pub struct Memory {
    pub(super) settings: Settings,
    pub(super) connectors: Connectors,
    pub(super) transactions: Transactions,
    pub(super) status: StatusReports,
    pub(super) authorization: Authorization,
    pub(super) metering: Metering,
    pub(super) outbox: Outbox,
    pub(super) deferred: Deferred,
    pub(super) data_transfer: DataTransfer,
    #[cfg(feature = "security")]
    pub(super) access: super::access::Access,
    #[cfg(feature = "security")]
    pub(super) security_events: super::security_events::SecurityEvents,
    #[cfg(feature = "smart-charging")]
    pub(super) smart_charging: SmartCharging,
    #[cfg(feature = "firmware-management")]
    pub(super) firmware: super::firmware::Firmware,
    #[cfg(feature = "firmware-management")]
    pub(super) logs: super::logs::Logs,
    #[cfg(feature = "reservation")]
    pub(super) reservations: Reservations,
    pub(super) events: Events,
}

impl Memory {
    /// Room for one station.
    pub const fn new() -> Self {
        Self {
            settings: Settings::new(),
            connectors: Connectors::new(),
            transactions: Transactions::new(),
            status: StatusReports::new(),
            authorization: Authorization::new(),
            metering: Metering::new(),
            outbox: Outbox::new(),
            deferred: Deferred::new(),
            data_transfer: DataTransfer::new(),
            #[cfg(feature = "security")]
            access: super::access::Access::new(),
            #[cfg(feature = "security")]
            security_events: super::security_events::SecurityEvents::new(),
            #[cfg(feature = "smart-charging")]
            smart_charging: SmartCharging::new(),
            #[cfg(feature = "firmware-management")]
            firmware: super::firmware::Firmware::new(),
            #[cfg(feature = "firmware-management")]
            logs: super::logs::Logs::new(),
            #[cfg(feature = "reservation")]
            reservations: Reservations::new(),
            events: Deque::new(),
        }
    }

    /// Forgets another station's life. One part after the other: a whole new one would need as
    /// much room on the stack.
    pub(super) fn clear(&mut self, connectors: u8, table: Table<'_>) {
        self.settings.clear(connectors, table);
        self.connectors.clear();
        self.transactions.clear();
        self.status.clear();
        self.authorization.clear();
        self.metering.clear();
        self.outbox.clear();
        self.deferred.forget();
        self.data_transfer.clear();
        #[cfg(feature = "security")]
        self.access.clear();
        #[cfg(feature = "security")]
        self.security_events.clear();
        #[cfg(feature = "smart-charging")]
        self.smart_charging.clear();
        #[cfg(feature = "firmware-management")]
        self.firmware.clear();
        #[cfg(feature = "firmware-management")]
        self.logs.clear();
        #[cfg(feature = "reservation")]
        self.reservations.clear();
        self.events.clear();
    }
}

impl Memory {
    /// Takes up what storage remembers, all but transactions that power cut off.
    pub(super) fn load(
        &mut self,
        version: Version,
        storage: &mut dyn Storage,
        connectors: u8,
        table: Table<'_>,
    ) {
        let events = &mut self.events;
        self.settings.load(table, storage, events);
        self.authorization.load(storage, events);
        self.outbox.load(storage, events);
        #[cfg(feature = "security")]
        self.access.load(storage, events);
        #[cfg(feature = "security")]
        self.security_events.load(storage, events);
        self.connectors.load(version, storage, events, connectors);
        #[cfg(feature = "reservation")]
        self.reservations.load(storage, events, connectors);
        // Behind all that is read: this may write.
        self.authorization.clean_up(storage, events);
        #[cfg(feature = "smart-charging")]
        self.smart_charging.load(storage, events);
        #[cfg(feature = "firmware-management")]
        self.firmware.load(storage, events);
        #[cfg(feature = "firmware-management")]
        self.logs.load(storage, events);
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}
