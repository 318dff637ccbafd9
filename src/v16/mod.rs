//! OCPP 1.6 messages: what they hold and how they are written, one file for each feature
//! profile. What they do is in [`crate::station`].

pub mod core;
pub mod deviation;
mod keys;
mod measured;
pub mod message;
pub mod smart_charging;
pub mod trigger;
pub mod types;

pub use measured::Measured;
pub use types::*;
