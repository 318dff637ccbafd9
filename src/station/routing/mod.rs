//! What one part tells others of: the station between its parts.

mod calls;
mod data_transfer;
mod driver;
mod messages;
mod metering;
mod online;
mod remote;
mod reports;
mod requests;
mod trigger;
