//! What one part tells others of: the station between its parts.

mod availability;
mod calls;
mod configuration;
mod cut_off;
mod data_transfer;
mod driver;
mod ending;
mod lost_record;
mod messages;
mod metering;
mod online;
mod policy;
mod remote;
mod reports;
mod requests;
mod timers;
mod transaction;
#[cfg(feature = "firmware-management")]
mod transfers;
mod trigger;
#[cfg(feature = "v201")]
mod variables;
