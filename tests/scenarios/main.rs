//! What a charge point does, scenario by scenario: the engine on a bench, in virtual time.
#![allow(clippy::restriction)] // What fails here may panic.

// Each test crate uses its part of the bench.
#[allow(dead_code, unused_imports)]
#[path = "../support/mod.rs"]
mod support;

#[cfg(not(any(
    feature = "local-list",
    feature = "reservation",
    feature = "smart-charging"
)))]
mod absent_profiles;
#[cfg(all(feature = "security", feature = "v16"))]
mod access;
mod application_settings;
mod authorization;
mod availability;
mod boot;
#[cfg(all(feature = "security", feature = "v16"))]
mod certificate_fallback;
#[cfg(all(feature = "security", feature = "v16"))]
mod certificates;
mod charging;
#[cfg(feature = "smart-charging")]
mod charging_limits;
#[cfg(feature = "smart-charging")]
mod charging_limits_kept;
#[cfg(feature = "smart-charging")]
mod charging_limits_shared;
#[cfg(feature = "smart-charging")]
mod charging_profiles;
#[cfg(feature = "smart-charging")]
mod charging_profiles_of_transactions;
#[cfg(feature = "smart-charging")]
mod charging_sequences;
mod clock_changes;
#[cfg(feature = "smart-charging")]
mod composite_schedule;
mod configuration;
mod damaged_records;
mod data_transfer;
#[cfg(feature = "firmware-management")]
mod diagnostics;
mod ending;
mod faults;
#[cfg(feature = "firmware-management")]
mod firmware;
#[cfg(feature = "firmware-management")]
mod firmware_restarts;
mod full_storage;
#[cfg(all(feature = "security", feature = "v16"))]
mod get_log;
mod heartbeat;
mod inspection;
mod late_answers;
#[cfg(feature = "local-list")]
mod local_list;
#[cfg(feature = "local-list")]
mod local_list_conflicts;
mod measurands;
mod meter_values;
mod meters;
mod number_range;
mod odd_frames;
mod offline;
mod power_loss;
mod reconnect;
mod recovered_register;
mod refused_start;
mod registration;
mod remote;
#[cfg(feature = "reservation")]
mod reservation;
mod reset;
mod retries;
#[cfg(all(
    feature = "local-list",
    feature = "reservation",
    feature = "smart-charging"
))]
mod room;
mod rpc;
#[cfg(all(feature = "security", feature = "v16"))]
mod security_events;
#[cfg(all(feature = "security", feature = "v16"))]
mod signed_firmware;
mod silence;
mod status;
mod storage;
mod transaction_data;
mod transaction_ids;
mod trigger;
mod unlock;
mod waiting_messages;
mod wear;
mod week_offline;
