//! Power is cut at every write to storage and inside each of them; then the charge point starts
//! again, and whatever it had promised is kept. The charge point is a whole one, in virtual time;
//! its storage takes bytes one by one.
#![allow(clippy::restriction)] // What fails here may panic.

mod books;
mod charging_profiles;
mod cuts;
#[cfg(feature = "firmware-management")]
mod files;
mod late_writes;
mod lives;
mod local_list;
mod objects;
mod reservations;
mod run;
mod script;
mod scripts;
#[cfg(all(feature = "security", feature = "v16"))]
mod security;
// Each test crate uses its part of the bench.
#[allow(dead_code, unused_imports)]
#[path = "../support/mod.rs"]
mod support;
