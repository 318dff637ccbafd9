//! Thousands of charge points in one process: each is the engine of the firmware with a websocket of its
//! own, all of them share a few threads. `charge-point fleet` is the command; `docs/fleet.md` the page.
#![forbid(unsafe_code)]

mod bay;
mod event_loop;
mod fleet;
mod frames;
mod link;
mod metrics;
mod model;
mod options;
mod orders;
mod process;
mod random;
mod records;
mod report;
mod running;
mod setup;
mod station;
mod stats;
mod summary;

pub use fleet::run;
pub use options::{AFTER_HELP, Options};
pub use process::raise_files;
