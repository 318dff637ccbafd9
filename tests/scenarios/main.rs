//! What a charge point does, scenario by scenario: the engine on a bench, in virtual time.
#![allow(clippy::restriction)] // What fails here may panic.

// Each test crate uses its part of the bench.
#[allow(dead_code, unused_imports)]
#[path = "../support/mod.rs"]
mod support;

mod application_settings;
mod authorization;
mod availability;
mod boot;
mod charging;
mod clock_changes;
mod configuration;
mod damaged_records;
mod data_transfer;
mod ending;
mod full_storage;
mod heartbeat;
mod inspection;
mod measurands;
mod meter_values;
mod number_range;
mod odd_frames;
mod offline;
mod once_broken_authorization;
mod once_broken_boot_and_status;
mod once_broken_journal;
mod once_broken_metering;
mod power_loss;
mod reconnect;
mod recovered_register;
mod refused_start;
mod remote;
mod reset;
mod retries;
mod room;
mod rpc;
mod silence;
mod status;
mod storage;
mod transaction_data;
mod transaction_ids;
mod trigger;
mod unlock;
mod wear;
mod week_offline;
