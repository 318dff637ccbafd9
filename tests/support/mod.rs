//! What the integration tests of the engine share: a bench that a station stands on, with a
//! central system, a meter, a lock and a storage of its own, in virtual time.

mod bench;
mod board;
mod central_system;
mod commands;
mod disk;
mod expect;
#[cfg(feature = "firmware-management")]
mod files;
mod flash;
mod frames;
mod heard;
mod meter;
#[cfg(feature = "smart-charging")]
mod profiles;
mod schemas;
mod world;

pub use bench::{Bench, Outage, Setup};
pub use central_system::{Reply, id_tag_info};
pub use commands::id_tag;
pub use disk::{Cut, Disk, Written};
pub use expect::sampled;
#[cfg(feature = "security")]
pub use files::hash;
#[cfg(feature = "firmware-management")]
pub use files::{Files, Installation};
pub use frames::{Answer, Sent};
pub use meter::Wiring;
#[cfg(feature = "smart-charging")]
pub use profiles::{Profile, of_transaction, station_max, tx_default};
pub use world::{Begun, OnReset};

/// Milliseconds of a second and a minute, for tests to read like the scenario.
pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
