//! How a station is made, and how much memory it takes: the only place that knows.

use std::mem::size_of;

use ocpp::{
    domain::{Equipment, Identity},
    station::{Memory, Profile, Station},
    storage::Storage,
};

/// The transmit buffer that the Zephyr module has by default.
const TX: usize = 1536;

fn profile(connectors: u8) -> Profile<'static> {
    Profile {
        version: ocpp::Version::V16,
        identity: Identity {
            vendor: "sample",
            model: "c_api",
            ..Identity::default()
        },
        connectors,
        vendors: &[],
        measurands: None,
        settings: &[],
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: &[],
        equipment: Equipment::default(),
        seed: 0x2000_c0de,
    }
}

/// A station that takes up what `storage` remembers.
pub fn station(storage: &mut dyn Storage, connectors: u8) -> Station<'_> {
    let tx = vec![0; TX].leak();
    let memory = Box::leak(Box::new(Memory::new()));
    let station = Station::new(profile(connectors), storage, memory, tx, 0);
    station.expect("a station of this size")
}

/// The same; counts.
#[inline(never)]
pub fn measured_station(storage: &mut dyn Storage, connectors: u8) -> Station<'_> {
    station(storage, connectors)
}

/// Bytes of RAM that a station of the capacities of this build takes, without the transmit
/// buffer and what its storage takes.
pub fn bytes() -> usize {
    size_of::<Station<'_>>() + size_of::<Memory>()
}
