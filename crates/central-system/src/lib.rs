//! A small OCPP 1.6J central system, for demos and for tests of charge points.
//!
//! It runs inside the process that uses it: [`CentralSystem::start`] listens on a free port of
//! 127.0.0.1, and dropping the value ends it. It answers every CALL of the Core profile,
//! keeps [`Books`] of what the charge points told it, and sends CALLs of its own. How it
//! answers is a [`Behaviour`]; a hook can replace any answer, with an error, with silence or
//! with a broken connection too, because that is what a charge point has to survive.
//!
//! ```
//! use central_system::{Behaviour, CentralSystem, IdTag};
//!
//! let central = CentralSystem::start(Behaviour::new().tag("04A1B2C3", IdTag::accepted()))?;
//! // A charge point named `CP 1` connects to `<url>/CP%201`.
//! assert!(central.url().starts_with("ws://127.0.0.1:"));
//! assert!(central.books().stations.is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A test does not sleep to wait for something: [`CentralSystem::wait_for`] returns as soon as
//! the books show it, and [`CentralSystem::observe`] tells of every frame while it passes.
//!
//! # Threads
//!
//! One thread accepts, reads and answers on all connections, however many there are: ten thousand are
//! no trouble. What a test says by itself is written by its own thread, whole frames at a time. The hook
//! runs on the thread of the connections, without a lock: it may use the central system, but all others
//! wait for it, and a [`CentralSystem::call`] from within it can only time out. [`Answer::after`] answers
//! late without waiting.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod answer;
mod behaviour;
mod books;
mod central;
mod command;
mod connection;
mod core_profile;
mod entries;
mod event;
mod handshake;
mod id_tag;
mod identity;
mod later;
mod ledger;
mod listener;
mod memory;
mod reception;
mod rpc;
mod shared;
mod time;
mod v201;
mod wire;

pub use answer::Answer;
pub use behaviour::{Behaviour, BootStatus, Clock, Subprotocol};
pub use books::{Books, Connector, Frame, Refusal, Station, Stop, Transaction};
pub use central::CentralSystem;
pub use command::{CallFailure, Offline};
pub use event::{Direction, Event, EventKind};
pub use id_tag::{IdTag, IdTagStatus};
/// The websocket library, for the messages of [`CentralSystem::send_message`].
pub use tungstenite;
