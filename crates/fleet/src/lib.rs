//! Thousands of charge points in one process: each is the engine of the firmware with a websocket of its
//! own, all of them share a few threads. `charge-point fleet` is the command; `docs/fleet.md` the page.
#![forbid(unsafe_code)]

mod bay;
mod command;
mod control;
mod event_loop;
mod fleet;
mod frames;
pub mod handshake;
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
mod search;
mod setup;
mod state;
mod station;
mod station_json;
mod stats;
mod summary;
mod table;
mod trouble;
mod watchers;

use fleet_engine as engine;

pub use command::Command;
pub use control::{Answer, Asked, Control, Refusal, Sampler};
pub use fleet::run;
pub use options::{AFTER_HELP, Options};
pub use orders::Order;
pub use process::raise_files;
pub use table::{Connection, Filter, Found, Sort};
pub use watchers::Watcher;
