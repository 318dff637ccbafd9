//! The large part of a station, which stays where its owner puts it.

use heapless::Deque;

use super::{
    Event,
    settings::{Settings, Table},
};
use crate::{dialect::Version, limits::CONNECTORS, storage::Storage};

/// Events that can wait: no input makes more than six for each connector and a few besides.
const EVENTS: usize = 6 * CONNECTORS + 12;

pub(super) type Events = Deque<Event, EVENTS>;

/// Declares [`Memory`] with the parts of a station, each with what it is called there and its type.
macro_rules! parts {
    ($( $(#[$built:meta])? $part:ident: $type:ty, )+) => {
        /// Room for everything of a station that grows with the [capacities](crate::limits) of the
        /// build: connectors, authorization cache, configuration, index of stored messages, events.
        ///
        /// It is lent to [`Station::new`](super::Station::new), so that a station itself is small
        /// enough to be built and moved on the stack of a small thread. An unused one is all zeros: as a
        /// `static` it takes no room in flash.
        #[derive(Debug)]
        pub struct Memory {
            pub(super) settings: Settings,
            $( $(#[$built])? pub(super) $part: $type, )+
            pub(super) events: Events,
        }

        impl Memory {
            /// Room for one station.
            pub const fn new() -> Self {
                Self {
                    settings: Settings::new(),
                    $( $(#[$built])? $part: <$type>::new(), )+
                    events: Deque::new(),
                }
            }

            /// Forgets another station's life. One part after the other: a whole new one would need as
            /// much room on the stack.
            pub(super) fn clear(&mut self, connectors: u8, table: Table<'_>) {
                self.settings.clear(connectors, table);
                $( $(#[$built])? self.$part.clear(); )+
                self.events.clear();
            }
        }
    };
}

parts! {
    connectors: super::connectors::Connectors,
    transactions: super::transactions::Transactions,
    status: super::status::StatusReports,
    authorization: super::authorization::Authorization,
    metering: super::metering::Metering,
    outbox: super::outbox::Outbox,
    deferred: super::deferred::Deferred,
    data_transfer: super::data_transfer::DataTransfer,
    #[cfg(feature = "security")]
    access: super::access::Access,
    #[cfg(feature = "security")]
    security_events: super::security_events::SecurityEvents,
    #[cfg(feature = "security")]
    certificates: super::certificates::Certificates,
    #[cfg(feature = "smart-charging")]
    smart_charging: super::smart_charging::SmartCharging,
    #[cfg(feature = "firmware-management")]
    firmware: super::firmware::Firmware,
    #[cfg(feature = "firmware-management")]
    logs: super::logs::Logs,
    #[cfg(feature = "reservation")]
    reservations: super::reservations::Reservations,
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
        #[cfg(feature = "security")]
        self.certificates.load(storage);
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
