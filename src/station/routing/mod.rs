//! What one part tells others of: the station between its parts.

#[cfg(feature = "security")]
mod access;
mod availability;
mod calls;
#[cfg(feature = "security")]
mod certificates;
#[cfg(feature = "smart-charging")]
mod charging;
mod configuration;
mod cut_off;
mod data_transfer;
mod driver;
mod ending;
#[cfg(feature = "security")]
mod keys;
#[cfg(feature = "local-list")]
mod local_list;
mod lost_record;
mod messages;
mod metering;
mod online;
mod policy;
mod remote;
mod reports;
mod requests;
#[cfg(feature = "reservation")]
mod reservations;
#[cfg(not(feature = "reservation"))]
#[path = "no_reservations.rs"]
mod reservations;
#[cfg(feature = "security")]
mod security;
#[cfg(feature = "security")]
mod signing;
mod timers;
mod transaction;
#[cfg(feature = "firmware-management")]
mod transfers;
mod trigger;
#[cfg(feature = "v201")]
mod variables;

#[cfg(feature = "smart-charging")]
pub use charging::InstalledProfile;
#[cfg(feature = "security")]
pub use keys::KeyPlace;
#[cfg(feature = "local-list")]
pub use local_list::{Listed, LocalList};
#[cfg(feature = "reservation")]
pub use reservations::Reserved;
